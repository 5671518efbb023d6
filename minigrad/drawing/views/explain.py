"""The explain view: all paths of one node to the loss, a local derivative on every edge, products and sum below."""

from __future__ import annotations

from minigrad._format import count_noun, format_number, shorten
from minigrad.core.node import Node
from minigrad.drawing.diagram import Diagram, Edge
from minigrad.drawing.neurons.painter import pass_notes
from minigrad.drawing.snapshot import Readings
from minigrad.drawing.views.expression import node_box
from minigrad.drawing.views.neuron import factor
from minigrad.errors import RenderError
from minigrad.explanation import Explanation, Path, explain as explained
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


def explain(graph: Graph, *, of: Node | str | None = None, limit: int = MOST_PATHS) -> Diagram:
    """Why δ of a node is what it is, drawn: δ = Σ over the paths to the loss of Π ∂child/∂parent.

    Parameters: `of` is the node or its name; without it the first parameter of the graph, or its first node. Raises
    RenderError for more than `limit` paths or `MOST_NODES` nodes, with what to use instead.
    """
    start = found(graph, of)
    explanation = explained(start, graph, limit=limit)
    nodes, count = explanation.nodes, explanation.count
    if count > limit or len(nodes) > MOST_NODES:
        raise RenderError(
            "too much for a picture of every path",
            node=str(start),
            found=f"{count_noun(count, 'path')} through {count_noun(len(nodes), 'node')}",
            expected=f"at most {count_noun(limit, 'path')}, {MOST_NODES} nodes",
            cure="Sum them layer by layer: print(minigrad.explain(node, graph)).",
        )
    readings = Readings()
    boxes = tuple(node_box(node, graph.position[node], readings) for node in nodes)
    legend = (*LEGEND, *sums(graph, explanation), *readings.notes(), *pass_notes(graph))
    return Diagram("explain", boxes, tuple(edges(graph, explanation)), legend=legend)


def found(graph: Graph, of: Node | str | None) -> Node:
    """The node that is meant; raises RenderError where the graph has none."""
    if of is None:
        return graph.parameters[0] if graph.parameters else graph.nodes[0]
    for node in graph.nodes:
        if node is of or (isinstance(of, str) and node.name == of):
            return node
    raise RenderError("no such node in this graph", found=shorten(str(of)), cure="Give a node, or its name.")


def edges(graph: Graph, explanation: Explanation) -> list[Edge]:
    """Every link of every path once, with its local derivative as a formula and as a number; repeats kept."""
    drawn: list[Edge] = []
    for link in explanation.links:
        number = explanation.derivative(link)
        tail, head = (f"n{graph.position[node]}" for node in (link.parent, link.child))
        lines = written_on(explanation.formula(link), number, explanation.total is None)
        drawn.append(Edge(tail, head, lines, negative=number is not None and number < 0))
    return drawn


def written_on(formula: str, number: float | None, unknown: bool) -> tuple[str, ...]:
    """What is written on an edge: a formula, where there is room for it, and a number, where there is one."""
    sides = [formula] if len(formula) <= LONGEST_FORMULA else []
    if number is not None or unknown:
        sides.append(format_number(number))
    first, *rest = dict.fromkeys(sides or ["…"])
    return (f"∂ = {first}", *(f"= {side}" for side in rest))


def sums(graph: Graph, explanation: Explanation) -> list[str]:
    """A line for the product of each path, and one for their sum."""
    lines = [f"path {number}:  {in_line(graph, path)}" for number, path in enumerate(explanation.paths, start=1)]
    names = " + ".join(f"path {number}" for number in range(1, len(lines) + 1))
    return [*lines, f"δ of {name_in(graph, explanation.node)}  =  {names}  =  {format_number(explanation.total)}"]


def in_line(graph: Graph, path: Path) -> str:
    """A path with its product."""
    names = " → ".join(few([name_in(graph, node) for node in path.nodes]))
    if None in path.derivatives or len(path.links) < 2:
        return f"{names}:   {format_number(path.product)}"
    factors = " · ".join(few([factor(derivative) for derivative in path.derivatives]))
    return f"{names}:   {factors} = {format_number(path.product)}"


def name_in(graph: Graph, node: Node) -> str:
    """What a node is called: by its name, or else by its number."""
    return shorten(node.name) if node.name else f"#{graph.position[node]}"


def few(items: list[str]) -> list[str]:
    """The items, dots in place of the middle where there are many."""
    return items if len(items) <= MOST_NAMES else [*items[: MOST_NAMES - 2], "…", items[-1]]
