"""Sobol points: the numbers of `scipy.stats`, with and without its help."""

import numpy as np
import pytest
from scipy.stats import qmc

from coble.kmc.knowledge.sobol import MOST, sobol


@pytest.mark.parametrize("bits", [30, 64])
@pytest.mark.parametrize("n_factor", [1, 2, 9, MOST, MOST + 1])
def test_points_are_those_of_scipy(n_factor, bits):
    for n_sample in (1, 2, 256):
        expected = qmc.Sobol(n_factor, bits=bits, rng=np.random.default_rng(5)).random(n_sample)
        np.testing.assert_array_equal(sobol(n_factor, n_sample, np.random.default_rng(5), bits), expected)


def test_no_factor_is_no_column():
    assert sobol(0, 8, np.random.default_rng(1)).shape == (8, 0)
