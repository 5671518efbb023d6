"""Placement of the boxes of a network in columns, and routing of its edges and their labels, without overlap.

The labels of the edges that lead to a box are stacked beside it, in the order of the boxes they come from, so labels
keep apart however many edges cross.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from minigrad.drawing.diagram import ORIGIN, Box, BoxGroup, Edge, EdgeKind, Point
from minigrad.drawing.style import box_size, label_size

MARGIN = 12.0
"""Least distance of two rows of a column, and of columns from what stands beside them."""
LABEL_GAP = 26.0
"""Distance of a stack of labels from its box, along which edges converge."""
EDGE_GAP = 5.0
"""Distance of edges without labels where they pass labels of others."""
PORT_SHARE = 0.6
"""Part of the side of a box on which edges arrive."""


class LayoutRow(NamedTuple):
    """One row of a column: a box, and a smaller one above it where it has a bias."""

    box: Box
    above: Box | None = None

    @property
    def height(self) -> float:
        """Return the height that the row needs, the same above and below the center of its box."""
        above = box_size(self.above).y + MARGIN if self.above else 0.0
        return box_size(self.box).y + 2 * above


class LayoutColumn(NamedTuple):
    """A column of a network: its title, and its rows from top to bottom."""

    title: str
    rows: tuple[LayoutRow, ...]


class PlacedNetwork(NamedTuple):
    """Boxes and edges at their positions, a group with its title for each column, and the lower right corner."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    groups: tuple[BoxGroup, ...]
    corner: Point


class Port(NamedTuple):
    """The edges that arrive at one side of a box, from top to bottom, and the size of each one's label."""

    edges: tuple[int, ...]
    label: Point = ORIGIN

    @property
    def height(self) -> float:
        """Return the height of the stack of labels."""
        return len(self.edges) * self.label.y


Ports = Mapping[tuple[str, bool], Port]
"""The ports of all boxes, by the key of the box and whether the edges come from the left."""


class Channel(NamedTuple):
    """Free passages across a column: from left of its labels to right of its boxes, at the heights between its rows."""

    left: float
    right: float
    heights: tuple[float, ...]


def place_columns(columns: Sequence[LayoutColumn], edges: Sequence[Edge]) -> PlacedNetwork:
    """Place every box, edge and label of a network, the upper left corner at the origin."""
    rank = {
        row.box.key: (number, order) for number, column in enumerate(columns) for order, row in enumerate(column.rows)
    }
    ports = collect_ports(edges, rank)
    height = max(row_height(column, ports) * len(column.rows) for column in columns)
    boxes: dict[str, Box] = {}
    groups: list[BoxGroup] = []
    channels: list[Channel] = []
    right, top = 0.0, 2 * MARGIN
    for number, column in enumerate(columns):
        gap = min(max(0.16 * height, 50.0), 130.0) if number else 0.0
        labels = labels_width(column, ports)
        left = right + (gap + labels if number else 0.0)
        width = max(box_size(box).x for row in column.rows for box in row if box)
        middle = left + width / 2
        for order, row in enumerate(column.rows):
            at = Point(middle, top + (order + 0.5) * height / len(column.rows))
            boxes[row.box.key] = row.box._replace(at=at, size=Point(width, box_size(row.box).y))
            if row.above:
                size = box_size(row.above)
                above = at.y - box_size(row.box).y / 2 - MARGIN - size.y / 2
                boxes[row.above.key] = row.above._replace(at=Point(middle, above), size=size)
        keys = tuple(box.key for row in column.rows for box in row if box)
        groups.append(BoxGroup(column.title, keys, Point(middle, 0.0)))
        right = left + width
        heights = tuple(top + order * height / len(column.rows) for order in range(len(column.rows) + 1))
        channels.append(Channel(left - labels, right, heights))
    router = EdgeRouter(boxes, ports, {key: number for key, (number, _) in rank.items()}, channels)
    return PlacedNetwork(tuple(boxes.values()), router.route(edges), tuple(groups), Point(right, top + height))


def collect_ports(edges: Sequence[Edge], rank: Mapping[str, tuple[int, int]]) -> Ports:
    """Return the ports of every box.

    In a column that edges with labels lead to from the left, the others keep clear of the labels.
    """
    arriving: defaultdict[tuple[str, bool], list[int]] = defaultdict(list)
    sizes: defaultdict[int, list[Point]] = defaultdict(list)
    for number, edge in enumerate(edges):
        if edge.tail in rank:  # else it comes from a bias, right above
            forward = rank[edge.tail] < rank[edge.head]
            arriving[edge.head, forward].append(number)
            if edge.lines and forward:
                sizes[rank[edge.head][0]].append(label_size(edge.lines))
    ports: dict[tuple[str, bool], Port] = {}
    for (key, forward), numbers in arriving.items():
        labels = sizes[rank[key][0]] if forward else []
        label = ORIGIN
        if labels:
            has_labels = any(edges[number].lines for number in numbers)
            height = max(size.y for size in labels) + 4 if has_labels else EDGE_GAP
            label = Point(max(size.x for size in labels), height)
        ports[key, forward] = Port(tuple(sorted(numbers, key=lambda number: rank[edges[number].tail])), label)
    return ports


def row_height(column: LayoutColumn, ports: Ports) -> float:
    """Return the height of a row of a column, with its boxes and the labels beside them."""
    stacks = [ports[row.box.key, True].height for row in column.rows if (row.box.key, True) in ports]
    return max([row.height for row in column.rows] + stacks) + MARGIN


def labels_width(column: LayoutColumn, ports: Ports) -> float:
    """Return how far labels reach out to the left of a column."""
    widths = [ports[row.box.key, True].label.x for row in column.rows if (row.box.key, True) in ports]
    widest = max(widths, default=0.0)
    return widest + LABEL_GAP if widest else 0.0


@dataclass(frozen=True)
class EdgeRouter:
    """The curves of edges; those that meet at a box arrive side by side."""

    boxes: Mapping[str, Box]
    ports: Ports
    columns: Mapping[str, int]
    channels: Sequence[Channel]
    used: Counter[tuple[int, float]] = field(default_factory=Counter)

    def route(self, edges: Sequence[Edge]) -> tuple[Edge, ...]:
        """Return the edges with their paths and the positions of their labels.

        An edge of δ runs beside the edge it goes back along, and is reversed in the end.
        """
        routed = [edge._replace(path=self.vertical_line(edge)) for edge in edges]
        for (key, _), port in self.ports.items():
            for order, number in enumerate(port.edges):
                routed[number] = self.route_edge(edges[number], key, port, order - (len(port.edges) - 1) / 2)
        return tuple(
            edge._replace(tail=edge.head, head=edge.tail, path=edge.path[::-1]) if edge.kind is EdgeKind.DELTA else edge
            for edge in routed
        )

    def vertical_line(self, edge: Edge) -> tuple[Point, ...]:
        """Return a straight line from a box to the one below it."""
        tail, head = self.boxes[edge.tail], self.boxes[edge.head]
        end = Point(head.at.x, head.at.y - head.size.y / 2)
        return straight_line(Point(tail.at.x, tail.at.y + tail.size.y / 2), end)

    def route_edge(self, edge: Edge, key: str, port: Port, shift: float) -> Edge:
        """Return one edge that arrives `shift` labels below the middle of its port."""
        head = self.boxes[key]
        start, end = attachment_points(self.boxes[edge.tail], head, shift * PORT_SHARE * head.size.y / len(port.edges))
        passed = range(self.columns[edge.tail] + 1, self.columns[key])
        if not port.label.x:
            return edge._replace(path=self.curve(start, end, passed))
        at = Point(end.x - LABEL_GAP - port.label.x / 2, head.at.y + shift * port.label.y)
        before, after = (Point(at.x + side * port.label.x / 2, at.y) for side in (-1, 1))
        path = (*self.curve(start, before, passed), *straight_line(before, after)[1:], *s_curve(after, end)[1:])
        return edge._replace(path=path, label_at=at if edge.lines else None)

    def curve(self, start: Point, end: Point, passed: range) -> tuple[Point, ...]:
        """Return the curve from one point to another, across the columns in between."""
        path: tuple[Point, ...] = (start,)
        for number in passed:
            channel = self.channels[number]
            ideal = start.y + (end.y - start.y) * (channel.left - start.x) / (end.x - start.x)
            height = min(channel.heights, key=lambda height: abs(height - ideal))
            offset = self.used[number, height] % 5 - 2  # some edges run side by side
            self.used[number, height] += 1
            enter, leave = (Point(x, height + 2.5 * offset) for x in (channel.left, channel.right))
            path = (*path, *s_curve(path[-1], enter)[1:], *straight_line(enter, leave)[1:])
        return (*path, *s_curve(path[-1], end)[1:])


def attachment_points(tail: Box, head: Box, shift: float) -> tuple[Point, Point]:
    """Return where an edge leaves its tail and reaches its head, on the sides that face each other."""
    side = 1 if head.at.x > tail.at.x else -1
    start = Point(tail.at.x + side * tail.size.x / 2, tail.at.y)
    return start, Point(head.at.x - side * head.size.x / 2, head.at.y + shift)


def straight_line(start: Point, end: Point) -> tuple[Point, ...]:
    """Return a straight line as the four control points of a Bézier curve."""
    return tuple(
        Point(start.x + (end.x - start.x) * part / 3, start.y + (end.y - start.y) * part / 3) for part in range(4)
    )


def s_curve(start: Point, end: Point) -> tuple[Point, ...]:
    """Return a curve that leaves and arrives horizontally."""
    middle = (start.x + end.x) / 2
    return start, Point(middle, start.y), Point(middle, end.y), end
