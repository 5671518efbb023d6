"""The backward pass as a graph: the rules read over nodes build the BP network, to draw, run or differentiate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad import ops
from minigrad._format import describe_value
from minigrad._validation import as_list
from minigrad.core import interpreter
from minigrad.core.building import building
from minigrad.core.names import DERIVATIVE
from minigrad.core.node import Constant, Node
from minigrad.core.passes import single_root
from minigrad.core.plan import Stacked
from minigrad.errors import GraphError, OperandError
from minigrad.graph import Graph, HasGraph, graph_of
from minigrad.ops.base import Elementwise


def gradient_graph(
    graph: Node | Graph | HasGraph | Sequence[Node], wrt: Node | Sequence[Node | str] | None = None
) -> Graph:
    """Return the back-propagation network as a graph: its outputs are the derivatives ∂L/∂node of some nodes.

    The backward rules are evaluated over nodes instead of numbers. The new nodes are computed from the old ones, so one
    forward pass of the result runs the network forward and backward, and the result can be drawn, compiled or
    differentiated again. The derivative of a node named w is named "δ w". Gradient graphs of several losses may be
    joined; names that then come several times find none of the nodes, and pictures add the number of the node.

    Args:
        graph: A node, a sequence of nodes, a `Graph`, or an object that has one, such as a `Network`; with one scalar
            output L.
        wrt: The nodes, or their names, with respect to which L is differentiated; by default every parameter. The
            derivative with respect to a node that L does not depend on is a constant 0.

    Returns:
        A `Graph` with one output for each node of `wrt`, of the shape of that node. With a batch axis each sample has a
        derivative of its own. Inputs of the graph that no derivative depends on may be fed nevertheless.

    Raises:
        ShapeError: If the graph has not exactly one scalar output.
        GraphError: If there is nothing to differentiate with respect to, or the graph has no node of a name.
        OperandError: If `wrt` holds what is neither a node nor a name.

    Example:
        >>> import minigrad as mg
        >>> x = mg.Parameter(3.0, "x")
        >>> first = mg.gradient_graph(x * x * x)
        >>> second = mg.gradient_graph(first)
        >>> first.forward(), second.forward()  # 3x² and 6x
        (27.0, 18.0)
    """
    graph = graph_of(graph)
    nodes = nodes_of(graph, wrt)
    with building():
        deltas = delta_nodes(graph, nodes)
        return Graph([deltas[node] for node in nodes], unused_inputs=(*graph.inputs, *graph.unused_inputs))


def nodes_of(graph: Graph, wrt: Node | str | Sequence[Node | str] | None) -> list[Node]:
    """Return the nodes to differentiate with respect to, every parameter by default; raises GraphError for none."""
    keys: Any = graph.parameters
    if wrt is not None:
        keys = [wrt] if isinstance(wrt, (Node, str)) else as_list(wrt, "nodes or names")
    nodes = [graph[key] if isinstance(key, str) else key for key in keys]
    if not nodes:
        raise GraphError("nothing to differentiate with respect to", cure="Pass nodes or names as wrt=[…].")
    for node in nodes:
        if not isinstance(node, Node):
            found = f"{type(node).__name__} {describe_value(node)}"
            raise OperandError("not a node", found=found, expected="a node or a name")
    return nodes


def delta_nodes(graph: Graph, of: Sequence[Node] | None = None) -> dict[Node, Node]:
    """Return δ of some nodes, by default of all, each a node of its own, made by reading the backward rules over nodes.

    The δ of a node that has no influence on the output, or is not in the graph, is a constant 0.
    """
    root = single_root(graph.plan)
    wanted = dict.fromkeys(graph.nodes if of is None else of)
    position = graph.position
    nodes = [*graph.nodes, *[node for node in wanted if node not in position]]
    names = delta_names(graph, nodes)
    xp = NodeNamespace()
    values: dict[Any, Node] = dict(zip(graph.nodes, graph.nodes, strict=True))
    steps: list[Any] = []
    left_out: set[Node] = set()
    for step in graph.plan.steps:
        if isinstance(step, Stacked):
            values[step] = xp.stack(step.parents)
            if all(parent.op is None and parent not in wanted for parent in step.parents):
                left_out.update(step.parents)  # such as inputs, whose δ would take as many nodes as those of weights
                continue
        steps.append(step)

    def named(vertex: Any, delta: Node) -> Node:
        name = names.get(vertex)
        if name is not None:
            if delta.name is not None or delta in position:  # a node of the graph, or the δ of another node
                delta = ops.identity(delta)
            delta.name = name
        return delta

    # Each δ gets its name before others are made of it, so that they read the δ of the very nodes behind them.
    plan = graph.plan._replace(steps=steps)
    deltas = interpreter.run_backward(plan, values, {root: Constant(1.0)}, xp, finish=named, scalar=Node)
    for node in reversed(nodes):
        if node.op is None and node in deltas and node not in left_out:
            deltas[node] = named(node, deltas[node])
        elif node in wanted and node not in deltas:
            deltas[node] = named(node, Constant(np.zeros(node.shape)))
    return {node: deltas[node] for node in wanted}


def delta_names(graph: Graph, nodes: Sequence[Node]) -> dict[Node, str]:
    """Return a name for the δ of each node, which no node of the graph has; its nodes come first, in its order."""
    root = graph.outputs[0]
    shared = graph.table.shared_names
    names = [
        graph.unique_name(node) if node is root or node.name in shared else node.name or f"#{number}"
        for number, node in enumerate(graph.nodes)
    ]
    names += [node.label for node in nodes[len(graph) :]]
    taken = {node.name for node in graph.nodes if node.name and node.name.startswith(DERIVATIVE)}
    sign = DERIVATIVE
    while taken and any(f"{sign} {name}" in taken for name in names):
        sign += DERIVATIVE
    return dict(zip(nodes, [f"{sign} {name}" for name in names], strict=True))


class NodeNamespace:
    """The namespace of nodes, `minigrad.ops`, in which a row of scalar nodes falls apart into scalar nodes again.

    So the δ of a single weight is drawn as what it is, one output times one δ, and not as an element of an array.
    """

    def __init__(self) -> None:
        self.rows: dict[Node, tuple[Node, ...]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(ops, name)

    def stack(self, scalars: Sequence[Node]) -> Node:
        """Return a row of scalar nodes, which `unstack` returns again."""
        row: Node = ops.stack(scalars, axis=-1)
        self.rows[row] = tuple(scalars)
        return row

    def unstack(self, stacked: Node, axis: int) -> tuple[Node, ...]:
        """Return the parts of a stack; an elementwise expression of rows becomes one scalar expression an element."""
        if stacked.ndim > 1:
            parts: tuple[Node, ...] = ops.unstack(stacked, axis=axis)
            return parts
        for node in self.expression(stacked):
            if node.kind == "array" and node.shape == (1,) and len(node.parents) == 1 and not node.parents[0].shape:
                self.rows[node] = (node.parents[0],)  # a scalar as a row of one, which broadcasts
            elif isinstance(node.op, Elementwise):
                columns = [self.rows[parent] if parent.shape else (parent,) for parent in node.parents]
                width = max(map(len, columns))
                operands = zip(*(column * (width // len(column)) for column in columns), strict=True)
                self.rows[node] = tuple([Node.__apply__(node.op, scalars) for scalars in operands])
            else:
                self.rows[node] = ops.unstack(node, axis=-1)
        return self.rows[stacked]

    def expression(self, row: Node) -> list[Node]:
        """Return the rows that an elementwise expression is made of, parents first, down to rows already known."""
        order: list[Node] = []
        seen: set[Node] = set()
        stack: list[Any] = [row]
        while stack:
            node = stack.pop()
            if node is None:  # the operands of the node below are done
                order.append(stack.pop())
            elif node.shape and node not in seen and node not in self.rows:
                seen.add(node)
                stack += (node, None)
                if isinstance(node.op, Elementwise):
                    stack += node.parents
        return order
