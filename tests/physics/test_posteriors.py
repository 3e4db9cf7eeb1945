"""Experiments judged with unknown numbers: by hand, calibrated, and never more certain than what is known."""

from dataclasses import replace
from math import erf, log, sqrt

import numpy as np
import pytest
from command import BAD_CASE, USAGE, invoke

from coble import Case
from coble.inputs.case import CaseError, load_case, parse_case, shipped
from coble.inputs.case_text import case_text
from coble.inputs.numbers.words import words_of
from coble.kinds.experiment import KIND
from coble.kinds.experiment.figures import draw_experiment
from coble.kinds.experiment.hypotheses.drawn import draw, drawn, drawn_tubule
from coble.kinds.experiment.hypotheses.forecasts import STRENGTHENING, forecast
from coble.kinds.experiment.hypotheses.judging import judged, posterior
from coble.kinds.experiment.hypotheses.next import measurements, ranking
from coble.kinds.experiment.known import next_after
from coble.kinds.experiment.result import as_dict
from coble.kinds.experiment.run import EXPERIMENTS, experiment, plan, refusals
from coble.kmc.estimates.estimate import Estimate, probability_text
from coble.kmc.estimates.mechanisms import NONE
from coble.kmc.growth.strength import standing, strength_MPa, strengthening
from coble.kmc.knowledge.evidence import (
    effective,
    information_bits,
    log_evidence,
    log_likelihood,
    normalised,
    posterior_weights,
)
from coble.lattices import Region
from coble.models.tubules.experiment_tubule import CASE, MECHANISMS, build

X50 = 0.05 / (8.617333e-5 * 300)  # eU / k_B T at 50 mV
CASE_TOML = {
    "tubule": {"inner_width_nm": 10.0, "wall_thickness_nm": 6.6, "segment_nm": 4.0},
    "wall": [{"name": "Li9Al4", "activation_energy_eV": 0.4}, {"name": "Li22Si5", "activation_energy_eV": 0.4}],
}


def seen(**values):
    """Observations by name, each (value, standard error)."""
    return {name: Estimate(value, error, 9, "given") for name, (value, error) in values.items()}


def forecast_of(names, case=None, **options):
    case = case or Case(**CASE_TOML)
    return forecast(case, {name: EXPERIMENTS[name](case) for name in names}, **options), plan(case, names)[1]


@pytest.fixture(scope="module")
def void():
    return forecast_of(["void"])


# ---- the two that were confidently wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "observed",
    [
        {"void_ratio": (1.03, 0.02), "marker": (0.0, 0.01), "log10_speed": (0.0, 0.05)},  # interface, D_s 0.3 times
        {"void_ratio": (1.0, 0.02), "marker": (0.0, 0.01), "log10_speed": (0.54, 0.05)},  # interface, D_i = 7e-7
    ],
    ids=["slow surface", "fast interface"],
)
def test_what_was_confidently_wrong_is_undecided(void, observed):
    """The truth is the interface; a judge for whom all numbers are exact gives it nothing."""
    forecasts, observables = void
    found = posterior(forecasts, observables, seen(**observed))
    exact = posterior(forecast_of(["void"], known=True)[0], observables, seen(**observed))
    assert exact.mechanism["interface"] < 0.01
    assert judged(found, list(observed)).named is None
    assert found.dominant["interface"] > 0.02
    assert max(found.dominant.values()) < 0.9


def test_what_dominates_is_the_mixture_of_all_hypotheses():
    """Where all paths in parallel do not give what was seen, what they would say counts for as little.

    The built-in case, by hand, row by row; `probability` and the sentence have the same numbers.
    """
    forecasts, observables = forecast_of(["void"], load_case(shipped("mechanisms")))
    found = posterior(forecasts, observables, seen(void_ratio=(1.03, 0.02), marker=(0, 0.01), log10_speed=(0, 0.05)))
    case, part = found.dominant_if_case, found.mechanism
    assert case["wall"] > 0.99 and part[CASE] < 0.05 and found.dominant["wall"] < 0.5
    assert found.dominant["surface"] == part["surface"] and found.dominant["slip"] < 1e-3
    for name in ("interface", "wall", "bulk"):
        assert found.dominant[name] == pytest.approx(part[name] + part[CASE] * case[name], abs=1e-12)
    assert found.dominant["none"] == pytest.approx(part[NONE] + part[CASE] * case["none"], abs=1e-12)
    assert sum(found.dominant.values()) == pytest.approx(1) == sum(found.dominant_before.values())
    before = forecasts.dominance()
    assert found.dominant_before["wall"] == pytest.approx((1 + before["wall"]) / 7)
    assert found.dominant_before["none"] == pytest.approx((1 + before["none"]) / 7)
    judgement = judged(found, ["a", "b", "c"])
    assert 50 < effective(found.weight) < 100  # that many samples tell nothing closer to 1
    assert judgement.probability == {NONE if k == "none" else k: p for k, p in found.dominant.items()}
    assert f"wall ({found.dominant['wall']:.2f})" in judgement.sentence
    assert f"All paths act in parallel with probability {part[CASE]:.2f}, " in judgement.sentence
    assert judgement.sentence.endswith("In parallel, most is moved by: wall > 0.98.")


def test_a_void_ratio_that_every_path_gives_moves_nothing():
    """1.0 ± 0.3: by hand, from the chance of that ratio under every mechanism alone."""
    case = Case(**CASE_TOML, surface={"diffusivity_cm2_s": {"value": 7.1e-7, "factor": 2.3}})
    forecasts, observables = forecast_of(["void"], case)
    found = posterior(forecasts, observables, seen(void_ratio=(1.0, 0.3), marker=(0.0, 0.01)))
    rng = np.random.default_rng(1)
    n, sigma = 400_000, sqrt(0.3**2 + 0.03**2)
    covered = np.exp(np.log(0.3) * rng.random(n)) * 7.1e-7 * np.exp(log(2.3) * rng.standard_normal(n))
    interface = 4e-8 * (7e-7 / 4e-8) ** rng.random(n)
    ratio = 1 / (0.5 + 0.5 * interface / covered)

    def density(x):
        return np.exp(-0.5 * ((1.0 - x) / sigma) ** 2) / (sigma * sqrt(2 * np.pi))

    still = 1 / (sqrt(0.01**2 + 0.02**2) * sqrt(2 * np.pi))  # of a marker that was seen to stand still
    by_hand = {"interface": density(ratio).mean(), "wall": density(1.0), "surface": density(1.0), "bulk": density(0.0)}
    by_hand = {name: each * still for name, each in by_hand.items()}
    range_ = (erf(3 / (sigma * sqrt(2))) + erf(1 / (sigma * sqrt(2)))) / 2 / 4
    by_hand[NONE] = range_ * 0.5
    alone = {name: found.mechanism[name] for name in by_hand}
    for name, each in by_hand.items():
        expected = each / sum(by_hand.values())
        assert alone[name] / sum(alone.values()) == pytest.approx(expected, abs=0.01), name
    assert max(found.mechanism.values()) < 0.95 and max(found.dominant.values()) < 0.95
    wall = 1e-10 * 100 ** rng.random(n)  # D of Li9Al4; conductances per length of perimeter and density of the metal
    bulk, D_i, D_s = (4e-11 * 2 ** rng.random(n)) * 10 / 4, interface * 0.2, covered * 0.2
    around = wall * 4.0e22 / (1e24 / 21.6) * ((5 + 6.6) ** 2 - 25) / 10
    bend = np.expm1(X50) / X50 / (1 + (0.1 + 0.8 * rng.random(n)) * np.expm1(X50))
    D_i, D_s = D_i * bend, D_s * bend
    plug, cut = D_i + around + bulk, 1 / (0.5 / D_i + 0.5 / D_s) + around
    free = 1 / (0.5 / plug + 0.5 / (D_s + around))
    part = rng.random(n)
    weight = density(free**part * cut ** (1 - part) / plug)
    for path, each in (("interface", D_i), ("wall", around)):
        leads = np.average(each / plug > 0.5, weights=weight)
        assert found.dominant_if_case[path] == pytest.approx(leads, abs=0.01), path
        mixed = found.mechanism[CASE] * leads + (1 - found.mechanism[CASE]) * by_hand[path] / sum(by_hand.values())
        assert found.dominant[path] == pytest.approx(mixed, abs=0.01), path
        assert abs(leads - np.mean(each / plug > 0.5)) < 0.15


def test_nothing_seen_leaves_everything_as_it_was(void):
    forecasts, observables = void
    found = posterior(forecasts, observables, {})
    assert len(set(np.round(list(found.mechanism.values()), 12))) == 1
    assert found.dominant == found.dominant_before
    assert "nothing moved" in judged(found, []).sentence


def test_a_path_that_carries_nothing_is_no_explanation():
    """A wall without lithium; before anything was seen it is as probable as the others."""
    forecasts, observables = forecast_of(["void"], Case(**CASE_TOML | {"wall": [{"name": "inert"}]}))
    found = posterior(forecasts, observables, seen(void_ratio=(1.5, 0.1)))
    assert found.dominant["wall"] == 0.0 and found.dominant["interface"] > 0.8
    assert posterior(forecasts, observables, {}).mechanism["wall"] == pytest.approx(1 / 7)


def test_observations_that_are_clear_are_named(void):
    forecasts, observables = void
    found = posterior(forecasts, observables, seen(void_ratio=(1.7, 0.05), marker=(0.0, 0.01)))
    assert judged(found, ["a", "b"]).named == "interface"
    assert found.dominant["interface"] > max(0.9, found.dominant_before["interface"])
    slips = posterior(forecasts, observables, seen(void_ratio=(0.0, 0.02), marker=(1.0, 0.01)))
    assert judged(slips, ["a", "b"]).named == "slip"


def test_no_sentence_is_surer_than_its_samples(void):
    """Few samples that count: "> 0.98" of 83, as one in 83 would change it; many: as ever."""
    forecasts, observables = void
    found = posterior(forecasts, observables, seen(void_ratio=(1.7, 0.05), marker=(0.0, 0.01)))
    equal = np.full(forecasts.n_sample, 1 / forecasts.n_sample)
    weights = dict.fromkeys(found.weights, equal)
    many = replace(found, dominant=found.dominant | {"interface": 0.9999}, weights=weights)
    few = np.repeat([1 / 83, 0.0], [83, forecasts.n_sample - 83])
    few = replace(many, weights=dict.fromkeys(found.weights, few))
    assert few.least_samples == pytest.approx(83)
    assert "Interface, with probability > 0.98 from a and b" in judged(few, ["a", "b"]).sentence
    assert "Interface, with probability > 0.999 from a and b" in judged(many, ["a", "b"]).sentence
    assert [probability_text(0.9999, n) for n in (1.5, 10, 500, 2000)] == ["> 0.5", "> 0.9", "> 0.99", "> 0.999"]
    assert probability_text(0.7, 10) == "0.70"


def test_numbers_that_are_the_same_stand_once_after_observations():
    same = {"interface": {"diffusivity_cm2_s": {"same_as": "surface.diffusivity_cm2_s"}}}
    forecasts, observables = forecast_of(["void"], Case(**CASE_TOML | same), n_sample=256)
    found = posterior(forecasts, observables, seen(void_ratio=(1.0, 0.1)))
    for numbers in (found.parameters, found.parameters_before):
        assert "interface.diffusivity_cm2_s" not in numbers
        ties = {key: each["ties"] for key, each in numbers.items() if "ties" in each}
        assert ties == {"surface.diffusivity_cm2_s": ["interface.diffusivity_cm2_s"]}


def test_posteriors_of_numbers_narrow_where_something_was_measured(void):
    """A tracer-like observation: a fast tip that leaves markers still says that D is at the high end."""
    forecasts, observables = void
    found = posterior(forecasts, observables, seen(log10_speed=(0.5, 0.03)))
    key = "interface.diffusivity_cm2_s"
    assert found.parameters[key]["p50"] > 1.5 * found.parameters_before[key]["p50"]
    untouched = "metal.diffusivity_cm2_s"
    assert found.parameters[untouched]["p50"] == pytest.approx(found.parameters_before[untouched]["p50"], rel=0.05)


# ---- laws ------------------------------------------------------------------------------------------------------------


def test_forecasts_at_the_stated_numbers_are_the_laws():
    """Series law past a void, its bounds with all paths, -1 and 0 for widths, activation energies."""
    forecasts, _ = forecast_of(["void", "width", "temperature", "wall-swap"], known=True)
    given = {
        name: {key: float(np.ravel(each)[0]) for key, each in o.items()} for name, o in forecasts.observed_by.items()
    }
    ratio = 7.1037e-7 / 2e-7
    assert given["interface"]["void_ratio"] == pytest.approx(1 / (0.5 + 0.5 / ratio), rel=1e-3)
    assert given["wall"]["void_ratio"] == given["surface"]["void_ratio"] == pytest.approx(1.0)
    assert given["bulk"]["void_ratio"] == given["slip"]["void_ratio"] == 0.0
    assert given["interface"]["void_ratio"] > given[CASE]["void_ratio"] > 1.0
    assert given["interface"]["width_exponent"] == pytest.approx(-1) and given["bulk"][
        "width_exponent"
    ] == pytest.approx(0)
    assert given["slip"]["width_exponent"] == pytest.approx(7.6)
    assert given["interface"]["activation_energy_eV"] == pytest.approx(0.348, abs=1e-3)
    assert given["interface"]["log10_speed"] == pytest.approx(0)
    assert given["wall"]["wall_ratio"] == pytest.approx(1e-11 * 5.3 / (1e-9 * 4.0), rel=1e-6)


def test_coverage_of_the_bare_wall_enters_the_void():
    full, bare = (
        forecast_of(["void"], Case(**CASE_TOML, surface={"coverage": part}), known=True)[0] for part in (1.0, 0.3)
    )
    a, b = (float(each.observed_by["interface"]["void_ratio"][0]) for each in (full, bare))
    ratio = 7.1037e-7 / 2e-7
    assert (a, b) == pytest.approx((1 / (0.5 + 0.5 / ratio), 1 / (0.5 + 0.5 / (0.3 * ratio))), rel=1e-3)


def test_past_a_void_all_paths_lie_between_their_bounds(void):
    forecasts, _ = void
    values = forecasts.values
    ends = []
    for part in (0.0, 1.0):
        fixed = {**values, "void.exchange": np.full(forecasts.n_sample, part)}
        ends.append(type(forecasts)(forecasts.case, forecasts.experiments, fixed, forecasts.unknowns, forecasts.prior))
    cut, free = (each.observed_by[CASE]["void_ratio"] for each in ends)
    assert (cut <= free * (1 + 1e-9)).all()
    between = forecasts.observed_by[CASE]["void_ratio"]
    assert (between >= cut * (1 - 1e-9)).all() and (between <= free * (1 + 1e-9)).all()


def test_strength_grows_as_the_tubule_narrows_and_is_named():
    assert strength_MPa(1000.0) == 105.0 and strength_MPa(100.0) == pytest.approx(502.6, abs=1)
    assert strengthening(1e6) == 1.0 and strengthening(100.0) == pytest.approx(10**2.72, rel=1e-6)
    said = standing(371.0, 100.0)
    assert said.index("244 MPa") < said.index("below") < said.index("503 MPa")
    forecasts, _ = forecast_of(["width"])
    exponent = forecasts.observed_by["slip"]["width_exponent"]
    assert exponent == pytest.approx(7.6 + 0.68 * 6.6 * forecasts.values[STRENGTHENING], rel=1e-6)


# ---- calibration -----------------------------------------------------------------------------------------------------


def test_forecast_probabilities_are_reliable():
    """300 truths, one in seven of each hypothesis, void and speed with noise; benchmarks/knowledge.py has 1,000."""
    case = Case(**CASE_TOML)
    forecasts, observables = forecast_of(["void"], case, n_sample=2**12)
    rng = np.random.default_rng(8)
    truths = drawn(forecasts, 300, 8)
    stated, right, hypotheses = [], [], (CASE, *MECHANISMS, NONE)
    noise = {"void_ratio": 0.1, "log10_speed": 0.1, "marker": 0.02}
    for at in range(300):
        behind = hypotheses[at % len(hypotheses)]
        anything = {o.name: np.full(300, rng.uniform(o.low, o.high)) for o in observables}
        given = {name: each[at] for name, each in (truths.observed_by | {NONE: anything})[behind].items()}
        total = {o.name: sqrt(noise[o.name] ** 2 + o.resolution**2) for o in observables}
        observed = seen(**{k: (given[k] + total[k] * rng.standard_normal(), noise[k]) for k in noise})
        stated.append(posterior(forecasts, observables, observed).dominant["interface"])
        leads = [*truths.shares, NONE][truths.dominant[at]] if behind == CASE else behind
        right.append(leads == "interface")
    stated, right = np.array(stated), np.array(right, dtype=float)
    error = sqrt(np.sum(stated * (1 - stated))) / len(stated)
    assert error < 0.03
    assert abs(stated.mean() - right.mean()) < 3 * error
    low = stated < 0.5
    for part in (low, ~low):
        spread = sqrt(np.sum(stated[part] * (1 - stated[part]))) / part.sum()
        assert abs(stated[part].mean() - right[part].mean()) < 3 * spread
    brier, ignorant = np.mean((stated - right) ** 2), right.mean() * (1 - right.mean())
    assert brier < 0.95 * ignorant


# ---- information -----------------------------------------------------------------------------------------------------


def test_an_experiment_that_cannot_tell_gives_no_information():
    """The void, between wall and surface: both predict 1."""
    forecasts, _ = forecast_of(["void"])
    both = np.concatenate([forecasts.observed_by[name]["void_ratio"] for name in ("wall", "surface")])
    label = np.repeat([0, 1], forecasts.n_sample)
    assert information_bits(label, both, 0.1) < 1e-6
    other = np.concatenate([forecasts.observed_by[name]["void_ratio"] for name in ("wall", "interface")])
    assert information_bits(label, other, 0.1) > 0.2


def test_information_of_two_normal_distributions():
    """Two values, one bit at most; against numerical integration."""
    label, samples = np.repeat([0, 1], 500), np.repeat([0.0, 1.0], 500)
    for sigma in (0.05, 0.5, 1.0, 3.0):
        x = np.linspace(-20, 21, 400_001)
        p = [np.exp(-0.5 * ((x - at) / sigma) ** 2) / (sigma * sqrt(2 * np.pi)) for at in (0.0, 1.0)]
        p = [np.maximum(each, 1e-200) for each in p]
        bits = sum(np.sum(each * np.log2(2 * each / (p[0] + p[1]))) for each in p) / 2 * (x[1] - x[0])
        assert information_bits(label, samples, sigma) == pytest.approx(bits, abs=0.002)


def test_more_precise_is_never_less_informative():
    forecasts, _ = forecast_of(list(EXPERIMENTS))
    precisions = (0.02, 0.05, 0.1, 0.3, 1.0)
    found = [{each["experiment"]: each["bits"] for each in ranking(forecasts, p)} for p in precisions]
    for name in found[0]:
        bits = [each[name] for each in found]
        assert all(a >= b - 2e-3 for a, b in zip(bits, bits[1:], strict=False)), name
    assert set(measurements(forecasts, 0.1)) == set(found[0])
    best = found[2]
    assert list(best)[0] == max(best, key=best.get) and best["marker"] < 1e-3


def test_what_was_measured_already_tells_little_more():
    case = Case(**CASE_TOML)
    observables = plan(case, ["void"])[1]
    before = {each["experiment"]: each["bits"] for each in next_after(case)}
    after = {
        each["experiment"]: each["bits"]
        for each in next_after(case, observables, seen(void_ratio=(1.7, 0.03), marker=(0.0, 0.02)))
    }
    assert after["void"] < 0.5 * before["void"]


def test_what_to_measure_next_knows_single_mechanisms_after_observations():
    """Wall or surface, as the void left it: a swap of walls tells them apart, no further void does; all bits finite.

    Far observations leave weights that no number can hold beside others: then bits still are numbers.
    """
    case = Case(**CASE_TOML)
    observables = plan(case, ["void"])[1]
    undecided = seen(void_ratio=(1.03, 0.02), marker=(0.0, 0.01), log10_speed=(0.0, 0.05))
    found = {each["experiment"]: each["bits"] for each in next_after(case, observables, undecided)}
    assert found["wall-swap"] > 0.3 > 0.05 > found["void"]
    for far in ({"log10_speed": (3.9, 0.01)}, {"void_ratio": (0.5, 0.001), "marker": (0.5, 0.001)}):
        bits = [each["bits"] for each in next_after(case, observables, seen(**far))]
        assert np.isfinite(bits).all() and min(bits) >= 0 and max(bits) <= np.log2(6) + 1e-9
    forecasts, _ = forecast_of(list(EXPERIMENTS), case)
    after = posterior(forecasts, observables, undecided)
    coarse, fine = ({e["experiment"]: e["bits"] for e in ranking(forecasts, p, after)} for p in (0.3, 0.1))
    assert all(fine[name] >= coarse[name] - 2e-3 for name in fine)


def test_evidence_by_hand():
    samples = np.array([0.0, 1.0, np.nan])
    found = log_likelihood(samples, 1.0, 0.5, 0.0, 4.0)
    normal = -0.5 * np.array([4.0, 0.0]) - log(0.5 * sqrt(2 * np.pi))
    inside = (erf(3 / (0.5 * sqrt(2))) + erf(1 / (0.5 * sqrt(2)))) / 2
    assert found == pytest.approx([*normal, log(inside / 4)])
    assert log_evidence([found]) == pytest.approx(log(np.exp(found).mean()))
    weight = posterior_weights([found, found])
    assert weight == pytest.approx(np.exp(2 * found) / np.exp(2 * found).sum())
    assert effective(np.ones(7)) == 7
    assert normalised({"a": 0.0, "b": log(3)}) == pytest.approx({"a": 0.25, "b": 0.75})
    assert set(MECHANISMS) >= {"interface", "wall"}


# ---- what was published ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published():
    return load_case(shipped("observations"))


def _with_errors(observable):
    """Predictions with an error of 0.6 of that of what was seen."""
    error = 0.6 * observable["observed"]["stderr"] if observable["observed"] else None
    return {name: each and each | {"stderr": error} for name, each in observable["predicted"].items()}


def test_the_published_observations_exclude_slip_and_bulk_and_leave_carbon_open(published):
    """Without a simulation; slip had one chance in five before."""
    found = experiment(published, published.experiment.which)
    content = as_dict(found)
    KIND.checked(content)
    after = content["posterior"]
    assert after["dominant_before"]["slip"] > 0.1
    assert after["dominant"]["slip"] < 0.01 and after["dominant"]["bulk"] < 0.01
    assert 0.05 < after["dominant"]["interface"] < 0.95 and content["verdict"]["named"] is None
    assert [each["bits"] for each in content["next"]] == sorted((e["bits"] for e in content["next"]), reverse=True)
    ranked = [each["experiment"] for each in content["next"]]
    assert "tracer D of the wall" in ranked and not any("interface" in name for name in ranked)  # nothing measures it
    assert not any(content["speeds_nm_s"].values()) and "371 MPa" in content["stands"]
    figure = draw_experiment(content)
    assert "band: observed, 95 % with what cannot be resolved" in figure.subfigs[0].get_supxlabel()
    panel = next(ax for ax in figure.axes if ax.get_xlabel() == "probability to move more than half")
    bars = [bar.get_width() for bar in panel.patches]
    shared = {path: after["mechanism"][CASE] * p for path, p in after["dominant_if_case"].items()}
    alone = {path: p - shared.get(path, 0.0) for path, p in after["dominant"].items()}
    parts = (alone, shared, after["dominant_before"])  # the first two side by side
    assert bars == pytest.approx([each.get(path, 0.0) for path in after["dominant"] for each in parts])
    panel = next(ax for ax in figure.axes if ax.get_xlabel() == "over the median of the prior")
    assert [text.get_text() for text in panel.get_yticklabels()] == [words_of(key)[0] for key in after["parameters"]]
    assert {name: found.observed[name].value for name in found.observed}["void_ratio"] == 1.0
    drawn = dict.fromkeys(after["parameters"], 2.0)
    tables = {table.name: table for table in KIND.tables(content | {"truth_values": drawn})}
    assert "widen the comparison" not in tables["predictions"].note
    noisy = [each | {"predicted": {**each["predicted"], **_with_errors(each)}} for each in content["observables"]]
    (note,) = (table.note for table in KIND.tables(content | {"observables": noisy}) if table.name == "predictions")
    assert "widen the comparison with what was given (" in note and "without --quick" in note
    assert tables["parameters"].headings[1] == "simulated" and {row[1] for row in tables["parameters"].rows} == {"2"}
    assert f"Posterior of no path: {after['dominant']['none']:.3f}." in tables["predictions"].note
    *parts, together, _ = tables["dominant"].rows  # each row of what a hypothesis says, by its probability
    for column, path in enumerate(after["dominant"], 2):
        summed = sum(float(row[1]) * float(row[column] or 0) for row in parts)
        assert summed == pytest.approx(float(together[column]), abs=0.002)
        assert float(together[column]) == pytest.approx(after["dominant"][path], abs=0.0005)
    assert content["probability"] == {NONE if path == "none" else path: p for path, p in after["dominant"].items()}


def test_observations_of_a_case_are_checked():
    for text, said in (
        ("observed = { void_ratio = { value = 1.0 } }", "stderr: is missing"),
        ("observed = { void_ratio = { value = 1.0, stderr = 0 } }", "must be > 0"),
        ("observed = { speed = { value = 1.0, stderr = 0.1 } }", "void_ratio"),
        ("observed = { marker = { value = 'x', stderr = 0.1 } }", "must be a finite number"),
    ):
        with pytest.raises(CaseError, match=said):
            parse_case(f"[experiment]\n{text}\n")
    case = Case(**CASE_TOML, experiment={"simulate": False})
    assert "observed" in refusals(case)[0]
    with pytest.raises(ValueError, match="simulate"):
        experiment(case, ["void"])


def test_a_case_without_observations_is_the_same_as_ever():
    assert {"simulate", "observed"}.isdisjoint(Case().experiment.model_dump())
    text = case_text(Case(experiment={"observed": {"marker": {"value": 0.0, "stderr": 0.1}}}))
    assert parse_case(text).experiment.observed["marker"].stderr == 0.1


# ---- simulated truths ------------------------------------------------------------------------------------------------


def test_truths_are_drawn_from_the_prior():
    """A tubule at drawn numbers conducts as many times more as its law says; another seed draws others."""
    case = Case(tubule={"inner_width_nm": 3.0, "wall_thickness_nm": 4.3, "segment_nm": 4.0}, wall=[{"name": "LiC6"}])
    forecasts, _ = forecast_of(["void"], case)
    one, other = draw(forecasts, 1), draw(forecasts, 2)
    key = "interface.diffusivity_cm2_s"
    assert one.values[key][0] != other.values[key][0]
    assert 4e-8 <= one.values[key][0] <= 7e-7
    condition = forecasts.conditions[0]
    bench = build(condition, 1)
    moved = drawn_tubule(bench, one, condition)
    values = {name: float(each[0]) for name, each in one.values.items()}
    bend = np.expm1(X50) / X50 / (1 + values["interface.occupancy"] * np.expm1(X50))
    faster = values[key] / 2e-7 * bend
    assert moved.bonds["interface"][Region.INTERFACE] / bench.bonds["interface"][Region.INTERFACE] == pytest.approx(
        faster
    )
    wall = values["wall.diffusivity_cm2_s"] / 1e-8
    assert moved.bonds[CASE][Region.WALL] / bench.bonds[CASE][Region.WALL] == pytest.approx(wall)
    assert moved.slip_nm_s < bench.slip_nm_s  # stronger than specimens of millimetres


def test_what_to_measure_next_is_printed():
    found = invoke("discriminate", "--next", "--precision", "0.2")
    assert found.exit_code == 0
    assert "wall-swap" in found.stdout and "bits" in found.stdout and "20 %" in found.stdout
    observed = ("--experiment", "void", "--observed", "void_ratio=1.7+-0.03")
    after = invoke("discriminate", "--next", "--precision", "0.2", *observed)
    assert after.exit_code == 0 and after.stdout != found.stdout
    for wrong in (("--truth", "wall"), ("--no-knowledge",), ("--observed", "speed=1+-1"), ("--experiment", "vod")):
        assert invoke("discriminate", "--next", *wrong).exit_code in (USAGE, BAD_CASE)


def test_options_that_would_do_nothing_are_refused():
    for words, said in (
        (("--precision", "0.1"), "give --next, too"),
        (("--experiment", "void", "--precision", "0.1"), "give --next, too"),
        (("--next", "--check-knowledge"), "--next has none"),
        (("--experiment", "void", "--check-knowledge"), "--experiment has none"),
    ):
        found = invoke("discriminate", *words)
        assert found.exit_code == USAGE and said in " ".join(found.stderr.split()), words
