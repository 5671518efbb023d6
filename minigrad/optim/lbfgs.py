"""L-BFGS with a line search for the strong Wolfe conditions, for smooth losses over all samples.

The letters are those of Nocedal and Wright, Numerical Optimization, 2006: at the parameters x_k with gradient ∇f_k the
search direction is p_k = −H_k ∇f_k and the step length α, so that s_k = x_{k+1} − x_k = α p_k and
y_k = ∇f_{k+1} − ∇f_k. H_k is the inverse Hessian that the latest pairs (s, y) tell of. Along p_k the loss is
φ(α) = f(x_k + α p_k), with slope φ′(α) = ∇f(x_k + α p_k)ᵀ p_k.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, sqrt
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from minigrad.optim.base import Settings, State, Vector
from minigrad.optim.full_batch import Function, Status, is_small

C1, C2 = 1e-4, 0.9
"""The constants c₁ and c₂ of the Wolfe conditions."""

ROUNDING = 8 * float(np.finfo(np.float64).eps)
"""A change of the loss, relative to it, that may be rounding alone."""
ROUNDING_OF_LOSS = 1e-12
"""Change of the loss L, relative to 1 + |L|, that the rounding of large numbers within it may hide."""


@dataclass(frozen=True)
class LBFGS(Settings):
    """Quasi-Newton steps over all samples, w ← w − αH·∂L/∂w, with H the inverse Hessian as the last steps show it.

    The step length α satisfies the strong Wolfe conditions; α = 1 is tried first.

    `fit` ends by itself, and `History.stop_reason` says by which test: no derivative ∂L/∂w · max(1, |w|) and no
    reduction that the step promises is beyond gtol · (1 + |L|), or the step is within `xtol`, or the reduction of L
    within `ftol`, or rounding hides any further reduction. It warns where no step reduces L though the gradient says
    that some would.
    Source: Liu and Nocedal, On the Limited Memory BFGS Method for Large Scale Optimization, 1989; Dennis and Schnabel,
    Numerical Methods for Unconstrained Optimization and Nonlinear Equations, 1983, section 7.2, for the test of the
    gradient.

    Args:
        memory: Number of last steps that H is made from, at least 1.
        tries: Most evaluations of the loss in one line search, at least 1.
        ftol: Reduction of L by a step, relative to L; 0 omits the test.
        xtol: Change of every parameter by a step, relative to the parameter; 0 omits the test.
        gtol: Largest derivative of L by a relative change of a parameter, relative to 1 + |L|.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> def bowl(w):
        ...     return (w[0] - 3) ** 2 + 10 * w[1] ** 2, np.array([2 * (w[0] - 3), 20 * w[1]])
        >>> optimizer, w = mg.LBFGS(), np.array([0.0, 1.0])
        >>> state = optimizer.init(w)
        >>> for _ in range(10):
        ...     w, state = optimizer.advance(bowl, w, state)
        >>> print(np.allclose(w, [3, 0]))
        True
    """

    memory: int = 10
    tries: int = 25
    ftol: float = 0.0
    xtol: float = 0.0
    gtol: float = 1e-10

    sees: ClassVar[Literal["loss"]] = "loss"
    integers = ("memory", "tries")

    def init(self, parameters: Vector) -> State:
        """Return the state before the first step: pairs (s, y) of no step yet, as rows of zeros, and the status.

        Args:
            parameters: All weights and biases as one vector of length n.

        Returns:
            Two arrays of shape (memory, n), and one of shape (1,).

        Example:
            >>> s, y, status = mg.LBFGS(memory=5).init(np.zeros(3))
            >>> print(s.shape, y.shape, status)
            (5, 3) (5, 3) [0.]
        """
        return (np.zeros((self.memory, parameters.size)), np.zeros((self.memory, parameters.size)), np.zeros(1))

    def status(self, state: State) -> Status:
        """Return whether the method has converged, or cannot go on.

        Args:
            state: State from `init` or `advance`.

        Returns:
            A member of `minigrad.optim.Status`.

        Example:
            >>> optimizer = mg.LBFGS()
            >>> w, state = optimizer.advance(lambda w: (w @ w, 2 * w), np.zeros(1), optimizer.init(np.zeros(1)))
            >>> print(optimizer.status(state).name)
            GTOL
        """
        return Status(int(state[2][0]))

    def advance(self, function: Function, parameters: Vector, state: State) -> tuple[Vector, State]:
        """Return the parameters and the pairs (s, y) after one step; without progress, restart without pairs.

        Args:
            function: Pure function of the parameters that returns the loss and its gradient.
            parameters: All weights and biases as one vector.
            state: State before the step, from `init` or the last `advance`.

        Returns:
            New parameters and the new state; where no step reduces the loss, the parameters stay.

        Example:
            >>> optimizer, w = mg.LBFGS(), np.array([4.0])
            >>> w, state = optimizer.advance(lambda w: (w @ w, 2 * w), w, optimizer.init(w))
            >>> print(w @ w < 16)
            True
        """
        loss, gradient = function(parameters)
        s_rows, y_rows, _ = state
        if not (np.isfinite(loss) and np.all(np.isfinite(gradient))):
            return parameters, with_status(s_rows, y_rows, Status.NOT_FINITE)
        p = -two_loop_recursion(gradient, s_rows, y_rows)
        start = LineSearchPoint(0.0, float(loss), float(gradient @ p), gradient)
        changes = np.abs(gradient) * np.maximum(1, np.abs(parameters))
        if max(changes.max(initial=0), -start.slope) <= self.gtol * (1 + abs(loss)):
            return parameters, with_status(s_rows, y_rows, Status.GTOL)
        has_pairs = bool(np.any(s_rows))
        first_alpha = 1.0 if has_pairs else min(1.0, 1 / float(np.sum(np.abs(gradient))))
        point = LineSearch(function, parameters, p, start).strong_wolfe_point(first_alpha, self.tries)
        if not is_progress(start, point):
            # What the model promises, ½ αgᵀHg, is far below the loss where rounding alone hides the way down.
            status = Status.NO_REDUCTION
            if 0.5 * first_alpha * abs(start.slope) <= ROUNDING_OF_LOSS * (1 + abs(loss)):
                status = Status.ROUNDING
            if has_pairs:
                updated, state = self.advance(function, parameters, self.init(parameters))
                if status != Status.ROUNDING or not np.array_equal(updated, parameters):
                    return updated, state
            return parameters, with_status(state[0], state[1], status)
        s, y = point.alpha * p, point.gradient - gradient
        if s @ y > 1e-12 * (y @ y):  # else the pair would make H indefinite
            s_rows, y_rows = np.vstack((s_rows[1:], s)), np.vstack((y_rows[1:], y))
        status = Status.RUNNING
        if is_small(s, parameters, self.xtol) and self.xtol:
            status = Status.XTOL
        elif start.phi - point.phi < self.ftol * abs(start.phi) and self.ftol:
            status = Status.FTOL
        return parameters + s, with_status(s_rows, y_rows, status)


def with_status(s_rows: np.ndarray, y_rows: np.ndarray, status: Status) -> State:
    """Return the state that has these pairs and a status."""
    return s_rows, y_rows, np.array([float(status)])


def two_loop_recursion(gradient: Vector, s_rows: np.ndarray, y_rows: np.ndarray) -> Vector:
    """Return H_k ∇f_k by algorithm 7.4, from pairs (s, y) in rows, the latest last; rows of zeros are no pair."""
    pairs = [(s, y, s @ y) for s, y in zip(s_rows, y_rows, strict=True) if np.any(y)]
    if not pairs:
        return gradient
    q, alphas = gradient, []
    for s, y, curvature in reversed(pairs):  # the curvature sᵀy is 1 / ρ
        alpha = (s @ q) / curvature
        alphas.append(alpha)
        q = q - alpha * y
    _, y, curvature = pairs[-1]
    gamma = curvature / (y @ y)
    r = q * gamma
    for (s, y, curvature), alpha in zip(pairs, reversed(alphas), strict=True):
        beta = (y @ r) / curvature
        r = r + (alpha - beta) * s
    return r


class LineSearchPoint(NamedTuple):
    """Step length α with the loss φ(α), its slope φ′(α) along the search direction, and its gradient."""

    alpha: float
    phi: float
    slope: float
    gradient: Vector


def is_level(start: LineSearchPoint, point: LineSearchPoint) -> bool:
    """Return whether the loss is the same at both points up to rounding."""
    return abs(point.phi - start.phi) <= ROUNDING * abs(start.phi)


def is_progress(start: LineSearchPoint, point: LineSearchPoint) -> bool:
    """Return whether the loss decreased, or is level to rounding while the gradient shrank."""
    if is_level(start, point):
        return bool(np.linalg.norm(point.gradient) < np.linalg.norm(start.gradient))
    return point.phi < start.phi


@dataclass(frozen=True)
class LineSearch:
    """Search for a step length α along a descent direction p, where the loss is φ(α) = f(x + αp)."""

    function: Function
    x: Vector
    p: Vector
    start: LineSearchPoint

    def evaluate(self, alpha: float) -> LineSearchPoint:
        """Return φ(α) and φ′(α)."""
        loss, gradient = self.function(self.x + alpha * self.p)
        phi = float(loss) if np.isfinite(loss) and np.all(np.isfinite(gradient)) else inf
        return LineSearchPoint(alpha, phi, float(gradient @ self.p), gradient)

    def satisfies_sufficient_decrease(self, point: LineSearchPoint) -> bool:
        """Return whether φ(α) ≤ φ(0) + c₁αφ′(0); where the loss is too flat to tell, decide by slopes instead.

        Source of the latter: Hager and Zhang, A New Conjugate Gradient Method, 2005.
        """
        start = self.start
        if point.phi <= start.phi + C1 * point.alpha * start.slope:
            return True
        return is_level(start, point) and point.slope <= (2 * C1 - 1) * start.slope

    def satisfies_curvature(self, point: LineSearchPoint) -> bool:
        """Return whether |φ′(α)| ≤ c₂|φ′(0)|, the strong curvature condition."""
        return abs(point.slope) <= C2 * abs(self.start.slope)

    def strong_wolfe_point(self, alpha: float, tries: int) -> LineSearchPoint:
        """Return a point that satisfies the strong Wolfe conditions (algorithm 3.5), that of `alpha` where it does.

        After `tries` evaluations it is the best point so far, which may be the start.
        """
        previous = self.start
        for count in range(tries):
            point = self.evaluate(alpha)
            if not self.satisfies_sufficient_decrease(point) or (count and point.phi > previous.phi):
                return self.zoom(previous, point, tries - count)
            if self.satisfies_curvature(point):
                return point
            if point.slope >= 0:
                return self.zoom(point, previous, tries - count)
            previous, alpha = point, 2 * alpha
        return previous

    def zoom(self, low: LineSearchPoint, high: LineSearchPoint, tries: int) -> LineSearchPoint:
        """Return a strong Wolfe point between two points that bracket one (algorithm 3.6).

        `low` has the least loss so far, and its slope leads down toward `high`.
        """
        for _ in range(tries):
            point = self.evaluate(cubic_minimizer(low, high))
            if not self.satisfies_sufficient_decrease(point) or point.phi > low.phi:
                high = point
            elif self.satisfies_curvature(point):
                return point
            else:
                if point.slope * (high.alpha - low.alpha) >= 0:
                    high = low
                low = point
        return low


def cubic_minimizer(low: LineSearchPoint, high: LineSearchPoint) -> float:
    """Return the α that minimizes the cubic through two points with their slopes (equation 3.59).

    It stays a tenth of the interval away from either end, and is the middle where there is no such cubic.
    """
    width = high.alpha - low.alpha
    middle = low.alpha + 0.5 * width
    if not (isfinite(high.phi) and isfinite(high.slope)):
        return middle
    d1 = low.slope + high.slope - 3 * (high.phi - low.phi) / width
    discriminant = d1 * d1 - low.slope * high.slope
    if discriminant < 0:
        return middle
    d2 = sqrt(discriminant) if width > 0 else -sqrt(discriminant)
    denominator = high.slope - low.slope + 2 * d2
    fraction = 1 - (high.slope + d2 - d1) / denominator if denominator else 0.5
    return low.alpha + min(max(fraction, 0.1), 0.9) * width
