"""Random small lattices with barriers of their own against their whole master equation.

A lattice has up to 12 sites at random heights of a periodic axis, two to five regions, random bonds with the cells that
they cross, and barriers from random energies of sites and saddles.  What `own_rates` and `kernel_tables` make of the
barriers is read back from the whole numbers that the kernel holds, and its steady currents are compared with those of
the energies themselves, bond by bond; for some, the kernel runs.
"""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
from checks import assert_within, mean_and_error
from gas import KERNELS, lowered_kernel
from small_graphs import graph_of

from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.kernel._kernel import GroupKernel
from coble.kmc.kernel.lowering import RateRangeError, kernel_tables, path_classes
from coble.kmc.kernel.observables import net_displacement
from coble.kmc.network.exact import solve_bonds
from coble.kmc.rates.barriers import BarrierRule, BarrierTable, rule_rates, table_rates, with_reverse
from coble.kmc.rates.class_rates import ClassRates
from coble.kmc.rates.own_rates import own_rates
from coble.lattices.atoms.labels import labelled

T = 300.0
KT = BOLTZMANN_EV_K * T
PREFACTOR = 1e5  # 1/s; barriers of about 10 k_B T make rates of about 1/s
N_LATTICE = 240
NAMES = ("a", "b", "c", "d", "e")


@dataclass
class Drawn:
    """A lattice, and what nature knows of it.

    Attributes
    ----------
    lattice : Lattice
        As drawn: edges sorted by axial step only.
    bonds : list of (site, site, cells along the axis)
    energy, saddle : float arrays (n_site,), (n_bond,)
        [k_B T]
    bond : int array (n_edge,)
        The bond that each edge belongs to.
    """

    lattice: object
    bonds: list
    energy: np.ndarray
    saddle: np.ndarray
    bond: np.ndarray

    def rates(self, field=0.0):
        """Of an atom along every edge [1/s], straight from the energies; the saddle is half-way up the field."""
        steps = self.lattice.steps_A[self.lattice.step_class]
        barrier = self.saddle[self.bond] - self.energy[self.lattice.sources()]
        return PREFACTOR * np.exp(field * steps / 2 - barrier)

    def table(self):
        """The same as barriers of site pairs."""
        i, j, cells = np.array(self.bonds).T
        shift = np.column_stack([np.zeros((len(i), 2), dtype=int), cells])
        forward, backward = (KT * (self.saddle - self.energy[site]) for site in (i, j))
        return BarrierTable(i, j, shift, forward, backward, np.full(len(i), PREFACTOR))


def drawn(seed, n_site=None, n_bond=None, flat=False, by_region=False):
    """A random lattice; `flat` puts all sites at one energy, `by_region` knows pairs of regions only."""
    rng = np.random.default_rng(seed)
    n = n_site or int(rng.choice([2, 3, 4, 5, 6, 7, 8, 9, 10, 12], p=[0.05, *[0.15] * 6, 0.03, 0.01, 0.01]))
    period = int(rng.integers(2, 7))
    n_region = int(rng.integers(2, 6))
    height, region = rng.integers(0, period, n), rng.integers(0, n_region, n)
    found = {(int(rng.integers(0, i)), i, 0) for i in range(1, n)}
    for _ in range(n_bond or int(rng.integers(1, 2 * n + 1))):
        i, j = sorted(rng.choice(n, 2, replace=False).tolist())
        found.add((i, j, int(rng.integers(-1, 2))))
    bonds = sorted(found)
    i, j, cells = np.array(bonds).T
    rise = height[j] - height[i] + cells * period
    lattice = graph_of(
        n,
        np.column_stack([i, j, rise]),
        kind=region,
        positions=np.column_stack([rng.uniform(0, 5, (n, 2)), height]),
        cell=[0, 0, period],
    )
    # As graph_of lists edges: those of each source, forward bonds before backward ones.
    bond = np.tile(np.arange(len(bonds)), 2)[np.argsort(np.concatenate([i, j]), kind="stable")]
    shift = np.zeros((lattice.n_edge, 3), dtype=np.int8)
    own = lattice.height.astype(int)
    shift[:, 2] = (lattice.steps[lattice.step_class] - own[lattice.target] + own[lattice.sources()]) // period
    lattice = replace(lattice, shift=shift, regions=NAMES[:n_region])
    energy, saddle = rng.normal(0.0, 0 if flat else 1.5, n), rng.uniform(10.0, 13.0, len(bonds))
    if by_region:
        energy = energy[:n_region][region] if n >= n_region else np.zeros(n)
        heights = rng.uniform(10.0, 13.0, (n_region, n_region))
        saddle = (heights + heights.T)[region[i], region[j]] / 2
    return Drawn(lattice, bonds, energy, saddle, bond)


def made(case):
    """Lattice and rates as a run has them, from the table of barriers."""
    return own_rates(case.lattice, table_rates(case.lattice, case.table(), T), temperature_K=T)


def shuffled(found, seed):
    """The same with a class of its own for every edge, numbered at random."""
    lattice = labelled(found.lattice, np.random.default_rng(seed).permutation(found.lattice.n_edge))
    rate = found.rates.edge_rates(found.lattice)
    if lattice.wide:
        hop = np.zeros(lattice.n_class)
        hop[lattice.classes] = rate
    else:
        hop = np.zeros((lattice.n_class, lattice.n_region, lattice.n_region))
        hop[lattice.classes, lattice.region[lattice.sources()], lattice.region[lattice.target]] = rate
    return replace(found, lattice=lattice, rates=ClassRates(hop, found.rates.occupancy))


# --- The master equation ---


class Whole:
    """All states of atoms on a lattice: of a fixed number, or of any where reservoirs exchange them.

    Parameters
    ----------
    lattice : Lattice
        Only its edges are read.
    rate : float array (n_edge,)
        Of an atom along each edge [1/s].
    n_atom : int or None
    reservoirs : float array (n_site, 2), optional
        Rates of an atom's arrival at, and departure from, each site [1/s].
    """

    def __init__(self, lattice, rate, n_atom=None, reservoirs=None):
        n = lattice.n_site
        self.source, self.target = lattice.sources().astype(int), lattice.target.astype(int)
        self.rate, self.reservoirs = rate, reservoirs
        if n_atom is None:
            self.state = np.arange(1 << n)
        else:
            self.state = np.array(sorted(sum(1 << i for i in sites) for sites in combinations(range(n), n_atom)))
        self.full = ((self.state[:, None] >> np.arange(n)) & 1).astype(bool)
        self.can = self.full[:, self.source] & ~self.full[:, self.target]

    def generator(self):
        """Q, float array (n_state, n_state): row s holds the rates of leaving s."""
        number = len(self.state)
        q = np.zeros((number, number))
        here, edge = np.nonzero(self.can)
        to = self.state[here] ^ (1 << self.source[edge] | 1 << self.target[edge])
        np.add.at(q, (here, np.searchsorted(self.state, to)), self.rate[edge])
        for i, (arrives, departs) in enumerate(() if self.reservoirs is None else self.reservoirs):
            q[np.arange(number), self.state ^ (1 << i)] += np.where(self.full[:, i], departs, arrives)
        q[np.diag_indices(number)] -= q.sum(axis=1)
        return q

    @cached_property
    def stationary(self):
        """Probability of every state: the null space of the transposed generator."""
        q = self.generator().T
        q[-1] = 1.0  # one equation is redundant: the normalisation takes its place
        return np.linalg.solve(q, np.append(np.zeros(len(q) - 1), 1.0))

    @cached_property
    def frequency(self):
        """Hops along every directed edge per time [1/s]."""
        return self.rate * (self.stationary @ self.can)

    def currents(self, reverse):
        """Net current along every directed edge [1/s]."""
        return self.frequency - self.frequency[reverse]

    @property
    def occupancy(self):
        """Mean occupancy of every site."""
        return self.stationary @ self.full


def kernel_rates(lattice, tables):
    """Rate of an atom along every directed edge [1/s], out of the whole numbers that the kernel holds."""
    here, there = 2 * lattice.region[lattice.sources()].astype(int), 2 * lattice.region[lattice.target].astype(int)
    classes = lattice.classes
    whole = tables.rate[classes] if lattice.wide else tables.rate[classes, here + 1, there]
    of_carrier = whole.astype(float) * tables.quantum
    # A vacancy that goes along an edge is an atom that comes back along it.
    return of_carrier if tables.atoms_carry else of_carrier[lattice.reverse_edges()]


def differ(case, found, n_atom, field, reservoirs=None):
    """The master equation of the energies, and by how much the kernel's tables miss its steady currents.

    Returns
    -------
    exact : Whole
    missed : float
        Largest difference of the current of an edge, as a part of the most frequent hop.
    driven : float
        Largest current, as a part of it.
    """
    lattice, reverse = found.lattice, found.lattice.reverse_edges()
    assert np.array_equal(lattice.sources(), case.lattice.sources())
    assert np.array_equal(lattice.target, case.lattice.target)
    n_held = lattice.n_site // 2 if n_atom is None else n_atom
    tables = kernel_tables(lattice, found.rates, n_held, field_kT_per_A=field)
    exact = Whole(lattice, case.rates(field), n_atom, reservoirs)
    held = Whole(lattice, kernel_rates(lattice, tables), n_atom, reservoirs)
    wanted, scale = exact.currents(reverse), exact.frequency.max()
    missed = max(np.abs(held.currents(reverse) - wanted).max() / scale, np.abs(held.occupancy - exact.occupancy).max())
    return exact, missed, np.abs(wanted).max() / scale


def reservoirs_of(case, seed):
    """Rates of arrival and departure [1/s] of some regions, one at least; by site, and by region."""
    rng, region = np.random.default_rng([seed, 2]), case.lattice.region
    by_region = rng.uniform(0.05, 1.0, (case.lattice.n_region, 2)) * (rng.random((case.lattice.n_region, 1)) < 0.6)
    by_region[region[0]] = rng.uniform(0.05, 1.0, 2)
    return by_region[region], by_region


@pytest.mark.parametrize("first", range(0, N_LATTICE, 40))
def test_steady_currents_are_those_of_the_master_equation(first, seeds):
    """Every filling in a field; and atoms that come and go, in a field or out of equilibrium without."""
    flows = 0
    for seed in range(first, first + 40, seeds(2, 1)):
        case = drawn(seed)
        found, field = made(case), float(np.random.default_rng([seed, 1]).uniform(0.2, 1.0))
        for n_atom in range(1, case.lattice.n_site):
            _, missed, driven = differ(case, found, n_atom, field)
            assert missed < 1e-8, f"lattice {seed} with {n_atom} atoms"
            flows += driven > 1e-3
        if case.lattice.n_site <= 8:
            _, missed, driven = differ(case, found, None, field * (seed % 2), reservoirs_of(case, seed)[0])
            assert missed < 1e-8, f"lattice {seed} with reservoirs"
            flows += driven > 1e-3
    assert flows > 40, "hardly any of these lattices carries a current"


def test_a_barrier_off_by_a_hundredth_of_kT_is_told_apart():
    case = drawn(3, n_site=6, n_bond=8)
    found = made(case)
    case.saddle[0] += 0.01
    assert differ(case, found, 3, 0.5)[1] > 1e-5


@pytest.mark.parametrize("seed", range(24))
def test_wide_edges_hold_the_same_rates(seed):
    case = drawn([seed, 3], n_site=9, n_bond=60)
    found = shuffled(made(case), seed)
    assert found.lattice.wide
    assert found.lattice.n_class == found.lattice.n_edge
    for n_atom in (1, 4, 5, 8):
        assert differ(case, found, n_atom, 0.7)[1] < 1e-8


@pytest.mark.parametrize("seed", range(40))
def test_occupancies_are_those_of_equilibrium(seed):
    case = drawn([seed, 4])
    found, n = made(case), case.lattice.n_site
    x = found.rates.occupancy
    assert x.mean() == pytest.approx(0.5)
    assert np.log(x / (1 - x)) + case.energy == pytest.approx(
        np.full(n, (np.log(x / (1 - x)) + case.energy)[0]), abs=1e-7
    )
    assert found.rates.imbalance(found.lattice) < 1e-7
    assert np.array_equal(found.lattice.reverse_of_class, np.arange(found.lattice.n_class)[::-1])
    whole = Whole(case.lattice, case.rates(), max(n // 2, 1))
    weight = np.prod(np.where(whole.full, x, 1 - x), axis=1)
    assert whole.stationary == pytest.approx(weight / weight.sum(), rel=1e-6)
    assert np.abs(whole.currents(found.lattice.reverse_edges())).max() < 1e-9 * whole.frequency.max()


@pytest.mark.parametrize("seed", range(40))
def test_rules_of_regions_give_the_same_lattice(seed):
    """Barriers of pairs of regions one way, and occupancies: the way back follows."""
    case = drawn([seed, 5], by_region=True)
    lattice, region = case.lattice, case.lattice.region.astype(int)
    x = 1 / (1 + np.exp(case.energy - 0.3))
    stated = {int(r): float(x[region == r][0]) for r in np.unique(region)}
    barrier, pairs = case.saddle[case.bond] - case.energy[lattice.sources()], {}
    for edge, (i, j) in enumerate(zip(lattice.sources(), lattice.target, strict=True)):
        if region[i] <= region[j]:
            pairs[region[i], region[j]] = float(KT * barrier[edge])
    rules = [
        BarrierRule((NAMES[a], NAMES[b]), prefactor_1_s=PREFACTOR, barrier_eV=value) for (a, b), value in pairs.items()
    ]
    rate = with_reverse(lattice, rule_rates(lattice, rules, T), stated)
    assert rate == pytest.approx(case.rates(), rel=1e-9)
    found = own_rates(lattice, rate, temperature_K=T, occupancy=stated)
    assert found.rates.occupancy == pytest.approx(x, rel=1e-9)
    assert not found.lattice.wide
    assert found.lattice.n_class == len(lattice.steps), "regions and steps tell these rates apart"


@pytest.mark.parametrize("seed", range(40))
def test_the_exact_network_is_the_linear_response_of_equal_sites(seed):
    """Sites of one energy: at any filling, atoms and vacancies move as lone ones do, times N (n - N) / n (n - 1)."""
    case = drawn([seed, 6], flat=True)
    found, n = made(case), case.lattice.n_site
    lattice, field = found.lattice, 1e-4
    steps = lattice.steps_A[lattice.step_class]
    rate = found.rates.edge_rates(lattice)
    scale = np.abs(rate * steps).max()
    for n_atom in range(1, n):
        network = solve_bonds(lattice, rate * n_atom * (n - n_atom) / (n * (n - 1)))
        up, down = (
            Whole(lattice, case.rates(sense * field), n_atom).currents(lattice.reverse_edges()) for sense in (1, -1)
        )
        assert np.abs((up - down) / (2 * field) - network.flux).max() <= 1e-5 * scale


# --- The kernel itself ---


def measured(lattice, tables, kernel, time, blocks=80):
    """Net axial displacement of the atoms per time, by path class, in blocks: float array (n_block, n_path)."""
    segment, seen = SimpleNamespace(graph=lattice, tables=tables), []
    for _ in range(blocks + 1):
        kernel.advance(until=kernel.time + time)
        seen.append(net_displacement(kernel.hops, segment))
    return np.diff(seen, axis=0) / time


def displacements(lattice, whole):
    """The same, exactly, and the gross displacement per time of all hops; float array (n_path,), float."""
    region = lattice.region.astype(int)
    path = path_classes(lattice.n_region).index[region[lattice.sources()], region[lattice.target]]
    moved = whole.frequency * lattice.steps_A[lattice.step_class]
    n_path = len(path_classes(lattice.n_region).pairs)
    return np.bincount(path, moved, n_path), np.abs(moved).sum()


RUNS = [(seed, which, "narrow") for seed in range(15) for which in KERNELS]
RUNS += [(seed, which, "shuffled") for seed in range(5) for which in KERNELS]
RUNS += [(seed, GroupKernel, "wide") for seed in range(15)]  # bins read narrow edges only
RUNS += [(seed, GroupKernel, edges) for seed in range(15, 25) for edges in ("narrow", "wide")]
SIZES = {"narrow": (4, None), "shuffled": (4, 6), "wide": (6, 60)}  # fewest sites, bonds


@pytest.mark.parametrize(("seed", "which", "edges"), RUNS)
def test_the_kernel_runs_at_these_currents(seed, which, edges):
    """Without reservoirs on both kernels, and with them (from seed 15) on the one that has them."""
    fewest, n_bond = SIZES[edges]
    case = drawn([seed, 7], n_site=fewest + seed % 4, n_bond=n_bond)
    found, n = made(case), case.lattice.n_site
    found = found if edges == "narrow" else shuffled(found, seed)
    lattice, field, rng = found.lattice, 0.6, np.random.default_rng([seed, 8])
    assert lattice.wide == (edges == "wide")
    n_atom = int(rng.integers(1, n))
    tables = kernel_tables(lattice, found.rates, n_atom, field_kT_per_A=field)
    if seed < 15:
        whole = Whole(lattice, case.rates(field), n_atom)
    else:
        by_site, by_region = reservoirs_of(case, seed)
        whole = Whole(lattice, case.rates(field), None, by_site)
        tables = replace(tables, unary=unary_of(by_region, tables))
    occupied = np.isin(np.arange(n), rng.choice(n, n_atom, replace=False))
    kernel = lowered_kernel(lattice, tables, occupied, seed, which=which)
    exact, gross = displacements(lattice, whole)
    samples = measured(lattice, tables, kernel, 3000 / whole.frequency.sum())
    for path, wanted in enumerate(exact):
        if samples[:, path].any():
            assert_within(*mean_and_error(samples[:, path]), wanted, sigma=4.5, at_most=0.02, scale=gross)
        else:
            assert abs(wanted) < 1e-9 * gross


def unary_of(by_region, tables):
    """Rates of coming and going of carriers [quanta], by code: where vacancies carry, a departure brings one."""
    enters, leaves = by_region.T if tables.atoms_carry else by_region.T[::-1]
    return np.rint(np.column_stack([enters, leaves]).ravel() / tables.quantum).astype(np.uint64)


def test_a_doubled_rate_is_told_apart():
    case = drawn([3, 7], n_site=6, n_bond=10)
    found = made(case)
    lattice = found.lattice
    tables = kernel_tables(lattice, found.rates, 3, field_kT_per_A=0.6)
    kernel = lowered_kernel(lattice, tables, np.arange(6) < 3, 1)
    right = Whole(lattice, case.rates(0.6), 3)
    total = measured(lattice, tables, kernel, 3000 / right.frequency.sum()).sum(axis=1)
    exact, gross = displacements(lattice, right)
    assert_within(*mean_and_error(total), exact.sum(), at_most=0.02, scale=gross)
    fastest = case.bond[np.argmax(right.currents(lattice.reverse_edges()))]
    wrong = Whole(lattice, case.rates(0.6) * np.where(case.bond == fastest, 2.0, 1.0), 3)
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(*mean_and_error(total), displacements(lattice, wrong)[0].sum(), at_most=0.02, scale=gross)


# --- Rates that whole numbers do not hold together ---


@pytest.mark.parametrize("edges", ["narrow", "wide"])
@pytest.mark.parametrize("n_atom", [1, 6])
def test_rates_too_far_apart_are_refused_with_both_bonds(edges, n_atom):
    case = drawn(5, n_site=7, n_bond=60 if edges == "wide" else 3)
    i, j, cells = case.bonds[2]
    case.saddle[2] += 60.0
    found = made(case) if edges == "narrow" else shuffled(made(case), 1)
    rate = found.rates.edge_rates(found.lattice)
    low, high = case.bond[np.argmin(rate)], case.bond[np.argmax(rate)]
    assert low == 2
    with pytest.raises(RateRangeError) as caught:
        kernel_tables(found.lattice, found.rates, n_atom)
    slow, fast = str(caught.value).split(" cannot be represented beside one of ")
    for text, bond in ((slow, low), (fast, high)):
        i, j, cells = case.bonds[bond]
        shown = re.search(r"\(site (\d+) \(\w\) to site (\d+) \(\w\)(?: in cell \(0, 0, ([+-]1)\))?", text)
        ends, crossed = (int(shown[1]), int(shown[2])), int(shown[3] or 0)
        assert (*ends, crossed) in [(i, j, cells), (j, i, -cells)]
