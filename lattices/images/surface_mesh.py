"""The smooth surface between two labels of a stack of voxels, as a network of bonds that conducts as the surface does.

The faces of voxels between two labels are a staircase: its area is too large by up to a half, and its paths too long.
So its nodes, the middles and the corners of these faces, are moved onto a smooth surface: where the stack, smoothed,
is half of the one label and half of the other.  Round every voxel edge between two such faces lie two corners and two
middles, a quadrangle of the surface; cut along its better diagonal it gives two triangles.  The bonds are those of
linear finite elements on these triangles (half the cotangents of the angles that face an edge; U. Pinkall and
K. Polthier, Experimental Mathematics 2, 15, 1993): for a sheet of conductance 1 per square a bond conducts its weight.

A stack that is the same all along an axis has the lines of its cross-section, extruded.
"""

from dataclasses import dataclass

import numpy as np

SMOOTH = 1.5  # width of the smoothing [voxels]; steps of the staircase vanish, curved walls stay
ITERATIONS = 6  # of the way to the smooth surface; each is a Newton step
FARTHEST = 1.0  # that a node moves [voxels]; the surface lies within one of the staircase
NONE = 1e-9  # weights below are rounding
REACH = 6  # voxels that the smoothing sees, about


@dataclass(frozen=True)
class SurfaceMesh:
    """Nodes and bonds of a surface; lengths in voxels.

    Attributes
    ----------
    position : float array (n_node, 3)
        Voxel i reaches from i to i + 1.
    corner : int array (n_node - n_face,)
        Which corner of a voxel each of the other nodes is; the same in all surfaces of a stack.
    first, second : int array (n_face,)
        Flat indices of the voxels on both sides of the first n_face nodes, the middles of faces.
    away : float array (n_face, 2, 3)
        From the middles of these two voxels to the node.
    bonds : int array (n_bond, 2)
    vector : float array (n_bond, 3)
        From the first to the second node of a bond, through periodic sides.
    weight : float array (n_bond,)
        Conductance of a bond when that of the sheet is 1 per square.
    area : float
        Of all triangles.
    faces : int
        Area of the staircase.
    clipped : float
        Part of the weights that was negative, and was taken as none.
    """

    position: np.ndarray
    corner: np.ndarray
    first: np.ndarray
    second: np.ndarray
    away: np.ndarray
    bonds: np.ndarray
    vector: np.ndarray
    weight: np.ndarray
    area: float
    clipped: float

    @property
    def faces(self):
        return len(self.first)


def surface_mesh(one, other, periodic, smooth=SMOOTH):
    """The surface between two labels.

    Parameters
    ----------
    one, other : bool array (nx, ny, nz)
        Voxels of the two labels.
    periodic : (bool, bool, bool)
        Sides through which the stack goes on; along these it has at least three voxels.
    smooth : float
        Width of the smoothing [voxels].

    Returns
    -------
    SurfaceMesh
        Without nodes where the labels do not touch.
    """
    shape = one.shape
    # voxels of neither label close the sides that are open: whatever then crosses a side is none
    pad = [(0, 0 if around else 2 * REACH) for around in periodic]
    one, other = np.pad(one, pad), np.pad(other, pad)
    face = _faces(one, other)
    numbers = [np.where(here, 0, -1) for here in face]
    start = 0
    for number, here in zip(numbers, face, strict=True):
        count = int(here.sum())
        number[here] = np.arange(start, start + count)
        start += count
    place = np.concatenate([2 * np.argwhere(here) + 1 + np.eye(3, dtype=int)[d] for d, here in enumerate(face)])
    quads = _quads(one, other, numbers, smooth) if start else np.zeros((0, 7), dtype=np.int64)
    corner, ends = _corners(quads, one.shape)
    if len(corner):
        place = np.concatenate([place, 2 * np.array(np.unravel_index(corner, one.shape)).T])
    moved = _moved(place / 2.0, one, other, smooth) - place / 2.0 if start else np.zeros((0, 3))
    bonds, vector, weight, area = _elements(quads, ends + start, moved, start + len(corner))
    negative = float(-weight[weight < 0].sum() / max(weight[weight > 0].sum(), 1e-300))
    keep = weight > NONE
    here = np.concatenate([np.argwhere(each) for each in face])
    along = np.repeat(np.arange(3), [int(each.sum()) for each in face])
    step = np.eye(3, dtype=int)[along]
    there = (here + step) % one.shape
    first = one[tuple(here.T)]  # whether the voxel below the face has the first label
    flat = [np.ravel_multi_index(tuple(each.T), shape) if len(each) else np.zeros(0, int) for each in (here, there)]
    to_face = moved[:start, None, :] + 0.5 * step[:, None, :] * np.where(first[:, None], [1, -1], [-1, 1])[:, :, None]
    return SurfaceMesh(
        place / 2.0 + moved,
        corner,
        np.where(first, flat[0], flat[1]),
        np.where(first, flat[1], flat[0]),
        to_face,
        bonds[keep],
        vector[keep],
        weight[keep],
        area,
        negative,
    )


def _faces(one, other):
    """Whether a face between the labels bounds each voxel from above, along each axis: three bool arrays."""
    found = []
    for d in range(3):
        up = (np.roll(one, -1, d), np.roll(other, -1, d))
        found.append((one & up[1]) | (other & up[0]))
    return found


def _quads(one, other, numbers, smooth):
    """Voxel edges with faces: index of the edge, its direction, the two faces and where they lie seen from it.

    Returns
    -------
    int array (n, 7)
        Flat index of the voxel whose lowest corner the edge starts from, direction of the edge; for each of two faces
        its number (-1 where there is one alone), and its offset as ± (1 + axis) in half voxels; padded to 7 columns.
    """
    rows = []
    level = None
    for k in range(3):
        d, e = (axis for axis in range(3) if axis != k)
        # faces round the edge: normal to d above and below it (seen along e), normal to e likewise along d
        round_it = np.stack(
            [
                np.roll(numbers[d], 1, d),
                np.roll(numbers[e], 1, e),
                np.roll(numbers[d], (1, 1), (d, e)),
                np.roll(numbers[e], (1, 1), (d, e)),
            ]
        ).reshape(4, -1)
        offset = np.array([1 + e, 1 + d, -(1 + e), -(1 + d)])  # the way to the middle of each, in order round the edge
        count = (round_it >= 0).sum(axis=0)
        for some in (1, 2):
            edge = np.flatnonzero(count == some)
            there = round_it[:, edge] >= 0
            a = there.argmax(axis=0)
            b = 3 - there[::-1].argmax(axis=0)
            pick = np.arange(len(edge))
            f1, f2 = round_it[a, edge], np.where(b == a, -1, round_it[b, edge])
            rows.append(np.column_stack([edge, np.full(len(edge), k), f1, offset[a], f2, offset[b], pick * 0]))
        edge = np.flatnonzero(count == 4)
        if len(edge):  # two sheets meet in an edge: the label that is the more there goes through between them
            level = half(one, other, smooth) if level is None else level
            at = np.array(np.unravel_index(edge, one.shape)).T.astype(float)
            at[:, k] += 0.5
            more = _at(level, at) > 0.5
            # the quadrant above both faces 0 and 1 is the voxel itself
            own = one.ravel()[edge]
            split = more != own  # the voxel's label is cut in two: faces 0 and 1 round it belong together
            for way in (True, False):
                here = edge[split == way]
                pairs = ((0, 1), (2, 3)) if way else ((1, 2), (3, 0))
                for a, b in pairs:
                    rows.append(
                        np.column_stack(
                            [here, np.full(len(here), k), round_it[a, here], np.full(len(here), offset[a])]
                            + [round_it[b, here], np.full(len(here), offset[b]), here * 0]
                        )
                    )
    return np.concatenate(rows).astype(np.int64)


def _corners(quads, shape):
    """Corners of all faces as flat indices, and the numbers of both ends of every edge, int array (n_quad, 2)."""
    start = np.array(np.unravel_index(quads[:, 0], shape)).T
    end = (start + np.eye(3, dtype=int)[quads[:, 1]]) % shape
    flat = np.concatenate([np.ravel_multi_index(tuple(each.T), shape) for each in (start, end)])
    found, number = np.unique(flat, return_inverse=True)
    return found, number.reshape(2, -1).T


def half(one, other, smooth):
    """Part of the first label among the two, smoothed; ½ is the surface between them, float32 array (nx, ny, nz).

    What has neither label counts with the nearer of the two: a layer may be thinner than the smoothing.  The kernel,
    twice a Gaussian less one of twice its variance, moves no curved surface to first order.
    """
    from scipy.ndimage import gaussian_filter  # a tenth of a second, and tubules have no use for it

    side = (one if (one | other).all() else _nearer(one, other)).astype(np.float32)
    narrow = gaussian_filter(side, smooth, mode="wrap", truncate=3.0)
    return 2 * narrow - gaussian_filter(side, np.sqrt(2) * smooth, mode="wrap", truncate=3.0)


def _nearer(one, other):
    """Whether each voxel is nearer to the first label than to the other, in a stack that is periodic."""
    from scipy.ndimage import distance_transform_edt

    inside = tuple(slice(REACH, REACH + n) for n in one.shape)
    far = [distance_transform_edt(~np.pad(each, REACH, mode="wrap"))[inside] for each in (one, other)]
    return far[0] < far[1]


def _at(field, point):
    """A field of voxels at points [voxels], periodic; linear between the middles of voxels."""
    from scipy.ndimage import map_coordinates

    return map_coordinates(field, point.T - 0.5, order=1, mode="grid-wrap")


def _moved(start, one, other, smooth):
    """Points of the staircase moved onto the smooth surface, along its normal."""
    level = half(one, other, smooth)
    slopes = [(np.roll(level, -1, d) - np.roll(level, 1, d)) / 2 for d in range(3)]
    point = start.copy()
    for _ in range(ITERATIONS):
        slope = np.column_stack([_at(each, point) for each in slopes])
        steep = (slope**2).sum(axis=1)
        off = np.where(steep > 1e-4, (0.5 - _at(level, point)) / np.maximum(steep, 1e-4), 0.0)
        move = point + off[:, None] * slope - start
        far = np.linalg.norm(move, axis=1)
        point = start + move * np.minimum(1.0, FARTHEST / np.maximum(far, 1e-12))[:, None]
    return point


def _elements(quads, ends, moved, n_node):
    """Bonds, their vectors and weights, and the area of all triangles."""
    axis, sign = np.abs(quads[:, [3, 5]]) - 1, np.sign(quads[:, [3, 5]])
    unit, k = np.eye(3) / 2, quads[:, 1]
    single = quads[:, 4] < 0
    # corners of the quadrangle seen from the middle of its edge: end, face, end, face
    node = np.stack([ends[:, 0], quads[:, 2], ends[:, 1], np.where(single, quads[:, 2], quads[:, 4])], axis=1)
    at = np.stack([-unit[k], sign[:, :1] * unit[axis[:, 0]], unit[k], sign[:, 1:] * unit[axis[:, 1]]], axis=1)
    at = at + moved[node]
    # cut where the two angles that face the cut are the larger: Delaunay's rule
    facing_ends = _angle(at, 0) + _angle(at, 2)
    between_faces = (facing_ends <= np.pi) & ~single
    triangles = []
    for rows, corners in (
        (between_faces, (0, 1, 3)),
        (between_faces, (2, 1, 3)),
        (~between_faces, (1, 0, 2)),
        (~between_faces & ~single, (3, 0, 2)),
    ):
        triangles.append((node[rows][:, corners], at[rows][:, corners]))
    node = np.concatenate([each for each, _ in triangles])
    at = np.concatenate([each for _, each in triangles])
    double = np.linalg.norm(np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0]), axis=1)
    pairs, vectors, weights = [], [], []
    for i in range(3):
        j, m = (i + 1) % 3, (i + 2) % 3
        dot = ((at[:, j] - at[:, i]) * (at[:, m] - at[:, i])).sum(axis=1)
        pairs.append(node[:, [j, m]])
        vectors.append(at[:, m] - at[:, j])
        weights.append(np.where(double > 1e-12, dot / np.maximum(double, 1e-12), 0.0) / 2)
    pair, vector, weight = map(np.concatenate, (pairs, vectors, weights))
    back = pair[:, 0] > pair[:, 1]
    pair[back], vector[back] = pair[back][:, ::-1], -vector[back]
    key, first, number = np.unique(pair[:, 0] * np.int64(n_node) + pair[:, 1], return_index=True, return_inverse=True)
    return pair[first], vector[first], np.bincount(number, weight, len(key)), float(double.sum() / 2)


def _angle(at, i):
    """Angle of a quadrangle at its corner i, between the two beside it."""
    a, b = at[:, (i + 1) % 4] - at[:, i], at[:, (i - 1) % 4] - at[:, i]
    size = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.arccos(np.clip((a * b).sum(axis=1) / np.maximum(size, 1e-12), -1, 1))
