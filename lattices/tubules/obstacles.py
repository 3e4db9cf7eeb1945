"""Solid particles inside the bore: spheres at random places, which may overlap."""

import numpy as np


def outside_particles(graph, fraction, radius, rng, *, above=0.0):
    """Sites that no particle covers.

    Parameters
    ----------
    graph : Lattice
        Where it is periodic along the axis, so are the particles.
    fraction : float
        Of the bore's sites that the particles take up.
    radius : float
        Of every particle [Å].
    rng : numpy.random.Generator
    above : float
        Centres lie at least so far from the start of the axis [Å].

    Returns
    -------
    bool array (n_site,)
        Sites that are in no bore are all outside.
    """
    bore = graph.bore >= 0
    free = np.ones(graph.n_site, dtype=bool)
    positions = graph.positions
    low, high = positions[bore].min(axis=0), positions[bore].max(axis=0)
    low[2] = max(low[2], above)
    while np.count_nonzero(~free) < fraction * np.count_nonzero(bore):
        away = positions - rng.uniform(low, high)
        if graph.length:
            away[:, 2] -= graph.length * np.rint(away[:, 2] / graph.length)
        free &= ~(bore & ((away**2).sum(axis=1) < radius**2))
    return free
