"""Levenberg–Marquardt: least squares, between Gauss–Newton and gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from minigrad._validation import check_integer, check_number
from minigrad.errors import SettingError
from minigrad.optim.base import State, Vector
from minigrad.optim.full_batch import Function

ROUNDING = 1e-13
"""A change of the sum of squares, relative to it, that may be rounding alone."""


@dataclass(frozen=True)
class LevenbergMarquardt:
    """Damped Gauss–Newton for ½ Σ r², w ← w − (JᵀJ + λD²)⁻¹Jᵀr, with slopes J = ∂r/∂w.

    D holds the largest norm that each column of J has had. λ starts at `damping`, grows until the sum of squares falls,
    at most `tries` times in a step, and shrinks by how well it was foreseen.
    Sources: Marquardt, 1963; Moré, The Levenberg–Marquardt Algorithm, 1978, for D; Nielsen, Damping Parameter in
    Marquardt's Method, 1999, for λ.
    """

    damping: float = 1e-3
    tries: int = 40

    def __post_init__(self) -> None:
        check_number(self.damping, "damping")
        if self.damping == 0:
            raise SettingError("an impossible setting", node="damping", found=0, expected="a number above 0")
        check_integer(self.tries, "tries", 1)

    @property
    def sees(self) -> Literal["residuals"]:
        return "residuals"

    def init(self, parameters: Vector) -> State:
        """The damping λ, and the scale D of every parameter, which is not known yet."""
        return np.array([self.damping]), np.zeros_like(parameters)

    def advance(self, function: Function, parameters: Vector, state: State) -> tuple[Vector, State]:
        residuals, slopes = function(parameters)
        if not (np.all(np.isfinite(residuals)) and np.all(np.isfinite(slopes)) and parameters.size):
            return parameters, state
        damping, growth = float(state[0][0]), 2.0
        scale = np.maximum(state[1], np.linalg.norm(slopes, axis=0))
        unit = np.where(scale > 0, scale, 1.0)
        cost = float(residuals @ residuals)
        for _ in range(self.tries):
            change = damped(residuals, slopes / unit, damping) / unit
            after, slopes_after = function(parameters + change)
            fall = cost - float(after @ after)
            if abs(fall) <= ROUNDING * cost and not shrinks(residuals, slopes / unit, after, slopes_after / unit):
                return parameters, state
            if fall >= -ROUNDING * cost:
                foreseen = cost - float(np.sum((residuals + slopes @ change) ** 2))
                ratio = fall / foreseen if foreseen > ROUNDING * cost else 1.0
                damping *= max(1 / 10, 1 - (2 * ratio - 1) ** 3)
                return parameters + change, (np.array([max(damping, 1e-300)]), scale)
            damping, growth = damping * growth, 2 * growth
        return parameters, state


def shrinks(residuals: Vector, slopes: np.ndarray, residuals_after: Vector, slopes_after: np.ndarray) -> bool:
    """Whether the gradient Jᵀr of the sum of squares got smaller, which tells more than the sum where that is level."""
    return bool(np.linalg.norm(residuals_after @ slopes_after) < np.linalg.norm(residuals @ slopes))


def damped(residuals: Vector, slopes: np.ndarray, damping: float) -> Vector:
    """The change that makes ‖r + J·change‖² + λ‖change‖² smallest, by orthogonal factors rather than by JᵀJ."""
    count = slopes.shape[1]
    rows = np.vstack((slopes, np.sqrt(damping) * np.eye(count)))
    change: Vector = np.linalg.lstsq(rows, np.concatenate((-residuals, np.zeros(count))), rcond=None)[0]
    return change
