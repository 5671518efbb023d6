"""Gradient descent, plain and with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from minigrad.optim.base import Descent, Rate, State, Vector


@dataclass(frozen=True, repr=False)
class SGD(Descent):
    """Gradient descent, w ← w − η·∂L/∂w, with learning rate η = `lr`; stochastic when fed sample by sample.

    Source: Robbins and Monro, A Stochastic Approximation Method, 1951.
    """

    lr: Rate = 0.1

    def memory(self, parameters: Vector) -> State:
        return ()

    def change(self, rate: Any, gradient: Vector, memory: State) -> tuple[Vector, State]:
        return rate * gradient, ()


@dataclass(frozen=True, repr=False)
class Momentum(Descent):
    """Gradient descent with momentum, v ← μv + ∂L/∂w, w ← w − ηv, with η = `lr`, μ = `momentum`.

    Source: Polyak, Some Methods of Speeding Up the Convergence of Iteration Methods, 1964.
    """

    lr: Rate = 0.1
    momentum: float = 0.9

    fractions: ClassVar[tuple[str, ...]] = ("momentum",)

    def memory(self, parameters: Vector) -> State:
        return (np.zeros_like(parameters),)

    def change(self, rate: Any, gradient: Vector, memory: State) -> tuple[Vector, State]:
        velocity = self.momentum * memory[0] + gradient
        return rate * velocity, (velocity,)


@dataclass(frozen=True, repr=False)
class Nesterov(Descent):
    """Momentum that looks ahead, v ← μv + ∂L/∂w, w ← w − η(∂L/∂w + μv), with η = `lr`, μ = `momentum`.

    Source: Nesterov, 1983, in the form of Sutskever et al., On the Importance of Initialization and Momentum, 2013.
    """

    lr: Rate = 0.1
    momentum: float = 0.9

    fractions: ClassVar[tuple[str, ...]] = ("momentum",)

    def memory(self, parameters: Vector) -> State:
        return (np.zeros_like(parameters),)

    def change(self, rate: Any, gradient: Vector, memory: State) -> tuple[Vector, State]:
        velocity = self.momentum * memory[0] + gradient
        return rate * (gradient + self.momentum * velocity), (velocity,)
