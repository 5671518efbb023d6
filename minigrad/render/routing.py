"""How edges run between placed boxes: as S-curves to their labels, straight under them, and on to their boxes.

An edge that passes a whole column goes between its rows, so that no edge hides behind a box it has nothing to do with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from minigrad.render.diagram import ORIGIN, Box, Edge, Link, Point

FAN = 26.0
"""Room between a stack of labels and its box, where edges draw together."""
THREAD = 5.0
"""Room between edges without labels where they pass labels of others."""
SHARE = 0.6
"""The part of a box's side on which edges arrive."""


class Lane(NamedTuple):
    """The edges that arrive at a box from one side, from top to bottom, and the room each takes beside the box."""

    edges: tuple[int, ...]
    room: Point = ORIGIN

    @property
    def height(self) -> float:
        """How high the stack of labels is."""
        return len(self.edges) * self.room.y


class Corridor(NamedTuple):
    """The free ways past a column: from left of its labels to right of its boxes, at the heights between its rows."""

    left: float
    right: float
    heights: tuple[float, ...]


@dataclass(frozen=True)
class Router:
    """Finds the curves of edges; those that meet at a box arrive side by side."""

    boxes: Mapping[str, Box]
    lanes: Mapping[tuple[str, bool], Lane]
    columns: Mapping[str, int]
    corridors: Sequence[Corridor]
    used: Counter[tuple[int, float]] = field(default_factory=Counter)

    def route(self, edges: Sequence[Edge]) -> tuple[Edge, ...]:
        """The edges with their paths and the places of their labels.

        An edge of δ runs beside the edge it goes back along, and is turned around in the end.
        """
        found = [edge._replace(path=downward(self.boxes[edge.tail], self.boxes[edge.head])) for edge in edges]
        for (key, _), lane in self.lanes.items():
            for order, number in enumerate(lane.edges):
                found[number] = self.routed(edges[number], key, lane, order - (len(lane.edges) - 1) / 2)
        return tuple(turned(edge) if edge.link is Link.DELTA else edge for edge in found)

    def routed(self, edge: Edge, key: str, lane: Lane, shift: float) -> Edge:
        """One edge that arrives so many places below the middle of its lane."""
        head = self.boxes[key]
        start, end = facing(self.boxes[edge.tail], head, shift * SHARE * head.size.y / len(lane.edges))
        passed = range(self.columns[edge.tail] + 1, self.columns[key])
        if not lane.room.x:
            return edge._replace(path=self.way(start, end, passed))
        at = Point(end.x - FAN - lane.room.x / 2, head.at.y + shift * lane.room.y)
        before, after = (Point(at.x + side * lane.room.x / 2, at.y) for side in (-1, 1))
        path = (*self.way(start, before, passed), *straight(before, after)[1:], *s_curve(after, end)[1:])
        return edge._replace(path=path, label_at=at if edge.lines else None)

    def way(self, start: Point, end: Point, passed: range) -> tuple[Point, ...]:
        """The curve from one point to another, past the columns in between."""
        path: tuple[Point, ...] = (start,)
        for number in passed:
            corridor = self.corridors[number]
            ideal = start.y + (end.y - start.y) * (corridor.left - start.x) / (end.x - start.x)
            height = min(corridor.heights, key=lambda height: abs(height - ideal))
            beside = self.used[number, height] % 5 - 2  # some edges find room side by side
            self.used[number, height] += 1
            enter, leave = (Point(x, height + 2.5 * beside) for x in (corridor.left, corridor.right))
            path = (*path, *s_curve(path[-1], enter)[1:], *straight(enter, leave)[1:])
        return (*path, *s_curve(path[-1], end)[1:])


def turned(edge: Edge) -> Edge:
    """The edge from its head to its tail."""
    return edge._replace(tail=edge.head, head=edge.tail, path=edge.path[::-1])


def facing(tail: Box, head: Box, shift: float) -> tuple[Point, Point]:
    """Where an edge leaves its tail and where it reaches its head, on the sides that face each other."""
    side = 1 if head.at.x > tail.at.x else -1
    start = Point(tail.at.x + side * tail.size.x / 2, tail.at.y)
    return start, Point(head.at.x - side * head.size.x / 2, head.at.y + shift)


def downward(tail: Box, head: Box) -> tuple[Point, ...]:
    """A straight line from a box to the one below it."""
    return straight(
        Point(tail.at.x, tail.at.y + tail.size.y / 2),
        Point(head.at.x, head.at.y - head.size.y / 2),
    )


def straight(start: Point, end: Point) -> tuple[Point, ...]:
    """A straight line as the four points of a Bézier curve."""
    return tuple(
        Point(start.x + (end.x - start.x) * part / 3, start.y + (end.y - start.y) * part / 3) for part in range(4)
    )


def s_curve(start: Point, end: Point) -> tuple[Point, ...]:
    """A curve that leaves and arrives level."""
    middle = (start.x + end.x) / 2
    return start, Point(middle, start.y), Point(middle, end.y), end
