"""Labelled images with known answers, and their exact networks."""

from math import pi

import numpy as np

from coble.kmc.network.exact import solve_bonds
from coble.lattices.images.image import Sheet, image_lattice

EMPTY, INNER, OUTER = 0, 1, 2
REGIONS = ("inner", "outer", "sheet")


def solved(labels, inner, outer, sheet, voxel=1.0, periodic=(False, False, True), **options):
    """The lattice of a stack of INNER and OUTER, and its exact currents; conductivities, and the sheet's per square."""
    sheets = [Sheet(2, INNER, OUTER)] if sheet else []
    made = image_lattice(labels, {INNER: 0, OUTER: 1}, REGIONS, sheets, voxel, periodic, **options)
    a, b = inner * voxel, outer * voxel
    series = 2 * a * b / (a + b) if a + b else 0.0
    table = np.array([[a, series, a], [series, b, b], [a, b, sheet]])
    return made, solve_bonds(
        made.lattice, (made.weight * table[tuple(made.lattice.class_regions.T)])[made.lattice.classes]
    )


def gyroid_level(x, y, z):
    """Positive on one side of a gyroid, at places in periods; its level surface is minimal within 0.1 %."""
    x, y, z = 2 * pi * x, 2 * pi * y, 2 * pi * z
    return np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x)


def gyroid(n):
    """A gyroid on n voxels a side, both halves labelled."""
    return np.where(sampled(gyroid_level, n) > 0, INNER, OUTER)


def waves(seed=5):
    """A level function of smoothed noise: 40 waves of random phase, half of it above 0."""
    rng = np.random.default_rng(seed)
    parts = [(*rng.integers(-1, 2, 3), rng.uniform(0, 2 * pi)) for _ in range(40)]

    def level(x, y, z):
        found = [
            np.cos(2 * pi * (i * x + j * y + k * z) + turn) * np.exp(-(i * i + j * j + k * k) / 4)
            for i, j, k, turn in parts
        ]
        return sum(found)

    middle = np.median(sampled(level, 32))
    return lambda x, y, z: level(x, y, z) - middle


def noise(n, seed=5):
    """Two phases of smoothed noise, the same at any number n of voxels a side."""
    return np.where(sampled(waves(seed), n) > 0, INNER, OUTER)


def sampled(level, n):
    """A level function in the middles of n voxels a side, float array (n, n, n)."""
    x = (np.arange(n) + 0.5) / n
    return level(*np.meshgrid(x, x, x, indexing="ij"))


def necked(z, length, wide, narrow):
    """Radius of a tube with a neck, and its slope, at heights z."""
    mean, half, turn = (wide + narrow) / 2, (wide - narrow) / 2, 2 * pi * z / length
    return mean + half * np.cos(turn), -half * 2 * pi / length * np.sin(turn)


def necked_tube(radius, outer, length, neck):
    """A stack with a tube that narrows from `radius` to `neck` and widens again, in a round wall [voxels]."""
    n = int(np.ceil(2 * outer)) + 4
    x = np.arange(n) + 0.5 - n / 2
    far = np.hypot(x[:, None, None] - 0.2, x[None, :, None] + 0.1)
    here = necked(np.arange(length) + 0.5, length, radius, neck)[0]
    return np.where(far < here, INNER, np.where(far < outer, OUTER, EMPTY))


def necked_exact(radius, outer, length, neck, inner, wall, sheet, n_r=24, n_z=96):
    """The same tube by finite elements in r and z that follow the interface: conductance c D A and shares, by name."""
    z = np.linspace(0, length, n_z + 1)
    middle = necked(z, length, radius, neck)[0]
    r = np.concatenate(
        [np.linspace(0, 1, n_r + 1)[:, None] * middle]
        + [middle + np.linspace(0, 1, n_r + 1)[1:, None] * (outer - middle)]
    )
    node = np.arange((2 * n_r + 1) * n_z).reshape(2 * n_r + 1, n_z)
    node = np.concatenate([node, node[:, :1]], axis=1)
    stiff = np.zeros((0, 5))  # node, node, weight, rise, region
    for i in range(2 * n_r):
        for corners in (((i, 0), (i + 1, 0), (i + 1, 1)), ((i, 0), (i + 1, 1), (i, 1))):
            at = np.stack([np.stack([r[j, k : n_z + k], z[k : n_z + k]], 1) for j, k in corners])
            name = np.stack([node[j, k : n_z + k] for j, k in corners])
            weight = 2 * pi * at[:, :, 0].mean(axis=0) * (inner if i < n_r else wall)
            for a in range(3):
                b, c = (a + 1) % 3, (a + 2) % 3
                u, v = at[b] - at[a], at[c] - at[a]
                part = weight * (u * v).sum(axis=1) / np.abs(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]) / 2
                rows = [name[b], name[c], part, at[c][:, 1] - at[b][:, 1], np.full(n_z, 0 if i < n_r else 1)]
                stiff = np.concatenate([stiff, np.stack(rows, 1)])
    rise = np.diff(z)
    along = np.hypot(np.diff(middle), rise)
    round_it = 2 * pi * (middle[1:] + middle[:-1]) / 2 * sheet / along
    stiff = np.concatenate([stiff, np.stack([node[n_r, :-1], node[n_r, 1:], round_it, rise, np.full(n_z, 2)], 1)])
    return network(stiff, length)


def network(rows, length):
    """Conductance and shares of bonds (node, node, weight, rise, region), by least dissipation."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.linalg import spsolve

    i, j, region = rows[:, 0].astype(int), rows[:, 1].astype(int), rows[:, 4].astype(int)
    weight, rise, n = rows[:, 2], rows[:, 3], int(rows[:, :2].max()) + 1
    matrix = coo_matrix(
        (np.concatenate([weight, weight, -weight, -weight]), (np.r_[i, j, i, j], np.r_[i, j, j, i])), (n, n)
    ).tocsr()
    drive = np.bincount(i, weight * rise, n) - np.bincount(j, weight * rise, n)
    level = np.zeros(n)
    level[1:] = spsolve(matrix[1:, 1:].tocsc(), drive[1:])
    carried = np.bincount(region, weight * rise * (rise + level[j] - level[i]), 3) / length
    return carried.sum(), dict(zip(REGIONS, carried / carried.sum(), strict=True))


def finite_volumes(conductivity):
    """Conductance of a periodic stack of conductivities along z, by finite volumes [voxels]."""
    n, rows = conductivity.size, []
    number = np.arange(n).reshape(conductivity.shape)
    for d in range(3):
        a, b = conductivity.ravel(), np.roll(conductivity, -1, d).ravel()
        through = np.divide(2 * a * b, a + b, out=np.zeros(n), where=a + b > 0)
        rows.append(
            np.stack([number.ravel(), np.roll(number, -1, d).ravel(), through, np.full(n, d == 2), np.zeros(n)], 1)
        )
    return network(np.concatenate(rows).astype(float), conductivity.shape[2])[0]
