"""Levenberg–Marquardt: nonlinear least squares, between Gauss–Newton and gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from minigrad.optim.base import Settings, State, Vector
from minigrad.optim.full_batch import Function

ROUNDING = 1e-13
"""A change of the sum of squares, relative to it, that may be rounding alone."""


@dataclass(frozen=True)
class LevenbergMarquardt(Settings):
    """Damped Gauss–Newton for ½ Σ r², w ← w − (JᵀJ + λD²)⁻¹Jᵀr, with residuals r and Jacobian J = ∂r/∂w.

    For losses that are sums of squares, over all samples. D holds the largest norm that each column of J has had. λ
    grows until the sum of squares decreases, and shrinks by the gain ratio, actual over predicted reduction.
    Source: Marquardt, 1963; Moré, The Levenberg–Marquardt Algorithm, 1978, for D; Nielsen, Damping Parameter in
    Marquardt's Method, 1999, for λ.

    Args:
        damping: First λ, above 0.
        tries: Most values of λ in one step, at least 1.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> x, a = mg.Input("x"), mg.Parameter(1.0, "a")
        >>> network = mg.Network(x, mg.exp(a * x))
        >>> X = np.linspace(0, 1, 10)
        >>> history = network.fit(X, np.exp(0.5 * X), mg.LevenbergMarquardt(), epochs=10, progress=False)
        >>> print(f"{a.value:.10f}")
        0.5000000000
    """

    damping: float = 1e-3
    tries: int = 40

    sees: ClassVar[Literal["residuals"]] = "residuals"
    integers = ("tries",)
    positive = ("damping",)

    def init(self, parameters: Vector) -> State:
        """Return the state before the first step: the damping λ, and the scaling D, which is not known yet.

        Args:
            parameters: All weights and biases as one vector of length n.

        Returns:
            Arrays of shape (1,) and (n,).

        Example:
            >>> damping, scaling = mg.LevenbergMarquardt(damping=0.01).init(np.zeros(2))
            >>> print(damping, scaling)
            [0.01] [0. 0.]
        """
        return np.array([self.damping]), np.zeros_like(parameters)

    def advance(self, function: Function, parameters: Vector, state: State) -> tuple[Vector, State]:
        """Return the parameters and the state after one step, the first with growing damping that is a reduction.

        Args:
            function: Pure function of the parameters that returns all residuals r and the Jacobian ∂r/∂w.
            parameters: All weights and biases as one vector.
            state: State before the step, from `init` or the last `advance`.

        Returns:
            New parameters and the new state; where no step reduces the sum of squares, the parameters stay.

        Example:
            >>> A, t = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]), np.array([1.0, 3.0, 5.0])
            >>> optimizer, w = mg.LevenbergMarquardt(damping=1e-9), np.zeros(2)
            >>> w, state = optimizer.advance(lambda w: (A @ w - t, A), w, optimizer.init(w))
            >>> print(w.round(6))  # a straight line, found in one step
            [1. 2.]
        """
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
    return np.linalg.lstsq(rows, np.concatenate((-r, np.zeros(count))), rcond=None)[0]
