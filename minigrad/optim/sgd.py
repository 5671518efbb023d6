"""Gradient descent, plain and with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from minigrad.optim.base import GradientDescent, Rate, State, Vector


@dataclass(frozen=True, repr=False)
class SGD(GradientDescent):
    """Gradient descent, w ← w − ηg with g = ∂L/∂w; stochastic if the batches are small.

    Source: Robbins and Monro, A Stochastic Approximation Method, 1951.

    Args:
        lr: Learning rate η, a number of at least 0 or a schedule.
        weight_decay: λ, at least 0; λw is added to the gradient (Krogh and Hertz, 1992).

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> optimizer, w = mg.SGD(lr=0.1), np.array([1.0])
        >>> w, state = optimizer.update(w, np.array([2.0]), optimizer.init(w))
        >>> print(w)  # 1 − 0.1 · 2
        [0.8]
    """

    lr: Rate = 0.1

    moment_count = 0

    def change(self, rate: Any, gradient: Vector, moments: State) -> tuple[Vector, State]:
        return rate * gradient, ()


@dataclass(frozen=True, repr=False)
class Momentum(GradientDescent):
    """Gradient descent with momentum, v ← μv + g, w ← w − ηv with g = ∂L/∂w.

    Source: Polyak, Some Methods of Speeding Up the Convergence of Iteration Methods, 1964.

    Args:
        lr: Learning rate η, a number of at least 0 or a schedule.
        momentum: μ, at least 0 and below 1; the share of the velocity v that is kept from step to step.
        weight_decay: λ, at least 0; λw is added to the gradient.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> optimizer, w = mg.Momentum(lr=0.1, momentum=0.5), np.array([1.0])
        >>> state = optimizer.init(w)
        >>> for _ in range(2):  # w: 1 → 1 − 0.1 · 2 → 0.8 − 0.1 · (0.5 · 2 + 2)
        ...     w, state = optimizer.update(w, np.array([2.0]), state)
        >>> print(w.round(10))
        [0.5]
    """

    lr: Rate = 0.1
    momentum: float = 0.9

    fractions = ("momentum",)

    def change(self, rate: Any, gradient: Vector, moments: State) -> tuple[Vector, State]:
        velocity = self.momentum * moments[0] + gradient
        return rate * velocity, (velocity,)


@dataclass(frozen=True, repr=False)
class Nesterov(Momentum):
    """Nesterov momentum, v ← μv + g, w ← w − η(g + μv) with g = ∂L/∂w.

    Source: Nesterov, 1983, in the form of Sutskever et al., On the Importance of Initialization and Momentum, 2013.

    Args:
        lr: Learning rate η, a number of at least 0 or a schedule.
        momentum: μ, at least 0 and below 1; the share of the velocity v that is kept from step to step.
        weight_decay: λ, at least 0; λw is added to the gradient.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> optimizer, w = mg.Nesterov(lr=0.1, momentum=0.5), np.array([1.0])
        >>> w, state = optimizer.update(w, np.array([2.0]), optimizer.init(w))
        >>> print(w.round(10))  # 1 − 0.1 · (2 + 0.5 · 2)
        [0.7]
    """

    def change(self, rate: Any, gradient: Vector, moments: State) -> tuple[Vector, State]:
        velocity = self.momentum * moments[0] + gradient
        return rate * (gradient + self.momentum * velocity), (velocity,)
