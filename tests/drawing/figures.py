"""Where the texts and lines of a figure are, to find what lies on what."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from math import cos, hypot, radians, sin

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Figure, Head, Stroke, Text, walk_shapes
from minigrad.drawing.text_layout import line_width, plain_text

Corners = tuple[Point, Point, Point, Point]
ASCENT, DESCENT = 0.7, 0.2
"""How far letters reach above and below their baseline, in font sizes."""
SLACK = 0.6
"""How far things may reach into each other, in pixels."""


def corners_of(text: Text) -> Corners:
    """Return the corners of a text, which may be turned."""
    width = line_width(text.line, text.size)
    left = {Anchor.START: 0.0, Anchor.MIDDLE: -width / 2, Anchor.END: -width}[text.anchor]
    c, s = cos(radians(text.angle)), sin(radians(text.angle))
    top, bottom = -ASCENT * text.size, DESCENT * text.size
    box = [(left, top), (left + width, top), (left + width, bottom), (left, bottom)]
    first, second, third, fourth = [Point(text.at.x + c * x - s * y, text.at.y + s * x + c * y) for x, y in box]
    return first, second, third, fourth


def thin_box(start: Point, end: Point) -> Corners:
    """Return a straight line as a rectangle, a little wider than the slack."""
    length = hypot(end.x - start.x, end.y - start.y) or 1.0
    x, y = (start.y - end.y) / length * SLACK, (end.x - start.x) / length * SLACK
    return (
        Point(start.x - x, start.y - y),
        Point(end.x - x, end.y - y),
        Point(end.x + x, end.y + y),
        Point(start.x + x, start.y + y),
    )


def depth(first: Corners, second: Corners) -> float:
    """Return how far two rectangles reach into each other; negative where they are apart."""
    least = float("inf")
    for a, b in (*pairwise(first[:3]), *pairwise(second[:3])):
        length = hypot(b.x - a.x, b.y - a.y) or 1.0
        x, y = (b.x - a.x) / length, (b.y - a.y) / length
        along, other = ([x * point.x + y * point.y for point in box] for box in (first, second))
        least = min(least, min(max(along), max(other)) - max(min(along), min(other)))
        if least < 0:
            break
    return least


def texts_on_texts(figure: Figure) -> Iterator[tuple[str, str]]:
    """Yield the pairs of texts that lie on each other."""
    texts = [(shape, corners_of(shape)) for shape in walk_shapes(figure.shapes) if isinstance(shape, Text)]
    for (first, corners), (second, others) in combinations(texts, 2):
        if depth(corners, others) > SLACK:
            yield plain_text(first.line), plain_text(second.line)


def lines_on_texts(figure: Figure) -> Iterator[str]:
    """Yield the texts that a line with a head runs through."""
    shapes = list(walk_shapes(figure.shapes))
    arrows = [shape for shape in shapes if isinstance(shape, Stroke) and shape.head is not Head.NONE]
    pieces = [thin_box(start, end) for arrow in arrows for start, end in pairwise(arrow.points)]
    for text in (shape for shape in shapes if isinstance(shape, Text)):
        box = corners_of(text)
        if any(depth(box, piece) > SLACK for piece in pieces):
            yield plain_text(text.line)


def texts_outside(figure: Figure) -> Iterator[str]:
    """Yield the texts that reach beyond the figure."""
    for shape in walk_shapes(figure.shapes):
        if isinstance(shape, Text):
            corners = corners_of(shape)
            if not all(0 <= corner.x <= figure.width and 0 <= corner.y <= figure.height for corner in corners):
                yield plain_text(shape.line)


def check_geometry(figure: Figure) -> None:
    """Check that no text lies on another one, on a line, or outside."""
    assert not list(texts_on_texts(figure))
    assert not list(lines_on_texts(figure))
    assert not list(texts_outside(figure))
