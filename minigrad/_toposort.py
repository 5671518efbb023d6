"""The order of a graph, parents first, and how deep each of its nodes lies."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from operator import attrgetter
from typing import Any

from minigrad.errors import GraphError


def topological_order(roots: Sequence[Any], finished: dict[Any, bool] | None = None) -> list[Any]:
    """Return every node that the roots are made of, each after its parents, in the order a reader meets them.

    Nodes that are `finished` already, and their parents, are left out; what is returned is added to them.
    Depth-first and iterative, so depth is no limit. Raises GraphError where a node is its own ancestor.
    """
    order: list[Any] = []
    finished = {} if finished is None else finished
    path: list[Any] = []
    node, unvisited = None, iter(roots)
    while True:
        for parent in unvisited:
            if parent not in finished:
                grandparents = parent.parents
                if grandparents:  # they come first, then their child, then the rest of its siblings
                    finished[parent] = False
                    path.append(node)
                    path.append(unvisited)
                    node, unvisited = parent, iter(grandparents)
                    break
                finished[parent] = True
                order.append(parent)
            elif not finished[parent]:
                raise GraphError(
                    "a node is its own ancestor",
                    node=str(parent),
                    cure="Parents are fixed when a node is made; do not assign them.",
                )
        else:
            if not path:
                return order
            finished[node] = True
            order.append(node)
            unvisited, node = path.pop(), path.pop()


def depths(order: Iterable[Any], parents: Callable[[Any], Collection[Any]] = attrgetter("parents")) -> dict[Any, int]:
    """Return the longest distance of every node from the leaves, given the nodes in topological order.

    With `parents` that gives the children of a node, and the nodes in reverse, it is the distance from the outputs.
    """
    depth: dict[Any, int] = {}
    depth_of = depth.__getitem__
    for node in order:
        above = parents(node)
        depth[node] = 1 + max(map(depth_of, above)) if above else 0
    return depth
