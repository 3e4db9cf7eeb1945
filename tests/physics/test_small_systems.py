"""Small gases against their whole master equation: stationary states, currents, transients, reservoirs."""

from dataclasses import replace

import numpy as np
import pytest
from checks import assert_within, chi2_sigmas, mean_and_error
from gas import KERNELS, MasterEquation, gas
from scipy.linalg import expm
from small_graphs import box, chain, graph_of, ladder, ring

from coble.kmc.kernel._kernel import GroupKernel
from coble.kmc.rates.table import rate_table
from coble.lattices import Region

RATES = np.array([[1.0, 0.3, 2.0], [0.7, 5.0, 0.2], [1.5, 0.4, 0.05]])  # no detailed balance needed here
REGIONS = [0, 1, 1, 2, 0, 1, 2, 2]


def doubled(model, where=(0, 1)):
    """The same gas with one rate between kinds doubled: what a wrong program might run."""
    rate = model.rate.copy()
    rate[:, 2 * where[0] + 1, 2 * where[1]] *= 2
    return replace(model, rate=rate)


SYSTEMS = {  # gas, number of carriers (None where they come and go)
    "driven ring": (gas(ring(8, REGIONS), RATES, field=1.0), 3),
    "driven ladder": (gas(ladder(4, 0, 1), RATES, field=0.7), 4),
    "double bonds": (gas(ring(2, [0, 1]), RATES, field=0.5), 1),
    "chain between reservoirs": (
        gas(chain(6, [0, 1, 1, 0, 1, 2]), RATES, unary={0: (0.5, 0.2), 2: (0.1, 0.8)}),
        None,
    ),
    "driven ring with reservoir": (gas(ring(7, REGIONS[:7]), RATES, field=1.0, unary={2: (0.4, 0.3)}), None),
    "random bonds": (
        gas(
            graph_of(6, [(0, 1, 1), (0, 1, 1), (1, 2, -2), (2, 5, 0), (4, 1, 2), (3, 5, 1)], kind=REGIONS[:6]),
            RATES,
            field=0.4,
            unary={1: (1.0, 0.6)},
        ),
        None,
    ),
}
N_SAMPLE = 6000


def lumped(counts, expected, fewest=8):
    """Rare states together in one cell."""
    rare = expected < fewest
    if expected[rare].sum() < fewest:  # together with the least frequent of the others
        rare[np.argmin(np.where(rare, np.inf, expected))] = True
    return np.append(counts[~rare], counts[rare].sum()), np.append(expected[~rare], expected[rare].sum())


def start_of(model, n_carrier):
    return np.arange(model.graph.n_site) < (n_carrier or 0)


def many_times(model, start, which, n_run):
    """A kernel in the same state so many times: groups are put back into it, bins made anew."""
    arguments, sites = model.arguments(start), np.arange(model.graph.n_site)
    kernel = GroupKernel(*arguments, np.random.SFC64(0))
    for seed in range(n_run):
        if which is GroupKernel:
            kernel.set_codes(sites, arguments[1])
        else:
            kernel = which(*arguments, np.random.SFC64(seed))
        yield kernel


def with_kernels(*names):
    """Each system with each kernel that can run it: bins have no reservoirs."""
    return [
        (name, which) for name in names for which in KERNELS if which is GroupKernel or not SYSTEMS[name][0].unary.any()
    ]


@pytest.fixture(scope="module", params=with_kernels(*SYSTEMS))
def long_run(request):
    """States at times five relaxation times apart, net displacement and exchanges in between."""
    name, which = request.param
    model, n_carrier = SYSTEMS[name]
    whole = MasterEquation(model)
    interval = 5 * whole.relaxation_time(n_carrier)
    kernel = model.kernel(start_of(model, n_carrier), 5, which=which)
    kernel.advance(until=10 * interval)
    states, moved, exchanged = [], [(kernel.hops @ model.graph.steps).sum()], [kernel.exchanges]
    for _ in range(N_SAMPLE):
        kernel.advance(until=kernel.time + interval)
        states.append(int((kernel.codes & 1) @ (1 << np.arange(model.graph.n_site))))
        moved.append((kernel.hops @ model.graph.steps).sum())
        exchanged.append(kernel.exchanges)
    rates = np.diff(moved) / interval, np.diff(exchanged, axis=0) / interval
    return model, n_carrier, whole, np.array(states), *rates


def test_stationary_distribution(long_run):
    model, n_carrier, whole, states, *_ = long_run
    counts = np.bincount(states, minlength=len(whole.states))
    p = whole.stationary(n_carrier)
    assert counts[p < 1e-14].sum() == 0
    reached = p >= 1e-14
    assert abs(chi2_sigmas(*lumped(counts[reached], N_SAMPLE * p[reached]))) < 4
    wrong = MasterEquation(doubled(model)).stationary(n_carrier)[reached]
    assert chi2_sigmas(*lumped(counts[reached], N_SAMPLE * wrong)) > 6, "a doubled rate goes unnoticed"


def test_stationary_occupancies(long_run):
    _, n_carrier, whole, states, *_ = long_run
    exact = whole.occupancy(whole.stationary(n_carrier))
    for site, x in enumerate(exact):
        assert_within(*mean_and_error(whole.occupied[states, site]), x, at_most=0.02, scale=1)


def test_stationary_current(long_run):
    model, n_carrier, whole, _, displacement, _ = long_run
    exact = whole.displacement_rate(whole.stationary(n_carrier))
    scale = max(abs(exact), 0.05)
    assert_within(*mean_and_error(displacement), exact, at_most=0.05, scale=scale)


def test_stationary_exchange_with_reservoirs(long_run):
    model, n_carrier, whole, *_, exchanges = long_run
    p = whole.stationary(n_carrier)
    for kind in np.unique(model.graph.region):
        if not model.unary[2 * kind : 2 * kind + 2].any():
            assert not exchanges[:, 2 * kind : 2 * kind + 2].any()
            continue
        exact = sum(whole.entering(p, site) for site in np.flatnonzero(model.graph.region == kind))
        net = mean_and_error(exchanges[:, 2 * kind] - exchanges[:, 2 * kind + 1])
        assert_within(*net, exact, at_most=0.1, scale=max(abs(exact), 0.1))


@pytest.mark.parametrize(("name", "which"), with_kernels("driven ring", "driven ladder", "chain between reservoirs"))
def test_current_with_one_rate_doubled_is_told_apart(name, which):
    model, n_carrier = SYSTEMS[name]
    whole, wrong = MasterEquation(model), MasterEquation(doubled(model))
    interval = 5 * whole.relaxation_time(n_carrier)
    kernel = model.kernel(start_of(model, n_carrier), 6, which=which)
    kernel.advance(until=interval)
    moved = []
    for _ in range(N_SAMPLE):
        before = (kernel.hops @ model.graph.steps).sum()
        kernel.advance(until=kernel.time + interval)
        moved.append(((kernel.hops @ model.graph.steps).sum() - before) / interval)
    assert_within(*mean_and_error(moved), whole.displacement_rate(whole.stationary(n_carrier)))
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(*mean_and_error(moved), wrong.displacement_rate(wrong.stationary(n_carrier)))


# --- Transients ---


@pytest.mark.parametrize("part", [0.2, 1.0])
@pytest.mark.parametrize(
    ("name", "which"), with_kernels("driven ladder", "chain between reservoirs", "driven ring with reservoir")
)
def test_transient_is_that_of_the_matrix_exponential(name, which, part):
    model, n_carrier = SYSTEMS[name]
    whole, start = MasterEquation(model), start_of(model, n_carrier)
    time, bits = part * whole.relaxation_time(n_carrier), 1 << np.arange(model.graph.n_site)
    n_run, counts = 5000, np.zeros(len(whole.states))
    for kernel in many_times(model, start, which, n_run):
        kernel.advance(until=kernel.time + time)
        counts[(kernel.codes & 1) @ bits] += 1

    def sigmas(q):
        p = expm(q * time)[start @ bits]
        reached = p > 1e-12
        assert counts[~reached].sum() == 0
        return chi2_sigmas(*lumped(counts[reached], n_run * p[reached]))

    assert abs(sigmas(whole.generator)) < 4
    assert sigmas(MasterEquation(doubled(model)).generator) > 6, "a doubled rate goes unnoticed"


# --- First passage (V17) ---


def passage_times(n, rate, which=GroupKernel, n_run=3200):
    """From the closed end of a chain to the other end, n steps away, which is left no more."""
    hop = np.array([[rate, rate], [0.0, 0.0]])
    times = []
    for kernel in many_times(gas(chain(n + 1, [0] * n + [1]), hop), np.arange(n + 1) == 0, which, n_run):
        before = kernel.time
        assert kernel.advance().name == "NO_EVENT_POSSIBLE"
        times.append(kernel.time - before)
    return times


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize("n", [1, 4, 9])
def test_first_passage_takes_n_times_n_plus_one_over_two_hops(n, which):
    assert_within(*mean_and_error(passage_times(n, 5.0, which)), n * (n + 1) / 2 / 5.0, at_most=0.02)


def test_first_passage_at_another_rate_is_told_apart():
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(*mean_and_error(passage_times(4, 5.5)), 10 / 5.0)


# --- Reservoirs (V7, V11) ---

CONTACTS = [(0.9, 0.3, 0.2, 0.7), (1.0, 1.0, 0.1, 2.0), (0.05, 0.03, 0.3, 0.01)]  # in, out on the left; on the right


def between_reservoirs(n, left_in, left_out, right_in, right_out):
    """n sites hopping at rate 1; the first and the last are kinds of their own, so that they have own unary rates."""
    kinds = [1] + [0] * (n - 2) + [2]
    return gas(chain(n, kinds), np.ones((3, 3)), unary={1: (left_in, left_out), 2: (right_in, right_out)})


def simple_exclusion_current(n, left_in, left_out, right_in, right_out):
    """J of the symmetric exclusion process of n sites between two reservoirs, at any rates."""
    left, right = left_in / (left_in + left_out), right_in / (right_in + right_out)
    return (left - right) / (n + 1 / (left_in + left_out) + 1 / (right_in + right_out) - 1)


@pytest.mark.parametrize("contacts", CONTACTS)
@pytest.mark.parametrize("n", [2, 5, 7])
def test_formula_for_a_chain_between_reservoirs(n, contacts):
    whole = MasterEquation(between_reservoirs(n, *contacts))
    p, exact = whole.stationary(), simple_exclusion_current(n, *contacts)
    assert whole.entering(p, 0) == pytest.approx(exact, rel=1e-9)
    assert whole.entering(p, n - 1) == pytest.approx(-exact, rel=1e-9)
    assert whole.displacement_rate(p) == pytest.approx((n - 1) * exact, rel=1e-9)


def run_between_reservoirs(contacts, n=20, blocks=200, length=1200.0):
    """Current through every bond, in at the left and out at the right, in blocks."""
    kernel = between_reservoirs(n, *contacts).kernel(np.arange(n) % 2 == 0, 7, stream=np.random.SFC64)
    kernel.advance(until=length)
    seen = []
    for _ in range(blocks + 1):
        seen.append(np.append((kernel.hops @ [-1, 1]).sum() / (n - 1), kernel.exchanges))
        kernel.advance(until=kernel.time + length)
    flow = np.diff(seen, axis=0) / length
    return flow[:, 0], flow[:, 3] - flow[:, 4], flow[:, 6] - flow[:, 5]


@pytest.mark.parametrize("contacts", CONTACTS)
def test_chain_between_reservoirs(contacts):
    exact = simple_exclusion_current(20, *contacts)
    for flow in run_between_reservoirs(contacts):
        assert_within(*mean_and_error(flow), exact, at_most=0.03)


@pytest.mark.parametrize("which", range(4))
def test_contact_with_one_rate_doubled_is_told_apart(which):
    contacts = CONTACTS[2]
    wrong = [rate * (2 if i == which else 1) for i, rate in enumerate(contacts)]
    flow, *_ = run_between_reservoirs(wrong)
    assert_within(*mean_and_error(flow), simple_exclusion_current(20, *wrong), at_most=0.1)
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(*mean_and_error(flow), simple_exclusion_current(20, *contacts), at_most=0.1)


LANGMUIR = {Region.BULK: 0.9, Region.INTERFACE: 0.5, Region.WALL: 0.2}


@pytest.mark.parametrize("hopping", [0.0, 1.0])
def test_langmuir_occupancies(hopping):
    """Every region at one chemical potential, reservoirs everywhere, with and without hops between the regions."""
    graph = box("bcc", 4)
    graph.region[:] = np.arange(graph.n_site) % 3
    rates = rate_table(dict(zip(LANGMUIR, [hopping, 3 * hopping, 0.5 * hopping], strict=True)), LANGMUIR)
    unary = {kind: (x, 1 - x) for kind, x in LANGMUIR.items()}  # relaxes at rate 1
    model = gas(graph, rates.hop[:3, :3], unary=unary)
    kernel = model.kernel(np.zeros(graph.n_site), 8, stream=np.random.SFC64)
    kernel.advance(until=20.0)
    samples = []
    for _ in range(600):
        kernel.advance(until=kernel.time + 5.0)
        samples.append(np.bincount(graph.region, kernel.codes & 1) / np.bincount(graph.region))
    for kind, x in LANGMUIR.items():
        assert_within(*mean_and_error(np.array(samples)[:, kind]), x, at_most=0.015)


def test_langmuir_with_one_rate_doubled_is_told_apart():
    graph = graph_of(100, [], steps=[0])
    kernel = gas(graph, 0.0, unary={0: (2.0, 1.0)}).kernel(np.zeros(100), 9)
    samples = []
    for _ in range(400):
        kernel.advance(until=kernel.time + 4.0)
        samples.append((kernel.codes & 1).mean())
    assert_within(*mean_and_error(samples[2:]), 2 / 3, at_most=0.01)
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(*mean_and_error(samples[2:]), 1 / 2, at_most=0.01)
