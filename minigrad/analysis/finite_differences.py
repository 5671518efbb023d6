"""Slopes measured from values alone: by complex step, by extrapolated differences, and where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.ops.base import Value

FIRST_STEP, LEVELS, FACTOR = 0.1, 10, 4.0
"""The largest step of an extrapolation, relative to the scale, how many steps there are, and the ratio of two."""
ROUNDING_ERROR = 64 * np.finfo(float).eps
"""A change of a value, relative to it, that may be rounding alone."""


class Slope(NamedTuple):
    """A slope and how far off it may be; NaN where a function is not differentiable, or not finite nearby."""

    value: float
    uncertainty: float = 0.0


NO_SLOPE = Slope(np.nan)


class ComplexNamespace:
    """NumPy with the functions that are not analytic continued analytically, for derivatives by complex step."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def abs(self, x: Value) -> Value:
        return np.where(np.real(x) < 0, -x, x)

    def sign(self, x: Value) -> Value:
        return np.sign(np.real(x))

    def vecdot(self, a: Value, b: Value) -> Value:
        return np.sum(a * b, axis=-1)


def measure_slope(value_at: Callable[[Any], Value], start: Value, weights: Value, scale: float) -> Slope:
    """Return the slope at t = 0 of Σ weights·value_at(t), and NO_SLOPE at kinks, jumps and edges of the domain.

    The complex step is exact to rounding (Squire and Trapp, "Using complex variables to estimate derivatives of real
    functions", 1998), but only where the function is analytic, which differences on both sides tell. Else differences
    are extrapolated to a step of 0 with an estimate of the error (Ridders, "Accurate computation of F′(x) and
    F′(x)F″(x)", 1982).

    Args:
        value_at: The function of one real or complex number.
        start: Its value at 0, which is finite.
        weights: Numbers of the shape of its value.
        scale: How far one moves for the function to change as a whole.
    """

    def change(t: float) -> float:
        try:
            return float(np.sum(weights * (value_at(t) - start)))
        except Exception:  # what a rule refuses is outside its domain
            return np.nan

    parts = complex_step(value_at, start, 1e-20 * scale)
    analytic = float(np.sum(weights * parts))
    step = 1e-5 * scale
    ahead, behind = change(step) / step, -change(-step) / step
    if is_close(ahead, behind, 1e-3) and is_close(analytic, (ahead + behind) / 2, 1e-5):
        return Slope(analytic)
    steps = FIRST_STEP * scale / FACTOR ** np.arange(LEVELS)
    changes = np.array([[change(step), change(-step)] for step in steps])
    finite = np.isfinite(changes).all(axis=1)
    first = LEVELS - int(np.argmin(finite[::-1])) if not finite.all() else 0
    if LEVELS - first < LEVELS // 2:
        return NO_SLOPE
    moved = (value_at(steps[first]) != start) | (value_at(-steps[first]) != start) | (np.nan_to_num(parts) != 0)
    size = float(np.sum(np.abs(weights * start) * moved))
    coarse: Slope | None = None
    for coarsest in range(first, LEVELS - LEVELS // 2 + 1):
        slope, is_borne_out = extrapolated_slope(changes[coarsest:], steps[coarsest:], size, analytic)
        if is_borne_out and coarse is None:
            return slope
        coarse = coarse or slope
        if is_borne_out:  # rounding makes staircases too: either of the two may be right
            apart = abs(slope.value - coarse.value)
            return Slope(slope.value, slope.uncertainty + coarse.uncertainty + apart)
    return NO_SLOPE


def complex_step(value_at: Callable[[Any], Value], start: Value, step: float) -> Value:
    """Return the slope of each value by complex step, NaN where a rule does not take complex numbers."""
    try:
        return np.imag(value_at(1j * step)) / step
    except Exception:  # whatever the rule says about complex numbers, differences are left
        return np.full_like(start, np.nan)


def extrapolated_slope(changes: np.ndarray, steps: np.ndarray, size: float, analytic: float) -> tuple[Slope, bool]:
    """Return the slope from changes ahead and behind, the largest step first, and whether the smallest bears it out.

    It does not where the function changes within the larger steps, as a staircase does: they say nothing then.
    """
    rounding = ROUNDING_ERROR * max(size, float(np.abs(changes).max()))
    if np.abs(changes).max() <= rounding:  # flat, as far as can be seen
        is_flat = abs(analytic) * steps[0] <= rounding
        return Slope(analytic if is_flat else 0.0, rounding / steps[0]), True
    jumps = np.abs(changes[-1]) > np.maximum(rounding, np.abs(changes[-3]) / 2)
    if jumps.any():
        return NO_SLOPE, True
    rest = changes.sum(axis=1)  # a series in even powers of the step, but for rounding
    for power in (2, 4):
        rest = rest[1:] - rest[:-1] / FACTOR**power
    noise = max(rounding / 8, np.abs(rest[2:]).max()) / steps
    sides = [extrapolate(changes[:, 0] / steps, noise, 1), extrapolate(-changes[:, 1] / steps, noise, 1)]
    (ahead, ahead_error), (behind, behind_error) = sides
    error, largest = ahead_error + behind_error, max(abs(ahead), abs(behind))
    is_unclear = error > largest / 10 and error * steps[0] > 1e-6 * np.abs(changes).max()
    if is_unclear or abs(ahead - behind) > 10 * error + 1e-4 * largest:
        return NO_SLOPE, True
    quotients = (changes[:, 0] - changes[:, 1]) / (2 * steps)
    slope, error = extrapolate(quotients, noise, 2)
    last_noise = max(rounding / 8, np.abs(rest[-3:]).max()) / steps[-1]
    is_borne_out = abs(quotients[-1] - slope) <= 10 * (error + last_noise) + 1e-4 * largest
    apart = abs(analytic - slope)
    if apart <= 10 * error + 1e-9 * abs(slope):
        return Slope(analytic), is_borne_out
    if apart <= 1e-3 * abs(slope):  # differences of rounded terms that cancel, or a small part that is not analytic
        return Slope(analytic, apart), is_borne_out
    return Slope(slope, 2 * error), is_borne_out


def extrapolate(quotients: Sequence[float] | np.ndarray, noise: np.ndarray, order: int) -> Slope:
    """Return the limit of quotients whose error is a series in powers of step^order, from the entry known best."""
    best = Slope(float(quotients[0]), np.inf)
    before: list[float] = []
    for quotient, rounding in zip(quotients, noise, strict=True):
        row = [float(quotient)]
        for column, other in enumerate(before, start=1):
            row.append(row[-1] + (row[-1] - other) / (FACTOR ** (order * column) - 1))
            error = max(abs(row[-1] - row[-2]), abs(row[-1] - other)) + float(rounding)
            if error < best.uncertainty:
                best = Slope(row[-1], error)
        before = row
    return best


def is_close(a: float, b: float, tolerance: float) -> bool:
    """Return whether two numbers are equal but for a part of the larger one; NaN is close to nothing."""
    return abs(a - b) <= tolerance * max(abs(a), abs(b))
