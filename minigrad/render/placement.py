"""Where the boxes of a network stand: columns at equal heights, every number on its own edge, nothing on top of it.

What is written on the edges that lead to a box is stacked beside it, in the order of the boxes they come from, so
labels keep apart however many edges cross.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from minigrad.render.diagram import ORIGIN, Box, Edge, Group, Point
from minigrad.render.routing import FAN, THREAD, Corridor, Lane, Router
from minigrad.render.style import label_size, size_of

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
