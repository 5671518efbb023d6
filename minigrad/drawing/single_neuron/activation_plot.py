"""The curve of an activation with the operating point of a neuron and its tangent, computed from the op itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import floor, hypot, isfinite, log10
from typing import NamedTuple

import numpy as np

from minigrad.core.local_derivatives import activation_curve
from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Circle, Color, Dash, Rectangle, Shape, Stroke, Text
from minigrad.drawing.numbers import format_given
from minigrad.drawing.text_layout import Line, line_width, notation, words
from minigrad.ops.base import Op

REACH = 5.0
"""The least |s| up to which a curve is drawn."""
STEPS = 96
"""Straight pieces of a curve."""
TANGENT = 48.0
"""Half the length of a tangent, in pixels."""
MOST_POINTS = 200
"""Samples of a batch whose operating points are drawn."""
LEFT, RIGHT, TOP, BOTTOM = 34.0, 10.0, 10.0, 22.0
"""Space around the curve for its numbers, in pixels."""
TICK_SIZE, NAME_SIZE = 10.5, 14.0
LARGEST = 1e307
"""The largest number in a plot; the distances of larger ones are no floats."""


class Scale(NamedTuple):
    """Where numbers s and θ(s) stand in the plot."""

    corner: Point
    size: Point
    low: Point
    high: Point

    @property
    def pixels(self) -> Point:
        """Return the length of one unit of s and of θ(s)."""
        return Point(self.size.x / (self.high.x - self.low.x), self.size.y / (self.high.y - self.low.y))

    def at(self, s: float, y: float) -> Point:
        """Return the position of a point of the curve."""
        right = (s - self.low.x) / (self.high.x - self.low.x)
        up = (y - self.low.y) / (self.high.y - self.low.y)
        return Point(self.corner.x + self.size.x * right, self.corner.y + self.size.y * (1.0 - up))

    def contains(self, point: Point) -> bool:
        """Return whether a position is within the plot, up to rounding."""
        left, top = self.corner.x - 0.01, self.corner.y - 0.01
        return left <= point.x <= left + self.size.x + 0.02 and top <= point.y <= top + self.size.y + 0.02


class OperatingPoint(NamedTuple):
    """A weighted sum s and the output θ(s)."""

    s: float
    y: float


def activation_plot(
    op: Op, corner: Point, size: Point, points: Sequence[OperatingPoint], slope: float | None, names: tuple[str, str]
) -> Iterator[Shape]:
    """Yield the curve of θ with its axes, one operating point with its tangent, or the points of a batch.

    `names` are those of s and of the output.
    """
    points = [point for point in points if can_draw(point.s) and can_draw(point.y)]
    s = curve_positions([point.s for point in points])
    y, _ = activation_curve(op, s)
    inner = Point(size.x - LEFT - RIGHT, size.y - TOP - BOTTOM)
    scale = plot_scale(Point(corner.x + LEFT, corner.y + TOP), inner, s, y, points)
    yield from axes(scale, points[0] if len(points) == 1 else None)
    for piece in visible_pieces(
        [scale.at(*pair) if can_draw(pair[1]) else None for pair in zip(s, y, strict=True)], scale
    ):
        yield Stroke(piece, Color.INK, 2.0)
    if len(points) == 1:
        yield from operating_point(scale, points[0], slope, names)
    else:
        step = max(len(points) // MOST_POINTS, 1)
        yield from (Circle(scale.at(*point), 2.2, Color.PAPER, Color.INK, 1.0) for point in points[::step])


def can_draw(number: float) -> bool:
    """Return whether a number has a position: whether it is finite, and its distance from any other one as well."""
    return abs(number) <= LARGEST


def curve_positions(sums: Sequence[float]) -> np.ndarray:
    """Return the s of the points of a curve, the operating points among them."""
    reach = max([REACH, *(1.25 * abs(s) for s in sums)])
    return np.unique([*np.linspace(-reach, reach, STEPS + 1), *sums[:1]])


def plot_scale(corner: Point, size: Point, s: np.ndarray, y: np.ndarray, points: Sequence[OperatingPoint]) -> Scale:
    """Return the scale that shows the whole curve."""
    finite = [float(number) for number in y if can_draw(number)] + [point.y for point in points] or [0.0]
    low, high = min(finite), max(finite)
    if not high > low:
        low, high = low - 1.0, high + 1.0
    return Scale(corner, size, Point(float(s[0]), low), Point(float(s[-1]), high))


def axes(scale: Scale, point: OperatingPoint | None) -> Iterator[Shape]:
    """Yield the axes through zero and round numbers at the left, none where the name of the output stands."""
    left, right = scale.corner.x, scale.corner.x + scale.size.x
    bottom = scale.corner.y + scale.size.y
    middle = scale.at(0.0, scale.low.y).x
    yield Stroke((Point(middle, bottom), Point(middle, scale.corner.y)), Color.RULE, 0.8)
    for tick in round_numbers(scale.low.y, scale.high.y):
        y = scale.at(0.0, tick).y
        yield Stroke((Point(left, y), Point(right, y)), Color.RULE, 0.8, Dash.TARGET if tick else Dash.SOLID)
        if point is None or abs(scale.at(*point).y - y) > 12.0:
            yield Text(Point(left - 5.0, y + 3.7), words(format_given(tick, 3)), TICK_SIZE, Color.MUTED, Anchor.END)


def round_numbers(low: float, high: float) -> list[float]:
    """Return the multiples of the largest of 1, 2, 5, 10, … that two or more of lie between the ends, or near them."""
    margin = 0.03 * (high - low)
    low, high = low - margin, high + margin
    exponent = floor(log10(high - low))
    for step in (factor * 10.0**power for power in (exponent, exponent - 1) for factor in (5, 2, 1)):
        first, last = -floor(-low / step), floor(high / step)
        if last > first:
            return [number * step for number in range(first, last + 1)]
    return []


def visible_pieces(positions: Sequence[Point | None], scale: Scale) -> Iterator[tuple[Point, ...]]:
    """Yield the pieces of a curve within the plot, broken where it has no number."""
    piece: list[Point] = []
    for position in (*positions, None):
        if position is not None and scale.contains(position):
            piece.append(position)
            continue
        if len(piece) > 1:
            yield tuple(piece)
        piece = []


def operating_point(
    scale: Scale, point: OperatingPoint, slope: float | None, names: tuple[str, str]
) -> Iterator[Shape]:
    """Yield the operating point, with lines to its names at the left and below, and the tangent."""
    at = scale.at(*point)
    left, bottom = scale.corner.x, scale.corner.y + scale.size.y
    yield Stroke((at, Point(at.x, bottom + 3.0)), Color.INK, 0.9, Dash.ZERO)
    yield Stroke((at, Point(left - 3.0, at.y)), Color.INK, 0.9, Dash.ZERO)
    if slope is not None and isfinite(slope):
        yield tangent(scale, point, slope)
    yield Circle(at, 4.0, Color.INK, None)
    beside = min(at.x - left + LEFT, left + scale.size.x + RIGHT - at.x)
    s = fitting_name(names[0], "s", 2 * beside)
    yield Text(Point(at.x, bottom + 16.0), s, NAME_SIZE, Color.INK, Anchor.MIDDLE)
    yield Text(Point(left - 6.0, at.y + 4.0), fitting_name(names[1], "θ", LEFT - 6.0), NAME_SIZE, Color.INK, Anchor.END)


def fitting_name(name: str, short: str, space: float) -> Line:
    """Return a name, or where it has no room a short one."""
    line = notation(name)
    return line if line_width(line, NAME_SIZE) <= space else notation(short)


def tangent(scale: Scale, point: OperatingPoint, slope: float) -> Stroke:
    """Return the tangent at the operating point, as long as the plot allows."""
    at, (right, up) = scale.at(*point), scale.pixels
    length = hypot(right, slope * up)
    along = Point(right / length, -slope * up / length)
    ends = []
    for sign in (-1.0, 1.0):
        reach = TANGENT
        for start, direction, low, size in (
            (at.x, sign * along.x, scale.corner.x, scale.size.x),
            (at.y, sign * along.y, scale.corner.y - TOP / 2, scale.size.y + TOP),
        ):
            if abs(direction) > 1e-9:
                room = (low + size - start if direction > 0 else start - low) / abs(direction)
                reach = min(reach, room)
        ends.append(Point(at.x + sign * reach * along.x, at.y + sign * reach * along.y))
    return Stroke(tuple(ends), Color.BACKWARD, 1.6, Dash.NEGATIVE)


def layer_bars(values: Sequence[float], own: int, corner: Point, size: Point) -> Iterator[Shape]:
    """Yield the outputs of a layer whose activation joins all its sums as bars, that of the neuron in ink."""
    low, high = min(0.0, *values), max(0.0, *values)
    height = size.y - TOP - BOTTOM
    zero = corner.y + TOP + height * high / ((high - low) or 1.0)
    width = min((size.x - 2 * RIGHT) / len(values), 26.0)
    left = corner.x + (size.x - width * len(values)) / 2
    for number, value in enumerate(values):
        length = height * abs(value) / ((high - low) or 1.0)
        top = zero - length if value > 0 else zero
        fill = Color.INK if number == own else Color.LEVEL
        bar = Point(left + number * width + 0.1 * width, top)
        yield Rectangle(bar, Point(0.8 * width, max(length, 0.5)), fill)
    yield Stroke((Point(corner.x + RIGHT, zero), Point(corner.x + size.x - RIGHT, zero)), Color.RULE, 0.8)
