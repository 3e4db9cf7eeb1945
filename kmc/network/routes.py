"""Routes: the exact currents summed over regions × axial slabs, as a small directed network.

One period of the segment is unrolled from its root (slab 0) to its tip (the image of slab 0, one period on).
"""

from dataclasses import dataclass

import networkx as nx
import numpy as np

SLAB_A = 5.0  # at least: longer than any hop, so that a bond joins a slab with itself or its neighbours
NEGLIGIBLE = 1e-3  # of the total current: narrower streams are left out
DIGITS = 9  # of shares: streams that are alike by symmetry are so, and are taken in one order everywhere


@dataclass(frozen=True)
class Route:
    """A way through the period: the regions it visits in order, and the share of the current that takes it."""

    regions: tuple
    share: float

    def __str__(self):
        return f"{' → '.join(self.regions)}: {100 * self.share:.1f} %"


def coarse_network(graph, solution):
    """Currents between regions and slabs.

    Parameters
    ----------
    graph : Lattice
    solution : NetworkSolution

    Returns
    -------
    networkx.DiGraph
        Nodes (region name, slab), slab 0 ... n; edges with `current` (share of the total) and `capacity`
        (conductance over the height of a slab, same unit), both pointing the way the current flows.
    """
    n_slab = max(1, int(graph.length / SLAB_A))
    height = graph.length / n_slab
    z = np.mod(graph.z, graph.length)
    slab = np.minimum((z / height).astype(np.int32), n_slab - 1)
    kinds = graph.n_region
    current, capacity = (sums.ravel() for sums in solution.bonds.by_slabs(solution.potential, z, slab, n_slab, height))
    total = current.reshape(n_slab, 2, -1)[:, 1].sum(axis=1).mean()

    network = nx.DiGraph()
    for index in np.flatnonzero(capacity > 0):
        (s, up), a, b = divmod(index // kinds**2, 2), index // kinds % kinds, index % kinds
        start, end = (graph.regions[a], int(s)), (graph.regions[b], int(s + up))
        share = round(float(current[index] / total), DIGITS)
        if share < 0:
            start, end, share = end, start, -share
        if share > NEGLIGIBLE:
            network.add_edge(start, end, current=share, capacity=float(capacity[index] / total))
    network.graph["slabs"] = n_slab
    return network


def routes(network):
    """Split the current into routes from root to tip, the widest first.

    Returns
    -------
    list of Route
        Shares add up to one, but for negligible remainders.
    """
    left = nx.DiGraph()
    for a, b, data in network.edges(data=True):
        left.add_edge(a, b, current=data["current"])
    ends = _join_ends(left, network.graph["slabs"], "current")
    found = {}
    while True:
        path = _widest(left, *ends)
        if path is None:
            break
        width = min(left.edges[edge]["current"] for edge in zip(path[:-1], path[1:], strict=True))
        for edge in zip(path[:-1], path[1:], strict=True):
            left.edges[edge]["current"] -= width
            if left.edges[edge]["current"] <= NEGLIGIBLE:
                left.remove_edge(*edge)
        visited = [node[0] for node in path[1:-1]]
        regions = tuple(r for i, r in enumerate(visited) if i == 0 or r != visited[i - 1])
        found[regions] = found.get(regions, 0.0) + width
    return [Route(regions, share) for regions, share in sorted(found.items(), key=lambda item: -item[1])]


def limiting_cut(network):
    """The weakest cross-section: share of each region in the conductance of the minimum cut, dict of name → float.

    Of several cuts that conduct as little, the one next to the tip.
    """
    wires = nx.DiGraph()  # in whole numbers, as last bits would choose one of those cuts
    for a, b, data in network.edges(data=True):
        wires.add_edge(a, b, capacity=round(data["capacity"] * 10**DIGITS))
    ends = _join_ends(wires, network.graph["slabs"], None)
    value, (near, _) = nx.minimum_cut(wires, *ends)
    cut = {}
    for a, b, data in wires.edges(data=True):
        if a in near and b not in near:
            cut[a[0]] = cut.get(a[0], 0.0) + data["capacity"] / value
    return dict(sorted(cut.items(), key=lambda item: -item[1]))


def _join_ends(network, n_slab, attribute):
    """Add a root before slab 0 and a tip after slab n, wide enough to limit nothing; return both."""
    root, tip = ("root", -1), ("tip", n_slab + 1)
    for node in list(network.nodes):
        wide = {attribute: 2.0} if attribute else {}  # no capacity attribute: infinite
        if node[1] == 0:
            network.add_edge(root, node, **wide)
        elif node[1] == n_slab:
            network.add_edge(node, tip, **wide)
    return root, tip


def _widest(network, root, tip):
    """The path whose narrowest edge is widest, or None."""
    if root not in network or tip not in network:
        return None
    best, before, open_nodes = {root: np.inf}, {}, {root: None}  # in the order in which they were reached
    done = set()
    while open_nodes:
        node = max(open_nodes, key=lambda n: best[n])
        del open_nodes[node]
        done.add(node)
        if node == tip:
            break
        for _, other, data in network.out_edges(node, data=True):
            width = min(best[node], data["current"])
            if other not in done and width > best.get(other, NEGLIGIBLE):
                best[other], before[other] = width, node
                open_nodes[other] = None
    if tip not in before:
        return None
    path = [tip]
    while path[-1] != root:
        path.append(before[path[-1]])
    return path[::-1]
