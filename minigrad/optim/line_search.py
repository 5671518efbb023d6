"""Line search: how far to go along a direction, so that the loss falls and its slope flattens."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, sqrt
from typing import NamedTuple

import numpy as np

from minigrad.optim.fullbatch import Function
from minigrad.optim.optimizer import Vector

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
    """A place between two that bracket one: `low` has the least loss so far and slopes down towards `high`."""
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
