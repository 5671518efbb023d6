"""Pictures of live graphs: a graph becomes a diagram, plain data, and that becomes DOT, text or Mermaid."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any

from minigrad.core.node import Node
from minigrad.drawing.drawing import Drawing as Drawing
from minigrad.drawing.views import VIEWS as VIEWS
from minigrad.drawing.views.auto import suitable
from minigrad.errors import RenderError
from minigrad.graph import Graph, HasGraph, graph_of


def draw(what: Node | Graph | HasGraph | Sequence[Node], view: str = "auto", **options: Any) -> Drawing:
    """A picture of a node and all it is made of, of several nodes, of a graph or of a network.

    `view` is one of the names in `VIEWS`; "auto" picks by content and size, and "text" does, too, but shows itself as
    text. Options are those of the view. The values shown are those of the last passes. Raises RenderError for a view or
    an option there is not, and for a picture that would take minutes, with the view to use instead.
    """
    if view not in {"auto", "text", *VIEWS}:
        raise RenderError("no view of that name", found=repr(view), expected=f"one of auto, text, {', '.join(VIEWS)}")
    graph = graph_of(what)
    name = view if view in VIEWS else suitable(graph)
    offered = list(signature(VIEWS[name]).parameters)[1:]
    for option in options:
        if option not in offered:
            raise RenderError(
                f"the {name} view has no such option", found=repr(option), expected=", ".join(offered) or "none"
            )
    return Drawing(VIEWS[name](graph, **options), as_text=view == "text")
