"""The expression view: every node a box with value and δ, every op an ellipse, a local derivative on every edge.

The ends view is the same for the first and last nodes of a graph of any size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minigrad._format import count_noun, format_equation, shorten
from minigrad.core.local_derivatives import local_derivatives
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Diagram, Edge, Role
from minigrad.drawing.snapshot import Snapshot, format_value
from minigrad.drawing.style import NODE_ROLES
from minigrad.drawing.views.registry import register_view
from minigrad.errors import RenderError
from minigrad.graph import Graph

LIMIT = 150
"""Nodes that Graphviz lays out in about a second and that a person can still follow."""
MOST_BY_DEFAULT = 60
"""Nodes that a person can follow one by one, so that "auto" draws them all."""
LEGEND = (
    "Box:  a node with its value and  δ = ∂L/∂value.  Ellipse:  the op that makes a node.",
    "On an edge:  ∂ = ∂result/∂operand, the local derivative.  δ of a node is the sum of  ∂ · δ  over its edges.",
)


@register_view("expression", suits=lambda size: not size.columns and size.nodes <= MOST_BY_DEFAULT)
def expression_view(graph: Graph, *, limit: int | None = LIMIT) -> Diagram:
    """Draw every node and every op of a graph.

    Raises RenderError for more than `limit` nodes, which would take Graphviz minutes and nobody could read; None draws
    any number.
    """
    if limit is not None and len(graph) > limit:
        view = "neurons" if any(node.kind == "weighted sum" for node in graph.nodes) else "ends"
        raise RenderError(
            "too large for the expression view",
            found=f"{len(graph):,} nodes",
            expected=f"at most {limit}",
            cure=f'Draw it with view="{view}", or only a part of it with draw(node).',
        )
    snapshot = Snapshot()
    boxes, edges = expression_elements(graph, graph.nodes, snapshot)
    return Diagram("expression", boxes, edges, legend=(*LEGEND, *snapshot.notes(graph)))


@register_view("ends")
def ends_view(graph: Graph, *, count: int = 5) -> Diagram:
    """Draw the first and the last `count` nodes of a graph in topological order; all where there are no more.

    Raises RenderError for a count below 1.
    """
    if count < 1:
        raise RenderError("nothing to show", found=f"count={count}", expected="count=1 or more")
    snapshot = Snapshot()
    if len(graph) <= 2 * count:
        boxes, edges = expression_elements(graph, graph.nodes, snapshot)
        return Diagram("ends", boxes, edges, legend=(*LEGEND, *snapshot.notes(graph)))
    first, last = graph.nodes[:count], graph.nodes[-count:]
    boxes, edges = expression_elements(graph, (*first, *last), snapshot)
    middle = Box("more", ("⋮", f"{count_noun(len(graph) - 2 * count, 'node')} more"), role=Role.MORE)
    legend = (*LEGEND, "Nodes in between are left out; a gray box stands for them.", *snapshot.notes(graph))
    return Diagram("ends", (*boxes, middle), (*edges, *edges_of_middle(graph, first, last)), legend=legend)


def expression_elements(
    graph: Graph, nodes: Sequence[Node], snapshot: Snapshot
) -> tuple[tuple[Box, ...], tuple[Edge, ...]]:
    """Return the boxes and edges of some nodes of a graph; parents that are not among them get no edge."""
    boxes: list[Box] = []
    edges: list[Edge] = []
    visible = set(nodes)
    for node in nodes:
        number = graph.position[node]
        boxes.append(node_box(graph, node, snapshot))
        if node.op is not None:
            boxes.append(Box(f"o{number}", (shorten(node.op.label),), role=Role.OP))
            edges.extend(operand_edges(graph, node, number, visible))
            edges.append(Edge(f"o{number}", f"n{number}"))
    return tuple(boxes), tuple(edges)


def node_box(graph: Graph, node: Node, snapshot: Snapshot) -> Box:
    """Return the box of one node."""
    name = node.label if node.op is None and not node.name else graph.short_name(node)
    value = format_value(node, snapshot.value(node), node.value)
    delta = format_value(node, snapshot.delta(node), node.delta)
    return Box(
        f"n{graph.position[node]}", (name,), (("value", value), ("δ", delta)), NODE_ROLES.get(node.kind, Role.NODE)
    )


def operand_edges(graph: Graph, node: Node, number: int, visible: set[Node]) -> Iterator[Edge]:
    """Yield an edge from each operand to the op, repeats kept."""
    for parent, derivative in zip(node.parents, local_derivatives(node), strict=True):
        if parent in visible:
            lines = () if derivative is None else (format_equation("∂", derivative),)
            yield Edge(f"n{graph.position[parent]}", f"o{number}", lines, negative=bool(derivative and derivative < 0))


def edges_of_middle(graph: Graph, first: tuple[Node, ...], last: tuple[Node, ...]) -> list[Edge]:
    """Return an edge from each node that only the middle reads, and one to each node that reads the middle."""
    visible = {*first, *last}
    read = {parent for node in visible for parent in node.parents}
    into = [Edge(f"n{graph.position[node]}", "more") for node in first if node not in read]
    readers = [node for node in last if any(parent not in visible for parent in node.parents)]
    return into + [Edge("more", f"o{graph.position[node]}") for node in readers]
