"""The passes view: the working process of a BP network, forward edges and δ edges side by side, and its matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minigrad._format import format_equation, format_number
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, BoxGroup, Diagram, Edge, EdgeKind, Point, Role
from minigrad.drawing.neurons.elision import ColumnSlot, ElidedNetwork, VisibleEdge, elide_network
from minigrad.drawing.neurons.layout import MARGIN, place_columns
from minigrad.drawing.neurons.painter import NetworkPainter, activation_name, weight_name
from minigrad.drawing.page import Page
from minigrad.drawing.style import box_size
from minigrad.drawing.views.registry import register_view
from minigrad.graph import Graph
from minigrad.structure import Element, Unit, read_structure

LEGEND = (
    "Forward:  ━━▶ w ≥ 0 (blue)   ╍╍▶ w < 0 (red, dashed)   s = Σ w·x + b,  output θ(s).",
    "Backward:  ◀━━ violet.  ∂L/∂output = Σ w·δ from behind,  δ = θ′(s) · ∂L/∂output,  ∂L/∂w = x·δ,  ∂L/∂b = δ.",
    "Matrices:  column j of W holds the weights of neuron j;   s = x W + b,   δ before = θ′ ⊙ (δ Wᵀ),   ∂L/∂W = xᵀ δ.",
)
MOST = 5
"""Units that a column shows by default: every edge is drawn twice."""


@register_view(
    "passes",
    shows="The forward pass through a network, the backward pass beside it, and its weight matrices.",
)
def passes_view(graph: Graph, page: Page, *, most: int = MOST, matrices: bool = True) -> Diagram:
    """Draw the working process of a network: both passes in one picture, and the weight matrices below it.

    Forward edges carry w, violet ones ∂L/∂w and w·δ; each neuron shows s, θ(s), ∂L/∂output, θ′(s) and δ. Each
    neuron is one column of the matrix of its layer.

    Args:
        graph: The graph of a network.
        page: The pass to show, and the options that all views share.
        most: The largest number of units shown in a column, at least 3.
        matrices: Whether the weight matrices are drawn.

    Returns:
        The diagram, with positions.

    Raises:
        RenderError: If the network has more than 24 columns.
        SettingError: If `most` is less than 3.

    Example:
        >>> import minigrad as mg
        >>> network = mg.Network(*mg.mlp([2, 3, 1], activation=mg.tanh, rng=0))
        >>> [group.title for group in mg.draw(network, view="passes").diagram.groups[-2:]]
        ['W⁽¹⁾, column by column', 'W⁽²⁾, column by column']
    """
    structure = read_structure(graph)
    network = elide_network(structure, most)
    painter = PassesPainter(structure, page)
    placed = place_columns(painter.columns(network), painter.edges_both_ways(network))
    boxes, groups = place_matrices(painter, network, placed.corner.y + 4 * MARGIN) if matrices else ([], [])
    legend = painter.legend(LEGEND, network)
    return Diagram("passes", [*placed.boxes, *boxes], placed.edges, [*placed.groups, *groups], legend, placed=True)


@dataclass(frozen=True)
class PassesPainter(NetworkPainter):
    """A network with both passes in each neuron: s and θ(s) forward, Σ w·δ, θ′ and δ backward."""

    def neuron_fields(self, unit: Unit, weighted_sum: Node) -> tuple[tuple[str, str], ...]:
        s = ("s = Σ w·x + b", self.value_text(weighted_sum, unit.position))
        delta = ("δ", self.delta_text(weighted_sum, unit.position))
        if unit.output is weighted_sum:
            return s, delta
        return (
            s,
            (f"θ = {activation_name(unit)}", self.value_text(unit.output, unit.position)),
            ("∂L/∂output", self.delta_text(unit.output, unit.position)),
            ("θ′(s)", format_number(self.snapshot.slope(unit.output, weighted_sum, unit.position))),
            delta,
        )

    def weight_lines(self, weight: Element, reader: Unit, letter: str) -> tuple[str, ...]:
        name = weight_name(weight, reader, letter)
        lines = (format_equation(name, self.snapshot.value(*weight)),)
        return lines if letter == "w" else (*lines, format_equation(f"∂L/∂{name}", self.snapshot.delta(*weight)))

    def edges_both_ways(self, network: ElidedNetwork) -> list[Edge]:
        """Return each forward edge, followed by the edge of δ that goes back along it."""
        forward = self.edges(network)
        edges: list[Edge] = []
        for edge, visible in zip(forward, network.edges, strict=False):
            edges.append(edge)
            if not any(connection.source.output in self.structure.targets for connection in visible.connections):
                edges.append(Edge(visible.tail, visible.head, self.delta_lines(visible), EdgeKind.DELTA))
        return edges + forward[len(network.edges) :]

    def delta_lines(self, visible: VisibleEdge) -> tuple[str, ...]:
        """Return the label of an edge that carries δ back."""
        weight = None if visible.bundled else visible.connections[0].weight
        if weight is None or visible.reader.weighted_sum is None:
            return ()
        name = weight_name(weight, visible.reader, "w")
        gradient = format_equation(f"∂L/∂{name}", self.snapshot.delta(*weight))
        if visible.connections[0].source.weighted_sum is None:  # δ goes no further than the first neurons
            return (gradient,)
        w = self.snapshot.value(*weight)
        delta = self.snapshot.delta(visible.reader.weighted_sum, visible.reader.position)
        return gradient, format_equation(f"{name}·δ", None if w is None or delta is None else w * delta)

    def matrix_column(self, slot: ColumnSlot, edges: Sequence[VisibleEdge], order: dict[str, int]) -> Box:
        """Return one column of a matrix: the weights of a neuron by the units they come from."""
        key = f"m{slot.key}"
        if slot.elided:
            return Box(key, ("⋯",), role=Role.MATRIX)
        arriving = [visible for visible in edges if visible.head == slot.key and visible.weighted]
        fields = [self.matrix_entry(visible) for visible in sorted(arriving, key=lambda visible: order[visible.tail])]
        return Box(key, (self.structure.name(slot.unit),), tuple(fields), Role.MATRIX)

    def matrix_entry(self, visible: VisibleEdge) -> tuple[str, str]:
        """Return one row of a column: where a weight comes from, and the weight."""
        source, weight = visible.connections[0]
        if visible.bundled or weight is None:
            return "⋮", "⋮"
        return self.structure.name(source), self.value_text(*weight)


def place_matrices(painter: PassesPainter, network: ElidedNetwork, top: float) -> tuple[list[Box], list[BoxGroup]]:
    """Return the weight matrices under the picture: a narrow box for each column, which is a neuron, side by side."""
    boxes: list[Box] = []
    groups: list[BoxGroup] = []
    left = 0.0
    order = {slot.key: row for column in network.columns for row, slot in enumerate(column)}
    for slots in network.columns:
        neurons = [slot for slot in slots if slot.unit.weighted_sum is not None]
        columns = [painter.matrix_column(slot, network.edges, order) for slot in neurons]
        if columns:
            height, first = max(box_size(box).y for box in columns), left
            for box in columns:
                size = Point(box_size(box).x, height)
                boxes.append(box._replace(at=Point(left + size.x / 2, top + height / 2), size=size))
                left += size.x + 3
            title = f"W{superscript(len(groups) + 1)}, column by column"
            middle = Point((first + left) / 2, top - 1.5 * MARGIN)
            groups.append(BoxGroup(title, tuple(box.key for box in columns), middle))
            left = max(left, first + 120) + 4 * MARGIN
    return boxes, groups


def superscript(number: int) -> str:
    """Return a layer number as the textbook writes it, W⁽¹⁾."""
    return "⁽" + "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(number)) + "⁾"
