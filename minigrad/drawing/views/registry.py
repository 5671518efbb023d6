"""The registry of views: functions from a graph and options to a diagram."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from minigrad._format import describe_value
from minigrad.drawing.diagram import Diagram
from minigrad.errors import RenderError


class View(NamedTuple):
    """A function that makes the diagram of a graph, the graphs for which "auto" selects it, and what it shows."""

    function: Callable[..., Diagram]
    suits: Callable[[int, int], bool]
    shows: str = ""


VIEWS: dict[str, View] = {}
"""Every view by its name."""

Function = TypeVar("Function", bound=Callable[..., Diagram])


def register_view(
    name: str, suits: Callable[[int, int], bool] = lambda nodes, columns: False, shows: str = ""
) -> Callable[[Function], Function]:
    """Return a decorator that registers a function as a view, so that `draw(graph, view=name)` calls it.

    The function takes a `Graph`, a `Page` (the pass to show, and the options that all views share) and keyword-only
    options of its own, and returns a `Diagram` of boxes and edges. Boxes without
    positions are laid out by Graphviz; text, Mermaid, files and notebooks need nothing more.

    Args:
        name: The name of the view. Defining the same function again (as notebooks do) replaces it.
        suits: A function `suits(nodes, columns)` that says whether `draw(graph)` should select this view for a graph
            with so many nodes and, where it has neurons, columns of units (otherwise 0). By default never.
        shows: What the view shows, in a sentence that pictures tell to readers who do not see them.

    Returns:
        The decorator, which returns the function unchanged.

    Raises:
        RenderError: If another function has that name, or the name is "auto" or "text".

    Example:
        >>> import minigrad as mg
        >>> from minigrad.drawing import register_view
        >>> from minigrad.drawing.diagram import Box, Diagram
        >>> @register_view("names")
        ... def names_view(graph, page, *, most=3):
        ...     boxes = [Box(f"n{k}", (node.label,)) for k, node in enumerate(graph.nodes[:most])]
        ...     return Diagram("names", tuple(boxes), ())
        >>> w, x = mg.Parameter(3.0, "w"), mg.Input("x")
        >>> print(mg.draw(w * x, view="names", most=2))
        w
        x
        <BLANKLINE>
        <BLANKLINE>
    """

    def register(function: Function) -> Function:
        taken = VIEWS[name].function if name in VIEWS else None
        is_same = taken and (taken.__module__, taken.__qualname__) == (function.__module__, function.__qualname__)
        if name in {"auto", "text"} or (taken and not is_same):
            raise RenderError("a view of this name exists", found=describe_value(name), cure="Choose another name.")
        VIEWS[name] = View(function, suits, shows)
        return function

    return register
