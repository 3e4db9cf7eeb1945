"""Numbers of sites: neighbours in space are near in memory when sites are numbered brick by brick.

The sites of a tubule are numbered column by column, so that the neighbours of one lie in seven places, and those of a
face across the tubule are all far from each other.  An event loop whose hops change two shells of neighbours waits for
memory then: in a tubule of 10 nm metal grows 1.3 times as fast with sites in bricks.
"""

from dataclasses import replace

import numpy as np

from coble.lattices.graph.edges import of_sites
from coble.lattices.graph.packing import SITE_MASK, starts


def in_bricks(lattice, edge_A):
    """The same lattice with its sites numbered brick by brick, planes of bricks along the axis one after the other.

    Parameters
    ----------
    lattice : Lattice
    edge_A : float
        Edge of a brick [Å].  Two lattice constants of bcc hold 16 sites: four bytes each fill a line of the cache.

    Returns
    -------
    Lattice
        Rows keep the order of their edges.
    """
    x, y, z = lattice.positions.T
    bricks = np.floor(lattice.positions / edge_A).T
    return _numbered(lattice, np.lexsort((x, y, z, *bricks)))


def _numbered(lattice, order):
    """The lattice whose site number k is that with the number order[k], int array (n_site,)."""
    number = np.empty(lattice.n_site, dtype=np.uint32)
    number[order] = np.arange(lattice.n_site, dtype=np.uint32)
    degree = np.diff(lattice.indptr)[order]
    indptr = starts(degree)
    edges = np.repeat(lattice.indptr[order] - indptr[:-1], degree) + np.arange(lattice.n_edge, dtype=np.uint32)
    edge = lattice.edge[edges]
    of_edges = {
        name: values[edges] for name in ("bond_class", "shift") if (values := getattr(lattice, name)) is not None
    }
    edge = edge & ~np.uint32(SITE_MASK) | number[edge & np.uint32(SITE_MASK)]
    return replace(lattice, **of_sites(lattice, order), indptr=indptr, edge=edge, **of_edges)
