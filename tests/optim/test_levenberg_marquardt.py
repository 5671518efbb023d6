"""Levenberg–Marquardt: the damped step, the damping, and parameters that the residuals do not determine."""

import numpy as np
import pytest

from minigrad.errors import SettingError
from minigrad.optim import LevenbergMarquardt
from minigrad.optim.full_batch import Status, vanishing_columns
from minigrad.optim.levenberg_marquardt import trust_region_step
from tests.optim.helpers import minimum


def test_the_damped_step_solves_the_damped_normal_equations_within_the_trust_region():
    rng = np.random.default_rng(0)
    r, J = rng.normal(size=5), rng.normal(size=(5, 3))
    U, s, Vt = np.linalg.svd(J, full_matrices=False)
    for radius in (1e-8, 1e-3, 0.1, 0.3):
        q, damping = trust_region_step(s, r @ U, radius)
        step = q @ Vt
        assert radius * (1 - 1e-12) <= np.linalg.norm(step) <= 1.1 * radius
        expected = -np.linalg.solve(J.T @ J + damping * np.eye(3), J.T @ r)
        np.testing.assert_allclose(step, expected, rtol=1e-10)
    q, damping = trust_region_step(s, r @ U, 1e9)
    assert damping == 0
    np.testing.assert_allclose(q @ Vt, np.linalg.lstsq(J, -r)[0], rtol=1e-12)


@pytest.mark.parametrize("smallest", [1e-4, 1e-12, 1e-15])
def test_the_damping_of_a_nearly_singular_jacobian_is_found_in_a_few_iterations(smallest):
    s, b = np.array([1.0, smallest]), np.array([1.0, 1.0])
    for radius in np.geomspace(1e-6, 0.9 / smallest, 30):
        q, damping = trust_region_step(s, b, radius)
        assert radius * (1 - 1e-12) <= np.linalg.norm(q) <= 1.1 * radius
        assert damping > 0


def test_the_trust_region_grows_after_a_step_that_was_predicted_well():
    def function(w):
        return w - 3.0, np.eye(2)

    optimizer = LevenbergMarquardt(factor=0.5)
    parameters, (radius, D, status) = optimizer.advance(function, np.ones(2), optimizer.init(np.ones(2)))
    length = np.linalg.norm(parameters - 1)
    assert 0.5 * np.sqrt(2) <= length * (1 + 1e-12) <= 1.1 * 0.5 * np.sqrt(2)
    assert radius[0] == pytest.approx(2 * length)
    np.testing.assert_array_equal(D, [1.0, 1.0])
    assert status == Status.RUNNING


def test_a_step_that_leads_onto_a_plateau_is_shortened():
    """A saturated tanh has no slope: from there no method comes back."""

    def function(w):
        return np.tanh(w) - 0.5, 1 - np.tanh(w)[:, None] ** 2

    parameters = minimum(function, [-3.0], LevenbergMarquardt(factor=1e6))
    np.testing.assert_allclose(np.tanh(parameters), [0.5], rtol=1e-12)


def test_a_step_into_what_is_not_finite_is_taken_back():
    with np.errstate(all="ignore"):
        parameters = minimum(lambda w: (np.log(w) - 1, 1 / w[:, None]), [20.0], LevenbergMarquardt(factor=100))
    np.testing.assert_allclose(parameters, [np.e], rtol=1e-10)


def test_a_parameter_without_influence_stays():
    parameters = minimum(lambda w: (w[:1] - 3, np.array([[1.0, 0.0]])), [0.0, 5.0], LevenbergMarquardt())
    np.testing.assert_allclose(parameters, [3, 5], rtol=1e-12)


def test_parameters_of_which_only_the_sum_counts_share_it():
    parameters = minimum(lambda w: (w.sum(keepdims=True) - 3, np.ones((1, 2))), [0.0, 0.0], LevenbergMarquardt())
    np.testing.assert_allclose(parameters, [1.5, 1.5], rtol=1e-10)


def test_columns_vanish_by_what_their_parameters_can_move():
    r = np.array([3.0, 4.0])
    J = np.array([[1.0, 1e-17, 0.0, 1e-17], [0.0, 0.0, 0.0, 0.0]])
    assert vanishing_columns(r, J, np.array([0.0, 2.0, 1e9, 1e9])).tolist() == [1, 2]
    assert vanishing_columns(r, np.zeros((2, 0)), np.zeros(0)).tolist() == []
    assert vanishing_columns(np.zeros(2), np.eye(2), np.zeros(2)).tolist() == []


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: LevenbergMarquardt(factor=0), "factor: .*found 0, expected a number above 0"),
        (lambda: LevenbergMarquardt(gtol=-1), "gtol: .*found -1"),
        (lambda: LevenbergMarquardt(tries=0), "tries: .*found 0"),
    ],
)
def test_impossible_settings_are_named(make, words):
    with pytest.raises(SettingError, match=words):
        make()
