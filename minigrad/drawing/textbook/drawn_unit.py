"""Drawings of units around the origin: their shapes, the areas that they take up, and where edges end at them."""

from __future__ import annotations

from collections.abc import Iterator
from math import acos, cos, hypot, pi, sin, sqrt
from typing import NamedTuple

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Color, Dash, Head, Part, Shape, Stroke, Text, rectangle_corners
from minigrad.drawing.settings import Direction
from minigrad.drawing.text_layout import Line, line_width


class UnitSizes(NamedTuple):
    """Sizes of a figure, in pixels: of circles, of letters, and of the lines of numbers."""

    neuron: float
    input: float
    name: float
    weight: float
    number: float
    line: float


class DrawnUnit(NamedTuple):
    """A unit that is drawn around the origin: its shapes, the polygons that no label and no edge may touch.

    Edges end at a circle, or at a box, of this half size. `reach` is how far everything extends: to the left, upwards,
    to the right, downwards.
    """

    key: str
    shapes: tuple[Shape, ...]
    blocked: tuple[tuple[Point, ...], ...]
    half: Point
    is_round: bool
    reach: tuple[float, float, float, float]
    description: str = ""

    def border(self, towards: Point) -> Point:
        """Return where a ray from the center into a direction meets the border."""
        length = hypot(*towards) or 1.0
        x, y = towards.x / length, towards.y / length
        if self.is_round:
            return Point(self.half.x * x, self.half.x * y)
        scale = min(self.half.x / abs(x) if x else 1e9, self.half.y / abs(y) if y else 1e9)
        return Point(scale * x, scale * y)

    def border_beside(self, direction: Direction, across: float) -> float:
        """Return how far from the center the border is along the direction, so far beside the center."""
        if self.is_round:
            return sqrt(max(self.half.x**2 - across**2, 0.0))
        return self.half.x if direction == "right" else self.half.y


def circle_polygon(center: Point, radius: float, corners: int = 12) -> tuple[Point, ...]:
    """Return a polygon around a circle."""
    outer = radius / cos(pi / corners)
    angles = [2 * pi * number / corners for number in range(corners)]
    return tuple(Point(center.x + outer * cos(angle), center.y + outer * sin(angle)) for angle in angles)


class UnitBuilder:
    """Collects the shapes of a drawn unit, and the areas that they take up."""

    def __init__(self) -> None:
        self.shapes: list[Shape] = []
        self.blocked: list[tuple[Point, ...]] = []

    def text(
        self,
        at: Point,
        line: Line,
        size: float,
        color: Color = Color.INK,
        anchor: Anchor = Anchor.MIDDLE,
        room: float = 0.0,
    ) -> None:
        """Add a line of text, with room for a longer one."""
        width = max(line_width(line, size), room)
        left = at.x - {Anchor.START: 0.0, Anchor.MIDDLE: width / 2, Anchor.END: width}[anchor]
        self.shapes.append(Text(at, line, size, color, anchor))
        self.blocked.append(rectangle_corners(left, at.y - 0.85 * size, left + width, at.y + 0.32 * size))

    def arrow(self, start: Point, end: Point, color: Color = Color.INK, dash: Dash = Dash.SOLID) -> None:
        """Add an arrow."""
        self.shapes.append(Stroke((start, end), color, 1.2, dash, Head.FORWARD))
        self.blocked.append((start, end))

    def part(self, label: str, key: str, since: int) -> None:
        """Make a part of the shapes since there were so many, if it has a key."""
        if key:
            self.shapes[since:] = [Part(label, tuple(self.shapes[since:]), key)]

    def unit(self, key: str, half: Point, is_round: bool, description: str, clear: float = 3.0) -> DrawnUnit:
        """Return the drawn unit, with the outline of its border among what is blocked."""
        border = (
            circle_polygon(Point(0.0, 0.0), half.x + 1.0)
            if is_round
            else rectangle_corners(-half.x - 1, -half.y - 1, half.x + 1, half.y + 1)
        )
        blocked = (border, *self.blocked)
        xs, ys = [point.x for polygon in blocked for point in polygon], [p.y for polygon in blocked for p in polygon]
        reach = (clear - min(xs), clear - min(ys), max(xs) + clear, max(ys) + clear)
        return DrawnUnit(key, tuple(self.shapes), blocked, half, is_round, reach, description)


def square_border(half: float, towards: Point) -> Point:
    """Return where a ray from the center of a square leaves it."""
    scale = half / max(abs(towards.x), abs(towards.y))
    return Point(scale * towards.x, scale * towards.y)


def half_disc(radius: float, level: float) -> tuple[Point, ...]:
    """Return the right half of a disc, filled from below up to a level between 0 and 1."""
    top = radius - 2 * radius * level
    last = acos(max(-1.0, min(1.0, top / radius)))
    steps = max(2, round(14 * level))
    arc = [Point(radius * sin(last * step / steps), radius * cos(last * step / steps)) for step in range(steps + 1)]
    return (*arc, Point(0.0, top))


def bars(at: Point, along: Point, half: float = 5.0) -> Iterator[Shape]:
    """Yield the two bars across a line that mark a frozen parameter."""
    length = hypot(*along) or 1.0
    x, y = along.x / length, along.y / length
    for shift in (-2.2, 2.2):
        middle = Point(at.x + shift * x, at.y + shift * y)
        ends = (Point(middle.x - half * y, middle.y + half * x), Point(middle.x + half * y, middle.y - half * x))
        yield Stroke(ends, Color.INK, 1.4)
