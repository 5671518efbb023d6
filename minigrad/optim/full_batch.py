"""The interface of full-batch optimizers: those that evaluate all samples several times in every step."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any, Literal, Protocol, TypeAlias, TypeGuard, runtime_checkable

import numpy as np

from minigrad.optim.base import State, Vector, has_methods

Function: TypeAlias = Callable[[Vector], tuple[Any, np.ndarray]]
"""A pure function of the parameters: its value, and the derivative of its value by every parameter."""

EPSILON = float(np.finfo(np.float64).eps)
"""Distance from 1 to the next number."""
ROUNDING = 1e-13
"""Change of the loss, relative to it, that may be rounding alone."""


class Status(IntEnum):
    """State of a full-batch optimizer: it runs, has converged by one of its tests, or cannot go on.

    Example:
        >>> print(mg.optim.Status.GTOL.reason)
        converged: the gradient is zero within gtol
    """

    RUNNING = 0
    GTOL = 1
    XTOL = 2
    FTOL = 3
    ROUNDING = 4
    NO_REDUCTION = 5
    NOT_FINITE = 6

    @property
    def is_converged(self) -> bool:
        """Whether the optimizer has reached a minimum, or another point where the gradient vanishes."""
        return Status.GTOL <= self <= Status.ROUNDING

    @property
    def reason(self) -> str:
        """Text for `History.stop_reason`."""
        return ("" if self.is_converged else "not ") + "converged: " + REASONS[self]


REASONS = {
    Status.RUNNING: "more steps are needed",
    Status.GTOL: "the gradient is zero within gtol",
    Status.XTOL: "the step is zero within xtol",
    Status.FTOL: "the reduction of the loss is zero within ftol",
    Status.ROUNDING: "the loss is as small as rounding lets it be",
    Status.NO_REDUCTION: "no step that was tried reduces the loss",
    Status.NOT_FINITE: "the loss or a derivative of it is not finite",
}


@runtime_checkable
class FullBatchOptimizer(Protocol):
    """Optimizer whose step evaluates all samples as often as it needs: `sees`, `init`, `advance` and `status`."""

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

    def status(self, state: State) -> Status:
        """Return whether to go on after a step; `fit` ends training where not, and says why.

        Args:
            state: State from `advance`.
        """


def is_small(step: Vector, parameters: Vector, xtol: float) -> bool:
    """Return whether a step changes no parameter by more than `xtol` of it."""
    return bool(np.all(np.abs(step) <= xtol * (np.abs(parameters) + xtol)))


def vanishing_columns(r: Vector, J: np.ndarray, parameters: Vector) -> np.ndarray:
    """Return which parameters move no residual beyond rounding, though changed by as much as they are, or by 1."""
    effects = np.linalg.norm(J, axis=0) * np.maximum(np.abs(parameters), 1.0)
    return np.flatnonzero(effects <= 8 * EPSILON * max(float(np.linalg.norm(r)), *effects, 0.0))


def column_rank(J: np.ndarray) -> int:
    """Return the rank of a Jacobian to rounding, whatever the units of its columns."""
    norms = np.linalg.norm(J, axis=0)
    return int(np.linalg.matrix_rank(J / np.where(norms > 0, norms, 1.0)))


def is_full_batch(optimizer: Any) -> TypeGuard[FullBatchOptimizer]:
    """Return whether this is a full-batch optimizer, and not a class of them."""
    may_be = has_methods(optimizer, "advance") and not isinstance(optimizer, type)
    return may_be and isinstance(optimizer, FullBatchOptimizer)  # which takes long to find out
