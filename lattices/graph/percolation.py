"""What can carry a current along the axis: clusters of bonds that wind round the period, and where others end.

Heights are laid out along a tree of bonds.  Where a bond that is not in the tree does not fit the heights of its ends,
it closes a loop round the period, and its cluster percolates.
"""

from dataclasses import dataclass

import numpy as np
import scipy  # its parts are imported when they are used: those of graphs take longer than to read a case

from coble.lattices.graph.forest import spanning_forest, summed_to_root

NAMED = 5  # sites that a sentence names


@dataclass(frozen=True)
class Clusters:
    """Clusters of sites joined by bonds.

    Attributes
    ----------
    label : int array (n_site,)
        Cluster of every site.
    percolates : bool array (n_cluster,)
        Whether a chain of its bonds goes once round the period, or more often.
    lift : int64 array (n_site,)
        Height along a tree of bonds, in units of the lattice's `unit`.
    """

    label: np.ndarray
    percolates: np.ndarray
    lift: np.ndarray

    @property
    def site_percolates(self):
        """Whether each site lies in a cluster that percolates, bool array (n_site,)."""
        return self.percolates[self.label]


def clusters(lattice, open_edges=None) -> Clusters:
    """Clusters of a lattice.

    Parameters
    ----------
    lattice : Lattice
        Periodic along the axis.
    open_edges : bool array (n_edge,), optional
        Edges that count; all unless given.  Both directions of a bond must be alike.
    """
    source, target = lattice.sources(), lattice.target
    step = lattice.steps[lattice.step_class]
    if open_edges is not None:
        source, target, step = source[open_edges], target[open_edges], step[open_edges]
    n = lattice.n_site
    ends = source.astype(np.int32), target.astype(np.int32)
    graph = scipy.sparse.coo_matrix((np.ones(len(source), dtype=np.int8), ends), shape=(n, n)).tocsr()
    label, parent = spanning_forest(graph)
    rise = np.zeros(n, dtype=np.int64)
    in_tree = (parent[target] == source) & (target != source)
    rise[target[in_tree]] = step[in_tree]  # of several bonds between two sites, any: the others then close a loop
    lift = summed_to_root(rise, parent)
    round_it = lift[source] + step != lift[target]
    percolates = np.zeros(int(label.max(initial=-1)) + 1, dtype=bool)
    percolates[label[source[round_it]]] = True
    return Clusters(label, percolates, lift)


def percolating_regions(lattice, open_edges=None) -> dict[str, bool]:
    """Whether each region that has sites percolates along the axis by itself.

    Parameters are those of `clusters`.
    """
    return {name: part > 0 for name, part in percolating_parts(lattice, open_edges).items()}


def percolating_parts(lattice, open_edges=None) -> dict[str, float]:
    """Part of the sites of each region that has some, from which it goes on along the axis by itself.

    Parameters are those of `clusters`.
    """
    inside = lattice.region[lattice.sources()] == lattice.region[lattice.target]
    through = clusters(lattice, inside if open_edges is None else inside & open_edges).site_percolates
    return {
        name: float(through[lattice.region == index].mean())
        for index, name in enumerate(lattice.regions)
        if lattice.count(index)
    }


def break_of(lattice, open_edges=None) -> str | None:
    """Where the bonds of a lattice end along the axis, in a clause; None where they go all the way.

    Parameters are those of `clusters`.
    """
    found = clusters(lattice, open_edges)
    if found.percolates.any():
        return None
    axis, offset = lattice.notes.get("axis", "z"), lattice.notes.get("offset_A", 0.0)
    gaps = _gaps(lattice, open_edges)
    if gaps:
        low, high = max(gaps, key=lambda gap: gap[1] - gap[0])
        more = f" and at {len(gaps) - 1} more {'place' if len(gaps) == 2 else 'places'}" if len(gaps) > 1 else ""
        return f"it breaks between {axis} = {low + offset:.4g} and {high + offset:.4g} Å{more}"
    span = np.zeros((2, len(found.percolates)), dtype=np.int64)
    np.minimum.at(span[0], found.label, found.lift)
    np.maximum.at(span[1], found.label, found.lift)
    longest = int(np.argmax(span[1] - span[0]))
    sites = np.flatnonzero(found.label == longest)
    low, high = (sites[pick(found.lift[sites])] for pick in (np.argmin, np.argmax))
    length = (span[1] - span[0])[longest] * lattice.unit
    return (
        f"the longest cluster of bonds reaches {length:.4g} of {lattice.length:.4g} Å along {axis}, "
        f"from site {low} to site {high}"
    )


def _gaps(lattice, open_edges):
    """Intervals of height [Å] that no bond crosses."""
    step = lattice.steps[lattice.step_class]
    up = step > 0
    if open_edges is not None:
        up &= open_edges
    period = round(lattice.length / lattice.unit)
    height = lattice.height.astype(np.int64) % period
    planes = np.unique(height)
    low = height[lattice.sources()[up]]
    high = low + step[up]
    start = np.searchsorted(planes, low)
    end = np.searchsorted(planes, high % period) + len(planes) * (high // period)
    # gap k lies above plane k; a bond from plane a to plane b crosses a to b - 1, counted round the period
    n = len(planes)
    rounds = (end - start) // n
    change = np.bincount(start, minlength=2 * n + 1) - np.bincount(end - rounds * n, minlength=2 * n + 1)
    crossed = np.cumsum(change)[: 2 * n].reshape(2, n).sum(axis=0) + rounds.sum()
    upper = np.append(planes[1:], planes[0] + period)
    return [(planes[k] * lattice.unit, upper[k] * lattice.unit) for k in np.flatnonzero(crossed == 0)]


def stuck(lattice, open_edges=None) -> list[str]:
    """What cannot carry a current along the axis, one sentence each; an empty list where everything can.

    Parameters are those of `clusters`.
    """
    axis = lattice.notes.get("axis", "z")
    found = clusters(lattice, open_edges)
    if not found.percolates.any():
        return [f"No chain of bonds crosses the cell along {axis}: {break_of(lattice, open_edges)}."]
    said = [
        f"The region {name} does not percolate along {axis} by itself."
        for name, whole in percolating_regions(lattice, open_edges).items()
        if not whole
    ]
    apart = np.flatnonzero(~found.site_percolates)
    if len(apart):
        islands = len(np.unique(found.label[apart]))
        which = ", ".join(map(str, apart[:NAMED])) + (", …" if len(apart) > NAMED else "")
        sites = "1 site lies" if len(apart) == 1 else f"{len(apart)} sites lie"
        said.append(
            f"{sites} in {islands} {'cluster' if islands == 1 else 'clusters'} "
            f"that no current along {axis} reaches ({which})."
        )
    own = int((lattice.sources() == lattice.target).sum())
    if own:
        said.append(
            f"{own} edges lead from a site to its own periodic image: "
            "exact answers hold, a simulation needs a larger cell."
        )
    return said
