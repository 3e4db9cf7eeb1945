"""Rate tables and their lowering: detailed balance, whole numbers, and what is refused."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from small_graphs import box, graph_of, ladder, ring

from coble.kmc.kernel.lowering import (
    PATHS,
    WORST_ROUNDING,
    RateRangeError,
    initial_codes,
    kernel_tables,
    neighbours_of,
    occupied_sites,
    whole_tables,
    widest_range,
)
from coble.kmc.rates.table import RateTable, rate_table
from coble.lattices import Region


def random_rates(seed, decades=4):
    rng = np.random.default_rng(seed)
    g = {kind: 10 ** rng.uniform(0, decades) for kind in Region}
    return rate_table(g, {kind: float(rng.uniform(0.01, 0.99)) for kind in Region})


# --- Detailed balance ---


@pytest.mark.parametrize("seed", range(20))
def test_rates_obey_detailed_balance(seed):
    rates = random_rates(seed)
    assert rates.imbalance() < 1e-12
    x = rates.occupancy
    for i, j, k in product(Region, repeat=3):  # Kolmogorov: round any three kinds, the site energies drop out
        around = rates.hop[i, j] * rates.hop[j, k] * rates.hop[k, i]
        back = rates.hop[i, k] * rates.hop[k, j] * rates.hop[j, i]
        assert around == pytest.approx(back, rel=1e-12)
        assert rates.hop[i, j] / rates.hop[j, i] == pytest.approx(x[j] * (1 - x[i]) / (x[i] * (1 - x[j])), rel=1e-12)


def test_one_rate_doubled_is_out_of_balance():
    rates = random_rates(1)
    hop = rates.hop.copy()
    hop[Region.BULK, Region.WALL] *= 2
    assert RateTable(hop, rates.occupancy).imbalance() == pytest.approx(0.5)


@pytest.mark.parametrize("n_atom", [1, 40, 90])
@pytest.mark.parametrize("field", [0.0, 0.3])
def test_whole_numbers_obey_detailed_balance_within_rounding(n_atom, field):
    """Both ways of carrying: forward over backward is x_j (1-x_i) / (x_i (1-x_j)) exp(field × step) of the atom."""
    graph, rates = box("bcc", 4, "110"), random_rates(2)
    tables = kernel_tables(graph, rates, n_atom, field_kT_per_A=field)
    assert tables.atoms_carry == (2 * n_atom <= graph.n_site)
    x, last = rates.occupancy if tables.atoms_carry else 1 - rates.occupancy, len(graph.steps) - 1
    for i, j, step in product(Region, Region, range(len(graph.steps))):
        forward, backward = tables.rate[step, 2 * i + 1, 2 * j], tables.rate[last - step, 2 * j + 1, 2 * i]
        work = field * graph.steps_A[step] * tables.atom_direction
        ratio = x[j] * (1 - x[i]) / (x[i] * (1 - x[j])) * np.exp(work)
        assert float(forward) / float(backward) == pytest.approx(ratio, rel=2 * WORST_ROUNDING)


def test_rates_are_conductance_over_the_chance_that_a_hop_is_open():
    rates = rate_table({Region.BULK: 2.0, Region.INTERFACE: 6.0}, {Region.BULK: 0.9, Region.INTERFACE: 0.5})
    assert rates.hop[Region.BULK, Region.BULK] == pytest.approx(2.0 / (0.9 * 0.1))
    assert rates.hop[Region.INTERFACE, Region.INTERFACE] == pytest.approx(6.0 / 0.25)
    assert rates.hop[Region.BULK, Region.INTERFACE] == pytest.approx(3.0 / (0.9 * 0.5))
    assert rates.hop[Region.INTERFACE, Region.BULK] == pytest.approx(3.0 / (0.5 * 0.1))
    assert not rates.hop[Region.WALL].any()


@pytest.mark.parametrize("x", [0.0, 1.0, -0.2, float("nan")])
def test_occupancies_outside_zero_and_one_are_refused(x):
    with pytest.raises(ValueError, match="occupancy of the wall must lie between 0 and 1, got"):
        rate_table({Region.WALL: 1.0}, {Region.WALL: x})


@pytest.mark.parametrize("g", [-1.0, float("nan")])
def test_negative_conductances_are_refused(g):
    with pytest.raises(ValueError, match="bond conductance of the bulk must be >= 0 1/s, got"):
        rate_table({Region.BULK: g}, {Region.BULK: 0.5})


# --- Path classes ---


def test_path_classes():
    assert len(PATHS.pairs) == len(set(PATHS.pairs)) == 10
    np.testing.assert_array_equal(PATHS.index, PATHS.index.T)
    np.testing.assert_allclose(PATHS.share.sum(axis=1), 1)
    for a, b in product(Region, repeat=2):
        number = PATHS.index[a, b]
        assert set(PATHS.pairs[number]) == {a, b}
        assert PATHS.share[number, a] == (1.0 if a == b else 0.5)


# --- Whole numbers ---


@pytest.mark.parametrize("n_atom", [1, 64, 100])
def test_tables_are_the_rates_in_quanta(n_atom):
    graph, rates = box("bcc", 4), random_rates(3)
    tables = kernel_tables(graph, rates, n_atom, field_kT_per_A=0.2)
    sign = 1 if tables.atoms_carry else -1
    hop = rates.hop if tables.atoms_carry else rates.hop.T
    for i, j, step in product(Region, Region, range(len(graph.steps))):
        expected = hop[i, j] * np.exp(sign * 0.2 * graph.steps_A[step] / 2)
        assert tables.rate[step, 2 * i + 1, 2 * j] * tables.quantum == pytest.approx(expected, rel=WORST_ROUNDING)
        assert tables.path[2 * i + 1, 2 * j] == PATHS.index[i, j]
    assert not tables.rate[:, 0::2].any()
    assert not tables.rate[:, :, 1::2].any()
    assert not tables.unary.any()


@pytest.mark.parametrize("n_carrier", [0, 1, 7, 1000, 1 << 27])
@pytest.mark.parametrize("degree", [1, 8, 14])
def test_sum_of_propensities_stays_below_two_to_the_63(n_carrier, degree):
    rate, unary = np.zeros((1, 2, 2)), np.array([3.0, 3.0])
    rate[0, 1, 0] = 3.0
    tables = whole_tables(rate, unary, np.zeros((2, 2), np.uint8), n_carrier, degree, True)
    largest = int(max(tables.rate.max(), tables.unary.max()))
    assert largest * (degree + 1) * max(n_carrier, 1) < 2**63
    assert largest * tables.quantum == pytest.approx(3.0)
    assert largest > 1 / WORST_ROUNDING


def test_too_wide_a_range_is_refused_with_what_to_do():
    graph = box("bcc", 4)
    occupancy = dict.fromkeys(Region, 0.5)
    fine = rate_table({Region.BULK: 1.0, Region.INTERFACE: 1e9}, occupancy)
    kernel_tables(graph, fine, 64)
    wide = rate_table({Region.BULK: 1.0, Region.INTERFACE: 1e13}, occupancy)
    with pytest.raises(RateRangeError) as caught:
        kernel_tables(graph, wide, 64)
    message = str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert "a rate of 4 1/s (hops in the bulk) cannot be represented beside one of 4e+13 1/s (hops in" in message
    assert "with 64 carriers a table spans at most" in message
    assert "closer together, switch the slow path off (it carries next to nothing) or use fewer sites" in message
    span = float(message.split("spans at most ")[1].split()[0])
    assert span == round(np.log10(widest_range(64, 8)), 1)
    for decades, refused in ((span - 0.2, False), (span + 0.2, True)):
        rates = rate_table({Region.BULK: 1.0, Region.INTERFACE: 10**decades}, occupancy)
        if refused:
            with pytest.raises(RateRangeError):
                kernel_tables(graph, rates, 64)
        else:
            kernel_tables(graph, rates, 64)


@pytest.mark.parametrize(("n_carrier", "decades"), [(1, 14.0), (1000, 11.0), (10**6, 8.0), (1 << 27, 5.9)])
def test_widest_range(n_carrier, decades):
    """Up to it no rate is off by more than one part in 10⁴; beyond it the table is refused."""
    widest = widest_range(n_carrier, 8)
    assert np.log10(widest) == pytest.approx(decades, abs=0.1)
    rate = np.zeros((1, 4, 4))
    rate[0, 1, 0], rate[0, 3, 0] = 1.0, 1.001 / widest
    tables = whole_tables(rate, np.zeros(4), np.zeros((4, 4), np.uint8), n_carrier, 8, True)
    assert tables.rate[0, 3, 0] * tables.quantum == pytest.approx(1.001 / widest, rel=WORST_ROUNDING)
    rate[0, 3, 0] = 0.999 / widest
    with pytest.raises(RateRangeError, match="hops from code 3 to code 0"):
        whole_tables(rate, np.zeros(4), np.zeros((4, 4), np.uint8), n_carrier, 8, True)


def test_slow_reservoir_is_refused_by_its_name():
    rate = np.zeros((1, 2, 2))
    rate[0, 1, 0] = 1.0
    with pytest.raises(RateRangeError, match="1e-15 1/s .to or from a reservoir. cannot"):
        whole_tables(rate, np.array([0.0, 1e-15]), np.zeros((2, 2), np.uint8), 10, 2, True)


@pytest.mark.parametrize("value", [0.0, np.inf, np.nan])
def test_tables_in_which_nothing_or_anything_happens_are_refused(value):
    rate = np.full((1, 2, 2), value)
    with pytest.raises(RateRangeError, match="no hop is possible: the largest rate is"):
        whole_tables(rate, np.zeros(2), np.zeros((2, 2), np.uint8), 1, 1, True)


# --- Edges and codes ---


def test_packed_edges_hold_neighbour_and_class():
    graph = ladder(5)
    neighbours = neighbours_of(graph)
    packed = neighbours.edge
    assert packed.dtype == np.uint32 == neighbours.indptr.dtype
    np.testing.assert_array_equal(neighbours.indptr, graph.indptr)
    np.testing.assert_array_equal(packed & ((1 << 27) - 1), graph.target)
    np.testing.assert_array_equal(packed >> 27, graph.step_class)


def test_too_many_step_classes_or_sites_are_refused():
    with pytest.raises(ValueError, match="at most 32 axial step classes, got 33"):
        graph_of(2, [(0, 1, 0)], steps=np.arange(33) - 16)
    neighbours_of(graph_of(2, [(0, 1, 31)], steps=np.arange(32)))
    with pytest.raises(ValueError, match="at most 134,217,728 sites, got 134,217,729"):
        replace(ring(3), region=np.broadcast_to(np.uint8(0), (1 << 27) + 1))


@pytest.mark.parametrize("n_atom", [20, 108])
def test_codes_and_back(n_atom):
    graph, rng = box("bcc", 4), np.random.default_rng(1)
    graph.region[:] = rng.integers(0, 4, graph.n_site)
    tables = kernel_tables(graph, random_rates(4), n_atom)
    occupied = rng.permutation(graph.n_site) < n_atom
    codes = initial_codes(graph, occupied, tables)
    assert codes.dtype == np.uint8
    np.testing.assert_array_equal(codes >> 1, graph.region)
    assert (codes & 1).sum() == 20, "the carriers are the fewer"
    np.testing.assert_array_equal(occupied_sites(codes, tables), occupied)
