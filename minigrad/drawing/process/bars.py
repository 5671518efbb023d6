"""Bars from a common line, filled where positive and open where negative, with their numbers beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Area, Color, Shape, Stroke, Text, rectangle_corners
from minigrad.drawing.hinton import MARK_COLORS, OPEN_WIDTH, Axis, Polygon, dot
from minigrad.drawing.marks import number_shapes, stripes
from minigrad.drawing.text_layout import notation

THICKNESS, THICKEST = 0.5, 11.0
"""Thickness of a bar in widths of a cell, and the largest one in pixels."""
NUMBER_SIZE = 10.5
"""Font size of numbers beside bars."""
LEAST_LENGTH = 1.0
"""Length of the shortest bar, in pixels, so that it is seen."""


@dataclass(frozen=True)
class Bars:
    """Bars of some numbers along an axis, to both sides of a line, as long as the numbers are large.

    Args:
        axis: Where the numbers are.
        numbers: All numbers, of which the axis shows some.
        start: Where the space for bars begins across the axis, at the left or on top.
        length: How long it is.
        is_upright: Whether the bars stand on a horizontal line; else they lie beside an upright one.
        also: Numbers that the bars are to be compared with, such as targets.
    """

    axis: Axis
    numbers: Sequence[float | None]
    start: float
    length: float
    is_upright: bool = False
    also: Sequence[float | None] = ()

    @property
    def limits(self) -> tuple[float, float]:
        """Return the smallest and the largest number that there is room for; 0 is between them."""
        finite = [number for number in (*self.numbers, *self.also) if number is not None and isfinite(number)]
        low, high = min([0.0, *finite]), max([0.0, *finite])
        return (low, high) if low < high else (0.0, 1.0)

    def position(self, number: float) -> float:
        """Return where a number is across the axis."""
        low, high = self.limits
        share = number / (high - low) - low / (high - low)
        return self.start + self.length * (1.0 - share if self.is_upright else share)

    def shapes(self) -> Iterator[Shape]:
        """Yield the line and the bars, those of a sign as one shape."""
        zero = self.position(0.0)
        thickness = min(THICKNESS * self.axis.pitch, THICKEST)
        for low, high in self.axis.spans():
            yield Stroke((self.point(low - 2.0, zero), self.point(high + 2.0, zero)), Color.RULE, 1.0)
        polygons: dict[str, list[Polygon]] = {kind: [] for kind in MARK_COLORS}
        for index in self.axis.shown:
            number, at = self.numbers[index], self.axis.at(index)
            middle = self.point(at, zero)
            if number is None:
                continue
            if not isfinite(number):
                corner = Point(middle.x - thickness / 2, middle.y - thickness / 2)
                polygons["not finite"].extend(stripes(corner, Point(thickness, thickness)))
            elif number == 0:
                polygons["zero"].append(dot(middle))
            else:
                polygons["positive" if number > 0 else "negative"].append(self.bar(at, number, thickness))
        for kind, (fill, stroke) in MARK_COLORS.items():
            if polygons[kind]:
                yield Area(tuple(polygons[kind]), fill, stroke, OPEN_WIDTH if stroke else 0.0)

    def bar(self, at: float, number: float, thickness: float) -> Polygon:
        """Return the bar of a number; the outline of an open one lies within it."""
        zero, end = self.position(0.0), self.position(number)
        inset = OPEN_WIDTH / 2 if number < 0 else 0.0
        low, high = min(zero, end), max(zero, end)
        low, high = low + inset, max(high - inset, low + LEAST_LENGTH)
        half = thickness / 2 - inset
        return (
            rectangle_corners(at - half, low, at + half, high)
            if self.is_upright
            else rectangle_corners(low, at - half, high, at + half)
        )

    def point(self, along: float, across: float) -> Point:
        """Return the point at a position along the axis and one across it."""
        return Point(along, across) if self.is_upright else Point(across, along)

    def marks(self, numbers: Mapping[int, float | None]) -> Iterator[Shape]:
        """Yield a thick line across the bar of each number, such as that of a target."""
        half = min(0.42 * self.axis.pitch, 8.0)
        for index in self.axis.shown:
            number = numbers.get(index)
            if number is not None and isfinite(number):
                at, across = self.axis.at(index), self.position(number)
                yield Stroke((self.point(at - half, across), self.point(at + half, across)), Color.INK, 2.6)

    def texts(self, texts: Mapping[int, str], end: float, color: Color) -> Iterator[Shape]:
        """Yield the numbers: beside lying bars up to an end at the right, turned below upright ones from an end on."""
        for index in self.axis.shown:
            line, at = notation(texts[index]), self.axis.at(index) + 0.36 * NUMBER_SIZE
            if self.is_upright:
                yield Text(Point(at, end), line, NUMBER_SIZE, color, Anchor.END, angle=-90.0)
            else:
                yield from number_shapes(Point(end, at), self.numbers[index], line, NUMBER_SIZE, color, Anchor.END)
