"""Lanes: parts of a wall that run along the axis, side by side round it."""

import numpy as np

DIGITS = 9  # of angles and positions [Å]: columns at one angle are so on every machine, whatever the last bits


def lanes(lattice, sites, counts):
    """Deal sites to lanes, so many to each, in the order of their angle round the middle of them all.

    Where two lanes meet, a column of sites may change from one to the next on its way along the axis.

    Parameters
    ----------
    lattice : Lattice
    sites : int array (n,)
    counts : int array (n_lane,)
        Sites of each lane; their sum is n.

    Returns
    -------
    int array (n,)
        Number of each site's lane.
    """
    x, y = np.round(lattice.xy - lattice.xy[lattice.column[sites]].mean(axis=0), DIGITS).T + 0.0  # no -0
    angle = np.round(np.arctan2(y, x), DIGITS)[lattice.column[sites]]
    found = np.empty(len(sites), dtype=np.int64)
    found[np.lexsort((lattice.height[sites], lattice.column[sites], angle))] = np.repeat(np.arange(len(counts)), counts)
    return found
