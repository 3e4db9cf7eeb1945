"""Figures of mechanism maps, drawn from the content of campaign.json alone."""

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from coble.kinds.campaign.mechanism_map import UNDECIDED, mechanism_maps
from coble.kinds.campaign.tables import finding
from coble.render.names import LABELS
from coble.render.palette import STYLES, axes, panels, titled

PALE = 0.35  # opacity of the fields
BAND = 2.0  # standard errors to either side of a boundary


def plot_mechanism_map(found, ax=None):
    """Which path dominates over width and temperature: fields, exact and measured boundaries, W*.

    Parameters
    ----------
    found : coble.kinds.campaign.mechanism_map.Map
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = axes(ax)
    width, temperature = np.log10(found.width_nm), found.temperature_K
    blank = (1.0, 1.0, 1.0, 0.0)  # points that are not there yet
    colours = np.array([[to_rgba(_colour(path), PALE) if path else blank for path in row] for row in found.dominant])
    ax.pcolormesh(_edges(width), _edges(temperature), np.zeros(found.dominant.T.shape), cmap="Greys", alpha=0.0)
    ax.pcolormesh(_edges(width), _edges(temperature), colours.transpose(1, 0, 2), rasterized=True)
    for i, j in zip(*np.nonzero(found.simulated), strict=True):
        ax.plot(width[i], temperature[j], **_mark(found.dominant[i, j]), ms=3.5)
    for path, share in found.exact.items():
        if _crosses(share):
            line = {"colors": "black", "linewidths": 1.1, "linestyles": [STYLES[path].line]}
            ax.contour(width, temperature, share.T, levels=[0.5], **line)
    for crossing in found.crossings:
        across = {"color": "black", "marker": ".", "ms": 4, "lw": 0.8, "capsize": 1.5}
        if crossing.along == "width":
            error = BAND * crossing.stderr / np.log(10)
            ax.errorbar(np.log10(crossing.value), crossing.at, xerr=error, **across)
        else:
            ax.errorbar(np.log10(crossing.at), crossing.value, yerr=BAND * crossing.stderr, **across)
    for equal in found.equal_width:
        if _inside(found, equal):
            error = BAND * equal["stderr_nm"] / equal["value_nm"] / np.log(10)
            ax.errorbar(
                np.log10(equal["value_nm"]),
                equal["temperature_K"],
                xerr=error,
                fmt="*",
                color="white",
                mec="black",
                ms=8,
            )
    ticks = [w for w in (5, 10, 20, 50, 100, 200, 500, 1000) if width[0] - 0.02 <= np.log10(w) <= width[-1] + 0.02]
    if len(ticks) < 2:
        ticks = found.width_nm
    ax.set_xticks(np.log10(ticks), [f"{w:.3g}" for w in ticks])
    ax.set_xlim(_edges(width)[[0, -1]])
    ax.set_ylim(_edges(temperature)[[0, -1]])
    ax.set_xlabel("inner width W [nm]")
    ax.set_ylabel("temperature [K]")
    ax.set_title(found.name, fontsize=10)
    return ax


def draw_mechanism_maps(content):
    """The maps of all walls of a campaign, side by side.

    Parameters
    ----------
    content : dict
        Of campaign.json.

    Returns
    -------
    matplotlib.figure.Figure
    """
    maps = mechanism_maps(content)
    handles, columns = _handles(maps), 2 if len(maps) == 1 else 4
    figure, every = panels([found.name for found in maps], 2.9, 0.5 + 0.2 * -(-len(handles) // columns))
    for ax, found in zip(every, maps, strict=True):
        plot_mechanism_map(found, ax).label_outer()
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False, fontsize=8)
    blank = sum(int(np.equal(found.dominant, None).sum()) for found in maps)
    rest = f"{blank} of {len(content['points'])} points are not there yet" if blank else ""
    found = finding(content)
    titled(figure, found[:1].upper() + found[1:], rest)
    return figure


def _handles(maps):
    """Of the legend: fields, marks, exact and measured boundaries, W*; of each only what is drawn."""
    seen = [path for path in (*STYLES, UNDECIDED) if any((found.dominant == path).any() for found in maps)]
    handles = [Patch(facecolor=to_rgba(_colour(path), PALE), label=LABELS.get(path, path)) for path in seen]
    for path in seen:
        if any((found.dominant[found.simulated] == path).any() for found in maps):
            handles.append(Line2D([], [], ls="", ms=4, label=f"measured: {LABELS.get(path, path)}", **_mark(path)))
    for path in STYLES:
        if any(_crosses(found.exact[path]) for found in maps if path in found.exact):
            label = f"exact: {LABELS.get(path, path)} ½"
            handles.append(Line2D([], [], color="black", lw=1.1, ls=STYLES[path].line, label=label))
    if any(found.crossings for found in maps):
        handles.append(Line2D([], [], color="black", marker=".", lw=0.8, label="measured: share ½, 95 %"))
    if any(_inside(found, equal) for found in maps for equal in found.equal_width):
        handles.append(
            Line2D([], [], color="white", mec="black", marker="*", ls="", ms=8, label="W*: bulk = interface")
        )
    return handles


def _inside(found, equal):
    """Whether a measured W* lies between the widths of a map."""
    return found.width_nm[0] <= equal["value_nm"] <= found.width_nm[-1]


def _crosses(share):
    """Whether a path has half of the current somewhere between the points of a map."""
    return (share > 0.5).any() and (share < 0.5).any()


def _colour(path):
    return "0.75" if path == UNDECIDED else STYLES[path].colour


def _mark(path):
    """Look of a point that was measured."""
    if path == UNDECIDED:
        return {"color": "0.25", "marker": "x"}
    return {"color": _colour(path), "marker": STYLES[path].marker}


def _edges(centres):
    """Borders of the cells around equally spaced centres."""
    step = np.diff(centres).mean() / 2 if len(centres) > 1 else 0.5
    return np.append(centres - step, centres[-1] + step)
