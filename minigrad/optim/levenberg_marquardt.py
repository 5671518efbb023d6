"""Levenberg–Marquardt: nonlinear least squares, between Gauss–Newton and gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from minigrad.optim.base import Settings, State, Vector
from minigrad.optim.full_batch import EPSILON, ROUNDING, Function, Status, is_small

MOST_ACCELERATION = 0.375
"""Limit of the second-order correction of a step, relative to the step; Transtrum and Sethna: 2|a| ≤ 0.75|v|."""
LEAST_COLUMN = 0.01
"""Part of its norm that a column of J keeps at least in one step."""


@dataclass(frozen=True)
class LevenbergMarquardt(Settings):
    """Damped Gauss–Newton for ½ Σ r², w ← w − (JᵀJ + λD²)⁻¹Jᵀr, with residuals r and Jacobian J = ∂r/∂w.

    For losses that are sums of squares, over all samples. D holds the largest norm that each column of J has had, and λ
    is as large as keeps the step h within a trust region, ‖Dh‖ ≤ Δ. Δ shrinks after a step that reduces Σ r² much less
    than predicted, or that is so long that J changes under it: such steps lead onto plateaus.

    `fit` ends by itself, and `History.stop_reason` says by which test: the cosine of r and every column of J is within
    `gtol`, the step is within `xtol`, or the reduction of Σ r² is within `ftol`. It warns where no step reduces Σ r²,
    and where Σ r² does not depend on a parameter any more.
    Source: Moré, The Levenberg–Marquardt Algorithm, 1978 (MINPACK), for D, Δ and the tests; Nocedal and Wright,
    Numerical Optimization, 2006, algorithm 4.1, for the changes of Δ; Transtrum and Sethna, Improvements to the
    Levenberg–Marquardt Algorithm, 2012, for the length of a step.

    Args:
        factor: First Δ, as a multiple of ‖Dw‖, above 0; larger values suit starts that are near.
        tries: Most values of Δ in one step, at least 1.
        ftol: Reduction of Σ r² by a step, predicted and actual, relative to Σ r². Parameters have about as many digits
            as its square root; 0 omits the test.
        xtol: Change of every parameter by a step, relative to the parameter; 0 omits the test.
        gtol: Cosine of the angle between r and each column of J.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> x, a = mg.Input("x"), mg.Parameter(1.0, "a")
        >>> network = mg.Network(x, mg.exp(a * x))
        >>> X = np.linspace(0, 1, 10)
        >>> history = network.fit(X, np.exp(0.5 * X), mg.LevenbergMarquardt(), epochs=50, progress=False)
        >>> print(f"{a.value:.10f}", len(history.loss) < 15, history.stop_reason.split(":")[0])
        0.5000000000 True converged
    """

    factor: float = 0.1
    tries: int = 100
    ftol: float = 1e-24
    xtol: float = 1e-12
    gtol: float = 1e-12

    sees: ClassVar[Literal["residuals"]] = "residuals"
    integers = ("tries",)
    positive = ("factor",)

    def init(self, parameters: Vector) -> State:
        """Return the state before the first step: Δ and D, which are not known yet, and the status.

        Args:
            parameters: All weights and biases as one vector of length n.

        Returns:
            Arrays of shape (1,), (n,) and (1,).

        Example:
            >>> radius, D, status = mg.LevenbergMarquardt().init(np.zeros(2))
            >>> print(radius, D, status)
            [0.] [0. 0.] [0.]
        """
        return np.zeros(1), np.zeros(parameters.size), np.zeros(1)

    def status(self, state: State) -> Status:
        """Return whether the method has converged, or cannot go on.

        Args:
            state: State from `init` or `advance`.

        Returns:
            A member of `minigrad.optim.Status`.

        Example:
            >>> optimizer = mg.LevenbergMarquardt()
            >>> print(optimizer.status(optimizer.init(np.zeros(2))).name)
            RUNNING
        """
        return Status(int(state[2][0]))

    def advance(self, function: Function, parameters: Vector, state: State) -> tuple[Vector, State]:
        """Return the parameters and the state after one step, the first with shrinking Δ that is a reduction.

        Args:
            function: Pure function of the parameters that returns all residuals r and the Jacobian ∂r/∂w.
            parameters: All weights and biases as one vector.
            state: State before the step, from `init` or the last `advance`.

        Returns:
            New parameters and the new state; where no step reduces the sum of squares, the parameters stay.

        Example:
            >>> A, t = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]), np.array([1.0, 3.0, 5.0])
            >>> optimizer, w = mg.LevenbergMarquardt(factor=100), np.zeros(2)
            >>> w, state = optimizer.advance(lambda w: (A @ w - t, A), w, optimizer.init(w))
            >>> print(w.round(6))  # a straight line, found in one step
            [1. 2.]
        """
        r, J = function(parameters)
        sum_of_squares = float(r @ r)
        if not (np.isfinite(sum_of_squares) and np.all(np.isfinite(J))):
            return parameters, (*self.init(parameters)[:2], np.array([float(Status.NOT_FINITE)]))
        norms = np.linalg.norm(J, axis=0)
        D = np.maximum(state[1], norms)
        if np.all(np.abs(r @ J) <= self.gtol * norms * np.sqrt(sum_of_squares)):
            return parameters, (state[0], D, np.array([float(Status.GTOL)]))
        scale = np.where(D > 0, D, 1.0)
        scaled_J = J / scale
        U, s, Vt = np.linalg.svd(scaled_J, full_matrices=False)
        rank = np.count_nonzero(s > EPSILON * max(J.shape) * s[0])
        U, s, Vt = U[:, :rank], s[:rank], Vt[:rank]
        b = r @ U
        radius = float(state[0][0]) or self.factor * (float(np.linalg.norm(scale * parameters)) or 1.0)
        for _ in range(self.tries):
            q, damping = trust_region_step(s, b, radius)
            step = (q @ Vt) / scale
            length = float(np.linalg.norm(q))
            new_r, new_J = function(parameters + step)
            predicted = float(np.sum((s * s + 2 * damping) * q * q))
            actual = sum_of_squares - float(new_r @ new_r)
            if not (np.isfinite(actual) and np.all(np.isfinite(new_J))):
                radius = 0.1 * length
                continue
            if max(abs(actual), float(b @ b)) <= ROUNDING * sum_of_squares:
                # Where the sum of squares is level, its gradient Jᵀr tells whether the step helped.
                is_reduction = np.linalg.norm(new_r @ (new_J / scale)) < np.linalg.norm(r @ scaled_J)
                gain_ratio = 1.0
            else:
                acceleration = (((new_J - J) @ step) @ U) * s / (s * s + damping)
                is_too_long = np.linalg.norm(acceleration) > MOST_ACCELERATION * length or np.any(
                    np.linalg.norm(new_J, axis=0) < LEAST_COLUMN * norms
                )
                gain_ratio = 0.0 if is_too_long else actual / predicted
                is_reduction = gain_ratio > 1e-4 and actual > 8 * EPSILON * sum_of_squares
            if gain_ratio < 0.25 or not is_reduction:
                radius = 0.25 * length
            elif gain_ratio > 0.75:
                radius = max(radius, 2 * length)
            if is_reduction:
                status = Status.RUNNING
                if self.xtol and not damping and is_small(step, parameters, self.xtol):
                    status = Status.XTOL
                elif max(actual, float(b @ b)) < self.ftol * sum_of_squares:
                    status = Status.FTOL
                return parameters + step, (np.array([radius]), D, np.array([float(status)]))
            if is_small(step, parameters, EPSILON):
                break
        # Σ r² is uncertain by the rounding of every residual, whose terms are about as large as those of Jw.
        noise = EPSILON * float(np.linalg.norm(np.abs(J) @ np.abs(parameters)))
        rounding = ROUNDING * sum_of_squares + 4 * noise * (np.sqrt(sum_of_squares) + noise)
        status = Status.ROUNDING if b @ b <= rounding else Status.NO_REDUCTION
        return parameters, (np.zeros(1), D, np.array([float(status)]))


def trust_region_step(s: Vector, b: Vector, radius: float) -> tuple[Vector, float]:
    """Return the q that minimizes ‖b + sq‖ with ‖q‖ ≤ radius, to a tenth of it, and the damping λ that it takes.

    q = −sb / (s² + λ) by the iteration of Hebden and Moré for ‖q(λ)‖ = radius, from below, where it is monotonic.
    """
    damping = max(0.0, float(np.max(s * np.abs(b) / radius - s * s)))
    while True:
        q = -s * b / (s * s + damping)
        length = float(np.linalg.norm(q))
        if length <= 1.1 * radius:
            return q, damping
        damping += (length / radius - 1) * length**2 / float(np.sum(q * q / (s * s + damping)))
