"""The backward pass as a graph: the rules read over nodes build the BP network, to draw, run or differentiate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.core import interpreter
from minigrad.core.node import Constant, Node
from minigrad.core.passes import single_root
from minigrad.core.plan import Stacked
from minigrad.errors import GraphError
from minigrad.graph import Graph, HasGraph, graph_of
from minigrad.ops.base import Elementwise


def gradient_graph(
    graph: Node | Graph | HasGraph | Sequence[Node], wrt: Node | Sequence[Node | str] | None = None
) -> Graph:
    """Return the BP network of a node, a graph or a network: its outputs are δ = ∂L/∂node of some nodes, by default of
    every parameter. The nodes are given themselves or by name.

    The δ of a node named w is named "δ w". The new nodes stand on the old ones, so one forward pass runs the network
    forward and backward, and the result can be differentiated again. With a batch axis each sample has its own δ.
    Raises ShapeError unless the graph has one scalar output, GraphError for a node that is not in it.
    """
    graph = graph_of(graph)
    keys = graph.parameters if wrt is None else [wrt] if isinstance(wrt, (Node, str)) else wrt
    nodes = [graph[key] if isinstance(key, str) else key for key in keys]
    if not nodes:
        raise GraphError("nothing to differentiate by", cure="Use parameters, or name the nodes with wrt=[…].")
    for node in nodes:
        if node not in graph:
            raise GraphError("not in this graph", node=str(node), cure="Differentiate by nodes the output is made of.")
    deltas = delta_nodes(graph)
    return Graph([deltas[node] for node in nodes])


def delta_nodes(graph: Graph) -> dict[Node, Node]:
    """Return δ of every node of a graph, each a node of its own, made by reading the backward rules over nodes."""
    root, names = single_root(graph.plan), delta_names(graph)
    xp = NodeNamespace()
    values: dict[Any, Node] = {node: node for node in graph.nodes}
    for step in graph.plan.steps:
        if isinstance(step, Stacked):
            values[step] = xp.stack(step.parents)

    def named(vertex: Any, delta: Node) -> Node:
        return name_delta(delta, names[vertex], graph) if vertex in names else delta

    # Each δ gets its name before others are made of it, so that they read the δ of the very nodes behind them.
    deltas = interpreter.run_backward(graph.plan, values, {root: Constant(1.0)}, xp, finish=named)
    for node in reversed(graph.nodes):
        if node.op is None or node not in deltas:
            deltas[node] = named(node, deltas[node] if node in deltas else Constant(np.zeros(node.shape)))
    return {node: deltas[node] for node in names}


def delta_names(graph: Graph) -> dict[Node, str]:
    """Return a name for the δ of every node, which no node of the graph has."""
    names = {node: node.name or graph.short_name(node) for node in graph.nodes}
    taken = {node.name for node in graph.nodes}
    sign = "δ"
    while any(f"{sign} {name}" in taken for name in names.values()):
        sign += "δ"
    return {node: f"{sign} {name}" for node, name in names.items()}


def name_delta(delta: Node, name: str, graph: Graph) -> Node:
    """Name a δ; one that is a node of the graph, or the δ of another node, becomes a node of its own."""
    if delta.name is not None or delta in graph:
        delta = ops.identity(delta)
    delta.name = name
    return delta


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
            if is_lifted_scalar(node):
                self.rows[node] = (node.parents[0],)
            elif isinstance(node.op, Elementwise):
                columns = [self.rows[parent] if parent.shape else (parent,) for parent in node.parents]
                width = max(map(len, columns))
                operands = zip(*(column * (width // len(column)) for column in columns), strict=True)
                self.rows[node] = tuple(node.op(*scalars) for scalars in operands)
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


def is_lifted_scalar(node: Node) -> bool:
    """Return whether the node is a scalar as a row of one, which broadcasts against other rows."""
    return node.kind == "array" and node.shape == (1,) and len(node.parents) == 1 and not node.parents[0].shape
