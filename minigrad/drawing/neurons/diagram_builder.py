"""Boxes and edges of a network with their text, as the neuron view has it; other network views change parts of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

from minigrad._format import count_noun, elide, shorten
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Diagram, Edge, EdgeKind, Role, sign_of
from minigrad.drawing.layer_titles import activation_name, column_title
from minigrad.drawing.legend import LegendEntry
from minigrad.drawing.neurons.column_layout import LayoutColumn, LayoutRow
from minigrad.drawing.neurons.elision import MOST_ROWS, ColumnSlot, ElidedNetwork, VisibleEdge, elide_network
from minigrad.drawing.neurons.heads import Class, join_heads
from minigrad.drawing.neurons.network_boxes import BoxMarks, LabelText
from minigrad.drawing.neurons.network_content import NetworkContent, join_targets, output_range, units_of
from minigrad.drawing.neurons.network_diagram import place_diagram
from minigrad.drawing.neurons.network_edges import EdgeMarks
from minigrad.drawing.neurons.network_figure import network_figure
from minigrad.drawing.neurons.network_legend import STROKES, network_legend
from minigrad.drawing.numbers import format_computed
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.snapshot import Snapshot, derivative_name, is_frozen, loss_names
from minigrad.drawing.style import NODE_ROLES, edge_width
from minigrad.drawing.text_layout import label
from minigrad.structure import Element, Index, NetworkStructure, Unit


@dataclass(frozen=True)
class DiagramBuilder:
    """Boxes and edges of a network: Σ, output and δ in each neuron, a weight and its gradient on each edge.

    Views override the text of neurons and weights, and the quantity that the width of an edge shows.
    """

    structure: NetworkStructure
    settings: DrawSettings
    numbers: bool = True
    biases: bool = True
    classes: Mapping[str, tuple[Class, ...]] = field(default_factory=dict)
    """The classes of activations of a whole layer, by the keys of their boxes."""

    measured: ClassVar[str] = "w"
    """The quantity that gives an edge its width and its sign."""
    shows_return: ClassVar[bool] = True
    """Whether edges show what flows back along them."""
    joins_heads: ClassVar[bool] = True
    """Whether an activation of a whole layer, such as a softmax, is one box."""
    shows_step: ClassVar[bool] = False
    """Whether numbers are shown before and after a step."""

    @property
    def snapshot(self) -> Snapshot:
        """The numbers of the pass."""
        return self.settings.snapshot

    def diagram(self, view: str, legend: Sequence[str], most: int | None) -> Diagram:
        """Return the diagram of the network with its figure, at most so many units of a column.

        By default so many that layers which follow one another downwards fit the width of the page.
        """
        diagram = self.diagram_of(elide_network(self.structure, most), view, legend)
        for fewer in (4, 3) if most is None and self.settings.direction == "down" else ():
            if diagram.figure is not None and diagram.figure.width > self.settings.width:
                diagram = self.diagram_of(elide_network(self.structure, fewer), view, legend)
        return diagram

    def diagram_of(self, network: ElidedNetwork, view: str, legend: Sequence[str]) -> Diagram:
        """Return the diagram of a network of which some units are left out."""
        builder = self
        if self.joins_heads:
            network, classes = join_heads(self.structure, network)
            builder = replace(self, classes=classes)
        content = builder.content(network)
        placed = place_diagram(content)
        figure = network_figure(content, self.settings, view, self.legend_entries(network, content))
        texts = self.legend(legend, network)
        marked = {key for key, marks in content.box_marks.items() if marks.highlighted}
        boxes = [box._replace(highlighted=box.key in marked) for box in placed.boxes]
        return Diagram(view, boxes, placed.edges, placed.groups, texts, placed=True, figure=figure)

    def content(self, network: ElidedNetwork) -> NetworkContent:
        """Return what the picture shows, targets in the layer of their loss."""
        slots = [slot for column in network.columns for slot in column]
        magnitudes = [self.magnitude(visible) for visible in network.edges]
        edges = self.edges(network, magnitudes)
        marks = [
            *map(self.edge_marks, network.edges, magnitudes),
            *(self.bias_marks(slot) for slot in slots if self.bias_of(slot)),
        ]
        ranges = [output_range(units_of(column), self.snapshot) for column in network.columns]
        box_marks = {
            slot.key: self.box_marks(slot, bounds)
            for column, bounds in zip(network.columns, ranges, strict=True)
            for slot in column
        }
        columns = join_targets(self.columns(network), edges, {key for key, mark in box_marks.items() if mark.attached})
        return NetworkContent(columns, edges, box_marks, marks, self.shows_step)

    def columns(self, network: ElidedNetwork) -> list[LayoutColumn]:
        """Return the columns, each with its title."""
        columns: list[LayoutColumn] = []
        for slots in network.columns:
            title = column_title(self.structure, units_of(slots), self.settings.say)
            if all(slot.key in self.classes for slot in slots):
                title = activation_name(slots[0].unit)
            columns.append(LayoutColumn(title, tuple(map(self.row, slots))))
        return columns

    def edges(self, network: ElidedNetwork, magnitudes: Sequence[float | None]) -> list[Edge]:
        """Return every edge with its label, and one from each bias."""
        largest = max([magnitude for magnitude in magnitudes if magnitude is not None], default=0.0)
        biased = [slot for column in network.columns for slot in column if self.bias_of(slot)]
        return [
            *(self.edge(*pair, largest) for pair in zip(network.edges, magnitudes, strict=True)),
            *(Edge(f"{slot.key}b", slot.key, kind=EdgeKind.BUNDLE) for slot in biased),
        ]

    def legend(self, lines: Sequence[str], network: ElidedNetwork) -> tuple[str, ...]:
        """Return the legend of the diagram: what its strokes mean, and notes on what it leaves out and on the pass."""
        return (*lines, self.settings.say(STROKES, name=self.measured), *self.notes(network))

    def notes(self, network: ElidedNetwork) -> tuple[str, ...]:
        """Return what legends say about what is left out, about batches and about what a dash stands for."""
        elided = any(slot.elided for column in network.columns for slot in column)
        text = "⋮ left out; a gray edge: all weights from them or to them, the mean of their |{name}|"
        left_out = [self.settings.say(text, name=self.measured)] if elided else []
        return (*left_out, *self.settings.notes())

    def row(self, slot: ColumnSlot) -> LayoutRow:
        """Return a row of a column."""
        if slot.elided:
            lines = ("⋮", self.settings.say("{count} more", count=f"{len(slot.units):,}"), *self.elided_lines(slot))
            return LayoutRow(Box(slot.key, lines, role=Role.MORE))
        bias = self.bias_of(slot)
        bias_box = Box(f"{slot.key}b", self.weight_lines(bias, slot.unit, "b"), role=Role.BIAS) if bias else None
        return LayoutRow(self.box(slot.key, slot.unit), bias_box)

    def bias_of(self, slot: ColumnSlot) -> Element | None:
        """Return the bias that is drawn beside a slot."""
        return self.structure.bias(slot.unit) if self.biases and not slot.elided else None

    def box(self, key: str, unit: Unit) -> Box:
        """Return the box of one unit."""
        name = self.structure.name(unit)
        if unit.weighted_sum is not None:
            return Box(key, (name,), self.neuron_fields(unit, unit.weighted_sum), self.neuron_role(unit))
        node = unit.output
        if key in self.classes:
            return Box(key, (activation_name(unit),), self.class_fields(self.classes[key]), Role.NODE)
        value = self.value_text(node, unit.position)
        if node in self.structure.targets:
            return Box(key, (name, self.snapshot.mark(value, node)), role=Role.TARGET)
        if node.kind == "input":
            return Box(key, (name, self.snapshot.mark(value, node)), role=Role.INPUT)
        if node.kind == "constant" and not node.name:
            return Box(key, (value,), role=Role.CONSTANT)
        fields = [(self.snapshot.mark(self.loss_names.get(node, "value"), node), value)]
        if self.loss_names.get(node) != "L":
            fields.append((self.snapshot.mark(derivative_name(node, name)), self.delta_text(node, unit.position)))
        lines = (name, node.op.label) if node.op and node.name else (node.op.label,) if node.op else (name,)
        return Box(key, lines, tuple(fields), NODE_ROLES.get(node.kind, Role.NODE))

    @cached_property
    def loss_names(self) -> dict[Node, str]:
        """What the losses are called: L, and L₁, L₂, … for its parts."""
        return loss_names(self.structure.graph)

    def neuron_fields(self, unit: Unit, weighted_sum: Node) -> tuple[tuple[str, str], ...]:
        """Return the fields of a neuron, below its name: Σ, output and δ."""
        mark, output = self.snapshot.mark, unit.output
        s = (mark("Σ", weighted_sum), self.value_text(weighted_sum, unit.position))
        y = (mark(activation_name(unit), output), self.value_text(output, unit.position))
        delta = (mark("δ"), self.delta_text(weighted_sum, unit.position))
        return (s, delta) if output is weighted_sum else (s, y, delta)

    def class_fields(self, classes: Sequence[Class]) -> tuple[tuple[str, str], ...]:
        """Return the fields of an activation of a whole layer: the output for each class."""
        mark = self.snapshot.mark
        return tuple(
            ("⋮", "") if item is None else (mark(item.name, item.element.node), self.value_text(*item.element))
            for item in elide(classes, MOST_ROWS)
        )

    def weight_lines(self, weight: Element, reader: Unit, letter: str) -> tuple[str, ...]:
        """Return the text of a weight or a bias, whose letter is w or b: its value and its gradient.

        The gradient of a shared one is a sum over all of its uses.
        """
        name, mark = weight_name(weight, reader, letter), self.snapshot.mark
        value = f"{mark(name, weight.node)} = {self.value_text(*weight)}"
        gradient, uses = f"{mark(f'∂L/∂{name}')} = {self.delta_text(*weight)}", self.snapshot.uses(weight)
        return value, gradient if uses == 1 else f"sum of {uses:,} uses:  {gradient}"

    def use_lines(self, weight: Element, reader: Unit, x: Element) -> tuple[str, ...]:
        """Return the part of this use in the gradient of a shared weight, x·δ; nothing of one that is used once."""
        if self.snapshot.uses(weight) == 1 or reader.weighted_sum is None:
            return ()
        product = self.snapshot.product_with_delta(x, Element(reader.weighted_sum, reader.position))
        return (f"this use:  {self.snapshot.mark('x·δ')} = {format_computed(product, self.settings.digits)}",)

    def neuron_role(self, unit: Unit) -> Role:
        """Return the role of the box of a neuron."""
        return Role.NEURON

    def elided_lines(self, slot: ColumnSlot) -> tuple[str, ...]:
        """Return the text about units that are left out, below their number."""
        return ()

    def measure(self, weight: Element) -> float | None:
        """Return the number that gives an edge its width and its sign."""
        return self.snapshot.value(*weight)

    def value_text(self, node: Node, index: Index = None) -> str:
        """Return the text of the value of a node."""
        return self.snapshot.text(node, index, self.settings.digits)

    def delta_text(self, node: Node, index: Index = None) -> str:
        """Return the text of ∂L/∂node."""
        return self.snapshot.delta_text(node, index, self.settings.digits)

    def edge(self, visible: VisibleEdge, magnitude: float | None, largest: float) -> Edge:
        """Return one edge, its width by the size of its weight."""
        if not visible.weighted:
            return Edge(visible.tail, visible.head)
        weights = [connection.weight for connection in visible.connections if connection.weight]
        width = edge_width(magnitude, largest)
        if visible.bundled:
            mean = f"mean |{self.measured}| = {format_computed(magnitude, self.settings.digits)}"
            summary = (count_noun(len(weights), "weight"), mean) if self.numbers and weights else ()
            return Edge(visible.tail, visible.head, summary, EdgeKind.BUNDLE, width)
        ((source, weight),) = visible.connections
        assert weight is not None
        x = Element(source.output, source.position)
        lines: tuple[str, ...] = ()
        if self.numbers:
            lines = (*self.weight_lines(weight, visible.reader, "w"), *self.use_lines(weight, visible.reader, x))
        return Edge(visible.tail, visible.head, lines, EdgeKind.WEIGHT, width, sign_of(self.measure(weight)))

    def edge_marks(self, visible: VisibleEdge, magnitude: float | None) -> EdgeMarks:
        """Return what the figure shows about an edge."""
        if visible.bundled:
            count = sum(connection.weight is not None for connection in visible.connections)
            if not self.numbers or not count:
                return EdgeMarks(number=magnitude, is_summary=True)
            above = LabelText(
                self.settings.say("{count} weights" if count > 1 else "{count} weight", count=f"{count:,}")
            )
            mean = LabelText(self.settings.say("mean") + " ", format_computed(magnitude, self.settings.digits))
            return EdgeMarks(above, (mean,), magnitude, is_summary=True)
        ((source, weight),) = visible.connections
        reader = visible.reader
        returns = bool(source.output.parents) and self.shows_return
        if weight is None or reader.weighted_sum is None:
            is_output = reader.output.kind == "loss" and source.output.kind != "weighted sum"
            is_output &= source.position is not None or not source.output.shape
            shows = returns and self.numbers and is_output
            below = self.derivative_texts(source) if shows else ()
            delta = self.snapshot.delta(source.output, source.position) if returns else None
            return EdgeMarks(None, below, None, returns, delta)
        marks = self.weight_marks(weight, reader, "w", Element(source.output, source.position))
        s = Element(reader.weighted_sum, reader.position)
        return marks._replace(
            returns=returns, returned=self.snapshot.product_with_delta(weight, s) if returns else None
        )

    def derivative_texts(self, unit: Unit) -> tuple[LabelText, ...]:
        """Return the name and the number of the derivative by the output of a unit."""
        name = derivative_name(unit.output, self.structure.name(unit))
        return LabelText(self.snapshot.mark(name)), LabelText(number=self.delta_text(unit.output, unit.position))

    def bias_marks(self, slot: ColumnSlot) -> EdgeMarks:
        """Return what the figure shows about a bias."""
        bias = self.structure.bias(slot.unit)
        return EdgeMarks() if bias is None else self.weight_marks(bias, slot.unit, "b", None)

    def weight_marks(self, weight: Element, reader: Unit, letter: str, x: Element | None) -> EdgeMarks:
        """Return what the figure shows about a weight, which multiplies x, or about a bias."""
        is_constant = weight.node.kind == "constant"
        uses = 1 if is_constant else self.snapshot.uses(weight)
        above, below = self.label_texts(weight, reader, letter, x) if self.numbers or letter == "b" else (None, ())
        return EdgeMarks(
            above._replace(after=f" ×{uses:,}") if uses > 1 and above else above,
            () if is_constant else below,
            self.measure(weight),
            is_frozen=is_frozen(weight.node),
            is_constant=is_constant,
            is_bias=x is None,
            uses=uses,
            changes=self.shows_step,
            highlighted=weight.node in self.settings.highlight,
        )

    def label_texts(
        self, weight: Element, reader: Unit, letter: str, x: Element | None
    ) -> tuple[LabelText, tuple[LabelText, ...]]:
        """Return what stands above the line of a weight, its value, and below it, its gradient.

        The gradient of a shared weight is a sum; x·δ is the part of this use.
        """
        name, mark = weight_name(weight, reader, letter), self.snapshot.mark
        above = LabelText(f"{mark(name, weight.node)} = ", self.value_text(*weight))
        gradient = LabelText(number=self.delta_text(*weight))
        use = [line.partition("  ")[2].partition(" = ") for line in (self.use_lines(weight, reader, x) if x else ())]
        return above, (gradient, *(LabelText(name + equals, number) for name, equals, number in use))

    def box_marks(self, slot: ColumnSlot, bounds: tuple[float, float]) -> BoxMarks:
        """Return what the figure shows about a box besides its text."""
        output, weighted_sum, position = slot.unit
        nodes = [node for unit in slot.units for node in unit[:2]]
        nodes += [part.output for part in self.classes.get(slot.key, ())]
        highlighted = any(node in self.settings.highlight for node in nodes)
        if slot.elided or weighted_sum is None or weighted_sum is output:
            return BoxMarks(highlighted=highlighted, attached=output in self.structure.targets)
        low, high = bounds
        value = self.snapshot.value(output, position)
        return BoxMarks(True, None if value is None else (value - low) / (high - low), highlighted)

    def legend_entries(self, network: ElidedNetwork, content: NetworkContent) -> list[LegendEntry]:
        """Return the legend of the figure: the marks that it has, and the notes on the pass."""
        entries = network_legend(content, self.settings, self.measured)
        return [*entries, *(LegendEntry(label(note)) for note in self.notes(network))]

    def magnitude(self, visible: VisibleEdge) -> float | None:
        """Return the mean absolute value of the weights of an edge; None before it is known."""
        numbers = [self.measure(connection.weight) for connection in visible.connections if connection.weight]
        sizes = [abs(number) for number in numbers if number is not None]
        return sum(sizes) / len(sizes) if sizes else None


def weight_name(weight: Element, reader: Unit, letter: str) -> str:
    """Return the name of a weight within its neuron, where that is short; else just w or b."""
    if weight.position is not None or not weight.node.name:
        return letter
    name = weight.node.name
    for owner in (reader.output, reader.weighted_sum):
        if owner is not None and owner.name:
            name = name.removeprefix(f"{owner.name}.").removeprefix(f"{owner.name.rpartition('.')[0]}.")
    return shorten(name) if len(name) <= 6 else letter
