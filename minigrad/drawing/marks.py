"""The marks of figures, each readable without color: sign, frozen, shared, level, highlight, NaN, not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import hypot, isfinite, isnan
from typing import NamedTuple

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Area, Color, Dash, Head, Rectangle, Shape, Stroke, Text
from minigrad.drawing.text_layout import Line, line_width, words

LEAST_WIDTH, EXTRA_WIDTH = 0.9, 2.2
"""Width of a stroke for zero, and how much wider the largest number of a picture is."""
SHARED_GAP = 1.3
"""Distance of the two lines of a shared weight."""
STRIPE, STRIPE_STEP = 1.8, 4.6
"""Width of the stripes of a hatched edge, and their distance from each other, along a side."""

PLATE_BORDER = 5.0
"""Width of the hatched edges of a plate, in pixels."""


class SignStyle(NamedTuple):
    """How a stroke shows the sign of a number: by its color and by its dashes."""

    color: Color
    dash: Dash


def sign_style(number: float | None) -> SignStyle:
    """Return the style of a number: zero is neither positive nor negative, and what is not known looks like neither."""
    if number is None:
        return SignStyle(Color.RULE, Dash.SOLID)
    if isnan(number):
        return SignStyle(Color.INK, Dash.SOLID)
    if number == 0:
        return SignStyle(Color.ZERO, Dash.ZERO)
    return SignStyle(Color.POSITIVE, Dash.SOLID) if number > 0 else SignStyle(Color.NEGATIVE, Dash.NEGATIVE)


def backward_style(number: float | None) -> SignStyle:
    """Return the style of a derivative: violet, dashed for a negative one, dotted for zero."""
    return SignStyle(Color.RULE if number is None else Color.BACKWARD, sign_style(number).dash)


def stroke_width(number: float | None, largest: float) -> float:
    """Return the width of a stroke from |number|, relative to the largest in the picture."""
    if number is None or not isfinite(number) or not 0 < largest < float("inf"):
        return LEAST_WIDTH
    return LEAST_WIDTH + EXTRA_WIDTH * min(abs(number) / largest, 1.0)


def shared_stroke(stroke: Stroke) -> tuple[Stroke, Stroke]:
    """Return a stroke as the double line of a weight that is used several times."""
    *before, tip = stroke.points
    inner = stroke._replace(color=Color.PAPER, width=SHARED_GAP, dash=Dash.SOLID, head=Head.NONE)
    if stroke.head is not Head.NONE and not stroke.curve:  # the gap ends where the head begins
        inner = inner._replace(points=(*before, point_between(tip, before[-1], 9.0)))
    return stroke._replace(width=stroke.width + SHARED_GAP + 1.0), inner


def shared_count(count: int) -> Line:
    """Return the note beside a shared weight: ×3."""
    return words(f"×{count}")


def frozen_bars(at: Point, towards: Point, length: float = 10.0) -> tuple[Stroke, Stroke]:
    """Return the two bars across an edge whose parameter does not learn; `at` is on the edge, which runs `towards`."""
    along = unit_vector(at, towards)
    half = Point(-along.y * length / 2, along.x * length / 2)

    def bar(shift: float) -> Stroke:
        middle = Point(at.x + shift * along.x, at.y + shift * along.y)
        ends = (Point(middle.x - half.x, middle.y - half.y), Point(middle.x + half.x, middle.y + half.y))
        return Stroke(ends, Color.INK, 1.8)

    return bar(-2.4), bar(2.4)


def highlight_behind(corner: Point, size: Point, border: float = 5.0) -> Rectangle:
    """Return the amber ground behind a highlighted or changing thing; only ink stands on it."""
    outer = Point(corner.x - border, corner.y - border)
    return Rectangle(outer, Point(size.x + 2 * border, size.y + 2 * border), Color.UPDATE, radius=border)


def highlight_stroke(points: Sequence[Point], curve: bool = False) -> Stroke:
    """Return the broad amber line behind a highlighted edge."""
    return Stroke(tuple(points), Color.UPDATE, 9.0, curve=curve)


def level_fill(corner: Point, size: Point, level: float | None) -> tuple[Rectangle, ...]:
    """Return the gray level of an output within a rectangle, 0 for empty and 1 for full; nothing where not known."""
    if level is None or isnan(level):
        return ()
    height = size.y * min(max(level, 0.0), 1.0)
    if height < 0.05:
        return ()
    return (Rectangle(Point(corner.x, corner.y + size.y - height), Point(size.x, height), Color.LEVEL),)


def number_shapes(
    at: Point,
    number: float | None,
    line: Line,
    size: float = 12.0,
    color: Color = Color.INK,
    anchor: Anchor = Anchor.START,
) -> tuple[Shape, ...]:
    """Return the shapes of a number at a place on its baseline: NaN and infinity on a plate, what is not known gray."""
    if number is None:
        return (Text(at, line, size, Color.ZERO, anchor),)
    if isfinite(number):
        return (Text(at, line, size, color, anchor),)
    width = line_width(line, size) + 2 * PLATE_BORDER
    left = at.x - {Anchor.START: 0.0, Anchor.MIDDLE: width / 2, Anchor.END: width}[anchor]
    return nonfinite_plate(Point(left, at.y - 0.92 * size), width, line, size)


def nonfinite_plate(corner: Point, width: float, line: Line, size: float = 12.0) -> tuple[Shape, ...]:
    """Return NaN or infinity on a plate of ink with hatched edges at its left and right."""
    height = 1.25 * size
    plate = Rectangle(Point(corner.x + PLATE_BORDER, corner.y), Point(width - 2 * PLATE_BORDER, height), Color.INK)
    text = Text(Point(corner.x + width / 2, corner.y + 0.92 * size), line, size, Color.PAPER, Anchor.MIDDLE)
    return (
        hatching(corner, Point(PLATE_BORDER, height)),
        hatching(Point(corner.x + width - PLATE_BORDER, corner.y), Point(PLATE_BORDER, height)),
        plate,
        text,
    )


def hatching(corner: Point, size: Point, color: Color = Color.INK) -> Area:
    """Return slanted stripes that fill a rectangle."""
    return Area(tuple(stripes(corner, size)), color)


def stripes(corner: Point, size: Point) -> Iterator[tuple[Point, ...]]:
    """Yield the stripes of a hatched rectangle, cut off at its sides."""

    def ends(distance: float) -> tuple[Point, Point]:  # of the slanted line x + y = distance
        right, left = min(distance, size.x), max(distance - size.y, 0.0)
        return (
            Point(corner.x + right, corner.y + distance - right),
            Point(corner.x + left, corner.y + distance - left),
        )

    start = STRIPE_STEP / 2
    while start < size.x + size.y:
        (upper, lower), (next_upper, next_lower) = ends(start), ends(min(start + STRIPE, size.x + size.y))
        yield upper, next_upper, next_lower, lower
        start += STRIPE_STEP


def unit_vector(start: Point, end: Point) -> Point:
    """Return the direction from one point to another."""
    length = hypot(end.x - start.x, end.y - start.y) or 1.0
    return Point((end.x - start.x) / length, (end.y - start.y) / length)


def point_between(start: Point, end: Point, distance: float) -> Point:
    """Return the point at a distance from one point on the way to another."""
    along = unit_vector(start, end)
    return Point(start.x + distance * along.x, start.y + distance * along.y)
