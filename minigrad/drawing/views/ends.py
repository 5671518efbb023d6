"""The ends view: where a graph of any size begins and where it ends, its middle counted but not drawn."""

from __future__ import annotations

from minigrad._format import count_noun
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Diagram, Edge, Role
from minigrad.drawing.neurons.painter import pass_notes
from minigrad.drawing.snapshot import Readings
from minigrad.drawing.views.expression import LEGEND, drawn
from minigrad.errors import RenderError
from minigrad.graph import Graph


def ends(graph: Graph, *, count: int = 5) -> Diagram:
    """The first and the last `count` nodes of a graph in topological order; whole where it is not larger than both.

    Raises RenderError for a count below 1.
    """
    if count < 1:
        raise RenderError("nothing to show", found=f"count={count}", expected="count=1 or more")
    readings = Readings()
    if len(graph) <= 2 * count:
        boxes, edges = drawn(graph, graph.nodes, readings)
        return Diagram("ends", boxes, edges, legend=(*LEGEND, *readings.notes(), *pass_notes(graph)))
    first, last = graph.nodes[:count], graph.nodes[-count:]
    boxes, edges = drawn(graph, (*first, *last), readings)
    middle = Box("more", ("⋮", f"{count_noun(len(graph) - 2 * count, 'node')} more"), role=Role.MORE)
    legend = (
        *LEGEND,
        "Nodes in between are left out; a gray box stands for them.",
        *readings.notes(),
        *pass_notes(graph),
    )
    return Diagram("ends", (*boxes, middle), (*edges, *through(graph, first, last)), legend=legend)


def through(graph: Graph, first: tuple[Node, ...], last: tuple[Node, ...]) -> list[Edge]:
    """Edges into and out of the middle: one from each node that only the middle reads, one to each that reads it."""
    chosen = {*first, *last}
    read = {parent for node in chosen for parent in node.parents}
    into = [Edge(f"n{graph.position[node]}", "more") for node in first if node not in read]
    readers = [node for node in last if any(parent not in chosen for parent in node.parents)]
    return into + [Edge("more", f"o{graph.position[node]}") for node in readers]
