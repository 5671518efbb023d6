"""Pictures of live graphs: a view turns a graph into a diagram, plain data, and a backend into DOT, text or Mermaid."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any

from minigrad.core.node import Node
from minigrad.drawing.drawing import Drawing as Drawing
from minigrad.drawing.views import VIEWS as VIEWS, GraphSize, register_view as register_view
from minigrad.errors import RenderError
from minigrad.graph import Graph, HasGraph, graph_of
from minigrad.structure import read_structure


def draw(what: Node | Graph | HasGraph | Sequence[Node], view: str = "auto", **options: Any) -> Drawing:
    """Draw a node and all it is made of, several nodes, a graph or a network.

    `view` is one of the names in `VIEWS`; "auto" picks by content and size, and "text" does, too, but shows itself as
    text. Options are those of the view. The values shown are those of the last passes. Raises RenderError for a view or
    an option there is not, and for a picture that would take minutes, with the view to use instead.
    """
    if view not in {"auto", "text", *VIEWS}:
        raise RenderError(
            "no view of that name", found=repr(view), expected=f"one of auto, text, {', '.join(sorted(VIEWS))}"
        )
    graph = graph_of(what)
    name = view if view in VIEWS else choose_view(graph)
    make_diagram = VIEWS[name].function
    allowed = list(signature(make_diagram).parameters)[1:]
    for option in options:
        if option not in allowed:
            raise RenderError(
                f"the {name} view has no such option", found=repr(option), expected=", ".join(allowed) or "none"
            )
    return Drawing(make_diagram(graph, **options), as_text=view == "text")


def choose_view(graph: Graph) -> str:
    """Return the name of the view that suits a graph, the latest registered one first; else the ends."""
    has_neurons = any(node.kind == "weighted sum" for node in graph.nodes)
    size = GraphSize(len(graph), len(read_structure(graph).columns) if has_neurons else 0)
    return next((name for name, view in reversed(VIEWS.items()) if view.suits is not None and view.suits(size)), "ends")
