"""A lattice from any atoms: each is a site; cells of any form, periodic along the transport axis.

In the lattice the axis is z.  Along it the sites are folded into the cell; their heights are whole numbers of a unit.
What it takes to go back stands in the lattice's notes, and `given_positions` goes back.
"""

import numpy as np

from coble.lattices.bonds import (
    OVERLAP_A,
    TIE_A,
    cutoffs,
    directed,
    listed,
    pairs_within,
    refuse_isolated,
    refuse_overlaps,
)
from coble.lattices.heights import whole_heights
from coble.lattices.lattice import MOST_REGIONS, MOST_SITES, MOST_STEPS, Lattice, pack, starts
from coble.lattices.percolation import break_of

AXES = "xyz"
COLUMN_A = 1e-6  # sites this close across the axis stand in one column
MOST_HEIGHTS = 1 << 14  # distinct steps; where there are more, the unit is made longer
FINEST_A = (1e-4, 1e-3, 1e-2)
FLAT = 1e-6  # volume of periodic vectors of length 1, below which they are in one plane


def lattice_from_atoms(atoms, cutoff=None, regions=None, axis="z", bonds=None, frozen=None):
    """See `Lattice.from_atoms`."""
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
    heights, rise = _heights(placed[:, 2], length, source, target, shift)
    shift[:, 2] += (heights.cells[target] - heights.cells[source]).astype(np.int8)
    placed -= heights.cells[:, None] * vectors[2]
    xy, column = _columns(placed[:, :2])
    lattice = _classed(
        rise,
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
    if where := break_of(lattice):
        raise ValueError(f"no chain of bonds crosses the cell along {axis}: it breaks {where}")
    return lattice


def given_positions(lattice: Lattice) -> np.ndarray:
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
        frozen = _array(atoms, frozen, "frozen")
    still = np.asarray(frozen)
    if still.shape != (len(atoms),) or not np.isin(still, (0, 1)).all():
        raise ValueError(f"frozen: Atoms, the name of an array, or {len(atoms)} values True or False are wanted")
    still = still.astype(bool)
    return (atoms[~still], atoms[still], every[~still]) if still.any() else (atoms, None, every)


def _array(atoms, name, what):
    if name == "tags":
        return atoms.get_tags()
    if name == "symbols":
        return np.array(atoms.get_chemical_symbols())
    if name not in atoms.arrays:
        known = ", ".join(sorted({"symbols", "tags", *atoms.arrays} - {"numbers", "positions"}))
        raise ValueError(f"{what}: the atoms have no array {name!r}; they have {known}")
    return np.asarray(atoms.arrays[name])


def _occupied(sites):
    """Which sites hold an atom, bool array (n_site,)."""
    full = sites.numbers != 0
    return full & (np.asarray(sites.arrays["occupancy"]) != 0) if "occupancy" in sites.arrays else full


def named_regions(sites, regions, chosen=None, n_atom=None):
    """Region of every site, uint8 array (n_site,), and the names of the regions, a tuple.

    Parameters
    ----------
    sites : ase.Atoms
    regions : str, array, dict or None
        As in `Lattice.from_atoms`.
    chosen : int array (n_site,), optional
        Which of `n_atom` atoms the sites are: an array may have a value for each of those.

    Raises
    ------
    ValueError
        For a site in no region or in two, an array of another length, and too many regions.
    """
    n_site = len(sites)
    if regions is None:
        return np.zeros(n_site, dtype=np.uint8), ("bulk",)
    if isinstance(regions, dict):
        if not regions:
            raise ValueError("regions: the dict is empty")
        if all(isinstance(value, str) for value in regions.values()):
            return _by_tag(sites.get_tags(), regions)
        return _by_indices(n_site, regions)
    values = _array(sites, regions, "regions") if isinstance(regions, str) else np.asarray(regions)
    if chosen is not None and len(chosen) != n_atom and values.shape == (n_atom,):
        values = values[chosen]
    if values.shape != (n_site,):
        raise ValueError(f"regions: one value per site is wanted, shape ({n_site},), got {values.shape}")
    found, region = np.unique(values, return_inverse=True)
    return _few(region, tuple(map(str, found.tolist())))


def _few(region, names):
    if len(names) > MOST_REGIONS:
        raise ValueError(f"regions: at most {MOST_REGIONS}, got {len(names)}")
    return region.astype(np.uint8), names


def _by_tag(tags, regions):
    names = tuple(dict.fromkeys(regions.values()))
    region = np.full(len(tags), -1)
    for tag, name in regions.items():
        region[tags == tag] = names.index(name)
    if (region < 0).any():
        site = np.flatnonzero(region < 0)[0]
        raise ValueError(f"regions: site {site} has tag {tags[site]}, which has no name; named are {list(regions)}")
    return _few(region, names)


def _by_indices(n_site, regions):
    names = tuple(map(str, regions))
    region = np.full(n_site, -1)
    for number, (name, chosen) in enumerate(regions.items()):
        chosen = np.atleast_1d(np.asarray(chosen))
        if chosen.dtype == bool and chosen.shape == (n_site,):
            chosen = np.flatnonzero(chosen)
        if chosen.size and (chosen.ndim != 1 or chosen.dtype.kind not in "iu"):
            raise ValueError(f"regions: {name}: whole numbers of sites are wanted, or {n_site} values True or False")
        chosen = chosen.astype(np.int64)
        if (wrong := chosen[(chosen < 0) | (chosen >= n_site)]).size:
            raise ValueError(f"regions: {name}: site {wrong[0]} does not exist; sites are 0 to {n_site - 1}")
        if (twice := chosen[region[chosen] >= 0]).size:
            raise ValueError(f"regions: site {twice[0]} is in {names[region[twice[0]]]} and in {name}")
        region[chosen] = number
    if (region < 0).any():
        raise ValueError(f"regions: site {np.flatnonzero(region < 0)[0]} is in no region")
    return _few(region, names)


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
    """Whole heights, and the rise of every edge in their unit; a unit so long that there are not too many rises."""
    for finest in FINEST_A:
        heights = whole_heights(z, length, finest)
        level = heights.height + heights.cells * heights.n_unit
        rise = level[target] - level[source] + shift[:, 2] * np.int64(heights.n_unit)
        if len(np.unique(rise)) <= MOST_HEIGHTS:
            break
    return heights, rise


def _columns(xy):
    """Distinct positions across the axis, and the one that each site has."""
    number = np.zeros(len(xy), dtype=np.int64)
    for along in xy.T:
        _, place = np.unique(np.rint(along / COLUMN_A).astype(np.int64), return_inverse=True)
        _, first, number = np.unique(number * (int(place.max()) + 1) + place, return_index=True, return_inverse=True)
    return xy[first], number.astype(np.min_scalar_type(len(first)))


def _classed(rise, source, target, *, region, regions, **fields):
    """The lattice of edges, sorted into classes: by rise alone where 32 suffice, else by both regions too."""
    steps = np.unique(np.concatenate([rise, -rise]))
    step = np.searchsorted(steps, rise)
    fields |= {"region": region, "regions": regions, "steps": steps}
    fields["indptr"] = starts(np.bincount(source, minlength=len(region)))
    if len(steps) <= MOST_STEPS:
        return Lattice(edge=pack(target, step), **fields)
    n_region = len(regions)
    here, there = region[source].astype(np.int64), region[target].astype(np.int64)
    found, classes = np.unique((step * n_region + here) * n_region + there, return_inverse=True)
    step_of, pair = np.divmod(found, n_region**2)
    here, there = np.divmod(pair, n_region)
    backward = ((len(steps) - 1 - step_of) * n_region + there) * n_region + here
    return Lattice(
        edge=pack(target, 0),
        bond_class=classes.astype(np.uint32),
        class_step=step_of,
        reverse_class=np.searchsorted(found, backward),
        **fields,
    )
