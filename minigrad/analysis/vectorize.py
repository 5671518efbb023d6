"""The array form of a graph: few array nodes in place of many like ones, and where each of those is an element."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.compiler.array_layout import ElementPosition
from minigrad.compiler.grouping import group_like_nodes
from minigrad.core.node import Node
from minigrad.errors import GraphError, PassError
from minigrad.graph import Feeds, Graph, graph_of
from minigrad.ops.base import Value


class ArrayForm:
    """A graph of array nodes that computes what a graph of single nodes does, and the way back to these.

    `graph` is a graph like any other: it can be run, drawn, differentiated and compiled. Its parameters are arrays of
    their own, with the values that the single ones had.
    """

    def __init__(self, original: Graph) -> None:
        self.original = original
        self.grouped = group_like_nodes(original.outputs)
        self.graph = Graph(self.grouped.outputs)

    def __repr__(self) -> str:
        return f"<ArrayForm of {len(self.original)} nodes: {self.graph!r}>"

    def feeds(self, feeds: Feeds | None = None) -> dict[Node, Value]:
        """Return the feeds of the array inputs from those of the single inputs; raise what `Graph.forward` raises."""
        values = self.original.leaves(feeds or {})
        return {node: self.gather(self.grouped.leaves[node], node, values) for node in self.graph.inputs}

    def gather(self, leaves: tuple[Node, ...], array: Node, values: dict[Node, Value]) -> Value:
        """Return the values of some leaves as one array, behind a batch axis where one of them carries it."""
        if leaves == (array,):
            return values[array]
        columns = np.broadcast_arrays(*(values[leaf] for leaf in leaves))
        return np.stack(columns, axis=-1).reshape((*columns[0].shape, *array.shape))

    def place(self, node: Node) -> ElementPosition | None:
        """Return the array node of which a scalar node is an element, and its position there, counted flat.

        None for a node that is no element: one that became part of a sum, or that is an array itself.
        Raises GraphError for a node of another graph.
        """
        if node not in self.original:
            raise GraphError("not in this graph", node=str(node), cure="Ask for a node that the graph is made of.")
        return self.grouped.positions.get(node)

    def value(self, node: Node) -> Value:
        """Return the value of a node of the original graph by the last forward pass of the array form."""
        return self.part_of(node, "value")

    def delta(self, node: Node) -> Value:
        """Return δ of a node of the original graph by the last backward pass of the array form.

        Several nodes that are one element, such as an array and its element, show the δ of all of them together.
        """
        return self.part_of(node, "delta")

    def part_of(self, node: Node, what: str) -> Value:
        """Return the part of an array node's value or δ that belongs to a node; raise PassError before a pass."""
        element = self.place(node)
        array = self.grouped.arrays.get(node) if element is None else element.array
        if array is None or array not in self.graph:
            raise GraphError(
                "a node that has no place in the array form", node=str(node), expected="one that is not part of a sum"
            )
        numbers = getattr(array, what)
        if numbers is None:
            raise PassError(f"no {what} yet", node=str(array), cure="Run graph.forward(form.feeds(…)) first.")
        if element is None or not array.shape:
            return numbers
        flat = np.reshape(numbers, (*np.shape(numbers)[: np.ndim(numbers) - array.ndim], -1))
        part = flat[..., element.position]
        return part if part.ndim else part.item()


def vectorize(graph: Any) -> ArrayForm:
    """Return the array form of a graph, a node, nodes or a network: its matrices found again from single nodes.

    Chains of additions become sums, sums of products weighted sums, those that read the same inputs one map x W + b,
    and all other like nodes of a level one node. The same numbers come of it, with sums re-associated.
    Raises OperandError for what has no graph.
    """
    return ArrayForm(graph_of(graph))
