"""Waiting times and the choice of events while the catalogue of events stays as it is."""

from itertools import product

import numpy as np
import pytest
from checks import assert_within, chi2_sigmas, mean_and_error
from gas import KERNELS, gas
from random_gases import STREAMS
from scipy.stats import kstest
from small_graphs import graph_of

N_KIND = 11


def dimers(number_of_kind):
    """Pairs of sites, `number_of_kind[k]` of kind k, each with one carrier: every carrier can always hop."""
    kinds = np.repeat(np.arange(len(number_of_kind)), number_of_kind)
    graph = graph_of(2 * len(kinds), [(2 * i, 2 * i + 1, 1) for i in range(len(kinds))], kind=np.repeat(kinds, 2))
    return graph, np.tile([True, False], len(kinds))


def dimer_gas(rates, number_of_kind):
    """Hops within a dimer of kind k at rates[k], counted in path class k."""
    graph, occupied = dimers(number_of_kind)
    return gas(graph, np.diag(rates), path=np.diag(np.arange(len(rates)))), occupied


# --- Waiting times ---


@pytest.fixture(scope="module", params=product(STREAMS, KERNELS))
def waits(request):
    """1e5 waiting times and the total rate, constant in time."""
    stream, which = request.param
    rates = np.geomspace(1, 1e3, N_KIND)
    model, occupied = dimer_gas(rates, [2] * N_KIND)
    kernel = model.kernel(occupied, 1, which=which, stream=stream)
    times = [0.0]
    for _ in range(100_000):
        kernel.advance(max_events=1)
        times.append(kernel.time)
    return np.diff(times), 2 * rates.sum()


def test_waiting_times_are_exponential(waits):
    wait, total = waits
    assert kstest(wait * total, "expon").pvalue > 1e-3
    assert_within(*mean_and_error(wait), 1 / total, at_most=0.004)
    assert_within(*mean_and_error(wait**2), 2 / total**2, at_most=0.01)


def test_waiting_times_do_not_remember(waits):
    wait, total = waits
    pairs = (wait[:-1] * total - 1) * (wait[1:] * total - 1)
    assert_within(*mean_and_error(pairs), 0, at_most=0.004, scale=1)


@pytest.mark.parametrize("factor", [2, 1.03])
def test_waiting_times_of_another_rate_are_told_apart(waits, factor):
    wait, total = waits
    assert kstest(wait * total * factor, "expon").pvalue < 1e-6
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(*mean_and_error(wait), 1 / (factor * total), at_most=0.01)


# --- Which event ---

# Per kind of dimer: five orders of magnitude, or all inside one group of the kernel.
SPREADS = {"wide": np.geomspace(1, 1e5, N_KIND), "narrow": np.linspace(1.01, 1.99, N_KIND)}
NUMBERS = np.array([40, 9, 7, 5, 3, 2, 1, 3, 1, 2, 1])  # more of the slow ones, so that each has its events


@pytest.fixture(scope="module", params=product(SPREADS, STREAMS, KERNELS))
def chosen(request):
    """How often each kind was chosen, and the weights of the kinds."""
    name, stream, which = request.param
    rates = SPREADS[name]
    model, occupied = dimer_gas(rates, NUMBERS)
    kernel = model.kernel(occupied, 2, which=which, stream=stream)
    kernel.advance(max_events=5_000_000)
    return kernel.hops.sum(axis=1), rates * NUMBERS


def test_sites_are_chosen_by_their_rates(chosen):
    counts, weight = chosen
    assert abs(chi2_sigmas(counts, counts.sum() * weight / weight.sum())) < 4


@pytest.mark.parametrize("doubled", [0, 1, 5, 10])
def test_one_rate_doubled_is_noticed(chosen, doubled):
    counts, weight = chosen
    weight = weight * np.where(np.arange(N_KIND) == doubled, 2, 1)
    assert chi2_sigmas(counts, counts.sum() * weight / weight.sum()) > 6


@pytest.fixture(scope="module", params=KERNELS)
def directions(request):
    """A lone walker on a circle of 11 sites, with ten ways to go: how often each was taken, and their rates."""
    graph = graph_of(11, [(i, (i + k) % 11, k) for i in range(11) for k in range(1, 6)])
    model = gas(graph, 1.0)
    rates = np.random.default_rng(6).permutation(np.geomspace(1, 1e5, 10))
    model.rate[:, 1, 0] = rates
    kernel = model.kernel(np.arange(11) == 3, 3, which=request.param)
    kernel.advance(max_events=10_000_000)
    return kernel.hops[0], rates


def test_edges_are_chosen_by_their_rates(directions):
    counts, rates = directions
    assert abs(chi2_sigmas(counts, counts.sum() * rates / rates.sum())) < 4


@pytest.mark.parametrize("doubled", range(0, 10, 3))
def test_one_edge_rate_doubled_is_noticed(directions, doubled):
    counts, rates = directions
    rates = rates * np.where(np.arange(10) == doubled, 2, 1)
    assert chi2_sigmas(counts, counts.sum() * rates / rates.sum()) > 4


def test_unary_events_are_chosen_by_their_rates():
    """Isolated sites that toggle: entering and leaving at their rates."""
    graph = graph_of(5, [], kind=range(5), steps=[0])
    enters, leaves = np.geomspace(1, 1e4, 5), np.geomspace(3, 3e3, 5)
    model = gas(graph, np.zeros((5, 5)), unary=dict(enumerate(zip(enters, leaves, strict=True))))
    kernel = model.kernel([True] * 5, 4)
    kernel.advance(max_events=2_000_000)
    per_site = 2 * enters * leaves / (enters + leaves)  # toggles per time
    counts = kernel.exchanges.reshape(5, 2)
    assert (np.abs(counts[:, 0] - counts[:, 1]) <= 1).all()
    for count, rate in zip(counts.sum(axis=1), per_site, strict=True):
        # The variance of a toggle count is below Poisson's: the mean of it over a long time is rate × time.
        assert_within(count / kernel.time, np.sqrt(count) / kernel.time, rate, at_most=0.1)
