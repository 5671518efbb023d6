"""The view that suits a graph, by what it is made of and by its size."""

from __future__ import annotations

from typing import Any

from minigrad.graph import Graph
from minigrad.render.diagram import Diagram
from minigrad.render.views.ends import ends
from minigrad.render.views.expression import expression
from minigrad.render.views.neurons import neurons

FOLLOWED = 60
"""Nodes that a person can follow one by one."""


def auto(graph: Graph, **options: Any) -> Diagram:
    """Neurons where there are weighted sums, else the whole expression up to 60 nodes, else its ends.

    Options are handed on to the view that was chosen.
    """
    if any(node.kind == "weighted sum" for node in graph.nodes):
        return neurons(graph, **options)
    return expression(graph, **options) if len(graph) <= FOLLOWED else ends(graph, **options)
