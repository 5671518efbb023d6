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
    """The BP network of a node, a graph or a network: its outputs are δ = ∂L/∂node of the given nodes (or names), by
    default of every parameter.

    The δ of a node named w is named "δ w". The new nodes stand on the old ones, so one forward pass runs the network
    forward and backward, and the result can be differentiated again. With a batch axis each sample has its own δ.
    Raises ShapeError unless the graph has one scalar output, GraphError for a node that is not in it.
    """
    whole = graph_of(graph)
    keys = whole.parameters if wrt is None else [wrt] if isinstance(wrt, (Node, str)) else wrt
    wanted = [whole[key] if isinstance(key, str) else key for key in keys]
    if not wanted:
        raise GraphError("nothing to differentiate by", cure="Use parameters, or name the nodes with wrt=[…].")
    for node in wanted:
        if node not in whole:
            raise GraphError("not in this graph", node=str(node), cure="Differentiate by nodes the output is made of.")
    deltas = delta_nodes(whole)
    return Graph([deltas[node] for node in wanted])


def delta_nodes(graph: Graph) -> dict[Node, Node]:
    """Return δ of every node of a graph, each a node of its own, made by reading the backward rules over nodes."""
    root, titles = single_root(graph.plan), titles_of(graph)
    reading = NodeReading()
    values: dict[Any, Node] = {node: node for node in graph.nodes}
    for step in graph.plan.steps:
        if isinstance(step, Stacked):
            values[step] = reading.stack(step.parents)

    def named(vertex: Any, delta: Node) -> Node:
        return own(delta, titles[vertex], graph) if vertex in titles else delta

    # Each δ gets its name before others are made of it, so that they read the δ of the very nodes behind them.
    deltas = interpreter.run_backward(graph.plan, values, {root: Constant(1.0)}, reading, finish=named)
    for node in reversed(graph.nodes):
        if node.op is None or node not in deltas:
            deltas[node] = named(node, deltas[node] if node in deltas else Constant(np.zeros(node.shape)))
    return {node: deltas[node] for node in titles}


def titles_of(graph: Graph) -> dict[Node, str]:
    """The name of the δ of every node, which no node of the graph has."""
    names = {node.name for node in graph.nodes}
    sign = "δ"
    while any(f"{sign} {name}" in names for name in names):
        sign += "δ"
    return {node: f"{sign} {node.name or f'#{place}'}" for node, place in graph.position.items()}


def own(delta: Node, title: str, graph: Graph) -> Node:
    """The δ under its name; one that is a node of the graph, or the δ of another node, in a node of its own."""
    if delta.name is not None or delta in graph:
        delta = ops.identity(delta)
    delta.name = title
    return delta


class NodeReading:
    """The namespace of nodes, `minigrad.ops`, in which a row of scalar nodes falls apart into scalar nodes again.

    So the δ of a single weight is drawn as what it is, one output times one δ, and not as an element of an array.
    """

    def __init__(self) -> None:
        self.rows: dict[Node, tuple[Node, ...]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(ops, name)

    def stack(self, scalars: Sequence[Node]) -> Node:
        """A row of scalar nodes, remembered so that `unstack` finds them again."""
        row: Node = ops.stack(scalars, axis=-1)
        self.rows[row] = tuple(scalars)
        return row

    def unstack(self, stacked: Node, axis: int) -> tuple[Node, ...]:
        """The parts of a stack; an elementwise expression of rows becomes one scalar expression for each element."""
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
        """The rows that an elementwise expression is made of, parents first, down to rows already known."""
        found: list[Node] = []
        seen: set[Node] = set()
        stack: list[Any] = [row]
        while stack:
            node = stack.pop()
            if node is None:  # the operands of the node below are done
                found.append(stack.pop())
            elif node.shape and node not in seen and node not in self.rows:
                seen.add(node)
                stack += (node, None)
                if isinstance(node.op, Elementwise):
                    stack += node.parents
        return found


def is_lifted_scalar(node: Node) -> bool:
    """Whether the node is a scalar as a row of one, which broadcasts against other rows."""
    return node.kind == "array" and node.shape == (1,) and len(node.parents) == 1 and not node.parents[0].shape
