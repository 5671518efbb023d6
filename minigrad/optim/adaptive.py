"""Adaptive methods: gradient descent that scales the step of every parameter by the size of its past gradients."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from minigrad.optim.base import GradientDescent, Rate, State, Vector


@dataclass(frozen=True, repr=False)
class AdaGrad(GradientDescent):
    """Adaptive gradient, s ← s + g², w ← w − η·g / (√s + ε), with g = ∂L/∂w, η = `lr`.

    Source: Duchi, Hazan and Singer, Adaptive Subgradient Methods, 2011.
    """

    lr: Rate = 0.01
    epsilon: float = 1e-10

    def change(self, rate: Any, gradient: Vector, moments: State) -> tuple[Vector, State]:
        square = moments[0] + gradient * gradient
        return rate * gradient / (np.sqrt(square) + self.epsilon), (square,)


@dataclass(frozen=True, repr=False)
class RMSProp(GradientDescent):
    """AdaGrad with a running mean, s ← ρs + (1 − ρ)g², w ← w − η·g / (√s + ε), with g = ∂L/∂w, η = `lr`, ρ = `decay`.

    Source: Tieleman and Hinton, Neural Networks for Machine Learning, lecture 6.5, 2012.
    """

    lr: Rate = 0.01
    decay: float = 0.99
    epsilon: float = 1e-8

    fractions: ClassVar[tuple[str, ...]] = ("decay",)

    def change(self, rate: Any, gradient: Vector, moments: State) -> tuple[Vector, State]:
        square = self.decay * moments[0] + (1 - self.decay) * gradient * gradient
        return rate * gradient / (np.sqrt(square) + self.epsilon), (square,)


@dataclass(frozen=True, repr=False)
class Adam(GradientDescent):
    """Adaptive moments, w ← w − η·m̂ / (√v̂ + ε), with η = `lr` and running means m of g = ∂L/∂w and v of g².

    m ← β₁m + (1 − β₁)g and v ← β₂v + (1 − β₂)g² start at 0; m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) make up for that.
    Source: Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015.
    """

    lr: Rate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    fractions: ClassVar[tuple[str, ...]] = ("beta1", "beta2")

    def init_moments(self, parameters: Vector) -> State:
        return np.zeros_like(parameters, shape=1), np.zeros_like(parameters), np.zeros_like(parameters)

    def change(self, rate: Any, gradient: Vector, moments: State) -> tuple[Vector, State]:
        count, mean, square = moments
        count = count + 1
        mean = self.beta1 * mean + (1 - self.beta1) * gradient
        square = self.beta2 * square + (1 - self.beta2) * gradient * gradient
        unbiased_mean = mean / (1 - self.beta1**count)
        unbiased_square = square / (1 - self.beta2**count)
        return rate * unbiased_mean / (np.sqrt(unbiased_square) + self.epsilon), (count, mean, square)


@dataclass(frozen=True, repr=False)
class AdamW(Adam):
    """Adam with decoupled weight decay, w ← w − η·(m̂ / (√v̂ + ε) + λw), with λ = `weight_decay`.

    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019.
    """

    weight_decay: float = field(default=0.01, kw_only=True)

    decoupled: ClassVar[bool] = True
