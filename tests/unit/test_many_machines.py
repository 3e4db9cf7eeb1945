"""Same seed, same trajectory on every machine: other last bits of exponentials and sums change nothing."""

import json
import os
import subprocess
import sys
from decimal import Context, Decimal
from pathlib import Path

import many_machines
import numpy as np
import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from coble.kmc.digits import BITS, exp, exp_of_each, rounded
from coble.kmc.rates import site_energies as walls

WIDER = [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]  # than what numpy needs
CURVE = ((0.0, 0.8), (0.5, 0.15), (1.0, 0.0))


@pytest.fixture(scope="module")
def here():
    return many_machines.digests()


@pytest.mark.skipif(not WIDER, reason="this processor has nothing that numpy could leave out")
def test_an_older_processor_runs_the_same(here):
    """As numpy and OpenBLAS compute on a processor of 2008."""
    older = {"NPY_DISABLE_CPU_FEATURES": " ".join(WIDER), "OPENBLAS_CORETYPE": "Prescott"}
    script = Path(many_machines.__file__)
    found = subprocess.run(
        [sys.executable, script], env=os.environ | older, capture_output=True, text=True, check=True, timeout=300
    )
    assert json.loads(found.stdout) == here


def off_by_last_bits(function, seed):
    """The same function, with every second value one floating-point number up or down; 0 and 1 are exact everywhere."""
    rng = np.random.default_rng(seed)

    def other(*given, **keys):
        found = np.asarray(function(*given, **keys))
        moved = np.nextafter(found, rng.choice([-np.inf, np.inf], found.shape))
        exact = np.isin(found, [0.0, 1.0]) | ~np.isfinite(found)
        return np.where(exact | (rng.random(found.shape) < 0.5), found, moved)[()]

    return other


@pytest.mark.parametrize("seed", range(3))
def test_last_bits_decide_nothing(here, seed, monkeypatch):
    for name in ("exp", "log", "arctan2"):
        monkeypatch.setattr(np, name, off_by_last_bits(getattr(np, name), seed))
    walls.site_energies.cache_clear()
    try:
        assert many_machines.digests() == here
    finally:
        walls.site_energies.cache_clear()


def test_one_wall_is_the_best_for_a_curve(monkeypatch):
    """Of the many walls with about the fewest sites, one: also with the numbers of the program off by 1e-12."""
    found, solved, rng = walls.site_energies(CURVE, 300.0), walls._solved, np.random.default_rng(4)
    noisy = lambda values: values * (1 + 1e-12 * rng.standard_normal(values.shape))  # noqa: E731
    monkeypatch.setattr(walls, "_solved", lambda cost, bounds, limits: solved(cost, noisy(bounds), noisy(limits)))
    for _ in range(3):
        again = walls.site_energies.__wrapped__(CURVE, 300.0)
        assert again.potential_V == found.potential_V
        np.testing.assert_allclose(again.weight, found.weight, atol=1e-5)


def test_rounded_is_within_its_bits_and_removes_last_ones():
    values = np.random.default_rng(5).lognormal(0.0, 50.0, 10_000) * [[1], [-1]]
    found = rounded(values)
    assert (np.abs(found / values - 1) <= 2.0**-BITS).all() and (found != values).any()
    np.testing.assert_array_equal(rounded(found), found)
    np.testing.assert_array_equal(rounded(values * 2.0**7), found * 2.0**7)
    # Of 20,000 numbers hardly one lies next to the middle between two that are left.
    assert np.count_nonzero(rounded(np.nextafter(values, np.inf)) != found) <= 1
    np.testing.assert_array_equal(rounded(np.array([0.0, 1.0, -3.0, np.inf])), [0.0, 1.0, -3.0, np.inf])
    assert rounded(0.1, 3) == 0.09375 and type(rounded(0.1)) is float  # 0.8 / 8 has 3 digits as 6 / 64


def test_exp_is_rounded_correctly():
    x = np.random.default_rng(6).uniform(-700, 700, 300)
    assert [exp(each) for each in x] == [float(Context(prec=80).exp(Decimal(float(each)))) for each in x]
    np.testing.assert_allclose(exp_of_each(x), np.exp(x), rtol=3e-16)
    assert exp_of_each(np.zeros((2, 1))).tolist() == [[1.0], [1.0]] and not len(exp_of_each([]))
    assert (exp(0.0), exp(1), exp(-1e6), exp(1e6)) == (1.0, 2.718281828459045, 0.0, np.inf)
