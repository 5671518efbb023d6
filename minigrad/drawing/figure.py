"""Shapes with positions, which the SVG writer writes: plain data, in pixels, y grows downwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from minigrad.drawing.diagram import Point
from minigrad.drawing.text_layout import Line


class Color(StrEnum):
    """Meaning of a color; `drawing/palette.py` says how it looks on light and on dark paper."""

    PAPER = "paper"
    PANEL = "panel"
    INK = "ink"
    MUTED = "muted"
    RULE = "rule"
    POSITIVE = "positive"
    NEGATIVE = "negative"
    BACKWARD = "backward"
    ZERO = "zero"
    UPDATE = "update"
    LEVEL = "level"
    POSITIVE_TINT = "positive tint"
    NEGATIVE_TINT = "negative tint"


class Dash(StrEnum):
    """Meaning of the stroke of a line; each is told from the others without color."""

    SOLID = "solid"
    NEGATIVE = "negative"
    ZERO = "zero"
    TARGET = "target"


class Head(StrEnum):
    """The tip of an arrow: solid forward, open backward."""

    NONE = "none"
    FORWARD = "forward"
    BACKWARD = "backward"


class Anchor(StrEnum):
    """The part of a text that stands at its position."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


class Rectangle(NamedTuple):
    """A rectangle from its upper left corner."""

    corner: Point
    size: Point
    fill: Color | None = None
    stroke: Color | None = None
    width: float = 1.4
    radius: float = 0.0
    dash: Dash = Dash.SOLID


class Circle(NamedTuple):
    """A circle around a center."""

    center: Point
    radius: float
    fill: Color | None = Color.PAPER
    stroke: Color | None = Color.INK
    width: float = 1.5
    dash: Dash = Dash.SOLID


class Stroke(NamedTuple):
    """A line through points, or with `curve` a chain of cubic Bézier curves; with a head it ends in an arrow."""

    points: tuple[Point, ...]
    color: Color = Color.INK
    width: float = 1.5
    dash: Dash = Dash.SOLID
    head: Head = Head.NONE
    curve: bool = False


class Area(NamedTuple):
    """Polygons that are filled alike, written as one path: thousands of squares stay small."""

    polygons: tuple[tuple[Point, ...], ...]
    fill: Color | None
    stroke: Color | None = None
    width: float = 1.0


class Text(NamedTuple):
    """A line of text; `at` is on its baseline, `angle` in degrees turns it clockwise around `at`."""

    at: Point
    line: Line
    size: float = 12.0
    color: Color = Color.INK
    anchor: Anchor = Anchor.START
    angle: float = 0.0


class Part(NamedTuple):
    """Shapes that belong together, such as a neuron; screen readers and tooltips tell the label.

    By its `key` a page finds the part again, see `DrawSettings.key`.
    """

    label: str
    shapes: tuple[Shape, ...]
    key: str = ""


Shape = Rectangle | Circle | Stroke | Area | Text | Part


@dataclass(frozen=True)
class Figure:
    """A picture with its layout, for the SVG writer; later shapes lie on top of earlier ones."""

    width: float
    height: float
    shapes: Sequence[Shape]
    title: str
    description: str = ""

    def texts(self) -> list[str]:
        """Return every text of the figure, and the labels of its parts, as plain Unicode lines."""
        return [
            shape.label if isinstance(shape, Part) else "".join(span.text for span in shape.line)
            for shape in walk_shapes(self.shapes)
            if isinstance(shape, (Part, Text))
        ]


def walk_shapes(shapes: Sequence[Shape]) -> Iterator[Shape]:
    """Yield all shapes in drawing order, each part before what is in it."""
    stack = list(reversed(shapes))
    while stack:
        shape = stack.pop()
        yield shape
        if isinstance(shape, Part):
            stack.extend(reversed(shape.shapes))


def move_shape(shape: Shape, by: Point) -> Shape:
    """Return a shape moved by so much to the right and down."""

    def moved(point: Point) -> Point:
        return Point(point.x + by.x, point.y + by.y)

    match shape:
        case Rectangle():
            return shape._replace(corner=moved(shape.corner))
        case Circle():
            return shape._replace(center=moved(shape.center))
        case Stroke():
            return shape._replace(points=tuple(map(moved, shape.points)))
        case Area():
            return shape._replace(polygons=tuple(tuple(map(moved, polygon)) for polygon in shape.polygons))
        case Text():
            return shape._replace(at=moved(shape.at))
        case Part():
            return shape._replace(shapes=tuple(move_shape(inner, by) for inner in shape.shapes))


def rectangle_corners(left: float, top: float, right: float, bottom: float) -> tuple[Point, ...]:
    """Return the corners of an upright rectangle, clockwise from the upper left one."""
    return Point(left, top), Point(right, top), Point(right, bottom), Point(left, bottom)
