"""The array form of a graph: few array nodes in place of many like ones, and where each of those is an element."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minigrad.compiler.array_layout import ElementPosition
from minigrad.compiler.grouping import group_like_nodes
from minigrad.core.node import Node
from minigrad.errors import GraphError, PassError
from minigrad.graph import Feeds, Graph, HasGraph, graph_of
from minigrad.ops.base import Value


class ArrayForm:
    """A graph of array nodes that computes what a graph of single nodes does, and the position of each of those in it.

    `mg.vectorize` returns it. `graph` is a graph like any other: it can be run, drawn, differentiated and compiled. Its
    leaves are arrays of their own, with the values that the single ones had: the original nodes are left alone.

    Args:
        original: The graph of single nodes.

    Example:
        >>> import minigrad as mg
        >>> form = mg.vectorize(mg.Network(*mg.mlp([2, 3, 1], activation=mg.tanh, rng=1)))
        >>> [(node.label, node.shape) for node in form.graph.parameters[:2]]
        [('h1.w1…h3.w2', (2, 3)), ('h1.b…h3.b', (3,))]
    """

    def __init__(self, original: Graph) -> None:
        self.original = original
        self.grouped = group_like_nodes(original.outputs, own_leaves=True)
        self.graph = Graph(self.grouped.outputs)

    def __repr__(self) -> str:
        return f"<ArrayForm of {len(self.original)} nodes: {self.graph!r}>"

    def feeds(self, feeds: Feeds | None = None) -> dict[Node, Value]:
        """Return the feeds of the array inputs, gathered from those of the single inputs.

        Args:
            feeds: Values of the inputs of the original graph by node or name, with a batch axis or without; an input
                that is left out keeps its value.

        Returns:
            An array for each input of `graph`, of shape (…) or (samples, …).

        Raises:
            FeedError: If a feed is missing, unknown or not a number.
            ShapeError: If a feed does not fit.

        Example:
            >>> import minigrad as mg
            >>> form = mg.vectorize(mg.Network(*mg.mlp([2, 3, 1], rng=1)))
            >>> [*form.feeds({"x1": 0.5, "x2": -1.0, "t1": 0.0}).values()]
            [array([ 0.5, -1. ]), array([0.])]
        """
        values = self.original.leaves(feeds or {})
        gathered: dict[Node, Value] = {}
        for array in self.graph.inputs:
            leaves = self.grouped.leaves[array]
            if leaves[0].shape:
                gathered[array] = values[leaves[0]]
            else:  # behind a batch axis where one of them carries it
                columns = np.broadcast_arrays(*(values[leaf] for leaf in leaves))
                gathered[array] = np.stack(columns, axis=-1).reshape((*columns[0].shape, *array.shape))
        return gathered

    def position(self, node: Node) -> ElementPosition | None:
        """Return the array node of which a scalar node is an element, and its position there.

        Args:
            node: A node of the original graph.

        Returns:
            The array and the position, counted flat; None for a node that is no element, because it became part of a
            sum or is an array itself.

        Raises:
            GraphError: If the node is not in the original graph.

        Example:
            >>> import minigrad as mg
            >>> network = mg.Network(*mg.mlp([2, 3, 1], activation=mg.tanh, rng=1))
            >>> mg.vectorize(network).position(network.graph["h2"]).position
            1
        """
        if node not in self.original:
            raise GraphError("not in this graph", node=str(node), cure="Pass a node of the original graph.")
        position = self.grouped.positions.get(node)
        return position and ElementPosition(*position)

    def value(self, node: Node) -> Value:
        """Return the value of a node of the original graph, from the last forward pass of the array form.

        Args:
            node: A node of the original graph.

        Returns:
            A float or an array, with a batch axis after a batch.

        Raises:
            GraphError: If the node is not in the original graph, or became part of a sum.
            PassError: If there was no forward pass.

        Example:
            >>> import minigrad as mg
            >>> x = mg.Input("x")
            >>> y = mg.tanh(mg.weighted_sum([x], [mg.Parameter(0.5)]), name="y")
            >>> form = mg.vectorize(y)
            >>> _ = form.graph.forward(form.feeds({"x": 0.0}))
            >>> form.value(y)
            0.0
        """
        return self._part(node, "value")

    def delta(self, node: Node) -> Value:
        """Return ∂L/∂node for a node of the original graph, from the last backward pass of the array form.

        Several nodes that are one element, such as an array and its element, have the sum of their derivatives.

        Args:
            node: A node of the original graph.

        Returns:
            A float or an array, with a batch axis after a batch.

        Raises:
            GraphError: If the node is not in the original graph, or became part of a sum.
            PassError: If there was no backward pass.

        Example:
            >>> import minigrad as mg
            >>> x = mg.Input("x")
            >>> y = mg.tanh(mg.weighted_sum([x], [mg.Parameter(0.5)]), name="y")
            >>> form = mg.vectorize(y)
            >>> _ = form.graph.forward(form.feeds({"x": 0.0}))
            >>> form.graph.backward()
            >>> form.delta(x)
            0.5
        """
        return self._part(node, "delta")

    def _part(self, node: Node, attribute: str) -> Value:
        element = self.position(node)
        array = self.grouped.arrays.get(node) if element is None else element.array
        if array is None or array not in self.graph:
            raise GraphError("this node became part of a sum and has no value of its own", node=node.title)
        numbers = getattr(array, attribute)
        if numbers is None:
            cure = "Run form.graph.forward(form.feeds(…)) first, for δ also form.graph.backward()."
            raise PassError(f"no {attribute} yet", node=array.title, cure=cure)
        if element is None or not array.shape:
            return numbers
        flat = np.reshape(numbers, (*np.shape(numbers)[: np.ndim(numbers) - array.ndim], -1))
        part = flat[..., element.position]
        return part if part.ndim else part.item()


def vectorize(graph: Node | Graph | HasGraph | Sequence[Node]) -> ArrayForm:
    """Return the array form of a graph of single nodes: the weight matrices of its layers found again.

    Chains of additions become sums, sums of products become weighted sums, weighted sums of the same inputs become one
    x W + b, and other like nodes of a level become one array node. Results are the same up to the order of summation.

    Args:
        graph: A node, a sequence of nodes, a `Graph`, or an object that has one, such as a `Network`.

    Returns:
        An `ArrayForm` with the new graph, and the position there of every original node but the terms that became part
        of a sum.

    Raises:
        OperandError: If `graph` has no graph.

    Example:
        >>> import minigrad as mg
        >>> network = mg.Network(*mg.mlp([2, 3, 1], activation=mg.tanh, rng=1))
        >>> form = mg.vectorize(network)
        >>> len(network.graph), len(form.graph)
        (25, 11)
    """
    return ArrayForm(graph_of(graph))
