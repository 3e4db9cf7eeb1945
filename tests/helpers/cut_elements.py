"""Two phases with a sheet between them by linear finite elements that follow the sheet: nothing of voxels is in it.

A cube of n nodes a side is cut into tetrahedra, and these where a level function, linear along their edges, is 0.
"""

import numpy as np
from scipy.sparse import coo_matrix, diags
from scipy.sparse.linalg import cg

NAMES = ("inner", "outer", "sheet")
PATHS = np.array([[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])  # ways along the edges of a cube
NEAREST = 0.02  # part of an edge that a cut keeps from its ends: thinner elements are ill-conditioned


def cut_elements(level, n, size, inner, outer, sheet):
    """Conductance c D A along z of a periodic cube, and shares by name.

    Parameters
    ----------
    level : callable (x, y, z in periods) → float array
        Positive inside.
    n : int
        Nodes a side.
    size : float
        Edge of the cube.
    inner, outer, sheet : float
        Conductivities, and conductance of the sheet per square.
    """
    tets, at, values = _tetrahedra(level, n)
    plus, minus, triangles = _cut(tets, at, values, n**3)
    rows = [_volume(*plus, inner * size, 0), _volume(*minus, outer * size, 1), _sheet(*triangles, sheet, 2)]
    i, j, weight, rise, region = np.concatenate(rows).T
    i, j, region = i.astype(int), j.astype(int), region.astype(int)
    _, number = np.unique(np.concatenate([i, j]), return_inverse=True)
    i, j = number.reshape(2, -1)
    m = int(number.max()) + 1
    matrix = coo_matrix(
        (np.r_[weight, weight, -weight, -weight], (np.r_[i, j, i, j], np.r_[i, j, j, i])), (m, m)
    ).tocsr()
    drive = np.bincount(i, weight * rise, m) - np.bincount(j, weight * rise, m)
    potential, left = cg(matrix, drive, rtol=1e-7, maxiter=20_000, M=diags(1 / matrix.diagonal()))
    assert not left
    carried = np.bincount(region, weight * rise * (rise + potential[j] - potential[i]), 3) * size
    return carried.sum(), dict(zip(NAMES, carried / carried.sum(), strict=True))


def _tetrahedra(level, n):
    """Nodes, places [periods] and levels of six tetrahedra in each cell: (n_tet, 4), (n_tet, 4, 3), (n_tet, 4)."""
    cell = np.stack(np.meshgrid(*[np.arange(n)] * 3, indexing="ij"), -1).reshape(-1, 3)
    corners = []
    for path in PATHS:
        steps = np.zeros((4, 3), dtype=int)
        for k, d in enumerate(path):
            steps[k + 1 :, d] += 1
        corners.append(cell[:, None, :] + steps)
    corners = np.concatenate(corners)
    node = np.ravel_multi_index(tuple(np.moveaxis(corners % n, -1, 0)), (n, n, n))
    at = corners / n
    return node, at, level(*np.moveaxis(at, -1, 0))


def _cut(node, at, value, n_node):
    """Tetrahedra of both sides as (nodes, places), names of cut edges, and the triangles between."""
    inside = value > 0
    order = np.argsort(np.where(inside, 0, n_node) + node, axis=1)  # inside first, then by number: faces agree
    node, at, value = (
        np.take_along_axis(each, order if each.ndim == 2 else order[..., None], 1) for each in (node, at, value)
    )
    count = inside.sum(axis=1)
    plus, minus, triangles = [(node[count == 4], at[count == 4])], [(node[count == 0], at[count == 0])], []

    def point(rows, a, b):
        part = np.clip(value[rows, a] / (value[rows, a] - value[rows, b]), NEAREST, 1 - NEAREST)
        name = n_node + np.minimum(node[rows, a], node[rows, b]) * n_node + np.maximum(node[rows, a], node[rows, b])
        return name, at[rows, a] + part[:, None] * (at[rows, b] - at[rows, a])

    def prism(low, high, side):
        for k in range(3):  # diagonals from the earlier of the lower corners to the later of the upper ones
            side.append(_joined([*low[: k + 1], *high[k:]]))

    for lone, others, own, other in ((0, (1, 2, 3), plus, minus), (3, (0, 1, 2), minus, plus)):
        rows = np.flatnonzero(count == (1 if lone == 0 else 3))
        whole = lambda k: (node[rows, k], at[rows, k])  # noqa: B023, E731
        cuts = [point(rows, lone, k) for k in others]
        own.append(_joined([whole(lone), *cuts]))
        prism([whole(k) for k in others], cuts, other)
        triangles.append(_joined(cuts))
    rows = np.flatnonzero(count == 2)
    a, b, c, d = ((node[rows, k], at[rows, k]) for k in range(4))
    ac, ad, bc, bd = (point(rows, i, j) for i in (0, 1) for j in (2, 3))
    prism([a, ac, ad], [b, bc, bd], plus)
    prism([c, ac, bc], [d, ad, bd], minus)
    triangles += [_joined([ac, bc, bd]), _joined([ac, ad, bd])]
    together = lambda parts: tuple(np.concatenate(column) for column in zip(*parts, strict=True))  # noqa: E731
    return together(plus), together(minus), together(triangles)


def _joined(points):
    return np.stack([name for name, _ in points], 1), np.stack([place for _, place in points], 1)


def _volume(node, at, conductivity, region):
    """Bonds (node, node, weight, rise, region) of tetrahedra."""
    edges = at[:, 1:] - at[:, :1]
    slopes = np.moveaxis(np.linalg.inv(edges), 1, 2)
    slopes = np.concatenate([-slopes.sum(axis=1, keepdims=True), slopes], axis=1)
    volume = np.abs(np.linalg.det(edges)) / 6 * conductivity
    pairs = [(i, j, -volume * (slopes[:, i] * slopes[:, j]).sum(axis=1)) for i in range(4) for j in range(i)]
    return _bonds(node, at, pairs, region)


def _sheet(node, at, conductance, region):
    """The same of triangles."""
    double = np.linalg.norm(np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0]), axis=1)
    pairs = []
    for k in range(3):
        i, j = (k + 1) % 3, (k + 2) % 3
        pairs.append((i, j, conductance * ((at[:, i] - at[:, k]) * (at[:, j] - at[:, k])).sum(axis=1) / double / 2))
    return _bonds(node, at, pairs, region)


def _bonds(node, at, pairs, region):
    return np.concatenate(
        [
            np.stack([node[:, i], node[:, j], weight, at[:, j, 2] - at[:, i, 2], np.full(len(node), region)], 1)
            for i, j, weight in pairs
        ]
    )
