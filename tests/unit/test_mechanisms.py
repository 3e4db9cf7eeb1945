"""The probability of every mechanism, given what was seen."""

from dataclasses import replace
from math import inf, pi, sqrt

import pytest

from coble.kmc.estimates.estimate import Estimate
from coble.kmc.estimates.mechanisms import NONE, Observable, rank_mechanisms
from coble.kmc.growth.power_law_creep import PowerLaw, pressure_MPa

RATIO = Observable("ratio", "v / v", 0.0, 4.0, 0.03)
MARKER = Observable("marker", "marker", 0.0, 1.0, 0.02)


def known(value, stderr=0.0):
    return Estimate(value, stderr, inf)


PREDICTED = {
    "interface": {"ratio": known(1.5), "marker": known(0.0)},
    "wall": {"ratio": known(1.0), "marker": known(0.0)},
    "slip": {"ratio": known(0.0), "marker": known(1.0)},
}


def judged(**seen):
    return rank_mechanisms([RATIO, MARKER], PREDICTED, seen)


@pytest.mark.parametrize("mechanism", PREDICTED)
def test_what_a_mechanism_predicts_names_it(mechanism):
    found = rank_mechanisms(
        [RATIO, MARKER], PREDICTED, {k: known(v.value, 0.05) for k, v in PREDICTED[mechanism].items()}
    )
    assert found.named == mechanism
    assert sum(found.probability.values()) == pytest.approx(1)
    assert mechanism.capitalize() in found.sentence


def test_the_densities_are_those_of_a_normal_and_a_uniform_distribution():
    """Bayes' theorem by hand: one observable, equal probabilities before."""
    seen, sigma = 1.4, sqrt(0.1**2 + 0.03**2)
    density = {
        m: 2.718281828 ** (-0.5 * ((seen - v) / sigma) ** 2) / (sigma * sqrt(2 * pi))
        for m, v in {"interface": 1.5, "wall": 1.0, "slip": 0.0}.items()
    }
    density[NONE] = 1 / 4
    found = rank_mechanisms([RATIO], PREDICTED, {"ratio": known(seen, 0.1)}).probability
    for mechanism, value in density.items():
        assert found[mechanism] == pytest.approx(value / sum(density.values()), abs=1e-9)


def test_a_mixture_is_not_blamed_on_the_nearest():
    found = judged(ratio=known(1.27, 0.02), marker=known(0.0, 0.01))
    assert found.named is None and found.probability[NONE] > 0.95
    assert "no single mechanism" in found.sentence


def test_a_mixture_that_looks_like_a_third_mechanism_is_said():
    """60 % interface and 40 % bulk: v with a void over without is 0.6 × 1.56 = 0.94, as good as the wall's 1."""
    ratios = {"interface": 1.56, "wall": 1.0, "bulk": 0.0}
    predicted = {m: {"ratio": known(ratio, 0.02), "marker": known(0.0)} for m, ratio in ratios.items()}
    found = rank_mechanisms([RATIO, MARKER], predicted, {"ratio": known(0.936, 0.03), "marker": known(0.0, 0.01)})
    assert found.named == "wall"
    assert found.mixture == pytest.approx({"interface": 0.6, "bulk": 0.4}, abs=0.011)
    assert "60 % interface and 40 % bulk together would give the same v / v, marker." in found.sentence


def test_what_no_mixture_gives_is_named_without_more():
    """No two of the others give the interface's 1.56; and what does not mix, like a speed, says nothing of mixtures."""
    predicted = {m: {"ratio": known(ratio)} for m, ratio in {"interface": 1.56, "wall": 1.0, "bulk": 0.0}.items()}
    found = rank_mechanisms([RATIO], predicted, {"ratio": known(1.56, 0.02)})
    assert found.named == "interface" and found.mixture is None and "together" not in found.sentence
    alone = replace(RATIO, mixes=False)
    found = rank_mechanisms([alone], predicted, {"ratio": known(1.0, 0.02)})
    assert found.named == "wall" and found.mixture is None


def test_a_wide_error_bar_decides_nothing():
    found = judged(ratio=known(1.25, 0.5), marker=known(0.0, 0.05))
    assert found.named is None and "Undecided between" in found.sentence
    assert found.probability["interface"] == pytest.approx(found.probability["wall"], rel=0.01)
    assert found.probability["slip"] < 1e-6


def test_nothing_seen_nothing_known():
    found = judged(ratio=None)
    assert found.named is None and "nothing" in found.sentence
    assert list(found.probability.values()) == pytest.approx([1 / 4] * 4)


def test_what_cannot_be_predicted_tells_nothing():
    """A mechanism without a prediction stands as "none of these" does."""
    silent = PREDICTED | {"wall": {"ratio": None, "marker": None}}
    found = rank_mechanisms([RATIO], silent, {"ratio": known(1.5, 0.05)})
    assert found.probability["wall"] == found.probability[NONE]
    assert found.named is None or found.named == "interface"


def test_the_error_of_a_prediction_counts():
    vague = {m: {"ratio": known(v["ratio"].value, 1.0)} for m, v in PREDICTED.items()}
    sharp, blunt = (
        rank_mechanisms([RATIO], p, {"ratio": known(1.5, 0.05)}).probability["interface"] for p in (PREDICTED, vague)
    )
    assert sharp > 0.9 > 0.5 > blunt


def test_power_law_creep_of_lithium():
    """Speeds of a plug of 100 nm at 50 mV, from the formula worked by hand; n = 6.6 and Q = 37 kJ/mol."""
    law = PowerLaw(4.25e4, 6.6, 0.3835, 1.0)
    pressure = pressure_MPa(0.05, 21.6)
    assert pressure == pytest.approx(370.9, rel=1e-3)
    assert law.plug_speed_nm_s(50, 6000, pressure, 300) == pytest.approx(92, rel=0.02)
    longer = law.plug_speed_nm_s(50, 12000, pressure, 300)
    assert law.plug_speed_nm_s(50, 6000, pressure, 300) / longer == pytest.approx(2**6.6)
    assert law.plug_speed_nm_s(100, 12000, pressure, 300) / longer == pytest.approx(2**7.6)
