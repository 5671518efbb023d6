"""Where the boxes, edges and labels of a network stand, so that nothing lies on top of anything else.

All is computed for layers that follow one another to the right, `x` along the flow and `y` across it; for layers that
follow one another downwards the two change places in the end. Edges run straight from box to box between two layers.
What is written about an edge stands on its last stretch, before the box it leads to, one label below the other, so
labels keep apart however many edges cross. An output that is read further on goes around the layers in between, on a
path that its edges share until it fans out before the readers; so does one that is read in the next row of a network
that is wrapped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from minigrad.drawing.diagram import ORIGIN, Point
from minigrad.drawing.neurons.layer_rows import Extent, LayerRow, choose_rows, column_gap
from minigrad.drawing.settings import Direction

ROW_GAP, TARGET_GAP = 16.0, 7.0
"""Least distance of two boxes of a layer, and of targets from their loss and from each other."""
TRACK = 7.0
"""Distance of shared paths beside each other."""
TITLE_SPACE = 22.0
"""Space before a layer for its title, across the flow."""
PORT_PITCH, EXIT_PITCH = 8.0, 11.0
"""Distance of edges without labels where they arrive, and of edges with a way back where they leave."""
BUS = 9.0
"""Distance of the line that collects the targets from the side of their loss."""


class Item(NamedTuple):
    """A box of a layer; a target is `attached` to the loss before it."""

    key: str
    size: Point
    attached: bool = False


class Inlet(NamedTuple):
    """An edge into a box: the length of its label, its height above the line and below, whether it leads back.

    The edge of a bias has no tail.
    """

    tail: str
    head: str
    length: float = 0.0
    above: float = PORT_PITCH / 2
    below: float = PORT_PITCH / 2
    returns: bool = False

    @property
    def height(self) -> float:
        """Return the space that the edge needs where it arrives."""
        return self.above + self.below


class Route(NamedTuple):
    """The way of an edge: the path that it shares with others of its tail, then its own line; and where its label is.

    The label stands around the line, its middle at `label_at`.
    """

    shared_path: tuple[Point, ...]
    path: tuple[Point, ...]
    label_at: Point


class NetworkLayout(NamedTuple):
    """Centers and sizes of boxes, routes of edges, the places of the titles of layers, the size of it all, the rows."""

    at: dict[str, Point]
    sizes: dict[str, Point]
    routes: tuple[Route, ...]
    titles: tuple[Point, ...]
    size: Point
    rows: tuple[LayerRow, ...]


def lay_out_network(
    columns: Sequence[Sequence[Item]], inlets: Sequence[Inlet], width: float, direction: Direction
) -> NetworkLayout:
    """Return the layout of a network, wrapped into rows where it is wider than the width and runs to the right."""
    if direction == "right":
        return LayoutBuilder(columns, inlets, width).layout()
    turned = [[item._replace(size=turn(item.size)) for item in column] for column in columns]
    layout = LayoutBuilder(turned, inlets, float("inf")).layout()
    routes = tuple(
        Route(tuple(map(turn, shared_path)), tuple(map(turn, path)), turn(label_at))
        for shared_path, path, label_at in layout.routes
    )
    return NetworkLayout(
        {key: turn(at) for key, at in layout.at.items()},
        {key: turn(size) for key, size in layout.sizes.items()},
        routes,
        tuple(map(turn, layout.titles)),
        turn(layout.size),
        layout.rows,
    )


def turn(point: Point) -> Point:
    """Return a point with its coordinates exchanged."""
    return Point(point.y, point.x)


class LayoutBuilder:
    """Builds the layout of a network whose layers follow one another to the right, row after row."""

    def __init__(self, columns: Sequence[Sequence[Item]], inlets: Sequence[Inlet], width: float) -> None:
        self.columns, self.inlets = columns, inlets
        self.at: dict[str, Point] = {}
        self.sizes: dict[str, Point] = {}
        self.lefts: dict[int, float] = {}
        """Where the labels of each layer begin."""
        self.ways: dict[str, tuple[Point, ...]] = {}
        """The shared path of each box, as far as it is led so far."""
        self.shared_paths: dict[tuple[str, int], tuple[Point, ...]] = {}
        """The shared path of a box up to where it fans out to the readers in a layer."""
        self.column_of = {item.key: number for number, column in enumerate(columns) for item in column}
        self.arriving: defaultdict[str, list[int]] = defaultdict(list)
        self.readers: defaultdict[str, list[int]] = defaultdict(list)
        labels = [0.0] * len(columns)
        for number, (tail, head, length, *_) in enumerate(inlets):
            column = self.column_of[head]
            if tail and self.column_of[tail] == column:
                continue  # from a target to its loss
            self.arriving[head].append(number)
            labels[column] = max(labels[column], length)
            if tail:
                self.readers[tail].append(column)
        boxes = [max(item.size.x for item in column) + 2 * BUS * has_bus(column) for column in columns]
        self.extents = tuple(map(Extent, labels, boxes))
        self.margin = 0.0
        self.rows = choose_rows(self.extents, tied_columns(columns), width)
        if len(self.rows) > 1:
            most = max(len(self.read_behind(column)) for row in self.rows for column in row)
            self.margin = TRACK * (most + 2)
            self.rows = choose_rows(self.extents, tied_columns(columns), width - 2 * self.margin)
        self.room = width - 2 * self.margin

    def layout(self) -> NetworkLayout:
        """Return the layout."""
        right = max(self.place_along(row) for row in self.rows)
        titles: list[Point] = []
        top, entering = 0.0, list[str]()
        for row, following in zip(self.rows, (*self.rows[1:], None), strict=True):
            top += TITLE_SPACE
            titles += [Point(self.box_left(column) + self.extents[column].boxes / 2, top - 10.0) for column in row]
            bottom = self.place_across(row, top)
            self.enter_row(entering, top, bottom)
            top = self.pass_layers(row, bottom)
            entering = self.read_behind(row[-1])
            if following:
                top = self.turn_around(entering, top, right)
        return NetworkLayout(
            self.at, self.sizes, self.routes(), tuple(titles), Point(right + self.margin, top), self.rows
        )

    def read_behind(self, column: int) -> list[str]:
        """Return the boxes up to a layer that are read behind it, from top to bottom."""
        keys = [key for key, read in self.readers.items() if self.column_of[key] <= column < max(read)]
        return sorted(keys, key=lambda key: self.end_of_path(key).y) if self.at else keys

    def end_of_path(self, key: str) -> Point:
        """Return the point up to which the output of a box is led so far."""
        return self.ways[key][-1] if key in self.ways else self.right_side(key)

    def right_side(self, key: str) -> Point:
        """Return the middle of the right side of a box."""
        return Point(self.at[key].x + self.sizes[key].x / 2, self.at[key].y)

    def box_left(self, column: int) -> float:
        """Return where the boxes of a layer begin."""
        return self.lefts[column] + self.extents[column].labels

    def place_along(self, row: LayerRow) -> float:
        """Set where the layers of a row begin, and return where the row ends."""
        gap = column_gap(self.extents, row, self.room)
        x = self.margin - (0.0 if row[0] else gap)
        for column in row:
            self.lefts[column] = x + gap
            x += gap + sum(self.extents[column])
        return x

    def place_across(self, row: LayerRow, top: float) -> float:
        """Set the positions of the boxes of a row, and return where it ends."""
        for column in row:
            for item in self.columns[column]:
                width = item.size.x if item.attached else self.extents[column].boxes
                height = sum(self.inlets[number].height for number in self.arriving[item.key])
                self.sizes[item.key] = Point(width, max(item.size.y, height))
        height = max(map(self.natural_height, row))
        for column in row:
            items = self.columns[column]
            free = height - self.natural_height(column)
            spread = 0.0 if any(item.attached for item in items) else free / len(items)
            y = top + (spread / 2 if spread else self.first_offset(column, height, free))
            middle = self.box_left(column) + self.extents[column].boxes / 2
            for number, item in enumerate(items):
                size = self.sizes[item.key]
                y += self.gap_before(column, item) if number else 0.0
                self.at[item.key] = Point(middle + BUS * (item.attached and has_bus(items)), y + size.y / 2)
                y += size.y + spread
        return top + height

    def natural_height(self, column: int) -> float:
        """Return the height of a layer whose boxes stand as close together as they may."""
        first, *others = self.columns[column]
        heights = [self.gap_before(column, item) + self.sizes[item.key].y for item in others]
        return self.sizes[first.key].y + sum(heights)

    def gap_before(self, column: int, item: Item) -> float:
        """Return the distance of a box from the one above it; outputs that are read further on pass between them."""
        if item.attached:
            return TARGET_GAP + 12.0 * (not has_bus(self.columns[column]))
        passing = sum(self.column_of[key] < column < max(read) for key, read in self.readers.items())
        return ROW_GAP + TRACK * -(-passing // len(self.columns[column]))

    def first_offset(self, column: int, height: float, free: float) -> float:
        """Return how far below the top a layer with targets begins, so that its loss stands in the middle."""
        items = self.columns[column]
        if sum(not item.attached for item in items) > 1:
            return free / 2
        return min((height - self.sizes[items[0].key].y) / 2, free)

    def pass_layers(self, row: LayerRow, bottom: float) -> float:
        """Lead the outputs that are read further on across the layers of a row; return where it all ends."""
        lowest = bottom
        for column in row:
            sources = [key for key in self.read_behind(column) if self.column_of[key] < column]
            for key in self.readers:
                if self.column_of[key] < column and key in self.ways:
                    self.shared_paths[key, column] = self.ways[key]
            tracks = self.choose_tracks(column, sources, bottom)
            left, right = self.lefts[column] - 2.0, self.box_left(column) + self.extents[column].boxes + 2.0
            for key, y in tracks.items():
                way = self.ways.get(key, (self.right_side(key),))
                self.ways[key] = (*way, Point(left, y), Point(right, y))
                lowest = max(lowest, y + TRACK)
        return lowest

    def choose_tracks(self, column: int, sources: Sequence[str], bottom: float) -> dict[str, float]:
        """Return at which height each output passes a layer: in the nearest free gap, or below the layer.

        Nothing passes between a loss and its targets.
        """
        items = self.columns[column]
        edges = [(self.at[item.key].y, self.sizes[item.key].y / 2) for item in items]
        gaps = [
            (above + half, below - other)
            for (above, half), (below, other), item in zip(edges, edges[1:], items[1:], strict=False)
            if not item.attached
        ]
        gaps.append((edges[-1][0] + edges[-1][1], float("inf")))
        lanes: list[list[str]] = [[] for _ in gaps]
        for key in sources:
            y = self.end_of_path(key).y

            def distance(number: int, y: float = y) -> float:
                upper, lower = gaps[number]
                if (len(lanes[number]) + 1) * TRACK > lower - upper:
                    return float("inf")
                return max(upper - y, y - lower, 0.0)

            lanes[min(range(len(gaps)), key=distance)].append(key)
        tracks: dict[str, float] = {}
        for (upper, lower), keys in zip(gaps, lanes, strict=True):
            if not keys:
                continue
            span = TRACK * (len(keys) - 1)
            ideal = sum(self.end_of_path(key).y for key in keys) / len(keys) - span / 2
            first = (
                max(upper + TRACK, min(ideal, lower - TRACK - span))
                if lower - upper > span + 2 * TRACK
                else (upper + lower - span) / 2
            )
            tracks |= {key: first + order * TRACK for order, key in enumerate(keys)}
        return tracks

    def turn_around(self, sources: Sequence[str], top: float, right: float) -> float:
        """Lead outputs that are read in the next row around to its left, without a crossing; return where that ends."""
        for order, key in enumerate(sources):
            inner = TRACK * (len(sources) - order)
            way = self.ways.get(key, (self.right_side(key),))
            out, gutter = right + inner + TRACK, top + inner
            self.ways[key] = (*way, Point(out, way[-1].y), Point(out, gutter), Point(inner, gutter))
        return top + TRACK * (len(sources) + 1)

    def enter_row(self, sources: Sequence[str], top: float, bottom: float) -> None:
        """Lead outputs that come from the row before to where they fan out to the layers of this one."""
        for order, key in enumerate(sources):
            y = top + (bottom - top) * (order + 0.5) / len(sources)
            way = self.ways[key]
            self.ways[key] = (*way, Point(way[-1].x, y), Point(self.margin, y))

    def routes(self) -> tuple[Route, ...]:
        """Return the route of every edge."""
        routes: dict[int, Route] = {}
        ends = dict(self.ports())
        starts = self.exits(ends)
        for number, (tail, head, *_) in enumerate(self.inlets):
            if number not in ends:
                routes[number] = Route((), tuple(self.way_to_loss(tail, head)), ORIGIN)
                continue
            port, end = ends[number]
            shared_path = self.shared_paths.get((tail, self.column_of[head]), ())
            stretch = (port, end) if port.x < end.x else (end,)
            path = (shared_path[-1], *stretch) if shared_path else (starts[number], *stretch) if tail else stretch
            routes[number] = Route(shared_path, path, Point((port.x + end.x) / 2, port.y))
        return tuple(routes[number] for number in range(len(self.inlets)))

    def ports(self) -> Iterator[tuple[int, tuple[Point, Point]]]:
        """Yield where the last stretch of every edge begins and ends, from top to bottom in the order they come."""
        for key, numbers in self.arriving.items():
            column = self.column_of[key]
            left = self.box_left(column)
            inlets = {number: self.inlets[number] for number in numbers}
            y = self.at[key].y - sum(inlet.height for inlet in inlets.values()) / 2
            for number in sorted(numbers, key=lambda number: self.arrival(number, column)):
                line = y + inlets[number].above
                y += inlets[number].height
                yield number, (Point(self.lefts[column], line), Point(left, line))

    def arrival(self, number: int, column: int) -> float:
        """Return at which height an edge comes to a layer; a bias stands above all others."""
        tail = self.inlets[number].tail
        if not tail:
            return float("-inf")
        shared_path = self.shared_paths.get((tail, column))
        return shared_path[-1].y if shared_path else self.at[tail].y

    def exits(self, ends: Mapping[int, tuple[Point, Point]]) -> dict[int, Point]:
        """Return where every edge that runs straight to the next layer leaves its box."""
        leaving: defaultdict[str, list[int]] = defaultdict(list)
        for number in ends:
            tail, head = self.inlets[number][:2]
            if tail and (tail, self.column_of[head]) not in self.shared_paths:
                leaving[tail].append(number)
        starts: dict[int, Point] = {}
        for tail, numbers in leaving.items():
            side, height = self.right_side(tail), self.sizes[tail].y
            returns = any(self.inlets[number].returns for number in numbers)
            pitch = min(EXIT_PITCH, 0.8 * height / len(numbers)) if returns else min(4.0, 0.5 * height / len(numbers))
            for order, number in enumerate(sorted(numbers, key=lambda number: ends[number][0].y)):
                starts[number] = Point(side.x, side.y + (order - (len(numbers) - 1) / 2) * pitch)
        return starts

    def way_to_loss(self, tail: str, head: str) -> Iterator[Point]:
        """Yield the way from a target to the loss above it, or to another loss of the same layer."""
        items = self.columns[self.column_of[tail]]
        at, loss, size, loss_size = self.at[tail], self.at[head], self.sizes[tail], self.sizes[head]
        keys = [item.key for item in items]
        between = items[keys.index(head) + 1 : keys.index(tail)] if keys.index(head) < keys.index(tail) else items[:1]
        if not all(item.attached for item in between):  # past other losses, on the right
            lane = self.box_left(self.column_of[tail]) + self.extents[self.column_of[tail]].boxes + 12.0
            yield from (Point(at.x + size.x / 2, at.y), Point(lane, at.y))
            yield from (Point(lane, loss.y), Point(loss.x + loss_size.x / 2, loss.y))
        elif has_bus(items):
            bus = self.box_left(self.column_of[tail]) + BUS
            yield from (Point(at.x - size.x / 2, at.y), Point(bus, at.y), Point(bus, loss.y + loss_size.y / 2))
        else:
            yield from (Point(at.x, at.y - size.y / 2), Point(at.x, loss.y + loss_size.y / 2))


def has_bus(column: Sequence[Item]) -> bool:
    """Return whether targets of a layer are collected by a line beside them, since there are several for one loss."""
    return any(item.attached and after.attached for item, after in pairwise(column))


def tied_columns(columns: Sequence[Sequence[Item]]) -> int:
    """Return how many of the last layers stay in one row: the outputs, and from the first loss on."""
    with_targets = (number for number, column in enumerate(columns) if any(item.attached for item in column))
    first = next(with_targets, len(columns))
    return min(len(columns) - first + 1, len(columns))
