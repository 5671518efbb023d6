"""Where texts and shapes of a figure are, measured without the code that placed them."""

from collections.abc import Iterator
from itertools import pairwise
from math import cos, hypot, radians, sin

import numpy as np

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Circle, Color, Figure, Rectangle, Stroke, Text, walk_shapes
from minigrad.drawing.text_layout import line_width, plain_text

ASCENT, DESCENT, SIDE = 0.66, 0.02, 0.5
"""Height of digits above and below the baseline, in font sizes, and what is left out at both ends, in pixels."""


def text_corners(text: Text) -> list[Point]:
    """Return the corners of a text, turned by its angle."""
    full = line_width(text.line, text.size)
    left = {Anchor.START: 0.0, Anchor.MIDDLE: -full / 2, Anchor.END: -full}[text.anchor] + SIDE
    width = max(full - 2 * SIDE, 0.0)
    c, s = cos(radians(text.angle)), sin(radians(text.angle))
    sides = ((left, -ASCENT * text.size), (left + width, -ASCENT * text.size))
    sides += ((left + width, DESCENT * text.size), (left, DESCENT * text.size))
    return [Point(text.at.x + x * c - y * s, text.at.y + x * s + y * c) for x, y in sides]


def separated(first: list[Point], second: list[Point]) -> bool:
    """Return whether a line divides two convex polygons, or a polygon and a line of two points."""
    for polygon in (first, second):
        for start, end in pairwise([*polygon, polygon[0]]):
            normal = Point(start.y - end.y, end.x - start.x)
            a = [normal.x * point.x + normal.y * point.y for point in first]
            b = [normal.x * point.x + normal.y * point.y for point in second]
            if max(a) < min(b) or max(b) < min(a):
                return True
    return False


def strokes(figure: Figure) -> Iterator[list[Point]]:
    """Yield the straight pieces of every line, curves taken apart; backgrounds are no lines."""
    for shape in walk_shapes(figure.shapes):
        if isinstance(shape, Stroke) and shape.color is not Color.UPDATE:
            points = list(shape.points)
            if shape.curve:
                bends = [points[place : place + 4] for place in range(0, len(points) - 1, 3)]
                points = [bezier(bend, step / 8) for bend in bends for step in range(9)]
            yield from ([a, b] for a, b in pairwise(points) if hypot(a.x - b.x, a.y - b.y) > 1e-6)


def bezier(points: list[Point], part: float) -> Point:
    while len(points) > 1:
        points = [Point(a.x + part * (b.x - a.x), a.y + part * (b.y - a.y)) for a, b in pairwise(points)]
    return points[0]


def circle_distance(circle: Circle, corners: list[Point]) -> float:
    """Return the distance of a polygon that is outside of a circle from its center, less the radius."""
    distances = []
    for start, end in pairwise([*corners, corners[0]]):
        length = hypot(end.x - start.x, end.y - start.y) or 1e-9
        along = (
            (circle.center.x - start.x) * (end.x - start.x) + (circle.center.y - start.y) * (end.y - start.y)
        ) / length
        part = min(max(along / length, 0.0), 1.0)
        nearest = Point(start.x + part * (end.x - start.x), start.y + part * (end.y - start.y))
        distances.append(hypot(nearest.x - circle.center.x, nearest.y - circle.center.y))
    return min(distances) - circle.radius


def overlaps(figure: Figure) -> Iterator[str]:
    """Yield every text that touches another one, a line or a circle; but those inside circles and boxes."""
    shapes = list(walk_shapes(figure.shapes))
    circles = [shape for shape in shapes if isinstance(shape, Circle) and shape.radius > 3 and shape.stroke]
    boxes = [shape for shape in shapes if isinstance(shape, Rectangle) and shape.stroke and shape.size.y < 200]
    texts = [shape for shape in shapes if isinstance(shape, Text) and plain_text(shape.line)]
    texts = [text for text in texts if not any(inside(text, shape) for shape in (*circles, *boxes))]
    corners, lines = [text_corners(text) for text in texts], list(strokes(figure))
    text_boxes, line_boxes = bounds(corners), bounds(lines)
    for number, (text, polygon) in enumerate(zip(texts, corners, strict=True)):
        name, box = plain_text(text.line), text_boxes[number]
        for other in meeting(box, text_boxes[:number]):
            if not separated(polygon, corners[other]):
                yield f"{name!r} on {plain_text(texts[other].line)!r}"
        if any(not separated(polygon, lines[other]) for other in meeting(box, line_boxes)):
            yield f"{name!r} on a line"
        if any(circle_distance(circle, polygon) < 0 for circle in circles):
            yield f"{name!r} on a circle"


def bounds(polygons: list[list[Point]]) -> np.ndarray:
    """Return the lowest and the highest coordinates of each polygon."""
    boxes = [(*np.min(polygon, axis=0), *np.max(polygon, axis=0)) for polygon in polygons]
    return np.array(boxes).reshape(-1, 4)


def meeting(box: np.ndarray, others: np.ndarray) -> list[int]:
    """Return the numbers of the boxes that a box meets."""
    touching = (others[:, :2] <= box[2:]).all(axis=1) & (others[:, 2:] >= box[:2]).all(axis=1)
    return np.flatnonzero(touching).tolist()


def inside(text: Text, shape: Circle | Rectangle) -> bool:
    """Return whether a text begins inside a circle or a box."""
    if isinstance(shape, Circle):
        return hypot(text.at.x - shape.center.x, text.at.y - shape.center.y) < shape.radius
    corner, size = shape.corner, shape.size
    return corner.x < text.at.x < corner.x + size.x and corner.y < text.at.y < corner.y + size.y
