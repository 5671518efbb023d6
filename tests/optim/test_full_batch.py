"""What every full-batch optimizer has in common: descent, purity, the minimum of a curved valley."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.optim import LBFGS, LevenbergMarquardt
from minigrad.optim.base import Settings
from minigrad.optim.full_batch import FullBatchOptimizer, Status, column_rank, is_full_batch
from tests.optim.helpers import minimum, rosenbrock, rosenbrock_residuals


def is_full_batch_class(member):
    return isinstance(member, type) and issubclass(member, Settings) and isinstance(member, FullBatchOptimizer)


def run(optimizer, f, slope, start, steps=500):
    """Return parameters and status after a full-batch optimizer has ended on ½ Σ f², or after so many steps."""

    def function(w):
        with np.errstate(all="ignore"):
            r, J = f(w), slope(w)
            return (r, J) if optimizer.sees == "residuals" else (0.5 * r @ r, r @ J)

    w = np.array(start, dtype=np.float64)
    state = optimizer.init(w)
    for _ in range(steps):
        w, state = optimizer.advance(function, w, state)
        assert all(isinstance(array, np.ndarray) for array in state)
        if optimizer.status(state) != Status.RUNNING:
            break
    return w, optimizer.status(state)


PAIRS = [(LBFGS(), rosenbrock), (LBFGS(memory=1), rosenbrock), (LevenbergMarquardt(), rosenbrock_residuals)]
MEMBERS = [getattr(optim, name) for name in dir(optim) if is_full_batch_class(getattr(optim, name))]
members = pytest.mark.parametrize("make", MEMBERS)
pairs = pytest.mark.parametrize(("optimizer", "function"), PAIRS, ids=lambda part: repr(part)[:30])


@pairs
@pytest.mark.parametrize("start", [[-1.2, 1.0], [3.0, -4.0], [0.0, 0.0]])
def test_it_reaches_the_minimum_of_a_curved_valley(optimizer, function, start):
    np.testing.assert_allclose(minimum(function, start, optimizer), [1, 1], rtol=0, atol=1e-10)


@pairs
def test_no_step_makes_the_loss_larger(optimizer, function):
    parameters = np.array([-1.2, 1.0])
    state, before = optimizer.init(parameters), rosenbrock(parameters)[0]
    for _ in range(60):
        parameters, state = optimizer.advance(function, parameters, state)
        assert rosenbrock(parameters)[0] <= before * (1 + 1e-12)
        before = rosenbrock(parameters)[0]


@pairs
def test_a_step_changes_none_of_its_arguments(optimizer, function):
    parameters = np.array([-1.2, 1.0])
    _, state = optimizer.advance(function, parameters, optimizer.init(parameters))
    copies = [array.copy() for array in state]
    first = optimizer.advance(function, parameters, state)
    second = optimizer.advance(function, parameters, state)
    np.testing.assert_array_equal(parameters, [-1.2, 1.0])
    np.testing.assert_array_equal(first[0], second[0])
    for array, copy in zip(state, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@pairs
def test_at_the_minimum_it_stays(optimizer, function):
    parameters, _ = optimizer.advance(function, np.ones(2), optimizer.init(np.ones(2)))
    np.testing.assert_array_equal(parameters, np.ones(2))


@pytest.mark.parametrize(
    ("optimizer", "function"),
    [
        (LBFGS(), lambda w: (np.nan, np.ones(2))),
        (LBFGS(), lambda w: (1.0, np.array([np.inf, 0.0]))),
        (LevenbergMarquardt(), lambda w: (np.array([np.nan]), np.ones((1, 2)))),
        (LevenbergMarquardt(), lambda w: (np.ones(1), np.full((1, 2), np.inf))),
    ],
)
def test_from_what_is_not_finite_there_is_no_step(optimizer, function):
    np.testing.assert_array_equal(minimum(function, [1.0, 2.0], optimizer), [1, 2])


def test_which_optimizers_are_full_batch():
    assert is_full_batch(LBFGS())
    assert is_full_batch(LevenbergMarquardt())
    assert not is_full_batch(LBFGS)
    assert not is_full_batch(mg.SGD())


# Laws of every full-batch optimizer.

TIMES = np.linspace(0, 3, 12)
MEASURED = 4 * np.exp(-0.7 * TIMES) + 0.1 * np.cos(7 * TIMES)


def decay(w):
    return w[0] * np.exp(-w[1] * TIMES) - MEASURED


def decay_slope(w):
    return np.stack((np.exp(-w[1] * TIMES), -TIMES * w[0] * np.exp(-w[1] * TIMES)), axis=1)


def test_there_are_members():
    assert {LBFGS, LevenbergMarquardt} <= set(MEMBERS)


@members
@pytest.mark.parametrize("start", [[1.0, 1.0], [4.0, 0.7], [30.0, 3.0], [0.1, 0.01]])
def test_it_ends_by_itself_at_a_minimum(make, start):
    w, status = run(make(), decay, decay_slope, start)
    assert status.is_converged
    assert status.reason.startswith("converged: ")
    np.testing.assert_allclose(decay(w) @ decay_slope(w), 0, rtol=0, atol=1e-8)


@members
@pytest.mark.parametrize("scale", [1.0, 1e4, 1e8, 1e12])
def test_it_does_not_end_before_the_minimum_of_large_residuals(make, scale):
    rng = np.random.default_rng(0)
    columns, measured = rng.normal(size=(30, 3)), scale * rng.normal(7.0, size=30)
    w, status = run(make(), lambda w: columns @ w - measured, lambda w: columns, [1.0, 1.0, 1.0])
    best, *_ = np.linalg.lstsq(columns, measured, rcond=None)
    assert status.is_converged
    np.testing.assert_allclose(w, best, rtol=0, atol=1e-8 * np.abs(best).max())


@members
@pytest.mark.parametrize("name", ["ftol", "xtol", "gtol"])
def test_each_tolerance_ends_it_earlier(make, name):
    w, status = run(make(**{name: 1e-4}), decay, decay_slope, [1.0, 1.0])
    assert status == Status[name.upper()]
    best, _ = run(make(), decay, decay_slope, [1.0, 1.0])
    assert not np.array_equal(w, best)
    np.testing.assert_allclose(w, best, rtol=0.05)


@members
def test_a_wrong_derivative_is_said_and_nothing_moves(make):
    w, status = run(make(), decay, lambda w: -decay_slope(w), [1.0, 1.0])
    assert status == Status.NO_REDUCTION
    assert status.reason == "not converged: no step that was tried reduces the loss"
    np.testing.assert_array_equal(w, [1, 1])


@members
def test_what_is_not_finite_is_said_and_nothing_moves(make):
    w, status = run(make(), lambda w: decay(w) + np.nan, decay_slope, [1.0, 1.0])
    assert status == Status.NOT_FINITE
    assert status.reason.startswith("not converged")
    np.testing.assert_array_equal(w, [1, 1])


@members
@pytest.mark.parametrize("beyond", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("cliff", ["value", "slope", "both"])
def test_no_number_that_is_not_finite_ever_stays(make, beyond, cliff):
    """The minimum lies at 1; from 0.9 on nothing is finite."""

    def value(w):
        return np.where((w < 0.9) | (cliff == "slope"), w - 1, beyond)

    def slope(w):
        return np.where((w < 0.9) | (cliff == "value"), 1.0, beyond)[:, None]

    w, status = run(make(), value, slope, [-5.0])
    assert -5 < w[0] < 0.9
    assert status == Status.NO_REDUCTION


@members
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6, 1e12])
def test_a_perfect_fit_is_found_and_ends_in_any_units(make, scale):
    w, status = run(make(), lambda w: scale * (w - [2.0, 3.0]), lambda w: scale * np.eye(2), [20.0, -7.0])
    assert status.is_converged
    np.testing.assert_allclose(w, [2, 3], rtol=1e-3)


def test_the_rank_of_a_jacobian_does_not_depend_on_units():
    assert column_rank(np.diag([1e-150, 1.0, 1e150])) == 3
    assert column_rank(np.array([[1e-9, 2.0], [1e-9, 2.0], [2e-9, 4.0]])) == 1
    assert column_rank(np.zeros((3, 2))) == 0
