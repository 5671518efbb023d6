"""The labels on the edges of the textbook figure, as many as have room: numbers are left out first, then names."""

from __future__ import annotations

from collections.abc import Sequence
from math import degrees, hypot
from typing import NamedTuple

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Area, Color, Part, Shape, Text, move_shape
from minigrad.drawing.marks import sign_style
from minigrad.drawing.text_layout import Line, line_width, words
from minigrad.drawing.textbook.drawn_unit import UnitSizes
from minigrad.drawing.textbook.label_placement import LabelSpan, Obstacles, Strip, free_center, reading_span
from minigrad.drawing.textbook.textbook_content import (
    EdgeContent,
    lines_below,
    weight_line,
)

BESIDE = 4.5
"""Distance of a label from its line."""
HEAD = 9.0
"""Length of the head of an edge, beside which no label stands."""
ENOUGH = 0.65
"""Part of the edges between two layers that must have room for their labels; else all of them say less."""
HOPELESS = 0.5
"""Part of the edges below which no other order of them is tried."""
ROUNDS = 3
"""Orders in which labels are tried."""
SMALL = 0.86
"""Size of the letters where room is short."""


class Detail(NamedTuple):
    """How much the labels of a group of edges say, and how large they are."""

    numbers: bool
    scale: float
    changes: bool = False
    """Whether there is room for a weight before and after a step."""


CHANGING = (Detail(True, 1.0, True), Detail(True, SMALL, True), Detail(True, 1.0), Detail(True, SMALL))
"""What the labels of an interactive figure may say, the best first."""
ON_DEMAND = 0.68
"""Where on its edge a label stands that is shown on demand."""
FOR_ARROW = 12.0
"""Space below an edge to a loss, in which a page lets the derivative come back."""


class Written(NamedTuple):
    """Lines above and below an edge with their sizes, and the room that they need."""

    lines: tuple[tuple[Line, float, float, Color], ...]
    """Each line with its distance below the edge, its size and its color."""
    strips: tuple[Strip, ...]


class LabeledEdge(NamedTuple):
    """An edge with the corners of its path and what is to be said of it."""

    path: Sequence[Point]
    content: EdgeContent


class EdgeLabels:
    """Finds places for the labels of groups of edges, among obstacles that grow with each label."""

    def __init__(self, metrics: UnitSizes, obstacles: Obstacles, numbers: bool, digits: int) -> None:
        self.metrics = metrics
        self.obstacles = obstacles
        self.numbers = numbers
        self.digits = digits
        self.shapes: list[Shape] = []
        """The labels so far."""
        self.incomplete = 0
        """How many edges have no label, or one without its numbers."""

    def place(self, edges: Sequence[LabeledEdge]) -> None:
        """Add the labels of a group of edges, and take their room."""
        details = [Detail(True, 1.0), Detail(True, SMALL)] if self.numbers else []
        details += [Detail(False, 1.0), Detail(False, SMALL)]
        everything, reach = self.obstacles, 4 * self.metrics.weight
        self.obstacles = everything.near((point for edge in edges for point in edge.path), reach)
        base = len(self.obstacles)
        best: dict[int, list[Shape]] = {}
        for detail in details:
            self.obstacles.forget(base)
            best = self._place_all(edges, detail, base)
            if len(best) >= ENOUGH * len(edges):
                break
        complete = len(best) if detail.numbers or not self.numbers else 0
        if detail.numbers:
            missing = [number for number in range(len(edges)) if number not in best]
            best |= self._place(edges, Detail(False, detail.scale), missing)
        self.incomplete += len(edges) - complete
        everything.add_all(self.obstacles, base)
        self.obstacles = everything
        self.shapes += [shape for number in sorted(best) for shape in best[number]]

    def _place_all(self, edges: Sequence[LabeledEdge], detail: Detail, base: int) -> dict[int, list[Shape]]:
        """Return the most labels that find room in a few orders: those that found none choose first in the next."""
        order = list(range(len(edges)))
        best: dict[int, list[Shape]] = {}
        best_order = order
        for _ in range(ROUNDS):
            self.obstacles.forget(base)
            labels = self._place(edges, detail, order)
            if len(labels) > len(best):
                best, best_order = labels, order
            if len(labels) == len(edges) or len(labels) < HOPELESS * len(edges):
                return labels
            order = [*(number for number in order if number not in labels), *(n for n in order if n in labels)]
        self.obstacles.forget(base)
        return self._place(edges, detail, best_order)

    def _place(self, edges: Sequence[LabeledEdge], detail: Detail, order: Sequence[int]) -> dict[int, list[Shape]]:
        shapes: dict[int, list[Shape]] = {}
        for number in order:
            edge = edges[number]
            written = self.write(edge.content, detail)
            if not written.lines:
                shapes[number] = []
                continue
            position = self._find(edge, written)
            if position is not None:
                span, centers = position
                for strip, center in zip(written.strips, centers, strict=True):
                    self.obstacles.add(span.corners(center, strip))
                shapes[number] = self._texts(edge.content, span, centers, written)
        return shapes

    def _find(self, edge: LabeledEdge, written: Written) -> tuple[LabelSpan, list[float]] | None:
        """Return the piece of an edge, and the places along it, where the lines above and below it have room.

        They stand across from each other where that is possible.
        """
        is_flow = edge.content.is_flow
        pieces = list(zip(edge.path, edge.path[1:], strict=False))
        longest = max(strip.length for strip in written.strips)
        for start, end in sorted(
            pieces[-3:], key=lambda piece: -hypot(piece[1].x - piece[0].x, piece[1].y - piece[0].y)
        ):
            span, turned = reading_span(start, end)
            before = HEAD if turned and end == edge.path[-1] else 2.0
            behind = HEAD if not turned and end == edge.path[-1] else 2.0
            low, high = before + longest / 2, span.length - behind - longest / 2
            if low > high:
                continue
            part = 0.5 if is_flow else 0.72
            best = span.length * (1 - part if turned else part)
            center = free_center(self.obstacles.blocked(span, written.strips), low, high, best)
            if center is not None:
                return span, [center] * len(written.strips)
            centers: list[float] = []
            for strip in written.strips:
                low, high = before + strip.length / 2, span.length - behind - strip.length / 2
                center = free_center(self.obstacles.blocked(span, [strip]), low, high, centers[0] if centers else best)
                if center is None:
                    break
                centers.append(center)
            else:
                return span, centers
        return None

    def write(self, content: EdgeContent, detail: Detail) -> Written:
        """Return the lines of a label in some detail."""
        m, scale = self.metrics, detail.scale
        weight, number = max(m.weight * scale, 9.0), max(m.number * scale, 9.0)
        lines: list[tuple[Line, float, float, Color]] = []
        strips: list[Strip] = []
        above = weight_line(content, detail.numbers)
        is_flow = content.is_flow
        if above:
            size = 1.15 * weight if is_flow else weight
            color = sign_style(content.number).color if self.numbers and not is_flow else Color.INK
            baseline = -BESIDE - 0.34 * size
            lines.append((above, baseline, size, color))
            room = line_width(above, size)
            if detail.numbers and content.value:
                spare = line_width(words(f"−0.{'0' * self.digits}"), size) - line_width(words(content.value), size)
                room += max(spare, 0.0)
                if detail.changes:
                    room += line_width(words(f" → −0.{'0' * self.digits}"), size)
            strips.append(Strip(room, baseline - 0.92 * size, -BESIDE))
        if detail.numbers:
            top = baseline = BESIDE
            rows = lines_below(content)
            for row in rows:
                baseline += 0.8 * number if baseline == BESIDE else 1.4 * number
                lines.append((row, baseline, number, Color.BACKWARD))
            if rows:
                computed = line_width(words(f"−0.00{'0' * self.digits}"), number)
                width = max(*(line_width(row, number) for row in rows), computed)
                strips.append(Strip(width, top, baseline + 0.3 * number))
        return Written(tuple(lines), tuple(strips))

    def _shapes_at(self, edge: LabeledEdge, detail: Detail, part: float) -> list[Shape]:
        """Return the label of an edge at a part of its last piece, whatever stands there."""
        written = self.write(edge.content, detail)
        span, turned = reading_span(edge.path[-2], edge.path[-1])
        center = span.length * (1 - part if turned else part)
        return self._texts(edge.content, span, [center] * len(written.strips), written)

    def _texts(self, content: EdgeContent, span: LabelSpan, centers: Sequence[float], written: Written) -> list[Shape]:
        shapes: list[Shape] = []
        angle = degrees(span.angle)
        for line, below, size, color in written.lines:
            center = centers[0] if below < 0 else centers[-1]
            at = span.point(center, below)
            if below < 0 and not content.is_finite and self.numbers and not content.keys.edge:
                width = line_width(line, size) + 4.0
                plate = Strip(width, below - 0.92 * size, -BESIDE + 1.0)
                shapes.append(Area((span.corners(center, plate),), Color.INK))
                shapes.append(Text(at, line, size, Color.PAPER, Anchor.MIDDLE, angle))
            else:
                shapes.append(Text(at, line, size, color, Anchor.MIDDLE, angle))
        return shapes


class InteractiveLabels(EdgeLabels):
    """Labels of an interactive figure: every edge has one, which a page shows on demand where it has no room."""

    def __init__(self, metrics: UnitSizes, obstacles: Obstacles, digits: int, is_narrow: bool) -> None:
        super().__init__(metrics, obstacles, True, digits)
        self.is_narrow = is_narrow

    def place(self, edges: Sequence[LabeledEdge]) -> None:
        """Add the labels of a group of edges: on demand, or where they have room even while weights change."""
        base, placed = len(self.obstacles), dict[int, list[Shape]]()
        for detail in () if self.is_narrow else CHANGING:
            self.obstacles.forget(base)
            placed = self._place_all(edges, detail, base)
            if len(placed) == len(edges):
                break
        if len(placed) < ENOUGH * len(edges):
            self.obstacles.forget(base)
            placed = {}
        for number, edge in enumerate(edges):
            shapes = placed.get(number) or self._shapes_at(edge, CHANGING[-1], 0.5 if self.is_narrow else ON_DEMAND)
            kind, content = "label" if number in placed else "demand", edge.content
            if content.is_flow:  # the name of the derivative shows with its number
                rows = tuple(move_shape(shape, Point(0.0, FOR_ARROW)) for shape in shapes[1:])
                shapes = [*shapes[:1], Part(content.derivative_name, rows, content.keys.derivative)]
            self.shapes.append(Part("", tuple(shapes), content.keys.edge.replace("edge", kind, 1)))
