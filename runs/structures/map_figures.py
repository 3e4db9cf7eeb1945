"""Maps of a tubule's cross-section, and its profile along the axis, from what `coble.structures.maps` reads."""

import numpy as np
from matplotlib import colormaps
from matplotlib.collections import EllipseCollection
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from scipy.spatial import cKDTree

from coble.lattices import Region
from coble.models.tubules.tubule import NM
from coble.render.numbers import duration
from coble.render.palette import axes

PANELS = {  # label, colours; all colours grow lighter with the number, so they are right in grey, too
    "occupancy": ("measured occupancy", "cividis"),
    "hop_rate_1_s": ("measured hops [1/s per site]", "viridis"),
    "current_A": ("exact |current| per column [A]", "inferno"),
}
NOTHING = "0.75"  # colour of what is 0 on a logarithmic scale
MANY = 6000  # columns, more than which become pixels
PIXELS = 220
CLOSE_NM = 6.0  # width of the close-up


def plot_map(maps, what, ax=None, *, window_nm=None, pixel_nm=None, names=("x", "y")):
    """One map of the cross-section.

    Parameters
    ----------
    maps : Maps
    what : {"occupancy", "hop_rate_1_s", "current_A"}
        The last two on a logarithmic scale.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.
    window_nm : (float, float, float), optional
        Middle and width of a part [nm]; everything when left out.
    pixel_nm : float, optional
        Of an image, its voxel: edge of the pixels, which else are chosen where there are many columns.
    names : (str, str)
        Of the axes across that of transport.

    Returns
    -------
    matplotlib.axes.Axes
        Few columns as discs, many as pixels that are means over them; both axes in nm.
    """
    ax = axes(ax)
    label, colours = PANELS[what]
    points = np.stack([maps.x_A, maps.y_A], axis=1).astype(float) / NM
    values = getattr(maps, what).astype(float)
    norm = _norm(maps, what)
    colours = colormaps[colours].with_extremes(under=NOTHING)
    inside = np.ones(len(values), dtype=bool)
    if window_nm:
        *middle, width = window_nm
        inside = (np.abs(points - middle) < width / 2).all(axis=1)
    points, values = points[inside], values[inside]
    spacing = np.median(cKDTree(points).query(points[:MANY], k=2)[0][:, 1])
    low, high = points.min(axis=0) - spacing / 2, points.max(axis=0) + spacing / 2
    if window_nm:
        low, high = np.array(middle) - width / 2, np.array(middle) + width / 2
    if len(values) > MANY or pixel_nm:
        pixel = pixel_nm or max((high - low).max() / PIXELS, spacing)
        if pixel_nm:
            low, high = np.floor(points.min(axis=0) / pixel) * pixel, np.ceil(points.max(axis=0) / pixel) * pixel
        edges = [np.arange(a, b + 0.999 * pixel, pixel) for a, b in zip(low, high, strict=True)]
        n, total = (np.histogram2d(*points.T, bins=edges, weights=w)[0] for w in (None, values))
        mean = np.where(n, total / np.maximum(n, 1), np.nan)
        drawn = ax.pcolormesh(*edges, _above(norm, mean).T, norm=norm, cmap=colours, rasterized=True)
    else:
        drawn = EllipseCollection(
            *[np.full(len(values), spacing)] * 2,
            np.zeros(len(values)),
            units="xy",
            offsets=points,
            transOffset=ax.transData,
            array=_above(norm, values),
            norm=norm,
            cmap=colours,
            linewidths=0,
            rasterized=True,
        )
        ax.add_collection(drawn)
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    ax.set(xlabel=f"{names[0]} [nm]", ylabel=f"{names[1]} [nm]")
    grey = "\n(grey: 0)" if norm.vmin > 0 and (values <= 0).any() else ""
    ax.figure.colorbar(drawn, ax=ax, label=f"{label}{grey}", shrink=0.85)
    return ax


def _norm(maps, what):
    """From the smallest to the largest mean of a region, and a bit more; 0 to 1 for occupancies."""
    if what == "occupancy":
        return Normalize(0, 1)
    values = getattr(maps, what)
    means = [values[maps.site_region == region].mean() for region in np.unique(maps.site_region)]
    means = [mean for mean in means if mean > 0] or [1.0]
    return LogNorm(min(means) / 3, max(means) * 3)


def _above(norm, values):
    """Small values lifted to the lowest colour of a logarithmic scale; zeros stay below it, and are drawn in grey."""
    return np.where(values <= 0, norm.vmin / 10, np.maximum(values, norm.vmin))


def draw_maps(maps, title="", has_bore=True, pixel_nm=None, names=("x", "y")):
    """All maps of one wall, and a close-up of the bore's edge when the tubule is wide, `matplotlib.figure.Figure`.

    `pixel_nm` and `names` are those of `plot_map`.
    """
    wide = has_bore and float(np.ptp(maps.x_A)) / NM > 3 * CLOSE_NM
    shell = np.isin(maps.site_region, (Region.INTERFACE, Region.SURFACE))
    edge = np.argmax(np.where(shell, maps.x_A - np.abs(maps.y_A), -np.inf))
    windows = [None, (maps.x_A[edge] / NM, maps.y_A[edge] / NM, CLOSE_NM)][: 1 + wide]
    figure = Figure(figsize=(10.4, 3.1 * len(windows)), layout="constrained")
    for row, window in zip(figure.subplots(len(windows), len(PANELS), squeeze=False), windows, strict=True):
        for ax, what in zip(row, PANELS, strict=True):
            plot_map(maps, what, ax, window_nm=window, pixel_nm=pixel_nm, names=names)
    figure.suptitle(title, fontsize=11)
    return figure


def plot_profile(profile, ax=None):
    """Occupancy against distances from axis and root [nm].

    Parameters
    ----------
    profile : Profile
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = axes(ax, (6.4, 2.6))
    bins, colours = (profile.z_nm, profile.r_nm), PANELS["occupancy"][1]
    drawn = ax.pcolormesh(*bins, profile.occupancy, norm=Normalize(0, 1), cmap=colours, rasterized=True)
    ax.set(xlabel="distance from the root [nm]", ylabel="distance from the axis [nm]")
    ax.figure.colorbar(drawn, ax=ax, label="occupancy")
    ax.set_title(f"t = {duration(profile.time_s)}", fontsize=10)
    return ax
