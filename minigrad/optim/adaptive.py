"""Gradient descent with a learning rate of its own for every parameter, by how large its gradients were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from minigrad.optim.descent import Descent
from minigrad.optim.optimizer import State, Vector
from minigrad.optim.rates import Rate


@dataclass(frozen=True, repr=False)
class AdaGrad(Descent):
    """Smaller steps where gradients were large, s ← s + g², w ← w − η·g / (√s + ε), with g = ∂L/∂w, η = `lr`.

    Source: Duchi, Hazan and Singer, Adaptive Subgradient Methods, 2011.
    """

    lr: Rate = 0.01
    epsilon: float = 1e-10

    def memory(self, parameters: Vector) -> State:
        return (np.zeros_like(parameters),)

    def change(self, rate: Any, gradient: Vector, memory: State) -> tuple[Vector, State]:
        square = memory[0] + gradient * gradient
        return rate * gradient / (np.sqrt(square) + self.epsilon), (square,)


@dataclass(frozen=True, repr=False)
class RMSProp(Descent):
    """AdaGrad that forgets, s ← ρs + (1 − ρ)g², w ← w − η·g / (√s + ε), with g = ∂L/∂w, η = `lr`, ρ = `decay`.

    Source: Tieleman and Hinton, Neural Networks for Machine Learning, lecture 6.5, 2012.
    """

    lr: Rate = 0.01
    decay: float = 0.99
    epsilon: float = 1e-8

    fractions: ClassVar[tuple[str, ...]] = ("decay",)

    def memory(self, parameters: Vector) -> State:
        return (np.zeros_like(parameters),)

    def change(self, rate: Any, gradient: Vector, memory: State) -> tuple[Vector, State]:
        square = self.decay * memory[0] + (1 - self.decay) * gradient * gradient
        return rate * gradient / (np.sqrt(square) + self.epsilon), (square,)
