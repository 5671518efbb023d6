"""L-BFGS: Newton's method without the Hessian, for smooth losses over all samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from minigrad.optim.fullbatch import Function
from minigrad.optim.line_search import ROUNDING, Line, Place, strong_wolfe
from minigrad.optim.optimizer import State, Vector
from minigrad.settings import whole_number


@dataclass(frozen=True)
class LBFGS:
    """Quasi-Newton steps, w ← w − αH·∂L/∂w, with H the inverse Hessian as the last `memory` steps show it.

    α satisfies the strong Wolfe conditions, found by at most `tries` evaluations, the first of them at α = 1.
    Source: Liu and Nocedal, On the Limited Memory BFGS Method for Large Scale Optimization, 1989.
    """

    memory: int = 10
    tries: int = 25

    def __post_init__(self) -> None:
        whole_number(self.memory, "memory", 1)
        whole_number(self.tries, "tries", 1)

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
