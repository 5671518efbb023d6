"""The view of one neuron: inputs → Σ → θ → output, δ back in a second color, with formulas and numbers."""

from __future__ import annotations

from dataclasses import dataclass

from minigrad._format import format_equation, format_factor, format_number, shorten
from minigrad.core.local_derivatives import mean_activation_derivative
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Diagram, Edge, EdgeKind, Role
from minigrad.drawing.neurons.layout import LayoutColumn, LayoutRow, place_columns
from minigrad.drawing.neurons.painter import activation_name, weight_name
from minigrad.drawing.snapshot import Snapshot
from minigrad.drawing.style import edge_width
from minigrad.drawing.views.registry import register_view
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.structure import Element, NetworkStructure, Unit, read_structure

LEGEND = (
    "Forward:  ━━▶ w ≥ 0 (blue)   ╍╍▶ w < 0 (red, dashed)   thicker: larger |w|.",
    "Backward:  ◀━━ violet;   δ = ∂L/∂s = ∂L/∂output · θ′(s),   ∂L/∂w = x · δ,   ∂L/∂b = δ.",
)
MOST = 8
"""Inputs that are shown one by one."""


@register_view("neuron")
def neuron_view(graph: Graph, *, of: Node | str | None = None, most: int = MOST) -> Diagram:
    """Draw the textbook's picture of a single neuron.

    Parameters: `of` is the neuron, its output node or its weighted sum, or the name of either; without it the first
    neuron of the graph. `most` inputs are shown. Raises RenderError where there is no such neuron.
    """
    structure = read_structure(graph)
    unit = find_unit(structure, of)
    if unit.weighted_sum is None:
        name = structure.name(unit)
        raise RenderError("not a neuron", found=name, expected="a weighted sum, or the activation of one")
    neuron = NeuronDiagram(structure, unit, unit.weighted_sum, Snapshot())
    placed = place_columns(neuron.columns(most), neuron.edges(most))
    legend = (*LEGEND, *neuron.in_numbers(), *neuron.snapshot.notes(graph))
    return Diagram("neuron", placed.boxes, placed.edges, placed.groups, legend, placed=True)


def find_unit(structure: NetworkStructure, of: Node | str | None) -> Unit:
    """Return the unit of a node or a name, or the first neuron; raise RenderError where the graph has none."""
    if of is None:
        if not structure.layers:
            raise RenderError("no neuron in this graph", expected="a weighted sum", cure='Use view="expression".')
        return structure.layers[0][0]
    for unit in (unit for column in structure.columns for unit in column):
        names = {structure.name(unit), *(node.name for node in (unit.output, unit.weighted_sum) if node is not None)}
        if of is unit.output or of is unit.weighted_sum or (isinstance(of, str) and of in names):
            return unit
    raise RenderError("no such neuron in this graph", found=shorten(str(of)), cure="Give its node or its name.")


@dataclass(frozen=True)
class NeuronDiagram:
    """One neuron as what it reads, Σ, θ and its output."""

    structure: NetworkStructure
    unit: Unit
    weighted_sum: Node
    snapshot: Snapshot

    @property
    def has_activation(self) -> bool:
        """Whether the neuron has an activation."""
        return self.unit.output is not self.weighted_sum

    @property
    def inputs(self) -> list[tuple[Unit, Element]]:
        """What the neuron reads through a weight."""
        return [(source, weight) for source, weight in self.structure.connections(self.unit) if weight]

    def value(self, node: Node) -> float | None:
        """Return the value of the output or of the weighted sum."""
        return self.snapshot.value(node, self.unit.position)

    def delta(self, node: Node) -> float | None:
        """Return ∂L/∂output, which comes back from all that read the neuron, or δ of the weighted sum."""
        return self.snapshot.delta(node, self.unit.position)

    def columns(self, most: int) -> list[LayoutColumn]:
        """Return inputs, Σ, θ, output."""
        inputs = self.inputs
        rows = [LayoutRow(self.source_box(number, source)) for number, (source, _) in enumerate(inputs[:most])]
        if len(inputs) > most:
            rows.append(LayoutRow(Box("more", ("⋮", f"{len(inputs) - most:,} more"), role=Role.MORE)))
        sum_box = Box("sum", ("Σ", "w·x + b"), role=Role.OP)
        columns = [
            LayoutColumn("reads", tuple(rows)),
            LayoutColumn("weighted sum", (LayoutRow(sum_box, self.bias_box()),)),
        ]
        if self.has_activation:
            activation_box = Box("theta", ("θ", activation_name(self.unit)), role=Role.OP)
            columns.append(LayoutColumn("activation", (LayoutRow(activation_box),)))
        output_box = Box(
            "out", (self.structure.name(self.unit), format_number(self.value(self.unit.output))), role=Role.NEURON
        )
        return [*columns, LayoutColumn("output", (LayoutRow(output_box),))]

    def source_box(self, number: int, source: Unit) -> Box:
        """Return the box of one unit that the neuron reads."""
        value = format_number(self.snapshot.value(source.output, source.position))
        role = Role.NEURON if source.weighted_sum is not None else Role.INPUT
        return Box(f"x{number}", (self.structure.name(source), value), role=role)

    def bias_box(self) -> Box | None:
        """Return the bias, above Σ."""
        bias = self.structure.bias(self.unit)
        if bias is None:
            return None
        b, gradient = self.snapshot.value(*bias), self.snapshot.delta(*bias)
        return Box("bias", (format_equation("b", b), format_equation("∂L/∂b", gradient)), role=Role.BIAS)

    def edges(self, most: int) -> list[Edge]:
        """Return the edges forward and back, side by side."""
        inputs = self.inputs
        largest = max((abs(self.snapshot.value(*weight) or 0.0) for _, weight in inputs[:most]), default=0.0)
        edges: list[Edge] = []
        for number, (source, weight) in enumerate(inputs[:most]):
            edges += self.input_edges(f"x{number}", source, weight, largest)
        if len(inputs) > most:
            edges.append(Edge("more", "sum", kind=EdgeKind.BUNDLE))
        if self.structure.bias(self.unit):
            edges.append(Edge("bias", "sum", kind=EdgeKind.BUNDLE))
        last, output, gradient = "sum", self.value(self.unit.output), self.delta(self.unit.output)
        if self.has_activation:
            edges.append(Edge("sum", "theta", (format_equation("s", self.value(self.weighted_sum)),)))
            slope = mean_activation_derivative(self.unit.output, self.weighted_sum, self.unit.position)
            product = f"= {format_factor(gradient)} · {format_factor(slope)}"
            lines = ("δ = ∂L/∂output · θ′(s)", product, f"= {format_number(self.delta(self.weighted_sum))}")
            edges.append(Edge("sum", "theta", lines, EdgeKind.DELTA))
            last = "theta"
        edges.append(Edge(last, "out", (format_equation("θ(s)" if self.has_activation else "s", output),)))
        edges.append(Edge(last, "out", (format_equation("∂L/∂output", gradient),), EdgeKind.DELTA))
        return edges

    def input_edges(self, key: str, source: Unit, weight: Element, largest: float) -> list[Edge]:
        """Return the edge of one weight, and the edge of its gradient."""
        name = weight_name(weight, self.unit, "w")
        w, x = self.snapshot.value(*weight), self.snapshot.value(source.output, source.position)
        width = edge_width(None if w is None else abs(w), largest)
        product = f"∂L/∂{name} = {format_factor(x)} · {format_factor(self.delta(self.weighted_sum))}"
        return [
            Edge(key, "sum", (format_equation(name, w),), EdgeKind.WEIGHT, width, negative=w is not None and w < 0),
            Edge(key, "sum", (product, f"= {format_number(self.snapshot.delta(*weight))}"), EdgeKind.DELTA),
        ]

    def in_numbers(self) -> tuple[str, ...]:
        """Return the weighted sum written out, where it is short."""
        s = self.value(self.weighted_sum)
        if len(self.inputs) > 4 or s is None:
            return ()
        terms: list[str] = []
        for source, weight in self.inputs:
            w, x = self.snapshot.value(*weight), self.snapshot.value(source.output, source.position)
            terms.append(f"{format_factor(w)}·{format_factor(x)}")
        bias = self.structure.bias(self.unit)
        if bias:
            terms.append(format_factor(self.snapshot.value(*bias)))
        return (f"In numbers:  s = Σ w·x + b = {' + '.join(terms)} = {format_number(s)}",)
