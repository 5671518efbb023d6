"""The nodes of a graph, looked up by name, by position and by what reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from math import prod
from typing import Any

from minigrad._format import join_elided
from minigrad.core.names import is_of_derivative
from minigrad.core.node import Input, Node, Parameter
from minigrad.errors import FeedError, GraphError


class NodeTable:
    """The nodes of a graph by name and by position; raises GraphError where two of them have the same name.

    Derivatives may share one, by which they are then not found.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes
        names = [node.name for node in nodes if node.name]
        self.shared_names = shared_names(nodes) if len({*names}) < len(names) else set()
        """The names that several derivatives share."""

    @cached_property
    def position(self) -> dict[Node, int]:
        """The position of every node."""
        return dict(zip(self.nodes, range(len(self.nodes)), strict=True))

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """The nodes that have a name of their own."""
        return {node.name: node for node in self.nodes if node.name and node.name not in self.shared_names}

    @cached_property
    def computed(self) -> list[Node]:
        """The nodes that are no leaves, which in a network of single neurons are few."""
        return [node for node in self.nodes if node.op is not None]

    @cached_property
    def read_counts(self) -> Counter[Node]:
        """How often each node is read; a number by every element of an array."""
        counts = Counter(chain.from_iterable([node.parents for node in self.computed]))
        for node in self.computed:
            for parent in node.parents if node.shape else ():
                if not parent.shape:
                    counts[parent] += prod(node.shape) - 1
        return counts

    def member(self, key: Any, others: Sequence[Node] = ()) -> Node:
        """Return the node of the graph, or of some others, that a key, a node or its name, stands for.

        Raises FeedError where there is none.
        """
        node = self.by_name.get(key) if isinstance(key, str) else key
        if isinstance(node, Node) and node in self.position:
            return node
        for other in others:
            if key is other or (isinstance(key, str) and key == other.name):
                return other
        inputs = [str(node.name) for node in self.nodes if isinstance(node, Input)]
        raise FeedError(
            "not in this graph",
            node=key.title if isinstance(key, Node) else str(key),
            expected=f"one of {join_elided(inputs) or 'nothing'}",
        )


def is_derivative(node: Node) -> bool:
    """Return whether the name of a node, in whatever scope, says that it is a derivative."""
    return is_of_derivative(node.name) and not isinstance(node, (Input, Parameter))


def shared_names(nodes: Sequence[Node]) -> set[str]:
    """Return the names that several derivatives share; raises GraphError where other nodes do."""
    by_name: dict[str, Node] = {}
    shared: set[str] = set()
    for node in nodes:
        if node.name and by_name.setdefault(node.name, node) is not node:
            if not (is_derivative(node) and is_derivative(by_name[node.name])):
                raise GraphError(
                    "a name used twice",
                    node=node.name,
                    found=f"{by_name[node.name]!r} and {node!r}",
                    cure="Rename one, or build it inside minigrad.scope(…).",
                )
            shared.add(node.name)
    return shared
