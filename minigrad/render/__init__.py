"""Pictures of live graphs: a graph becomes a diagram, plain data, and that becomes DOT, text or Mermaid."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any, Protocol, runtime_checkable

from minigrad.errors import OperandError, RenderError
from minigrad.graph import Graph
from minigrad.node import Node
from minigrad.render.drawing import Drawing as Drawing
from minigrad.render.views import VIEWS as VIEWS
from minigrad.render.views.auto import suitable


@runtime_checkable
class HasGraph(Protocol):
    """Anything that has a graph to draw, such as a network."""

    @property
    def graph(self) -> Graph: ...


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


def graph_of(what: object) -> Graph:
    """The graph that is meant; raises OperandError for what has none."""
    if isinstance(what, Graph):
        return what
    if isinstance(what, Node):
        return Graph(what)
    if isinstance(what, HasGraph):
        return graph_of(what.graph)
    if isinstance(what, Sequence) and not isinstance(what, str):
        return Graph(tuple(what))
    raise OperandError(
        "nothing to draw",
        found=f"{type(what).__name__} {what!r}"[:100],
        expected="a node, a sequence of nodes, a graph or a network",
    )
