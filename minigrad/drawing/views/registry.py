"""The registry of views: functions from a graph and options to a diagram."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from minigrad.drawing.diagram import Diagram
from minigrad.errors import RenderError


class GraphSize(NamedTuple):
    """The size of a graph: its nodes and, where it has neurons, the columns of its network; else 0."""

    nodes: int
    columns: int


class View(NamedTuple):
    """A function that draws a graph, its options by its signature, and the graphs that "auto" takes it for."""

    function: Callable[..., Diagram]
    suits: Callable[[GraphSize], bool] | None = None


VIEWS: dict[str, View] = {}
"""Every view there is, by its name."""

Function = TypeVar("Function", bound=Callable[..., Diagram])


def register_view(name: str, suits: Callable[[GraphSize], bool] | None = None) -> Callable[[Function], Function]:
    """Return a decorator that makes a function a view: `@register_view("name")` before `def …(graph, *, option=…)`.

    `suits` says for which graphs `draw(graph)` picks it without being asked for it by name. Raises RenderError for a
    name that is taken; the same function may be defined anew.
    """

    def register(function: Function) -> Function:
        taken = VIEWS[name].function if name in VIEWS else None
        is_same = taken and (taken.__module__, taken.__qualname__) == (function.__module__, function.__qualname__)
        if name in {"auto", "text"} or (taken and not is_same):
            raise RenderError("the name of this view is taken", found=repr(name), cure="Give the view another name.")
        VIEWS[name] = View(function, suits)
        return function

    return register
