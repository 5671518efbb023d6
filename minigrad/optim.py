"""Optimisers: how a flat vector of parameters moves against its gradient.

An optimiser is data; its `init` and `update` are pure functions of vectors, so that the same rule serves every engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from minigrad.errors import SettingError
from minigrad.settings import check_rate

Vector = np.ndarray
State = tuple[np.ndarray, ...]
"""What an optimiser remembers from step to step."""


@runtime_checkable
class Optimizer(Protocol):
    """Anything with these two pure functions."""

    def init(self, parameters: Vector) -> State:
        """The state before the first step."""
        ...

    def update(self, parameters: Vector, gradient: Vector, state: State) -> tuple[Vector, State]:
        """The parameters and the state after one step."""
        ...


@dataclass(frozen=True)
class SGD:
    """Gradient descent, w ← w − η·∂L/∂w, with learning rate η = `lr`; stochastic when fed sample by sample."""

    lr: float = 0.1

    def __post_init__(self) -> None:
        check_rate(self.lr, "lr")

    def init(self, parameters: Vector) -> State:
        return ()

    def update(self, parameters: Vector, gradient: Vector, state: State) -> tuple[Vector, State]:
        return parameters - self.lr * gradient, state


@dataclass(frozen=True)
class Momentum:
    """Gradient descent with momentum, v ← μv + ∂L/∂w, w ← w − ηv, with η = `lr`, μ = `momentum` (Polyak, 1964)."""

    lr: float = 0.1
    momentum: float = 0.9

    def __post_init__(self) -> None:
        check_rate(self.lr, "lr")
        check_rate(self.momentum, "momentum", below=1)

    def init(self, parameters: Vector) -> State:
        return (np.zeros_like(parameters),)

    def update(self, parameters: Vector, gradient: Vector, state: State) -> tuple[Vector, State]:
        velocity = self.momentum * state[0] + gradient
        return parameters - self.lr * velocity, (velocity,)


@dataclass(frozen=True)
class Adam:
    """Adaptive moments, w ← w − η·m̂ / (√v̂ + ε), with η = `lr` and m̂, v̂ the running moments (Kingma and Ba, 2015)."""

    lr: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        check_rate(self.lr, "lr")
        check_rate(self.beta1, "beta1", below=1)
        check_rate(self.beta2, "beta2", below=1)
        check_rate(self.epsilon, "epsilon")

    def init(self, parameters: Vector) -> State:
        return np.zeros(1), np.zeros_like(parameters), np.zeros_like(parameters)

    def update(self, parameters: Vector, gradient: Vector, state: State) -> tuple[Vector, State]:
        step, mean, square = state
        step = step + 1
        mean = self.beta1 * mean + (1 - self.beta1) * gradient
        square = self.beta2 * square + (1 - self.beta2) * gradient * gradient
        unbiased_mean = mean / (1 - self.beta1**step)
        unbiased_square = square / (1 - self.beta2**step)
        return parameters - self.lr * unbiased_mean / (np.sqrt(unbiased_square) + self.epsilon), (step, mean, square)


def checked_optimizer(optimizer: Any) -> Optimizer:
    """The optimiser as it is; raises SettingError for what is none, such as a class or a bare learning rate."""
    if isinstance(optimizer, type) or not isinstance(optimizer, Optimizer):
        raise SettingError(
            "not an optimiser",
            found=repr(optimizer),
            expected="an object with init and update",
            cure="Write, for example, minigrad.SGD(lr=0.1).",
        )
    return optimizer
