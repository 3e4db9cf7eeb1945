"""The kernels against their plain Python twins, bit for bit: clock, codes, counters, propensities, random stream."""

from math import fsum, log

import numpy as np
import pytest
from checks import assert_within
from gas import KERNELS
from random_gases import STREAMS, arguments_for, from_scratch, random_arguments, random_tables, state_of, twins
from small_graphs import box, chain, graph_of, ladder, random_graph, ring

from coble.kmc.kernel._kernel import BinKernel, GroupKernel
from coble.kmc.kernel.lowering import initial_codes, kernel_tables, neighbours_of
from coble.kmc.rates.table import rate_table
from coble.lattices import Region, bcc, build_tubule, make_shape

EVENTS = 150


def run_both(kernel, twin, **stop):
    """Advance both; the reasons for stopping must agree."""
    reason = kernel.advance(**stop)
    assert reason.name == twin.advance(**stop)
    return reason.name


def assert_same(kernel, twin):
    assert state_of(kernel) == state_of(twin)
    np.testing.assert_array_equal(kernel.hop_rates(), twin.hop_rates())


# --- Random gases ---


@pytest.mark.parametrize(
    ("which", "first"),
    [*((GroupKernel, first) for first in range(0, 400, 50)), *((BinKernel, first) for first in range(0, 200, 50))],
)
@pytest.mark.parametrize("stream", STREAMS)
def test_random_gases(which, stream, first, seeds):
    """Every gas with one of the streams, and with --all-seeds with each."""
    reasons, (start, step) = set(), seeds((STREAMS.index(stream), len(STREAMS)), (0, 1))
    for seed in range(first + start, first + 50, step):
        kernel, twin = twins(random_arguments(seed, which), seed, stream, which)
        assert_same(kernel, twin)
        for _ in range(5):
            reasons.add(run_both(kernel, twin, max_events=EVENTS // 5))
            assert_same(kernel, twin)
    assert "REACHED_EVENTS" in reasons


@pytest.mark.parametrize("which", KERNELS)
def test_larger_gases(which):
    """Of several blocks of sites, and more than one group of them."""
    for seed, n_site in enumerate((300, 300, 1500)):
        kernel, twin = twins(random_arguments(1000 + seed, which, n_site=n_site, unary=True), seed, which=which)
        run_both(kernel, twin, max_events=1500)
        assert_same(kernel, twin)


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize("filled", [0.3, 0.7])
def test_lowered_tubule(filled, which):
    """Real tables on a real graph, in a field, carried by atoms or by vacancies."""
    graph = build_tubule(make_shape("single", 14.0, 8.0), bcc(3.5, "111"), wall_density=1.65e-2, segment=5.0)
    n_atom = round(filled * graph.n_site)
    occupancy = {Region.BULK: 0.9, Region.INTERFACE: 0.5, Region.WALL: 0.3}
    rates = rate_table({Region.BULK: 0.1, Region.INTERFACE: 30.0, Region.WALL: 1.0}, occupancy)
    tables = kernel_tables(graph, rates, n_atom, field_kT_per_A=0.1)
    occupied = np.random.default_rng(1).permutation(graph.n_site) < n_atom
    codes = initial_codes(graph, occupied, tables)
    kernel, twin = twins((neighbours_of(graph), codes, tables), 3, np.random.SFC64, which)
    run_both(kernel, twin, max_events=1500)
    assert_same(kernel, twin)
    assert kernel.hops.any(axis=1).sum() == 5


@pytest.mark.parametrize("which", KERNELS)
def test_random_cuts_in_time_and_events(which):
    """Cut alike, the two agree to the last bit, the clock included."""
    for seed in range(40):
        rng = np.random.default_rng(10_000 + seed)
        kernel, twin = twins(random_arguments(seed, which), seed, which=which)
        for _ in range(12):
            scale = 1 / (float(kernel.total_propensity) * kernel.quantum or 1.0)
            until = kernel.time + scale * rng.exponential(8.0) * rng.choice([0.0, 0.01, 1.0])
            run_both(kernel, twin, until=until, max_events=int(rng.integers(0, 20)))
            assert_same(kernel, twin)


# --- Degenerate gases ---


def tables_of(rate, unary=0, n_step=3, n_kind=1):
    """The same rate for every hop, the same for every unary event."""
    table = np.zeros((n_step, 2 * n_kind, 2 * n_kind), dtype=np.uint64)
    table[:, 1::2, 0::2] = rate
    path = np.zeros((2 * n_kind, 2 * n_kind), dtype=np.uint8)
    return table, np.full(2 * n_kind, unary, dtype=np.uint64), path


def nothing(n):
    """n sites and no bond."""
    return graph_of(n, [], steps=[-1, 0, 1])


DEGENERATE = {
    "no site": (nothing(0), [], tables_of(1, 1)),
    "one site, no event": (nothing(1), [1], tables_of(1)),
    "one site that toggles": (nothing(1), [0], tables_of(0, 1)),
    "one site that toggles at the largest propensity": (nothing(1), [1], tables_of(0, 1 << 61)),
    "no bond, only unary": (nothing(9), [0, 1] * 4 + [0], tables_of(5, 3)),
    "no bond, no unary": (nothing(4), [1, 0, 1, 0], tables_of(5)),
    "empty": (chain(5), [0] * 5, tables_of(5)),
    "full": (chain(5), [1] * 5, tables_of(5)),
    "full, with a way out": (chain(5), [1] * 5, tables_of(5, 1)),
    "zero rates": (chain(5), [1, 0, 1, 0, 0], tables_of(0)),
    "one carrier": (chain(5), [0, 0, 1, 0, 0], tables_of(1)),
    "one vacancy": (ring(6), [1, 1, 0, 1, 1, 1], tables_of(7)),
    "double bonds": (ring(2), [1, 0], tables_of(3)),
    "isolated sites beside bonded ones": (graph_of(6, [(1, 3, 1), (3, 4, 0)]), [1, 1, 0, 0, 0, 1], tables_of(3, 2)),
    "one step class": (graph_of(2, [(0, 1, 0)]), [1, 0], tables_of(4, n_step=1)),
    "no site, no unary": (nothing(0), [], tables_of(1)),
    "bonds and isolated sites, no unary": (graph_of(6, [(1, 3, 1), (3, 4, 0)]), [1, 1, 0, 0, 0, 1], tables_of(3)),
    "one pair": (chain(2), [1, 0], tables_of(1)),
    "largest rate": (chain(2), [1, 0], tables_of(1 << 61)),
    "three bonds between two sites": (graph_of(2, [(0, 1, 1), (0, 1, 1), (1, 0, 1)]), [1, 0], tables_of(2)),
}


def unary_of(name):
    return DEGENERATE[name][2][1]


@pytest.mark.parametrize(
    ("name", "which"), [(n, k) for k in KERNELS for n in DEGENERATE if k is GroupKernel or not unary_of(n).any()]
)
def test_degenerate_gases(name, which):
    graph, codes, tables = DEGENERATE[name]
    for seed in range(3):
        kernel, twin = twins(arguments_for(graph, codes, tables), seed, which=which)
        assert_same(kernel, twin)
        run_both(kernel, twin, max_events=60)
        assert_same(kernel, twin)
        run_both(kernel, twin, until=kernel.time + 3.0, max_events=200)
        assert_same(kernel, twin)


IDLE = ["no site, no unary", "one site, no event", "no bond, no unary", "empty", "full", "zero rates"]


@pytest.mark.parametrize(("name", "which"), [*((n, k) for n in IDLE for k in KERNELS), ("no site", GroupKernel)])
def test_nothing_can_happen(name, which):
    kernel, twin = twins(arguments_for(*DEGENERATE[name]), 1, which=which)
    assert run_both(kernel, twin) == "NO_EVENT_POSSIBLE"
    assert kernel.time == 0.0
    assert run_both(kernel, twin, until=2.5) == "NO_EVENT_POSSIBLE"
    assert kernel.time == twin.time == 2.5
    assert kernel.n_event == 0 == kernel.total_propensity


def test_way_of_no_return_ends():
    """Carriers that can only leave: the last event empties the box."""
    graph = chain(6)
    rate, unary, path = tables_of(3)
    unary[1] = 1
    kernel, twin = twins(arguments_for(graph, [1] * 6, (rate, unary, path)), 5)
    assert run_both(kernel, twin) == "NO_EVENT_POSSIBLE"
    assert_same(kernel, twin)
    assert kernel.exchanges.tolist() == [0, 6]
    assert not kernel.codes.any()


@pytest.mark.parametrize("name", [n for n in DEGENERATE if unary_of(n).any()])
def test_bins_refuse_unary_events(name):
    with pytest.raises(
        ValueError, match="BinKernel has neither unary events nor counts of neighbours: use GroupKernel"
    ):
        BinKernel(*arguments_for(*DEGENERATE[name]), np.random.SFC64(1))


@pytest.mark.parametrize("which", KERNELS)
def test_rate_zero_is_never_chosen(which):
    """One step class and one pair of kinds are closed: their counters stay zero among many events."""
    rng = np.random.default_rng(3)
    graph = box("bcc", 4, "110")
    graph.region[:] = rng.integers(0, 2, graph.n_site)
    rate = np.zeros((len(graph.steps), 4, 4), dtype=np.uint64)
    rate[:, 1::2, 0::2] = rng.integers(1, 1000, (len(graph.steps), 2, 2))
    rate[0] = 0
    rate[:, 1, 2] = 0
    path = np.zeros((4, 4), dtype=np.uint8)
    path[1, 2], path[3, 0] = 1, 2
    codes = 2 * graph.region + (rng.random(graph.n_site) < 0.4)
    kernel = which(*arguments_for(graph, codes, (rate, np.zeros(4, np.uint64), path)), np.random.SFC64(3))
    kernel.advance(max_events=200_000)
    hops = kernel.hops
    assert hops[:, 0].sum() == 0
    assert hops[1].sum() == 0
    assert hops[2].sum() > 0
    assert kernel.exchanges.sum() == 0


# --- The same trajectory however it is cut ---


def gas_on_a_box(which=GroupKernel, seed=7):
    """Four kinds on 432 sites, rates of all sizes; hops, and for groups unary events."""
    rng = np.random.default_rng(seed)
    graph = box("bcc", 6, "100")
    graph.region[:] = rng.integers(0, 4, graph.n_site)
    rate = np.zeros((len(graph.steps), 8, 8), dtype=np.uint64)
    rate[:, 1::2, 0::2] = np.exp(rng.uniform(0, 18, (len(graph.steps), 4, 4))).astype(np.uint64)
    unary = np.exp(rng.uniform(12, 18, 8)).astype(np.uint64) * np.uint64(which is GroupKernel)
    path = np.repeat(np.repeat(rng.integers(0, 10, (4, 4)), 2, axis=0), 2, axis=1).astype(np.uint8)
    codes = 2 * graph.region + (rng.random(graph.n_site) < 0.5)
    return graph, arguments_for(graph, codes, (rate, unary, path), n_path=10, quantum=1e-3)


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("seed", range(3))
def test_cuts_change_nothing(which, stream, seed):
    _, arguments = gas_on_a_box(which)
    whole = which(*arguments, stream(seed))
    whole.advance(max_events=20_000)
    end = whole.time * (1 + 1e-9)
    assert whole.advance(until=end).name == "REACHED_TIME"

    by_event = which(*arguments, stream(seed))
    while by_event.advance(until=end, max_events=1 + by_event.n_event % 977).name == "REACHED_EVENTS":
        pass
    assert state_of(by_event) == state_of(whole)

    by_time, rng = which(*arguments, stream(seed)), np.random.default_rng(seed)
    for cut in [*np.sort(rng.uniform(0, end, 3000)), end]:
        while by_time.advance(until=cut, max_events=int(rng.integers(0, 50))).name != "REACHED_TIME":
            pass
        assert by_time.time == cut
    assert state_of(by_time) == state_of(whole)


@pytest.mark.parametrize("which", KERNELS)
def test_looking_changes_nothing(which):
    _, arguments = gas_on_a_box(which)
    watched, alone = (which(*arguments, np.random.SFC64(5)) for _ in range(2))
    for _ in range(200):
        watched.advance(max_events=10)
        state_of(watched), watched.nbytes(), watched.displacements, getattr(watched, "acceptance", None)
    alone.advance(max_events=2000)
    assert state_of(watched) == state_of(alone)


@pytest.mark.parametrize("which", KERNELS)
def test_going_back_in_time_or_asking_for_nothing(which):
    _, arguments = gas_on_a_box(which)
    kernel, other = (which(*arguments, np.random.SFC64(5)) for _ in range(2))
    kernel.advance(max_events=10)
    before = state_of(kernel)
    assert kernel.advance(until=kernel.time / 2).name == "REACHED_TIME"
    assert kernel.advance(max_events=0).name == "REACHED_EVENTS"
    assert state_of(kernel) == before
    kernel.advance(max_events=10)
    other.advance(max_events=20)
    assert state_of(kernel) == state_of(other)


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize("stop", [{"until": float("nan")}, {"max_events": -1}, {"until": 1.0, "max_events": -7}])
def test_impossible_stops_are_refused(which, stop):
    _, arguments = gas_on_a_box(which)
    kernel = which(*arguments, np.random.SFC64(5))
    before = state_of(kernel)
    with pytest.raises(ValueError, match="until must be a number and max_events >= 0, got"):
        kernel.advance(**stop)
    assert state_of(kernel) == before


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize("stream", STREAMS)
def test_same_seed_same_trajectory_other_seed_another(which, stream):
    _, arguments = gas_on_a_box(which)
    one, two, other = (which(*arguments, stream(seed)) for seed in (1, 1, 2))
    for kernel in (one, two, other):
        kernel.advance(max_events=50_000)
    assert state_of(one) == state_of(two)
    assert state_of(one) != state_of(other)


def arrays_of(arguments):
    neighbours, codes, tables = arguments
    held = [getattr(part, name) for part in (neighbours, tables) for name in vars(part)]
    return [codes, *(array for array in held if isinstance(array, np.ndarray))]


@pytest.mark.parametrize("which", KERNELS)
def test_read_only_inputs_stay_as_they_are(which):
    _, arguments = gas_on_a_box(which)
    arrays = arrays_of(arguments)
    assert len(arrays) == 8
    copies = [array.copy() for array in arrays]
    for array in arrays:
        array.setflags(write=False)
    which(*arguments, np.random.SFC64(5)).advance(max_events=5000)
    for array, copy in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


# --- What is kept against what is found from scratch ---


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize("stream", STREAMS)
def test_kept_propensities_are_those_from_scratch(which, stream, seeds):
    events = seeds(200_000, 1_000_000)
    graph, arguments = gas_on_a_box(which)
    kernel, tables = which(*arguments, stream(11)), arguments[2]
    for _ in range(10):
        kernel.advance(max_events=events // 10)
        expected = from_scratch(graph, tables, kernel.codes)
        np.testing.assert_array_equal(kernel.propensities(), expected)
        assert kernel.total_propensity == sum(expected.tolist()) == sum(kernel.propensities().tolist())
        if which is GroupKernel:
            np.testing.assert_array_equal(kernel.kept_propensities(), expected)
        else:
            assert kernel.acceptance == kernel.total_propensity / weight_by_hand(graph, tables, kernel.codes)
    assert kernel.n_event == events == kernel.hops.sum() + kernel.exchanges.sum()
    if which is GroupKernel:
        assert min(kernel.hops.sum(), kernel.exchanges.sum()) > events // 50
        assert kernel.n_draw < 2.1 * events


@pytest.mark.parametrize("which", KERNELS)
def test_carriers_are_conserved_by_hops(which):
    graph, arguments = gas_on_a_box(which)
    arguments[2].unary[:] = 0
    kernel = which(*arguments, np.random.SFC64(2))
    before = kernel.codes
    kernel.advance(max_events=200_000)
    assert (before & 1).sum() == (kernel.codes & 1).sum()
    np.testing.assert_array_equal(before >> 1, kernel.codes >> 1)
    assert kernel.exchanges.sum() == 0


# --- Draws ---


def weight_by_hand(graph, tables, codes):
    """Σ over carriers, over their edges to the own kind and the most to others in their class, of the largest rate."""
    kind = codes >> 1
    beside = [kind[graph.target[a:b]] for a, b in zip(graph.indptr[:-1], graph.indptr[1:], strict=True)]
    own = [int((near == k).sum()) for k, near in zip(kind, beside, strict=True)]
    classes = {}
    for site, near in enumerate(beside):
        classes.setdefault((int(kind[site]), own[site], own[site] < len(near)), []).append(site)
    total = 0
    for (k, n_own, _), sites in classes.items():
        others = {int(there) for site in sites for there in beside[site]} - {k}
        rates = tables.rate[:, 2 * k + 1].max(axis=0).tolist()
        weight = n_own * rates[2 * k]
        weight += max(len(beside[site]) - n_own for site in sites) * max((rates[2 * k2] for k2 in others), default=0)
        total += weight * int((codes[sites] & 1).sum())
    return total


FORK = graph_of(4, [(0, 1, 0), (0, 2, 0), (1, 2, 0), (1, 3, 0)], kind=[0, 0, 1, 1])
ACCEPTED = {  # graph, codes, rate by kind, accepted part
    "all open": (ring(8), [1, 0] * 4, [[5]], (1, 1)),
    "one of two open": (ring(6), [1, 1, 1, 0, 0, 0], [[7]], (2, 6)),
    "three edges": (ladder(4, 0, 0), [1, 0, 0, 0, 0, 0, 0, 0], [[2]], (1, 1)),
    "end of a chain": (chain(4), [1, 0, 0, 0], [[3]], (1, 1)),
    "one edge to each of two kinds": (ring(4, [0, 0, 1, 1]), [1, 0, 2, 2], [[3, 6], [1, 9]], (1, 1)),
    "two bins": (ring(4, [0, 0, 1, 1]), [1, 0, 3, 3], [[3, 6], [1, 9]], (3 + 1, 9 + 10 + 10)),
    "fewer others than a site of the class": (FORK, [1, 0, 2, 2], [[3, 6], [1, 9]], (3 + 6, 3 + 2 * 6)),
    "slower of two other kinds": (ring(3, [0, 1, 2]), [1, 2, 4], [[0, 2, 5], [0] * 3, [0] * 3], (2 + 5, 2 * 5)),
    "nothing open": (ring(4), [1, 1, 1, 1], [[3]], (0, 8)),
    "no carrier": (ring(4), [0, 0, 0, 0], [[3]], (1, 1)),
    "no rate": (ring(4), [1, 0, 1, 0], [[0]], (1, 1)),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted_part_by_hand(name):
    graph, codes, rate, (accepted, of) = ACCEPTED[name]
    table = np.zeros((len(graph.steps), 2 * len(rate), 2 * len(rate)), dtype=np.uint64)
    table[:, 1::2, 0::2] = rate
    tables = table, np.zeros(2 * len(rate), np.uint64), np.zeros(table.shape[1:], np.uint8)
    kernel = BinKernel(*arguments_for(graph, codes, tables), np.random.SFC64(1))
    assert kernel.acceptance == accepted / of


@pytest.mark.parametrize("seed", range(3))
def test_draws_are_rejected_as_often_as_stated(seed):
    """Each event takes a geometric number of draws, of mean 1 / acceptance."""
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, 60, 150, [-1, 0, 1], 3)
    table, unary, path = tables_of(1, n_kind=3)
    table[:, 1::2, 0::2] = rng.integers(1, 20, (3, 3, 3))
    codes = 2 * graph.region + (rng.random(60) < 0.5)
    kernel = BinKernel(*arguments_for(graph, codes, (table, unary, path)), np.random.SFC64(seed))
    chance = []
    for _ in range(20_000):
        chance.append(kernel.acceptance)
        kernel.advance(max_events=1)
    p = np.array(chance)
    assert 0.02 < p.mean() < 0.5
    assert_within(kernel.n_draw, float(np.sqrt(((1 - p) / p**2).sum())), (1 / p).sum(), at_most=0.01)


ONE_CHANCE = [("one site that toggles", GroupKernel), ("one pair", GroupKernel), ("one pair", BinKernel)]


@pytest.mark.parametrize(("name", "which"), ONE_CHANCE)
def test_clock_is_the_exact_sum_of_the_waiting_times(name, which):
    """A total propensity of 1 takes two words per event, so that the waits can be drawn again."""
    n = 200_000
    kernel = which(*arguments_for(*DEGENERATE[name], quantum=3e7), np.random.PCG64DXSM(4))
    kernel.advance(max_events=n)
    words = np.random.PCG64DXSM(4).random_raw(2 * n)[::2]
    exact = fsum(-log(1.0 - (int(word) >> 11) * 2.0**-53) / 3e7 for word in words)
    assert abs(kernel.time - exact) <= 2 * np.spacing(exact)
    if name == "one site that toggles":
        assert kernel.exchanges.tolist() == [n // 2, n // 2]
    else:
        assert kernel.hops.sum() == n


# --- Tracking ---


def followed(graph, occupied_by_particle, events, step_of_particle):
    """Displacement and summed squared steps of every particle, from the list of carrier hops alone."""
    class_of = {
        (int(i), int(j)): int(c) for i, j, c in zip(graph.sources(), graph.target, graph.step_class, strict=True)
    }
    assert len(class_of) == graph.n_edge  # no double bonds: the event names its step
    where = {site: site for site in np.flatnonzero(occupied_by_particle).tolist()}  # site → particle
    moved, squared = np.zeros((2, graph.n_site), dtype=int)
    for _, site, target in events:
        step = step_of_particle[class_of[site, target]]
        source, goal = (site, target) if site in where else (target, site)
        particle = where.pop(source)
        assert goal not in where
        where[goal] = particle
        moved[particle] += step
        squared[particle] += step**2
    return moved, squared


def undone(events):
    """Hops whose two sites nothing has touched since the way there, from the list of events alone."""
    last, number = {}, 0
    for event, (_, site, target) in enumerate(events):
        if target is None:
            last[site] = event
        else:
            number += last.get(site, "never") == last.get(target)
            last[site] = last[target] = event
    return number


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize("carrier_is_particle", [True, False])
@pytest.mark.parametrize("filled", [0.02, 0.4, 0.9])
def test_tracked_displacements(which, carrier_is_particle, filled):
    graph = box("bcc", 3, "110")
    rng = np.random.default_rng(8)
    codes = (rng.random(graph.n_site) < filled).astype(np.uint8)
    codes[:2] = 0, 1
    tables = random_tables(rng, len(graph.steps), 1, 1, unary=False)
    tables[0][:, 1, 0] = rng.integers(1, 50, len(graph.steps))
    steps = (graph.steps if carrier_is_particle else -graph.steps).astype(np.int64)
    tracking = {"step_of_particle": steps, "carrier_is_particle": carrier_is_particle}
    kernel, twin = twins(arguments_for(graph, codes, tables), 4, which=which, **tracking)
    run_both(kernel, twin, max_events=4000)
    assert_same(kernel, twin)
    held = codes == (1 if carrier_is_particle else 0)
    moved, squared = followed(graph, held, twin.events, steps)
    np.testing.assert_array_equal(kernel.displacements, moved)
    np.testing.assert_array_equal(kernel.squared_steps, squared)
    assert kernel.n_undone == undone(twin.events) > 0
    assert not kernel.displacements[~held].any()
    assert kernel.displacements.sum() == (kernel.hops @ steps).sum()
    # A particle is now where its displacement says, up to whole periods.
    period = round(graph.length / graph.unit)
    height = np.rint(graph.positions[:, 2] / graph.unit).astype(int)
    ends = np.bincount((height[held] + moved[held]) % period, minlength=period)
    now = (kernel.codes & 1) == (1 if carrier_is_particle else 0)
    np.testing.assert_array_equal(ends, np.bincount(height[now] % period, minlength=period))


@pytest.mark.parametrize("which", KERNELS)
def test_undone_hops_of_random_gases(which):
    """With reservoirs: a carrier that comes or goes between two hops is no flicker."""
    seen = 0
    for seed in range(40):
        arguments = random_arguments(seed, which)
        steps = np.arange(arguments[2].n_step)
        kernel, twin = twins(arguments, seed, which=which, step_of_particle=steps)
        run_both(kernel, twin, max_events=300)
        assert kernel.n_undone == undone(twin.events)
        seen += kernel.n_undone
    assert seen > 1000


@pytest.mark.parametrize("which", KERNELS)
def test_tracking_changes_no_event(which):
    graph, arguments = gas_on_a_box(which)
    plain = which(*arguments, np.random.SFC64(5))
    tracked = which(*arguments, np.random.SFC64(5), step_of_particle=graph.steps)
    for kernel in (plain, tracked):
        kernel.advance(max_events=50_000)
    assert state_of(plain) == state_of(tracked)
    assert plain.displacements is None
    assert plain.squared_steps is None
    neighbours = neighbours_of(graph)
    held = neighbours.arrays() + (neighbours.arranged(graph.region).arrays() if which is BinKernel else [])
    assert tracked.nbytes() > plain.nbytes() > sum(array.nbytes for array in held)
