"""Gradient descent, plain and with momentum: the formulas, worked out by hand."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.errors import SettingError
from tests.optim.helpers import GRADIENT, START, after_steps


def test_sgd_moves_against_the_gradient():
    np.testing.assert_array_equal(after_steps(mg.SGD(lr=0.1), [GRADIENT]), START - 0.1 * GRADIENT)


def test_momentum_keeps_a_velocity():
    parameters = after_steps(mg.Momentum(lr=0.1, momentum=0.5), [GRADIENT, np.zeros(3)])
    np.testing.assert_allclose(parameters, START - 0.1 * GRADIENT - 0.1 * 0.5 * GRADIENT, rtol=1e-15)
    without = after_steps(mg.Momentum(0.1, 0), [GRADIENT] * 3)
    np.testing.assert_array_equal(without, after_steps(mg.SGD(0.1), [GRADIENT] * 3))


def test_nesterov_applies_the_momentum_before_the_step():
    parameters = after_steps(optim.Nesterov(lr=0.1, momentum=0.5), [GRADIENT, np.zeros(3)])
    np.testing.assert_allclose(parameters, START - 0.1 * 1.5 * GRADIENT - 0.1 * 0.25 * GRADIENT, rtol=1e-15)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: mg.Momentum(0.1, 1.0), "momentum: .*found 1.0, expected .* below 1"),
        (lambda: mg.Momentum(-1), "lr: .*found -1"),
        (lambda: optim.Nesterov(momentum=1), "momentum: .*found 1"),
    ],
)
def test_impossible_settings_are_named(make, words):
    with pytest.raises(SettingError, match=words):
        make()
