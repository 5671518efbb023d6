"""The expression view: every node a box with value and δ, every op an ellipse, a local derivative on every edge.

The ends view is the same for the first and last nodes of a graph of any size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minigrad._format import shorten
from minigrad._validation import check_integer
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Diagram, Edge, Role, check_size, sign_of
from minigrad.drawing.numbers import format_computed
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.snapshot import derivative_name
from minigrad.drawing.style import NODE_ROLES
from minigrad.drawing.views.registry import register_view
from minigrad.graph import Graph

LIMIT = 150
"""Nodes that Graphviz lays out in about a second and that a person can still follow."""
MOST_BY_DEFAULT = 60
"""Nodes that a person can follow one by one, so that "auto" draws them all."""
LEGEND = (
    "Box:  a node with its value and  ∂L/∂node,  δ of a weighted sum.  Ellipse:  the op that makes a node.",
    "On an edge:  ∂ = ∂result/∂operand, the local derivative.  ∂L/∂operand sums  ∂ · ∂L/∂result  over its edges.",
)


@register_view(
    "expression",
    suits=lambda nodes, columns: not columns and nodes <= MOST_BY_DEFAULT,
    shows="Every node with its value and derivative, every op, and a local derivative on each edge.",
)
def expression_view(graph: Graph, settings: DrawSettings, *, limit: int | None = LIMIT) -> Diagram:
    """Draw every node with its value and ∂L/∂node, every op, and a local derivative on every edge.

    For expressions and other small graphs; `draw` selects it for graphs of up to 60 nodes without neurons.

    Args:
        graph: The graph.
        page: The pass to show, and the options that all views share.
        limit: The largest number of nodes that is accepted, since Graphviz needs minutes for large graphs; None accepts
            any number.

    Returns:
        The diagram, to be laid out by Graphviz.

    Raises:
        RenderError: If the graph has more nodes than `limit`.

    Example:
        >>> import minigrad as mg
        >>> x = mg.Parameter(3.0, "x")
        >>> print(mg.draw(x * x, view="expression"))  # doctest: +ELLIPSIS
        #1  value 9.000  ∂L/∂#1 —  = ×
        ├─ ∂ = 3.000 · x  value 3  ∂L/∂x —
        └─ ∂ = 3.000 · x  ↑ above
        ...
    """
    view = "neurons" if any(node.kind == "weighted sum" for node in graph.nodes) else "ends"
    check_size(
        "expression", len(graph), "node", limit, f'Draw it with view="{view}", or only a part of it with draw(node).'
    )
    boxes, edges = expression_elements(graph, graph.nodes, settings)
    return Diagram("expression", boxes, edges, legend=(*legend_lines(settings), *settings.notes()))


@register_view(
    "ends",
    shows="The first and the last nodes of a large graph, with their values and derivatives.",
)
def ends_view(graph: Graph, settings: DrawSettings, *, count: int = 5) -> Diagram:
    """Draw the first and the last nodes of a graph as the expression view does, and one box for those in between.

    For graphs of any size, a million nodes included; `draw` selects it where no other view fits.

    Args:
        graph: The graph.
        page: The pass to show, and the options that all views share.
        count: How many nodes, in topological order, are shown at each end.

    Returns:
        The diagram, to be laid out by Graphviz.

    Raises:
        SettingError: If `count` is less than 1.

    Example:
        >>> import minigrad as mg
        >>> y = mg.Parameter(1.0, "x")
        >>> for _ in range(1000):
        ...     y = y + 1.0
        >>> [box.lines for box in mg.draw(y, view="ends", count=1).diagram.boxes]
        [('x',), ('#2000',), ('+',), ('⋮', '1,999 nodes more')]
    """
    between = len(graph) - 2 * check_integer(count, "count", 1)
    legend = legend_lines(settings)
    if between <= 0:
        boxes, edges = expression_elements(graph, graph.nodes, settings)
    else:
        first, last = graph.nodes[:count], graph.nodes[-count:]
        boxes, edges = expression_elements(graph, (*first, *last), settings)
        phrase = "{count} node more" if between == 1 else "{count} nodes more"
        boxes.append(Box("more", ("⋮", settings.say(phrase, count=f"{between:,}")), role=Role.MORE))
        edges += edges_of_middle(graph, first, last)
        legend = (*legend, settings.say("Nodes in between are left out; a gray box stands for them."))
    return Diagram("ends", boxes, edges, legend=(*legend, *settings.notes()))


def legend_lines(settings: DrawSettings) -> tuple[str, ...]:
    """Return the legend; over a batch the terms of a derivative are means of products."""
    sum_ = settings.snapshot.mark("∂ · ∂L/∂result")
    return tuple(settings.say(line).replace("∂ · ∂L/∂result", sum_) for line in LEGEND)


def expression_elements(graph: Graph, nodes: Sequence[Node], settings: DrawSettings) -> tuple[list[Box], list[Edge]]:
    """Return the boxes and edges of some nodes of a graph; parents that are not among them get no edge."""
    boxes: list[Box] = []
    edges: list[Edge] = []
    visible = set(nodes)
    for node in nodes:
        number = graph.position[node]
        boxes.append(node_box(graph, node, settings))
        if node.op is not None:
            boxes.append(Box(f"o{number}", (shorten(node.op.label),), role=Role.OP))
            edges.extend(operand_edges(graph, node, settings, visible))
            edges.append(Edge(f"o{number}", f"n{number}"))
    return boxes, edges


def node_box(graph: Graph, node: Node, settings: DrawSettings, name: str | None = None) -> Box:
    """Return the box of one node, called by a name, by default its own."""
    snapshot = settings.snapshot
    name = name or graph.short_name(node)
    fields = (
        (snapshot.mark(settings.say("value"), node), snapshot.text(node, digits=settings.digits)),
        (snapshot.mark(derivative_name(node, name)), snapshot.delta_text(node, digits=settings.digits)),
    )
    is_number = node.kind == "constant" and not (node.name or node.shape)
    title = snapshot.text(node, digits=settings.digits) if is_number else name
    role = NODE_ROLES.get(node.kind, Role.NODE)
    return Box(f"n{graph.position[node]}", (title,), fields, role, highlighted=node in settings.highlight)


def operand_edges(graph: Graph, node: Node, settings: DrawSettings, visible: set[Node]) -> Iterator[Edge]:
    """Yield an edge from each operand to the op, repeats kept."""
    number, name = graph.position[node], settings.snapshot.mark("∂", node)
    for parent, derivative in zip(node.parents, settings.snapshot.local_derivatives(node), strict=True):
        if parent in visible:
            lines = () if derivative is None else (f"{name} = {format_computed(derivative, settings.digits)}",)
            yield Edge(f"n{graph.position[parent]}", f"o{number}", lines, sign=sign_of(derivative))


def edges_of_middle(graph: Graph, first: tuple[Node, ...], last: tuple[Node, ...]) -> list[Edge]:
    """Return an edge from each node that only the middle reads, and one to each node that reads the middle."""
    visible = {*first, *last}
    read = {parent for node in visible for parent in node.parents}
    into = [Edge(f"n{graph.position[node]}", "more") for node in first if node not in read]
    readers = [node for node in last if any(parent not in visible for parent in node.parents)]
    return into + [Edge("more", f"o{graph.position[node]}") for node in readers]
