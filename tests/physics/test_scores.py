"""Likelihood-ratio sensitivities against all states counted, the network's adjoint, and finite differences."""

import numpy as np
import pytest
from checks import assert_within, mean_and_error
from gas import MasterEquation, gas, lowered_kernel, many_of, some_of
from small_graphs import along_axis, graph_of

from coble.kmc.estimates.likelihood_ratio import controls, scores
from coble.kmc.kernel._kernel import GroupKernel, ScoreKernel
from coble.kmc.kernel.lowering import PATHS, initial_codes, kernel_tables
from coble.kmc.network.exact import responses
from coble.kmc.rates.table import RateTable, rate_table
from coble.lattices import Region, bcc, build_tubule, make_shape

BONDS = {Region.BULK: 0.5, Region.INTERFACE: 2.0, Region.WALL: 1.0}


def lanes():
    """Three lanes of three sites; two of them are broken, so that the bonds between kinds limit the current, too."""
    bonds = [(0, 1, 1), (1, 2, 1), (3, 4, 1), (4, 5, 1), (5, 3, 1), (6, 7, 1), (7, 8, 1)]
    bonds += [(2, 3, 1), (5, 0, 1), (8, 4, 0), (3, 6, 0)]
    positions = np.concatenate([along_axis(3) + [side, 0, 0] for side in range(3)])
    kind = np.repeat([Region.INTERFACE, Region.BULK, Region.WALL], 3)
    return graph_of(9, bonds, kind=kind, positions=positions, cell=[0, 0, 3])


def with_class(rates, path, factor):
    """Rates with those of one path class multiplied, both ways."""
    return RateTable(np.where(PATHS.index == path, factor, 1.0) * rates.hop, rates.occupancy)


def blocks(graph, rates, field, numbers, times, n_block, seed, which=ScoreKernel, late=False):
    """Displacement, and hops and exposures from the start (from the end of the burn-in when `late`), of random starts.

    Each kind holds its own number of atoms, all ways of placing them being equally likely: a law without rates.
    """
    tables = kernel_tables(graph, rates, sum(numbers.values()), field_kT_per_A=field)
    rng, sites = np.random.default_rng(seed), np.arange(graph.n_site)
    kernel = lowered_kernel(graph, tables, some_of(rng, graph, numbers), seed, which=which)
    steps, burn_in, duration = graph.steps_A * tables.atom_direction, *times
    hops, exposure = [kernel.hops], [getattr(kernel, "exposure", 0.0)]  # at each end of burn-in, and of block
    for occupied in many_of(rng, graph, numbers, n_block):
        kernel.set_codes(sites, initial_codes(graph, occupied, tables))
        for time in (burn_in, duration):
            kernel.advance(until=kernel.time + time)
            hops.append(kernel.hops)
            exposure.append(getattr(kernel, "exposure", 0.0))
    hops, exposure = np.array(hops), np.array(exposure)
    moved = ((hops[2::2] - hops[1::2]) @ steps).sum(axis=1)
    start = slice(1, None, 2) if late else slice(0, -1, 2)
    return moved, (hops[2::2] - hops[start]).sum(axis=2), exposure[2::2] - exposure[start]


def check(found, exact, at_most):
    """Every class that has an exact answer, and the sum over all classes."""
    classes, whole = found
    for path, value in exact.items():
        assert_within(classes[path].value, classes[path].stderr, value, at_most=at_most, scale=1.0)
    assert_within(whole.value, whole.stderr, 1.0, at_most=1.5 * at_most)


# --- Three lanes ---

CLASSES = [PATHS.index[a, a] for a in BONDS] + [PATHS.index[Region.BULK, b] for b in (Region.INTERFACE, Region.WALL)]
FIVE = {Region.BULK: 2, Region.INTERFACE: 2, Region.WALL: 1}  # atoms on nine sites
HALF = dict.fromkeys(BONDS, 0.5)


def counted_answers(rates, field):
    """d ln J / d ln k of every class in the stationary state, from all states with five atoms; relaxation time."""

    def current(path, factor):
        whole = MasterEquation(gas(lanes(), with_class(rates, path, factor).hop, field=field, path=PATHS.index))
        return whole.displacement_rate(whole.stationary(5)), whole

    h, relaxation = 0.01, current(0, 1.0)[1].relaxation_time(5)
    ends = {path: [np.log(current(path, np.exp(sign * h))[0]) for sign in (1, -1)] for path in CLASSES}
    return {path: (up - down) / (2 * h) for path, (up, down) in ends.items()}, relaxation


@pytest.fixture(scope="module")
def strong():
    """Blocks in a strong field, and what they should give."""
    rates = rate_table(BONDS, HALF)
    exact, relaxation = counted_answers(rates, 2.0)
    return exact, blocks(lanes(), rates, 2.0, FIVE, (4 * relaxation, 4 * relaxation), 42_000, 1)


def test_every_class_in_a_strong_field(strong):
    exact, (moved, hops, exposure) = strong
    assert len(exact) == 5 and min(exact.values()) > 0.025 and sum(exact.values()) == pytest.approx(1, abs=1e-4)
    check(controls(moved, scores(hops, exposure)), exact, at_most=0.01)


def test_scores_have_mean_zero(strong):
    _, (_, hops, exposure) = strong
    for path in CLASSES:
        assert_within(*mean_and_error(scores(hops, exposure)[:, path]), 0.0, at_most=0.01, scale=hops[:, path].mean())


@pytest.mark.parametrize("path", CLASSES)
def test_a_doubled_exposure_is_noticed(strong, path):
    """The covariance does not always tell: with metal doubled it hardly changes. The mean does, and so does the sum."""
    exact, (moved, hops, exposure) = strong
    wrong = scores(hops, exposure * np.where(np.arange(exposure.shape[1]) == path, 2, 1))
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(*mean_and_error(wrong[:, path]), 0.0, at_most=0.01, scale=hops[:, path].mean())
    if path != PATHS.index[Region.BULK, Region.BULK]:
        with pytest.raises(AssertionError, match="sigma"):
            check(controls(moved, wrong), exact, at_most=0.02)


def test_a_score_of_the_counted_time_alone_is_noticed():
    """The state after the burn-in depends on the rates: the score must reach back to the start."""
    exact, relaxation = counted_answers(rate_table(BONDS, HALF), 2.0)
    times = 5 * relaxation, relaxation / 2
    moved, hops, exposure = blocks(lanes(), rate_table(BONDS, HALF), 2.0, FIVE, times, 10_000, 2, late=True)
    with pytest.raises(AssertionError, match="sigma"):
        check(controls(moved, scores(hops, exposure)), exact, at_most=0.05)


def test_every_class_against_the_adjoint():
    """Linear response, equal occupancies: there the network is exact. A field of 0.35 shifts it by less than 0.004."""
    rates = rate_table(BONDS, HALF)
    current, slope = responses(lanes(), BONDS)
    total = sum(current.values())
    exact = {path: sum(float(s[PATHS.pairs[path]]) for s in slope.values()) / total for path in CLASSES}
    assert sum(exact.values()) == pytest.approx(1, abs=1e-6)
    counted, relaxation = counted_answers(rates, 0.35)
    assert max(abs(counted[path] - exact[path]) for path in CLASSES) < 0.004
    moved, hops, exposure = blocks(lanes(), rates, 0.35, FIVE, (3 * relaxation, 4 * relaxation), 60_000, 3)
    check(controls(moved, scores(hops, exposure)), exact, at_most=0.03)
    with pytest.raises(AssertionError, match="sigma"):
        check(controls(moved, scores(hops, exposure)), {**exact, 0: exact[0] - 0.15}, at_most=0.03)


# --- A tubule whose regions differ in occupancy ---


def test_every_class_of_a_tubule_against_finite_differences():
    graph = build_tubule(make_shape("single", 14.0, 8.0), bcc(3.5, "110"), wall_density=1.65e-2, segment=5.0)
    occupancy = {Region.BULK: 0.8, Region.INTERFACE: 0.5, Region.WALL: 0.6}
    numbers = {kind: round(x * graph.count(kind)) for kind, x in occupancy.items()}
    rates, times = rate_table(BONDS, occupancy), (0.5, 0.5)
    moved, hops, exposure = blocks(graph, rates, 1.0, numbers, times, 4200, 4)
    classes, whole = controls(moved, scores(hops, exposure))
    paths, h = np.flatnonzero(hops.any(axis=0)), 0.25
    assert len(paths) == 5
    for path in paths:
        ends = []
        for sign in (1, -1):
            changed = with_class(rates, path, np.exp(sign * h))
            ends.append(mean_and_error(blocks(graph, changed, 1.0, numbers, times, 400, 5, which=GroupKernel)[0]))
        (up, up_error), (down, down_error) = ends
        slope, error = np.log(up / down) / (2 * h), np.hypot(up_error / up, down_error / down) / (2 * h)
        difference = classes[path].value - slope
        assert_within(difference, float(np.hypot(classes[path].stderr, error)), 0.0, at_most=0.03, scale=1.0)
    assert_within(whole.value, whole.stderr, 1.0, at_most=0.04)
