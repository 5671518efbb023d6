"""Hinton diagrams: a grid of numbers as squares, their area by size and open where negative, cut in the middle to fit.

After G. E. Hinton and S. J. Nowlan, How Learning Can Guide Evolution, Complex Systems 1, 1987.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite, sqrt
from typing import NamedTuple

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Area, Color, Rectangle, Shape, Stroke, Text
from minigrad.drawing.marks import stripes
from minigrad.drawing.text_layout import words

Cell = tuple[int, int]
"""A row and a column of a grid."""
Numbers = Mapping[Cell, float | None]
"""The numbers of the cells that a grid has; None where they are not known."""
Polygon = tuple[Point, ...]

GAP = 32.0
"""Width of the gap that stands for what is left out, with room for its number."""
GAP_TEXT_SIZE = 9.5
FILL = 0.8
"""Side of the largest square, in widths of a cell."""
LEAST_SIDE = 1.6
"""Side of the smallest square, in pixels, so that its sign is seen."""
OPEN_WIDTH = 1.3
"""Width of the outline of an open square."""
DOT = 1.4
"""Radius of the dot that stands for zero."""


class Axis(NamedTuple):
    """Where the rows, or the columns, of a grid are; those in the middle may be left out, and have no position.

    Args:
        start: Where the first one begins, in pixels.
        pitch: The distance of two neighbors.
        count: How many there are.
        head: How many are shown before the gap.
        tail: How many are shown after it; with `head` all of them where there is no gap.
    """

    start: float
    pitch: float
    count: int
    head: int
    tail: int

    @property
    def left_out(self) -> int:
        """How many are not shown."""
        return self.count - self.head - self.tail

    @property
    def shown(self) -> tuple[int, ...]:
        """Those that are shown, in order."""
        return (*range(self.head), *range(self.count - self.tail, self.count))

    @property
    def gap(self) -> float:
        """The middle of the gap."""
        return self.start + self.head * self.pitch + GAP / 2

    @property
    def end(self) -> float:
        """Where the last one ends."""
        return self.start + (self.head + self.tail) * self.pitch + (GAP if self.left_out else 0.0)

    def at(self, number: int) -> float:
        """Return the middle of a row or column that is shown."""
        if number < self.head:
            return self.start + (number + 0.5) * self.pitch
        return self.end - (self.count - number - 0.5) * self.pitch

    def spans(self) -> Iterator[tuple[float, float]]:
        """Yield the stretches that are shown: one, or those before and after the gap."""
        if self.head:
            yield self.start, self.start + self.head * self.pitch
        if self.tail:
            yield self.end - self.tail * self.pitch, self.end


def fit_axis(start: float, count: int, space: float, least: float, largest: float, most: int | None = None) -> Axis:
    """Return an axis that fits into a space; where its pitch would be less than the least one, the middle is left out.

    Args:
        start: Where it begins, in pixels.
        count: How many rows or columns there are.
        space: How long it may be.
        least: The least pitch.
        largest: The largest pitch.
        most: The largest number that is shown; None for as many as fit.

    Returns:
        The axis, which shows at least two at its ends.
    """
    limit = count if most is None else min(most, count)
    if limit * least > space or limit < count:
        limit = min(limit, max(int((space - GAP) / least), 2))
    if limit >= count:
        return Axis(start, min(space / max(count, 1), largest), count, count, 0)
    pitch = min(max((space - GAP) / limit, least), largest)
    return Axis(start, pitch, count, (limit + 1) // 2, limit // 2)


def square(center: Point, side: float) -> Polygon:
    """Return the corners of an upright square, clockwise from the upper left one."""
    left, top, right, bottom = (
        center.x - side / 2,
        center.y - side / 2,
        center.x + side / 2,
        center.y + side / 2,
    )
    return Point(left, top), Point(right, top), Point(right, bottom), Point(left, bottom)


def dot(center: Point, radius: float = DOT) -> Polygon:
    """Return an octagon, which looks round at the size of a dot."""
    half = radius * 0.414
    return (
        Point(center.x - half, center.y - radius),
        Point(center.x + half, center.y - radius),
        Point(center.x + radius, center.y - half),
        Point(center.x + radius, center.y + half),
        Point(center.x + half, center.y + radius),
        Point(center.x - half, center.y + radius),
        Point(center.x - radius, center.y + half),
        Point(center.x - radius, center.y - half),
    )


def side_of(number: float, largest: float, pitch: float) -> float:
    """Return the side of the square of a number, its area in proportion to the number."""
    share = abs(number) / largest if 0 < largest < float("inf") else 0.0
    return max(FILL * pitch * sqrt(min(share, 1.0)), LEAST_SIDE)


def largest_of(numbers: Iterable[float | None]) -> float:
    """Return the largest finite magnitude of some numbers; 0 if there is none."""
    return max((abs(number) for number in numbers if number is not None and isfinite(number)), default=0.0)


def hinton_marks(cells: Iterable[tuple[Point, float | None]], pitch: float, largest: float) -> tuple[Shape, ...]:
    """Return the marks of numbers at their positions, all of a kind as one shape.

    A filled square is positive, an open one negative, a dot exactly zero, a hatched cell NaN or infinite, a dash unknown.
    """
    positive: list[Polygon] = []
    negative: list[Polygon] = []
    zero: list[Polygon] = []
    broken: list[Polygon] = []
    unknown: list[Polygon] = []
    for center, number in cells:
        if number is None:
            half = min(0.25 * pitch, 4.0)
            unknown.append(rectangle(center.x - half, center.y - 0.6, center.x + half, center.y + 0.6))
        elif not isfinite(number):
            half = 0.42 * pitch
            broken.extend(stripes(Point(center.x - half, center.y - half), Point(2 * half, 2 * half)))
        elif number == 0:
            zero.append(dot(center))
        elif number > 0:
            positive.append(square(center, side_of(number, largest, pitch)))
        else:
            side = side_of(number, largest, pitch) - OPEN_WIDTH
            negative.append(square(center, max(side, 0.9)))
    kinds = (
        (positive, Color.POSITIVE, None),
        (negative, Color.NEGATIVE_TINT, Color.NEGATIVE),
        (zero, Color.ZERO, None),
        (broken, Color.INK, None),
        (unknown, Color.ZERO, None),
    )
    return tuple(
        Area(tuple(polygons), fill, stroke, OPEN_WIDTH if stroke else 0.0) for polygons, fill, stroke in kinds if polygons
    )


def rectangle(left: float, top: float, right: float, bottom: float) -> Polygon:
    """Return the corners of an upright rectangle, clockwise from the upper left one."""
    return Point(left, top), Point(right, top), Point(right, bottom), Point(left, bottom)


def grid_ground(rows: Axis, columns: Axis, has_cell: Iterable[Cell] | None = None) -> Iterator[Shape]:
    """Yield the ground of a grid: panels with lines between the cells, and dots with a number for what is left out.

    Args:
        rows: The rows.
        columns: The columns.
        has_cell: The cells that there are; None for all of them.

    Yields:
        The shapes.
    """
    if has_cell is None:
        areas = [
            rectangle(left, top, right, bottom) for top, bottom in rows.spans() for left, right in columns.spans()
        ]
    else:
        shown_rows, shown_columns = set(rows.shown), set(columns.shown)
        areas = [
            rectangle(x - columns.pitch / 2, y - rows.pitch / 2, x + columns.pitch / 2, y + rows.pitch / 2)
            for row, column in has_cell
            if row in shown_rows and column in shown_columns
            for x, y in [(columns.at(column), rows.at(row))]
        ]
    yield Area(tuple(areas), Color.PANEL)
    yield Area(tuple(grid_lines(rows, columns)), None, Color.PAPER, 1.0)
    yield from gap_marks(rows, columns)


def grid_lines(rows: Axis, columns: Axis) -> Iterator[Polygon]:
    """Yield the lines between the cells, as polygons of two points."""
    for row in rows.shown:
        y = rows.at(row) + rows.pitch / 2
        yield Point(columns.start, y), Point(columns.end, y)
    for column in columns.shown:
        x = columns.at(column) + columns.pitch / 2
        yield Point(x, rows.start), Point(x, rows.end)


def gap_marks(rows: Axis, columns: Axis) -> Iterator[Shape]:
    """Yield dots where rows or columns are left out."""
    if columns.left_out:
        for row in (rows.shown[0], rows.shown[len(rows.shown) // 2], rows.shown[-1]):
            at = Point(columns.gap, rows.at(row) + 4.0)
            yield Text(at, words("⋯"), 12.0, Color.MUTED, Anchor.MIDDLE)
    if rows.left_out:
        for column in (columns.shown[0], columns.shown[len(columns.shown) // 2], columns.shown[-1]):
            at = Point(columns.at(column), rows.gap + 4.0)
            yield Text(at, words("⋮"), 12.0, Color.MUTED, Anchor.MIDDLE)
