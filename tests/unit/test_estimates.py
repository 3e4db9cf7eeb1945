"""Estimates: intervals, the lag test, merging, ratios; series made here, with known answers."""

import json
from math import inf, isinf, isnan, nan, sqrt

import numpy as np
import pytest
from scipy.stats import f_oneway, kstest, norm
from scipy.stats import t as student

from coble.kmc.estimates.estimate import (
    FEWEST_BLOCKS,
    Estimate,
    exactly,
    independent_size,
    lag_correlation,
    log_slope,
    mean_estimate,
    merged,
    ratio_estimate,
    same_mean,
)
from coble.kmc.estimates.measure import PathSeries
from coble.lattices import Region

# --- One number ---


@pytest.mark.parametrize("n", [2, 5, 64, 1000])
def test_interval_is_that_of_student(n):
    estimate = Estimate(3.0, 0.5, n)
    half = student.ppf(0.975, n - 1) * 0.5
    assert (estimate.low, estimate.high) == pytest.approx((3 - half, 3 + half))
    assert estimate.half_width == pytest.approx(half)


def test_interval_of_very_many_samples_is_normal():
    estimate = Estimate(0.0, 1.0, inf)
    assert estimate.high == pytest.approx(norm.ppf(0.975))
    assert estimate.probability_above(-1.0) == pytest.approx(norm.cdf(1.0))


@pytest.mark.parametrize("n", [0, 0.5, 1])
def test_no_interval_from_one_sample(n):
    estimate = Estimate(3.0, inf, n)
    assert (estimate.low, estimate.high) == (-inf, inf)
    assert estimate.probability_above(2.0) == 0.5
    plain = estimate.as_dict()
    assert plain["low"] is None and plain["high"] is None


def test_exact_number():
    estimate = exactly(2, "by symmetry")
    assert (estimate.value, estimate.stderr, estimate.low, estimate.high, estimate.n_eff) == (2.0, 0.0, 2.0, 2.0, inf)
    assert [estimate.probability_above(x) for x in (1.9, 2.0, 2.1)] == [1.0, 0.0, 0.0]
    assert estimate.sigmas_from(2.0) == 0 and isinf(estimate.sigmas_from(1.0))


def test_probability_above():
    estimate = Estimate(0.6, 0.05, 10)
    assert estimate.probability_above(0.6) == pytest.approx(0.5)
    assert estimate.probability_above(0.5) == pytest.approx(student.cdf(2.0, 9))
    assert estimate.probability_above(0.7) == pytest.approx(1 - estimate.probability_above(0.5))
    # The bounds of the 95 % interval leave 2.5 % on either side.
    assert estimate.probability_above(estimate.low) == pytest.approx(0.975)
    assert estimate.probability_above(estimate.high) == pytest.approx(0.025)


def test_scaled_and_shifted():
    estimate = Estimate(2.0, 0.1, 12, "how")
    assert estimate.scaled(-3) == Estimate(-6.0, pytest.approx(0.3), 12, "how")
    assert estimate.scaled(0).stderr == 0
    assert estimate.shifted(0.5, "moved") == Estimate(2.5, 0.1, 12, "moved")
    assert estimate.sigmas_from(1.8) == pytest.approx(2.0)


def test_dict_is_json():
    plain = Estimate(1.5, 0.25, 16, "how").as_dict()
    assert set(plain) == {"value", "stderr", "low", "high", "n_eff", "method"}
    assert json.loads(json.dumps(plain)) == plain
    assert plain["low"] < 1.25 and plain["high"] > 1.75


def test_text_has_value_and_error():
    assert str(Estimate(0.12346, 0.0123, 5)) == "0.1235 ± 0.012"


# --- Blocks ---


def test_merged_blocks_are_sums_and_the_remainder_at_the_start_is_left_out():
    series = [np.arange(7.0), np.arange(4.0)]
    first, second = merged(series, 3)
    assert first.tolist() == [1 + 2 + 3, 4 + 5 + 6] and second.tolist() == [1 + 2 + 3]
    assert [s.tolist() for s in merged(series, 1)] == [s.tolist() for s in series]
    short = merged([np.arange(2.0), np.arange(8.0)], 4)
    assert sum(len(s) for s in short) == 2
    columns = merged([np.arange(8.0).reshape(4, 2)], 2)
    assert columns[0].tolist() == [[0 + 2, 1 + 3], [4 + 6, 5 + 7]]


def test_lag_correlation_of_series_one_can_do_by_hand():
    correlation, error = lag_correlation([np.array([1.0, -1.0] * 50)])
    assert correlation == pytest.approx(-1) and error == pytest.approx(1 / sqrt(99))
    correlation, _ = lag_correlation([np.array([1.0, 1.0, -1.0, -1.0])])
    assert correlation == pytest.approx((1 - 1 + 1) / 3)
    # Pairs are not made across replicas: 4 from each of two series of five.
    assert lag_correlation([np.arange(5.0), np.arange(5.0)])[1] == pytest.approx(1 / sqrt(8))


@pytest.mark.parametrize("series", [[np.ones(20)], [np.array([3.0])], [np.array([1.0]), np.array([2.0])]])
def test_lag_correlation_without_scatter_or_pairs(series):
    correlation, error = lag_correlation(series)
    assert correlation == 0 and isnan(error)
    assert independent_size(series) == (1, True)


def test_means_that_differ_between_replicas_count_as_correlation():
    """Two replicas that settled on different values: their blocks are no independent samples of one mean."""
    rng = np.random.default_rng(1)
    apart = [rng.normal(0, 1, 64), rng.normal(2, 1, 64)]
    size, passed = independent_size(apart)
    assert size > 4 or not passed


# --- The lag test on series with known correlation ---


def autoregressive(rng, phi, shape):
    """x' = φ x + noise, stationary, mean 0, variance 1."""
    noise = rng.normal(0, sqrt(1 - phi**2), shape)
    x = np.empty(shape)
    x[..., 0] = rng.normal(0, 1, shape[:-1])
    for i in range(1, shape[-1]):
        x[..., i] = phi * x[..., i - 1] + noise[..., i]
    return x


def test_white_noise_mostly_keeps_its_blocks():
    rng = np.random.default_rng(2)
    sizes = [independent_size(list(rng.normal(size=(2, 64))))[0] for _ in range(500)]
    assert np.mean(np.array(sizes) == 1) >= 0.92
    assert np.mean(np.array(sizes) <= 2) >= 0.98


@pytest.mark.parametrize("phi", [0.3, 0.6, 0.8])
def test_correlated_series_are_merged_until_error_bars_are_right(phi):
    rng = np.random.default_rng(3)
    z, sizes = [], []
    for series in autoregressive(rng, phi, (400, 2, 1024)):
        estimate = mean_estimate(list(series))
        z.append(estimate.value / estimate.stderr)
        sizes.append(independent_size(list(series))[0])
    assert 0.9 <= np.sqrt(np.mean(np.square(z))) <= 1.15
    assert np.median(sizes) >= 1 / (1 - phi)  # at least the correlation time
    naive = [series.mean() / (series.std() / sqrt(series.size)) for series in autoregressive(rng, phi, (400, 2, 1024))]
    assert np.sqrt(np.mean(np.square(naive))) > 1.25  # without merging they are wrong


def test_alternating_series_are_merged_too():
    """Error bars may then be a little wide: the lag test stops when it sees nothing any more."""
    rng = np.random.default_rng(4)
    z = []
    for series in autoregressive(rng, -0.6, (400, 2, 256)):
        estimate = mean_estimate(list(series))
        z.append(estimate.value / estimate.stderr)
    assert 0.8 <= np.sqrt(np.mean(np.square(z))) <= 1.1


def test_series_that_never_pass_say_so():
    """Replicas that stay apart: no block is long enough, and enough blocks are left for an error bar."""
    apart = [np.arange(24) % 3 * 0.01, 1 + np.arange(24) % 5 * 0.01]
    size, passed = independent_size(apart)
    assert not passed
    assert FEWEST_BLOCKS <= sum(len(s) for s in merged(apart, size)) < 2 * FEWEST_BLOCKS
    assert "still correlated" in mean_estimate(apart).method


def signs(changes):
    """A hundred blocks of ±1 with mean 0 whose sign changes so often: their correlation is (99 - 2 changes) / 99."""
    runs = np.array([100 // (changes + 1 - changes % 2)] * (changes + 1))
    for sign in (0, 1):
        runs[sign::2] = 1
        runs[sign] += 50 - runs[sign::2].sum()
    return np.repeat(np.arange(changes + 1) % 2 * 2.0 - 1, runs)


def test_blocks_are_merged_from_two_standard_errors_of_their_correlation_on():
    for changes, sigmas, size in ((40, 1.910, 1), (39, 2.111, 2)):
        series = signs(changes)
        correlation, error = lag_correlation([series])
        assert len(series) == 100 and series.sum() == 0
        assert correlation / error == pytest.approx(sigmas, abs=1e-3)
        assert (independent_size([series])[0] > 1) == (size > 1)


def test_merging_leaves_eight_blocks():
    """A ramp is correlated however it is cut: 64 blocks are merged to 8, and 60 to 15, for 7 would be left."""
    assert independent_size([np.arange(64.0)])[0] == 8
    assert independent_size([np.arange(60.0)]) == (4, False)
    assert independent_size([np.arange(30.0), np.arange(30.0)]) == (4, False)
    assert independent_size([np.arange(32.0), np.arange(32.0)])[0] == 8


def test_independent_blocks_are_not_tested():
    series = signs(39)
    assert mean_estimate([series]).n_eff < 100
    estimate = mean_estimate([series], independent=True)
    assert estimate.n_eff == 100 and estimate.stderr == pytest.approx(1 / sqrt(99))
    assert ratio_estimate([series], [np.ones(100)], independent=True) == Estimate(
        0.0, estimate.stderr, 100, "ratio of block sums, 100 blocks of 1"
    )


# --- Means and ratios ---


@pytest.mark.parametrize("n", [16, 64])
def test_coverage_of_means_of_white_noise(n):
    rng = np.random.default_rng(5)
    found = [mean_estimate(list(rng.normal(1.0, 3.0, (2, n // 2)))) for _ in range(1500)]
    assert np.mean([e.low <= 1.0 <= e.high for e in found]) == pytest.approx(0.95, abs=0.02)


def test_mean_of_a_few_numbers():
    estimate = mean_estimate([np.array([1.0, 4.0, 2.0]), np.array([3.0, 5.0, 0.0])])
    assert estimate.value == pytest.approx(2.5) and estimate.n_eff == 6
    assert estimate.stderr == pytest.approx(np.std([1, 4, 2, 3, 5, 0], ddof=1) / sqrt(6))
    assert estimate.method.startswith("block means") and "6 blocks of 1" in estimate.method


def test_ratio_of_proportional_series_is_exact():
    denominator = [np.arange(1.0, 9.0), np.arange(3.0, 11.0)]
    estimate = ratio_estimate([0.25 * d for d in denominator], denominator)
    assert estimate.value == pytest.approx(0.25) and estimate.stderr == pytest.approx(0, abs=1e-15)


def test_ratio_error_by_linearisation():
    a, b = np.array([1.0, 3.0, 2.0, 5.0, 4.0, 0.0, 3.0, 1.0]), np.array([4.0, 5.0, 4.5, 7.0, 5.0, 3.0, 4.0, 5.0])
    estimate = ratio_estimate([a], [b])
    ratio = a.sum() / b.sum()
    assert estimate.value == pytest.approx(ratio)
    assert estimate.stderr == pytest.approx(np.std(a - ratio * b, ddof=1) / sqrt(8) / b.mean())


def test_ratio_does_not_depend_on_units():
    rng = np.random.default_rng(6)
    a, b = rng.normal(1, 0.3, (2, 40)), rng.normal(2, 0.3, (2, 40))
    one, other = ratio_estimate(list(a), list(b)), ratio_estimate(list(1e20 * a), list(-1e-5 * b))
    assert other.value == pytest.approx(-1e25 * one.value) and other.stderr == pytest.approx(1e25 * one.stderr)
    assert other.n_eff == one.n_eff


def test_ratio_error_bars_are_calibrated():
    """Numerator and denominator correlated, as a path's current is with the current of all."""
    rng = np.random.default_rng(7)
    z = []
    for _ in range(1000):
        parts = rng.normal([0.5, 0.3, 0.2], 0.3, (2, 32, 3))
        estimate = ratio_estimate(list(parts[..., 0]), list(parts.sum(axis=-1)))
        z.append((estimate.value - 0.5) / estimate.stderr)
    assert 0.95 <= np.sqrt(np.mean(np.square(z))) <= 1.1
    assert abs(np.mean(z)) < 0.1


def test_shares_of_the_parts_add_up():
    rng = np.random.default_rng(8)
    parts = rng.normal(1, 0.2, (2, 40, 3))
    total = list(parts.sum(axis=-1))
    assert sum(ratio_estimate(list(parts[..., i]), total).value for i in range(3)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("numerator", "denominator", "value"),
    [
        ([np.array([1.0])], [np.array([2.0])], 0.5),
        ([np.array([1.0]), np.zeros(0)], [np.array([2.0]), np.zeros(0)], 0.5),
        ([np.array([1.0, -1.0])], [np.array([2.0, -2.0])], nan),
        ([np.zeros(0)], [np.zeros(0)], nan),
    ],
)
def test_ratio_from_too_little_has_no_error_bar(numerator, denominator, value):
    estimate = ratio_estimate(numerator, denominator)
    assert estimate.value == value or (isnan(estimate.value) and isnan(value))
    assert estimate.stderr == inf and estimate.n_eff < 2


# ---- slopes --------------------------------------------------------------------------------------------------


def test_slope_of_logarithms_and_its_error():
    """Errors of 10 % at x = -1, 0, 1, 2: Σ (x - ½)² = 5, so the slope has an error of 0.1/√5."""
    x = np.array([-1.0, 0.0, 1.0, 2.0])
    series = [Estimate(v, 0.1 * v, n) for v, n in zip(3 * np.exp(0.7 * x), (9, 7, 8, 12), strict=True)]
    slope = log_slope(x, series)
    assert slope.value == pytest.approx(0.7) and slope.n_eff == 7
    assert slope.stderr == pytest.approx(0.1 / sqrt(5), rel=1e-12)
    assert log_slope(x, series, 2.0 * x).value == pytest.approx(2.7)
    assert log_slope(x, series, 2.0 * x).stderr == slope.stderr


def test_slope_of_unequal_errors():
    """Weights 1/0.1² and 2/0.2²: centre at 2/3 of the way, Σ w (x - x̄)² = 100·(1/3)² + 50·(2/3)² = 100/3."""
    near, far = Estimate(1.0, 0.1, 5), Estimate(np.e, 0.2 * np.e, 5)
    slope = log_slope(np.array([0.0, 1.0, 1.0]), [near, far, far])
    assert slope.value == pytest.approx(1.0)
    assert slope.stderr == pytest.approx(sqrt(3) / 10)


def test_slope_of_exact_numbers_has_no_error():
    slope = log_slope(np.array([0.0, 1.0]), [exactly(1.0), exactly(np.e**2)])
    assert (slope.value, slope.stderr) == (pytest.approx(2.0), 0.0)


# ---- groups of blocks ----------------------------------------------------------------------------------------


def test_same_mean_is_the_analysis_of_variance_of_scipy():
    rng = np.random.default_rng(1)
    for sizes in ((5, 9), (20, 20, 7), (3, 3, 3, 3)):
        groups = [rng.normal(size=size) + 0.3 * number for number, size in enumerate(sizes)]
        assert same_mean(groups) == pytest.approx(f_oneway(*groups).pvalue, rel=1e-9)


def test_what_cannot_be_compared_is_not_a_number():
    for groups in ([], [[1.0, 2.0]], [[1.0], [2.0]], [[1.0, 1.0], [1.0, 1.0]], [[], [1.0, 2.0, 3.0]]):
        assert isnan(same_mean(groups))


def shares_of(rng, shift=0.0, drift=0.0):
    """Blocks of two paths in four replicas; one replica is off by `shift`, the second half of all by `drift`."""
    found = []
    for replica in range(4):
        blocks = rng.normal(loc=(3.0, 0.0, 7.0, 0.0), scale=(0.3, 0.0, 0.5, 0.0), size=(20, 4))
        blocks[:, 0] += shift * (replica == 2) + drift * (np.arange(20) >= 10)
        found.append(blocks)
    return PathSeries((Region(0), Region(2)), found)


def test_blocks_of_one_share_agree_as_chance_has_it():
    rng = np.random.default_rng(3)
    replicas, halves = np.array([shares_of(rng).agreement(Region(0)) for _ in range(400)]).T
    for probabilities in (replicas, halves):
        assert kstest(probabilities, "uniform").pvalue > 1e-3


def test_a_replica_that_is_off_and_a_drift_are_told_apart():
    rng = np.random.default_rng(4)
    replicas, halves = shares_of(rng, shift=0.6).agreement(Region(0))
    assert replicas < 1e-4 < halves
    replicas, halves = shares_of(rng, drift=0.6).agreement(Region(0))
    assert halves < 1e-4 < replicas
