"""The textbook figure of a network: circles Σ | θ in columns, weights named along the edges, equations below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from minigrad.drawing.diagram import Diagram, Edge, EdgeKind, Point
from minigrad.drawing.figure import Anchor, Color, Figure, Part, Shape, Text, move_shape
from minigrad.drawing.neurons.elision import ColumnSlot, ElidedNetwork, VisibleEdge, elide_network
from minigrad.drawing.numbers import largest_magnitude
from minigrad.drawing.settings import Direction, DrawSettings
from minigrad.drawing.text_layout import line_width, notation
from minigrad.drawing.textbook.arrangement import (
    LEAST_GAP,
    box_classes,
    choose_metrics,
    fitting_rows,
    hanging_targets,
    has_neurons,
    has_time_steps,
    letter_scale,
    suitable_direction,
)
from minigrad.drawing.textbook.boxes import boxes_and_groups, labeled_edge, target_column, target_edges
from minigrad.drawing.textbook.drawn_unit import UnitSizes
from minigrad.drawing.textbook.edges import edge_strokes, frozen_mark, layer_frame, shown_edges, unit_background
from minigrad.drawing.textbook.footer import Footer, footer_shapes, make_footer
from minigrad.drawing.textbook.headers import Header, column_headers, matrix_names
from minigrad.drawing.textbook.interactive_units import InteractiveDrawer
from minigrad.drawing.textbook.label_placement import Obstacles
from minigrad.drawing.textbook.labels import EdgeLabels, InteractiveLabels, LabeledEdge
from minigrad.drawing.textbook.textbook_content import NARROW, EdgeContent, TextbookContent
from minigrad.drawing.textbook.textbook_layout import (
    UNWEIGHTED,
    WEIGHTED,
    EdgeEnds,
    TextbookLayout,
    edge_path,
    spread_columns,
    with_lanes,
)
from minigrad.drawing.textbook.unit_drawer import UnitDrawer
from minigrad.structure import Element, NetworkStructure, Unit

MARGIN, HEADER_SIZE = 20.0, 12.5
"""The free border, and font sizes of the title and of the titles of columns on a wide page."""
PAGE_MARGIN = 9.0
"""The free border around an interactive figure: what is lit reaches into it."""
INTERACTIVE_GAP = 64.0
"""Least distance of two columns of an interactive figure, whose labels need no room."""
WIDEST_GAP = 300.0
"""Distance of two columns at most."""


def textbook_diagram(
    structure: NetworkStructure, settings: DrawSettings, *, numbers: bool, biases: bool, most: int | None
) -> Diagram:
    """Return the textbook figure of a network, and its boxes and edges for the other formats."""
    has_steps = has_time_steps(structure, settings)
    direction = settings.direction or ("right" if has_steps else suitable_direction(structure, settings, numbers))
    network = elide_network(structure, fitting_rows(structure, settings, numbers, direction) if most is None else most)
    content = TextbookContent(structure, settings, numbers, biases, box_classes(structure))
    metrics = choose_metrics(settings.width, max(map(len, network.columns)), numbers, direction)
    return TextbookFigure(content, network, hanging_targets(structure), direction, metrics, has_steps).diagram(
        "neurons"
    )


@dataclass(frozen=True)
class TextbookFigure:
    """The parts of the figure of one network, each computed once; positions are moved onto the page at the end."""

    content: TextbookContent
    network: ElidedNetwork
    targets_of: dict[Unit, list[Unit]]
    """The targets that hang on each loss."""
    direction: Direction
    metrics: UnitSizes
    has_steps: bool
    """Whether columns are steps of time, which share their weights."""
    is_compact: bool = False
    """Whether neurons carry their output and δ alone."""

    @property
    def settings(self) -> DrawSettings:
        """Return the options that all views share."""
        return self.content.settings

    @cached_property
    def columns(self) -> list[list[ColumnSlot]]:
        """Return the columns without hanging targets, and without units that are lines of a box."""
        hidden = {unit for targets in self.targets_of.values() for unit in targets}
        hidden |= {unit for units in self.content.classes.values() for unit in units}
        columns = [[slot for slot in column if not set(slot.units) <= hidden] for column in self.network.columns]
        return [column for column in columns if column]

    @cached_property
    def units(self) -> list[list[Unit]]:
        """Return the units of each column, also those that are left out."""
        return [[unit for slot in column for unit in slot.units] for column in self.columns]

    @cached_property
    def edges(self) -> list[tuple[EdgeEnds, VisibleEdge]]:
        """Return the edges between the units that are shown."""
        keys = {slot.key: slot.key for column in self.columns for slot in column if not slot.elided}
        key = self.content.structure.key
        for box, units in self.content.classes.items():
            keys |= {key(unit): key(box) for unit in units}
        return shown_edges(self.network.edges, keys)

    @cached_property
    def contents(self) -> list[EdgeContent]:
        """Return what is said of each edge; nothing of one edge for all lines of a box."""
        boxes = {self.content.structure.key(box) for box in self.content.classes}
        return [
            EdgeContent() if ends.tail in boxes else self.content.edge(edge.connections[0], edge.reader)
            for ends, edge in self.edges
        ]

    @property
    def drawer(self) -> UnitDrawer:
        """Return what draws the units."""
        options = self.content, self.metrics, self.direction, self.settings.width < NARROW
        return InteractiveDrawer(*options, self.is_compact) if self.settings.interactive else UnitDrawer(*options)

    @cached_property
    def layout(self) -> TextbookLayout:
        """Return the positions of everything, around the middle of the first column."""
        drawer = self.drawer
        drawn_units = [
            [
                drawer.draw(slot, self.targets_of.get(slot.unit, ()), slot is column[0] and len(column) > 1)
                for slot in column
            ]
            for column in self.columns
        ]
        columns = with_lanes(drawn_units, [ends for ends, _ in self.edges])
        gaps = [WEIGHTED if has_neurons(units) else UNWEIGHTED for units in self.units[1:]]
        if self.direction == "down":
            depths = [
                max(drawn.reach[3] for drawn in a) + max(drawn.reach[1] for drawn in b) for a, b in pairwise(columns)
            ]
            row = max(
                3.1 * self.metrics.neuron + (74.0 if self.content.numbers else 62.0), 56.0 + max(depths, default=0.0)
            )
            return spread_columns(columns, gaps, "down", row * sum(gaps), 0.0)
        left = max(*(drawn.reach[0] for drawn in columns[0]), self.header_width(0) / 2)
        right = max(*(drawn.reach[2] for drawn in columns[-1]), self.header_width(-1) / 2)
        margin = PAGE_MARGIN if self.settings.interactive else MARGIN
        width = min(self.settings.width - 2 * margin - left - right, WIDEST_GAP * sum(gaps))
        least = LEAST_GAP[self.content.numbers and not self.has_steps] * letter_scale(self.settings.width)
        least = min(least, INTERACTIVE_GAP) if self.settings.interactive else least
        return spread_columns(columns, gaps, "right", width, least)

    @cached_property
    def headers(self) -> list[Header]:
        """Return the title of each column; an interactive figure has none."""
        if self.settings.interactive:
            return [Header()] * len(self.columns)
        return column_headers(self.content, self.columns, self.has_steps)

    @property
    def header_size(self) -> float:
        """Return the font size of the titles of columns."""
        return HEADER_SIZE * (letter_scale(self.settings.width) + 1) / 2

    def header_width(self, number: int) -> float:
        """Return the width of the title of a column."""
        return self.headers[number].width(self.header_size)

    @cached_property
    def side_width(self) -> float:
        """Return the width of the titles left of the rows."""
        return max(header.width(self.header_size) for header in self.headers) + 6.0

    def header_shapes(self) -> Iterator[Shape]:
        """Yield the titles above the columns, or left of the rows, and the names of the weight matrices."""
        layout, size = self.layout, self.header_size
        is_right = self.direction == "right"
        left, top = layout.low.x - self.side_width, layout.low.y - 2.3 * size - 2.0
        anchor = Anchor.MIDDLE if is_right else Anchor.START
        for header, along in zip(self.headers, layout.along, strict=True):
            at = Point(along, top) if is_right else Point(left, along - 2.0)
            for line, shift in ((header.title, 0.0), (header.below, 1.45 * size)):
                if line:
                    yield Text(Point(at.x, at.y + shift), line, size, Color.MUTED, anchor)
        weights: defaultdict[str, list[Element | None]] = defaultdict(list)
        for ends, edge in self.edges:
            weights[ends.head].append(edge.connections[0].weight)
        for number, name in () if self.has_steps else matrix_names(self.content, self.columns, weights):
            line, distance = notation(name), layout.along[number] - layout.along[number - 1]
            before, behind = self.header_width(number - 1) / 2, self.header_width(number) / 2
            middle = layout.along[number] - (distance - before + behind) / 2
            if not is_right:
                yield Text(Point(left, layout.along[number] - distance / 2 + 5.0), line, 1.36 * size)
            elif before + behind + line_width(line, 1.36 * size) + 8.0 <= distance:
                yield Text(Point(middle, top + size), line, 1.36 * size, anchor=Anchor.MIDDLE)

    @cached_property
    def obstacles(self) -> Obstacles:
        """Return the circles and texts of units, which neither edges nor labels touch."""
        obstacles = Obstacles()
        for key, drawn in self.layout.drawn_units.items():
            at = self.layout.at[key]
            for number, polygon in enumerate(drawn.blocked):
                corners = [Point(corner.x + at.x, corner.y + at.y) for corner in polygon]
                obstacles.add(corners, None if number else key)
        return obstacles

    @cached_property
    def paths(self) -> list[list[Point]]:
        """Return the corners of the path of each edge."""
        is_straight = self.settings.interactive and (self.is_compact or self.settings.width < NARROW)
        far = self.borders if is_straight else self.obstacles
        near = Obstacles() if is_straight else far
        column_of = self.layout.column_of
        return [
            edge_path(
                ends, self.layout, self.direction, near if column_of[ends.head] == column_of[ends.tail] + 1 else far
            )
            for ends, _ in self.edges
        ]

    @property
    def borders(self) -> Obstacles:
        """Return the borders of the units alone, which no edge may cross."""
        obstacles = Obstacles()
        for key, drawn in self.layout.drawn_units.items():
            at = self.layout.at[key]
            for polygon in drawn.blocked[:1]:
                obstacles.add([Point(corner.x + at.x, corner.y + at.y) for corner in polygon], key)
        return obstacles

    @cached_property
    def labels(self) -> EdgeLabels:
        """Return the labels of the edges, column by column."""
        obstacles = self.obstacles.copy()
        groups: defaultdict[int, list[LabeledEdge]] = defaultdict(list)
        for (ends, _), content, path in zip(self.edges, self.contents, self.paths, strict=True):
            obstacles.add_path(path)
            if self.content.is_frozen(content.node):
                obstacles.add(frozen_mark(path).corners)
            groups[self.layout.column_of[ends.head]].append(LabeledEdge(path, content))
        labels = self.new_labels(obstacles)
        for number in sorted(groups):
            labels.place(groups[number])
        return labels

    def new_labels(self, obstacles: Obstacles) -> EdgeLabels:
        """Return the labels to place among some obstacles."""
        digits = self.settings.digits
        if self.settings.interactive:
            return InteractiveLabels(self.metrics, obstacles, digits, self.settings.width < NARROW)
        return EdgeLabels(self.metrics, obstacles, self.content.numbers, digits)

    def edge_shapes(self) -> Iterator[Shape]:
        """Yield the lines of all edges."""
        largest = largest_magnitude(content.number for content in self.contents)
        for content, path in zip(self.contents, self.paths, strict=True):
            strokes = edge_strokes(self.content, content, path, largest)
            yield from (Part(content.name, tuple(strokes), content.keys.edge),) if content.keys.edge else strokes

    def unit_shapes(self) -> Iterator[Shape]:
        """Yield every unit, as a part with its description."""
        keys = self.unit_keys
        for key, drawn in self.layout.drawn_units.items():
            if drawn.shapes:
                shapes = tuple(move_shape(shape, self.layout.at[key]) for shape in drawn.shapes)
                yield Part(drawn.description, shapes, keys.get(key, ""))

    @property
    def unit_keys(self) -> dict[str, str]:
        """Return the keys that the drawn units have for a page."""
        slots = [slot for column in self.columns for slot in column if not slot.elided]
        return {slot.key: self.content.unit_key(slot.unit) for slot in slots}

    def backgrounds(self) -> Iterator[Shape]:
        """Yield what lies behind units: marks of those that are highlighted, frames around layers such as softmax."""
        for column in self.columns:
            drawn_units = [(self.layout.drawn_units[slot.key], self.layout.at[slot.key]) for slot in column]
            yield from layer_frame([slot.unit for slot in column], drawn_units)
            for slot, (drawn, at) in zip(column, drawn_units, strict=True):
                if not slot.elided and self.content.is_unit_highlighted(slot.unit):
                    yield unit_background(drawn, at)

    @cached_property
    def footer(self) -> Footer:
        """Return the equations and the legend."""
        units = [slot.unit for column in self.columns for slot in column if not slot.elided]
        is_table = self.content.numbers and self.settings.width < NARROW
        table = [self.content.quantities(unit) for unit in units if is_table and unit.weighted_sum is not None]
        has_elided = any(slot.elided for column in self.network.columns for slot in column)
        return make_footer(self.content, self.units, has_elided, self.labels.incomplete, table)

    def interactive_figure(self) -> Figure:
        """Return the figure without anything around it, for a page."""
        low, high = self.layout.low, self.layout.high
        shapes = [*self.backgrounds(), *self.edge_shapes(), *self.unit_shapes(), *self.labels.shapes]
        width = max(self.settings.width, high.x - low.x + 2 * PAGE_MARGIN)
        shift = Point((width - low.x - high.x) / 2, PAGE_MARGIN - low.y)
        moved = tuple(move_shape(shape, shift) for shape in shapes)
        return Figure(width, high.y + shift.y + PAGE_MARGIN, moved, self.settings.title)

    def figure(self) -> Figure:
        """Return the whole figure: title, headers, edges, units, labels, and the equations below."""
        layout, settings, is_right = self.layout, self.settings, self.direction == "right"
        shapes = [*self.backgrounds(), *self.edge_shapes(), *self.unit_shapes(), *self.labels.shapes]
        shapes += self.header_shapes()
        top = layout.low.y - (3.6 * self.header_size + 10.0 if is_right else 8.0)
        left = min(layout.low.x, -self.header_width(0) / 2) if is_right else layout.low.x - self.side_width
        right = max(layout.high.x, layout.along[-1] + self.header_width(-1) / 2) if is_right else layout.high.x
        width = max(settings.width, right - left + 2 * MARGIN)
        shift = Point((width - left - right) / 2, -top)
        corner = Point(MARGIN, layout.high.y + shift.y + 20.0)
        below, bottom = footer_shapes(self.content, self.footer, corner, width - 2 * MARGIN)
        moved = [*(move_shape(shape, shift) for shape in shapes), *below]
        title = settings.title or settings.say("Network in textbook notation")
        return Figure(width, bottom + 14.0, tuple(moved), title, "  ".join(self.footer.texts()))

    def diagram(self, view: str) -> Diagram:
        """Return the figure, and the same as boxes and edges for DOT, Mermaid and text."""
        content, targets = self.content, target_column(self.content, self.targets_of)
        columns, titles = [*self.columns], [header.text for header in self.headers]
        if targets:
            columns.append(targets)
            titles.append(self.settings.say("target" if len(targets) == 1 else "targets"))
        boxes, groups = boxes_and_groups(content, columns, titles)
        keys = {box.key for box in boxes}
        pairs = zip(self.edges, self.contents, strict=True)
        bundles = [edge for edge in self.network.edges if edge.bundled and {edge.tail, edge.head} <= keys]
        edges = [
            *(labeled_edge(content, ends.tail, ends.head, text) for (ends, _), text in pairs),
            *target_edges(content, self.targets_of, targets),
            *(Edge(edge.tail, edge.head, kind=EdgeKind.BUNDLE) for edge in bundles),
        ]
        return Diagram(view, boxes, edges, groups, self.footer.texts(), figure=self.figure())
