"""What lies on top of something else in a figure: labels on each other, on lines and on boxes, lines across boxes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import NamedTuple

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Circle, Color, Figure, Part, Rectangle, Shape, Stroke, Text
from minigrad.drawing.text_layout import line_width, plain_text

SLACK = 1.0
"""Pixels by which things may touch."""


class Area(NamedTuple):
    """An upright rectangle that something takes up."""

    left: float
    top: float
    right: float
    bottom: float
    name: str


def area_of_text(text: Text) -> Area:
    """Return the area of a text, from its ascenders to its baseline; indices reach a little below."""
    width = line_width(text.line, text.size)
    start = {Anchor.START: 0.0, Anchor.MIDDLE: -width / 2, Anchor.END: -width}[text.anchor]
    x, y = text.at
    name = plain_text(text.line)
    if text.angle == -90.0:
        return Area(x - 0.72 * text.size, y - start - width, x, y - start, name)
    assert text.angle == 0.0, "only upright and turned texts are checked"
    return Area(x + start, y - 0.72 * text.size, x + start + width, y, name)


def area_of_box(part: Part) -> Area:
    """Return the area of a box: that of its largest rectangle or circle."""
    rectangles = [shape for shape in part.shapes if isinstance(shape, Rectangle) and shape.fill is not Color.UPDATE]
    corners = [(shape.corner, shape.size) for shape in rectangles]
    corners += [
        (Point(c.center.x - c.radius, c.center.y - c.radius), Point(2 * c.radius, 2 * c.radius))
        for c in part.shapes
        if isinstance(c, Circle)
    ]
    corner, size = max(corners, key=lambda pair: pair[1].x * pair[1].y)
    return Area(corner.x, corner.y, corner.x + size.x, corner.y + size.y, part.label)


def overlap(one: Area, other: Area, slack: float = SLACK) -> bool:
    """Return whether two areas overlap."""
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return across > slack and down > slack


def crosses(start: Point, end: Point, area: Area, slack: float = SLACK) -> bool:
    """Return whether a straight line crosses an area (Liang and Barsky's clipping)."""
    left, top, right, bottom = (
        area.left + slack,
        area.top + slack,
        area.right - slack,
        area.bottom - slack,
    )
    if left >= right or top >= bottom:
        return False
    low, high = 0.0, 1.0
    for distance, near, far in (
        (end.x - start.x, left - start.x, right - start.x),
        (end.y - start.y, top - start.y, bottom - start.y),
    ):
        if abs(distance) < 1e-9:
            if near > 0 or far < 0:
                return False
            continue
        first, last = sorted((near / distance, far / distance))
        low, high = max(low, first), min(high, last)
    return low < high


def overlaps_of(figure: Figure) -> Iterator[str]:
    """Yield what lies on top of what; within a part, such as a box, nothing is checked but its texts."""
    texts = [area_of_text(shape) for shape in figure.shapes if isinstance(shape, Text)]
    boxes = [area_of_box(shape) for shape in figure.shapes if isinstance(shape, Part)]
    strokes = [shape for shape in figure.shapes if isinstance(shape, Stroke) and not is_highlight(shape)]
    settings = Area(0.0, 0.0, figure.width, figure.height, "page")
    for area in (*texts, *boxes):
        if area.left < 0 or area.top < 0 or area.right > settings.right + 0.5 or area.bottom > settings.bottom + 0.5:
            yield f"{area.name!r} does not fit the page"
    for one, other in combinations((*texts, *boxes), 2):
        if overlap(one, other):
            yield f"{one.name!r} lies on {other.name!r}"
    for stroke in strokes:
        for start, end in pairwise(stroke.points):
            yield from (f"a line crosses {area.name!r}" for area in (*texts, *boxes) if crosses(start, end, area))
    for part in (shape for shape in figure.shapes if isinstance(shape, Part)):
        yield from crowded(part)


def crowded(part: Part) -> Iterator[str]:
    """Yield the texts of a box that do not fit it, or lie on each other."""
    box = area_of_box(part)
    texts = [area_of_text(shape) for shape in part.shapes if isinstance(shape, Text)]
    for text in texts:
        if text.left < box.left or text.right > box.right or text.top < box.top or text.bottom > box.bottom:
            yield f"{text.name!r} does not fit the box {box.name!r}"
    yield from (f"{a.name!r} lies on {b.name!r} in a box" for a, b in combinations(texts, 2) if overlap(a, b))


def is_highlight(shape: Shape) -> bool:
    """Return whether a stroke lies behind another one, as a broad band."""
    return isinstance(shape, Stroke) and shape.width > 8.0
