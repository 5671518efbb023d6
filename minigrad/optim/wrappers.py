"""Optimizers around another optimizer: gradient clipping."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigrad.errors import SettingError
from minigrad.optim.base import Optimizer, State, Vector, check_rates, checked_optimizer


@dataclass(frozen=True)
class Clipped:
    """An optimizer that gets clipped gradients: each element g within ±`value`, then g · min(1, norm / (‖g‖ + 10⁻⁶)).

    Raises SettingError for what is no optimizer, or where neither `norm` nor `value` is given.
    Source: Pascanu, Mikolov and Bengio, On the Difficulty of Training Recurrent Neural Networks, 2013.
    """

    optimizer: Optimizer
    norm: float | None = None
    value: float | None = None

    def __post_init__(self) -> None:
        checked_optimizer(self.optimizer)
        if self.norm is None and self.value is None:
            raise SettingError("clipping at nothing", expected="norm=… or value=…")
        check_rates(self, *(name for name in ("norm", "value") if getattr(self, name) is not None))

    def init(self, parameters: Vector) -> State:
        return self.optimizer.init(parameters)

    def update(self, parameters: Vector, gradient: Vector, state: State) -> tuple[Vector, State]:
        if self.value is not None:
            gradient = np.minimum(np.maximum(gradient, -self.value), self.value)
        if self.norm is not None:
            length = np.sqrt(np.vecdot(gradient, gradient))
            gradient = gradient * np.minimum(self.norm / (length + 1e-6), 1.0)
        return self.optimizer.update(parameters, gradient, state)
