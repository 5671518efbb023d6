"""What is written in the boxes and on the edges of a network; each network view has a pen of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from minigrad._format import count_noun, format_equation, format_number, shorten
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Edge, Link, Role
from minigrad.drawing.neurons.elision import Slot, Strand, Wiring
from minigrad.drawing.neurons.layout import Column, Row
from minigrad.drawing.snapshot import Readings, summary
from minigrad.drawing.style import pen_width
from minigrad.graph import Graph
from minigrad.structure import Anatomy, Cell, Element, Place

ROLES = {"loss": Role.LOSS, "parameter": Role.PARAMETER, "constant": Role.CONSTANT}
"""Roles of the nodes that are neither neurons nor inputs, by kind."""


@dataclass(frozen=True)
class Pen(ABC):
    """Writes the boxes and edges of a network.

    What it writes of neurons and weights is up to the view, and a view may measure edges by something else than w.
    """

    anatomy: Anatomy
    numbers: bool = True
    biases: bool = True
    readings: Readings = field(default_factory=Readings)

    measured: ClassVar[str] = "w"
    """What gives an edge its width and its sign."""

    def columns(self, wiring: Wiring) -> list[Column]:
        """The columns with what is written in them."""
        return [self.column(column) for column in wiring.columns]

    def edges(self, wiring: Wiring) -> list[Edge]:
        """Every edge with what is written on it, and one from each bias."""
        strengths = [self.strength(strand) for strand in wiring.strands]
        largest = max([strength for strength in strengths if strength is not None], default=0.0)
        biased = [slot for column in wiring.columns for slot in column if self.bias_of(slot)]
        return [
            *(self.edge(*drawn, largest) for drawn in zip(wiring.strands, strengths, strict=True)),
            *(Edge(f"{slot.key}b", slot.key, link=Link.BUNDLE) for slot in biased),
        ]

    def legend(self, lines: Sequence[str], wiring: Wiring) -> tuple[str, ...]:
        """The legend, with a word on what is left out, on batches and on what a dash stands for."""
        elided = any(slot.elided for column in wiring.columns for slot in column)
        left_out = ("⋮ cells left out:  a gray edge stands for all weights from them or to them.",) if elided else ()
        return (*lines, *left_out, *self.readings.notes(), *pass_notes(self.anatomy.graph))

    def column(self, slots: Sequence[Slot]) -> Column:
        """A column with its title."""
        cells = [cell for slot in slots for cell in slot.cells]
        return Column(heading(self.anatomy, cells), tuple(map(self.row, slots)))

    def row(self, slot: Slot) -> Row:
        """A row of a column."""
        if slot.elided:
            return Row(Box(slot.key, ("⋮", f"{len(slot.cells):,} more", *self.elided_lines(slot)), role=Role.MORE))
        bias = self.bias_of(slot)
        return Row(self.box(slot.key, slot.cell), self.bias_box(f"{slot.key}b", bias, slot.cell) if bias else None)

    def bias_of(self, slot: Slot) -> Element | None:
        """The bias that is drawn beside a slot."""
        return self.anatomy.bias(slot.cell) if self.biases and not slot.elided else None

    def box(self, key: str, cell: Cell) -> Box:
        """The box of one cell."""
        name = self.anatomy.name(cell)
        if cell.total is not None:
            return Box(key, (name,), self.neuron_fields(cell, cell.total), self.neuron_role(cell))
        node = cell.output
        value = self.written_value(node, cell.place)
        if node in self.anatomy.targets:
            return Box(key, (name, value), role=Role.TARGET)
        if node.kind == "input":
            return Box(key, (name, value), role=Role.INPUT)
        if node.kind == "constant" and not node.name:
            return Box(key, (value,), role=Role.CONSTANT)
        delta = self.readings.delta(node)
        fields = (("L" if node.kind == "loss" else "value", value), ("δ", summary(node, delta, node.delta)))
        lines = (name, node.op.label) if node.op and node.name else (node.op.label,) if node.op else (name,)
        return Box(key, lines, fields, ROLES.get(node.kind, Role.NODE))

    @abstractmethod
    def neuron_fields(self, cell: Cell, total: Node) -> tuple[tuple[str, str], ...]:
        """What is written in a neuron, below its name."""

    @abstractmethod
    def weight_lines(self, weight: Element, reader: Cell, letter: str) -> tuple[str, ...]:
        """What is written of a weight or a bias, whose letter is w or b."""

    def neuron_role(self, cell: Cell) -> Role:
        """How the box of a neuron looks."""
        return Role.NEURON

    def elided_lines(self, slot: Slot) -> tuple[str, ...]:
        """What is written of the cells that are left out, below their number."""
        return ()

    def measure(self, weight: Element) -> float | None:
        """The number that gives an edge its width and its sign."""
        return self.readings.value(*weight)

    def written_value(self, node: Node, place: Place = None) -> str:
        """The value of a node as a picture shows it."""
        number = self.readings.value(node, place)
        return summary(node, number, node.value) if place is None else format_number(number)

    def bias_box(self, key: str, bias: Element, reader: Cell) -> Box:
        """The small box of a bias."""
        return Box(key, self.weight_lines(bias, reader, "b"), role=Role.BIAS)

    def edge(self, strand: Strand, strength: float | None, largest: float) -> Edge:
        """One edge, as wide as its weight is large."""
        if not strand.weighted:
            return Edge(strand.tail, strand.head)
        weights = [wire.weight for wire in strand.wires if wire.weight]
        lines = self.lines(strand, weights, strength) if self.numbers and weights else ()
        width = pen_width(strength, largest)
        if strand.bundled:
            return Edge(strand.tail, strand.head, lines, Link.BUNDLE, width)
        return Edge(strand.tail, strand.head, lines, Link.WEIGHT, width, (self.measure(weights[0]) or 0.0) < 0)

    def lines(self, strand: Strand, weights: Sequence[Element], strength: float | None) -> tuple[str, ...]:
        """What is written on an edge."""
        if strand.bundled:
            return count_noun(len(weights), "weight"), format_equation(f"mean |{self.measured}|", strength)
        return self.weight_lines(weights[0], strand.reader, "w")

    def strength(self, strand: Strand) -> float | None:
        """The mean size of what is measured on a strand; None before it is known."""
        numbers = [self.measure(wire.weight) for wire in strand.wires if wire.weight]
        sizes = [abs(number) for number in numbers if number is not None]
        return sum(sizes) / len(sizes) if sizes else None


def weight_name(weight: Element, reader: Cell, letter: str) -> str:
    """The name of a weight within its neuron, where that is short; else just w or b."""
    if weight.place is not None or not weight.node.name:
        return letter
    name = weight.node.name
    for owner in (reader.output, reader.total):
        if owner is not None and owner.name:
            name = name.removeprefix(f"{owner.name}.").removeprefix(f"{owner.name.rpartition('.')[0]}.")
    return shorten(name) if len(name) <= 6 else letter


def theta_name(cell: Cell) -> str:
    """What the output of a neuron is called: by its activation."""
    return cell.output.op.label if cell.output is not cell.total and cell.output.op else "output"


def pass_notes(graph: Graph) -> tuple[str, ...]:
    """What a legend says before a pass."""
    unknown = any(output.value is None or output.delta is None for output in graph.outputs)
    return ("— not known yet: run forward, then backward.",) if unknown else ()


def heading(anatomy: Anatomy, cells: Sequence[Cell]) -> str:
    """What is written over a column: what it is, how large it is, and its activation."""
    kinds = {noun(anatomy, cell) for cell in cells}
    kind = kinds.pop() if len(kinds) == 1 else "node"
    title = "loss" if kind == "loss" and len(cells) == 1 else count_noun(len(cells), kind)
    thetas = {theta_name(cell) for cell in cells if cell.total is not None and cell.output is not cell.total}
    return f"{title} · {thetas.pop()}" if len(thetas) == 1 else title


def noun(anatomy: Anatomy, cell: Cell) -> str:
    """What a cell is called."""
    if cell.total is not None:
        return "neuron"
    if cell.output in anatomy.targets:
        return "target"
    return cell.output.kind if cell.output.kind in {"input", "parameter", "constant", "loss"} else "node"
