"""Adaptive methods: the formulas, worked out step by step."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.errors import SettingError
from tests.optim.helpers import GRADIENT, START, after_steps


def test_adagrad_divides_by_the_root_of_the_sum_of_squares():
    parameters = after_steps(optim.AdaGrad(0.1, epsilon=0.0), [GRADIENT[::2]] * 2, START[::2])
    expected = START[::2] - 0.1 * np.sign(GRADIENT[::2]) * (1 + 1 / np.sqrt(2))
    np.testing.assert_allclose(parameters, expected, rtol=1e-15)


def test_rmsprop_divides_by_the_root_of_a_running_mean_of_squares():
    parameters = after_steps(optim.RMSProp(0.1, decay=0.75, epsilon=0.0), [GRADIENT[::2]], START[::2])
    np.testing.assert_allclose(parameters, START[::2] - 0.2 * np.sign(GRADIENT[::2]), rtol=1e-15)


def test_the_first_step_of_adam_is_the_learning_rate_in_every_direction():
    parameters = after_steps(mg.Adam(lr=0.1), [GRADIENT])
    np.testing.assert_allclose(parameters, START - 0.1 * np.sign(GRADIENT), rtol=1e-7)


def test_adam_is_its_formula():
    gradients = np.random.default_rng(0).normal(size=(20, 3))
    mean, square, expected = np.zeros(3), np.zeros(3), START
    for step, gradient in enumerate(gradients, start=1):
        mean = 0.8 * mean + 0.2 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        expected = expected - 0.05 * (mean / (1 - 0.8**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-6)
    parameters = after_steps(mg.Adam(0.05, beta1=0.8, beta2=0.99, epsilon=1e-6), gradients)
    np.testing.assert_allclose(parameters, expected, rtol=1e-13)


def test_adamw_decays_weights_apart_from_the_gradient():
    adam = after_steps(mg.Adam(0.1), [GRADIENT])
    np.testing.assert_allclose(after_steps(optim.AdamW(0.1, weight_decay=0.5), [GRADIENT]), adam - 0.1 * 0.5 * START)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: mg.Adam(beta1=1), "beta1: .*found 1"),
        (lambda: mg.Adam(beta2=-0.5), "beta2: .*found -0.5"),
        (lambda: mg.Adam(epsilon=-1e-8), "epsilon: .*found -1e-08"),
        (lambda: optim.AdaGrad(epsilon=np.nan), "epsilon: .*found nan"),
        (lambda: optim.RMSProp(decay=1.5), "decay: .*found 1.5, expected .* below 1"),
        (lambda: optim.AdamW(weight_decay=None), "weight_decay: .*found None"),
    ],
)
def test_impossible_settings_are_named(make, words):
    with pytest.raises(SettingError, match=words):
        make()
