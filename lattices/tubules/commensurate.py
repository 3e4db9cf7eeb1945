"""Fitting the wall's Li sublattice to the metal's period, at the right density.

The wall is bcc, axis [100], with lattice constant (2/c)^(1/3).  It is strained to share the periodic box with the
metal; where a direction is free it takes up the strain of the others, so that the density stays exact.
"""

from itertools import product
from math import ceil, lcm

import numpy as np

WALL_AXIS = "100"  # shortest period along the axis, so the least strain
LARGEST_STRAIN = 0.06  # harmless: the wall's density and its conductance are both set to their own values
LARGEST_CLASS_COUNT = 31  # axial steps are packed into five bits beside the neighbour's number


def axial_fit(metal, wall, at_least, reach):
    """Whole cells of metal and wall along the axis.

    Parameters
    ----------
    metal, wall : Crystal
    at_least : float
        Shortest period wanted [Å].
    reach : float
        Longest axial step of any bond [Å].

    Returns
    -------
    n_metal, n_wall : int
        Cells along the axis: the fewest of metal that are long enough and that admit a wall strained by at most
        6 % whose planes, together with the metal's, give at most 31 different axial steps within `reach`.

    Raises
    ------
    ValueError
        When 200 cells beyond the shortest admit no fit.
    """
    shortest = max(1, ceil(at_least / metal.lengths[2] - 1e-9))
    for n_metal in range(shortest, shortest + 200):
        length = n_metal * metal.lengths[2]
        if length <= 2 * reach:  # a site must not see two images of one neighbour
            continue
        ideal = length / wall.lengths[2]
        room = 1 + ceil(LARGEST_STRAIN * ideal)
        for n_wall in sorted(range(max(1, int(ideal) - room), int(ideal) + room + 2), key=lambda n: abs(n / ideal - 1)):
            units = lcm(n_metal * metal.planes, n_wall * wall.planes)
            classes = 2 * int(reach * units / length) + 1
            if abs(ideal / n_wall - 1) <= LARGEST_STRAIN and classes <= LARGEST_CLASS_COUNT:
                return n_metal, n_wall
    raise ValueError(f"no common period of metal and wall from {at_least:g} Å up")


def fit_wall(wall, length, n_wall, period):
    """The wall crystal strained to the box, and its whole cells along each periodic direction.

    Parameters
    ----------
    wall : Crystal
    length, n_wall : float, int
        Period along the axis [Å] and cells in it.
    period : (float or None, float or None)
        Periods along x and y [Å]; None where the crystal is simply cut.

    Returns
    -------
    Crystal, (int, int)
        Cells along x and y; 0 where not periodic.
    """
    volume = float(np.prod(wall.lengths))
    z = length / n_wall
    fixed = [i for i in range(2) if period[i]]
    if not fixed:
        across = np.sqrt(volume / z)
        return wall.stretched([across, across, z]), (0, 0)
    # What the axis is strained by, the directions across share.
    across = wall.lengths[:2] * np.sqrt(volume / z / (wall.lengths[0] * wall.lengths[1]))
    best = None
    for cells in product(*[_near(period[i] / across[i]) if i in fixed else [0] for i in range(2)]):
        edges = [period[i] / cells[i] if i in fixed else None for i in range(2)]
        if len(fixed) == 1:
            free = 1 - fixed[0]
            edges[free] = volume / (z * edges[fixed[0]])
        dilation = edges[0] * edges[1] * z / volume - 1
        strain = max(abs(edges[i] / across[i] - 1) for i in range(2))
        score = abs(dilation) / 0.002 + strain / LARGEST_STRAIN  # density first, then strain
        if best is None or score < best[0]:
            best = (score, edges, cells)
    return wall.stretched([*best[1], z]), best[2]


def _near(ideal):
    low = max(1, int(ideal) - 2)
    return range(low, low + 6)
