"""The view that suits a graph, by what it is made of and by its size."""

from __future__ import annotations

from minigrad.drawing.neurons.elision import MOST_COLUMNS
from minigrad.drawing.views.layers import MOST_LAYERS
from minigrad.graph import Graph
from minigrad.structure import read

FOLLOWED = 60
"""Nodes that a person can follow one by one."""


def suitable(graph: Graph) -> str:
    """The name of the view: neurons or, of a deep network, layers; without neurons the expression; else the ends."""
    if any(node.kind == "weighted sum" for node in graph.nodes):
        depth = len(read(graph).columns)
        return "neurons" if depth <= MOST_COLUMNS else "layers" if depth <= MOST_LAYERS else "ends"
    return "expression" if len(graph) <= FOLLOWED else "ends"
