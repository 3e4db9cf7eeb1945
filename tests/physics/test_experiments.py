"""Experiments that tell mechanisms apart: speeds against exact values and laws, and the verdict on simulated truths."""

from dataclasses import replace
from math import log, log10

import pytest
from checks import assert_within

import coble.kmc.estimates.measure
from coble import Case
from coble.kinds.experiment.run import EXPERIMENTS, SEEN, experiment, plan
from coble.kinds.experiment.speeds import Speed, speed
from coble.kmc.estimates.estimate import Estimate, exactly
from coble.kmc.estimates.mechanisms import rank_mechanisms
from coble.models.tubules.experiment_tubule import CASE, MECHANISMS, NOTHING, Condition, build

SETTINGS = {"seed": 5, "replicas": 2, "target_error": 0.038, "max_events": 3e7}
BARE_TO_COVERED = 3.549  # D_s / D_i at 300 K: 7.10e-7 / 2e-7


def small(**experiment):
    """W = 3 nm: the wall is so thick that it carries as much as the interface; four times the usual field."""
    return Case(
        tubule={"inner_width_nm": 3.0, "wall_thickness_nm": 4.3, "segment_nm": 4.0},
        wall=[{"name": "LiC6", "activation_energy_eV": 0.4}, {"name": "Li22Si5", "activation_energy_eV": 0.4}],
        experiment={"widths_nm": [3.0, 4.5], "temperatures_K": [280, 330], **experiment},
        run={"field_kT": 0.2},
    )


@pytest.fixture
def short_blocks(monkeypatch):
    monkeypatch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 25_000)
    monkeypatch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 40_000)


BUILT = {}  # tubules, by what they are of: every mechanism moves in the same


def exact_speed(condition, mechanism):
    """The run beside it is as short as can be."""
    key = repr((condition.case, condition.void, condition.obstacles))
    if key not in BUILT:
        BUILT[key] = build(condition, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 100)
        patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 100)
        return speed(BUILT[key], mechanism, SETTINGS | {"max_events": 1}, (1,))[1].total.value


@pytest.mark.parametrize("void", [0.25, 0.5, 0.75])
def test_exact_speed_past_a_void(void):
    """1 / (1 - φ + φ D_i / D_s) for the interface; 1 for wall and gap; 0 for bulk and slip."""
    case = small()
    case = case.model_copy(update={"tubule": case.tubule.model_copy(update={"segment_nm": 16.0})})
    law = {
        "interface": 1 / (1 - void + void / BARE_TO_COVERED),
        "wall": 1.0,
        "surface": 1.0,
        "bulk": 0.0,
        "slip": 0.0,
    }
    for mechanism, expected in law.items():
        whole, cut = (exact_speed(Condition("", case, void=part), mechanism) for part in (0.0, void))
        assert cut / whole == pytest.approx(expected, abs=0.03 if mechanism == "interface" else 1e-6), mechanism


@pytest.mark.parametrize("condition", [{"void": 0.5}, {"obstacles": True}, {}], ids=["void", "obstacles", "as it is"])
def test_measured_speeds_are_exact(short_blocks, condition):
    """Every mechanism by itself; control: of another mechanism's exact speed none is within 5 standard errors."""
    bench = build(Condition("here", small(), **condition), 2)
    found = {mechanism: speed(bench, mechanism, SETTINGS, (2,)) for mechanism in MECHANISMS}
    for mechanism, (measured, exact, _) in found.items():
        v, expected = measured.total, exact.total.value
        if not v.stderr:
            assert v.value == expected == 0
            continue
        unobstructed = bench.unobstructed.get(mechanism, 0.0) * bench.per_conductance or expected
        assert_within(v.value, v.stderr, expected, at_most=0.04, scale=unobstructed)
        others = [other.total.value for name, (_, other, _) in found.items() if name not in (mechanism, "wall")]
        if mechanism in ("interface", "surface") and expected:
            assert all(abs(v.value - other) > 5 * v.stderr for other in others)


def test_nothing_passes_a_void_through_the_bulk_from_the_first_hop_counted():
    """Atoms pile up before a void; from equilibrium that looked like 0.056 of the current without one."""
    case = Case(wall=[{"name": "LiC6"}], tubule={"inner_width_nm": 10.0, "wall_thickness_nm": 6.6, "segment_nm": 4.0})
    bench = build(Condition("with a void", case, void=0.5), 1)
    found, exact, _ = speed(bench, "bulk", SETTINGS | {"target_error": 0.012}, (1,))
    whole = bench.unobstructed["bulk"] * bench.per_conductance
    assert exact.total.value < 1e-6 * whole
    assert_within(found.total.value, found.total.stderr, 0.0, at_most=0.0121, scale=whole)


def test_a_plug_slips_only_where_it_touches_the_electrolyte_and_has_room():
    case = small()
    assert build(Condition("", case), 1).slip_nm_s > 0
    assert build(Condition("", case, void=0.5), 1).slip_nm_s == 0
    assert build(Condition("", case, obstacles=True), 1).slip_nm_s == 0


def exact_observable(name, mechanism):
    """The observable of an experiment, from exact speeds."""
    (found,), _, conditions = plan(small(), [name])
    speeds = [exactly(exact_speed(condition, mechanism)) for condition in conditions]
    return found.read(speeds).value


def test_exponents_of_the_width():
    """-1 for what goes along the wall's face, 0 for bulk, n + 1 for slip; the wall goes as w (W + w) / W²."""
    law = {"interface": -1.0, "surface": -1.0, "bulk": 0.0, "slip": 7.6}
    for mechanism, exponent in law.items():
        assert exact_observable("width", mechanism) == pytest.approx(exponent, abs=1e-6), mechanism
    assert exact_observable("width", "wall") == pytest.approx(
        log((3.0 + 4.3) / (4.5 + 4.3) * 2.25) / log(1.5) * -1, abs=0.1
    )


def test_slopes_with_temperature():
    """Those of the diffusivities that went in; for the wall the user's."""
    for mechanism, slope in {"interface": 0.348, "surface": 0.2557, "bulk": 0.53, "wall": 0.4}.items():
        assert exact_observable("temperature", mechanism) == pytest.approx(slope, abs=1e-3), mechanism


@pytest.fixture(scope="module")
def void_experiment():
    """The experiment with every truth in turn, dict of truth → Experiments."""
    patch = pytest.MonkeyPatch()
    patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 25_000)
    patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 40_000)
    runs = {}

    def once(bench, mechanism, settings, key, **running):
        """What is predicted is the same whatever the truth is."""
        name = bench.condition.name, mechanism, key
        if name not in runs:
            runs[name] = speed(bench, mechanism, settings, key, **running)
        return runs[name]

    patch.setattr("coble.kinds.experiment.run.speed", once)
    exact = {"target_error": 0.06, "knowledge": False}  # the judge by itself; unknown numbers are in test_posteriors
    found = {truth: experiment(small(), ["void"], truth=truth, **exact) for truth in (CASE, *MECHANISMS)}
    patch.undo()
    return found


def test_the_case_itself_is_a_tie_and_stays_undecided(void_experiment):
    """LiC6: half of the current in the wall, half along the interface."""
    found = void_experiment[CASE]
    assert found.judgement.named is None
    speed = found.observed["log10_speed"]
    assert_within(speed.value, speed.stderr, log10(2), at_most=0.1)  # twice Coble's


@pytest.mark.parametrize("truth", MECHANISMS)
def test_each_mechanism_simulated_in_turn_is_named(void_experiment, truth):
    found = void_experiment[truth]
    assert found.judgement.named == truth, found.judgement.sentence
    if truth == "interface":
        assert found.observed["void_ratio"].value != found.predicted[truth]["void_ratio"].value  # a run of its own


def test_nothing_that_moves_is_undecided(short_blocks):
    found = experiment(small(), ["void"], truth=NOTHING, target_error=0.2)
    assert found.observed == dict.fromkeys(("void_ratio", "marker", "log10_speed"))
    assert found.judgement.named is None and "nothing moved" in found.judgement.sentence


@pytest.mark.parametrize("knowledge", [True, False])
def test_what_was_stopped_before_its_observation_says_so(short_blocks, knowledge):
    """Not that nothing moved: the first mechanism did."""
    begun = []
    stop = {"should_stop": lambda: "wall" in begun, "report": lambda condition, mechanism, *_: begun.append(mechanism)}
    found = experiment(small(), ["void"], target_error=0.5, knowledge=knowledge, **stop)
    assert found.interrupted and found.speeds["interface"]["as it is"][0].total.value > 0
    assert found.judgement.named is None and "stopped before the observation" in found.judgement.sentence
    assert "moved" not in found.judgement.sentence


def test_wall_and_gap_are_not_told_apart_by_a_void_alone(void_experiment):
    found = void_experiment[CASE]
    judgement = rank_mechanisms(found.observables, found.predicted, {"void_ratio": Estimate(1.0, 0.03, 100)})
    assert judgement.named is None
    assert judgement.probability["wall"] > 0.1 and judgement.probability["surface"] > 0.1


def test_a_case_that_lacks_what_is_needed_is_refused():
    one = Case(wall=[{"name": "LiC6"}])
    with pytest.raises(ValueError, match="activation_energy_eV: is missing"):
        plan(one, ["temperature"])
    with pytest.raises(ValueError, match=r"another \[\[wall\]\]"):
        plan(one, ["wall-swap"])
    with pytest.raises(ValueError, match="not an observable"):
        plan(small(), ["void"], {"wall_ratio": Estimate(1, 0.1, 9)})
    with pytest.raises(ValueError, match="inner_width_nm must be at least"):
        plan(small(widths_nm=[0.5, 3.0]), ["width"])


def test_stopped_experiments_keep_what_they_know(short_blocks):
    calls = []

    def stop():
        calls.append(1)
        return len(calls) > 200

    found = experiment(small(), ["void"], target_error=0.03, should_stop=stop)
    assert found.interrupted
    assert found.predicted["slip"]["void_ratio"] is None or found.judgement.named is None


def test_every_experiment_changes_something():
    case = small()
    for name in EXPERIMENTS:
        _, _, conditions = plan(case, [name])
        assert len({condition.name for condition in conditions}) == len(conditions) >= 2


def test_slip_and_diffusion_add_up():
    found = Speed(Estimate(2.0, 0.3, 10), Estimate(1.0, 0.4, 20))
    assert (found.total.value, found.total.stderr) == (3.0, 0.5)
    assert replace(found, slip=Estimate(0.0, 0.0, 1)).total == found.diffusion
    assert SEEN
