"""Same seed, same numbers: whatever the workers, and whoever else is in the case."""

import copy
from importlib import import_module

import pytest

import coble.kmc.estimates.measure
from coble import Case
from coble.kinds.discriminate.result import as_dict
from coble.kinds.discriminate.run import discriminate

# Both walls have the same sites, and so the same metal and interface.
NAMES = ("LiC6-optimistic", "LiC6")
TUBULE = {"inner_width_nm": 6.0, "wall_thickness_nm": 3.0}


@pytest.fixture(scope="module", autouse=True)
def short():
    """Blocks and tracer runs a tenth as long: numbers are compared here, not judged."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 5000)
        patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 5000)
        patch.setattr(import_module("coble.kinds.discriminate.job"), "TRACER_HOPS", 1e5)
        yield


def run(*names, **settings):
    case = Case(tubule=TUBULE, wall=[{"name": name} for name in names])
    return discriminate(case, target_error=0.1, **settings)


@pytest.fixture(scope="module")
def one_worker():
    return run("LiC6", workers=1)


def numbers(result, name="LiC6"):
    """All that result.json says of a wall, but for times."""
    plain = next(copy.deepcopy(wall) for wall in as_dict(result)["walls"] if wall["name"] == name)
    for clock in ("seconds", "seconds_by_stage"):
        del plain["run"][clock]
    return plain


def test_two_workers_give_the_numbers_of_one(one_worker):
    assert numbers(run("LiC6", workers=2)) == numbers(one_worker)


def test_same_seed_same_numbers_other_seed_others(one_worker):
    assert numbers(run("LiC6", seed=1)) == numbers(one_worker)
    other = run("LiC6", seed=2)
    for kind, path in other["LiC6"].paths.items():
        assert path.share.value != one_worker["LiC6"].paths[kind].share.value
        assert other["LiC6"].tracer[kind].haven_ratio != one_worker["LiC6"].tracer[kind].haven_ratio
    assert other["LiC6"].exact_shares == one_worker["LiC6"].exact_shares


@pytest.mark.parametrize("order", [NAMES, NAMES[::-1]], ids=["before", "after"])
def test_another_wall_in_the_case_changes_nothing(one_worker, order):
    both = run(*order, workers=2)
    assert numbers(both) == numbers(one_worker)
    assert numbers(both, NAMES[0])["paths"] != numbers(both)["paths"]


def test_replicas_do_not_depend_on_how_many_there_are(one_worker):
    """Replica i is the same in a run of two as in one of three, as long as both run."""
    series = one_worker["LiC6"].measurement.conductance
    three = run("LiC6", workers=2, replicas=3)["LiC6"].measurement.conductance
    for ours, theirs in zip(series, three[:2], strict=True):
        shared = min(len(ours), len(theirs))
        assert shared >= 12
        assert (ours[:shared] == theirs[:shared]).all()
    assert (series[0][:12] != series[1][:12]).any()
