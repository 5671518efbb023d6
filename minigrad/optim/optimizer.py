"""What an optimiser is: two pure functions over flat vectors."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np

from minigrad.errors import SettingError

Vector = np.ndarray
State = tuple[np.ndarray, ...]
"""What an optimiser remembers from step to step."""


@runtime_checkable
class Optimizer(Protocol):
    """Anything with these two pure functions.

    `update` is written with operators and NumPy's ufuncs only, so that it can be recorded into a compiled program.
    """

    def init(self, parameters: Vector) -> State:
        """The state before the first step."""
        ...

    def update(self, parameters: Vector, gradient: Vector, state: State) -> tuple[Vector, State]:
        """The parameters and the state after one step."""
        ...


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
