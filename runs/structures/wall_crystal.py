"""The wall with its real crystal: frozen atoms for pictures, and for cells of electronic-structure codes.

The crystal lies along the tubule with the shortest of its axes that fits the tubule's period; where there is a period
it is strained along the axis, nowhere else, to repeat with it.  Across the axis it is cut.
"""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from scipy.spatial import cKDTree

from coble.lattices import PUBLISHED, Region, Shape
from coble.render.meant import meant

FITS = 0.02  # a strain that is small enough to prefer the shorter axis
CLEAR_A = 2.0  # atoms closer than this to a site of the bore or of its channel are left out
OVERLAP = 0.8  # of the crystal's shortest distance: closer ones, across the box's sides, are left out
EDGE_A = 1e-6  # atoms this close to the end of a period belong to the next
AT_ONCE = 1 << 18  # atoms made at a time

CASE = "case"  # the crystal of the case's own wall


@dataclass(frozen=True)
class Host:
    """Atoms of a wall's crystal.

    Attributes
    ----------
    symbols : str array (n,)
    positions : float array (n, 3)
        In the coordinates of the case [Å].
    cell, shape
        Of the structure that they belong to.
    info : dict
        `wall_crystal`; `wall_axis`, of the crystal's axes the one along the tubule; `wall_strain` along it (0.01 is
        1 %), where there is a period; `wall_clear_A`, in Å.
    """

    symbols: np.ndarray
    positions: np.ndarray
    cell: np.ndarray
    shape: Shape
    info: dict

    def where(self, keep):
        """The atoms where `keep` (bool array) holds."""
        return replace(self, symbols=self.symbols[keep], positions=self.positions[keep])


def described(info):
    """One line on a wall's crystal, from the info of atoms that have one."""
    strain = info.get("wall_strain")
    strained = "not strained: the tubule has ends" if strain is None else f"strained by {strain:+.1%} along it"
    axis = info["wall_axis"].removeprefix("axis_").replace("_", " ")
    return (
        f"Wall: {info['wall_crystal']}, [{axis}] along the tubule, {strained}; "
        f"no atom within {info['wall_clear_A']:g} Å of a site"
    )


def crystal_name(name, wall):
    """Name of a published crystal, from what was asked for: itself, or `case` for that of the wall `wall`.

    Raises
    ------
    ValueError
        When there is none.
    """
    found = wall.partition("-")[0] if name == CASE else name  # LiC6-optimistic is LiC6
    if found in PUBLISHED:
        return found
    what = f"the wall {wall!r} of the case has no crystal here" if name == CASE else "unknown"
    raise ValueError(f"wall crystal {name!r}: {what}; {meant(found, PUBLISHED)}")


def wall_crystal(structure, name):
    """The wall of a structure as a published crystal.

    Parameters
    ----------
    structure : Structure
    name : str
        One of `lattices.PUBLISHED`.

    Returns
    -------
    Host
    """
    published = PUBLISHED[name]
    cell = published.atoms()
    period = float(structure.cell[2])
    axis, strain = along(published.axes, cell.cell[:], period)
    vectors = _along_z(cell.cell[:], np.array(axis) @ cell.cell[:]) * [1, 1, 1 + (strain or 0.0)]
    symbols, positions = _filled(structure.shape, structure.wall_A, cell, vectors)
    stays = _clear(structure, positions, OVERLAP * published.nearest_A())
    info = {
        "wall_crystal": name,
        "wall_axis": "axis_" + "_".join(f"{x:g}" for x in axis),
        "wall_clear_A": CLEAR_A,
    } | ({} if strain is None else {"wall_strain": strain})
    return Host(symbols[stays], positions[stays], structure.cell, structure.shape, info)


def along(axes, cell, period):
    """Which of a crystal's axes to lay along a period.

    Parameters
    ----------
    axes : sequence of (u, v, w)
        In units of the edges of its cell.
    cell : float array (3, 3)
        Edges [Å], one a row.
    period : float
        In Å; 0 when the tubule has ends.

    Returns
    -------
    axis : (u, v, w)
        The first that fits within `FITS`, or that which fits best.
    strain : float or None
        None without a period.
    """
    if not period:
        return axes[0], None
    lengths = np.linalg.norm(np.array(axes) @ cell, axis=1)
    strains = [float(period / (max(1, round(period / length)) * length) - 1) for length in lengths]
    good = [k for k, strain in enumerate(strains) if abs(strain) <= FITS]
    best = good[0] if good else int(np.argmin(np.abs(strains)))
    return axes[best], strains[best]


def _along_z(cell, axis):
    """Edges of a cell (rows) turned so that `axis` lies along z, and the edge most across it towards y."""
    z = axis / np.linalg.norm(axis)
    across = cell - np.outer(cell @ z, z)
    y = across[np.argmax(np.linalg.norm(across, axis=1) / np.linalg.norm(cell, axis=1))]
    y /= np.linalg.norm(y)
    return cell @ np.array([np.cross(y, z), y, z]).T


def _filled(shape, span, cell, vectors):
    """Symbols and positions of a crystal's atoms, its cell's edges turned to `vectors`, in the wall of a shape."""
    ends = np.array([*shape.wall_extent, span])
    corners = np.array(list(product(*ends))) @ np.linalg.inv(vectors)
    low, high = np.floor(corners.min(axis=0)).astype(int) - 1, np.ceil(corners.max(axis=0)).astype(int) + 1
    numbers = np.stack(np.meshgrid(*map(np.arange, low, high + 1), indexing="ij"), axis=-1).reshape(-1, 3)
    basis = cell.get_scaled_positions() @ vectors
    starts = numbers @ vectors
    room = np.abs(vectors).sum(axis=0)  # no cell reaches farther from its corner
    starts = starts[((starts > ends[:, 0] - room) & (starts < ends[:, 1] + room)).all(axis=1)]
    symbols, positions = [], []
    for first in range(0, len(starts), max(1, AT_ONCE // len(basis))):
        some = starts[first : first + max(1, AT_ONCE // len(basis)), None] + basis
        x, y, z = np.moveaxis(some, 2, 0)
        inside = shape.in_wall(x, y) & (z >= span[0] - EDGE_A) & (z < span[1] - EDGE_A)
        for (a, b), at in zip(ends[:2], (x, y), strict=True):
            inside &= (at >= a) & (at < b)
        positions.append(some[inside])
        symbols.append(np.broadcast_to(np.array(cell.get_chemical_symbols()), inside.shape)[inside])
    return np.concatenate(symbols), np.concatenate(positions)


def _clear(structure, positions, apart_A):
    """Which atoms are clear of the bore's sites, and of their own images across the box's sides."""
    box = structure.cell
    folded = [np.where(box > 0, p % np.where(box > 0, box, 1), p) for p in (structure.positions, positions)]
    channel = np.isin(structure.site_kind, (Region.INTERFACE, Region.SURFACE))
    points, atoms = (np.where((box > 0) & (p >= box), 0.0, p) for p in folded)
    distance, _ = cKDTree(points[channel], boxsize=box).query(atoms, distance_upper_bound=CLEAR_A)
    stays = ~np.isfinite(distance)
    if (box[:2] > 0).any():
        kept = np.flatnonzero(stays)
        pairs = cKDTree(atoms[kept], boxsize=box).query_pairs(apart_A, output_type="ndarray")
        stays[kept[pairs.max(axis=1)]] = False
    return stays
