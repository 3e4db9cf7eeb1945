"""Vacancies whose mean number is not whole: one or two in each episode, and error bars that hold all the same."""

import numpy as np
import pytest
from ase.build import bulk
from checks import assert_within, mean_and_error

from coble import parse_case
from coble.kinds.diffuse.run import diffuse

CASE = """
[structure]
file = "{file}"
bond_cutoff_angstrom = 2.8
[[region]]
name = "0"
occupancy = 0.96
[[barrier]]
between = ["0", "0"]
prefactor_1_s = 1e13
barrier_eV = 0.7
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Mean over directions of D* and D_σ, value and quoted error, of ten seeds (10, 2, 2); and D_σ of this box."""
    file = tmp_path_factory.mktemp("copper") / "copper.extxyz"
    (bulk("Cu", "fcc", a=3.61, cubic=True) * (2, 2, 2)).write(file)
    case, found = parse_case(CASE.format(file=file)), []
    for seed in range(10):
        (point,) = diffuse(case, seed=seed, replicas=4, target_error=0.03, workers=1).points
        means = (point.measured.mean("tracer"), point.measured.mean("collective"))
        found.append([[mean.value, mean.stderr] for mean in means])
    assert point.n_carrier == pytest.approx(1.28)
    return np.array(found), point.exact_collective.trace() / 3


def test_seeds_scatter_as_their_error_bars_say(measured):
    """By 4 to 5 times as much when the number of vacancies of each episode was left as it came."""
    values, quoted = measured[0][..., 0], measured[0][..., 1]
    ratio = values.std(axis=0, ddof=1) / np.sqrt((quoted**2).mean(axis=0))
    assert (quoted < 0.04 * values).all() and (ratio < 1.7).all(), ratio  # χ² of 9: 1.7 has 3 in 10⁴


def test_their_mean_is_that_of_the_box(measured):
    """Two vacancies block each other: D goes as n (N - n), not as n, which is 0.5 % here."""
    found, exact = measured
    value, error = mean_and_error(found[:, 1, 0])
    assert_within(value, float(np.hypot(error, 0.005 * exact)), exact, at_most=0.02)
