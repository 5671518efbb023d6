"""What every full-batch optimizer has in common: descent, purity, the minimum of a curved valley."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.optim import LBFGS, LevenbergMarquardt
from minigrad.optim.full_batch import is_full_batch
from tests.optim.helpers import minimum, rosenbrock, rosenbrock_residuals

PAIRS = [(LBFGS(), rosenbrock), (LBFGS(memory=1), rosenbrock), (LevenbergMarquardt(), rosenbrock_residuals)]
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
