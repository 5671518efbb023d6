"""The view of one neuron: inputs → Σ → θ → output, δ back in a second color, with formulas and numbers."""

from __future__ import annotations

from minigrad._format import format_equation, format_factor, format_number, shorten
from minigrad._validation import check_integer
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Diagram, Edge, EdgeKind, Role
from minigrad.drawing.neurons.layout import LayoutColumn, LayoutRow, place_columns
from minigrad.drawing.neurons.painter import activation_name, weight_name
from minigrad.drawing.page import Page
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
def neuron_view(graph: Graph, page: Page, *, of: Node | str | None = None, most: int = MOST) -> Diagram:
    """Draw one neuron as the textbook does: inputs → Σ → θ → output, and δ on its way back, in formulas and numbers.

    For a first look at how a neuron computes s = Σ w·x + b, θ(s), δ = ∂L/∂output · θ′(s) and ∂L/∂w = x·δ.

    Args:
        graph: A graph that contains the neuron.
        page: The pass to show, and the options that all views share.
        of: The neuron: its output node, its weighted sum, or the name of either; by default the first of the graph.
        most: The largest number of inputs that are shown.

    Returns:
        The diagram, with positions.

    Raises:
        RenderError: If there is no such neuron.
        SettingError: If `most` is less than 1.

    Example:
        >>> import minigrad as mg
        >>> x, w, b = mg.Input("x", value=2.0), mg.Parameter(0.5, "w"), mg.Parameter(-1.0, "b")
        >>> h = mg.tanh(mg.weighted_sum([x], [w], b), name="h")
        >>> mg.draw(h, view="neuron", of="h").diagram.legend[2]
        'In numbers:  s = Σ w·x + b = 0.5·2 + (-1) = 0'
    """
    structure, snapshot = read_structure(graph), page.snapshot
    unit = find_unit(structure, of)
    if unit.weighted_sum is None:
        expected = "a weighted sum or its activation"
        raise RenderError("this node is not a neuron", node=structure.name(unit), expected=expected)
    columns, edges = neuron_elements(structure, unit, unit.weighted_sum, snapshot, check_integer(most, "most", 1))
    placed = place_columns(columns, edges)
    legend = (*LEGEND, *in_numbers(structure, unit, snapshot), *snapshot.notes())
    return Diagram("neuron", placed.boxes, placed.edges, placed.groups, legend, placed=True)


def find_unit(structure: NetworkStructure, of: Node | str | None) -> Unit:
    """Return the unit of a node or a name, or the first neuron; raise RenderError where the graph has none."""
    if of is None:
        if not structure.layers:
            raise RenderError("this graph has no neuron", expected="a weighted sum", cure='Use view="expression".')
        return structure.layers[0][0]
    for unit in (unit for column in structure.columns for unit in column):
        names = {structure.name(unit), *(node.name for node in (unit.output, unit.weighted_sum) if node is not None)}
        if of is unit.output or of is unit.weighted_sum or (isinstance(of, str) and of in names):
            return unit
    raise RenderError("no such neuron in this graph", found=shorten(str(of)), cure="Pass its node or its name.")


def weighted_inputs(structure: NetworkStructure, unit: Unit) -> list[tuple[Unit, Element]]:
    """Return what a neuron reads through weights, each unit with its weight."""
    return [(source, weight) for source, weight in structure.connections(unit) if weight]


def neuron_elements(
    structure: NetworkStructure, unit: Unit, weighted_sum: Node, snapshot: Snapshot, most: int
) -> tuple[list[LayoutColumn], list[Edge]]:
    """Return the columns, inputs, Σ, θ and output, and the edges forward and back between them."""
    inputs, bias = weighted_inputs(structure, unit), structure.bias(unit)
    delta = snapshot.delta(weighted_sum, unit.position)
    output, gradient = snapshot.value(unit.output, unit.position), snapshot.delta(unit.output, unit.position)
    largest = max((abs(snapshot.value(*weight) or 0.0) for _, weight in inputs[:most]), default=0.0)
    rows: list[LayoutRow] = []
    edges: list[Edge] = []
    for number, (source, weight) in enumerate(inputs[:most]):
        key, name = f"x{number}", weight_name(weight, unit, "w")
        x, w = snapshot.value(source.output, source.position), snapshot.value(*weight)
        role = Role.NEURON if source.weighted_sum is not None else Role.INPUT
        rows.append(LayoutRow(Box(key, (structure.name(source), format_number(x)), role=role)))
        width = edge_width(None if w is None else abs(w), largest)
        product = f"∂L/∂{name} = {format_factor(x)} · {format_factor(delta)}"
        lines = product, f"= {format_number(snapshot.delta(*weight))}"
        edges.append(Edge(key, "sum", (format_equation(name, w),), EdgeKind.WEIGHT, width, w is not None and w < 0))
        edges.append(Edge(key, "sum", lines, EdgeKind.DELTA))
    if len(inputs) > most:
        rows.append(LayoutRow(Box("more", ("⋮", f"{len(inputs) - most:,} more"), role=Role.MORE)))
        edges.append(Edge("more", "sum", kind=EdgeKind.BUNDLE))
    bias_box = None
    if bias:
        lines = format_equation("b", snapshot.value(*bias)), format_equation("∂L/∂b", snapshot.delta(*bias))
        bias_box = Box("bias", lines, role=Role.BIAS)
        edges.append(Edge("bias", "sum", kind=EdgeKind.BUNDLE))
    sum_row = LayoutRow(Box("sum", ("Σ", "w·x + b"), role=Role.OP), bias_box)
    columns = [LayoutColumn("reads", tuple(rows)), LayoutColumn("weighted sum", (sum_row,))]
    last, label = "sum", "s"
    if unit.output is not weighted_sum:
        last, label = "theta", "θ(s)"
        theta_row = LayoutRow(Box(last, ("θ", activation_name(unit)), role=Role.OP))
        columns.append(LayoutColumn("activation", (theta_row,)))
        slope = snapshot.slope(unit.output, weighted_sum, unit.position)
        product = f"= {format_factor(gradient)} · {format_factor(slope)}"
        back = ("δ = ∂L/∂output · θ′(s)", product, f"= {format_number(delta)}")
        edges.append(Edge("sum", last, (format_equation("s", snapshot.value(weighted_sum, unit.position)),)))
        edges.append(Edge("sum", last, back, EdgeKind.DELTA))
    edges.append(Edge(last, "out", (format_equation(label, output),)))
    edges.append(Edge(last, "out", (format_equation("∂L/∂output", gradient),), EdgeKind.DELTA))
    output_row = LayoutRow(Box("out", (structure.name(unit), format_number(output)), role=Role.NEURON))
    return [*columns, LayoutColumn("output", (output_row,))], edges


def in_numbers(structure: NetworkStructure, unit: Unit, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the weighted sum written out in numbers, if it is short and known."""
    inputs, bias = weighted_inputs(structure, unit), structure.bias(unit)
    s = None if unit.weighted_sum is None else snapshot.value(unit.weighted_sum, unit.position)
    if len(inputs) > 4 or s is None:
        return ()
    terms = [
        f"{format_factor(snapshot.value(*weight))}·{format_factor(snapshot.value(source.output, source.position))}"
        for source, weight in inputs
    ] + ([format_factor(snapshot.value(*bias))] if bias else [])
    return (f"In numbers:  s = Σ w·x + b = {' + '.join(terms)} = {format_number(s)}",)
