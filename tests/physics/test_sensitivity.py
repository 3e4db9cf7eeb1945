"""Degree of rate control: the adjoint against differences of the exact solve, runs against both, and the sum rule."""

from math import log

import numpy as np
import pytest

import coble.kmc.estimates.measure
from coble import Case
from coble.kinds.sensitivity.measured import growth_sensitivities, measured_sensitivities
from coble.kinds.sensitivity.run import TOTAL, pairs_of, place_of, sensitivities
from coble.kmc.network import exact as network

ERROR = 0.03


def tubule(**conditions):
    """A void in a small tubule whose wall, interface and bulk all carry a part that can be seen."""
    return Case(
        tubule={"inner_width_nm": 2.4, "wall_thickness_nm": 1.0, "segment_nm": 4.0},
        wall=[{"name": "LiC6", "diffusivity_cm2_s": 5e-8, "activation_energy_eV": 0.4}],
        metal={"diffusivity_cm2_s": 1e-8},
        exchange={"wall": 0.3, "metal": 0.5},
        run={"field_kT": 0.3},
        **conditions,
    )


def test_adjoint_is_the_slope_of_the_exact_solve_for_every_class():
    found, place, step = sensitivities(tubule(), 0.5), place_of(tubule(), 0.5), 1e-3
    assert found.classes == tuple(pairs_of(place)) and len(found.classes) >= 8
    for number, (name, pair) in enumerate(pairs_of(place).items()):
        sides = [place.faster(pair, np.exp(sign * step)) for sign in (1, -1)]
        up, down = (network.solve(side.graph, side.bonds, side.between) for side in sides)
        slope = log(up.total / down.total) / (2 * step)
        assert found.control[TOTAL][number].value == pytest.approx(slope, abs=2e-5), name
    for what in found.control:
        assert found.sum(what).value == pytest.approx(found.rule[what], abs=1e-6), what


def test_a_class_moves_alone():
    place = place_of(tubule(), 0.5)
    before = network.harmonic_table(place.bonds, place.between)
    for name, (a, b) in pairs_of(place).items():
        other = place.faster((a, b), 3.0)
        expected = before.copy()
        expected[a, b] = expected[b, a] = 3 * before[a, b]
        after = network.harmonic_table(other.bonds, other.between)
        there = np.ix_(sorted(place.bonds), sorted(place.bonds))
        assert after[there] == pytest.approx(expected[there], rel=1e-12), name
        assert other.rates.imbalance() < 1e-12


def test_runs_agree_with_the_network(monkeypatch):
    monkeypatch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 20_000)
    monkeypatch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 20_000)
    case = tubule()
    exact, found = sensitivities(case, 0.5), measured_sensitivities(case, 0.5, error=ERROR, seed=5, workers=2)
    assert found.classes == exact.classes and not found.interrupted
    distances = []
    for measured, known in zip(found.control[TOTAL], exact.control[TOTAL], strict=True):
        assert measured.stderr < 1.5 * ERROR
        distances.append(measured.sigmas_from(known.value))
    assert np.abs(distances).max() < 3.5 and np.sqrt(np.mean(np.square(distances))) < 1.6, distances
    assert abs(found.sum(TOTAL).sigmas_from(1.0)) < 3 and found.sum(TOTAL).stderr < 0.15
    # A control that is seen at all: without it agreement would mean nothing.
    assert max(each.value / each.stderr for each in found.control[TOTAL]) > 10


def growing(**growth):
    return Case(
        tubule={"inner_width_nm": 2.0, "wall_thickness_nm": 0.8},
        wall=[{"name": "inert"}],
        growth={"depth_nm": 5.0, "until_front_nm": 3.5, "overpotential_V": 0.05, "records": 50, **growth},
    )


def test_growth_is_controlled_by_the_interface_and_obeys_the_sum_rule():
    found = growth_sensitivities(growing(), runs=8, seed=2, workers=2)
    assert set(found.control) == {"speed of the tip", "metal per time"} and not found.interrupted
    by_class = dict(zip(found.classes, found.control["metal per time"], strict=True))
    assert set(by_class) == {"interface", "surface", "metal surface", "bulk"}
    assert by_class["interface"].value > 0.5 and by_class["interface"].stderr < 0.15
    for what in found.control:
        assert abs(found.sum(what).sigmas_from(found.rule[what])) < 3 and found.sum(what).stderr < 0.25


def test_what_has_no_single_speed_is_refused():
    with pytest.raises(ValueError, match="leave out cycles"):
        growth_sensitivities(growing(cycles=2), runs=2)


def test_stopped_before_the_first_class_gives_nothing():
    assert growth_sensitivities(growing(), runs=2, should_stop=lambda: True) is None
    assert measured_sensitivities(tubule(), should_stop=lambda: True) is None
