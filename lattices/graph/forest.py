"""Spanning forests of a graph, and sums along them: how heights or energies follow from the steps of bonds."""

import numpy as np
import scipy  # its parts are imported when they are used: those of graphs take longer than to read a case


def spanning_forest(graph: "scipy.sparse.csr_matrix") -> tuple[np.ndarray, np.ndarray]:
    """A forest that is as wide as possible: breadth first from the first site of every component.

    Parameters
    ----------
    graph : csr_matrix (n_site, n_site)
        Every bond stands in it both ways.

    Returns
    -------
    component : int array (n_site,)
        Connected component of every site.
    parent : int64 array (n_site,)
        Next site on the way to the root; of a root, itself.
    """
    n = graph.shape[0]
    _, component = scipy.sparse.csgraph.connected_components(graph, directed=False)
    _, root = np.unique(component, return_index=True)
    # One more site, joined to all roots, makes one tree of the forest.
    indices, indptr = np.append(graph.indices, root), np.append(graph.indptr, len(graph.indices) + len(root))
    rooted = scipy.sparse.csr_matrix((np.ones(len(indices), dtype=np.int8), indices, indptr), shape=(n + 1, n + 1))
    parent = scipy.sparse.csgraph.breadth_first_order(rooted, n)[1][:n].astype(np.int64)
    parent[root] = root
    return component, parent


def summed_to_root(own: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """Sum of `own` over a site and all on its way to the root, array (n_site,); that of a root has to be 0."""
    total = own.copy()
    while (parent[parent] != parent).any():  # every site looks twice as far up its tree each time
        total += total[parent]
        parent = parent[parent]
    return total
