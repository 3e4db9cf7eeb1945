"""What a tuning says: combinations, what is not identifiable, and targets that repeat each other."""

import numpy as np
import pytest
from pydantic import ValidationError
from tunings import speed, tuned

from coble.kinds.tune.result import combinations, words
from coble.kinds.tune.targets import Target, correlation, repeats


def share(path, value, **keys):
    return Target(kind="share", path=path, value=value, error=0.01, **keys)


def test_only_the_ratio_of_two_rates():
    """Two shares, errors as in an experiment: ln of the ratio is known to 0.01 / 0.09, over √2, and some noise."""
    found = tuned(("interface", "wall"), [[0.09, -0.09], [-0.09, 0.09]], error=0.01)
    ((names, powers, error),) = combinations(found)
    assert (names, powers) == (("interface", "wall"), (1.0, -1.0))
    assert error == pytest.approx(0.01 / 0.09 * np.sqrt(1.125 / 2))
    assert words(found) == [
        "Only the ratio k_interface / k_wall is determined, to 8 %.",
        "Not identifiable by themselves: interface, wall.  All other combinations of them stay where they started.  "
        "Fix one, tie them, or measure something that tells them apart.",
        "Not converged: 2 of 2 free rates are not identifiable.",
    ]


@pytest.mark.parametrize(
    ("slope", "text"),
    [
        ([0.94, 0.35], "Only the combination k_interface^0.94 · k_wall^0.35 is determined, to 5 %."),
        ([-0.94, 0.35], "Only the combination k_interface^0.94 · k_wall^-0.35 is determined, to 5 %."),
        ([0.35, 0.94], "Only the combination k_wall^0.94 · k_interface^0.35 is determined, to 5 %."),
        ([0.7, 0.7], "Only the product k_interface · k_wall is determined, to 8 %."),
        ([0.05, 0.05], "Only the product k_interface · k_wall is determined, to a factor of 2.9."),
    ],
)
def test_a_combination_has_the_powers_of_its_direction(slope, text):
    assert words(tuned(("interface", "wall"), [slope]))[0] == text


def test_a_rate_without_influence_is_not_part_of_a_combination():
    said = words(tuned(("interface", "wall", "bulk", "surface barrier"), [[1, 0, 0, 0], [0, 0.6, 0, 0.8]]))
    assert said[0] == "Only the combination exp(E_surface/kT)^0.80 · k_wall^0.60 is determined, to 5 %."
    assert said[1].startswith("Not identifiable by themselves: wall, surface barrier.")
    assert said[2].startswith("The targets say nothing about 'bulk': it stays where it started")
    assert said[3] == "Not converged: 3 of 4 free rates are not identifiable."


def test_what_is_determined_is_converged():
    assert words(tuned(("interface",), [[1.0]])) == ["Converged after 3 batches."]


# --- Targets that hang together ---


def test_targets_that_say_the_same_are_named():
    targets = (speed(), speed(110.0, name="again"), speed(void_fraction=0.5), share("wall", 0.1), share("bulk", 0.2))
    assert repeats(targets) == [("again", "speed")]
    assert repeats((share("interface", 0.9), share("wall", 0.1))) == [("share wall", "share interface")]
    assert repeats((speed(group="a"), speed(group="a"))) == []
    said = words(tuned(("interface",), [[1.0], [1.0]], (speed(), speed(name="again"))))
    assert said[1] == (
        "Targets 'speed' and 'again' say the same, and count as independent measurements.  If they come from one, "
        "give both the same group, or leave one out."
    )


def test_errors_of_a_group_have_their_shared_part_in_common():
    targets = (
        speed(group="cell"),
        speed(void_fraction=0.5, group="cell", shared_error=2.5),
        speed(void_fraction=0.2, group="cell", shared_error=-5.0),
        speed(void_fraction=0.3, group="other"),
        speed(void_fraction=0.4),
    )
    expected = np.eye(5)
    expected[0, 1] = expected[1, 0] = 0.5
    expected[0, 2] = expected[2, 0] = -1.0
    expected[1, 2] = expected[2, 1] = -0.5
    np.testing.assert_allclose(correlation(targets), expected, atol=1e-3)
    np.linalg.cholesky(correlation(targets))


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ({"shared_error": 1.0}, "shared_error means nothing without a group"),
        ({"group": "a", "shared_error": 6.0}, "it must be at most 5 in size"),
        ({"group": "a", "shared_error": float("nan")}, "shared_error"),
    ],
)
def test_a_shared_error_is_part_of_the_error(keys, fault):
    with pytest.raises(ValidationError, match=fault):
        speed(**keys)
