"""A tubule or a structure from the side, cut along its axis: atoms as balls, coloured by the kind of their site."""

from dataclasses import dataclass
from textwrap import fill

import numpy as np
from ase import Atoms
from matplotlib.collections import EllipseCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from coble.lattices import REGIONS, Region
from coble.models.tubules.tubule import NM
from coble.render.names import LABELS, shortened
from coble.render.numbers import duration
from coble.render.palette import LETTERS, axes, styles_of
from coble.structures.export import structure_of
from coble.structures.structure_file import FROZEN, parted


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
OWN_BALLS = tuple(BALLS.values())  # of the regions of a structure, over and over
FROZEN_BALL, FROZEN_COLOUR = Ball(0.18, 0.3, 0.3), "0.6"
SLAB_NM = 1.2  # thickness of the cut in the figures
FOG = 0.7  # how far colours fade to white at the back of the cut
CLOSE_NM = 9.0  # width and height of a close-up
WINDOWS = 41  # places at which a slice of a structure is looked for, an odd number
EDGE_NM = 0.5  # of white round the atoms
LEFT, BELOW, ABOVE, GAP = 0.65, 0.85, 0.6, 0.2  # for labels [inch]; layout engines know no fixed aspects
ROW_IN, IN_A_ROW = 0.22, 4  # of the legend
LEAST_IN = 4.0  # width of a figure, for its title and legend [inch]
HEIGHT, WIDTH = 4.6, 9.0  # at most, of a tubule, and of all of them side by side [inch]


def plot_side(atoms, ax=None, *, bands_nm=(), styles=None):
    """Atoms seen from the side of the tubule, those behind paler and covered by those in front.

    Parameters
    ----------
    atoms : ase.Atoms
        A frame of `coble.structures.export.frames`, cut to a slab along the axis: `cuts=["slab:1.2"]`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.
    bands_nm : sequence of (float, float, float, float)
        Grey bands beside the atoms, as of `wall_bands`.
    styles : dict of str → Style, optional
        Of the regions, by name, as of `coble.render.palette.styles_of`, which is asked unless given.

    Returns
    -------
    matplotlib.axes.Axes
        x [nm] to the right, the axis of the tubule upwards [nm], its root at 0.
    """
    ax = axes(ax, (3.2, 5.2))
    for band in bands_nm:
        ax.fill_between(band[:2], *band[2:], color="0.88", linewidth=0, zorder=0)
    ax.add_collection(side_balls(atoms, ax.transData, styles))
    x, _, z = points_nm(atoms).T if len(atoms) else np.zeros((3, 1))
    ax.set(xlim=(x.min() - EDGE_NM, x.max() + EDGE_NM), ylim=(z.min() - EDGE_NM, z.max() + EDGE_NM), aspect="equal")
    ax.set(xlabel="x [nm]", ylabel="along the axis [nm]" if atoms.pbc[2] else "distance from the root [nm]")
    return ax


def points_nm(atoms):
    """Positions in the coordinates of the case [nm]: 0 is the middle of the cross-section at the root; (n, 3)."""
    return (atoms.positions - [atoms.info[f"origin_{axis}_A"] for axis in "xyz"]) / NM


def side_balls(atoms, transform, styles=None):
    """The balls of `plot_side`, `matplotlib.collections.EllipseCollection`, the farthest first."""
    points, kinds = points_nm(atoms), atoms.get_tags()
    order = np.argsort(-points[:, 1], kind="stable")
    points, kinds = points[order], kinds[order]
    y = points[:, 1] if len(atoms) else np.zeros(1)
    fog = FOG * ((y - y.min()) / max(np.ptp(y), 0.1))[:, None]  # from front to back
    looks = _looks(atoms, styles)  # the last one is that of tag -1
    inside, edge = (np.array(colours)[kinds] for colours in zip(*(look.colours for look in looks), strict=True))
    size, rim = np.array([(look.ball.diameter_nm, look.ball.rim) for look in looks])[kinds].T
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


@dataclass(frozen=True)
class _Look:
    """How the atoms of a region are drawn: its name, the ball, and its colour."""

    name: str
    ball: Ball
    colour: str

    @property
    def colours(self):
        """Of a ball inside and at its rim; a pale one keeps its colour in a wide rim."""
        full = np.array(to_rgb(self.colour))
        return _paler(full, self.ball.pale), full * (1.0 if self.ball.rim > 0.5 else 0.45)


def _looks(atoms, styles=None):
    """The look of every region of some atoms by its tag, list of `_Look`; behind them that of frozen atoms, tag -1."""
    names = parted(atoms.info["region_names"]) if "region_names" in atoms.info else list(REGIONS)
    styles = styles or styles_of(names)
    balls = BALLS if tuple(names) == REGIONS else dict(enumerate(OWN_BALLS))
    grey = _Look(FROZEN, FROZEN_BALL, FROZEN_COLOUR)
    found = [(name, balls[k % len(balls)], styles.get(name)) for k, name in enumerate(names)]
    return [_Look(name, ball, style.colour if style else FROZEN_COLOUR) for name, ball, style in found] + [grey]


def _paler(colours, part):
    return colours + (1 - colours) * part


def kinds_legend(kinds, looks=None):
    """Handles of a legend for the kinds of sites, their numbers given; `looks` of a tubule's unless given."""
    looks, found = looks or _looks(Atoms()), []
    for kind in sorted(kinds, key=lambda kind: kind % len(looks)):
        (inside, edge), size = looks[kind].colours, 28 * looks[kind].ball.diameter_nm
        style = {"markerfacecolor": inside, "markeredgecolor": edge, "markersize": size, "marker": "o", "linestyle": ""}
        found.append(Line2D([], [], label=shortened(LABELS[looks[kind].name]), **style))
    return found


def close_up(atoms):
    """Atoms beside the edge of a wide bore, repeated along the axis where that is a period, `ase.Atoms`."""
    x = points_nm(atoms)[:, 0]
    edge = x[np.isin(atoms.get_tags(), (Region.INTERFACE, Region.SURFACE))].max(initial=-np.inf)
    wide = np.ptp(x) > 1.5 * CLOSE_NM and np.isfinite(edge)
    part = atoms[np.abs(x - edge) < CLOSE_NM / 2] if wide else atoms
    return part.repeat((1, 1, int(np.ceil(CLOSE_NM * NM / atoms.cell[2, 2])))) if atoms.pbc[2] else part


def side_of(atoms, axis):
    """A slice of a structure of a user's own along its axis, turned so that the axis is z, `ase.Atoms`.

    It is in the middle, or as near to it as shows all regions.

    Parameters
    ----------
    atoms : ase.Atoms
    axis : int
        The vector of the cell along which the current flows.
    """
    cell = np.asarray(atoms.cell)
    up = _normal(cell, axis)
    across = cell[(axis + 1) % 3] if cell[(axis + 1) % 3].any() else np.eye(3)[np.argmin(np.abs(up))]
    across = across - (across @ up) * up
    across /= np.linalg.norm(across)
    turn = np.array([across, np.cross(up, across), up]).T
    times = int(np.ceil(CLOSE_NM * NM / (cell[axis] @ up)))
    found = atoms.repeat([times if k == axis else 1 for k in range(3)])
    found.info = dict(atoms.info)
    found.set_constraint()
    found.set_cell(found.cell @ turn)
    found.positions = found.positions @ turn
    for direction, width_nm in ((1, SLAB_NM), (0, CLOSE_NM)):
        found = found[_window(found.positions[:, direction], found.get_tags(), width_nm * NM)]
    return found


def _window(x, tags, width):
    """Where most regions are seen within a width, thin ones among them, as near to the middle as can be: bool (n,)."""
    low, high = x.min(initial=0.0), x.max(initial=0.0)
    middle, ends = (low + high) / 2, (high - low - width) / 2
    places = middle + (np.linspace(-ends, ends, WINDOWS) if ends > 0 else np.zeros(1))
    windows = [np.abs(x - place) <= width / 2 for place in sorted(places, key=lambda place: abs(place - middle))]
    return max(windows, key=lambda here: len(np.unique(tags[here])))  # the first of the best


def _normal(cell, axis):
    """The direction that is normal to the other two vectors of a cell; that of the axis where they are open."""
    one, other = cell[(axis + 1) % 3], cell[(axis + 2) % 3]
    found = np.cross(one, other)
    found = found if found.any() else cell[axis]
    return found * np.sign(found @ cell[axis]) / np.linalg.norm(found)


def wall_bands(folder):
    """Where the wall of a result is in the plane y = 0, list of (x from, x to, z from, z to) [nm]."""
    structure = structure_of(folder)
    low, high = structure.shape.wall_extent[0]
    x = np.linspace(low - 1, high + 1, 4000)
    inside = structure.shape.in_wall(x[1:-1], np.zeros(len(x) - 2))
    turns = np.flatnonzero(np.diff(inside, prepend=False, append=False))
    return [(*ends, *(np.array(structure.wall_A) / NM)) for ends in x[turns + 1].reshape(-1, 2) / NM]


def draw_side(several, title="", bands_nm=(), styles=None):
    """Frames side by side at one scale, with their times, `matplotlib.figure.Figure`.

    Parameters
    ----------
    several : list of ase.Atoms
    title : str
    bands_nm : sequence of (float, float, float, float)
    styles : dict of str → Style, optional
        See `plot_side`.
    """
    points = np.concatenate([points_nm(atoms) for atoms in several])
    (left, _, low), (right, _, high) = points.min(axis=0), points.max(axis=0)
    aspect = (right - left + 2 * EDGE_NM) / (high - min(low, 0) + 2 * EDGE_NM)
    height = min(HEIGHT, WIDTH / aspect / len(several))
    wide = max(aspect * height, 0.8)
    kinds = set().union(*(atoms.get_tags().tolist() for atoms in several))
    below = BELOW + ROW_IN * ((len(kinds) - 1) // IN_A_ROW)
    width = max(LEFT + len(several) * (wide + GAP), LEAST_IN)
    title = "\n".join(fill(line, int(LETTERS * width), break_long_words=False) for line in title.splitlines())
    above = ABOVE + ROW_IN * title.count("\n")
    size = width, below + height + above
    figure = Figure(figsize=size)
    panels = figure.subplots(1, len(several), sharex=True, sharey=True, squeeze=False)[0]
    sides = {"left": LEFT / size[0], "right": 1 - GAP / size[0], "bottom": below / size[1], "top": 1 - above / size[1]}
    figure.subplots_adjust(**sides, wspace=GAP / wide)
    for ax, atoms in zip(panels, several, strict=True):
        plot_side(atoms, ax, bands_nm=bands_nm, styles=styles).label_outer()
        ax.set_title(f"{duration(atoms.info['time'])}", fontsize=10)
        ax.set(xlim=(left - EDGE_NM, right + EDGE_NM), ylim=(min(low, 0) - EDGE_NM, high + EDGE_NM))
    handles = kinds_legend(kinds, _looks(several[0], styles))
    figure.legend(handles=handles, loc="lower center", ncols=IN_A_ROW, frameon=False, fontsize=9)
    figure.suptitle(title, fontsize=11)
    return figure
