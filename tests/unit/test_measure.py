"""Limits of a measurement, and results that can be sent to other processes."""

import pickle

import numpy as np
import pytest

from coble import Case
from coble.kinds.discriminate.run import discriminate
from coble.kmc.estimates.measure import EPISODE_EVENTS, EVENT_LIMIT, measure
from coble.kmc.kernel.segment import Segment
from coble.kmc.rates.table import RateTable
from coble.lattices import Region, bcc, build_box

BOX = build_box(bcc(3.5, "100"), (6, 6, 6))


@pytest.mark.parametrize(
    ("max_events", "replicas", "blocks"),
    [(1, 2, 2), (1, 3, 3), (3 * EPISODE_EVENTS, 2, 4), (9.5 * EPISODE_EVENTS, 2, 10)],
)
def test_the_limit_of_events_is_kept_in_whole_episodes(max_events, replicas, blocks):
    rates = RateTable(np.ones((len(Region),) * 2), np.full(len(Region), 0.5))
    segment = Segment(BOX, rates, field_kT_per_A=0.05)
    found = measure(segment, seed=1, replicas=replicas, target_error=0.0, max_events=max_events)
    assert found.reason == EVENT_LIMIT and found.n_block == blocks
    assert max_events <= found.n_event < max_events + 1.02 * replicas * EPISODE_EVENTS


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
