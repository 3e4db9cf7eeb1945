"""A matrix of tubules that are not alike: closed forms of the lognormal, the filling law, and the tail of 10^10."""

from math import exp, log, sqrt

import numpy as np
import pytest
from checks import assert_within
from scipy.stats import norm

from coble.kinds.design.packings import PACKINGS, packing_named
from coble.kmc.devices import cell
from coble.kmc.devices.importance_sampling import likeliest_point, radius_of, radius_reaching, tail
from coble.kmc.devices.tubule_matrix import (
    DIMENSIONS,
    Matrix,
    Scatter,
    at_charge,
    charge,
    mean_over,
    overpotential_V,
    sample,
    usable_charge,
)

PORES = packing_named("round pores, hexagonal")
N = 10**10


def matrix(packing=PORES, wall=0.0, series=0.0, **scatter):
    return Matrix(packing, 100.0, 10.0, wall, 11.5, 20.0, series, Scatter(**scatter))


def normal(n, seed=3):
    return np.random.default_rng(seed).standard_normal((n, DIMENSIONS))


# ---- tubules ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PACKINGS)
def test_a_tubule_conducts_as_the_matrix_of_its_like(name):
    packing = packing_named(name)
    alike = matrix(packing, wall=0.7).tubules(np.zeros((1, DIMENSIONS)))
    conductance = cell.areal_S_cm2(cell.matrix_mS_cm(packing, 0.7, 11.5, 100.0, 10.0), 20.0)
    assert alike.resistance[0] == pytest.approx(1 / conductance)
    assert alike.burden[0] == pytest.approx(cell.hoop_factor(100.0, 10.0))
    for part in (0.3, 0.9):  # plugs of part of the depth: part of the overpotential
        volts = overpotential_V(alike, at_charge(alike, part), 3.0)
        assert volts == pytest.approx(part * cell.needed_V(conductance * 20 / 10, 3.0, 20.0))


@pytest.mark.parametrize("name", PACKINGS)
def test_mean_areas(name):
    """Moments of the lognormal distributions against draws."""
    found = matrix(packing_named(name), inner_width=0.2, wall_thickness=0.3)
    width, wall, _ = found.sizes(normal(200_000))
    for mean, values in (
        (found.mean_footprint_nm2, found.packing.footprint_nm2(width, wall)),
        (found.mean_bore_nm2, found.packing.bore_nm2(width)),
    ):
        assert_within(values.mean(), values.std() / sqrt(len(values)), mean, at_most=2e-3)


@pytest.mark.parametrize("series", [0.0, 4.0])
def test_filling_follows_the_equation_of_motion(series):
    """a dx/dt = U(t) / (ρ + x r) for an overpotential that moves, step by step (4th-order Runge-Kutta)."""
    tubules = matrix(wall=0.5, series=series, inner_width=0.1, wall_thickness=0.2, diffusivity=0.3).tubules(normal(50))
    volts = lambda t: 1.0 + 0.8 * np.sin(7 * t)  # noqa: E731
    speed = lambda t, x: volts(t) / (tubules.series + x * tubules.resistance) / tubules.bore  # noqa: E731
    end, n = 0.4, 2000
    begin = 0.02
    integral = lambda t: t + 0.8 / 7 * (1 - np.cos(7 * t))  # noqa: E731
    x, h = tubules.filled(integral(begin)), (end - begin) / n
    for i in range(n):
        t = begin + i * h
        k1 = speed(t, x)
        k2 = speed(t + h / 2, x + h / 2 * k1)
        k3 = speed(t + h / 2, x + h / 2 * k2)
        x = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + speed(t + h, x + h * k3))
    assert x.max() < 1
    assert tubules.filled(integral(end)) == pytest.approx(x, rel=1e-8)


def test_full_tubules_carry_no_current_and_the_whole_pressure():
    tubules = matrix(series=4.0, diffusivity=0.3).tubules(normal(2000))
    x = tubules.filled(at_charge(tubules, 0.9))
    full = x == 1.0
    assert 0 < full.mean() < 1
    assert not tubules.conducts(x)[full].any() and (tubules.left(x)[full] == 1).all()
    assert ((tubules.left(x)[~full] > 0) & (tubules.left(x)[~full] < 1)).all()
    assert (matrix(diffusivity=0.3).tubules(normal(9)).left(np.full(9, 0.4)) == 1).all()  # nothing in series


# ---- means and distributions, in closed form -------------------------------------------------------------------

SPREAD = {"inner_width": 0.08, "wall_thickness": 0.1, "diffusivity": 0.3, "strength": 0.2}
SD = sqrt((1.5 * 0.08) ** 2 + (0.3 / 2) ** 2)  # of ln I: I ~ W^(3/2) D^(1/2), as long as no tubule is full


def closed_form_charge(found, s):
    """⟨a x⟩ with a x = √(2 s a / r) ~ W^(3/2) D^(1/2)."""
    alike = found.tubules(np.zeros((1, DIMENSIONS)))
    return float(np.sqrt(2 * s * alike.bore / alike.resistance)[0]) * exp(SD**2 / 2)


def test_state_of_charge_of_lognormal_tubules():
    found = matrix(**SPREAD)
    s = at_charge(found.scrambles(5)[0], 0.3)
    estimate = mean_over(found.scrambles(5), lambda t: charge(t, s))
    # a quasi-random error bar of 8 scrambles is itself uncertain by a quarter
    assert_within(estimate.value, estimate.stderr, closed_form_charge(found, s), sigma=6.0, at_most=1e-3)


def test_sampled_currents_are_lognormal():
    found = matrix(**SPREAD)
    s = at_charge(found.scrambles(5)[0], 0.3)
    drawn = sample(found, s, 400_000, seed=2, workers=2)
    assert drawn.full == 0 and drawn.current.counts.sum() == drawn.n
    assert drawn.variation == pytest.approx(sqrt(exp(SD**2) - 1), rel=0.01)  # error 0.3 %
    for part in (0.05, 0.5, 0.95):
        assert drawn.current.quantile(part) == pytest.approx(exp(SD * norm.ppf(part) - SD**2 / 2), rel=0.004)
    assert_within(drawn.charge.value, drawn.charge.stderr, closed_form_charge(found, s), at_most=1e-3)
    assert drawn.pressure.quantile(0.01) == pytest.approx(1, rel=0.01)


def test_samples_do_not_depend_on_the_workers():
    found = matrix(wall=1.0, series=1.0, **SPREAD)
    one, two = (sample(found, 0.05, 300_000, seed=4, workers=n) for n in (1, 2))
    assert one.charge == two.charge and one.full == two.full
    for name in ("current", "pressure", "burden"):
        assert (getattr(one, name).counts == getattr(two, name).counts).all()
        assert getattr(one, name).counts.sum() in (one.n, round(one.n * (1 - one.full)))


def test_two_ways_to_the_same_overpotential():
    """Even points and plain draws, where most tubules are full."""
    found = matrix(wall=1.0, **SPREAD)
    samples = found.scrambles(1)
    s = float(np.mean([at_charge(t, 0.9) for t in samples]))
    even = mean_over(samples, lambda t: overpotential_V(t, s, 3.0))
    drawn = sample(found, s, 400_000, seed=9)
    volts, error = 3e-3 / drawn.conductance_S_cm2.value, 3e-3 * drawn.conductance_S_cm2.stderr
    error /= drawn.conductance_S_cm2.value**2
    assert drawn.full > 0.1
    assert_within(volts, sqrt(error**2 + even.stderr**2), even.value, at_most=0.01)


def test_usable_charge_is_where_the_overpotential_is_reached():
    tubules = matrix(wall=1.0, **SPREAD).scrambles(1)[0]
    for limit in (0.005, 0.02, 0.2):
        part = usable_charge(tubules, 3.0, limit)
        assert overpotential_V(tubules, at_charge(tubules, part), 3.0) == pytest.approx(limit, rel=0.01)
    assert usable_charge(tubules, 3.0, 1e-9) < 1e-3
    in_series = matrix(wall=1.0, series=100.0, **SPREAD).scrambles(1)[0]  # 0.3 V at once
    assert usable_charge(in_series, 3.0, 0.05) == 0.0


# ---- the tail --------------------------------------------------------------------------------------------------


def drawn_tail(function, dimensions, probability=1 / N):
    centre = likeliest_point(function, dimensions, radius_of(probability))
    return tail(function, centre, 100_000, np.random.default_rng(8))


@pytest.mark.parametrize("probability", [1e-3, 1e-6, 1 / N, 1e-15])
def test_tail_of_a_lognormal(probability):
    """ln X = 0.3 + a·z: P(ln X > x) = Φ(-(x - 0.3) / |a|)."""
    slope = np.array([0.2, -0.4, 0.0, 0.1, 0.05])
    size = np.linalg.norm(slope)
    found = drawn_tail(lambda z: 0.3 + z @ slope, 5, probability)
    exact = 0.3 + size * norm.isf(probability)
    level, part = found.level(probability), found.probability_above(exact)
    assert_within(level.value, level.stderr, exact, at_most=2e-3)
    assert_within(part.value, part.stderr, probability, at_most=0.02)
    assert found.mean_above(exact) @ slope / size > norm.isf(probability)


def test_largest_of_ten_thousand_million():
    """Median of the largest of N, exactly: Φ(x)^N = 1/2."""
    found = drawn_tail(lambda z: z[:, 0], 2)
    level = found.level(log(2) / N)
    assert_within(level.value, level.stderr, norm.isf(-np.expm1(-log(2) / N)), at_most=1e-3)


def test_tail_of_a_curved_function():
    """|z|² in three dimensions where nothing points outwards: an honest error bar, and plain sampling's answer."""
    found = tail(lambda z: (z**2).sum(axis=1), np.zeros(3), 100_000, np.random.default_rng(8))
    part = found.probability_above(6.251388631170325)  # χ² with 3 degrees: 10 %
    assert_within(part.value, part.stderr, 0.1, at_most=0.02)


def test_tail_with_a_step():
    """Two far-off regions, drawn half and half: z₀ > 5, or z₁ < -5.2 where a step lifts the function."""
    stepped = lambda z: np.where(z[:, 1] < -5.2, 9.0, z[:, 0])  # noqa: E731
    found = tail(stepped, [[5.0, 0.0], [0.0, -5.2]], 100_000, np.random.default_rng(8))
    part = found.probability_above(5.0)
    assert_within(part.value, part.stderr, norm.sf(5.0) + norm.sf(5.2), at_most=0.02)  # both at once: 1e-14


def test_error_bars_of_the_tail_hold():
    misses = []
    for seed in range(60):
        found = tail(lambda z: z[:, 0] + 0.02 * z[:, 1] ** 2, [6.0, 0.0], 2000, np.random.default_rng(seed))
        misses.append((found.probability_above(6.3).value, found.probability_above(6.3).stderr))
    values, errors = np.array(misses).T
    assert np.std(values, ddof=1) == pytest.approx(errors.mean(), rel=0.35)  # 9 % of 60 runs


def test_a_constant_has_no_tail():
    found = drawn_tail(lambda z: np.full(len(z), 2.5), 3)
    assert found.level(1 / N).value == 2.5 and found.level(1 / N).stderr == 0


def test_radius_of_a_level():
    slope = np.array([0.3, 0.4])
    assert radius_reaching(lambda z: z @ slope, 2, 2.0) == pytest.approx(4.0, abs=2e-3)
    assert radius_reaching(lambda z: z @ slope, 2, -1.0) == 0.0
    assert radius_reaching(lambda z: z @ slope, 2, 1e3) == 12.0


def test_weakest_wall_when_only_strength_scatters():
    found = matrix(strength=0.15)
    drawn = drawn_tail(lambda z: np.log(found.tubules(z).burden), DIMENSIONS)
    level = drawn.level(1 / N)
    exact = log(cell.hoop_factor(100.0, 10.0)) + 0.15 * norm.isf(1 / N)
    assert_within(level.value, level.stderr, exact, at_most=1e-3)
    assert found.sizes(drawn.mean_above(level.value))[2] == pytest.approx(exp(-0.15 * 6.5), rel=0.02)


def test_weakest_of_thin_walls_is_lognormal_in_width_and_thickness():
    """Thin walls: tension over pressure is W / 2w, so three scatters add up."""
    thin = Matrix(PORES, 100.0, 0.01, 0.0, 11.5, 20.0, 0.0, Scatter(0.05, 0.1, 0.0, 0.15))
    drawn = drawn_tail(lambda z: np.log(thin.tubules(z).burden), DIMENSIONS)
    level = drawn.level(1 / N)
    exact = log(100 / 0.02) + sqrt(0.05**2 + 0.1**2 + 0.15**2) * norm.isf(1 / N)
    assert_within(level.value, level.stderr + 2e-4, exact, at_most=1e-3)  # 1e-4: Lamé's correction w / W
