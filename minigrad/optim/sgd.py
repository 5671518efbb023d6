"""Gradient descent, plain and with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from minigrad.optim.base import GradientDescent, Rate, State, Vector


@dataclass(frozen=True, repr=False)
class SGD(GradientDescent):
    """Gradient descent, w ← w − η·∂L/∂w, with learning rate η = `lr`; stochastic when fed sample by sample.

    Source: Robbins and Monro, A Stochastic Approximation Method, 1951.
    """

    lr: Rate = 0.1

    moment_count: ClassVar[int] = 0

    def change(self, rate: Any, gradient: Vector, moments: State) -> tuple[Vector, State]:
        return rate * gradient, ()


@dataclass(frozen=True, repr=False)
class Momentum(GradientDescent):
    """Gradient descent with momentum, v ← μv + ∂L/∂w, w ← w − ηv, with η = `lr`, μ = `momentum`.

    Source: Polyak, Some Methods of Speeding Up the Convergence of Iteration Methods, 1964.
    """

    lr: Rate = 0.1
    momentum: float = 0.9

    fractions: ClassVar[tuple[str, ...]] = ("momentum",)

    def change(self, rate: Any, gradient: Vector, moments: State) -> tuple[Vector, State]:
        velocity = self.momentum * moments[0] + gradient
        return rate * velocity, (velocity,)


@dataclass(frozen=True, repr=False)
class Nesterov(Momentum):
    """Nesterov momentum, v ← μv + ∂L/∂w, w ← w − η(∂L/∂w + μv), with η = `lr`, μ = `momentum`.

    Source: Nesterov, 1983, in the form of Sutskever et al., On the Importance of Initialization and Momentum, 2013.
    """

    def change(self, rate: Any, gradient: Vector, moments: State) -> tuple[Vector, State]:
        velocity = self.momentum * moments[0] + gradient
        return rate * (gradient + self.momentum * velocity), (velocity,)
