"""Limits of a measurement, and results that can be sent to other processes."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from coble import Case
from coble.kinds.discriminate.run import discriminate
from coble.kmc.estimates.measure import EVENT_LIMIT, episode_events, measure
from coble.kmc.estimates.switched_off import expected_series
from coble.kmc.kernel.segment import Segment
from coble.kmc.network.exact import solve
from coble.kmc.rates.table import RateTable
from coble.lattices import Region, bcc, build_box

BOX = build_box(bcc(3.5, "100"), (6, 6, 6))


RATES = RateTable(np.ones((len(Region),) * 2), np.full(len(Region), 0.5))
SEGMENT = Segment(BOX, RATES, field_kT_per_A=0.05)
# A box of N sites that holds its number of atoms carries N / (N - 1) of what one with a free number does.
EXACT = solve(BOX, {Region.BULK: 0.25}).total * BOX.n_site / (BOX.n_site - 1)
EPISODE = sum(episode_events(SEGMENT))


@pytest.mark.parametrize(
    ("max_events", "replicas", "blocks"),
    [(1, 2, 2), (1, 3, 3), (3 * EPISODE, 2, 4), (9.5 * EPISODE, 2, 10)],
)
def test_the_limit_of_events_is_kept_in_whole_episodes(max_events, replicas, blocks):
    found = measure(SEGMENT, seed=1, replicas=replicas, target_error=0.0, max_events=max_events)
    assert found.reason == EVENT_LIMIT and found.n_block == blocks
    assert max_events <= found.n_event < max_events + 1.1 * replicas * EPISODE


def test_an_episode_is_as_long_as_its_carriers_need_and_no_longer_than_the_limits(monkeypatch):
    assert BOX.n_site == 432 and episode_events(SEGMENT) == (30 * 216, 30 * 216)
    monkeypatch.setattr("coble.kmc.estimates.measure.BURN_IN_EVENTS", 5000)
    assert episode_events(SEGMENT) == (5000, 30 * 216)
    large = SimpleNamespace(graph=SimpleNamespace(n_site=10**7), mean_carriers=5e6)
    assert episode_events(large)[1] == 10**6  # a start costs as many events
    few = Segment(BOX, RateTable(RATES.hop, np.full(len(Region), 0.99)), field_kT_per_A=0.05)
    assert episode_events(few) == (3000, 3000)
    large = Segment(build_box(bcc(3.5, "100"), (20, 20, 20)), RATES, field_kT_per_A=0.05)
    assert episode_events(large) == (5000, 150_000)


def test_expected_hops_add_up_to_the_propensities_and_their_mean_is_that_of_the_counts():
    gas = SEGMENT.start(1, (0, 0))
    expected = gas.kernel.hop_rates()
    assert expected.sum() == gas.kernel.total_propensity
    assert expected.shape == gas.kernel.hops.shape
    error_of = lambda run: run.total.stderr / run.total.value  # noqa: E731
    found = measure(SEGMENT, seed=3, target_error=0.02, error_of=error_of, expected=True)
    assert [len(c) for c in found.expected.conductance] == [len(c) for c in found.conductance]
    counted, looked = found.total, found.expected.total
    assert looked.stderr < counted.stderr / 4 <= 0.005 * counted.value
    assert abs(counted.value - looked.value) < 3 * np.hypot(counted.stderr, looked.stderr)
    assert abs(looked.value - EXACT) < 3 * looked.stderr < 0.01 * EXACT


def test_a_path_that_is_switched_off_is_known_from_a_short_run():
    found = expected_series(SEGMENT, seed=3)
    assert abs(found.total.value - EXACT) < 3 * found.total.stderr < 0.03 * EXACT
    assert [len(c) for c in found.conductance] == [16, 16]
    again = expected_series(SEGMENT, seed=3, workers=2)
    np.testing.assert_array_equal(found.conductance, again.conductance)
    assert expected_series(SEGMENT, seed=3, should_stop=lambda: True) is None


def test_a_result_can_be_pickled():
    case = Case(
        tubule={"inner_width_nm": 2.4, "wall_thickness_nm": 1.0, "segment_nm": 3.0},
        wall=[{"name": "Li9Al4"}],
        run={"max_events": 2e5, "target_error": 0.1},
    )
    found = discriminate(case, quick=True)
    copy = pickle.loads(pickle.dumps(found))
    mine, theirs = found.walls[0], copy.walls[0]
    assert theirs.verdict == mine.verdict and copy.case == case
    assert theirs.measurement.n_event == mine.measurement.n_event
    for a, b in zip(mine.measurement.end_states, theirs.measurement.end_states, strict=True):
        np.testing.assert_array_equal(a.occupied, b.occupied)
