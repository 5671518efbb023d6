"""Optimisers as pure functions: their formulas, their purity, what they refuse, and that they find a minimum."""

from dataclasses import FrozenInstanceError, dataclass

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import SettingError
from minigrad.optim import checked_optimizer

START = np.array([1.0, -2.0, 3.0])
GRADIENT = np.array([0.5, 0.0, -4.0])
OPTIMIZERS = [mg.SGD(0.1), mg.Momentum(0.05, 0.8), mg.Adam(0.1)]


def steps(optimizer, gradients, start=START):
    parameters, state = start, optimizer.init(start)
    for gradient in gradients:
        parameters, state = optimizer.update(parameters, gradient, state)
    return parameters


def test_sgd_moves_against_the_gradient():
    np.testing.assert_array_equal(steps(mg.SGD(lr=0.1), [GRADIENT]), START - 0.1 * GRADIENT)


def test_momentum_remembers_where_it_was_going():
    found = steps(mg.Momentum(lr=0.1, momentum=0.5), [GRADIENT, np.zeros(3)])
    np.testing.assert_allclose(found, START - 0.1 * GRADIENT - 0.1 * 0.5 * GRADIENT, rtol=1e-15)
    np.testing.assert_array_equal(steps(mg.Momentum(0.1, 0), [GRADIENT] * 3), steps(mg.SGD(0.1), [GRADIENT] * 3))


def test_the_first_step_of_adam_is_the_learning_rate_in_every_direction():
    found = steps(mg.Adam(lr=0.1), [GRADIENT])
    np.testing.assert_allclose(found, START - 0.1 * np.sign(GRADIENT), rtol=1e-7)


def test_adam_is_its_formula():
    gradients = np.random.default_rng(0).normal(size=(20, 3))
    mean, square, expected = np.zeros(3), np.zeros(3), START
    for step, gradient in enumerate(gradients, start=1):
        mean = 0.8 * mean + 0.2 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        expected = expected - 0.05 * (mean / (1 - 0.8**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-6)
    found = steps(mg.Adam(0.05, beta1=0.8, beta2=0.99, epsilon=1e-6), gradients)
    np.testing.assert_allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_an_update_changes_nothing_that_it_is_given(optimizer):
    parameters, gradient, state = START.copy(), GRADIENT.copy(), optimizer.init(START)
    kept = [part.copy() for part in state]
    first = optimizer.update(parameters, gradient, state)
    second = optimizer.update(parameters, gradient, state)
    np.testing.assert_array_equal(parameters, START)
    np.testing.assert_array_equal(gradient, GRADIENT)
    for part, before in zip(state, kept, strict=True):
        np.testing.assert_array_equal(part, before)
    np.testing.assert_array_equal(first[0], second[0])


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_every_optimizer_finds_the_bottom_of_a_bowl(optimizer):
    parameters, state = START, optimizer.init(START)
    for _ in range(500):
        parameters, state = optimizer.update(parameters, 2 * (parameters - [1, 2, 3]), state)
    np.testing.assert_allclose(parameters, [1, 2, 3], atol=1e-4)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_no_parameters_at_all_are_no_trouble(optimizer):
    assert steps(optimizer, [np.zeros(0)], np.zeros(0)).shape == (0,)


def test_an_optimizer_is_data():
    assert mg.SGD(0.5) == mg.SGD(lr=0.5)
    assert repr(mg.Adam()) == "Adam(lr=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08)"
    with pytest.raises(FrozenInstanceError):
        mg.SGD().lr = 1.0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: mg.SGD("fast"), "lr: .*found 'fast'"),
        (lambda: mg.SGD(None), "lr: .*found None"),
        (lambda: mg.SGD(-0.1), "lr: .*found -0.1, expected a finite number of at least 0"),
        (lambda: mg.SGD(np.nan), "lr: .*found nan"),
        (lambda: mg.SGD(np.inf), "lr: .*found inf"),
        (lambda: mg.Momentum(0.1, 1.0), "momentum: .*found 1.0, expected .* below 1"),
        (lambda: mg.Momentum(-1), "lr: .*found -1"),
        (lambda: mg.Adam(beta1=1), "beta1: .*found 1"),
        (lambda: mg.Adam(beta2=-0.5), "beta2: .*found -0.5"),
        (lambda: mg.Adam(epsilon=-1e-8), "epsilon: .*found -1e-08"),
        (lambda: mg.Adam(lr=[0.1]), "lr: .*found \\[0.1\\]"),
    ],
)
def test_impossible_settings_are_named(make, words):
    with pytest.raises(SettingError, match=words):
        make()


@pytest.mark.parametrize("lr", [0, 1, np.float32(0.5), np.int64(2)])
def test_any_number_is_a_learning_rate(lr):
    assert mg.SGD(lr).lr == lr


@pytest.mark.parametrize("optimizer", [mg.SGD, 0.1, "adam", object()], ids=repr)
def test_what_is_no_optimizer_is_refused(optimizer):
    with pytest.raises(SettingError, match=r"not an optimiser.*minigrad\.SGD\(lr=0\.1\)"):
        checked_optimizer(optimizer)


@dataclass(frozen=True)
class SignDescent:
    """An optimiser of one's own."""

    lr: float

    def init(self, parameters):
        return ()

    def update(self, parameters, gradient, state):
        return parameters - self.lr * np.sign(gradient), state


def test_two_functions_make_an_optimizer():
    x, y = mg.mlp([1, 1], output=mg.identity, weights=mg.zeros)
    network = mg.Network(x, y)
    network.fit([1.0], [5.0], SignDescent(0.25), epochs=2, progress=False)
    assert [parameter.value for parameter in network.parameters] == [0.5, 0.5]
