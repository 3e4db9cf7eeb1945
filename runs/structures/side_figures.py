"""A tubule from the side, cut along its axis: atoms as balls, coloured by the kind of their site."""

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import EllipseCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from coble.lattices import REGIONS, Region
from coble.models.tubule import NM
from coble.render.names import LABELS
from coble.render.palette import STYLES, US, axes
from coble.structures.export import structure_of


@dataclass(frozen=True)
class Ball:
    """How the atoms of a kind are drawn: diameter [nm], how pale inside, width of the rim [points].

    Sizes, shades and rims tell the kinds apart in print without colours.
    """

    diameter_nm: float
    pale: float
    rim: float


BALLS = {
    Region.BULK: Ball(0.30, 0.5, 0.3),
    Region.INTERFACE: Ball(0.30, 0.0, 0.3),
    Region.WALL: Ball(0.20, 0.0, 0.3),
    Region.SURFACE: Ball(0.26, 0.8, 0.9),
}
SLAB_NM = 1.2  # thickness of the cut in the figures
FOG = 0.7  # how far colours fade to white at the back of the cut
CLOSE_NM = 9.0  # width and height of a close-up
EDGE_NM = 0.5  # of white round the atoms
LEFT, BELOW, ABOVE, GAP = 0.65, 0.85, 0.6, 0.2  # for labels [inch]; layout engines know no fixed aspects
HEIGHT, WIDTH = 4.6, 9.0  # at most, of a tubule, and of all of them side by side [inch]


def plot_side(atoms, ax=None, *, bands_nm=()):
    """Atoms seen from the side of the tubule, those behind paler and covered by those in front.

    Parameters
    ----------
    atoms : ase.Atoms
        A frame of `coble.structures.export.frames`, cut to a slab along the axis: `cuts=["slab:1.2"]`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.
    bands_nm : sequence of (float, float, float, float)
        Grey bands beside the atoms, as of `wall_bands`.

    Returns
    -------
    matplotlib.axes.Axes
        x [nm] to the right, the axis of the tubule upwards [nm], its root at 0.
    """
    ax = axes(ax, (3.2, 5.2))
    for band in bands_nm:
        ax.fill_between(band[:2], *band[2:], color="0.88", linewidth=0, zorder=0)
    ax.add_collection(side_balls(atoms, ax.transData))
    x, _, z = points_nm(atoms).T if len(atoms) else np.zeros((3, 1))
    ax.set(xlim=(x.min() - EDGE_NM, x.max() + EDGE_NM), ylim=(z.min() - EDGE_NM, z.max() + EDGE_NM), aspect="equal")
    ax.set(xlabel="x [nm]", ylabel="along the axis [nm]" if atoms.pbc[2] else "distance from the root [nm]")
    return ax


def points_nm(atoms):
    """Positions in the coordinates of the case [nm]: 0 is the middle of the cross-section at the root; (n, 3)."""
    return (atoms.positions - [atoms.info[f"origin_{axis}_A"] for axis in "xyz"]) / NM


def side_balls(atoms, transform):
    """The balls of `plot_side`, `matplotlib.collections.EllipseCollection`, the farthest first."""
    points, kinds = points_nm(atoms), atoms.get_tags()
    order = np.argsort(-points[:, 1], kind="stable")
    points, kinds = points[order], kinds[order]
    y = points[:, 1] if len(atoms) else np.zeros(1)
    fog = FOG * ((y - y.min()) / max(np.ptp(y), 0.1))[:, None]  # from front to back
    inside, edge = (colours[kinds] for colours in np.array([_colours(kind) for kind in Region]).swapaxes(0, 1))
    size, rim = np.array([(BALLS[kind].diameter_nm, BALLS[kind].rim) for kind in Region])[kinds].T
    return EllipseCollection(
        size,
        size,
        np.zeros(len(size)),
        units="xy",
        offsets=points[:, [0, 2]],
        transOffset=transform,
        facecolors=_paler(inside, fog),
        edgecolors=_paler(edge, fog),
        linewidths=rim,
        rasterized=True,
    )


def _colours(kind):
    """Colours of a ball inside and at its rim; a pale one keeps its colour in a wide rim."""
    full, ball = np.array(to_rgb(STYLES[REGIONS[kind]].colour)), BALLS[kind]
    return _paler(full, ball.pale), full * (1.0 if ball.rim > 0.5 else 0.45)


def _paler(colours, part):
    return colours + (1 - colours) * part


def kinds_legend(kinds):
    """Handles of a legend for the kinds of sites, their numbers given."""
    found = []
    for kind in sorted(kinds):
        (inside, edge), size = _colours(kind), 28 * BALLS[kind].diameter_nm
        look = {"markerfacecolor": inside, "markeredgecolor": edge, "markersize": size, "marker": "o", "linestyle": ""}
        found.append(Line2D([], [], label=LABELS[REGIONS[kind]], **look))
    return found


def close_up(atoms):
    """Atoms beside the edge of a wide bore, repeated along the axis where that is a period, `ase.Atoms`."""
    x = points_nm(atoms)[:, 0]
    edge = x[np.isin(atoms.get_tags(), (Region.INTERFACE, Region.SURFACE))].max(initial=-np.inf)
    wide = np.ptp(x) > 1.5 * CLOSE_NM and np.isfinite(edge)
    part = atoms[np.abs(x - edge) < CLOSE_NM / 2] if wide else atoms
    return part.repeat((1, 1, int(np.ceil(CLOSE_NM * NM / atoms.cell[2, 2])))) if atoms.pbc[2] else part


def wall_bands(folder):
    """Where the wall of a result is in the plane y = 0, list of (x from, x to, z from, z to) [nm]."""
    structure = structure_of(folder)
    low, high = structure.shape.wall_extent[0]
    x = np.linspace(low - 1, high + 1, 4000)
    inside = structure.shape.in_wall(x[1:-1], np.zeros(len(x) - 2))
    turns = np.flatnonzero(np.diff(inside, prepend=False, append=False))
    return [(*ends, *(np.array(structure.wall_A) / NM)) for ends in x[turns + 1].reshape(-1, 2) / NM]


def draw_side(several, title="", bands_nm=()):
    """Frames side by side at one scale, with their times, `matplotlib.figure.Figure`.

    Parameters
    ----------
    several : list of ase.Atoms
    title : str
    bands_nm : sequence of (float, float, float, float)
        See `plot_side`.
    """
    points = np.concatenate([points_nm(atoms) for atoms in several])
    (left, _, low), (right, _, high) = points.min(axis=0), points.max(axis=0)
    aspect = (right - left + 2 * EDGE_NM) / (high - min(low, 0) + 2 * EDGE_NM)
    height = min(HEIGHT, WIDTH / aspect / len(several))
    wide = max(aspect * height, 0.8)
    size = LEFT + len(several) * (wide + GAP), BELOW + height + ABOVE
    figure = Figure(figsize=size)
    panels = figure.subplots(1, len(several), sharex=True, sharey=True, squeeze=False)[0]
    sides = {"left": LEFT / size[0], "right": 1 - GAP / size[0], "bottom": BELOW / size[1], "top": 1 - ABOVE / size[1]}
    figure.subplots_adjust(**sides, wspace=GAP / wide)
    for ax, atoms in zip(panels, several, strict=True):
        plot_side(atoms, ax, bands_nm=bands_nm).label_outer()
        ax.set_title(f"{atoms.info['time'] * US:.3g} µs", fontsize=10)
        ax.set(xlim=(left - EDGE_NM, right + EDGE_NM), ylim=(min(low, 0) - EDGE_NM, high + EDGE_NM))
    kinds = set().union(*(atoms.get_tags().tolist() for atoms in several))
    figure.legend(handles=kinds_legend(kinds), loc="lower center", ncols=4, frameon=False, fontsize=9)
    figure.suptitle(title, fontsize=11)
    return figure
