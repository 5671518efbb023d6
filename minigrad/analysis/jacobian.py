"""Jacobians and Hessians at the present values, exact to rounding: δ from every element of the outputs at once."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from minigrad.analysis.gradient_graph import gradient_graph, nodes_of
from minigrad.core import interpreter
from minigrad.core.batch_axes import has_batch
from minigrad.core.interpreter import Values, as_float
from minigrad.core.node import Node
from minigrad.errors import ShapeError
from minigrad.graph import Feeds, Graph, HasGraph, graph_of
from minigrad.ops.base import Shape, Value


def jacobian(
    outputs: Node | Graph | HasGraph | Sequence[Node],
    wrt: Node | str | Sequence[Node | str] | None = None,
    feeds: Feeds | None = None,
) -> Value:
    """Return the Jacobian ∂output/∂node of outputs with respect to some nodes, one row for each element of an output.

    All rows are computed by one backward pass, in which each row is a sample of its own. The values and δ of the nodes
    stay as they are.

    Args:
        outputs: A node of any shape, or a `Graph` or a `Network`; a sequence for several.
        wrt: A node or its name, or a sequence of them; by default every parameter. A node without influence has a
            Jacobian of zeros.
        feeds: Values of the inputs, by node or name, without a batch axis; by default the present values are used.

    Returns:
        For one output and one node, an array of the shape of the output followed by that of the node, a float where
        both are scalars. Where `wrt` is a sequence or is left out, a tuple of these, one for each node. Where several
        outputs are given, a tuple with the Jacobian of each output.

    Raises:
        ShapeError: If a value has a batch axis.
        GraphError: If there is nothing to differentiate with respect to, or the graph has no node of a name.
        FeedError: If an input has no value, or a feed belongs to no input or is not a number.

    Example:
        >>> import minigrad as mg
        >>> x, W = mg.Input("x", shape=2, value=[1.0, 2.0]), mg.Parameter([[3.0, 4.0], [5.0, 6.0]], "W")
        >>> y = x @ W
        >>> mg.jacobian(y, x).tolist()  # ∂y/∂x = Wᵀ
        [[3.0, 5.0], [4.0, 6.0]]
        >>> [J.shape for J in mg.jacobian(y, [x, W])]
        [(2, 2), (2, 2, 2)]
    """
    graph = graph_of(outputs)
    nodes = nodes_of(graph, wrt)
    leaves = graph.leaves({} if feeds is None else feeds)
    if has_batch(leaves):
        batched = next(node for node, value in leaves.items() if np.ndim(value) > node.ndim)
        raise ShapeError(
            "a Jacobian of a batch",
            node=batched.title,
            found=f"{len(leaves[batched])} samples",
            expected="one, without a batch axis",
            cure="Pass one sample at a time as feeds.",
        )
    jacobians = []
    for output in graph.outputs:
        rows = jacobian_rows(graph, output, nodes, leaves)
        jacobians.append(rows[0] if isinstance(wrt, (Node, str)) else tuple(rows))
    several = len(jacobians) > 1 or isinstance(outputs, Sequence)
    return tuple(jacobians) if several else jacobians[0]


def jacobian_rows(graph: Graph, output: Node, nodes: Sequence[Node], leaves: Values) -> list[Value]:
    """Return ∂output/∂node for each of some nodes, from the values of the leaves."""
    count = prod(output.shape)
    rows: Shape = ()
    seed: Value = 1.0
    if output.shape:  # each element starts a row, which is a sample of its own
        rows, seed = (count,), np.eye(count).reshape(count, *output.shape)
        leaves = {leaf: np.broadcast_to(value, (count, *leaf.shape)) for leaf, value in leaves.items()}
    values = interpreter.run_forward(graph.plan, leaves)
    deltas = interpreter.run_backward(graph.plan, values, {output: seed})
    of_rows = [np.broadcast_to(deltas.get(node, 0.0), (*rows, *node.shape)) for node in nodes]
    return [
        as_float(np.array(delta).reshape((*output.shape, *node.shape)))
        for node, delta in zip(nodes, of_rows, strict=True)
    ]


def hessian(
    graph: Node | Graph | HasGraph | Sequence[Node],
    wrt: Node | str | Sequence[Node | str] | None = None,
    feeds: Feeds | None = None,
) -> Value:
    """Return the Hessian ∂²L/∂a∂b of a scalar output L: the Jacobian of its gradient graph.

    The values and δ of the nodes stay as they are. For one matrix over all of several nodes, flatten the blocks:
    `numpy.block([[H[i][j].reshape(a.size, b.size) …] …])`, where `a.size` is the number of elements of node i.

    Args:
        graph: A node, a `Graph`, or an object that has one, such as a `Network`; with one scalar output L.
        wrt: A node or its name, or a sequence of them; by default every parameter. A node without influence has a
            Hessian of zeros.
        feeds: Values of the inputs, by node or name, without a batch axis; by default the present values are used.

    Returns:
        For one node, an array of the shape of the node twice, a float for a scalar. Where `wrt` is a sequence or is
        left out, a tuple of tuples `H`: `H[i][j]` has the shape of node i followed by that of node j.

    Raises:
        ShapeError: If the graph has not exactly one scalar output, or a value has a batch axis.
        GraphError: If there is nothing to differentiate with respect to, or the graph has no node of a name.
        FeedError: If an input has no value, or a feed belongs to no input or is not a number.

    Example:
        >>> import minigrad as mg
        >>> x = mg.Parameter([1.0, 2.0], "x")
        >>> mg.hessian(mg.sum(x * x * x), x).tolist()  # 6x on the diagonal
        [[6.0, 0.0], [0.0, 12.0]]
        >>> a, b = mg.Parameter(3.0, "a"), mg.Parameter(2.0, "b")
        >>> mg.hessian(a * a * b, [a, b])
        ((4.0, 6.0), (6.0, 0.0))
    """
    graph = graph_of(graph)
    nodes = nodes_of(graph, wrt)
    gradient = gradient_graph(graph, nodes)
    if isinstance(wrt, (Node, str)):
        return jacobian(gradient, nodes[0], feeds)
    rows = jacobian(gradient, nodes, feeds)
    return rows if len(nodes) > 1 else (rows,)
