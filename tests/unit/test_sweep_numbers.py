"""Which replicas a point of a campaign counts, and which it still asks for, by hand."""

from types import SimpleNamespace

import pytest

from coble.kinds.campaign.run import PointState, Sweep
from coble.kinds.campaign.settings import FLOW
from coble.kmc.estimates.estimate import Estimate

SETUP = {"replicas": None, "near": None, "target_error": 0.01, "most_replicas": 100, "seed": 1, "events": 1e5}


def sweep(**setup):
    """A campaign without a folder, of which only the setup is known."""
    made = object.__new__(Sweep)
    made.campaign, made.folder = SimpleNamespace(kind=FLOW, setup=SimpleNamespace(**SETUP | setup)), "nowhere"
    return made


def test_replicas_count_in_the_order_of_their_numbers_up_to_the_first_that_is_missing():
    state = PointState(None, {4: "e", 2: "c", 0: "a", 1: "b"})
    assert state.in_order() == ["a", "b", "c"]
    assert PointState(None, {1: "b"}).in_order() == []


def test_an_error_is_believed_from_two_replicas_on():
    assert sweep()._more(PointState(None, {})) == [0, 1]
    assert sweep()._more(PointState(None, {0: "a"})) == [1]
    assert sweep(most_replicas=2)._more(PointState(None, {0: "a", 1: "b"})) == []


@pytest.mark.parametrize(("stderr", "short"), [(0.02, 12), (0.009, 1), (0.2, 96)])
def test_the_error_falls_as_the_root_of_the_replicas(stderr, short):
    """Of 4 replicas with twice the target error 12 are short; at least one is, and no more than are allowed."""
    known = {"share.wall": Estimate(0.5, stderr, 4), "conductance_S_m": Estimate(1.0, 9.0, 4)}
    state = SimpleNamespace(in_order=lambda: [None] * 4, estimates=lambda kind: known)
    assert sweep()._short(state) == short


def test_points_far_from_a_tie_need_no_replicas():
    """near = 0.1: with a share of 0.9 the exact answer suffices."""
    state = PointState(SimpleNamespace(digest="d"), exact={"shares": {"wall": 0.1, "interface": 0.9}})
    assert sweep(near=0.1, replicas=2)._next(state) == [] and state.complete and not state.open
