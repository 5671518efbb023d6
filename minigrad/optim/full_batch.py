"""The interface of full-batch optimizers: those that evaluate all samples several times in every step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol, TypeAlias, TypeGuard, runtime_checkable

import numpy as np

from minigrad.optim.base import State, Vector

Function: TypeAlias = Callable[[Vector], tuple[Any, np.ndarray]]
"""A pure function of the parameters: its value, and the derivative of its value by every parameter."""


@runtime_checkable
class FullBatchOptimizer(Protocol):
    """Optimizer whose step evaluates all samples as often as it needs: anything with `sees`, `init` and `advance`."""

    @property
    def sees(self) -> Literal["loss", "residuals"]:
        """Name what its function returns: the loss with its gradient, or all residuals r with their Jacobian ∂r/∂w."""

    def init(self, parameters: Vector) -> State:
        """Return the state before the first step.

        Args:
            parameters: All weights and biases as one vector.

        Returns:
            A tuple of arrays.
        """

    def advance(self, function: Function, parameters: Vector, state: State) -> tuple[Vector, State]:
        """Return the parameters and the state after one step; where no step reduces the loss, the parameters stay.

        Args:
            function: Pure function of the parameters that returns what `sees` says.
            parameters: All weights and biases as one vector.
            state: State before the step, from `init` or the last `advance`.

        Returns:
            New parameters and the new state.
        """


def is_full_batch(optimizer: Any) -> TypeGuard[FullBatchOptimizer]:
    """Return whether this is a full-batch optimizer, and not a class of them."""
    return isinstance(optimizer, FullBatchOptimizer) and not isinstance(optimizer, type)
