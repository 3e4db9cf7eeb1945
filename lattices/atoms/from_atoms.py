"""A lattice from any atoms: each is a site; cells of any form, periodic along the transport axis.

In the lattice the axis is z.  Along it the sites are folded into the cell; their heights are whole numbers of a unit.
What it takes to go back stands in the lattice's notes, and `given_positions` goes back.
"""

from typing import TYPE_CHECKING

import numpy as np

from coble.lattices.atoms.bonds import (
    OVERLAP_A,
    TIE_A,
    cutoffs,
    directed,
    listed,
    pairs_within,
    refuse_isolated,
    refuse_overlaps,
)
from coble.lattices.atoms.heights import whole_heights
from coble.lattices.atoms.labels import ranked
from coble.lattices.atoms.named import array_of, named_regions
from coble.lattices.graph.packing import MOST_SITES, MOST_STEPS, pack, starts

if TYPE_CHECKING:
    from coble.lattices.lattice import Lattice

AXES = "xyz"
COLUMN_A = 1e-6  # sites this close across the axis stand in one column
MOST_HEIGHTS = 1 << 14  # distinct steps; where there are more, the unit is made longer
FINEST_A = (1e-4, 1e-3, 1e-2)
FLAT = 1e-6  # volume of periodic vectors of length 1, below which they are in one plane


def lattice_fields(atoms, cutoff=None, regions=None, axis="z", bonds=None, frozen=None):
    """What `Lattice.from_atoms` makes a lattice of, dict of str → value: the fields of `Lattice`."""
    if not hasattr(atoms, "get_positions"):
        raise ValueError(f"atoms: an ase.Atoms is wanted, as ase.io.read gives it, got {atoms!r:.100}")
    sites, frozen, chosen = _without_frozen(atoms, frozen)
    positions = sites.get_positions()
    if not len(sites):
        raise ValueError("the structure has no atoms, so the lattice would have no sites")
    if len(sites) > MOST_SITES:
        raise ValueError(f"at most {MOST_SITES:,} sites, got {len(sites):,}")
    if not np.isfinite(positions).all():
        raise ValueError(f"site {np.flatnonzero(~np.isfinite(positions).all(axis=1))[0]}: its position is not finite")
    if axis not in tuple(AXES):
        raise ValueError(f"axis: one of 'x', 'y', 'z' (the first, second or third vector of the cell), got {axis!r}")
    region, names = named_regions(sites, regions, chosen, len(atoms))
    periodic = np.asarray(sites.pbc, dtype=bool)
    cell = _whole_cell(np.asarray(sites.cell, dtype=float), periodic, AXES.index(axis))
    source, target, shift = _bonds(sites, positions, cell, periodic, cutoff, bonds, region, names)
    refuse_isolated(np.bincount(source, minlength=len(sites)) + np.bincount(target, minlength=len(sites)))

    order = [(AXES.index(axis) + k) % 3 for k in (1, 2, 0)]
    rotation = _rotation(cell, order)
    vectors = cell[order] @ rotation.T
    vectors[:2, 2] = 0.0
    length = float(vectors[2, 2])
    placed = positions @ rotation.T
    source, target, shift = directed(source, target, shift[:, order], len(sites))
    heights, steps, step = _heights(placed[:, 2], length, source, target, shift)
    shift[:, 2] += (heights.cells[target] - heights.cells[source]).astype(np.int8)
    placed -= heights.cells[:, None] * vectors[2]
    xy, column = _columns(placed[:, :2])
    return _classed(
        steps,
        step,
        source,
        target,
        xy=xy,
        column=column,
        height=heights.height.astype(np.min_scalar_type(heights.n_unit)),
        region=region,
        bore=np.zeros(len(sites), dtype=np.int8),
        unit=length / heights.n_unit,
        cell=np.where(periodic[order][:, None], vectors, 0.0),
        regions=names,
        shift=shift,
        frozen=frozen,
        notes={
            "axis": axis,
            "cell": np.asarray(sites.cell, dtype=float).tolist(),
            "pbc": periodic.tolist(),
            "rotation": rotation.tolist(),
            "offset_A": heights.offset,
            "cells_moved": heights.cells,
            "atoms": chosen,
            "symbols": np.array(sites.get_chemical_symbols()),
            "occupied": _occupied(sites),
        },
    )


def given_positions(lattice: "Lattice") -> np.ndarray:
    """Where the sites of a lattice from atoms were [Å], float array (n_site, 3): in the frame of those atoms.

    They agree with the atoms to 1e-3 Å, the noise of a plane.
    """
    positions = lattice.positions
    positions[:, 2] += lattice.notes["offset_A"]
    positions += lattice.notes["cells_moved"][:, None] * lattice.vectors[2]
    return positions @ np.array(lattice.notes["rotation"])


def _without_frozen(atoms, frozen):
    """The atoms that are sites, the frozen ones (Atoms or None), and the indices of the first in `atoms`."""
    every = np.arange(len(atoms))
    if frozen is None or hasattr(frozen, "get_positions"):
        return atoms, frozen, every
    if isinstance(frozen, str):
        frozen = array_of(atoms, frozen, "frozen")
    still = np.asarray(frozen)
    if still.shape != (len(atoms),) or not np.isin(still, (0, 1)).all():
        raise ValueError(f"frozen: Atoms, the name of an array, or {len(atoms)} values True or False are wanted")
    still = still.astype(bool)
    return (atoms[~still], atoms[still], every[~still]) if still.any() else (atoms, None, every)


def _occupied(sites):
    """Which sites hold an atom, bool array (n_site,)."""
    full = sites.numbers != 0
    return full & (np.asarray(sites.arrays["occupancy"]) != 0) if "occupancy" in sites.arrays else full


def _whole_cell(cell, periodic, axis):
    """The cell with a vector across the periodic ones [Å] wherever it is open; refused where that gives no volume."""
    from ase.geometry.cell import complete_cell

    if not periodic[axis]:
        raise ValueError(
            f"the structure is open along {AXES[axis]}: the transport axis must be periodic; set atoms.pbc"
        )
    across = cell[periodic]
    long = np.linalg.norm(across, axis=1)
    if not np.isfinite(across).all() or (long == 0).any():
        raise ValueError("the cell has no volume: a periodic vector is zero or not finite")
    if np.linalg.svd(across / long[:, None], compute_uv=False).min() < FLAT:
        raise ValueError("the cell has no volume: its periodic vectors lie in one plane or line")
    return complete_cell(np.where(periodic[:, None], cell, 0.0))


def _rotation(cell, order):
    """The rotation into the frame of the lattice: the normal of the first two vectors (in that order) becomes z."""
    turned = np.eye(3)[order]
    a, b, c = cell[order] @ turned.T
    normal = np.cross(a, b)
    normal /= np.linalg.norm(normal) * np.sign(normal @ c)
    if normal[2] > 1 - 1e-14:
        return turned
    if normal[2] < -1 + 1e-14:
        return np.diag([1.0, -1.0, -1.0]) @ turned
    x, y, _ = np.cross(normal, [0.0, 0.0, 1.0])
    across = np.array([[0.0, 0.0, y], [0.0, 0.0, -x], [-y, x, 0.0]])
    return (np.eye(3) + across + across @ across / (1 + normal[2])) @ turned


def _bonds(sites, positions, cell, periodic, cutoff, bonds, region, names):
    """Source, target and shift of every bond, from a cut-off or a list."""
    if (cutoff is None) == (bonds is None):
        raise ValueError(f"give either a cutoff or a list of bonds{', not both' if bonds is not None else ''}")
    if bonds is not None:
        found = listed(bonds, len(sites), periodic)
        source, target, _, distance = pairs_within(positions, cell, periodic, OVERLAP_A)
        refuse_overlaps(source, target, distance)
        return found
    reach, longest = cutoffs(cutoff, sites, region, names)
    source, target, shift, distance = pairs_within(positions, cell, periodic, max(reach + TIE_A, OVERLAP_A))
    refuse_overlaps(source, target, distance)
    near = distance <= longest(source, target) + TIE_A
    return source[near], target[near], shift[near]


def _heights(z, length, source, target, shift):
    """Whole heights, the steps of edges in their unit and the one of each edge; few, for the unit is long enough."""
    for finest in FINEST_A:
        heights = whole_heights(z, length, finest)
        level = heights.height + heights.cells * heights.n_unit
        rise = level[target] - level[source] + shift[:, 2] * np.int64(heights.n_unit)
        steps, step = ranked(rise)  # symmetric about zero, for both directions of every bond are there
        if len(steps) <= MOST_HEIGHTS:
            break
    return heights, steps, step


def _columns(xy):
    """Distinct positions across the axis, and the one that each site has."""
    number = np.zeros(len(xy), dtype=np.int64)
    for along in xy.T:
        _, place = np.unique(np.rint(along / COLUMN_A).astype(np.int64), return_inverse=True)
        _, first, number = np.unique(number * (int(place.max()) + 1) + place, return_index=True, return_inverse=True)
    return xy[first], number.astype(np.min_scalar_type(len(first)))


def _classed(steps, step, source, target, *, region, regions, **fields):
    """Fields of the lattice of edges, sorted into classes: by step alone where 32 suffice, else by both regions too."""
    fields |= {"region": region, "regions": regions, "steps": steps}
    fields["indptr"] = starts(np.bincount(source, minlength=len(region)))
    if len(steps) <= MOST_STEPS:
        return fields | {"edge": pack(target, step)}
    n_region = len(regions)
    here, there = region[source].astype(np.int64), region[target].astype(np.int64)
    found, classes = ranked((step.astype(np.int64) * n_region + here) * n_region + there)
    step_of, pair = np.divmod(found, n_region**2)
    here, there = np.divmod(pair, n_region)
    backward = ((len(steps) - 1 - step_of) * n_region + there) * n_region + here
    return fields | {
        "edge": pack(target, 0),
        "bond_class": classes.astype(np.uint32),
        "class_step": step_of,
        "reverse_class": np.searchsorted(found, backward),
    }
