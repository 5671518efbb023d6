"""Levenberg–Marquardt: nonlinear least squares, between Gauss–Newton and gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from minigrad._validation import check_integer, check_number
from minigrad.errors import SettingError
from minigrad.optim.base import State, Vector
from minigrad.optim.full_batch import Function

ROUNDING = 1e-13
"""A change of the sum of squares, relative to it, that may be rounding alone."""


@dataclass(frozen=True)
class LevenbergMarquardt:
    """Damped Gauss–Newton for ½ Σ r², w ← w − (JᵀJ + λD²)⁻¹Jᵀr, with residuals r and Jacobian J = ∂r/∂w.

    D holds the largest norm that each column of J has had. λ starts at `damping`, grows until the sum of squares
    decreases, at most `tries` times in a step, and shrinks by the gain ratio, actual over predicted reduction.
    Sources: Marquardt, 1963; Moré, The Levenberg–Marquardt Algorithm, 1978, for D; Nielsen, Damping Parameter in
    Marquardt's Method, 1999, for λ.
    """

    damping: float = 1e-3
    tries: int = 40

    sees: ClassVar[Literal["residuals"]] = "residuals"

    def __post_init__(self) -> None:
        check_number(self.damping, "damping")
        if self.damping == 0:
            raise SettingError("an impossible setting", node="damping", found=0, expected="a number above 0")
        check_integer(self.tries, "tries", 1)

    def init(self, parameters: Vector) -> State:
        """Return the damping λ, and the scaling D of every parameter, which is not known yet."""
        return np.array([self.damping]), np.zeros_like(parameters)

    def advance(self, function: Function, parameters: Vector, state: State) -> tuple[Vector, State]:
        """Return the parameters and the state after the first step, with growing damping, that is a reduction."""
        r, J = function(parameters)
        if not (np.all(np.isfinite(r)) and np.all(np.isfinite(J)) and parameters.size):
            return parameters, state
        damping, growth = float(state[0][0]), 2.0  # λ and ν of Nielsen
        D = np.maximum(state[1], np.linalg.norm(J, axis=0))
        scale = np.where(D > 0, D, 1.0)
        sum_of_squares = float(r @ r)
        for _ in range(self.tries):
            step = damped_least_squares(r, J / scale, damping) / scale
            new_r, new_J = function(parameters + step)
            actual = sum_of_squares - float(new_r @ new_r)
            is_level = abs(actual) <= ROUNDING * sum_of_squares
            # Where the sum of squares is level, its gradient Jᵀr tells whether the step helped.
            if is_level and not np.linalg.norm(new_r @ (new_J / scale)) < np.linalg.norm(r @ (J / scale)):
                return parameters, state
            if actual >= -ROUNDING * sum_of_squares:
                predicted = sum_of_squares - float(np.sum((r + J @ step) ** 2))
                gain_ratio = actual / predicted if predicted > ROUNDING * sum_of_squares else 1.0
                damping *= max(1 / 10, 1 - (2 * gain_ratio - 1) ** 3)
                return parameters + step, (np.array([max(damping, 1e-300)]), D)
            damping, growth = damping * growth, 2 * growth
        return parameters, state


def damped_least_squares(r: Vector, J: np.ndarray, damping: float) -> Vector:
    """Return the step h that minimizes ‖r + Jh‖² + λ‖h‖², by orthogonal factors rather than by JᵀJ."""
    count = J.shape[1]
    rows = np.vstack((J, np.sqrt(damping) * np.eye(count)))
    step: Vector = np.linalg.lstsq(rows, np.concatenate((-r, np.zeros(count))), rcond=None)[0]
    return step
