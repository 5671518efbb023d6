"""Optimizers around another optimizer: gradient clipping."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigrad._validation import check_number
from minigrad.errors import SettingError
from minigrad.optim.base import Optimizer, State, Vector, checked_optimizer


@dataclass(frozen=True)
class Clipped:
    """Optimizer of clipped gradients: each element g within ±`value`, then g · min(1, norm / (‖g‖ + 10⁻⁶)).

    Source: Pascanu, Mikolov and Bengio, On the Difficulty of Training Recurrent Neural Networks, 2013.

    Args:
        optimizer: The optimizer that makes the step.
        norm: Largest length of the whole gradient, at least 0.
        value: Largest size of one element, at least 0.

    Raises:
        SettingError: If `optimizer` is no optimizer, or neither `norm` nor `value` is set.

    Example:
        >>> optimizer, w = mg.Clipped(mg.SGD(lr=1.0), norm=1.0), np.zeros(2)
        >>> w, state = optimizer.update(w, np.array([30.0, -40.0]), optimizer.init(w))
        >>> print(w.round(4))  # the gradient has length 50
        [-0.6  0.8]
    """

    optimizer: Optimizer
    norm: float | None = None
    value: float | None = None

    def __post_init__(self) -> None:
        checked_optimizer(self.optimizer)
        if self.norm is None and self.value is None:
            raise SettingError("no bound to clip gradients to", expected="norm=… or value=…")
        check_number(0.0 if self.norm is None else self.norm, "norm")
        check_number(0.0 if self.value is None else self.value, "value")

    def init(self, parameters: Vector) -> State:
        """Return the state of the wrapped optimizer before the first step.

        Args:
            parameters: All weights and biases as one vector.

        Returns:
            A tuple of arrays.

        Example:
            >>> mg.Clipped(mg.Momentum(), norm=1.0).init(np.zeros(2))
            (array([0., 0.]),)
        """
        return self.optimizer.init(parameters)

    def update(self, parameters: Vector, gradient: Vector, state: State) -> tuple[Vector, State]:
        """Return the parameters and the state after one step of the wrapped optimizer with the clipped gradient.

        Args:
            parameters: All weights and biases w as one vector.
            gradient: ∂L/∂w, of the same shape.
            state: State before the step, from `init` or the last `update`.

        Returns:
            New parameters and the new state.

        Example:
            >>> w, state = mg.Clipped(mg.SGD(lr=1.0), value=1.0).update(np.zeros(2), np.array([0.5, -40.0]), ())
            >>> print(w)
            [-0.5  1. ]
        """
        if self.value is not None:
            gradient = np.minimum(np.maximum(gradient, -self.value), self.value)
        if self.norm is not None:
            gradient = clip_by_norm(gradient, self.norm)
        return self.optimizer.update(parameters, gradient, state)


def clip_by_norm(gradient: Vector, norm: float) -> Vector:
    """Return g · min(1, norm / (‖g‖ + 10⁻⁶)); g is scaled first where the squares of its elements are too large to add.

    The scale is 1 where the sum of squares is finite, else a power of 2, so that the result is not rounded once more.
    """
    limits = np.finfo(gradient.dtype)
    with np.errstate(all="ignore"):
        square = np.vecdot(gradient, gradient)
        scale = np.fmax(1.0 + 0.0 * square, 2.0 ** (-limits.maxexp * 5 // 8))  # 0 · ∞ is no number, so not the larger
        scaled = scale * gradient
        length = np.sqrt(np.vecdot(scaled, scaled))
        return scaled * np.minimum(norm / (length + 1e-6 * scale), 1 / scale)
