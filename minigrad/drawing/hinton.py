"""Hinton diagrams: a grid of numbers as squares, their area by size and open where negative, cut in the middle to fit.

After G. E. Hinton and S. J. Nowlan, How Learning Can Guide Evolution, Complex Systems 1, 1987.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from math import isfinite, sqrt
from typing import Any, NamedTuple

import numpy as np

from minigrad.drawing.diagram import Point, Role
from minigrad.drawing.figure import Anchor, Area, Color, Shape, Text, rectangle_corners
from minigrad.drawing.legend import LegendEntry
from minigrad.drawing.marks import stripes
from minigrad.drawing.numbers import largest_magnitude
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.text_layout import label, line_width, words

Cell = tuple[int, int]
"""A row and a column of a grid."""
Array = np.ndarray[Any, np.dtype[Any]]
Polygon = tuple[Point, ...]

GAP = 32.0
"""Width of the gap that stands for what is left out, with room for its number."""
COUNT_SIZE = 9.5
"""Font size of that number."""
FILL = 0.8
"""Side of the largest square, in widths of a cell."""
LEAST_SIDE = 1.6
"""Side of the smallest square, in pixels, so that its sign is seen."""
OPEN_WIDTH = 1.3
"""Width of the outline of an open square."""
DOT = 1.4
"""Radius of the dot that stands for zero."""


MARK_COLORS: dict[str, tuple[Color, Color | None]] = {
    "positive": (Color.POSITIVE, None),
    "negative": (Color.NEGATIVE_TINT, Color.NEGATIVE),
    "zero": (Color.ZERO, None),
    "not finite": (Color.INK, None),
    "unknown": (Color.ZERO, None),
}
"""Fill and outline of the marks."""


class Axis(NamedTuple):
    """Where the rows, or the columns, of a grid are; those in the middle may be left out, and have no position.

    Args:
        start: Where the first one begins, in pixels.
        pitch: The distance of two neighbors.
        total: How many there are.
        head: How many are shown before the gap.
        tail: How many are shown after it; with `head` all of them where there is no gap.
    """

    start: float
    pitch: float
    total: int
    head: int
    tail: int

    @property
    def left_out(self) -> int:
        """How many are not shown."""
        return self.total - self.head - self.tail

    @property
    def shown(self) -> tuple[int, ...]:
        """Those that are shown, in order."""
        return (*range(self.head), *range(self.total - self.tail, self.total))

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
        return self.end - (self.total - number - 0.5) * self.pitch

    def spans(self) -> Iterator[tuple[float, float]]:
        """Yield the stretches that are shown: one, or those before and after the gap."""
        if self.head:
            yield self.start, self.start + self.head * self.pitch
        if self.tail:
            yield self.end - self.tail * self.pitch, self.end


def cut_axis(start: float, count: int, most: int, pitch: float) -> Axis:
    """Return an axis with a pitch that shows at most so many, at least one at each end."""
    if count <= most:
        return Axis(start, pitch, count, count, 0)
    visible = max(most, 2)
    return Axis(start, pitch, count, (visible + 1) // 2, visible // 2)


def fit_axis(start: float, space: float, count: int, most: int, least: float, largest: float) -> Axis:
    """Return an axis that fits into a space, its pitch between two limits, and shows at most so many."""
    visible = min(count, most)
    if visible * least > space + 0.01 or visible < count:  # not cut by a rounding error
        visible = max(min(visible, int((space - GAP) / least)), 2)
    room = space - GAP if visible < count else space
    return cut_axis(start, count, visible, min(max(room / max(visible, 1), least), largest))


def spread_labels(axis: Axis, lengths: Mapping[int, float], distance: float = 3.0) -> list[int]:
    """Return which labels along an axis have room beside each other; those of its ends always, the first ones first."""
    ends = [axis.shown[0], axis.shown[-1]]
    if axis.left_out:
        ends = [axis.shown[0], axis.head - 1, axis.total - axis.tail, axis.shown[-1]]
    taken: dict[int, tuple[float, float]] = {}
    for number in dict.fromkeys((ends[0], ends[-1], *ends, *axis.shown)):
        half = (lengths[number] + distance) / 2
        low, high = axis.at(number) - half, axis.at(number) + half
        if all(high <= other_low or low >= other_high for other_low, other_high in taken.values()):
            taken[number] = (low, high)
    return sorted(taken)


def names_above(columns: Axis, names: Mapping[int, str], baseline: float, size: float) -> Iterator[Text]:
    """Yield the names of columns, as many as have room."""
    lengths = {column: line_width(label(name), size) for column, name in names.items()}
    for column in spread_labels(columns, lengths, 4.0):
        yield Text(Point(columns.at(column), baseline), label(names[column]), size, Color.MUTED, Anchor.MIDDLE)


def cell_center(rows: Axis, columns: Axis, cell: Cell) -> Point:
    """Return the middle of a cell."""
    return Point(columns.at(cell[1]), rows.at(cell[0]))


def square(center: Point, side: float) -> Polygon:
    """Return the corners of an upright square."""
    return rectangle_corners(center.x - side / 2, center.y - side / 2, center.x + side / 2, center.y + side / 2)


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


def mark_side(number: float | None, largest: float, pitch: float) -> float:
    """Return the side of the square of a number, its area in proportion to the number; of zero that of its dot."""
    if number == 0:
        return 2 * DOT
    share = abs(number or 0.0) / largest if 0 < largest < float("inf") else 0.0
    return max(FILL * pitch * sqrt(min(share, 1.0)), LEAST_SIDE)


def mark_role(number: float | None) -> Role:
    """Return the role of the box of a number."""
    if number is None or not isfinite(number):
        return Role.UNKNOWN
    return Role.ZERO if number == 0 else Role.POSITIVE if number > 0 else Role.NEGATIVE


def largest_phrase(numbers: Array | None) -> tuple[str, float | None]:
    """Return what a picture says of its largest mark: a phrase and its number, None where it has no finite one."""
    if numbers is None:
        return "largest {number}", None
    is_finite = np.isfinite(numbers)
    largest = largest_magnitude(numbers) if is_finite.any() or not numbers.size else None
    return "largest {number}" if is_finite.all() else "largest finite {number}", largest


def hinton_marks(cells: Iterable[tuple[Point, float | None]], pitch: float, largest: float) -> tuple[Shape, ...]:
    """Return the marks of numbers at their positions, all of a kind as one shape.

    A filled square is positive, an open one negative, a dot exactly zero, hatching NaN or infinite, a dash unknown.
    """
    polygons: dict[str, list[Polygon]] = {kind: [] for kind in MARK_COLORS}
    for center, number in cells:
        if number is None:
            half = min(0.25 * pitch, 4.0)
            polygons["unknown"].append(
                rectangle_corners(center.x - half, center.y - 0.6, center.x + half, center.y + 0.6)
            )
        elif not isfinite(number):
            half = 0.42 * pitch
            corner, size = Point(center.x - half, center.y - half), Point(2 * half, 2 * half)
            polygons["not finite"].extend(stripes(corner, size))
        elif number == 0:
            polygons["zero"].append(dot(center))
        elif number > 0:
            polygons["positive"].append(square(center, mark_side(number, largest, pitch)))
        else:
            side = max(mark_side(number, largest, pitch) - OPEN_WIDTH, 0.8)
            polygons["negative"].append(square(center, side))
    return tuple(
        Area(tuple(polygons[kind]), fill, stroke, OPEN_WIDTH if stroke else 0.0)
        for kind, (fill, stroke) in MARK_COLORS.items()
        if polygons[kind]
    )


def hinton_entries(settings: DrawSettings, numbers: Collection[float | None]) -> list[LegendEntry]:
    """Return the legend of the marks: of both signs, and of the others as far as some numbers have them."""
    samples = [(1.0, "filled: positive"), (-1.0, "open: negative")]
    samples += [(0.0, "exactly zero")] * (0.0 in numbers)
    if any(number is not None and not isfinite(number) for number in numbers):
        samples.append((float("nan"), "hatched: NaN or infinite"))
    return [
        LegendEntry(words(settings.say(text)), hinton_marks([(Point(0.0, 0.0), number)], 14.0, 1.0), 12.0)
        for number, text in samples
    ]


def hinton_legend(settings: DrawSettings) -> tuple[str, ...]:
    """Return the legend of the marks in words, for pictures without samples."""
    signs = (
        f"■ {settings.say('filled: positive')}   □ {settings.say('open: negative')}   · {settings.say('exactly zero')}"
    )
    return (signs,)


def grid_ground(
    rows: Axis, columns: Axis, cells: Collection[Cell], highlighted: Iterable[Cell] = ()
) -> Iterator[Shape]:
    """Yield the ground of a grid: a panel for each cell with lines between them, and dots for what is left out."""
    if len(cells) == len(rows.shown) * len(columns.shown):
        areas = [
            rectangle_corners(left, top, right, bottom)
            for top, bottom in rows.spans()
            for left, right in columns.spans()
        ]
    else:
        areas = [cell_area(rows, columns, cell) for cell in cells]
    yield Area(tuple(areas), Color.PANEL)
    if amber := tuple(cell_area(rows, columns, cell) for cell in highlighted):
        yield Area(amber, Color.UPDATE)
    yield Area(tuple(grid_lines(rows, columns)), None, Color.PAPER, 1.0)
    yield from gap_marks(rows, columns)


def cell_area(rows: Axis, columns: Axis, cell: Cell) -> Polygon:
    """Return the corners of a cell."""
    x, y = cell_center(rows, columns, cell)
    return rectangle_corners(x - columns.pitch / 2, y - rows.pitch / 2, x + columns.pitch / 2, y + rows.pitch / 2)


def grid_lines(rows: Axis, columns: Axis) -> Iterator[Polygon]:
    """Yield the lines between the cells, as polygons of two points."""
    for left, right in columns.spans():
        for row in rows.shown:
            y = rows.at(row) + rows.pitch / 2
            yield Point(left, y), Point(right, y)
    for top, bottom in rows.spans():
        for column in columns.shown:
            x = columns.at(column) + columns.pitch / 2
            yield Point(x, top), Point(x, bottom)


def gap_marks(rows: Axis, columns: Axis) -> Iterator[Shape]:
    """Yield dots for the columns and for the rows that are left out, and how many they are."""
    (top, upper), (left, first) = next(rows.spans()), next(columns.spans())
    if columns.left_out:
        middle = Point(columns.gap, (top + upper) / 2)
        yield Area(tuple(dot(Point(middle.x + step, middle.y - 6.0)) for step in (-5.0, 0.0, 5.0)), Color.MUTED)
        at = Point(middle.x, middle.y + 8.0)
        yield Text(at, words(f"{columns.left_out:,}"), COUNT_SIZE, Color.MUTED, Anchor.MIDDLE)
    if rows.left_out:
        middle = Point((left + first) / 2, rows.gap)
        yield Area(tuple(dot(Point(middle.x, middle.y + step)) for step in (-5.0, 0.0, 5.0)), Color.MUTED)
        at = Point(middle.x + 8.0, middle.y + 0.36 * COUNT_SIZE)
        yield Text(at, words(f"{rows.left_out:,}"), COUNT_SIZE, Color.MUTED)
