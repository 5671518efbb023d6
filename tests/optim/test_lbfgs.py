"""L-BFGS: the two-loop recursion, the conditions of the line search, and what both do at hard points."""

import numpy as np
import pytest

from minigrad.errors import SettingError
from minigrad.optim import LBFGS, Status
from minigrad.optim.lbfgs import C1, C2, LineSearch, LineSearchPoint, cubic_minimizer, two_loop_recursion
from tests.optim.helpers import minimum, rosenbrock


def test_without_pairs_the_direction_is_steepest_descent():
    gradient = np.array([3.0, -4.0])
    np.testing.assert_array_equal(two_loop_recursion(gradient, np.zeros((5, 2)), np.zeros((5, 2))), gradient)


def test_the_two_loop_recursion_is_the_bfgs_update_of_the_inverse_hessian():
    rng = np.random.default_rng(0)
    hessian = np.diag([1.0, 4.0, 9.0]) + 0.5
    s_rows = rng.normal(size=(3, 3))
    y_rows = s_rows @ hessian
    s, y = s_rows[-1], y_rows[-1]
    H = np.eye(3) * (s @ y) / (y @ y)
    for s, y in zip(s_rows, y_rows, strict=True):  # equation 7.16 of Nocedal and Wright
        rho = 1 / (y @ s)
        V = np.eye(3) - rho * np.outer(y, s)
        H = V.T @ H @ V + rho * np.outer(s, s)
    gradient = rng.normal(size=3)
    padded = [np.vstack((np.zeros((2, 3)), rows)) for rows in (s_rows, y_rows)]
    np.testing.assert_allclose(two_loop_recursion(gradient, *padded), H @ gradient, rtol=1e-12)


@pytest.mark.parametrize("alpha", [1e-4, 0.1, 1.0, 30.0])
def test_the_line_search_satisfies_the_strong_wolfe_conditions(alpha):
    x = np.array([-1.2, 1.0])
    loss, gradient = rosenbrock(x)
    start = LineSearchPoint(0.0, loss, -gradient @ gradient, gradient)
    search = LineSearch(rosenbrock, x, -gradient, start)
    point = search.strong_wolfe_point(alpha, 25)
    assert point.phi == rosenbrock(x - point.alpha * gradient)[0]
    assert point.phi <= start.phi + C1 * point.alpha * start.slope
    assert abs(point.slope) <= C2 * abs(start.slope)
    assert search.strong_wolfe_point(alpha, 0) == start


def test_the_cubic_minimizer_is_exact_for_a_cubic():
    def point(alpha):
        return LineSearchPoint(alpha, alpha**3 - 3 * alpha, 3 * alpha**2 - 3, np.zeros(1))

    assert cubic_minimizer(point(0.0), point(1.8)) == pytest.approx(1.0, rel=1e-14)
    assert cubic_minimizer(point(1.8), point(0.0)) == pytest.approx(1.0, rel=1e-14)
    assert cubic_minimizer(point(0.0), point(1.05)) == pytest.approx(0.9 * 1.05, rel=1e-14)
    assert cubic_minimizer(point(0.0), LineSearchPoint(2.0, np.inf, np.nan, np.zeros(1))) == 1.0


def test_without_ftol_a_loss_that_rounding_raises_ends_nothing():
    def level(w):  # rises by less than its rounding allows to see, while the gradient shrinks
        return 1.0 + 1e-15 * float(w[0] < 1), 2e-3 * w

    for ftol, expected in ((0.0, Status.RUNNING), (1e-20, Status.FTOL)):
        optimizer = LBFGS(ftol=ftol)
        w, state = optimizer.advance(level, np.array([1.0]), optimizer.init(np.array([1.0])))
        assert 0 < w[0] < 1
        assert optimizer.status(state) == expected


def test_a_step_into_what_is_not_finite_is_taken_back():
    with np.errstate(all="ignore"):
        parameters = minimum(lambda w: (float(w[0] - np.log(w[0])), 1 - 1 / w), [0.01], LBFGS())
    np.testing.assert_allclose(parameters, [1], atol=1e-8)


@pytest.mark.parametrize(
    ("make", "words"),
    [(lambda: LBFGS(memory=0), "memory: .*found 0"), (lambda: LBFGS(tries=1.5), "tries: .*found 1.5")],
)
def test_impossible_settings_are_named(make, words):
    with pytest.raises(SettingError, match=words):
        make()
