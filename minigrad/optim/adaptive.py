"""Adaptive methods: gradient descent that scales the step of every parameter by the size of its past gradients."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.optim.base import GradientDescent, Rate, State, Vector


@dataclass(frozen=True, repr=False)
class AdaGrad(GradientDescent):
    """Adaptive gradient, s ← s + g², w ← w − ηg / (√s + ε) with g = ∂L/∂w.

    Source: Duchi, Hazan and Singer, Adaptive Subgradient Methods, 2011.

    Args:
        lr: Learning rate η, a number of at least 0 or a schedule.
        epsilon: ε, at least 0; keeps the division finite where all gradients so far were 0.
        weight_decay: λ, at least 0; λw is added to the gradient.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> optimizer, w = mg.AdaGrad(lr=0.1), np.array([1.0, 1.0])
        >>> w, state = optimizer.update(w, np.array([2.0, 200.0]), optimizer.init(w))
        >>> print(w.round(6))  # the first step is η, whatever the size of the gradient
        [0.9 0.9]
    """

    lr: Rate = 0.01
    epsilon: float = 1e-10

    def change(self, rate: Any, gradient: Vector, moments: State) -> tuple[Vector, State]:
        square = moments[0] + gradient * gradient
        return rate * gradient / (np.sqrt(square) + self.epsilon), (square,)


@dataclass(frozen=True, repr=False)
class RMSProp(GradientDescent):
    """AdaGrad with a running mean, s ← ρs + (1 − ρ)g², w ← w − ηg / (√s + ε) with g = ∂L/∂w.

    Source: Tieleman and Hinton, Neural Networks for Machine Learning, lecture 6.5, 2012.

    Args:
        lr: Learning rate η, a number of at least 0 or a schedule.
        decay: ρ, at least 0 and below 1; the memory of the mean is about 1 / (1 − ρ) steps.
        epsilon: ε, at least 0; keeps the division finite where all gradients so far were 0.
        weight_decay: λ, at least 0; λw is added to the gradient.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> optimizer, w = mg.RMSProp(lr=0.1, decay=0.75), np.array([1.0])
        >>> w, (s,) = optimizer.update(w, np.array([2.0]), optimizer.init(w))
        >>> print(s, w.round(6))  # s = 0.25 · 2², w = 1 − 0.1 · 2 / √s
        [1.] [0.8]
    """

    lr: Rate = 0.01
    decay: float = 0.99
    epsilon: float = 1e-8

    fractions = ("decay",)

    def change(self, rate: Any, gradient: Vector, moments: State) -> tuple[Vector, State]:
        square = self.decay * moments[0] + (1 - self.decay) * gradient * gradient
        return rate * gradient / (np.sqrt(square) + self.epsilon), (square,)


@dataclass(frozen=True, repr=False)
class Adam(GradientDescent):
    """Adaptive moments, w ← w − ηm̂ / (√v̂ + ε), with running means m of g = ∂L/∂w and v of g².

    m ← β₁m + (1 − β₁)g and v ← β₂v + (1 − β₂)g² start at 0; m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) correct for that.
    Source: Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015.

    Args:
        lr: Learning rate η, a number of at least 0 or a schedule; about the largest change of a weight in one step.
        beta1: β₁, at least 0 and below 1.
        beta2: β₂, at least 0 and below 1.
        epsilon: ε, at least 0; keeps the division finite where all gradients so far were 0.
        weight_decay: λ, at least 0; λw is added to the gradient.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> optimizer, w = mg.Adam(lr=0.1), np.array([1.0, 1.0])
        >>> w, state = optimizer.update(w, np.array([2.0, -0.002]), optimizer.init(w))
        >>> print(w.round(5))  # the first step is η, with the sign of the gradient
        [0.9 1.1]
    """

    lr: Rate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    fractions = ("beta1", "beta2")

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
    """Adam with decoupled weight decay, w ← w − η(m̂ / (√v̂ + ε) + λw).

    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019.

    Args:
        lr: Learning rate η, a number of at least 0 or a schedule.
        beta1: β₁, at least 0 and below 1.
        beta2: β₂, at least 0 and below 1.
        epsilon: ε, at least 0; keeps the division finite where all gradients so far were 0.
        weight_decay: λ, at least 0; ηλw is subtracted from the weights, past the adaptive scaling.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> optimizer, w = mg.AdamW(lr=0.1, weight_decay=0.5), np.array([2.0])
        >>> w, state = optimizer.update(w, np.array([0.0]), optimizer.init(w))
        >>> print(w)  # 2 − 0.1 · 0.5 · 2: without a gradient the weight still shrinks
        [1.9]
    """

    weight_decay: float = field(default=0.01, kw_only=True)

    decoupled = True
