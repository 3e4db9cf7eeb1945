"""The channel of a bore by axial periods of the crystal, and what a row of it resists.

The resistance of cells comes from the network of the channel's own sites: one period of it has a resistance R, and what
is left of the whole between two fine ends is that of the two joints, so that the mean current from root to tip is that
of the sites.
"""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve

from coble.kmc.digits import SOLVED_BITS, rounded
from coble.lattices import Region

FIRST_ROWS = 2  # of a new cell
TRIAL_ROWS = 8  # of the network that gives the resistances: what the ends do has faded there


class Rows:
    """The channel of one bore by axial periods.

    Parameters
    ----------
    graph : Lattice
    period : int
        Axial period of the crystal, in units of the graph.
    mobility : float array (n_site,), optional
        Of the sites where metal covers the channel, relative to that of a site that touches metal; 1 when left out.

    Attributes
    ----------
    sites : list of int arrays
        Channel sites of every whole row.
    row : int array (n_site,)
        Row of every channel site, -1 elsewhere.
    """

    def __init__(self, graph, period, mobility=None):
        self.graph, self.period_A = graph, period * graph.unit
        self.mobility = np.ones(graph.n_site) if mobility is None else mobility
        channel = graph.region == Region.INTERFACE
        self.row = np.where(channel, graph.height.astype(np.int64) // period, -1)
        order = np.argsort(self.row, kind="stable")
        order = order[np.searchsorted(self.row[order], 0) :]
        self.sites = np.split(order, np.flatnonzero(np.diff(self.row[order])) + 1)
        self.per_row = len(self.sites[1])
        self._whole = next(
            (k for k in range(1, len(self.sites)) if len(self.sites[k]) != self.per_row), len(self.sites)
        )
        source = graph.sources()
        inner = channel[source] & channel[graph.target]
        self._source, self._target = source[inner], graph.target[inner]
        step = self.row[self._target] - self.row[self._source]
        if np.abs(step).max(initial=0) > 1:
            raise ValueError("a hop in the channel is longer than a period of the crystal")
        beyond = lambda way: np.unique(self._source[step == way])  # noqa: E731
        self._up, self._down = beyond(1), beyond(-1)

    @property
    def n_row(self):
        """Rows from the root on that are alike."""
        return self._whole

    def last_before(self, k):
        """Sites of row k - 1 that have neighbours in row k."""
        return self._up[self.row[self._up] == k - 1]

    def first_after(self, k):
        """Sites of row k that have neighbours in row k - 1."""
        return self._down[self.row[self._down] == k]

    def resistance(self, n, cells=None, mobility=None):
        """Between the first and the last of n rows, in units of one over the rate of a bond.

        Parameters
        ----------
        n : int
        cells : (first, end, half, between), optional
            Rows in cells: resistances between the centre of the first cell, or the last, and the plane beside it, and
            between these two centres.
        mobility : float array (n_site,), optional
            In place of the rows' own.  A bond's rate is the harmonic mean of the two at its ends.
        """
        mobility = self.mobility if mobility is None else mobility
        keep = (self.row[self._source] < n) & (self.row[self._target] < n)
        here, there = self._source[keep], self._target[keep]
        rate = 2 / (1 / mobility[here] + 1 / mobility[there])
        sites, index = np.concatenate(self.sites[:n]), np.full(self.graph.n_site, -1)
        if cells is not None:
            first, end, half, between = cells
            inside = lambda site: (self.row[site] >= first) & (self.row[site] < end)  # noqa: E731
            out = ~inside(here) & ~inside(there)
            here, there, rate = here[out], there[out], rate[out]
            sites = sites[~inside(sites)]
        index[sites] = np.arange(len(sites))
        a, b, size = index[here], index[there], len(sites)
        if cells is not None:  # two more nodes, the centres of the first cell and of the last
            for node, plane in ((size, self.last_before(first)), (size + 1, self.first_after(end))):
                ends, centre = index[plane], np.full(len(plane), node)
                a, b = np.concatenate([a, ends, centre]), np.concatenate([b, centre, ends])
                rate = np.concatenate([rate, np.full(2 * len(ends), 1 / half / len(ends))])
            a, b = np.concatenate([a, [size, size + 1]]), np.concatenate([b, [size + 1, size]])
            rate, size = np.concatenate([rate, [1 / between] * 2]), size + 2
        full = np.bincount(a, rate, minlength=size)
        matrix = (coo_matrix((full, (np.arange(size),) * 2)) - coo_matrix((rate, (a, b)), shape=(size, size))).tocsr()
        fixed = np.full(size, np.nan)
        fixed[index[self.sites[0]]], fixed[index[self.sites[n - 1]]] = 1.0, 0.0
        free = np.isnan(fixed)
        mean = np.where(free, 0.0, fixed)
        mean[free] = spsolve(matrix[free].tocsc()[:, free], -(matrix[free] @ mean))
        return 1 / float((matrix @ mean)[index[self.sites[0]]].sum())

    def joints(self, covered=True):
        """Resistance of a row, and of the joint of cells with the fine rows beside them [1 / rate of a bond].

        Rounded: a sparse solver sums in an order that hangs on the machine.

        Parameters
        ----------
        covered : bool
            Of a channel that metal covers, not of a bare one, whose sites are alike.
        """
        n, mobility = TRIAL_ROWS, self.mobility if covered else np.ones(self.graph.n_site)
        whole = self.resistance(3 * n, mobility=mobility)
        row = (whole - self.resistance(2 * n, mobility=mobility)) / n
        half = row * FIRST_ROWS / 2
        for _ in range(30):  # in series, so the difference is what the joints lack
            missing = whole - self.resistance(3 * n, (n, 2 * n, half, (n - FIRST_ROWS) * row), mobility)
            half += missing / 2
            if abs(missing) < 1e-14 * whole:
                break
        return tuple(rounded(each, SOLVED_BITS) for each in (row, half - row * FIRST_ROWS / 2))
