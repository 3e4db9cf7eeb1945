"""Cycles of a graph: potentials along a spanning forest, and the shortest cycle round which a quantity adds up.

A bond has a drop: of energy, of height.  The drop of its reverse is the negative.  Where the drops round every cycle
add up to zero there is a potential at the sites.  Cycles that close only through the periodic boundary are cycles as
any other here, since a site and its images are one site.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from coble.lattices.graph.forest import spanning_forest, summed_to_root

MOST_LOOKED_AT = 2_000_000  # edges in the search for a shortest cycle, about 2 s


@dataclass(frozen=True)
class Bonds:
    """Directed edges with drops, each with its reverse.

    Attributes
    ----------
    n_site : int
    source, target : int arrays (n_edge,)
    drop : float or int array (n_edge,)
        Potential of the source less that of the target.
    reverse : int array (n_edge,)
        Index of the reverse of every edge.
    """

    n_site: int
    source: np.ndarray
    target: np.ndarray
    drop: np.ndarray
    reverse: np.ndarray

    def rows(self):
        """Edges sorted by source: order int array (n_edge,), and where the row of each site starts, (n_site + 1,)."""
        order = np.argsort(self.source, kind="stable")
        return order, np.searchsorted(self.source[order], np.arange(self.n_site + 1))


@dataclass(frozen=True)
class Forest:
    """A spanning forest, as wide as possible.

    Attributes
    ----------
    component : int array (n_site,)
        Number of the connected component of every site.
    came : int array (n_site,)
        Edge by which the forest reaches a site; -1 at the root of a component.
    potential : array (n_site,)
        Sum of drops from a site to the root.
    mismatch : array (n_edge,)
        Drop of an edge less the difference of potentials: the sum round the cycle that the edge closes.
    """

    component: np.ndarray
    came: np.ndarray
    potential: np.ndarray
    mismatch: np.ndarray


def forest(bonds):
    """Spanning forest of a graph, breadth first from the first site of every component."""
    n = bonds.n_site
    order, start = bonds.rows()
    target = bonds.target[order].astype(np.int64)
    component, before = spanning_forest(csr_matrix((np.ones(len(order), dtype=np.int8), target, start), shape=(n, n)))
    key = bonds.source[order].astype(np.int64) * n + bonds.target[order]
    by_key = np.argsort(key, kind="stable")
    came = np.full(n, -1)
    inner = before != np.arange(n)
    came[inner] = order[by_key[np.searchsorted(key[by_key], before[inner] * n + np.flatnonzero(inner), side="left")]]
    fall = np.zeros(n, dtype=bonds.drop.dtype)
    fall[inner] = -bonds.drop[came[inner]]
    potential = summed_to_root(fall, before)
    mismatch = bonds.drop - (potential[bonds.source] - potential[bonds.target])
    mismatch[came[inner]] = mismatch[bonds.reverse[came[inner]]] = 0
    return Forest(component, came, potential, mismatch)


def closed(bonds, came, edge):
    """The cycle that an edge closes with a tree, as a list of edges; `came[site]` is the edge into a site, or -1."""
    paths = []
    for site in (bonds.source[edge], bonds.target[edge]):
        path = []
        while (last := came[site]) >= 0:
            path.append(last)
            site = bonds.source[last]
        paths.append(path[::-1])
    there, back = paths
    shared = next((k for k, (a, b) in enumerate(zip(there, back, strict=False)) if a != b), min(map(len, paths)))
    return [*there[shared:], edge, *(bonds.reverse[e] for e in reversed(back[shared:]))]


def shortest_cycle(bonds, tree, tolerance, suspects):
    """The shortest cycle found whose drops add up to more than a tolerance.

    Breadth first from the ends of suspected bonds.  Cycles with a sum that is not zero obey the rule of three paths
    (of the three cycles that three paths between two sites form, none or at least two have such a sum), so that the
    shortest one that passes a site is closed by a single edge of the tree from there (Thomassen, J. Comb. Theory B 48,
    155, 1990).  The search is bounded: after two million edges the shortest so far is taken.

    Parameters
    ----------
    bonds : Bonds
    tree : Forest
        Of these bonds; at least one mismatch exceeds the tolerance.
    tolerance : float
    suspects : iterable of int
        Edges, the most suspect first.

    Returns
    -------
    list of int
        Edges in order, such that the sum of drops is positive.
    """
    found = closed(bonds, tree.came, int(np.argmax(np.abs(tree.mismatch))))
    order, start = (array.tolist() for array in bonds.rows())
    target, drop, left, seen = bonds.target.tolist(), bonds.drop.tolist(), MOST_LOOKED_AT, set()
    for suspect in suspects:
        root = int(bonds.source[suspect])
        if root in seen:
            continue
        seen.add(root)
        came, depth, level, queue = {root: -1}, {root: 0}, {root: 0.0}, deque([root])
        while queue and left > 0:
            site = queue.popleft()
            if 2 * depth[site] + 1 >= len(found):
                break
            for edge in order[start[site] : start[site + 1]]:
                there, left = target[edge], left - 1
                if there not in depth:
                    came[there], depth[there] = edge, depth[site] + 1
                    level[there] = level[site] + drop[edge]
                    queue.append(there)
                elif abs(level[site] + drop[edge] - level[there]) > tolerance:
                    cycle = closed(bonds, came, edge)
                    found = cycle if len(cycle) < len(found) else found
        if left <= 0 or len(found) == 1:
            break
    found = [int(edge) for edge in found]
    return found if bonds.drop[found].sum() >= 0 else [int(bonds.reverse[edge]) for edge in reversed(found)]
