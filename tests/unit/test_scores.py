"""The likelihood-ratio estimate on blocks made here, with known answers."""

from math import isinf

import numpy as np
import pytest
from checks import assert_within
from small_graphs import slanted_ladder

from coble.kmc.estimates.likelihood_ratio import control, controls, scores
from coble.kmc.kernel._kernel import ScoreKernel
from coble.kmc.kernel.segment import Segment
from coble.kmc.rates.table import rate_table
from coble.lattices import Region

EXPECTED = np.array([2.0, 6.0, 12.0])  # hops of each class in a block
GAIN = np.array([1.0, 1.0, -0.25])  # what each hop adds to the current
ANSWER = EXPECTED * GAIN / (EXPECTED @ GAIN)


def poisson_blocks(seed, n_block):
    """Hops that come at constant rates: J = Σ gain × N, so d ln<J> / d ln k_c = gain × <N_c> / <J>."""
    hops = np.random.default_rng(seed).poisson(EXPECTED, (n_block, 3))
    return hops @ GAIN, scores(hops, np.broadcast_to(EXPECTED, hops.shape))


def test_known_answers():
    found, whole = controls(*poisson_blocks(1, 100_000))
    for estimate, exact in zip(found, ANSWER, strict=True):
        assert_within(estimate.value, estimate.stderr, exact, at_most=0.02, scale=1.0)
    assert_within(whole.value, whole.stderr, 1.0, at_most=0.02)
    assert whole.value == pytest.approx(sum(estimate.value for estimate in found))


def test_error_bars_are_those_of_the_scatter():
    found = [controls(*poisson_blocks(seed, 400)) for seed in range(300)]
    for c, exact in enumerate([*ANSWER, 1.0]):
        sigmas = [[*classes, whole][c].sigmas_from(exact) for classes, whole in found]
        assert 0.88 < np.sqrt(np.mean(np.square(sigmas))) < 1.12
        assert abs(np.mean(sigmas)) < 4 / np.sqrt(300)


def test_units_and_offsets_do_not_matter():
    current, score = poisson_blocks(2, 500)
    one, other = control(current, score[:, 1]), control(3e-7 * current, score[:, 1] + 40.0)
    assert (other.value, other.stderr) == pytest.approx((one.value, one.stderr))


def test_scores_sum_over_step_classes():
    hops = np.arange(24).reshape(2, 3, 4)
    np.testing.assert_array_equal(scores(hops, np.ones((2, 3))), hops.sum(axis=2) - 1)
    np.testing.assert_array_equal(scores(hops.sum(axis=2), np.ones((2, 3))), hops.sum(axis=2) - 1)
    np.testing.assert_array_equal(scores(hops[1], np.ones(3)), hops[1].sum(axis=1) - 1)


@pytest.mark.parametrize("n_block", [0, 1])
def test_too_few_blocks_have_no_error_bar(n_block):
    assert isinf(control(np.ones(n_block), np.ones(n_block)).stderr)


def test_a_segment_keeps_scores_when_asked():
    rates = rate_table({Region.BULK: 0.5, Region.INTERFACE: 3.0}, {Region.BULK: 0.5, Region.INTERFACE: 0.5})
    found = []
    for scored in (True, False):
        gas = Segment(slanted_ladder(), rates, field_kT_per_A=0.3, scored=scored).start(1, (0, 0))
        gas.run_events(100)
        found.append(gas.kernel)
    assert isinstance(found[0], ScoreKernel) and not isinstance(found[1], ScoreKernel)
    assert found[0].exposure.sum() == pytest.approx(100, abs=40)
