"""Adam: momentum, with a learning rate of its own for every parameter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from minigrad.optim.descent import Descent
from minigrad.optim.optimizer import State, Vector
from minigrad.optim.rates import Rate


@dataclass(frozen=True, repr=False)
class Adam(Descent):
    """Adaptive moments, w ← w − η·m̂ / (√v̂ + ε), with η = `lr` and running means m of g = ∂L/∂w and v of g².

    m ← β₁m + (1 − β₁)g and v ← β₂v + (1 − β₂)g² start at 0; m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) make up for that.
    Source: Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015.
    """

    lr: Rate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    fractions: ClassVar[tuple[str, ...]] = ("beta1", "beta2")

    def memory(self, parameters: Vector) -> State:
        return np.zeros_like(parameters, shape=1), np.zeros_like(parameters), np.zeros_like(parameters)

    def change(self, rate: Any, gradient: Vector, memory: State) -> tuple[Vector, State]:
        step, mean, square = memory
        step = step + 1
        mean = self.beta1 * mean + (1 - self.beta1) * gradient
        square = self.beta2 * square + (1 - self.beta2) * gradient * gradient
        unbiased_mean = mean / (1 - self.beta1**step)
        unbiased_square = square / (1 - self.beta2**step)
        return rate * unbiased_mean / (np.sqrt(unbiased_square) + self.epsilon), (step, mean, square)


@dataclass(frozen=True, repr=False)
class AdamW(Adam):
    """Adam with decoupled weight decay, w ← w − η·(m̂ / (√v̂ + ε) + λw), with λ = `weight_decay`.

    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019.
    """

    weight_decay: float = field(default=0.01, kw_only=True)

    decoupled: ClassVar[bool] = True
