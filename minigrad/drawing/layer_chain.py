"""The figure of the layer view: a chain of boxes downwards or in rows, with bars for the mean |δ| of each layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import NamedTuple

from minigrad.drawing.diagram import Box, Point, Role
from minigrad.drawing.figure import Anchor, Area, Color, Figure, Head, Part, Rectangle, Shape, Stroke, Text
from minigrad.drawing.figure_builder import NARROW, FigureBuilder
from minigrad.drawing.marks import highlight_behind, number_shapes, stripes
from minigrad.drawing.numbers import format_computed, largest_magnitude
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.style import BOX_STYLES
from minigrad.drawing.text_layout import bold, line_width, notation, words

TITLE_SIZE, TEXT_SIZE, COUNT_SIZE = 12.0, 11.0, 10.0
LANE = 15.0
"""Distance of two edges that run beside each other, past layers."""
ROW_HEIGHT, NARROW_ROW_HEIGHT, ROW_GAP = 38.0, 54.0, 24.0
"""Height of a layer in a chain that runs downwards, on wide and on narrow pages, and the distance of two."""
BOX, BOX_GAP = Point(160.0, 118.0), 34.0
"""Size of a layer in a chain that runs in rows, and the least distance of two."""
LOSS_HEIGHT, TARGET_HEIGHT = 54.0, 44.0
"""Heights of a loss and of its targets below it."""
MOST_ROWS = 2
"""Rows up to which layers run to the right where no direction is asked for."""
BAR_HEIGHT = 11.0
Counts = Mapping[tuple[int, int], int]


class LayerStatistics(NamedTuple):
    """What is said about a layer; None for what it has not, or what is not known.

    Args:
        key: The key of its box.
        title: Its size and its activation.
        role: What it is.
        weights: How many weights its neurons have; None where it has no neurons.
        biases: How many biases.
        mean_weight: The mean |w|.
        mean_output: The mean of the magnitudes of its outputs.
        mean_delta: The mean |δ| of its neurons.
        delta_name: "mean |δ|", or "mean |⟨δ⟩|" where a δ is known only as the mean of those of the samples.
        loss: The value of a loss, with its name; "" for any other layer.
        highlighted: Whether it is marked.
    """

    key: str
    title: str
    role: Role
    weights: int | None
    biases: int | None
    mean_weight: float | None
    mean_output: float | None
    mean_delta: float | None
    delta_name: str
    loss: str
    highlighted: bool

    @property
    def has_neurons(self) -> bool:
        """Return whether it has weights and δ."""
        return self.weights is not None

    def numbers(self, settings: DrawSettings) -> list[tuple[str, float | None]]:
        """Return its means with their names."""
        output = (settings.say("mean |output|"), self.mean_output)
        if not self.has_neurons:
            return [] if self.loss else [(settings.say("mean |value|"), self.mean_output)]
        return [(settings.say("mean |w|"), self.mean_weight), output, (settings.say(self.delta_name), self.mean_delta)]

    def parameters(self, settings: DrawSettings) -> str:
        """Return how many parameters it has."""
        if self.weights is None or self.biases is None:
            return ""
        weights, biases = f"{self.weights:,} {settings.say('weights')}", f"{self.biases:,} {settings.say('biases')}"
        return f"{weights}, {biases}"

    def box(self, settings: DrawSettings) -> Box:
        """Return its box for Graphviz, Mermaid and text."""
        fields = [(name, format_computed(number, settings.digits)) for name, number in self.numbers(settings)]
        if self.has_neurons:
            fields[:0] = [(settings.say("weights"), f"{self.weights:,}"), (settings.say("biases"), f"{self.biases:,}")]
        if self.loss:
            name, _, number = self.loss.partition(" = ")
            fields = [(name, number)]
        return Box(self.key, (self.title,), tuple(fields), self.role, highlighted=self.highlighted)

    def label(self, settings: DrawSettings) -> str:
        """Return what screen readers and tooltips tell."""
        numbers = [f"{name} {format_computed(number, settings.digits)}" for name, number in self.numbers(settings)]
        return ", ".join(filter(None, [self.title, self.parameters(settings), *numbers, self.loss]))


class Bounds(NamedTuple):
    """The corner and the size of the box of a layer."""

    corner: Point
    size: Point

    @property
    def middle(self) -> Point:
        """Return its middle."""
        return Point(self.corner.x + self.size.x / 2, self.corner.y + self.size.y / 2)

    @property
    def end(self) -> Point:
        """Return its lower right corner."""
        return Point(self.corner.x + self.size.x, self.corner.y + self.size.y)


def layer_figure(
    layers: Sequence[LayerStatistics], counts: Counts, settings: DrawSettings, legend: Sequence[str]
) -> Figure:
    """Return the figure of a chain of layers; `counts` are the connections from each layer to each other."""
    builder = FigureBuilder(settings)
    gap = max([BOX_GAP, *(line_width(words(f"{count:,}"), COUNT_SIZE) + 10.0 for count in counts.values())])
    in_row = max(int((settings.width - 2 * builder.margin + gap) / (BOX.x + gap)), 1)
    past = [edge for edge in counts if abs(edge[1] - edge[0]) > 1]
    fits = len(layers) <= MOST_ROWS * in_row and not past and in_row > 1
    if settings.direction == "right" or (settings.direction is None and fits):
        builder.add(*chain_in_rows(layers, counts, settings, builder.top, in_row, gap))
    else:
        builder.add(*chain_downwards(layers, counts, settings, builder.top))
    builder.legend([], legend)
    return builder.figure(settings.say("The layers of a network"), "  ".join(layer.label(settings) for layer in layers))


def largest_delta(layers: Sequence[LayerStatistics]) -> float:
    """Return the largest finite mean |δ|."""
    return largest_magnitude(layer.mean_delta for layer in layers)


def layer_outline(layer: LayerStatistics, bounds: Bounds) -> Iterator[Shape]:
    """Yield the outline of a layer."""
    style = BOX_STYLES[layer.role]
    if layer.highlighted:
        yield highlight_behind(bounds.corner, bounds.size)
    radius = 5.0 if style.rounded else 0.0
    yield Rectangle(bounds.corner, bounds.size, style.fill, style.stroke, style.width, radius, style.dash)


def delta_bar(corner: Point, width: float, number: float | None, largest: float) -> Iterator[Shape]:
    """Yield the bar of a mean |δ|, in the frame of the largest one; hatched where it is not finite."""
    frame = Point(width, BAR_HEIGHT)
    yield Rectangle(corner, frame, Color.PAPER, Color.RULE, 0.8)
    if number is None:
        return
    if not isfinite(number):
        yield Area(tuple(stripes(corner, frame)), Color.INK)
    elif largest:
        yield Rectangle(
            corner, Point(max(width * number / largest, 0.6 if number else 0.0), BAR_HEIGHT), Color.BACKWARD
        )


def chain_downwards(
    layers: Sequence[LayerStatistics], counts: Counts, settings: DrawSettings, top: float
) -> tuple[list[Shape], float]:
    """Return the layers one below the other, edges past layers at their left, and where they end."""
    margin = FigureBuilder(settings).margin
    lanes = edge_lanes([edge for edge in counts if abs(edge[1] - edge[0]) > 1])
    left = margin + LANE * (max(lanes.values(), default=-1) + 1)
    width = settings.width - margin - left
    is_narrow = settings.width < NARROW
    height = NARROW_ROW_HEIGHT if is_narrow else ROW_HEIGHT
    shares = (0.03, 0.27, 0.52) if is_narrow else (0.34, 0.5, 0.64)
    columns = [left + width * share for share in shares]
    top += 14.0
    shapes: list[Shape] = []
    for x, name in zip(columns, ("mean |w|", "mean |output|", "mean |δ|"), strict=True):
        color = Color.BACKWARD if "δ" in name else Color.MUTED
        shapes.append(Text(Point(x, top), notation(settings.say(name)), TEXT_SIZE, color))
    all_bounds = [
        Bounds(Point(left, top + 8.0 + number * (height + ROW_GAP)), Point(width, height))
        for number in range(len(layers))
    ]
    for layer, bounds in zip(layers, all_bounds, strict=True):
        shapes.append(
            Part(
                layer.label(settings), tuple(layer_row_shapes(layer, bounds, columns, largest_delta(layers), settings))
            )
        )
    for edge, count in counts.items():
        tail, head = all_bounds[edge[0]], all_bounds[edge[1]]
        if edge in lanes:
            x = left - LANE * (lanes[edge] + 0.5)
            shift = 5.0 if edge[0] < edge[1] else -5.0
            points = (
                Point(left, tail.middle.y + shift),
                Point(x, tail.middle.y + shift),
                Point(x, head.middle.y - shift),
                Point(left, head.middle.y - shift),
            )
            middle = Point(x - 3.0, (tail.middle.y + head.middle.y) / 2)
            shapes += arrow(points, count)
            shapes.append(Text(middle, words(f"{count:,}"), COUNT_SIZE, Color.MUTED, Anchor.MIDDLE, -90.0))
        else:
            x = left + 26.0
            start, end = (tail.end.y, head.corner.y) if edge[0] < edge[1] else (tail.corner.y, head.end.y)
            shapes += arrow((Point(x, start), Point(x, end)), count)
            at = Point(x + 9.0, (start + end) / 2 + 0.36 * COUNT_SIZE)
            shapes.append(Text(at, words(f"{count:,}"), COUNT_SIZE, Color.MUTED))
    return shapes, all_bounds[-1].end.y + 16.0


def layer_row_shapes(
    layer: LayerStatistics, bounds: Bounds, columns: Sequence[float], largest: float, settings: DrawSettings
) -> Iterator[Shape]:
    """Yield a layer as a row of a table: its name, its parameters, its means, a bar for δ."""
    yield from layer_outline(layer, bounds)
    is_narrow = settings.width < NARROW
    left, middle = bounds.corner.x + 10.0, bounds.middle.y
    parameters = layer.parameters(settings)
    if is_narrow:
        yield Text(Point(left, bounds.corner.y + 17.0), bold(layer.title), TITLE_SIZE)
        if parameters:
            at = Point(bounds.end.x - 10.0, bounds.corner.y + 17.0)
            yield Text(at, words(parameters), COUNT_SIZE, Color.MUTED, Anchor.END)
        baseline = bounds.end.y - 13.0
    else:
        yield Text(Point(left, middle + (-3.0 if parameters else 4.0)), bold(layer.title), TITLE_SIZE)
        yield Text(Point(left, middle + 12.0), words(parameters), COUNT_SIZE, Color.MUTED)
        baseline = middle + 4.0
    if layer.loss:
        yield from number_shapes(Point(columns[1], baseline), layer.mean_output, notation(layer.loss), TITLE_SIZE)
        return
    for x, number in zip(columns, (layer.mean_weight, layer.mean_output), strict=False):
        if layer.has_neurons or x == columns[1]:
            line = notation(format_computed(number, settings.digits))
            yield from number_shapes(Point(x, baseline), number, line, TITLE_SIZE)
    if layer.has_neurons:
        line = notation(format_computed(layer.mean_delta, settings.digits))
        right = bounds.end.x - 10.0
        room = max(line_width(line, TITLE_SIZE), 62.0)
        yield from number_shapes(Point(right, baseline), layer.mean_delta, line, TITLE_SIZE, Color.BACKWARD, Anchor.END)
        bar = Point(columns[2], baseline - 4.0 - BAR_HEIGHT / 2)
        yield from delta_bar(bar, right - room - 8.0 - columns[2], layer.mean_delta, largest)


def chain_in_rows(
    layers: Sequence[LayerStatistics], counts: Counts, settings: DrawSettings, top: float, in_row: int, gap: float
) -> tuple[list[Shape], float]:
    """Return the layers in rows, from left to right, edges past layers between the rows, and where they end."""
    margin = FigureBuilder(settings).margin
    slots = layer_slots(layers)
    rows = [slot // in_row for slot in slots]
    around = [edge for edge in counts if is_around(slots, rows, edge)]
    gaps = {edge: gaps_of(rows, edge) for edge in around}
    far = [edge for edge in around if len(gaps[edge]) > 1]
    left = margin + LANE * len(far)
    tops: list[float] = []
    for row in range(rows[-1] + 1):
        used = sum(row in gaps[edge] for edge in around)
        space = 18.0 + LANE * used if used or tops else 0.0
        tops.append((tops[-1] + BOX.y if tops else top) + space)
    corners = [Point(left + slot % in_row * (BOX.x + gap), tops[slot // in_row]) for slot in slots]
    sizes = [BOX if layer.has_neurons else Point(BOX.x, LOSS_HEIGHT) for layer in layers]
    all_bounds = [Bounds(corner, size) for corner, size in zip(corners, sizes, strict=True)]
    if len(set(slots)) < len(slots):  # targets below their loss
        upper, lower = all_bounds[-2].corner, Point(corners[-1].x, corners[-1].y + BOX.y - TARGET_HEIGHT)
        all_bounds[-2:] = [Bounds(upper, Point(BOX.x, LOSS_HEIGHT)), Bounds(lower, Point(BOX.x, TARGET_HEIGHT))]
    shapes: list[Shape] = []
    for layer, bounds in zip(layers, all_bounds, strict=True):
        shapes.append(
            Part(layer.label(settings), tuple(layer_box_shapes(layer, bounds, largest_delta(layers), settings)))
        )
    taken = [0] * len(tops)
    for edge, count in counts.items():
        tail, head = all_bounds[edge[0]], all_bounds[edge[1]]
        if edge not in around:
            shapes += short_arrow(tail, head, count)
            continue
        levels: list[float] = []
        for row in gaps[edge]:
            taken[row] += 1
            levels.append(tops[row] - 10.0 - LANE * (taken[row] - 0.5))
        is_downward = rows[edge[0]] < rows[edge[1]]
        start = Point(tail.middle.x + 12.0, tail.end.y if is_downward else tail.corner.y)
        end = Point(head.middle.x - 12.0, head.corner.y)
        points = [start, Point(start.x, levels[0])]
        if len(levels) > 1:
            x = left - LANE * (far.index(edge) + 0.7)
            points += [Point(x, levels[0]), Point(x, levels[1])]
        shapes += arrow((*points, Point(end.x, levels[-1]), end), count)
        at = Point(end.x - 4.0, levels[-1] - 3.0)
        shapes.append(Text(at, words(f"{count:,}"), COUNT_SIZE, Color.MUTED, Anchor.END))
    return shapes, max(bounds.end.y for bounds in all_bounds) + 16.0


def layer_slots(layers: Sequence[LayerStatistics]) -> list[int]:
    """Return the position of each layer in the chain; targets stand below the loss that they belong to."""
    slots = list(range(len(layers)))
    if len(layers) > 1 and (layers[-2].role, layers[-1].role) == (Role.LOSS, Role.TARGET):
        slots[-1] = slots[-2]
    return slots


def is_around(slots: Sequence[int], rows: Sequence[int], edge: tuple[int, int]) -> bool:
    """Return whether an edge leads past a layer, or into another row."""
    tail, head = edge
    return abs(slots[head] - slots[tail]) > 1 or rows[tail] != rows[head]


def gaps_of(rows: Sequence[int], edge: tuple[int, int]) -> list[int]:
    """Return the gaps above rows that an edge past layers runs through: those next to its tail and above its head."""
    tail, head = rows[edge[0]], rows[edge[1]]
    return list(dict.fromkeys([tail + 1 if tail < head else tail, head]))


def short_arrow(tail: Bounds, head: Bounds, count: int) -> Iterator[Shape]:
    """Yield the arrow between two boxes beside each other, or from targets up to their loss."""
    if tail.corner.x == head.corner.x:
        x = tail.middle.x
        yield from arrow((Point(x, tail.corner.y), Point(x, head.end.y)), count)
        at = Point(x + 8.0, (tail.corner.y + head.end.y) / 2 + 0.36 * COUNT_SIZE)
        yield Text(at, words(f"{count:,}"), COUNT_SIZE, Color.MUTED)
        return
    y = tail.corner.y + LOSS_HEIGHT / 2
    start, end = (tail.end.x, head.corner.x) if tail.corner.x < head.corner.x else (tail.corner.x, head.end.x)
    yield from arrow((Point(start, y), Point(end, y)), count)
    yield Text(Point((start + end) / 2, y - 6.0), words(f"{count:,}"), COUNT_SIZE, Color.MUTED, Anchor.MIDDLE)


def layer_box_shapes(layer: LayerStatistics, bounds: Bounds, largest: float, settings: DrawSettings) -> Iterator[Shape]:
    """Yield a layer as a box: its name, its parameters, its means below each other, and a bar for δ."""
    yield from layer_outline(layer, bounds)
    left, right, y = bounds.corner.x + 10.0, bounds.end.x - 10.0, bounds.corner.y + 18.0
    yield Text(Point(bounds.middle.x, y), bold(layer.title), TITLE_SIZE, anchor=Anchor.MIDDLE)
    if layer.loss:
        at = Point(bounds.middle.x, y + 20.0)
        yield from number_shapes(at, layer.mean_output, notation(layer.loss), TITLE_SIZE, anchor=Anchor.MIDDLE)
    if layer.has_neurons:
        y += 15.0
        yield Text(Point(bounds.middle.x, y), words(layer.parameters(settings)), COUNT_SIZE, Color.MUTED, Anchor.MIDDLE)
        y += 4.0
    for name, number in layer.numbers(settings):
        y += 16.0
        color = Color.BACKWARD if "δ" in name else Color.INK
        yield Text(Point(left, y), notation(name), TEXT_SIZE, color if color is Color.BACKWARD else Color.MUTED)
        line = notation(format_computed(number, settings.digits))
        yield from number_shapes(Point(right, y), number, line, TEXT_SIZE, color, Anchor.END)
    if layer.has_neurons:
        yield from delta_bar(Point(left, bounds.end.y - BAR_HEIGHT - 8.0), right - left, layer.mean_delta, largest)


def arrow(points: tuple[Point, ...], count: int) -> list[Shape]:
    """Return an arrow along points, with its number of connections as its label."""
    return [Part(f"{count:,}", (Stroke(points, Color.INK, 1.3, head=Head.FORWARD),))]


def edge_lanes(edges: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Return the lane of each edge that runs past layers: the first in which it meets no other one."""
    lanes: list[list[tuple[int, int]]] = []
    numbers: dict[tuple[int, int], int] = {}
    for edge in sorted(edges, key=lambda edge: (abs(edge[1] - edge[0]), edge)):
        low, high = sorted(edge)
        free = [all(high <= other[0] or low >= other[1] for other in lane) for lane in lanes]
        number = free.index(True) if True in free else len(lanes)
        lanes[number:number] = [] if number < len(lanes) else [[]]
        lanes[number].append((low, high))
        numbers[edge] = number
    return numbers
