"""A lattice from a stack of labelled voxels: a site for every voxel, and the nodes of smooth surfaces between labels.

Two voxels that touch are bound.  Where a sheet lies between their labels, each is bound to the node in the middle of
their face instead, by half a voxel.  So without a sheet, and in the limit of one that carries nothing, the network is
that of finite volumes on the voxels as they are.  With one, the sheet carries its own current along its bonds, as
`coble.lattices.images.surface_mesh` has them.  No rate is here: a bond has a weight, the conductance that it has when
that of its region is one; half a voxel has two.
"""

from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

import numpy as np

from coble.lattices.atoms.labels import ranked
from coble.lattices.graph.packing import MOST_SITES, pack, starts
from coble.lattices.images.surface_mesh import SMOOTH, surface_mesh
from coble.lattices.lattice import Lattice

PARTS = 16  # of a voxel: the unit of heights.  A node's height moves no current, only where it counts
FEWEST_LAYERS = 3  # along a periodic side, so that up and down are two bonds
WEIGHTS = 128  # classes of weights per factor of e: each weight is within 0.4 %, and their mean far closer
SLIGHT = 1e-3  # bonds of the surface with weights below conduct nothing that is seen
STIFF = 20.0  # bonds between nodes that nearly coincide: more would cost hops that go back and forth, and no current
SAME_A = 1e-3  # nodes this close across the axis stand in one column


@dataclass(frozen=True)
class Sheet:
    """A surface between two labels that is a region of its own.

    Attributes
    ----------
    region : int
        Its index.
    one, other : int or tuple of int
        Values of the labels on both sides, some of which may have no region.  Several on one side are smooth where they
        meet: grains of one metal at a wall.
    """

    region: int
    one: int | tuple[int, ...]
    other: int | tuple[int, ...]


@dataclass(frozen=True)
class ImageLattice:
    """A lattice with what its bonds and regions are.

    Attributes
    ----------
    lattice : Lattice
        A wide one.
    weight : float array (n_class,)
        Conductance of a bond when that of its region is 1 (per square, or per voxel).
    axial : bool array (n_class,)
        Whether the bond goes along the axis, through faces across it.
    extent : float array (n_region,)
        Area of each region across the axis on average [Å²]; of a sheet the length of its line there [Å], which is its
        area over the period.
    sheets : tuple of dict
        Of each sheet: `area_A2`, that of its staircase over it, and the part of its weights that was negative.
    """

    lattice: Lattice
    weight: np.ndarray
    axial: np.ndarray
    extent: np.ndarray
    sheets: tuple


def image_lattice(labels, region_of, regions, sheets, voxel_A, periodic=(False, False, True), smooth=SMOOTH):
    """The lattice of a stack.

    Parameters
    ----------
    labels : int array (nx, ny, nz)
        The axis of transport is the last, and periodic.
    region_of : dict of int → int
        Region of each label; labels without one hold nothing.
    regions : tuple of str
    sheets : sequence of Sheet
    voxel_A : float
        Edge of a voxel [Å].
    periodic : (bool, bool, bool)
    smooth : float
        Width of the smoothing of surfaces [voxels].

    Returns
    -------
    ImageLattice

    Raises
    ------
    ValueError
        For a stack too thin along a periodic side, too many sites, or labels of a sheet that do not touch.
    """
    for axis, around in zip("xyz", periodic, strict=True):
        if around and labels.shape["xyz".index(axis)] < FEWEST_LAYERS:
            raise ValueError(f"at least {FEWEST_LAYERS} voxels along {axis} are needed, which is periodic")
    region = np.full(labels.shape, -1, dtype=np.int8)
    for value, index in region_of.items():
        region[labels == value] = index
    meshes = [surface_mesh(*sides_of(labels, each), periodic, smooth) for each in sheets]
    for each, mesh in zip(sheets, meshes, strict=True):
        if not mesh.faces:
            raise ValueError(f"the labels of {regions[each.region]!r} touch nowhere")
    refuse_too_large(int((region >= 0).sum()) + sum(len(mesh.position) for mesh in meshes), voxel_A)
    number = np.cumsum((region >= 0).ravel(), dtype=np.int64) - 1
    bonds = list(_between_voxels(labels, region, number, sheets, periodic))
    n_site = int(number[-1]) + 1
    place, of = [np.argwhere(region >= 0) + 0.5], [region[region >= 0].astype(np.uint8)]
    first = []
    for each, mesh in zip(sheets, meshes, strict=True):
        first.append(n_site)
        bonds += _of_sheet(mesh, region, number, n_site)
        place.append(mesh.position)
        of.append(np.full(len(mesh.position), each.region, dtype=np.uint8))
        n_site += len(mesh.position)
    bonds += _seams(meshes, first)
    shape, thin = np.array(labels.shape), tuple(sorted({each.region for each in sheets}))
    lattice, weight, axial = _assembled(
        np.concatenate(place), np.concatenate(of), bonds, shape, np.array(periodic), regions, thin, voxel_A
    )
    extent = np.zeros(len(regions))
    for value, index in region_of.items():
        extent[index] += (labels == value).sum() / shape[2] * voxel_A**2
    facts = []
    for each, mesh in zip(sheets, meshes, strict=True):
        extent[each.region] += mesh.area / shape[2] * voxel_A
        facts.append(
            {
                "area_A2": mesh.area * voxel_A**2,
                "staircase_over_area": mesh.faces / mesh.area,
                "negative_weights": mesh.clipped,
            }
        )
    return ImageLattice(lattice, weight, axial, extent, tuple(facts))


def sides_of(labels, sheet):
    """Whether each label is on the one side of a sheet, and on the other: two bool arrays."""
    return np.isin(labels, sheet.one), np.isin(labels, sheet.other)


def refuse_too_large(n_site, voxel_A):
    """Raise ValueError for more sites than a lattice takes, with a voxel that would do."""
    if n_site > MOST_SITES:
        coarser = voxel_A * (n_site / MOST_SITES) ** (1 / 3) * 1.01
        raise ValueError(
            f"{n_site:,} sites are more than the {MOST_SITES:,} that a lattice takes: voxels of {coarser / 10:.3g} nm "
            "would do"
        )


def _between_voxels(labels, region, number, sheets, periodic):
    """Bonds of voxels that touch, for each axis: source, target, vector [voxels], weight, whether axial; each once."""
    for d in range(3):
        last = slice(None) if periodic[d] else slice(None, -1)
        part = tuple(last if axis == d else slice(None) for axis in range(3))
        next_to = lambda values: np.roll(values, -1, d)[part]  # noqa: B023, E731
        a, b = labels[part], next_to(labels)
        bound = (region[part] >= 0) & next_to(region >= 0)
        for each in sheets:
            (a_one, a_other), (b_one, b_other) = sides_of(a, each), sides_of(b, each)
            bound &= ~((a_one & b_other) | (a_other & b_one))
        place = number.reshape(labels.shape)
        here, there = place[part][bound], next_to(place)[bound]
        some = (len(here),)
        yield here, there, np.broadcast_to(np.eye(3)[d], (*some, 3)), np.ones(some), np.full(some, d == 2)


def _of_sheet(mesh, region, number, start):
    """Bonds of a surface: its own, and those to the voxels on both sides of its faces."""
    own = mesh.weight > SLIGHT
    i, j = mesh.bonds[own].T + start
    yield i, j, mesh.vector[own], np.minimum(mesh.weight[own], STIFF), np.zeros(own.sum(), dtype=bool)
    straight = mesh.away[:, 0] - mesh.away[:, 1]  # from voxel to voxel, along the normal of the face
    axial = np.abs(straight[:, 2]) > 0.5
    for side, flat in enumerate((mesh.first, mesh.second)):
        held = region.ravel()[flat] >= 0
        node = np.flatnonzero(held) + start
        yield number[flat[held]], node, mesh.away[held, side], np.full(len(node), 2.0), axial[held]


def _seams(meshes, first):
    """Bonds where surfaces meet: their nodes at the same corner of a voxel are as good as one."""
    for (one, a), (other, b) in combinations(zip(meshes, first, strict=True), 2):
        _, i, j = np.intersect1d(one.corner, other.corner, assume_unique=True, return_indices=True)
        i, j = i + one.faces, j + other.faces
        vector = other.position[j] - one.position[i]
        none = np.zeros(len(i), dtype=bool)
        yield i + a, j + b, vector, np.full(len(i), STIFF), none


def _assembled(place, of, bonds, shape, periodic, regions, thin, voxel_A):
    """The lattice of sites and bonds with lengths in voxels; weight and direction of its classes."""
    n_site, n_region, unit = len(of), len(regions), int(PARTS * shape[2])
    height = np.rint(place[:, 2] * PARTS).astype(np.int64)
    parts = [_compact(each, place, height, shape, periodic) for each in bonds]
    bonds.clear()  # a stack of 200 voxels a side has 3e7 bonds: nothing of them is held twice
    source, target, rise, shift, label = (np.concatenate(column) for column in zip(*parts, strict=True))
    del parts
    steps, _ = ranked(np.concatenate([each := np.unique(rise), -each]))
    labels, rank = ranked(label)
    key = np.searchsorted(steps, rise) * n_region**2 + (of[source].astype(np.int64) * n_region + of[target])
    forward, which = ranked(key * len(labels) + rank)
    backward = _reversed(forward, len(steps), n_region, len(labels))
    key = np.unique(np.concatenate([forward, backward]))
    forward, backward = (np.searchsorted(key, each).astype(np.uint32)[which] for each in (forward, backward))
    del rise, label, rank, which
    order = np.concatenate([source * np.int64(n_site) + target, target * np.int64(n_site) + source])
    order = np.argsort(order, kind="stable").astype(np.int32)
    both = lambda one, other: np.concatenate([one, other])[order]  # noqa: E731
    degree = np.bincount(source, minlength=n_site) + np.bincount(target, minlength=n_site)
    step_of, rest = np.divmod(key, n_region**2 * len(labels))
    xy, column = _columns(place[:, :2] * voxel_A)
    lattice = Lattice(
        xy=xy,
        column=column,
        height=(height % unit).astype(np.min_scalar_type(unit)),
        region=of,
        bore=np.zeros(n_site, dtype=np.int8),
        indptr=starts(degree),
        edge=pack(both(target, source), 0),
        steps=steps,
        unit=voxel_A / PARTS,
        cell=np.diag(np.where(periodic, shape * voxel_A, 0.0)),
        regions=tuple(regions),
        class_step=step_of,
        reverse_class=np.searchsorted(key, _reversed(key, len(steps), n_region, len(labels))),
        bond_class=both(forward, backward),
        shift=both(shift, -shift),
        thin=thin,
    )
    rank = rest % len(labels)
    # Exponentials of an array differ in the last bit between processors; decimal ones are rounded correctly.
    weights = np.array([float((Decimal(label // 2) / WEIGHTS).exp()) for label in labels.tolist()])
    return lattice, weights[rank], (labels[rank] % 2).astype(bool)


def _compact(bonds, place, height, shape, periodic):
    """Source, target, rise in heights, cells crossed, and a label of weight and direction: 17 bytes a bond."""
    source, target, vector, weight, axial = bonds
    shift = np.empty((len(source), 3), dtype=np.int8)
    for d in range(3):
        shift[:, d] = np.rint((vector[:, d] - (place[target, d] - place[source, d])) / shape[d]) * periodic[d]
    unit = int(PARTS * shape[2])
    rise = (height[target] - height[source] + shift[:, 2].astype(np.int64) * unit).astype(np.int32)
    shift[:, 2] += (height[target] // unit - height[source] // unit).astype(np.int8)
    label = 2 * np.rint(np.log(weight) * WEIGHTS).astype(np.int32) + axial
    return source.astype(np.int32), target.astype(np.int32), rise, shift, label


def _reversed(key, n_step, n_region, n_label):
    """Keys of the reverse classes: of step, regions of both ends, and label."""
    rest, rank = np.divmod(key, n_label)
    step, pair = np.divmod(rest, n_region**2)
    here, there = np.divmod(pair, n_region)
    return (((n_step - 1 - step) * n_region + there) * n_region + here) * n_label + rank


def _columns(xy):
    """Distinct positions across the axis, and the one that each site has."""
    grid = np.rint(xy / SAME_A).astype(np.int64)
    grid -= grid.min(axis=0)
    _, first, number = np.unique(
        grid[:, 0] * (int(grid[:, 1].max()) + 1) + grid[:, 1], return_index=True, return_inverse=True
    )
    return xy[first], number.astype(np.min_scalar_type(len(first)))
