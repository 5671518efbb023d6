"""The passes view: the working process of a BP network, forward edges and δ edges side by side, and its matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from minigrad._format import format_equation, format_number
from minigrad.core.local_derivatives import mean_activation_derivative
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Diagram, Edge, Group, Link, Point, Role
from minigrad.drawing.neurons.elision import Slot, Strand, Wiring, wire_up
from minigrad.drawing.neurons.layout import MARGIN, Placed, place
from minigrad.drawing.neurons.painter import Pen, theta_name, weight_name
from minigrad.drawing.style import size_of
from minigrad.graph import Graph
from minigrad.structure import Cell, Element, read

LEGEND = (
    "Forward:  ━━▶ w ≥ 0 (blue)   ╍╍▶ w < 0 (red, dashed)   s = Σ w·x + b,  output θ(s).",
    "Backward:  ◀━━ violet.  ∂L/∂output = Σ w·δ from behind,  δ = θ′(s) · ∂L/∂output,  ∂L/∂w = x·δ,  ∂L/∂b = δ.",
    "Matrices:  column j of W holds the weights of neuron j;   s = x W + b,   δ before = θ′ ⊙ (δ Wᵀ),   ∂L/∂W = xᵀ δ.",
)
MOST = 5
"""Cells that a column shows by default: every edge is drawn twice."""


def passes(graph: Graph, *, most: int = MOST, matrices: bool = True) -> Diagram:
    """Both passes of a network in one picture, and beneath it which column of which matrix each neuron is.

    Parameters: `most` cells are shown of a column; the `matrices` can be left out. Raises RenderError for a graph too
    deep for a page.
    """
    anatomy = read(graph)
    wiring = wire_up(anatomy, most)
    pen = PassesPen(anatomy)
    placed = place(pen.columns(wiring), both_ways(pen, wiring))
    boxes, groups = list(placed.boxes), list(placed.groups)
    if matrices:
        for columns, group in matrix_columns(pen, wiring, placed):
            boxes += columns
            groups.append(group)
    return Diagram("passes", tuple(boxes), placed.edges, tuple(groups), pen.legend(LEGEND, wiring), placed=True)


@dataclass(frozen=True)
class PassesPen(Pen):
    """Writes both passes into a neuron, s and θ(s) on the way forward, Σ w·δ, θ′ and δ on the way back."""

    def neuron_fields(self, cell: Cell, total: Node) -> tuple[tuple[str, str], ...]:
        read_value, read_delta = self.readings.value, self.readings.delta
        forward = (
            ("s = Σ w·x + b", format_number(read_value(total, cell.place))),
            (f"θ = {theta_name(cell)}", format_number(read_value(cell.output, cell.place))),
        )
        if cell.output is total:
            return (*forward[:1], ("δ", format_number(read_delta(total, cell.place))))
        back = format_number(read_delta(cell.output, cell.place))
        slope = format_number(mean_activation_derivative(cell.output, total, cell.place))
        return (*forward, ("∂L/∂output", back), ("θ′(s)", slope), ("δ", format_number(read_delta(total, cell.place))))

    def weight_lines(self, weight: Element, reader: Cell, letter: str) -> tuple[str, ...]:
        name = weight_name(weight, reader, letter)
        lines = (format_equation(name, self.readings.value(*weight)),)
        return lines if letter == "w" else (*lines, format_equation(f"∂L/∂{name}", self.readings.delta(*weight)))

    def back_lines(self, strand: Strand) -> tuple[str, ...]:
        """What is written on an edge that carries δ back."""
        weight = None if strand.bundled else strand.wires[0].weight
        if weight is None or strand.reader.total is None:
            return ()
        name = weight_name(weight, strand.reader, "w")
        gradient = format_equation(f"∂L/∂{name}", self.readings.delta(*weight))
        if strand.wires[0].source.total is None:  # δ goes no further than the first neurons
            return (gradient,)
        w, delta = self.readings.value(*weight), self.readings.delta(strand.reader.total, strand.reader.place)
        carried = None if w is None or delta is None else w * delta
        return gradient, format_equation(f"{name}·δ", carried)


def both_ways(pen: PassesPen, wiring: Wiring) -> list[Edge]:
    """Each forward edge, followed by the edge of δ that goes back along it."""
    forward = pen.edges(wiring)
    edges: list[Edge] = []
    for edge, strand in zip(forward, wiring.strands, strict=False):
        edges.append(edge)
        if not any(wire.source.output in pen.anatomy.targets for wire in strand.wires):
            edges.append(Edge(strand.tail, strand.head, pen.back_lines(strand), Link.DELTA))
    return edges + forward[len(wiring.strands) :]


def matrix_columns(pen: PassesPen, wiring: Wiring, placed: Placed) -> list[tuple[list[Box], Group]]:
    """The weight matrices under the picture: a narrow box for each column, which is a neuron, side by side."""
    found: list[tuple[list[Box], Group]] = []
    left, top = 0.0, placed.corner.y + 4 * MARGIN
    order = {slot.key: place for column in wiring.columns for place, slot in enumerate(column)}
    for slots in wiring.columns:
        columns = [matrix_column(pen, slot, wiring.strands, order) for slot in slots if slot.cell.total is not None]
        if not columns:
            continue
        height = max(size_of(box).y for box in columns)
        first = left
        boxes: list[Box] = []
        for box in columns:
            size = Point(size_of(box).x, height)
            boxes.append(box._replace(at=Point(left + size.x / 2, top + height / 2), size=size))
            left += size.x + 3
        title = f"W{superscript(len(found) + 1)}, column by column"
        middle = Point((first + left) / 2, top - 1.5 * MARGIN)
        found.append((boxes, Group(title, tuple(box.key for box in boxes), middle)))
        left = max(left, first + 120) + 4 * MARGIN
    return found


def matrix_column(pen: PassesPen, slot: Slot, strands: Sequence[Strand], order: Mapping[str, int]) -> Box:
    """One column of a matrix: the weights of a neuron by the cells they come from."""
    key = f"m{slot.key}"
    if slot.elided:
        return Box(key, ("⋯",), role=Role.MATRIX)
    arriving = [strand for strand in strands if strand.head == slot.key and strand.weighted]
    fields = [entry(pen, strand) for strand in sorted(arriving, key=lambda strand: order[strand.tail])]
    return Box(key, (pen.anatomy.name(slot.cell),), tuple(fields), Role.MATRIX)


def entry(pen: PassesPen, strand: Strand) -> tuple[str, str]:
    """One row of a column: where a weight comes from, and the weight."""
    wire = strand.wires[0]
    if strand.bundled or wire.weight is None:
        return "⋮", "⋮"
    return pen.anatomy.name(wire.source), format_number(pen.readings.value(*wire.weight))


def superscript(number: int) -> str:
    """A layer number as the textbook writes it, W⁽¹⁾."""
    return "⁽" + "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(number)) + "⁾"
