"""The lines of the textbook figure: edges by sign and size, with their marks; and what lies behind units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import hypot, isfinite
from typing import NamedTuple

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Circle, Color, Dash, Head, Rectangle, Shape, Stroke
from minigrad.drawing.marks import sign_style
from minigrad.drawing.neurons.elision import VisibleEdge
from minigrad.drawing.textbook.drawn_unit import DrawnUnit, bars, circle_polygon
from minigrad.drawing.textbook.equations import acts_alone
from minigrad.drawing.textbook.textbook_content import EdgeContent, TextbookContent
from minigrad.drawing.textbook.textbook_layout import EdgeEnds, between, rounded_path
from minigrad.structure import Unit

THINNEST, WIDEST, PLAIN = 0.9, 3.1, 1.4
"""Widths of edges by the size of the weight, and of those that show no size."""
MARK_WIDTH = 8.0
"""Width of the background of an edge that is highlighted."""
HEAD = 9.0
"""Length of the tip of a double line, which is not open."""
BARS_AT = 0.3
"""Where on an edge the bars of a frozen weight stand."""


class FrozenMark(NamedTuple):
    """Where the bars of a frozen weight stand, and in which direction its edge runs."""

    at: Point
    along: Point

    @property
    def corners(self) -> tuple[Point, ...]:
        """Return a polygon around the bars."""
        return circle_polygon(self.at, 6.0, 8)


def shown_edges(edges: Sequence[VisibleEdge], keys: Mapping[str, str]) -> list[tuple[EdgeEnds, VisibleEdge]]:
    """Return the edges between units that are shown, those of the lines of a box as one of the box.

    Args:
        edges: All edges.
        keys: The key of the drawing that shows a unit, by the key of the unit; those left out have none.
    """
    ends: list[tuple[str, str, VisibleEdge]] = []
    seen: set[tuple[str, str]] = set()
    for edge in edges:
        tail, head = keys.get(edge.tail), keys.get(edge.head)
        if edge.bundled or tail is None or head is None or tail == head:
            continue
        if edge.tail == tail or (tail, head) not in seen:
            seen.add((tail, head))
            ends.append((tail, head, edge))
    counts = Counter((tail, head) for tail, head, _ in ends)
    numbers: Counter[tuple[str, str]] = Counter()
    result: list[tuple[EdgeEnds, VisibleEdge]] = []
    for tail, head, edge in ends:
        result.append((EdgeEnds(tail, head, numbers[tail, head], counts[tail, head]), edge))
        numbers[tail, head] += 1
    return result


def edge_strokes(
    network: TextbookContent, content: EdgeContent, path: Sequence[Point], largest: float
) -> Iterator[Shape]:
    """Yield the lines of an edge: its background, a double line for a shared weight, the bars of a frozen one."""
    color, dash, width = Color.INK, Dash.SOLID, PLAIN
    if network.numbers and content.number is not None:
        color, dash = sign_style(content.number)
        if isfinite(content.number) and largest:
            width = THINNEST + (WIDEST - THINNEST) * abs(content.number) / largest
    is_curve = len(path) > 2
    points = rounded_path(path) if is_curve else tuple(path)
    if network.is_highlighted(content.node):
        yield Stroke(points, Color.UPDATE, MARK_WIDTH, curve=is_curve)
    if content.uses > 1:
        yield Stroke(points, color, width + 3.0, dash, Head.FORWARD, is_curve)
        length = hypot(points[-1].x - points[-2].x, points[-1].y - points[-2].y) or 1.0
        inner = (*points[:-1], between(points[-1], points[-2], min(HEAD / length, 1.0)))
        yield Stroke(inner, Color.PAPER, max(width, 1.2), curve=is_curve)
    else:
        yield Stroke(points, color, width, dash, Head.FORWARD, is_curve)
    if network.is_frozen(content.node):
        yield from bars(*frozen_mark(path))


def frozen_mark(path: Sequence[Point]) -> FrozenMark:
    """Return where on the longest straight piece of a path the bars of a frozen weight stand."""
    start, end = max(pairwise(path), key=lambda piece: hypot(piece[1].x - piece[0].x, piece[1].y - piece[0].y))
    return FrozenMark(between(start, end, BARS_AT), Point(end.x - start.x, end.y - start.y))


def layer_frame(units: Sequence[Unit], drawn_units: Sequence[tuple[DrawnUnit, Point]]) -> Iterator[Shape]:
    """Yield a frame around neurons whose outputs all depend on all of their sums, as in a softmax."""
    neurons = [unit for unit in units if unit.weighted_sum is not None]
    if neurons and neurons[0].output is not neurons[0].weighted_sum and not acts_alone(neurons[0]):
        low = Point(
            min(at.x - drawn.reach[0] for drawn, at in drawn_units),
            min(at.y - drawn.reach[1] for drawn, at in drawn_units),
        )
        high = Point(
            max(at.x + drawn.reach[2] for drawn, at in drawn_units),
            max(at.y + drawn.reach[3] for drawn, at in drawn_units),
        )
        size = Point(high.x - low.x + 6.0, high.y - low.y + 6.0)
        yield Rectangle(Point(low.x - 3.0, low.y - 3.0), size, None, Color.RULE, 1.2, 10.0)


def unit_background(drawn: DrawnUnit, at: Point) -> Shape:
    """Return the background of a unit that is highlighted."""
    if drawn.is_round:
        return Circle(at, drawn.half.x + 6.0, Color.UPDATE, None)
    half = Point(drawn.half.x + 5.0, drawn.half.y + 5.0)
    return Rectangle(Point(at.x - half.x, at.y - half.y), Point(2 * half.x, 2 * half.y), Color.UPDATE, None, radius=7.0)
