"""The current through a stack as pictures, and its minimum cut: the surface across the axis that conducts least.

The cut is that of maximum flow through blocks of voxels, each region apart (L. R. Ford and D. R. Fulkerson, Canadian
Journal of Mathematics 8, 399, 1956).  A surface counts with c D times its area, a sheet with c D δ times the length of
its line in it, however fine the voxels are.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from coble.kmc.network.exact import axial_currents
from coble.lattices.graph.edges import in_parts
from coble.lattices.tubules.exchange import positions_of

MOST_PIXELS = 48  # along an edge of a picture
MOST_BLOCKS = 20  # along the longest edge, for the minimum cut
WHOLE = 10**9  # flow is in whole numbers: this is what goes through the best layer


@dataclass(frozen=True)
class Cut:
    """A minimum cut.

    Attributes
    ----------
    parts : dict of str → float
        Part of the cut's conductance by region, the largest first.
    reach_nm : (float, float)
        Lowest and highest place of the cut along the axis [nm].
    before : bool array (n_site,)
        Sites on the side of the cut where the axis begins.
    """

    parts: dict
    reach_nm: tuple
    before: np.ndarray


def cut_of(lattice, solution, at_A, mirrored):
    """The minimum `Cut` of a stack.

    Parameters
    ----------
    lattice : Lattice
    solution : coble.kmc.network.exact.NetworkSolution
        What says the conductance of its bonds.
    at_A : float
        Narrowest height: a periodic stack is opened half a period away from it.
    mirrored : bool
        Whether the upper half is the mirror image of the lower; the cut is that of the lower half.
    """
    span = lattice.length / (2 if mirrored else 1)
    z = lattice.z if mirrored else np.mod(lattice.z - at_A + span / 2, span)
    inside = z < span
    wide = np.ptp(lattice.xy, axis=0)
    edge = max(float(max(*wide, span)) / MOST_BLOCKS, float(lattice.steps_A[-1]))
    n_z = max(2, round(span / edge))
    layer = np.clip((z / span * n_z).astype(np.int64), 0, n_z - 1)
    key = lattice.region.astype(np.int64)
    for values in lattice.xy.T:
        place = ((values - values.min()) / edge).astype(np.int64)
        key = key * (int(place.max()) + 1) + place[lattice.column]
    _, block = np.unique(np.where(inside, key * n_z + layer, -1), return_inverse=True)
    n = int(block.max()) + 1
    bonds = _between_blocks(lattice, solution, block, z, inside, span, n)
    ends = np.zeros(n, dtype=np.int64)  # first, last layer
    ends[block] = np.where(layer == 0, 1, np.where(layer == n_z - 1, 2, 0)) * inside
    before = _before(bonds, ends)
    here, there = bonds.nonzero()
    crossing = before[here] & ~before[there]
    here, there = here[crossing], there[crossing]
    region, height = np.zeros((2, n), dtype=np.int64)
    region[block], height[block] = lattice.region, layer
    size = np.asarray(bonds[here, there]).ravel()
    part = lattice.parts[region[here], region[there]]
    of_region = np.bincount(region[here], size * part, lattice.n_region) + np.bincount(
        region[there], size * (1 - part), lattice.n_region
    )
    parts = {lattice.regions[k]: float(of_region[k] / of_region.sum()) for k in np.argsort(-of_region) if of_region[k]}
    low, high = height[here].min() / n_z * span, (height[there].max() + 1) / n_z * span
    shift = 0.0 if mirrored else at_A - span / 2
    return Cut(parts, (float(low + shift) / 10, float(high + shift) / 10), before[block] & inside)


def _between_blocks(lattice, solution, block, z, inside, span, n):
    """Conductance between blocks times the length of its bonds, csr_matrix (n, n), both ways."""
    found = coo_matrix((n, n)).tocsr()
    rows = []
    for edges in in_parts(lattice):
        source, target = edges.source, edges.target
        taken = (block[source] != block[target]) & inside[source] & inside[target]
        taken &= np.abs(z[target] - z[source]) < span / 2  # those through the ends are none
        source, target = source[taken], target[taken]
        vector = positions_of(lattice, target) - positions_of(lattice, source)
        vector += lattice.shift[edges.part][taken] @ lattice.vectors
        size = solution.bonds_of(edges)[taken] * np.abs(vector).max(axis=1)
        rows.append((size, block[source], block[target]))
        if len(rows) == 64:  # some millions of bonds
            found, rows = found + _summed(rows, n), []
    return found + _summed(rows, n) if rows else found


def _summed(rows, n):
    size, here, there = (np.concatenate(column) for column in zip(*rows, strict=True))
    return coo_matrix((size, (here, there)), shape=(n, n)).tocsr()


def _before(bonds, ends):
    """Which blocks lie before the minimum cut, bool array (n,)."""
    n = len(ends)
    through = np.asarray(bonds.sum(axis=1)).ravel()
    scale = WHOLE / max(through[ends == 1].sum(), through[ends == 2].sum(), float(bonds.data.max(initial=0.0)), 1e-300)
    matrix = bonds.tocoo()
    first, last = np.flatnonzero(ends == 1), np.flatnonzero(ends == 2)
    size = np.concatenate([np.rint(matrix.data * scale), np.full(len(first) + len(last), WHOLE)])
    here = np.concatenate([matrix.row, np.full(len(first), n), last])
    there = np.concatenate([matrix.col, first, np.full(len(last), n + 1)])
    room = coo_matrix((size.astype(np.int32), (here, there)), shape=(n + 2, n + 2)).tocsr()
    left = room - maximum_flow(room, n, n + 1).flow
    left.data[left.data < 0] = 0
    left.eliminate_zeros()
    found = np.zeros(n + 2, dtype=bool)
    found[breadth_first_order(left, n, return_predecessors=False)] = True
    return found[:n]


def views_of(lattice, solution, at_A, mirrored, cut):
    """Pictures of the current, as plain numbers, dict.

    Parameters are those of `cut_of`, and the `Cut`.

    Returns
    -------
    dict
        `pixel_nm`: edges along x, y and z of the lattice.  `across`: current along the axis through the narrowest
        layer, over the mean of the stack, list of rows along x.  `plane_nm`: place along y of the plane with the axis
        that holds the densest pixel of `across`.  `along`: current in that plane.  `before`: how much of each of its
        pixels lies before the minimum cut; None where nothing is.
    """
    size = np.array(lattice.notes["voxels"]) / [1, 1, 2 if mirrored else 1]
    grid = [int(np.ceil(each / np.ceil(each / MOST_PIXELS))) for each in size]
    edge = size * 10 * lattice.notes["voxel_nm"] / grid
    z = np.mod(lattice.z, lattice.length)
    z = np.minimum(z, lattice.length - z) if mirrored else z
    place = [
        np.floor(values / width).astype(np.int64) % n
        for values, width, n in zip((*lattice.xy.T, z), edge, grid, strict=True)
    ]
    place[:2] = (each[lattice.column] for each in place[:2])
    current = axial_currents(lattice, solution)
    index = (place[0] * grid[1] + place[1]) * grid[2] + place[2]
    counts = np.bincount(index, minlength=np.prod(grid)).reshape(grid)
    over_mean = np.bincount(index, current, np.prod(grid)).reshape(grid) * (np.prod(grid) / current.sum())
    layer = min(int(at_A / edge[2]), grid[2] - 1)
    across = over_mean[:, :, layer]
    row = int(np.unravel_index(across.argmax(), across.shape)[1])
    before = np.bincount(index, cut.before * (2 if mirrored else 1), np.prod(grid)).reshape(grid)[:, row]
    rows = lambda values: [[round(float(each), 3) for each in line] for line in values]  # noqa: E731
    there = counts[:, row] > 0
    return {
        "pixel_nm": (edge / 10).tolist(),
        "across": rows(across),
        "plane_nm": float((row + 0.5) * edge[1]) / 10,
        "along": rows(over_mean[:, row]),
        "before": [
            [round(float(b / c), 2) if t else None for b, c, t in zip(*line, strict=True)]
            for line in zip(before, counts[:, row], there, strict=True)
        ],
    }
