"""The textbook figure of a network: circles Σ | θ in columns, weights named along the edges, equations below."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import isfinite

from minigrad.drawing.diagram import Box, BoxGroup, Diagram, Edge, EdgeKind, Point, Role
from minigrad.drawing.figure import Anchor, Circle, Color, Dash, Figure, Head, Part, Rectangle, Shape, Stroke, Text, move_shape
from minigrad.drawing.neurons.elision import ColumnSlot, ElidedNetwork, VisibleEdge, elide_network
from minigrad.drawing.neurons.label_placement import Obstacles
from minigrad.drawing.neurons.textbook_content import EdgeContent, NetworkContent, sign_color, sign_dash, weight_line
from minigrad.drawing.neurons.textbook_equations import PLAIN_LETTERS, LETTERS, is_elementwise, loss_formula
from minigrad.drawing.neurons.textbook_footer import Footer, footer_shapes, make_footer
from minigrad.drawing.neurons.textbook_glyphs import Glyph, GlyphMaker, Metrics, bars, circle_polygon
from minigrad.drawing.neurons.textbook_labels import EdgeLabels, LabeledEdge
from minigrad.drawing.neurons.textbook_layout import (
    UNWEIGHTED,
    WEIGHTED,
    EdgeEnds,
    Layout,
    between,
    edge_path,
    place_columns,
    rounded_path,
    with_lanes,
)
from minigrad.drawing.page import Direction, Page
from minigrad.drawing.style import NODE_ROLES
from minigrad.drawing.text_layout import Line, bold, label, line_width, notation, plain_text, words
from minigrad.structure import NetworkStructure, Unit

NARROW = 560.0
"""Width below which circles and letters are smaller and closer."""
MARGIN = 20.0
TITLE_SIZE = 15.0
WIDEST_GAP = 300.0
LEAST_GAP = {True: 128.0, False: 96.0}
"""Least distance of two columns with weights between them, with numbers and without."""
MOST_ROWS = 6
"""Rows of a column at most; a row of dots stands for the units that are left out."""
MOST_EDGES = {(True, False): 12, (True, True): 12, (False, False): 16, (False, True): 30}
"""Edges between two columns at most: with numbers or without, in a narrow gap or in a wide one."""
WIDE_GAP = 215.0
LEAST_ROWS = 4
THINNEST, WIDEST = 0.9, 3.1
"""Widths of edges, by the size of the weight."""
PLAIN = 1.4
"""Width of an edge that shows no size."""


@dataclass(frozen=True)
class TextbookFigure:
    """The parts of a figure of one network, each computed once."""

    content: NetworkContent
    network: ElidedNetwork
    targets_of: dict[Unit, list[Unit]]
    """The targets that hang on each loss."""
    direction: Direction
    metrics: Metrics
    has_steps: bool = False
    """Whether columns are steps of time, which share their weights."""

    @property
    def page(self) -> Page:
        """The options that all views share."""
        return self.content.page

    @cached_property
    def columns(self) -> list[list[ColumnSlot]]:
        """Return the columns without hanging targets, and without units that are lines of a box."""
        hidden = {unit for targets in self.targets_of.values() for unit in targets}
        hidden |= {unit for units in self.content.classes.values() for unit in units}
        columns = [[slot for slot in column if not set(slot.units) <= hidden] for column in self.network.columns]
        return [column for column in columns if column]

    @cached_property
    def edges(self) -> list[tuple[EdgeEnds, VisibleEdge]]:
        """Return the edges between the units that are shown, those of a line of a box as edges of the box."""
        structure = self.content.structure
        keys = {slot.key: slot.key for column in self.columns for slot in column if not slot.elided}
        for box, units in self.content.classes.items():
            keys |= {structure.key(unit): structure.key(box) for unit in units}
        ends: list[tuple[str, str, VisibleEdge]] = []
        seen: set[tuple[str, str]] = set()
        for edge in self.network.edges:
            tail, head = keys.get(edge.tail), keys.get(edge.head)
            if tail is None or head is None or tail == head or edge.bundled:
                continue
            if edge.tail != tail and (tail, head) in seen:  # one edge from a box for all of its lines
                continue
            seen.add((tail, head))
            ends.append((tail, head, edge))
        counts = Counter((tail, head) for tail, head, _ in ends)
        number: Counter[tuple[str, str]] = Counter()
        result = []
        for tail, head, edge in ends:
            pair = tail, head
            result.append((EdgeEnds(tail, head, number[pair], counts[pair]), edge))
            number[pair] += 1
        return result

    @cached_property
    def contents(self) -> list[EdgeContent]:
        """Return what is said of each edge."""
        boxes = {self.content.structure.key(box) for box in self.content.classes}
        return [
            EdgeContent("", "", None, "", "") if ends.tail in boxes else self.content.edge(edge.connections[0], edge.reader)
            for ends, edge in self.edges
        ]

    @cached_property
    def layout(self) -> Layout:
        """Return the positions of everything, around the middle of the first column."""
        is_narrow = self.page.width < NARROW
        maker = GlyphMaker(self.content, self.page, self.metrics, self.direction, is_narrow)
        glyphs = [[maker.glyph(slot, self.targets_of.get(slot.unit, ())) for slot in column] for column in self.columns]
        columns = with_lanes(glyphs, [ends for ends, _ in self.edges])
        gaps = [WEIGHTED if self.is_weighted(number) else UNWEIGHTED for number in range(1, len(columns))]
        if self.direction == "down":
            share = 3.1 * self.metrics.neuron + 62.0
            depths = [max(glyph.reach[3] for glyph in a) + max(glyph.reach[1] for glyph in b) for a, b in pairwise(columns)]
            height = sum(gaps) * max(share, 56.0 + max(depths, default=0.0))
            return place_columns(columns, gaps, "down", height, 0.0)
        left = max(max(glyph.reach[0] for glyph in columns[0]), self.header_width(0) / 2)
        right = max(max(glyph.reach[2] for glyph in columns[-1]), self.header_width(len(columns) - 1) / 2)
        width = min(self.page.width - 2 * MARGIN - left - right, WIDEST_GAP * sum(gaps))
        least = LEAST_GAP[self.content.numbers and not self.has_steps] * self.scale
        return place_columns(columns, gaps, "right", width, least)

    @property
    def scale(self) -> float:
        """Return the size of the letters relative to those of a wide page."""
        return 0.8 if self.page.width < NARROW else 1.0

    def is_weighted(self, number: int) -> bool:
        """Return whether the units of a column read others through weights."""
        return any(slot.unit.weighted_sum is not None for slot in self.columns[number])

    # Titles of the columns.

    @cached_property
    def headers(self) -> list[tuple[Line, Line]]:
        """Return the title of each column and the line below it."""
        neuron_columns = [number for number in range(len(self.columns)) if self.is_weighted(number)]
        headers: list[tuple[Line, Line]] = []
        for number, column in enumerate(self.columns):
            headers.append(self.header(number, column, neuron_columns))
        return headers

    def header(self, number: int, column: Sequence[ColumnSlot], neuron_columns: Sequence[int]) -> tuple[Line, Line]:
        """Return the title of a column and its indices, or the formula of a loss."""
        say, units = self.page.say, [unit for slot in column for unit in slot.units]
        letter = PLAIN_LETTERS[number] if neuron_columns and not self.has_steps and number <= neuron_columns[-1] < len(PLAIN_LETTERS) else ""
        losses = [unit for unit in units if unit.output.kind == "loss"]
        if losses:
            name = self.content.name(losses[0])
            last = neuron_columns[-1] if neuron_columns else number
            output_letter = LETTERS[last] if last < len(LETTERS) else "ₖ"
            formula = notation(f"{name} = {loss_formula(self.content, losses[0], output_letter)}")
            return words(say("loss" if len(losses) == 1 else "losses")), formula if len(losses) == 1 else ()
        if self.has_steps and self.is_weighted(number) and number != neuron_columns[-1]:
            return words(say("step {number}", number=neuron_columns.index(number) + 1)), ()
        if all(unit.weighted_sum is not None for unit in units):
            title = say("output layer")
            if number != neuron_columns[-1]:
                many = len(neuron_columns) > 2
                title = say("hidden layer {number}", number=neuron_columns.index(number) + 1) if many else say("hidden layer")
            if units[0].output is not units[0].weighted_sum and not is_elementwise(units[0]) and units[0].output.op:
                title += f" · {units[0].output.op.label}"
            return words(title), () if self.has_steps else index_line(letter, units)
        if all(unit.output.kind == "input" for unit in units):
            return words(say("inputs" if len(units) > 1 else "input")), () if self.has_steps else index_line(letter, units)
        return (), ()

    @property
    def header_size(self) -> float:
        """Return the size of the letters of titles."""
        return 12.5 * self.scale if self.scale == 1.0 else 10.5

    def header_width(self, number: int) -> float:
        """Return the width of the title of a column."""
        return max(line_width(line, self.header_size) for line in self.headers[number])

    def matrix_names(self) -> Iterator[tuple[int, str]]:
        """Yield the columns in front of which the name of a weight matrix stands, and that name."""
        layer = 0
        if self.has_steps:
            return
        names = self.content.names
        for number in range(len(self.columns)):
            if not self.is_weighted(number):
                continue
            layer += 1
            superscript = f"⁽{str(layer).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}⁾"
            keys = {slot.key for slot in self.columns[number]}
            weights = [edge.connections[0].weight for ends, edge in self.edges if ends.head in keys]
            written = [names.name(*weight) if weight else "" for weight in weights]
            if any(name.endswith(superscript) for name in written) and all("," in n or n.endswith(superscript) for n in written):
                yield number, f"W{superscript}"

    def header_shapes(self) -> list[Shape]:
        """Return the titles above the columns, or left of the rows, and the names of the weight matrices."""
        layout, size, shapes = self.layout, self.header_size, []
        for number, (title, below) in enumerate(self.headers):
            along = layout.along[number]
            if self.direction == "right":
                top = layout.low.y - 2.3 * size - 2.0
                shapes.append(Text(Point(along, top), title, size, Color.MUTED, Anchor.MIDDLE))
                shapes.append(Text(Point(along, top + 1.45 * size), below, size, Color.MUTED, Anchor.MIDDLE))
            else:
                left = layout.low.x - self.side_width
                shapes.append(Text(Point(left, along - 2.0), title, size, Color.MUTED))
                shapes.append(Text(Point(left, along - 2.0 + 1.45 * size), below, size, Color.MUTED))
        for number, name in self.matrix_names():
            middle = (layout.along[number - 1] + layout.along[number]) / 2
            if self.direction == "right":
                shapes.append(Text(Point(middle, layout.low.y - 1.3 * size), notation(name), 1.36 * size, anchor=Anchor.MIDDLE))
            else:
                shapes.append(Text(Point(layout.low.x - self.side_width, middle + 5.0), notation(name), 1.36 * size))
        return [shape for shape in shapes if isinstance(shape, Text) and shape.line]

    @cached_property
    def side_width(self) -> float:
        """Return the width of the titles left of the rows."""
        return max((self.header_width(number) for number in range(len(self.columns))), default=0.0) + 6.0

    # Edges.

    @cached_property
    def obstacles(self) -> Obstacles:
        """Return what no label may touch: circles, texts, and then the edges."""
        obstacles = Obstacles()
        for key, glyph in self.layout.glyphs.items():
            at = self.layout.at[key]
            for number, polygon in enumerate(glyph.blocked):
                obstacles.add([Point(point.x + at.x, point.y + at.y) for point in polygon], key if number == 0 else None)
        return obstacles

    @cached_property
    def paths(self) -> list[list[Point]]:
        """Return the corners of the path of each edge."""
        units = self.obstacles
        paths = [edge_path(ends, self.layout, self.direction, units) for ends, _ in self.edges]
        for path in paths:
            self.obstacles.add_path(path)
        return paths

    @cached_property
    def largest(self) -> float:
        """Return the largest size of a weight that is shown."""
        sizes = [abs(content.number) for content in self.contents if content.number is not None and isfinite(content.number)]
        return max(sizes, default=0.0)

    def edge_shapes(self) -> Iterator[Shape]:
        """Yield the lines of all edges."""
        numbers = self.content.numbers
        for (_, edge), content, path in zip(self.edges, self.contents, self.paths, strict=True):
            is_weight = bool(edge.connections[0].weight)
            color, dash, width = Color.INK, Dash.SOLID, PLAIN
            if numbers and is_weight:
                color, dash = sign_color(content.number), sign_dash(content.number)
                if content.number is not None and isfinite(content.number) and self.largest:
                    width = THINNEST + (WIDEST - THINNEST) * abs(content.number) / self.largest
            points, curve = (tuple(path), False) if len(path) == 2 else (rounded_path(path), True)
            if self.content.is_highlighted(content.node):
                yield Stroke(points, Color.UPDATE, 11.0, curve=curve)
            if content.uses > 1:  # a double line
                yield Stroke(points, color, width + 3.0, dash, Head.FORWARD, curve)
                yield Stroke((*points[:-1], between(points[-1], points[-2], 0.12)), Color.PAPER, max(width, 1.2), curve=curve)
            else:
                yield Stroke(points, color, width, dash, Head.FORWARD, curve)
            if self.content.is_frozen(content.node):
                start, end = longest_piece(path)
                yield from bars(between(start, end, 0.3), Point(end.x - start.x, end.y - start.y))

    @cached_property
    def labels(self) -> tuple[list[Shape], int]:
        """Return the labels of the edges, and how many edges lack theirs or a part of it."""
        for (_, _), content, path in zip(self.edges, self.contents, self.paths, strict=True):
            if self.content.is_frozen(content.node):
                start, end = longest_piece(path)
                self.obstacles.add(circle_polygon(between(start, end, 0.3), 6.0, 8))
        labels = EdgeLabels(self.metrics, self.obstacles, self.content.numbers, self.page.digits)
        groups: defaultdict[int, list[LabeledEdge]] = defaultdict(list)
        for (ends, _), content, path in zip(self.edges, self.contents, self.paths, strict=True):
            groups[self.layout.column_of[ends.head]].append(LabeledEdge(path, content))
        shapes = [shape for number in sorted(groups) for shape in labels.shapes(groups[number])]
        return shapes, labels.left_out

    # Units.

    def unit_shapes(self) -> Iterator[Shape]:
        """Yield every unit, a part with its description; a background behind what is highlighted."""
        slots = {slot.key: slot for column in self.columns for slot in column}
        for key, glyph in self.layout.glyphs.items():
            if not glyph.shapes:
                continue
            at, unit = self.layout.at[key], slots[key].unit
            shapes = [move_shape(shape, at) for shape in glyph.shapes]
            if not slots[key].elided and {unit.output, unit.weighted_sum} & self.page.highlight:
                shapes.insert(0, highlight(glyph, at))
            yield Part(glyph.description, tuple(shapes))

    def frames(self) -> Iterator[Shape]:
        """Yield a frame around each layer whose outputs all depend on all of its sums, such as softmax."""
        for column in self.columns:
            units = [slot.unit for slot in column if slot.unit.weighted_sum is not None]
            if not units or units[0].output is units[0].weighted_sum or is_elementwise(units[0]):
                continue
            reach = [(self.layout.at[slot.key], self.layout.glyphs[slot.key].reach) for slot in column]
            low = Point(min(p.x - r[0] for p, r in reach), min(p.y - r[1] for p, r in reach))
            high = Point(max(p.x + r[2] for p, r in reach), max(p.y + r[3] for p, r in reach))
            size = Point(high.x - low.x + 6, high.y - low.y + 6)
            yield Rectangle(Point(low.x - 3, low.y - 3), size, None, Color.RULE, 1.2, 10.0)

    def figure(self) -> Figure:
        """Return the whole figure: title, headers, edges, units, labels, and the equations below."""
        labels, _ = self.labels
        shapes = [*self.frames(), *self.edge_shapes(), *self.unit_shapes(), *labels, *self.header_shapes()]
        layout, page = self.layout, self.page
        is_right = self.direction == "right"
        top = layout.low.y - (3.6 * self.header_size + 4.0 if is_right else 8.0)
        left = min(layout.low.x, -self.header_width(0) / 2) if is_right else layout.low.x - self.side_width
        right = max(layout.high.x, layout.along[-1] + self.header_width(-1) / 2) if is_right else layout.high.x
        width = max(page.width, right - left + 2 * MARGIN)
        heading = 1.9 * TITLE_SIZE if page.title else 0.0
        if is_right:
            shift = Point(MARGIN - left + (width - 2 * MARGIN - (right - left)) / 2, heading + 6.0 - top)
        else:
            free = width - 2 * MARGIN - (right - left)
            shift = Point(MARGIN - left + min(free / 2, max(width / 2 - MARGIN + left + self.side_width, 0.0)), heading + 8.0 - top)
        placed = [move_shape(shape, shift) for shape in shapes]
        if page.title:
            placed.append(Text(Point(MARGIN, 1.6 * TITLE_SIZE), bold(page.title), TITLE_SIZE))
        corner = Point(MARGIN, layout.high.y + shift.y + 20.0)
        below, bottom = footer_shapes(self.content, self.footer, corner, width - 2 * MARGIN)
        title = page.title or page.say("Network in textbook notation")
        description = "  ".join(self.footer.texts())
        return Figure(width, bottom + 14.0, (*placed, *below), title, description)

    @cached_property
    def footer(self) -> Footer:
        """Return the equations and the legend."""
        units = [[unit for slot in column for unit in slot.units] for column in self.columns]
        shown = [slot.unit for column in self.columns for slot in column if not slot.elided]
        table = [self.content.quantities(unit) for unit in shown if unit.weighted_sum is not None]
        is_table = self.content.numbers and self.page.width < NARROW
        return make_footer(self.content, units, self.has_elided, self.labels[1], table if is_table else [])

    @property
    def has_elided(self) -> bool:
        """Return whether units are left out."""
        return any(slot.elided for column in self.network.columns for slot in column)

    # The same as boxes and edges, for DOT, Mermaid and text.

    def diagram(self, view: str) -> Diagram:
        """Return the boxes and edges, and the figure."""
        content, structure = self.content, self.content.structure
        boxes: list[Box] = []
        groups: list[BoxGroup] = []
        columns = [*self.columns]
        hanging = [ColumnSlot(structure.key(unit), (unit,)) for units in self.targets_of.values() for unit in units]
        headers = [" ".join(filter(None, (plain_text(title), plain_text(below)))) for title, below in self.headers]
        if hanging:
            columns.append(hanging if len(hanging) <= 8 else [*hanging[:4], ColumnSlot("moretargets", tuple(units for slot in hanging[4:] for units in slot.units))])
            headers.append(self.page.say("target" if len(hanging) == 1 else "targets"))
        for column, title in zip(columns, headers, strict=True):
            boxes += [self.box(slot) for slot in column]
            groups.append(BoxGroup(title or "…", tuple(slot.key for slot in column)))
        shown = {box.key for box in boxes}
        edges = [self.edge(ends, edge, text) for (ends, edge), text in zip(self.edges, self.contents, strict=True)]
        edges += [
            Edge(structure.key(target), structure.key(loss))
            for loss, units in self.targets_of.items()
            for target in units
            if structure.key(target) in shown
        ]
        edges += [Edge(edge.tail, edge.head, kind=EdgeKind.BUNDLE) for edge in self.network.edges if edge.bundled and {edge.tail, edge.head} <= shown]
        return Diagram(view, boxes, edges, groups, self.footer.texts(), figure=self.figure())

    def box(self, slot: ColumnSlot) -> Box:
        """Return the box of a slot."""
        content, unit = self.content, slot.unit
        if slot.elided:
            return Box(slot.key, ("⋮", self.page.say("{count} more", count=f"{len(slot.units):,}")), role=Role.MORE)
        node = unit.output
        name = content.name(unit)
        if unit.weighted_sum is not None:
            rows = [(row.name, row.value) for row in content.quantities(unit)] if content.numbers else []
            bias = content.bias(unit)
            if bias and content.numbers:
                rows.insert(0, (bias.name, f"{bias.value}{bias.uses}"))
            lines = ("Σ | θ" if node is not unit.weighted_sum else "Σ", name)
            return Box(slot.key, lines, tuple(rows), Role.NEURON)
        value = content.value_text(unit)
        if node in content.structure.targets:
            return Box(slot.key, (name, value) if content.numbers else (name,), role=Role.TARGET)
        if node.op is None:
            lines = (value,) if node.kind == "constant" and not node.name else (name, value) if content.numbers else (name,)
            return Box(slot.key, lines, role=NODE_ROLES.get(node.kind, Role.NODE))
        classes = tuple(plain_text(content.class_line(part)) for part in content.classes.get(unit, ()))
        fields = tuple((row.name, row.value) for row in content.quantities(unit)) if content.numbers and not classes else ()
        return Box(slot.key, (name, node.op.label, *classes), fields, NODE_ROLES.get(node.kind, Role.NODE))

    def edge(self, ends: EdgeEnds, edge: VisibleEdge, content: EdgeContent) -> Edge:
        """Return an edge with its lines."""
        if not edge.connections[0].weight:
            return Edge(ends.tail, ends.head)
        above = plain_text(weight_line(content, self.content.numbers, named=True))
        lines = [above] if above else []
        if self.content.numbers and content.derivative:
            name = content.derivative_name or self.page.snapshot.mark(f"∂L/∂{content.name}")
            lines.append(f"{name} = {content.derivative}")
        negative = self.content.numbers and (content.number or 0.0) < 0
        return Edge(ends.tail, ends.head, tuple(lines), EdgeKind.WEIGHT, PLAIN, negative)


def index_line(letter: str, units: Sequence[Unit]) -> Line:
    """Return the indices of the units of a column, i = 1, 2."""
    count = len(units)
    numbers = ", ".join(map(str, range(1, count + 1))) if count <= 4 else f"1, …, {count}"
    return (*notation(f"{letter} = "), *words(numbers)) if letter else words(numbers)


def longest_piece(path: Sequence[Point]) -> tuple[Point, Point]:
    """Return the longest straight piece of a path."""
    return max(zip(path, path[1:], strict=False), key=lambda ends: abs(ends[1].x - ends[0].x) + abs(ends[1].y - ends[0].y))


def highlight(glyph: Glyph, at: Point) -> Shape:
    """Return the background of a unit that is marked."""
    if glyph.is_round:
        return Circle(at, glyph.half.x + 6.0, Color.UPDATE, None)
    corner = Point(at.x - glyph.half.x - 5.0, at.y - glyph.half.y - 5.0)
    return Rectangle(corner, Point(2 * glyph.half.x + 10, 2 * glyph.half.y + 10), Color.UPDATE, None, radius=7.0)


def textbook_diagram(
    structure: NetworkStructure, page: Page, *, numbers: bool, biases: bool, most: int | None, view: str = "neurons"
) -> Diagram:
    """Return the textbook figure of a network, and its boxes and edges for the other formats."""
    ordered, classes = in_time_order(structure, page), box_classes(structure)
    has_steps = ordered is not structure
    structure = ordered
    content = NetworkContent(structure, page, numbers, biases, classes)
    direction = page.direction or ("right" if has_steps else suitable_direction(structure, page, numbers))
    count = fitting_rows(structure, page, numbers, direction) if most is None else most
    network = elide_network(structure, count)
    rows = max(len(column) for column in network.columns)
    targets_of = hanging_targets(structure)
    metrics = choose_metrics(page.width, rows, numbers, direction)
    return TextbookFigure(content, network, targets_of, direction, metrics, has_steps).diagram(view)


def choose_metrics(width: float, rows: int, numbers: bool, direction: Direction) -> Metrics:
    """Return the sizes that suit a width and a number of rows."""
    if width < NARROW:
        return Metrics(16.0, 14.0, 13.0, 10.5, 9.5, 13.0) if numbers else Metrics(17.0, 15.0, 14.0, 11.5, 10.0, 14.0)
    if rows <= 3 and direction == "right":
        return Metrics(31.0, 20.0, 17.0, 12.8, 11.6, 18.0) if numbers else Metrics(27.0, 20.0, 17.0, 15.0, 12.0, 18.0)
    return Metrics(24.0, 17.0, 15.5, 11.8, 10.8, 15.5) if numbers else Metrics(22.0, 17.0, 15.5, 13.0, 11.0, 16.0)


def suitable_direction(structure: NetworkStructure, page: Page, numbers: bool) -> Direction:
    """Return "right" where the columns have room side by side, else "down"."""
    scale = 0.8 if page.width < NARROW else 1.0
    needed = total_share(shown_columns(structure)) * LEAST_GAP[numbers] * scale
    return "right" if needed <= page.width - 130.0 * scale else "down"


def shown_columns(structure: NetworkStructure) -> list[tuple[Unit, ...]]:
    """Return the columns without those of targets, which hang on their losses."""
    return [c for c in structure.columns if not all(unit.output in structure.targets for unit in c)]


def has_neurons(column: Sequence[Unit]) -> bool:
    """Return whether there are neurons in a column."""
    return any(unit.weighted_sum is not None for unit in column)


def total_share(columns: Sequence[Sequence[Unit]]) -> float:
    """Return the shares of all gaps between columns."""
    return sum(WEIGHTED if has_neurons(column) else UNWEIGHTED for column in columns[1:])


def fitting_rows(structure: NetworkStructure, page: Page, numbers: bool, direction: Direction) -> int:
    """Return how many units of a column to show, so that they fit the page and most edges have room for labels."""
    most = MOST_ROWS
    if direction == "down":
        pitch = (178.0 if numbers else 118.0) * (0.72 if page.width < NARROW else 1.0)
        most = max(3, min(most, int((page.width - 110.0) / pitch)))
    columns = shown_columns(structure)
    weighted = [number for number, column in enumerate(columns) if has_neurons(column)]
    sizes = [len(column) for number, column in enumerate(columns) if number == 0 or number in weighted]
    is_wide = direction == "down" or (page.width - 130.0) / max(total_share(columns), 1.0) >= WIDE_GAP
    for count in range(most, LEAST_ROWS, -1):
        shown = [size if size <= count else count - 1 for size in sizes]
        if all(before * after <= MOST_EDGES[numbers, is_wide] for before, after in pairwise(shown)):
            return count
    return min(most, LEAST_ROWS)


def hanging_targets(structure: NetworkStructure) -> dict[Unit, list[Unit]]:
    """Return the targets of each loss, those that no other loss reads before it."""
    targets: dict[Unit, list[Unit]] = {}
    taken: set[Unit] = set()
    for column in structure.columns:
        for unit in column:
            if unit.output.kind == "loss":
                own = [c.source for c in structure.connections(unit) if c.source.output in structure.targets]
                targets[unit] = [target for target in dict.fromkeys(own) if target not in taken]
                taken.update(own)
    return targets


def box_classes(structure: NetworkStructure) -> dict[Unit, tuple[Unit, ...]]:
    """Return the elements that are taken out of an array one by one, such as the classes of a softmax, by its unit."""
    classes: defaultdict[Unit, list[Unit]] = defaultdict(list)
    for column in structure.columns:
        for unit in column:
            op = unit.output.op
            if unit.weighted_sum is None and op is not None and op.element is not None:
                sources = list(structure.connections(unit))
                if len(sources) == 1 and sources[0].source.weighted_sum is None and sources[0].source.output.op:
                    classes[sources[0].source].append(unit)
    return {box: tuple(units) for box, units in classes.items()}


def in_time_order(structure: NetworkStructure, page: Page) -> NetworkStructure:
    """Return the structure with each input of a later step, which shares its weights, right before its first reader."""
    column_of = {unit: number for number, column in enumerate(structure.columns) for unit in column}
    later: dict[Unit, int] = {}
    read_early: set[Unit] = set()
    for number, column in enumerate(structure.columns[:12]):
        for unit in column[:40]:
            if unit.weighted_sum is None or unit.position is not None:
                continue
            for connection in structure.connections(unit):
                source, weight = connection.source, connection.weight
                if source.output.kind != "input" or source.position is not None or column_of[source] != 0:
                    continue
                if number > 1 and weight and page.snapshot.uses(weight) > 1:
                    later.setdefault(source, number - 1)
                elif number == 1:
                    read_early.add(source)
    later = {unit: number for unit, number in later.items() if unit not in read_early}
    if not later:
        return structure
    columns = [[unit for unit in column if unit not in later] for column in structure.columns]
    for unit, number in later.items():
        columns[number].append(unit)
    return replace(structure, columns=tuple(map(tuple, columns)))
