"""Levenberg–Marquardt: the damped step, the damping, and parameters that the residuals do not determine."""

import numpy as np
import pytest

from minigrad.errors import SettingError
from minigrad.optim import LevenbergMarquardt
from minigrad.optim.levenberg_marquardt import damped_least_squares
from tests.optim.helpers import minimum


def test_the_damped_step_solves_the_damped_normal_equations():
    rng = np.random.default_rng(0)
    r, J = rng.normal(size=5), rng.normal(size=(5, 3))
    step = damped_least_squares(r, J, 0.7)
    np.testing.assert_allclose((J.T @ J + 0.7 * np.eye(3)) @ step, -J.T @ r, rtol=0, atol=1e-14)


def test_the_damping_shrinks_after_a_step_that_was_predicted_well():
    def function(w):
        return w - 3.0, np.eye(2)

    optimizer = LevenbergMarquardt(damping=0.5)
    parameters, (damping, scale) = optimizer.advance(function, np.zeros(2), optimizer.init(np.zeros(2)))
    np.testing.assert_allclose(parameters, [2.0, 2.0], rtol=1e-14)
    assert damping[0] == pytest.approx(0.05)
    np.testing.assert_array_equal(scale, [1.0, 1.0])


def test_a_step_into_what_is_not_finite_is_taken_back():
    with np.errstate(all="ignore"):
        parameters = minimum(lambda w: (np.log(w) - 1, 1 / w[:, None]), [20.0], LevenbergMarquardt(1e-8))
    np.testing.assert_allclose(parameters, [np.e], rtol=1e-10)


def test_a_parameter_without_influence_stays():
    parameters = minimum(lambda w: (w[:1] - 3, np.array([[1.0, 0.0]])), [0.0, 5.0], LevenbergMarquardt())
    np.testing.assert_allclose(parameters, [3, 5], rtol=1e-12)


def test_parameters_of_which_only_the_sum_counts_share_it():
    parameters = minimum(lambda w: (w.sum(keepdims=True) - 3, np.ones((1, 2))), [0.0, 0.0], LevenbergMarquardt())
    np.testing.assert_allclose(parameters, [1.5, 1.5], rtol=1e-10)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: LevenbergMarquardt(damping=0), "damping: .*found 0, expected a number above 0"),
        (lambda: LevenbergMarquardt(damping=-1), "damping: .*found -1"),
        (lambda: LevenbergMarquardt(tries=0), "tries: .*found 0"),
    ],
)
def test_impossible_settings_are_named(make, words):
    with pytest.raises(SettingError, match=words):
        make()
