"""The view of one neuron: inputs → Σ → θ → output, δ back in a second color, with formulas and numbers."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from minigrad._format import shorten
from minigrad._validation import check_integer
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Diagram, Edge, EdgeKind, Role, sign_of
from minigrad.drawing.neurons.layout import LayoutColumn, LayoutRow, place_columns
from minigrad.drawing.neurons.painter import activation_name, weight_name
from minigrad.drawing.numbers import format_computed, format_product, format_sum
from minigrad.drawing.page import Page
from minigrad.drawing.style import edge_width
from minigrad.drawing.views.registry import register_view
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.structure import Element, NetworkStructure, Unit, read_structure, weighted_sum_operands

LEGEND = (
    "Forward:  ━━▶ w > 0 (blue)   ╍╍▶ w < 0 (red, dashed)   ┈┈▶ w = 0 (dotted)   thicker: larger |w|.",
    "Backward:  ◀━━ violet;   δ = ∂L/∂s = ∂L/∂output · θ′(s),   ∂L/∂w = x·δ,   ∂L/∂b = δ.",
    "The gradient of a weight or bias that is used several times is the sum over its uses.",
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
        >>> mg.draw(h, view="neuron", of="h").diagram.legend[3]
        'In numbers:  s = Σ w·x + b = 0.5 · 2 + (−1) = 0'
    """
    structure = read_structure(graph)
    unit = find_unit(structure, of)
    if unit.weighted_sum is None:
        expected = "a weighted sum or its activation"
        raise RenderError("this node is not a neuron", node=structure.name(unit), expected=expected)
    columns, edges = neuron_elements(structure, unit, unit.weighted_sum, page, check_integer(most, "most", 1))
    placed = place_columns(columns, edges)
    legend = (*LEGEND, *in_numbers(structure, unit, unit.weighted_sum, page), *page.snapshot.notes())
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
    structure: NetworkStructure, unit: Unit, weighted_sum: Node, page: Page, most: int
) -> tuple[list[LayoutColumn], list[Edge]]:
    """Return the columns, inputs, Σ, θ and output, and the edges forward and back between them."""
    snapshot, digits, mark = page.snapshot, page.digits, page.snapshot.mark
    inputs, bias = weighted_inputs(structure, unit), structure.bias(unit)
    s = Element(weighted_sum, unit.position)
    largest = max((abs(snapshot.value(*weight) or 0.0) for _, weight in inputs[:most]), default=0.0)
    rows: list[LayoutRow] = []
    edges: list[Edge] = []
    for number, (source, weight) in enumerate(inputs[:most]):
        key, name, w = f"x{number}", weight_name(weight, unit, "w"), snapshot.value(*weight)
        role = Role.NEURON if source.weighted_sum is not None else Role.INPUT
        text = mark(snapshot.text(source.output, source.position, digits), source.output)
        rows.append(LayoutRow(Box(key, (structure.name(source), text), role=role)))
        width = edge_width(None if w is None else abs(w), largest)
        lines = (f"{mark(name, weight.node)} = {snapshot.text(*weight, digits)}",)
        edges.append(Edge(key, "sum", lines, EdgeKind.WEIGHT, width, sign_of(w)))
        edges.append(Edge(key, "sum", gradient_lines(page, name, source, weight, s), EdgeKind.DELTA))
    if len(inputs) > most:
        rows.append(LayoutRow(Box("more", ("⋮", f"{len(inputs) - most:,} more"), role=Role.MORE)))
        edges.append(Edge("more", "sum", kind=EdgeKind.BUNDLE))
    bias_box = None
    if bias:
        gradient, uses = f"{mark('∂L/∂b')} = {snapshot.delta_text(*bias, digits)}", snapshot.uses(bias)
        gradient = gradient if uses == 1 else f"sum of {uses:,} uses:  {gradient}"
        bias_box = Box("bias", (f"{mark('b', bias.node)} = {snapshot.text(*bias, digits)}", gradient), role=Role.BIAS)
        edges.append(Edge("bias", "sum", kind=EdgeKind.BUNDLE))
    sum_row = LayoutRow(Box("sum", ("Σ", "w·x + b"), role=Role.OP), bias_box)
    columns = [LayoutColumn("reads", tuple(rows)), LayoutColumn("weighted sum", (sum_row,))]
    last, label = "sum", "s"
    if unit.output is not weighted_sum:
        last, label = "theta", "θ(s)"
        theta_row = LayoutRow(Box(last, ("θ", activation_name(unit)), role=Role.OP))
        columns.append(LayoutColumn("activation", (theta_row,)))
        edges.append(Edge("sum", last, (f"{mark('s', weighted_sum)} = {snapshot.text(*s, digits)}",)))
        edges.append(Edge("sum", last, delta_lines(page, unit, weighted_sum), EdgeKind.DELTA))
    output = snapshot.text(unit.output, unit.position, digits)
    back = f"{mark('∂L/∂output')} = {snapshot.delta_text(unit.output, unit.position, digits)}"
    edges.append(Edge(last, "out", (f"{mark(label, unit.output)} = {output}",)))
    edges.append(Edge(last, "out", (back,), EdgeKind.DELTA))
    output_row = LayoutRow(Box("out", (structure.name(unit), mark(output, unit.output)), role=Role.NEURON))
    return [*columns, LayoutColumn("output", (output_row,))], edges


def gradient_lines(page: Page, name: str, source: Unit, weight: Element, s: Element) -> tuple[str, ...]:
    """Return ∂L/∂w = x·δ in numbers; of a weight that is used several times, this use and their sum."""
    snapshot, digits = page.snapshot, page.digits
    product = snapshot.mark("x·δ")
    factors = snapshot.value(source.output, source.position), snapshot.delta(*s)
    if not snapshot.is_mean and can_be_multiplied(factors):
        x, delta = snapshot.text(source.output, source.position, digits), snapshot.delta_text(*s, digits)
        product += f" = {format_product([x, delta])}"
    gradient, uses = snapshot.delta_text(*weight, digits), snapshot.uses(weight)
    if uses == 1:
        return f"{snapshot.mark(f'∂L/∂{name}')} = {product}", f"= {gradient}"
    this_use = format_computed(snapshot.product_with_delta(Element(source.output, source.position), s), digits)
    return f"this use:  {product} = {this_use}", f"sum of {uses:,} uses:  {snapshot.mark(f'∂L/∂{name}')} = {gradient}"


def delta_lines(page: Page, unit: Unit, weighted_sum: Node) -> tuple[str, ...]:
    """Return δ = ∂L/∂output · θ′(s) in numbers; over a batch the mean of the products."""
    snapshot, digits = page.snapshot, page.digits
    delta = f"= {snapshot.delta_text(weighted_sum, unit.position, digits)}"
    equation = f"{snapshot.mark('δ')} = {snapshot.mark('∂L/∂output · θ′(s)')}"
    factors = snapshot.delta(unit.output, unit.position), snapshot.slope(unit.output, weighted_sum, unit.position)
    if snapshot.is_mean or not can_be_multiplied(factors):
        return equation, delta
    return equation, f"= {format_product([format_computed(factor, digits) for factor in factors])}", delta


def can_be_multiplied(factors: Iterable[float | None]) -> bool:
    """Return whether a product may be written in numbers: all are known, and none is NaN or infinite.

    A backward rule leaves out what it multiplies by zero, so that NaN times zero may be zero.
    """
    return all(factor is not None and isfinite(factor) for factor in factors)


def in_numbers(structure: NetworkStructure, unit: Unit, weighted_sum: Node, page: Page) -> tuple[str, ...]:
    """Return the weighted sum written out in numbers, if it is short and known; over a batch the means of its terms."""
    snapshot, digits = page.snapshot, page.digits
    inputs, b = weighted_inputs(structure, unit), weighted_sum_operands(weighted_sum).b
    s = snapshot.value(weighted_sum, unit.position)
    if len(inputs) > 4 or s is None:
        return ()
    sources = [Element(source.output, source.position) for source, _ in inputs]
    if snapshot.is_mean:
        products = [snapshot.product(weight, x) for (_, weight), x in zip(inputs, sources, strict=True)]
        terms = [format_computed(product, digits) for product in products]
    else:
        pairs = [(weight, x) for (_, weight), x in zip(inputs, sources, strict=True)]
        terms = [format_product([snapshot.text(*weight, digits), snapshot.text(*x, digits)]) for weight, x in pairs]
    bias = Element(b, unit.position if b.shape else None)
    if b.name or snapshot.value(*bias) != 0.0:
        terms.append(snapshot.text(*bias, digits))
    name, formula = snapshot.mark("s", weighted_sum), "Σ ⟨w·x⟩ + b" if snapshot.is_mean else "Σ w·x + b"
    return (f"In numbers:  {name} = {formula} = {format_sum(terms)} = {format_computed(s, digits)}",)
