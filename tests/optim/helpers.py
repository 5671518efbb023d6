"""What the tests of several optimizer modules share: optimizers to try, and steps on pure functions."""

from __future__ import annotations

from typing import Any

import numpy as np

import minigrad as mg
from minigrad import optim

START = np.array([1.0, -2.0, 3.0])
GRADIENT = np.array([0.5, 0.0, -4.0])
OPTIMIZERS = [
    mg.SGD(0.1),
    mg.Momentum(0.05, 0.8),
    optim.Nesterov(0.05, 0.8),
    optim.AdaGrad(0.8),
    optim.RMSProp(0.1, decay=0.9, epsilon=0.5),
    mg.Adam(0.1),
    optim.AdamW(0.1, weight_decay=0.0),
    optim.Clipped(mg.SGD(0.1), norm=2.0),
    optim.Clipped(mg.Momentum(optim.OneCycle(0.1, 500)), value=1.0),
]
WITH_WEIGHT_DECAY = [
    mg.SGD(0.1, weight_decay=0.01),
    mg.Momentum(0.05, 0.8, weight_decay=0.01),
    optim.Nesterov(optim.CosineDecay(0.05, 50), weight_decay=0.01),
    optim.AdaGrad(0.1, weight_decay=0.01),
    optim.RMSProp(0.01, weight_decay=0.01),
    mg.Adam(optim.OneCycle(0.05, 50), weight_decay=0.01),
    optim.AdamW(optim.WarmUp(optim.StepDecay(0.05, 10, 0.5), 20)),
    optim.Clipped(optim.AdamW(0.02), norm=0.1, value=0.05),
]


def after_steps(optimizer: Any, gradients: Any, start: np.ndarray = START) -> np.ndarray:
    """Return the parameters after one update for each gradient."""
    parameters, state = start, optimizer.init(start)
    for gradient in gradients:
        parameters, state = optimizer.update(parameters, gradient, state)
    return parameters


def minimum(function: Any, start: Any, optimizer: Any, steps: int = 1000) -> np.ndarray:
    """Return the parameters after steps of a full-batch optimizer until one changes nothing."""
    parameters = np.array(start, dtype=np.float64)
    state = optimizer.init(parameters)
    for _ in range(steps):
        previous = parameters
        parameters, state = optimizer.advance(function, previous, state)
        if np.array_equal(parameters, previous):
            break
    return parameters


def rosenbrock(w: np.ndarray) -> tuple[float, np.ndarray]:
    """Return Rosenbrock's function of two numbers, and its gradient."""
    a, b = 1 - w[0], w[1] - w[0] ** 2
    return a**2 + 100 * b**2, np.array([-2 * a - 400 * b * w[0], 200 * b])


def rosenbrock_residuals(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the two residuals whose squares add up to the same function, and their Jacobian."""
    return np.array([1 - w[0], 10 * (w[1] - w[0] ** 2)]), np.array([[-1.0, 0.0], [-20 * w[0], 10.0]])
