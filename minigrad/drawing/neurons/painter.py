"""Boxes and edges of a network with their text, as the neuron view has it; other network views change parts of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from minigrad._format import count_noun, shorten
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Diagram, Edge, EdgeKind, Role, sign_of
from minigrad.drawing.neurons.elision import ColumnSlot, ElidedNetwork, VisibleEdge, elide_network
from minigrad.drawing.neurons.layout import LayoutColumn, LayoutRow, place_columns
from minigrad.drawing.numbers import format_computed
from minigrad.drawing.page import Page
from minigrad.drawing.snapshot import Snapshot, derivative_name, loss_names
from minigrad.drawing.style import NODE_ROLES, edge_width
from minigrad.structure import Element, Index, NetworkStructure, Unit


@dataclass(frozen=True)
class NetworkPainter:
    """Boxes and edges of a network: Σ, output and δ in each neuron, a weight and its gradient on each edge.

    Views override the text of neurons and weights, and the quantity that the width of an edge shows.
    """

    structure: NetworkStructure
    page: Page
    numbers: bool = True
    biases: bool = True

    measured: ClassVar[str] = "w"
    """The quantity that gives an edge its width and its sign."""

    @property
    def snapshot(self) -> Snapshot:
        """The numbers of the pass."""
        return self.page.snapshot

    def diagram(self, view: str, legend: Sequence[str], most: int | None) -> Diagram:
        """Return the placed diagram of the network, at most so many units of a column."""
        network = elide_network(self.structure, most)
        placed = place_columns(self.columns(network), self.edges(network))
        return Diagram(view, placed.boxes, placed.edges, placed.groups, self.legend(legend, network), placed=True)

    def columns(self, network: ElidedNetwork) -> list[LayoutColumn]:
        """Return the columns, each with its title."""
        columns: list[LayoutColumn] = []
        for slots in network.columns:
            units = [unit for slot in slots for unit in slot.units]
            columns.append(LayoutColumn(column_title(self.structure, units), tuple(map(self.row, slots))))
        return columns

    def edges(self, network: ElidedNetwork) -> list[Edge]:
        """Return every edge with its label, and one from each bias."""
        magnitudes = [self.magnitude(visible) for visible in network.edges]
        largest = max([magnitude for magnitude in magnitudes if magnitude is not None], default=0.0)
        biased = [slot for column in network.columns for slot in column if self.bias_of(slot)]
        return [
            *(self.edge(*pair, largest) for pair in zip(network.edges, magnitudes, strict=True)),
            *(Edge(f"{slot.key}b", slot.key, kind=EdgeKind.BUNDLE) for slot in biased),
        ]

    def legend(self, lines: Sequence[str], network: ElidedNetwork) -> tuple[str, ...]:
        """Return the legend, with notes on what is left out, on batches and on what a dash stands for."""
        elided = any(slot.elided for column in network.columns for slot in column)
        left_out = ("⋮ cells left out:  a gray edge stands for all weights from them or to them.",) if elided else ()
        return (*lines, *left_out, *self.snapshot.notes())

    def row(self, slot: ColumnSlot) -> LayoutRow:
        """Return a row of a column."""
        if slot.elided:
            lines = ("⋮", f"{len(slot.units):,} more", *self.elided_lines(slot))
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
        return (
            (mark("Σ", weighted_sum), self.value_text(weighted_sum, unit.position)),
            (mark(activation_name(unit), output), self.value_text(output, unit.position)),
            (mark("δ"), self.delta_text(weighted_sum, unit.position)),
        )

    def weight_lines(self, weight: Element, reader: Unit, letter: str) -> tuple[str, ...]:
        """Return the text of a weight or a bias, whose letter is w or b: its value and its gradient.

        The gradient of a shared one is a sum over all of its uses.
        """
        name, mark = weight_name(weight, reader, letter), self.snapshot.mark
        value = f"{mark(name, weight.node)} = {self.value_text(*weight)}"
        gradient, uses = f"{mark(f'∂L/∂{name}')} = {self.delta_text(*weight)}", self.snapshot.uses(weight)
        return value, gradient if uses == 1 else f"sum of {uses:,} uses:  {gradient}"

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
        return self.snapshot.text(node, index, self.page.digits)

    def delta_text(self, node: Node, index: Index = None) -> str:
        """Return the text of ∂L/∂node."""
        return self.snapshot.delta_text(node, index, self.page.digits)

    def edge(self, visible: VisibleEdge, magnitude: float | None, largest: float) -> Edge:
        """Return one edge, its width by the size of its weight."""
        if not visible.weighted:
            return Edge(visible.tail, visible.head)
        weights = [connection.weight for connection in visible.connections if connection.weight]
        width = edge_width(magnitude, largest)
        if visible.bundled:
            mean = f"mean |{self.measured}| = {format_computed(magnitude, self.page.digits)}"
            summary = (count_noun(len(weights), "weight"), mean) if self.numbers and weights else ()
            return Edge(visible.tail, visible.head, summary, EdgeKind.BUNDLE, width)
        (weight,) = weights
        lines = self.weight_lines(weight, visible.reader, "w") if self.numbers else ()
        return Edge(visible.tail, visible.head, lines, EdgeKind.WEIGHT, width, sign_of(self.measure(weight)))

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


def activation_name(unit: Unit) -> str:
    """Return the label of the activation of a neuron; "output" where it has none."""
    return unit.output.op.label if unit.output is not unit.weighted_sum and unit.output.op else "output"


def column_title(structure: NetworkStructure, units: Sequence[Unit]) -> str:
    """Return the title of a column: what it is, how large it is, and its activation."""
    nouns = {unit_noun(structure, unit) for unit in units}
    noun = nouns.pop() if len(nouns) == 1 else "node"
    title = "loss" if noun == "loss" and len(units) == 1 else count_noun(len(units), noun)
    neurons = [unit for unit in units if unit.weighted_sum is not None and unit.output is not unit.weighted_sum]
    activations = {activation_name(unit) for unit in neurons}
    return f"{title} · {activations.pop()}" if len(activations) == 1 else title


def unit_noun(structure: NetworkStructure, unit: Unit) -> str:
    """Return what a unit is called."""
    if unit.weighted_sum is not None:
        return "neuron"
    if unit.output in structure.targets:
        return "target"
    return unit.output.kind if unit.output.kind in {"input", "parameter", "constant", "loss"} else "node"
