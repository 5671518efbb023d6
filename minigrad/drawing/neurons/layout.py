"""Where the boxes of a network stand: columns at equal heights, every number on its own edge, nothing on top of it.

What is written on the edges that lead to a box is stacked beside it, in the order of the boxes they come from, so
labels keep apart however many edges cross.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from minigrad.drawing.diagram import ORIGIN, Box, Edge, Group, Link, Point
from minigrad.drawing.style import label_size, size_of

MARGIN = 12.0
"""Least room between two rows of a column, and between columns and what stands beside them."""


class Row(NamedTuple):
    """One place of a column: a box, and a smaller one on top of it where it has a bias."""

    box: Box
    above: Box | None = None

    @property
    def height(self) -> float:
        """Room the row needs, the same above and below the middle of its box."""
        above = size_of(self.above).y + MARGIN if self.above else 0.0
        return size_of(self.box).y + 2 * above


class Column(NamedTuple):
    """A layer of a network: its rows, from top to bottom, and what is written over them."""

    title: str
    rows: tuple[Row, ...]

    @property
    def width(self) -> float:
        """The width that all boxes of the column share."""
        return max(size_of(box).x for row in self.rows for box in row if box)


class Placed(NamedTuple):
    """What became of a network: boxes and edges in their places, titles over columns, the lower right corner."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...]
    corner: Point


def place(columns: Sequence[Column], edges: Sequence[Edge], origin: Point = ORIGIN) -> Placed:
    """Gives every box, edge and label of a network its place, the upper left corner at `origin`."""
    rank = {
        row.box.key: (number, order) for number, column in enumerate(columns) for order, row in enumerate(column.rows)
    }
    lanes = lanes_of(edges, rank)
    height = max(room_of(column, lanes) * len(column.rows) for column in columns)
    boxes: dict[str, Box] = {}
    groups: list[Group] = []
    corridors: list[Corridor] = []
    right = origin.x
    top = origin.y + 2 * MARGIN
    for number, column in enumerate(columns):
        left = right + (gap_before(column, lanes, height) if number else 0.0)
        width = column.width
        middle = left + width / 2
        for order, row in enumerate(column.rows):
            at = Point(middle, top + (order + 0.5) * height / len(column.rows))
            boxes[row.box.key] = row.box._replace(at=at, size=Point(width, size_of(row.box).y))
            if row.above:
                size = size_of(row.above)
                raised = at.y - size_of(row.box).y / 2 - MARGIN - size.y / 2
                boxes[row.above.key] = row.above._replace(at=Point(middle, raised), size=size)
        keys = tuple(box.key for row in column.rows for box in row if box)
        groups.append(Group(column.title, keys, Point(middle, origin.y)))
        right = left + width
        heights = tuple(top + order * height / len(column.rows) for order in range(len(column.rows) + 1))
        corridors.append(Corridor(left - widest_label(column, lanes), right, heights))
    routed = Router(boxes, lanes, {key: number for key, (number, _) in rank.items()}, corridors).route(edges)
    return Placed(tuple(boxes.values()), routed, tuple(groups), Point(right, top + height))


def lanes_of(edges: Sequence[Edge], rank: Mapping[str, tuple[int, int]]) -> dict[tuple[str, bool], Lane]:
    """The lanes of every box, keyed by the box and by whether the edges come from the left.

    In a column that edges with labels lead to from the left, the others keep out of the way of the labels.
    """
    arriving: defaultdict[tuple[str, bool], list[int]] = defaultdict(list)
    sizes: defaultdict[int, list[Point]] = defaultdict(list)
    for number, edge in enumerate(edges):
        if edge.tail in rank:  # else it comes from a bias, right above
            forward = rank[edge.tail] < rank[edge.head]
            arriving[edge.head, forward].append(number)
            if edge.lines and forward:
                sizes[rank[edge.head][0]].append(label_size(edge.lines))
    lanes: dict[tuple[str, bool], Lane] = {}
    for (key, forward), numbers in arriving.items():
        labels = sizes[rank[key][0]] if forward else []
        room = ORIGIN
        if labels:
            written = any(edges[number].lines for number in numbers)
            room = Point(max(size.x for size in labels), max(size.y for size in labels) + 4 if written else THREAD)
        lanes[key, forward] = Lane(tuple(sorted(numbers, key=lambda number: rank[edges[number].tail])), room)
    return lanes


def room_of(column: Column, lanes: Mapping[tuple[str, bool], Lane]) -> float:
    """The height of a row of a column, with its boxes and the labels beside them."""
    stacks = [lanes[row.box.key, True].height for row in column.rows if (row.box.key, True) in lanes]
    return max([row.height for row in column.rows] + stacks) + MARGIN


def gap_before(column: Column, lanes: Mapping[tuple[str, bool], Lane], height: float) -> float:
    """How far a column stands from the one before it."""
    return min(max(0.16 * height, 50.0), 130.0) + widest_label(column, lanes)


def widest_label(column: Column, lanes: Mapping[tuple[str, bool], Lane]) -> float:
    """How far labels reach out to the left of a column."""
    widest = max((lanes[row.box.key, True].room.x for row in column.rows if (row.box.key, True) in lanes), default=0.0)
    return widest + FAN if widest else 0.0


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
