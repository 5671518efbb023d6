"""The explain view: all paths of one node to the loss, a local derivative on every edge, products and sum below."""

from __future__ import annotations

from minigrad._format import count_noun, format_factor, format_number, join_elided, shorten
from minigrad.core.node import Node
from minigrad.drawing.diagram import Diagram, Edge
from minigrad.drawing.snapshot import Snapshot
from minigrad.drawing.views.expression import node_box
from minigrad.drawing.views.registry import register_view
from minigrad.errors import RenderError
from minigrad.explanation.explanation import Explanation, explain
from minigrad.explanation.paths import Path
from minigrad.graph import Graph

LEGEND = (
    "Box:  a node with its value and  δ = ∂L/∂value.",
    "On an edge:  ∂ = ∂child/∂parent, the local derivative;  ╍╍▶ where it is negative.",
)
MOST_PATHS = 12
"""Paths that a legend lists and that the eye can still tell apart."""
MOST_NODES = 60
"""Nodes that a person can follow one by one."""
MOST_NAMES = 9
"""Nodes and derivatives of a path that a line of the legend holds."""
LONGEST_FORMULA = 28
"""Characters of a formula that an edge has room for."""


@register_view("explain")
def explain_view(graph: Graph, *, of: Node | str | None = None, limit: int = MOST_PATHS) -> Diagram:
    """Draw why δ of a node is what it is: δ = Σ over the paths to the loss of Π ∂child/∂parent.

    Parameters: `of` is the node or its name; without it the first parameter of the graph, or its first node. Raises
    RenderError for more than `limit` paths or `MOST_NODES` nodes, with what to use instead.
    """
    start = find_node(graph, of)
    explanation = explain(start, graph, limit=limit)
    nodes, count = explanation.nodes, explanation.count
    if count > limit or len(nodes) > MOST_NODES:
        raise RenderError(
            "too much for a picture of every path",
            node=str(start),
            found=f"{count_noun(count, 'path')} through {count_noun(len(nodes), 'node')}",
            expected=f"at most {count_noun(limit, 'path')}, {MOST_NODES} nodes",
            cure="Sum them layer by layer: print(minigrad.explain(node, graph)).",
        )
    snapshot = Snapshot()
    boxes = tuple(node_box(graph, node, snapshot) for node in nodes)
    legend = (*LEGEND, *path_lines(graph, explanation), *snapshot.notes(graph))
    return Diagram("explain", boxes, tuple(link_edges(graph, explanation)), legend=legend)


def find_node(graph: Graph, of: Node | str | None) -> Node:
    """Return a node of the graph by itself or its name; raise RenderError where there is none."""
    if of is None:
        return graph.parameters[0] if graph.parameters else graph.nodes[0]
    for node in graph.nodes:
        if node is of or (isinstance(of, str) and node.name == of):
            return node
    raise RenderError("no such node in this graph", found=shorten(str(of)), cure="Give a node, or its name.")


def link_edges(graph: Graph, explanation: Explanation) -> list[Edge]:
    """Return every link of every path once, with its local derivative as a formula and a number; repeats kept."""
    edges: list[Edge] = []
    for link in explanation.links:
        number = explanation.derivative(link)
        tail, head = (f"n{graph.position[node]}" for node in (link.parent, link.child))
        lines = derivative_lines(explanation.formula(link), number, explanation.total is None)
        edges.append(Edge(tail, head, lines, negative=number is not None and number < 0))
    return edges


def derivative_lines(formula: str, number: float | None, unknown: bool) -> tuple[str, ...]:
    """Return the label of an edge: a formula, where there is room for it, and a number, where there is one."""
    sides = [formula] if len(formula) <= LONGEST_FORMULA else []
    if number is not None or unknown:
        sides.append(format_number(number))
    first, *rest = dict.fromkeys(sides or ["…"])
    return (f"∂ = {first}", *(f"= {side}" for side in rest))


def path_lines(graph: Graph, explanation: Explanation) -> list[str]:
    """Return a line for the product of each path, and one for their sum."""
    lines = [f"path {number}:  {path_line(graph, path)}" for number, path in enumerate(explanation.paths, start=1)]
    names = " + ".join(f"path {number}" for number in range(1, len(lines) + 1))
    return [*lines, f"δ of {node_name(graph, explanation.node)}  =  {names}  =  {format_number(explanation.total)}"]


def path_line(graph: Graph, path: Path) -> str:
    """Return a path with its product."""
    names = join_elided([node_name(graph, node) for node in path.nodes], MOST_NAMES, " → ")
    if None in path.derivatives or len(path.links) < 2:
        return f"{names}:   {format_number(path.product)}"
    factors = join_elided([format_factor(derivative) for derivative in path.derivatives], MOST_NAMES, " · ")
    return f"{names}:   {factors} = {format_number(path.product)}"


def node_name(graph: Graph, node: Node) -> str:
    """Return the name of a node, or else its number."""
    return graph.short_name(node)
