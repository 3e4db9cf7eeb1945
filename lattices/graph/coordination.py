"""Distances between sites: coordination shells found from positions, for sites of unstrained metal."""

import numpy as np
import scipy  # its parts are imported when they are used: this one takes a tenth of a second

from coble.lattices.graph.packing import starts

TOLERANCE_A = 1e-3


def shell(graph, distance_A, among):
    """Pairs of sites a given distance apart.

    Parameters
    ----------
    graph : Lattice
    distance_A : float
        [Å]; the second neighbours of bcc are one lattice constant apart.
    among : bool array (n_site,)
        Sites to look at.

    Returns
    -------
    indptr, target : uint32 arrays (n_site + 1,), (n_pair,)
        Row i holds the sites at that distance from site i, ascending.
    """
    sites = np.flatnonzero(among)
    box = np.where(graph.cell > 0, graph.cell, 0.0)
    points = graph.positions[sites]
    points = np.where(box > 0, points % np.where(box > 0, box, 1.0), points)
    pairs = scipy.spatial.cKDTree(points, boxsize=box).query_pairs(distance_A + TOLERANCE_A, output_type="ndarray")
    apart = points[pairs[:, 0]] - points[pairs[:, 1]]
    apart -= box * np.rint(apart / np.where(box > 0, box, 1.0))
    pairs = sites[pairs[np.abs(np.linalg.norm(apart, axis=1) - distance_A) < TOLERANCE_A]]
    source, target = np.concatenate([pairs, pairs[:, ::-1]]).T
    order = np.lexsort((target, source))
    return starts(np.bincount(source, minlength=graph.n_site)), target[order].astype(np.uint32)


def touching(graph, lattice_constant_A):
    """Every pair of first or second neighbours, both ways: bonds of the graph, and sites one lattice constant apart.

    Returns
    -------
    source, target : int arrays (n_pair,)
    """
    indptr, second = shell(graph, lattice_constant_A, np.ones(graph.n_site, dtype=bool))
    source = np.repeat(np.arange(graph.n_site), np.diff(indptr))
    return np.concatenate([graph.sources(), source]), np.concatenate([graph.target, second])
