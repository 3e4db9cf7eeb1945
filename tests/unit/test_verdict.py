"""The verdict: a name only when the statistics give one; and what is lost when a path is switched off."""

from math import inf, sqrt

import numpy as np
import pytest
from scipy.stats import t as student

from coble.kmc.estimates.estimate import Estimate, exactly
from coble.kmc.estimates.switched_off import lost_if_off
from coble.kmc.estimates.verdict import dominant_path
from coble.lattices import Region

N = 64


def shares(interface, wall, stderr=0.01, n=N):
    rest = 1 - interface - wall
    return {
        Region.BULK: Estimate(rest, stderr, n),
        Region.INTERFACE: Estimate(interface, stderr, n),
        Region.WALL: Estimate(wall, stderr, n),
    }


@pytest.mark.parametrize(
    ("interface", "wall", "dominant"),
    [
        (0.97, 0.01, Region.INTERFACE),
        (0.09, 0.9, Region.WALL),
        (0.01, 0.04, Region.BULK),
        (0.53, 0.46, Region.INTERFACE),
    ],
)
def test_clear_leader_is_named(interface, wall, dominant):
    verdict = dominant_path("X", shares(interface, wall), {})
    assert verdict.dominant == dominant
    assert verdict.probability >= 0.95
    assert "undecided" not in verdict.sentence and verdict.sentence.startswith("X: the ")


@pytest.mark.parametrize(("interface", "wall"), [(0.5, 0.49), (0.51, 0.48), (0.4, 0.35), (0.34, 0.33)])
def test_no_clear_leader_is_undecided(interface, wall):
    verdict = dominant_path("X", shares(interface, wall), {})
    assert verdict.dominant is None
    assert verdict.probability < 0.95
    assert "undecided" in verdict.sentence and "interface" in verdict.sentence and "wall" in verdict.sentence


def test_the_largest_share_alone_is_not_enough():
    """0.45 against 0.30 and 0.25, all well known: no path has more than half."""
    verdict = dominant_path("X", shares(0.45, 0.30, stderr=1e-4), {})
    assert verdict.dominant is None and verdict.probability < 1e-6


def test_a_path_is_named_from_the_edge_of_its_two_sided_interval_on():
    threshold = student.ppf(0.975, N - 1) * 0.01
    just, barely_not = (dominant_path("X", shares(0.5 + f * threshold, 0.4), {}) for f in (1.001, 0.999))
    assert just.dominant == Region.INTERFACE and just.probability == pytest.approx(0.975, abs=1e-3)
    assert barely_not.dominant is None and barely_not.probability == pytest.approx(0.975, abs=1e-3)


def test_the_sentence_has_the_rule_and_digits_that_tell_the_two_sides_apart():
    """Undecided at 0.952 and 0.97499 contradicts nothing that is said; named at 0.97501; far from it two digits."""
    at = {
        p: dominant_path("X", shares(0.5 + student.ppf(p, N - 1) * 0.01, 0.4), {})
        for p in (0.9, 0.9523, 0.97499, 0.97501)
    }
    said = "No path carries more than half of the current with a probability of 0.975 or more (the interface: {})."
    for p, text in ((0.9, "0.90"), (0.9523, "0.952"), (0.97499, "0.974")):
        assert at[p].dominant is None and at[p].sentence.endswith(said.format(text))
    assert "half: > 0.999)" in dominant_path("X", shares(0.9, 0.1), {}).sentence
    assert at[0.97501].sentence.endswith("(probability that it carries more than half: 0.975).")


@pytest.mark.parametrize("n", [8, 64])
def test_of_a_tie_a_path_is_named_in_one_run_in_twenty(n):
    """Two paths with exactly half of the current each; estimates are means of n independent normal blocks."""
    draws, named = 2000, 0
    blocks = np.random.default_rng(16).normal(0.5, 0.1, (draws, n))
    for mean, error in zip(blocks.mean(axis=1), blocks.std(axis=1, ddof=1) / sqrt(n), strict=True):
        measured = {
            Region.INTERFACE: Estimate(float(mean), float(error), n),
            Region.WALL: Estimate(1 - float(mean), float(error), n),
        }
        named += dominant_path("X", measured, {}).dominant is not None
    expected, error = 0.05 * draws, sqrt(0.05 * 0.95 * draws)
    assert abs(named - expected) < 3 * error


def test_error_of_the_lattice_keeps_a_tie_undecided():
    """52 % ± 0.1 %, on a lattice that is itself off by 2 %."""
    measured = shares(0.52, 0.47, stderr=0.001)
    assert dominant_path("X", measured, {}).dominant == Region.INTERFACE
    assert dominant_path("X", measured, {Region.INTERFACE: 0.02}).dominant is None
    assert dominant_path("X", measured, {Region.WALL: 0.02}).dominant == Region.INTERFACE  # the leader's error counts


def test_error_of_the_lattice_does_not_hide_a_clear_leader():
    assert dominant_path("X", shares(0.9, 0.09), {Region.INTERFACE: 0.05}).dominant == Region.INTERFACE


def test_only_path_is_dominant():
    for share in (exactly(1.0), Estimate(1.0, 0.0, N)):
        verdict = dominant_path("X", {Region.SURFACE: share}, {Region.SURFACE: 0.0})
        assert verdict.dominant == Region.SURFACE and verdict.probability == 1
        assert "surface" in verdict.sentence


@pytest.mark.parametrize("n", [0, 1])
def test_one_block_decides_nothing(n):
    verdict = dominant_path("X", shares(0.9, 0.05, stderr=inf, n=n), {})
    assert verdict.dominant is None and verdict.probability == 0.5


def test_few_blocks_are_believed_less():
    assert dominant_path("X", shares(0.52, 0.4, n=64), {}).dominant == Region.INTERFACE
    assert dominant_path("X", shares(0.52, 0.4, n=3), {}).dominant is None


def test_sentence_has_the_numbers():
    assert "79.1 ± 1.0 %" in dominant_path("Li9Al4", shares(0.791, 0.189), {}).sentence
    assert "> 0.999" in dominant_path("Li9Al4", shares(0.791, 0.189), {}).sentence
    undecided = dominant_path("LiC6", shares(0.5, 0.48), {}).sentence
    assert "50.0 ± 1.0 %" in undecided and "48.0 ± 1.0 %" in undecided and "0.50" in undecided


# --- What is lost without a path ---


def test_lost_if_off():
    lost = lost_if_off(Estimate(10.0, 0.1, 64), Estimate(4.0, 0.2, 32))
    assert lost.value == pytest.approx(0.6)
    assert lost.stderr == pytest.approx(0.4 * (0.05**2 + 0.01**2) ** 0.5)
    assert lost.n_eff == 32


@pytest.mark.parametrize("without", [Estimate(0.0, 0.1, 64), Estimate(0.0, 0.0, 64)])
def test_everything_can_be_lost(without):
    """Nothing measured flows without the path: all is lost, and the error is that of the second run."""
    lost = lost_if_off(Estimate(10.0, 0.1, 64), without)
    assert lost.value == 1
    assert lost.stderr == pytest.approx(without.stderr / 10)


def test_path_that_makes_no_difference():
    lost = lost_if_off(Estimate(10.0, 0.1, 64), Estimate(10.1, 0.1, 64))
    assert lost.low < 0 < lost.high
