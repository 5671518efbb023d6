"""Full-batch optimizers: those that look at all samples several times in every step, for small problems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol, TypeAlias, TypeGuard, runtime_checkable

import numpy as np

from minigrad._validation import check_integer
from minigrad.errors import SettingError
from minigrad.optim.base import State, Vector

Function: TypeAlias = Callable[[Vector], tuple[Any, np.ndarray]]
"""A pure function of the parameters: its value, and the derivative of its value by every parameter."""


@runtime_checkable
class FullBatchOptimizer(Protocol):
    """An optimizer whose step asks for value and derivative at as many places as it likes."""

    @property
    def sees(self) -> Literal["loss", "residuals"]:
        """What its function returns: the loss with its gradient, or all residuals r with their slopes ∂r/∂w."""
        ...

    def init(self, parameters: Vector) -> State:
        """The state before the first step."""
        ...

    def advance(self, function: Function, parameters: Vector, state: State) -> tuple[Vector, State]:
        """The parameters and the state after one step; where no step makes the loss smaller, they stay."""
        ...


def minimize(function: Function, start: Any, optimizer: FullBatchOptimizer, steps: int = 1000) -> Vector:
    """The parameters at which a function is smallest near `start`: steps until one changes nothing, or `steps` of them.

    `function` returns what the optimizer `sees`. Raises SettingError for what is no full-batch optimizer.
    """
    parameters = np.array(start, dtype=np.float64)
    state = checked_full_batch(optimizer).init(parameters)
    for _ in range(check_integer(steps, "steps", 0)):
        before = parameters
        parameters, state = optimizer.advance(function, before, state)
        if np.array_equal(parameters, before):
            break
    return parameters


def is_full_batch(optimizer: Any) -> TypeGuard[FullBatchOptimizer]:
    """Whether this is a full-batch optimizer, and not a class of them."""
    return isinstance(optimizer, FullBatchOptimizer) and not isinstance(optimizer, type)


def checked_full_batch(optimizer: Any) -> FullBatchOptimizer:
    """The optimizer as it is; raises SettingError for what is no full-batch optimizer."""
    if not is_full_batch(optimizer):
        raise SettingError(
            "not a full-batch optimizer",
            found=repr(optimizer),
            expected="an object with sees, init and advance",
            cure="Write, for example, minigrad.LBFGS().",
        )
    return optimizer
