"""The view of one neuron: inputs → Σ → θ → output, δ back in a second color, with formulas and numbers."""

from __future__ import annotations

from dataclasses import dataclass

from minigrad._format import format_equation, format_number, shorten
from minigrad.core.local_derivatives import mean_activation_derivative
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Diagram, Edge, Link, Role
from minigrad.drawing.neurons.layout import Column, Row, place
from minigrad.drawing.neurons.painter import pass_notes, theta_name, weight_name
from minigrad.drawing.snapshot import Readings
from minigrad.drawing.style import pen_width
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.structure import Anatomy, Cell, Wire, read

LEGEND = (
    "Forward:  ━━▶ w ≥ 0 (blue)   ╍╍▶ w < 0 (red, dashed)   thicker: larger |w|.",
    "Backward:  ◀━━ violet;   δ = ∂L/∂s = ∂L/∂output · θ′(s),   ∂L/∂w = x · δ,   ∂L/∂b = δ.",
)
MOST = 8
"""Inputs that are shown one by one."""


def neuron(graph: Graph, *, of: Node | str | None = None, most: int = MOST) -> Diagram:
    """The textbook's picture of a single neuron.

    Parameters: `of` is the neuron, its output node or its weighted sum, or the name of either; without it the first
    neuron of the graph. `most` inputs are shown. Raises RenderError where there is no such neuron.
    """
    anatomy = read(graph)
    cell = found(anatomy, of)
    if cell.total is None:
        raise RenderError("not a neuron", found=anatomy.name(cell), expected="a weighted sum, or the activation of one")
    sketch = Sketch(anatomy, cell, cell.total, Readings())
    placed = place(sketch.columns(most), sketch.edges(most))
    legend = (*LEGEND, *sketch.in_numbers(), *sketch.readings.notes(), *pass_notes(graph))
    return Diagram("neuron", placed.boxes, placed.edges, placed.groups, legend, placed=True)


def found(anatomy: Anatomy, of: Node | str | None) -> Cell:
    """The cell that is meant; raises RenderError where the graph has none."""
    cells = [cell for column in anatomy.columns for cell in column]
    if of is None:
        neurons = [cell for cell in cells if cell.total is not None]
        if not neurons:
            raise RenderError("no neuron in this graph", expected="a weighted sum", cure='Use view="expression".')
        return neurons[0]
    for cell in cells:
        names = {anatomy.name(cell), *(node.name for node in (cell.output, cell.total) if node is not None)}
        if of is cell.output or of is cell.total or (isinstance(of, str) and of in names):
            return cell
    raise RenderError("no such neuron in this graph", found=shorten(str(of)), cure="Give its node or its name.")


@dataclass(frozen=True)
class Sketch:
    """One neuron taken apart into what it reads, Σ, θ and its output."""

    anatomy: Anatomy
    cell: Cell
    total: Node
    readings: Readings

    @property
    def bends(self) -> bool:
        """Whether the neuron has an activation."""
        return self.cell.output is not self.total

    @property
    def s(self) -> float | None:
        """The weighted sum."""
        return self.readings.value(self.total, self.cell.place)

    @property
    def output(self) -> float | None:
        """What the neuron hands on."""
        return self.readings.value(self.cell.output, self.cell.place)

    @property
    def delta(self) -> float | None:
        """δ of the weighted sum."""
        return self.readings.delta(self.total, self.cell.place)

    @property
    def arriving(self) -> float | None:
        """∂L/∂output, what comes back from all that read the neuron."""
        return self.readings.delta(self.cell.output, self.cell.place)

    @property
    def slope(self) -> float | None:
        """θ′(s)."""
        return mean_activation_derivative(self.cell.output, self.total, self.cell.place) if self.bends else None

    def columns(self, most: int) -> list[Column]:
        """Inputs, Σ, θ, output."""
        wires = self.weighted()
        inputs = [Row(self.source_box(number, wire)) for number, wire in enumerate(wires[:most])]
        if len(wires) > most:
            inputs.append(Row(Box("more", ("⋮", f"{len(wires) - most:,} more"), role=Role.MORE)))
        columns = [
            Column("reads", tuple(inputs)),
            Column("weighted sum", (Row(Box("sum", ("Σ", "w·x + b"), role=Role.OP), self.bias_box()),)),
        ]
        if self.bends:
            columns.append(Column("activation", (Row(Box("theta", ("θ", theta_name(self.cell)), role=Role.OP)),)))
        out = Box("out", (self.anatomy.name(self.cell), format_number(self.output)), role=Role.NEURON)
        return [*columns, Column("output", (Row(out),))]

    def weighted(self) -> list[Wire]:
        """What the neuron reads through a weight."""
        return [wire for wire in self.anatomy.wires(self.cell) if wire.weight]

    def source_box(self, number: int, wire: Wire) -> Box:
        """One thing that the neuron reads."""
        source = wire.source
        value = format_number(self.readings.value(source.output, source.place))
        role = Role.NEURON if source.total is not None else Role.INPUT
        return Box(f"x{number}", (self.anatomy.name(source), value), role=role)

    def bias_box(self) -> Box | None:
        """The bias, above Σ."""
        bias = self.anatomy.bias(self.cell)
        if bias is None:
            return None
        b, gradient = self.readings.value(*bias), self.readings.delta(*bias)
        return Box("bias", (format_equation("b", b), format_equation("∂L/∂b", gradient)), role=Role.BIAS)

    def edges(self, most: int) -> list[Edge]:
        """Forward and back, side by side."""
        wires = self.weighted()
        known = [self.readings.value(*wire.weight) or 0.0 for wire in wires[:most] if wire.weight]
        largest = max(map(abs, known), default=0.0)
        edges: list[Edge] = []
        for number, wire in enumerate(wires[:most]):
            edges += self.input_edges(f"x{number}", wire, largest)
        if len(wires) > most:
            edges.append(Edge("more", "sum", link=Link.BUNDLE))
        if self.anatomy.bias(self.cell):
            edges.append(Edge("bias", "sum", link=Link.BUNDLE))
        last = "sum"
        if self.bends:
            edges.append(Edge("sum", "theta", (format_equation("s", self.s),)))
            product = f"= {factor(self.arriving)} · {factor(self.slope)}"
            lines = ("δ = ∂L/∂output · θ′(s)", product, f"= {format_number(self.delta)}")
            edges.append(Edge("sum", "theta", lines, Link.DELTA))
            last = "theta"
        edges.append(Edge(last, "out", (format_equation("θ(s)" if self.bends else "s", self.output),)))
        edges.append(Edge(last, "out", (format_equation("∂L/∂output", self.arriving),), Link.DELTA))
        return edges

    def input_edges(self, key: str, wire: Wire, largest: float) -> list[Edge]:
        """The edge of one weight, and the edge of its gradient."""
        if wire.weight is None:
            return []
        name = weight_name(wire.weight, self.cell, "w")
        w, x = self.factors(wire)
        width = pen_width(None if w is None else abs(w), largest)
        product = f"∂L/∂{name} = {factor(x)} · {factor(self.delta)}"
        return [
            Edge(key, "sum", (format_equation(name, w),), Link.WEIGHT, width, negative=w is not None and w < 0),
            Edge(key, "sum", (product, f"= {format_number(self.readings.delta(*wire.weight))}"), Link.DELTA),
        ]

    def in_numbers(self) -> tuple[str, ...]:
        """The weighted sum written out, where it is short."""
        wires = self.weighted()
        if len(wires) > 4 or self.s is None:
            return ()
        terms = [f"{factor(w)}·{factor(x)}" for w, x in map(self.factors, wires)]
        bias = self.anatomy.bias(self.cell)
        last = [factor(self.readings.value(*bias))] if bias else []
        return (f"In numbers:  s = Σ w·x + b = {' + '.join(terms + last)} = {format_number(self.s)}",)

    def factors(self, wire: Wire) -> tuple[float | None, float | None]:
        """The weight of a wire, and what it weighs."""
        w = self.readings.value(*wire.weight) if wire.weight else None
        return w, self.readings.value(wire.source.output, wire.source.place)


def factor(number: float | None) -> str:
    """A number within a product or a sum."""
    return f"({format_number(number)})" if number is not None and number < 0 else format_number(number)
