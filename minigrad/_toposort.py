"""TODO docstring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigrad.errors import GraphError


def topological_order(roots: Sequence[Any]) -> list[Any]:
    """Every node that the roots are made of, each after its parents, in the order a reader meets them.

    Raises GraphError where a node is its own ancestor. Depth-first and iterative, so depth is no limit.
    """
    order: list[Any] = []
    finished: dict[Any, bool] = {}
    path: list[Any] = []
    node, unmet = None, iter(roots)
    while True:
        for parent in unmet:
            if parent not in finished:
                grandparents = parent.parents
                if grandparents:  # they come first, then their child, then the rest of its siblings
                    finished[parent] = False
                    path.append(node)
                    path.append(unmet)
                    node, unmet = parent, iter(grandparents)
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
            unmet, node = path.pop(), path.pop()
