"""Where the wall meets the shell of a bore: the sites that overlap, and the edges that lead across.

Exchange edges join wall and shell sites up to the longer of the two nearest-neighbour distances.
"""

import numpy as np
import scipy  # its parts are imported when they are used: this one takes a tenth of a second

from coble.lattices.graph.regions import Region

OVERLAP_A = 1.5  # a wall site closer than this to a shell site would overlap it, and is dropped
TIE_A = 1e-6  # distances closer than this are equal
STRAIGHT = 3.0  # how much more than a sideways one a difference in height counts for an exchange edge


def without_overlaps(graph, period):
    """The graph less the wall sites that overlap a bore site; 0.1 to 0.4 % of a 10 nm wall."""
    shell = _shell(graph)
    wall = _near_shell(graph, period, shell, OVERLAP_A)
    tree = _tree(positions_of(graph, shell), period, graph.length)
    points = _wrapped(positions_of(graph, wall), period, graph.length)
    distance, _ = tree.query(points, distance_upper_bound=OVERLAP_A)
    keep = np.ones(graph.n_site, dtype=bool)
    keep[wall[np.isfinite(distance)]] = False
    return graph.subgraph(keep), int((~keep).sum())


def exchange_edges(graph, n_unit, reach):
    """Directed exchange edges between shell and wall: source, target, axial step in units; sorted by source.

    Atoms cross straight: every shell site is joined to the wall site that is nearest when heights count
    `STRAIGHT` times, and every wall site to such a shell site, within `reach`.  Sites equally near are all taken,
    or the graph would lose the crystal's mirror plane.  An edge that climbs would carry axial current that
    belongs to neither region: for LiC6 in the paper's tubule all pairs within reach add 1.2 % to the total,
    plainly nearest pairs 0.8 %, these 0.01 %.
    """
    period, length = graph.shape.period, graph.length
    shell = _shell(graph)
    wall = _near_shell(graph, period, shell, STRAIGHT * reach)
    heights = np.array([1.0, 1.0, STRAIGHT])
    tall = (period, length * STRAIGHT)
    pairs = []
    for here, there, order in ((shell, wall, 1), (wall, shell, -1)):
        tree = _tree(positions_of(graph, there) * heights, *tall)
        points = _wrapped(positions_of(graph, here) * heights, *tall)
        distance, nearest = tree.query(points, k=4, distance_upper_bound=STRAIGHT * reach)  # at most 4 equally near
        found, rank = np.nonzero(np.isfinite(distance) & (distance < distance[:, :1] + TIE_A))
        a, b = here[found], there[nearest[found, rank]]
        close = _apart(positions_of(graph, a), positions_of(graph, b), period, length) < reach
        pairs.append(np.column_stack([a, b])[close, ::order])
    a, b = np.unique(np.concatenate(pairs), axis=0).T
    step = graph.height[b].astype(np.int64) - graph.height[a]
    step = (step + n_unit // 2) % n_unit - n_unit // 2
    source = np.concatenate([a, b])
    order = np.argsort(source, kind="stable")
    return source[order], np.concatenate([b, a])[order], np.concatenate([step, -step])[order]


def _apart(a, b, period, length):
    """Distances between pairs of points in the periodic box [Å]."""
    box = _box(period, length)
    vectors = b - a
    vectors -= np.where(box > 0, box * np.rint(vectors / np.where(box > 0, box, 1.0)), 0.0)
    return np.linalg.norm(vectors, axis=1)


def _box(period, length):
    return np.array([period[0] or 0.0, period[1] or 0.0, length])


def _wrapped(points, period, length):
    """Points folded into the periodic box; open directions are left alone."""
    box = _box(period, length)
    folded = np.where(box > 0, points % np.where(box > 0, box, 1.0), points)
    return np.where((box > 0) & (folded >= box), 0.0, folded)


def _tree(points, period, length):
    """A k-d tree, periodic along the axis and where the shape is."""
    return scipy.spatial.cKDTree(_wrapped(points, period, length), boxsize=_box(period, length))


def positions_of(graph, sites):
    """Where some sites are [Å], float array (n, 3)."""
    return np.column_stack([graph.xy[graph.column[sites]], graph.height[sites] * graph.unit])


def _shell(graph):
    """Numbers of the sites of interface or surface."""
    return np.flatnonzero((graph.region == Region.INTERFACE) | (graph.region == Region.SURFACE))


def _near_shell(graph, period, shell, reach):
    """Sites of the wall whose columns are within `reach` [Å] of one of the shell's: few, in a thick wall."""
    wall = np.flatnonzero(graph.region == Region.WALL)
    columns = np.zeros((2, len(graph.xy)), dtype=bool)
    columns[0][graph.column[shell]] = columns[1][graph.column[wall]] = True
    of_shell, of_wall = (np.column_stack([graph.xy[which], np.zeros(np.count_nonzero(which))]) for which in columns)
    tree = _tree(of_shell, period, graph.length)
    distance, _ = tree.query(_wrapped(of_wall, period, graph.length), distance_upper_bound=reach + TIE_A)
    near = columns[1]
    near[near] = np.isfinite(distance)
    return wall[near[graph.column[wall]]]
