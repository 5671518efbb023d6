"""The expression view: every node a box with value and δ, every op an ellipse, a local derivative on every edge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minigrad._format import format_equation, shorten
from minigrad.core.local_derivatives import local_derivatives
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Diagram, Edge, Role
from minigrad.drawing.neurons.painter import pass_notes
from minigrad.drawing.snapshot import Readings, summary
from minigrad.errors import RenderError
from minigrad.graph import Graph

LIMIT = 150
"""Nodes that Graphviz lays out in about a second and that a person can still follow."""
LEGEND = (
    "Box:  a node with its value and  δ = ∂L/∂value.  Ellipse:  the op that makes a node.",
    "On an edge:  ∂ = ∂result/∂operand, the local derivative.  δ of a node is the sum of  ∂ · δ  over its edges.",
)
ROLES = {
    "input": Role.INPUT,
    "parameter": Role.PARAMETER,
    "constant": Role.CONSTANT,
    "loss": Role.LOSS,
}
"""Roles of nodes by kind; the others are plain nodes."""


def expression(graph: Graph, *, limit: int | None = LIMIT) -> Diagram:
    """Every node and every op of a graph.

    Raises RenderError for more than `limit` nodes, which would take Graphviz minutes and nobody could read; None draws
    any number.
    """
    if limit is not None and len(graph) > limit:
        raise RenderError(
            "too large for the expression view",
            found=f"{len(graph):,} nodes",
            expected=f"at most {limit}",
            cure=f'Draw it with view="{instead(graph)}", or only a part of it with draw(node).',
        )
    readings = Readings()
    boxes, edges = drawn(graph, graph.nodes, readings)
    return Diagram("expression", boxes, edges, legend=(*LEGEND, *readings.notes(), *pass_notes(graph)))


def instead(graph: Graph) -> str:
    """The view that shows a graph too large for this one."""
    return "neurons" if any(node.kind == "weighted sum" for node in graph.nodes) else "ends"


def drawn(graph: Graph, nodes: Sequence[Node], readings: Readings) -> tuple[tuple[Box, ...], tuple[Edge, ...]]:
    """The boxes and edges of some nodes of a graph; parents that are not among them get no edge."""
    boxes: list[Box] = []
    edges: list[Edge] = []
    chosen = set(nodes)
    for node in nodes:
        number = graph.position[node]
        boxes.append(node_box(node, number, readings))
        if node.op is not None:
            boxes.append(Box(f"o{number}", (shorten(node.op.label),), role=Role.OP))
            edges.extend(operand_edges(graph, node, number, chosen))
            edges.append(Edge(f"o{number}", f"n{number}"))
    return tuple(boxes), tuple(edges)


def node_box(node: Node, number: int, readings: Readings) -> Box:
    """The box of one node."""
    name = shorten(node.name) if node.name else node.label if node.op is None else f"#{number}"
    value = summary(node, readings.value(node), node.value)
    delta = summary(node, readings.delta(node), node.delta)
    return Box(f"n{number}", (name,), (("value", value), ("δ", delta)), ROLES.get(node.kind, Role.NODE))


def operand_edges(graph: Graph, node: Node, number: int, chosen: set[Node]) -> Iterator[Edge]:
    """An edge from each operand to the op, repeats kept."""
    for parent, derivative in zip(node.parents, local_derivatives(node), strict=True):
        if parent in chosen:
            lines = () if derivative is None else (format_equation("∂", derivative),)
            yield Edge(f"n{graph.position[parent]}", f"o{number}", lines, negative=bool(derivative and derivative < 0))
