"""A lattice gas with rates written out, to be run by the kernel, by its twin, or solved whole."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix

from coble.kmc.kernel._kernel import BinKernel, GroupKernel
from coble.kmc.kernel.lowering import initial_codes, neighbours_of, whole_tables
from coble.lattices import Lattice

KERNELS = (BinKernel, GroupKernel)


@dataclass
class Gas:
    """Carriers on a graph.

    Attributes
    ----------
    graph : Lattice
    rate : float array (n_step, n_code, n_code)
        [1/s]
    unary : float array (n_code,)
        [1/s]
    path : uint8 array (n_code, n_code)
    """

    graph: Lattice
    rate: np.ndarray
    unary: np.ndarray
    path: np.ndarray

    @property
    def n_path(self):
        return int(self.path.max()) + 1

    def tables(self):
        degree = int(np.diff(self.graph.indptr).max(initial=1))
        tables = whole_tables(self.rate, self.unary, self.path, self.graph.n_site, degree, True)
        return replace(tables, n_path=self.n_path)

    def arguments(self, occupied):
        """What the kernels take, up to the random stream."""
        codes = (2 * self.graph.region + np.asarray(occupied)).astype(np.uint8)
        return neighbours_of(self.graph), codes, self.tables()

    def kernel(self, occupied, seed, *, which=GroupKernel, stream=np.random.PCG64DXSM, **tracking):
        return which(*self.arguments(occupied), stream(seed), **tracking)


def gas(graph, hop, *, field=0.0, unary=None, path=None):
    """A gas from rates between kinds.

    Parameters
    ----------
    hop : float array (n_kind, n_kind), or float
        Rate from kind to empty neighbour of kind; one number for all.
    field : float
        Work on a carrier per unit step [k_B T].
    unary : dict of kind → (rate of entering, rate of leaving), optional
    path : int array (n_kind, n_kind), optional
        Path class of a hop from kind to kind; 0 when left out.
    """
    n_kind = int(graph.region.max(initial=0)) + 1
    hop = np.full((n_kind, n_kind), float(hop)) if np.ndim(hop) == 0 else np.asarray(hop, dtype=float)
    n_kind = len(hop)
    rate = np.zeros((len(graph.steps), 2 * n_kind, 2 * n_kind))
    rate[:, 1::2, 0::2] = hop * np.exp(graph.steps * field / 2)[:, None, None]
    own = np.zeros(2 * n_kind)
    for kind, (enters, leaves) in (unary or {}).items():
        own[2 * kind : 2 * kind + 2] = enters, leaves
    path = np.zeros((n_kind, n_kind)) if path is None else np.asarray(path)
    path = np.repeat(np.repeat(path.astype(np.uint8), 2, axis=0), 2, axis=1)
    return Gas(graph, rate, own, np.ascontiguousarray(path))


def lowered_kernel(graph, tables, occupied, seed, *, which=GroupKernel, stream=np.random.SFC64, **tracking):
    """A kernel from the tables of `coble.kmc.kernel.lowering.kernel_tables`; `occupied` says where the atoms are."""
    codes = initial_codes(graph, np.asarray(occupied, dtype=bool), tables)
    return which(neighbours_of(graph), codes, tables, stream(seed), **tracking)


def some_of(rng, graph, numbers):
    """A random bool array (n_site,) with `numbers` (dict of kind → int) sites of each kind set."""
    chosen = np.zeros(graph.n_site, dtype=bool)
    for kind, number in numbers.items():
        chosen[rng.choice(np.flatnonzero(graph.region == kind), number, replace=False)] = True
    return chosen


def many_of(rng, graph, numbers, count):
    """As `some_of`, `count` times, drawn together: an iterator."""
    sites = {kind: np.flatnonzero(graph.region == kind) for kind in numbers}
    at_once = max(1, 1_000_000 // graph.n_site)
    for first in range(0, count, at_once):
        chosen = np.zeros((min(at_once, count - first), graph.n_site), dtype=bool)
        for kind, number in numbers.items():
            order = rng.random((len(chosen), len(sites[kind]))).argsort(axis=1)[:, :number]
            np.put_along_axis(chosen, sites[kind][order], True, axis=1)
        yield from chosen


class MasterEquation:
    """All 2^N states of a gas; state s holds a carrier on site i where bit i of s is set."""

    def __init__(self, gas):
        self.gas, graph = gas, gas.graph
        n = graph.n_site
        assert n <= 12, f"2^{n} states are too many"
        self.states = np.arange(1 << n)
        self.occupied = ((self.states[:, None] >> np.arange(n)) & 1).astype(bool)
        self.moves = []  # (from states, to states, rate, site or edge): one entry per possible event
        for edge, (i, j) in enumerate(zip(graph.sources(), graph.target, strict=True)):
            can = self.states[self.occupied[:, i] & ~self.occupied[:, j]]
            rate = gas.rate[graph.step_class[edge], 2 * graph.region[i] + 1, 2 * graph.region[j]]
            self.moves.append((can, can ^ ((1 << int(i)) | (1 << int(j))), rate, ("hop", edge)))
        for i in range(n):
            for holds in range(2):
                can = self.states[self.occupied[:, i] == holds]
                rate = gas.unary[2 * graph.region[i] + holds]
                self.moves.append((can, can ^ (1 << i), rate, ("unary", i)))

    @cached_property
    def generator(self):
        """Q, dense (n_state, n_state): row s holds the rates of leaving s."""
        n = len(self.states)
        rows = np.concatenate([can for can, *_ in self.moves])
        columns = np.concatenate([to for _, to, *_ in self.moves])
        rates = np.concatenate([np.full(len(can), rate) for can, _, rate, _ in self.moves])
        q = csr_matrix((rates, (rows, columns)), shape=(n, n)).toarray()
        q[np.diag_indices(n)] -= q.sum(axis=1)
        return q

    def sector(self, n_carrier):
        """The states with `n_carrier` carriers, or all for None: bool array (n_state,)."""
        counts = self.occupied.sum(axis=1)
        return np.ones(len(counts), bool) if n_carrier is None else counts == n_carrier

    def relaxation_time(self, n_carrier=None):
        """Of the slowest mode, within a sector where no carriers come or go."""
        keep = self.sector(n_carrier)
        return float(-1 / np.sort(np.linalg.eigvals(self.generator[np.ix_(keep, keep)]).real)[-2])

    def stationary(self, n_carrier=None):
        """Stationary probability of every state; of those with `n_carrier` carriers where none come or go."""
        keep = self.sector(n_carrier)
        q = self.generator[np.ix_(keep, keep)]
        q[:, -1] = 1.0  # one balance equation is redundant: the normalisation takes its place
        right = np.zeros(len(q))
        right[-1] = 1.0
        p = np.zeros(len(keep))
        p[keep] = np.linalg.solve(q.T, right)
        return p

    def occupancy(self, p):
        """Mean occupancy of every site."""
        return p @ self.occupied

    def displacement_rates(self, p):
        """Mean axial displacement of all carriers per time, by path class."""
        graph, found = self.gas.graph, np.zeros(self.gas.n_path)
        here, steps = graph.sources(), graph.steps[graph.step_class]
        for can, _, rate, (what, edge) in self.moves:
            if what == "hop":
                path = self.gas.path[2 * graph.region[here[edge]] + 1, 2 * graph.region[graph.target[edge]]]
                found[path] += rate * p[can].sum() * steps[edge]
        return found

    def displacement_rate(self, p):
        """The same of all classes together."""
        return float(self.displacement_rates(p).sum())

    def entering(self, p, site):
        """Net rate at which carriers enter through `site`'s unary events."""
        sign = np.where(self.occupied[:, site], -1, 1)
        return sum(rate * (p[can] * sign[can]).sum() for can, _, rate, what in self.moves if what == ("unary", site))
