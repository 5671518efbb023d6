"""L-BFGS: Newton's method without the Hessian, for smooth losses over all samples."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Literal, NamedTuple

import numpy as np

from minigrad._validation import check_integer
from minigrad.optim.base import State, Vector
from minigrad.optim.full_batch import Function


@dataclass(frozen=True)
class LBFGS:
    """Quasi-Newton steps, w ← w − αH·∂L/∂w, with H the inverse Hessian as the last `memory` steps show it.

    α satisfies the strong Wolfe conditions, found by at most `tries` evaluations, the first of them at α = 1.
    Source: Liu and Nocedal, On the Limited Memory BFGS Method for Large Scale Optimization, 1989.
    """

    memory: int = 10
    tries: int = 25

    def __post_init__(self) -> None:
        check_integer(self.memory, "memory", 1)
        check_integer(self.tries, "tries", 1)

    @property
    def sees(self) -> Literal["loss"]:
        return "loss"

    def init(self, parameters: Vector) -> State:
        """No step is remembered: rows of zeros for the steps s and for what they changed of the gradient, y."""
        return (np.zeros((self.memory, parameters.size)), np.zeros((self.memory, parameters.size)))

    def advance(self, function: Function, parameters: Vector, state: State) -> tuple[Vector, State]:
        loss, gradient = function(parameters)
        if not (np.isfinite(loss) and np.all(np.isfinite(gradient)) and np.any(gradient)):
            return parameters, state
        shifts, bends = state
        direction = -newton_like(gradient, shifts, bends)
        start = Place(0.0, float(loss), float(gradient @ direction), gradient)
        known = bool(np.any(shifts))
        first = 1.0 if known else min(1.0, 1 / float(np.sum(np.abs(gradient))))
        found = strong_wolfe(Line(function, parameters, direction, start), first, self.tries)
        if not progress(start, found):
            return self.advance(function, parameters, self.init(parameters)) if known else (parameters, state)
        shift, bend = found.length * direction, found.gradient - gradient
        if shift @ bend > 1e-12 * (bend @ bend):
            shifts, bends = np.vstack((shifts[1:], shift)), np.vstack((bends[1:], bend))
        return parameters + shift, (shifts, bends)


def progress(start: Place, found: Place) -> bool:
    """Whether the loss fell, or is level to rounding while the gradient shrank."""
    level = abs(found.loss - start.loss) <= ROUNDING * abs(start.loss)
    shrank = np.linalg.norm(found.gradient) < np.linalg.norm(start.gradient)
    return bool(shrank) if level else found.loss < start.loss


def newton_like(gradient: Vector, shifts: np.ndarray, bends: np.ndarray) -> Vector:
    """H·g by two loops over the remembered steps, newest last; rows of zeros stand for no step."""
    pairs = [(s, y, s @ y) for s, y in zip(shifts, bends, strict=True) if np.any(y)]
    if not pairs:
        return gradient
    result, parts = gradient, []
    for s, y, bend in reversed(pairs):
        part = (s @ result) / bend
        parts.append(part)
        result = result - part * y
    _, y, bend = pairs[-1]
    result = result * (bend / (y @ y))
    for (s, y, bend), part in zip(pairs, reversed(parts), strict=True):
        result = result + (part - (y @ result) / bend) * s
    return result


SUFFICIENT, FLATTER = 1e-4, 0.9
"""The constants c₁ and c₂ of the Wolfe conditions."""


ROUNDING = 8 * float(np.finfo(np.float64).eps)


class Place(NamedTuple):
    """A place on the line: how far it is, the loss there, the loss's slope along the line, and its gradient."""

    length: float
    loss: float
    slope: float
    gradient: Vector


@dataclass(frozen=True)
class Line:
    """The loss φ(α) at w + αd, from the place at α = 0; `direction` d leads downhill."""

    function: Function
    parameters: Vector
    direction: Vector
    start: Place

    def place(self, length: float) -> Place:
        loss, gradient = self.function(self.parameters + length * self.direction)
        return Place(length, float(loss), float(gradient @ self.direction), gradient)

    def falls(self, place: Place) -> bool:
        """Armijo's condition, φ(α) ≤ φ(0) + c₁αφ′(0); where the loss is too flat to tell, by slopes instead.

        Source of the latter: Hager and Zhang, A New Conjugate Gradient Method, 2005.
        """
        start = self.start
        if place.loss <= start.loss + SUFFICIENT * place.length * start.slope:
            return True
        level = abs(place.loss - start.loss) <= ROUNDING * abs(start.loss)
        return level and place.slope <= (2 * SUFFICIENT - 1) * start.slope

    def flattens(self, place: Place) -> bool:
        """The strong condition on curvature, |φ′(α)| ≤ c₂|φ′(0)|."""
        return abs(place.slope) <= FLATTER * abs(self.start.slope)


def strong_wolfe(line: Line, first: float, tries: int) -> Place:
    """A place where the loss falls and flattens (strong Wolfe conditions), `first` where that will do.

    After `tries` evaluations it is the best place found, which may be the start.
    Source: Nocedal and Wright, Numerical Optimization, 2006, algorithms 3.5 and 3.6.
    """
    before, length = line.start, first
    for trial in range(tries):
        place = line.place(length)
        if not line.falls(place) or (trial and place.loss > before.loss):
            return narrowed(line, before, place, tries - trial)
        if line.flattens(place):
            return place
        if place.slope >= 0:
            return narrowed(line, place, before, tries - trial)
        before, length = place, 2 * length
    return before


def narrowed(line: Line, low: Place, high: Place, tries: int) -> Place:
    """A place between two that bracket one: `low` has the least loss so far and slopes down toward `high`."""
    for _ in range(tries):
        place = line.place(between(low, high))
        if not line.falls(place) or place.loss > low.loss:
            high = place
        elif line.flattens(place):
            return place
        else:
            if place.slope * (high.length - low.length) >= 0:
                high = low
            low = place
    return low


def between(low: Place, high: Place) -> float:
    """The minimum of the cubic through two places with their slopes, a tenth of the way from either at least."""
    width = high.length - low.length
    middle = low.length + 0.5 * width
    if not (isfinite(high.loss) and isfinite(high.slope)):
        return middle
    bend = low.slope + high.slope - 3 * (high.loss - low.loss) / width
    discriminant = bend * bend - low.slope * high.slope
    if discriminant < 0:
        return middle
    root = sqrt(discriminant) if width > 0 else -sqrt(discriminant)
    across = high.slope - low.slope + 2 * root
    part = 1 - (high.slope + root - bend) / across if across else 0.5
    return low.length + min(max(part, 0.1), 0.9) * width
