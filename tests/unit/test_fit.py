"""The fit of rates without any runs: models that are known in closed form."""

import numpy as np
import pytest

from coble.kmc.estimates.fit import Batch, fit

ERROR = 0.05


def linear(slope):
    """A model of constant derivatives, with little noise of its own."""
    slope = np.array(slope, dtype=float)

    def model(parameter, part, number):
        noise = np.full(len(slope), part * ERROR)
        return Batch(np.array(parameter), slope @ parameter, noise, slope)

    return model


def fitted(slope, data, **settings):
    data = np.array(data, dtype=float)
    return fit(linear(slope), data, np.full(len(data), ERROR), len(slope[0]), **settings)


def test_of_two_rates_whose_ratio_is_known_nothing_but_the_ratio_moves():
    found = fitted([[1.0, -1.0], [1.0, -1.0]], [1.4, 1.4])
    assert found.unknown.all() and not found.converged and np.isinf(found.error).all()
    np.testing.assert_allclose(found.parameter, [0.7, -0.7], atol=1e-6)  # the product stays at the start
    ((vector, error),) = found.combinations
    np.testing.assert_allclose(np.abs(vector), np.sqrt([0.5, 0.5]))
    assert vector[0] * vector[1] < 0
    # Errors: half of the data's from the mean of two batches of noise FINEST² / 2, of two targets, along (1, -1)/√2.
    assert error == pytest.approx(ERROR * np.sqrt((1 + 0.5**2 * 0.5) / 2) / np.sqrt(2))


def test_known_rates_keep_out_of_combinations_and_lost_ones_stay():
    found = fitted([[1, 0, 0, 0, 0], [0, 1, -1, 0, 0], [0, 0, 1, -1, 0]], [0.3, 0.5, -0.2])
    assert found.unknown.tolist() == [False, True, True, True, True]
    assert found.parameter[0] == pytest.approx(0.3) and found.parameter[4] == 0
    assert len(found.combinations) == 2
    for vector, _ in found.combinations:  # two ratios, and no mixture of three rates
        assert vector[[0, 4]].tolist() == [0, 0] and np.sum(np.abs(vector) > 1e-9) == 2
        assert vector.sum() == pytest.approx(0)
    assert found.parameter[1:4].sum() == pytest.approx(0)
    assert found.parameter[1] - found.parameter[2] == pytest.approx(0.5)


def test_what_turning_directions_have_moved_is_taken_back():
    """ln(5 k₁² + k₂²) is known: its gradient turns from (5, 1) at the start towards k₁ as the rates grow."""

    def model(parameter, part, number):
        terms = np.array([5.0, 1.0]) * np.exp(2 * parameter)
        slope = 2 * terms / terms.sum()
        return Batch(np.array(parameter), np.log(terms.sum(keepdims=True)), np.array([part * ERROR]), slope[None])

    found = fit(model, np.array([6.0]), np.array([ERROR]), 2)
    stiff = found.direction[0]
    across = np.array([-stiff[1], stiff[0]])
    first = found.batches[1].parameter
    assert abs(first @ across) > 0.1 > 20 * abs(found.parameter @ across)
    assert np.linalg.norm(found.parameter) > 2 and found.objective_fresh < 1


def test_targets_with_a_common_error_do_not_shrink_it():
    apart = fitted([[1.0]] * 4, [0.2] * 4)
    together = fitted([[1.0]] * 4, [0.2] * 4, correlation=0.9999 + 0.0001 * np.eye(4))
    assert apart.error[0] == pytest.approx(ERROR * np.sqrt((1 + 0.125) / 4))
    assert apart.width[0] == pytest.approx(apart.error[0])  # a single rate is its own direction
    assert together.error[0] == pytest.approx(ERROR * np.sqrt(1 + 0.125 / 4), rel=1e-3)
    assert apart.degrees_of_freedom == pytest.approx(4 - 1 / 1.25)
    # Of the group's four numbers the fit takes the mean: nearly all of its variance is the data's.
    assert together.degrees_of_freedom == pytest.approx(4 - 1 / (1 + 0.25 / 4), rel=1e-3)


def test_one_error_that_moves_two_shares_apart_counts_once():
    """Interface 0.9 and wall 0.1 of one measurement: the ratio is known as if one of them were given."""
    slope, data = [[0.9, -0.9], [-0.9, 0.9]], [0.2, -0.2]
    opposite = np.array([[1.0, -0.9999], [-0.9999, 1.0]])
    one, two = fitted(slope[:1], data[:1]), fitted(slope, data)
    same = fitted(slope, data, correlation=opposite)
    (of_one, of_two, of_same) = (found.combinations[0][1] for found in (one, two, same))
    assert of_two == pytest.approx(of_one / np.sqrt(2))
    assert of_same == pytest.approx(of_one * np.sqrt((1 + 0.125 / 2) / (1 + 0.125)), rel=1e-3)
