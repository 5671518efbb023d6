"""The paths from a node to the loss, counted without being listed, and what each contributes to ∂L/∂node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.core import interpreter
from minigrad.core.local_derivatives import LocalDerivatives, ParentEdge
from minigrad.core.passes import loss_derivative, node_values, single_root, with_stacks
from minigrad.core.plan import make_plan
from minigrad.core.versions import check_up_to_date

if TYPE_CHECKING:
    from minigrad.core.node import Node
    from minigrad.graph import Graph
from minigrad.ops.base import Value

MOST_COUNTED = 10**15
"""Where counting stops: the paths of a deep graph have more digits than the graph has nodes."""
MOST_EDGES = 2_000_000
"""Edges that the listed paths may have in all."""


@dataclass(frozen=True)
class PathGraph:
    """The nodes between a start and the loss, in topological order, and for each the edges from its children there."""

    nodes: tuple[Node, ...]
    edges: dict[Node, list[ParentEdge]]

    @property
    def start(self) -> Node:
        """Return the node at which the paths start."""
        return self.nodes[0]

    @property
    def loss(self) -> Node:
        """Return the node at which they end."""
        return self.nodes[-1]


def path_graph_from(start: Node, graph: Graph) -> PathGraph:
    """Return all that lies between a node of a graph and its one output, by one sweep over the nodes."""
    edges: dict[Node, list[ParentEdge]] = {start: []}
    edge_of = partial(tuple.__new__, ParentEdge)  # as the class makes one, in a third of the time
    is_off = edges.keys().isdisjoint
    for child in graph.nodes[graph.position[start] + 1 :]:
        parents = child.parents
        if is_off(parents):
            continue
        for position, parent in enumerate(parents):
            if parent in edges:
                edges[parent].append(edge_of((child, position)))
        edges[child] = []
    return PathGraph(tuple(edges), edges)


def count_paths(path_graph: PathGraph) -> tuple[int, int]:
    """Return how many paths there are, and how many edges they have in all, each counted up to `MOST_COUNTED`."""
    known: dict[Node, tuple[float, float]] = {path_graph.loss: (1.0, 0.0)}  # as floats: these do not grow in size
    for node, edges in reversed(path_graph.edges.items()):
        if len(edges) == 1:
            paths, edge_count = known[edges[0][0]]
            known[node] = paths, edge_count + paths
        elif edges:
            count = edge_count = 0.0
            for child, _ in edges:
                paths, more = known[child]
                count += paths
                edge_count += more
            known[node] = count, edge_count + count
    count, edge_count = known[path_graph.start]
    return int(min(count, MOST_COUNTED)), int(min(edge_count, MOST_COUNTED))


def list_paths(path_graph: PathGraph) -> Iterator[tuple[ParentEdge, ...]]:
    """Yield every path as its edges from the start to the loss."""
    path: list[ParentEdge] = []
    untried: list[tuple[int, ParentEdge]] = []
    """The edges yet to go along, each with the number of edges before it."""
    node = path_graph.start
    while True:
        edges = path_graph.edges[node]
        while len(edges) == 1:  # a long run of nodes that are read once
            path += edges
            edges = path_graph.edges[edges[0].child]
        if not edges:  # at the loss, which is the only node that nothing reads
            yield tuple(path)
        untried += [(len(path), edge) for edge in reversed(edges)]
        if not untried:
            return
        length, edge = untried.pop()
        path[length:] = [edge]
        node = edge.child


def layers_from_loss(path_graph: PathGraph) -> list[list[Node]]:
    """Return the nodes by their longest distance from the loss, nearest first, in topological order among equals."""
    distances: dict[Node, int] = {}
    for node, edges in reversed(path_graph.edges.items()):
        if len(edges) == 1:
            distances[node] = 1 + distances[edges[0][0]]
        else:
            distances[node] = 1 + max([distances[child] for child, _ in edges]) if edges else 0
    layers: list[list[Node]] = [[] for _ in range(distances[path_graph.start] + 1)]
    for node, distance in reversed(distances.items()):
        layers[distance].append(node)
    return layers


@dataclass(frozen=True, eq=False)
class Path:
    """One path from a node to the loss L, with the local derivative ∂child/∂parent of each edge, and their product.

    Args:
        start: The node where the path starts.
        links: The edges, each with its `child` and `parent`.
        derivatives: The local derivative along each edge; None before a forward pass, between arrays and over a batch.
        product: What the path contributes to ∂L/∂start; None before a forward pass.

    Example:
        >>> import minigrad as mg
        >>> w, x = mg.Parameter(3.0, "w"), mg.Parameter(2.0, "x")
        >>> (path,) = mg.explain(w, mg.relu(w * x, name="y"))
        >>> [node.label for node in path.nodes], path.derivatives, path.product
        (['w', '×', 'y'], (2.0, 1.0), 2.0)
    """

    start: Node
    links: tuple[ParentEdge, ...]
    derivatives: tuple[float | None, ...]
    product: Value

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Return the nodes of the path, the loss last."""
        return (self.start, *(edge.child for edge in self.links))


@dataclass(frozen=True, eq=False)
class PathGradients:
    """The gradient of the loss with respect to one node, path by path; no paths where they are too many to list.

    `values`, `deltas` and `derivatives` are the numbers of the moment; before a forward pass there are none.
    """

    graph: Graph
    path_graph: PathGraph
    count: int
    paths: tuple[Path, ...]
    total: Value
    values: Mapping[Any, Value]
    deltas: Mapping[Any, Value]
    derivatives: LocalDerivatives


def path_gradients(
    node: Node, graph: Graph, limit: int, values_of: Callable[[Node], Value] | None = None
) -> PathGradients:
    """Return what each path contributes to ∂L/∂node, with at most `limit` paths listed.

    The values are the present ones, or those that `values_of` gives, such as the values of one sample of a batch.
    """
    root = single_root(graph.plan)
    path_graph = path_graph_from(node, graph)
    plan = make_plan([root], [*path_graph.nodes])  # all that reads a node of a path lies on one: δ takes these alone
    count, edge_count = count_paths(path_graph)
    listed = list(list_paths(path_graph)) if count <= limit and edge_count <= MOST_EDGES else []
    if root.value is None:
        paths = tuple(Path(node, edges, (None,) * len(edges), None) for edges in listed)
        return PathGradients(graph, path_graph, count, paths, None, {}, {}, LocalDerivatives(plan, {}))
    check_up_to_date(graph.plan, graph.plan.roots)
    stored = node_values(graph.plan) if values_of is None else {n: values_of(n) for n in graph.nodes}
    values = with_stacks(plan, {n: value if type(value) is float else copied(value) for n, value in stored.items()})
    first = {root: loss_derivative(values[root])}
    local = LocalDerivatives(plan, values)
    deltas = interpreter.run_backward(plan, values, first)
    paths = tuple(path_with_numbers(node, edges, local, first[root]) for edges in listed)
    total = reduce(add, [path.product for path in paths]) if paths else deltas.get(node, 0.0 * values[node])
    return PathGradients(graph, path_graph, count, paths, total, values, deltas, local)


def copied(value: Value) -> Value:
    """Return a copy of an array, which later steps may overwrite, and any other value as it is."""
    return np.array(value) if np.ndim(value) else value


def path_with_numbers(start: Node, edges: tuple[ParentEdge, ...], local: LocalDerivatives, first: Value) -> Path:
    """Return one path with its numbers; ∂L/∂L is `first`."""
    derivatives = local.along(edges)
    return Path(start, edges, derivatives, local.product(derivatives, edges, first))
