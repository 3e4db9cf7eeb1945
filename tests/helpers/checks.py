"""Checks that fail on a wrong number, and on an error bar too wide to mean anything."""

import numpy as np


def assert_within(value, stderr, exact, sigma=4.0, at_most=0.05, scale=None):
    """Fail unless `value` ± `stderr` agrees with `exact` within `sigma` standard errors.

    Parameters
    ----------
    at_most : float
        Largest standard error that still tests something, as a part of `scale`.
    scale : float, optional
        What the standard error is compared with: |exact|; to be given where that is 0.
    """
    scale = abs(exact) if scale is None else scale
    assert 0 < stderr <= at_most * scale, f"{value:.5g} ± {stderr:.2g}: too noisy to test against {exact:.5g}"
    distance = (value - exact) / stderr
    assert abs(distance) <= sigma, f"{value:.5g} ± {stderr:.2g}, exact {exact:.5g}: {distance:+.1f} sigma"


def mean_and_error(samples):
    """Mean of independent samples and its standard error."""
    samples = np.asarray(samples, dtype=float)
    return float(samples.mean()), float(samples.std(ddof=1) / np.sqrt(len(samples)))


def chi2_sigmas(counts, expected):
    """How far Σ (n - m)² / m lies above its mean, in its standard deviations (Wilson & Hilferty 1931).

    `counts` are a multinomial sample, so the degrees of freedom are one fewer than the cells.
    """
    counts, expected = np.asarray(counts, dtype=float), np.asarray(expected, dtype=float)
    assert expected.min() >= 5, f"cells too small for chi squared: smallest expectation {expected.min():.2g}"
    freedom = len(counts) - 1
    per_degree = np.sum((counts - expected) ** 2 / expected) / freedom
    spread = 2 / (9 * freedom)
    return float((per_degree ** (1 / 3) - (1 - spread)) / np.sqrt(spread))
