"""The explain view: all paths of one node to the loss, a local derivative on every edge, products and sum below."""

from __future__ import annotations

from minigrad._format import count_noun, format_factor, format_number, join_elided
from minigrad.core.node import Node
from minigrad.drawing.diagram import Diagram, Edge
from minigrad.drawing.page import Page
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
def explain_view(graph: Graph, page: Page, *, of: Node | str | None = None, limit: int = MOST_PATHS) -> Diagram:
    """Draw every path from a node to the loss, ∂L/∂node = Σ over the paths of Π ∂child/∂parent.

    For the question why a gradient is what it is: each edge carries its local derivative, the legend the product of
    each path and their sum. `mg.explain` says the same in text, for any number of paths.

    Args:
        graph: The graph, with one scalar loss.
        page: The pass to show, and the options that all views share.
        of: The node or its name; by default the first parameter of the graph.
        limit: The largest number of paths that is accepted.

    Returns:
        The diagram, to be laid out by Graphviz.

    Raises:
        GraphError: If there is no such node.
        PassError: If a leaf has changed since the last forward pass.
        RenderError: If there are more than `limit` paths, or more than 60 nodes on them.
        ShapeError: If the graph has not exactly one scalar output.

    Example:
        >>> import minigrad as mg
        >>> w = mg.Parameter(3.0, "w")
        >>> for line in mg.draw(w * w + w, view="explain", of="w").diagram.legend[2:5]:
        ...     print(line)
        path 1:  w → #1 → #2:   3 · 1 = 3
        path 2:  w → #1 → #2:   3 · 1 = 3
        path 3:  w → #2:   1
    """
    start = (graph.parameters or graph.nodes)[0] if of is None else of
    explanation = explain(start, graph, limit=limit)
    nodes, count = explanation.nodes, explanation.count
    if count > limit or len(nodes) > MOST_NODES:
        found = f"{count_noun(count, 'path')} through {count_noun(len(nodes), 'node')}"
        expected = f"at most {count_noun(limit, 'path')} and {MOST_NODES} nodes"
        cure = "Use the text: print(minigrad.explain(node, graph))."
        title = explanation.node.title
        raise RenderError("too many paths to draw", node=title, found=found, expected=expected, cure=cure)
    snapshot = page.snapshot
    boxes = [node_box(graph, node, snapshot) for node in nodes]
    legend = (*LEGEND, *path_lines(graph, explanation), *snapshot.notes())
    return Diagram("explain", boxes, link_edges(graph, explanation), legend=legend)


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
    return [*lines, f"δ of {graph.short_name(explanation.node)}  =  {names}  =  {format_number(explanation.total)}"]


def path_line(graph: Graph, path: Path) -> str:
    """Return a path with its product."""
    names = join_elided([graph.short_name(node) for node in path.nodes], MOST_NAMES, " → ")
    if None in path.derivatives or len(path.links) < 2:
        return f"{names}:   {format_number(path.product)}"
    factors = join_elided([format_factor(derivative) for derivative in path.derivatives], MOST_NAMES, " · ")
    return f"{names}:   {factors} = {format_number(path.product)}"
