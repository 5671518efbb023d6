"""The explain view: all paths of one node to the loss, a local derivative on every edge, products and sum below."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np

from minigrad._format import count_noun, join_elided
from minigrad.core.node import Node
from minigrad.drawing.diagram import Diagram, Edge, sign_of
from minigrad.drawing.numbers import format_computed, format_factor, format_given
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.snapshot import format_shape
from minigrad.drawing.views.expression import node_box
from minigrad.drawing.views.registry import register_view
from minigrad.errors import RenderError
from minigrad.explanation.derivation import Derivation
from minigrad.explanation.explanation import explain
from minigrad.explanation.paths import Path, path_gradients
from minigrad.graph import Graph
from minigrad.ops.base import Value
from minigrad.symbolic import Formula, Number, text

LEGEND = (
    "Box:  a node with its value and  ∂L/∂node,  δ of a weighted sum.",
    "On an edge:  ∂ = ∂child/∂parent, the local derivative;  ╍╍▶ negative   ┈┈▶ zero.",
)
MOST_PATHS = 12
"""Paths that a legend lists and that the eye can still tell apart."""
MOST_NODES = 60
"""Nodes that a person can follow one by one."""
MOST_NAMES = 9
"""Nodes and derivatives of a path that a line of the legend holds."""
LONGEST_FORMULA = 28
"""Characters of a formula that an edge has room for."""


@register_view(
    "explain",
    shows="Every path from one node to the loss; its derivative is the sum of the products along them.",
)
def explain_view(
    graph: Graph, settings: DrawSettings, *, of: Node | str | None = None, limit: int = MOST_PATHS, names: str = "own"
) -> Diagram:
    """Draw every path from a node to the loss, ∂L/∂node = Σ over the paths of Π ∂child/∂parent.

    For the question why a gradient is what it is: each edge carries its local derivative, the legend the product of
    each path and their sum. `mg.explain` says the same in text, for any number of paths.

    Args:
        graph: The graph, with one scalar loss.
        page: The pass to show, and the options that all views share.
        of: The node or its name; by default the first parameter of the graph.
        limit: The largest number of paths that is accepted.
        names: What nodes are called: "own" for their own names, "textbook" for w₁₂⁽¹⁾, s₁⁽¹⁾, ŷ₁.

    Returns:
        The diagram, to be laid out by Graphviz.

    Raises:
        GraphError: If there is no such node.
        PassError: If a leaf has changed since the last forward pass.
        RenderError: If there are more than `limit` paths, or more than 60 nodes on them.
        SettingError: If `limit` is out of range, or `names` is neither "own" nor "textbook".
        ShapeError: If the graph has not exactly one scalar output.

    Example:
        >>> import minigrad as mg
        >>> w = mg.Parameter(3.0, "w")
        >>> for line in mg.draw(w * w + w, view="explain", of="w").diagram.legend[2:5]:
        ...     print(line)
        path 1:  w → #1 → #2:   3.000 · 1.000 = 3.000
        path 2:  w → #1 → #2:   3.000 · 1.000 = 3.000
        path 3:  w → #2:   1.000
    """
    start = (graph.parameters or graph.nodes)[0] if of is None else of
    explanation = explain(start, graph, limit=limit, digits=settings.digits, names=names)
    nodes, count = explanation.nodes, explanation.count
    if count > limit or len(nodes) > MOST_NODES:
        found = f"{count_noun(count, 'path')} through {count_noun(len(nodes), 'node')}"
        expected = f"at most {count_noun(limit, 'path')} and {MOST_NODES} nodes"
        cure = "Use the text: print(minigrad.explain(node, graph))."
        title = explanation.node.title
        raise RenderError("too many paths to draw", node=title, found=found, expected=expected, cure=cure)
    gradients = explanation.gradients
    if settings.snapshot.sample is not None:
        gradients = path_gradients(explanation.node, graph, limit, settings.snapshot.values)
    derivation = Derivation(gradients, names)
    boxes = [node_box(graph, node, settings, derivation.symbols.name(node).text) for node in nodes]
    legend = (*map(settings.say, LEGEND), *path_lines(derivation, settings), *settings.notes())
    return Diagram("explain", boxes, list(link_edges(derivation, settings)), legend=legend)


def link_edges(derivation: Derivation, settings: DrawSettings) -> Iterator[Edge]:
    """Yield every link of every path once, with its local derivative as a formula and a number; repeats kept."""
    gradients, position = derivation.gradients, derivation.gradients.graph.position
    for link in chain.from_iterable(gradients.path_graph.edges.values()):
        formula = derivation.derivative(link)
        number = formula.value if isinstance(formula, Number) else gradients.derivatives.of(link)
        tail, head = (f"n{position[node]}" for node in (link.parent, link.child))
        lines = derivative_lines(formula, number, settings, gradients.total is None)
        yield Edge(tail, head, lines, sign=sign_of(number))


def derivative_lines(formula: Formula, number: float | None, settings: DrawSettings, unknown: bool) -> tuple[str, ...]:
    """Return the label of an edge: a formula, where there is room for it, and a number, where there is one."""
    written = text(formula, settings.digits, format_given)
    sides = [written] if len(written) <= LONGEST_FORMULA else []
    if not isinstance(formula, Number) and (unknown or number is not None):
        sides.append(format_computed(number, settings.digits))
    first, *rest = dict.fromkeys(sides or ["…"])
    return (f"∂ = {first}", *(f"= {side}" for side in rest))


def path_lines(derivation: Derivation, settings: DrawSettings) -> list[str]:
    """Return a line for the product of each path, and one for their sum."""
    gradients, mark, paths = derivation.gradients, settings.snapshot.mark, derivation.gradients.paths
    titles = [settings.say("path {number}", number=number) for number in range(1, len(paths) + 1)]
    lines = [f"{title}:  {path_line(derivation, path, settings)}" for title, path in zip(titles, paths, strict=True)]
    names = " + ".join(map(mark, titles))
    node, total = gradients.path_graph.start, gradients.total
    name = mark(f"∂L/∂{derivation.symbols.name(node)}")
    is_array = node.shape and total is not None
    sum_of_paths = format_shape(node) if is_array else format_computed(sum_over_samples(total), settings.digits)
    return [*lines, f"{name}  =  {names}  =  {sum_of_paths}"]


def path_line(derivation: Derivation, path: Path, settings: DrawSettings) -> str:
    """Return a path with its product, over a batch the mean of the products."""
    names = join_elided([derivation.symbols.name(node).text for node in path.nodes], MOST_NAMES, " → ")
    is_array = path.start.shape and path.product is not None
    product = format_shape(path.start) if is_array else format_computed(sum_over_samples(path.product), settings.digits)
    if settings.snapshot.is_mean:
        return f"{names}:   {settings.snapshot.mark('product of all ∂')} = {product}"
    if None in path.derivatives or len(path.links) < 2:
        return f"{names}:   {product}"
    factors = [format_factor(format_computed(derivative, settings.digits)) for derivative in path.derivatives]
    return f"{names}:   {join_elided(factors, MOST_NAMES, ' · ')} = {product}"


def sum_over_samples(value: Value) -> float | None:
    """Return what all samples contribute, each with its share in the mean loss; None where it is not known."""
    return None if value is None else float(np.sum(value))
