"""The ways from a node to the loss: which nodes lie between, and how many paths there are, without walking them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from minigrad.core import interpreter
from minigrad.core.local_derivatives import Link, Slopes
from minigrad.core.node import Node
from minigrad.core.passes import seed_of, stored_values
from minigrad.graph import Graph
from minigrad.ops.base import Value

MOST_COUNTED = 10**15
"""Where counting stops: the paths of a deep graph have more digits than the graph has nodes."""


@dataclass(frozen=True)
class Ways:
    """Every node between a start and the loss, in topological order, and for each the links to its children there."""

    nodes: tuple[Node, ...]
    links: dict[Node, list[Link]]

    @property
    def start(self) -> Node:
        """Where the ways begin."""
        return self.nodes[0]

    @property
    def loss(self) -> Node:
        """Where they end."""
        return self.nodes[-1]


def ways_from(start: Node, graph: Graph) -> Ways:
    """The ways from a node of the graph to its one output, found in one sweep over the nodes."""
    links: dict[Node, list[Link]] = {start: []}
    for child in graph.nodes[graph.position[start] + 1 :]:
        read = [Link(child, place) for place, parent in enumerate(child.parents) if parent in links]
        if read:
            links[child] = []
        for link in read:
            links[link.parent].append(link)
    return Ways(tuple(links), links)


def counted(ways: Ways) -> tuple[int, int]:
    """How many paths there are, and how many links they have in all, each counted up to `MOST_COUNTED`."""
    counts: dict[Node, int] = {ways.loss: 1}
    lengths: dict[Node, int] = {ways.loss: 0}
    for node in reversed(ways.nodes[:-1]):
        children = [link.child for link in ways.links[node]]
        counts[node] = min(sum(counts[child] for child in children), MOST_COUNTED)
        lengths[node] = min(sum(lengths[child] + counts[child] for child in children), MOST_COUNTED)
    return counts[ways.start], lengths[ways.start]


def walked(ways: Ways) -> Iterator[tuple[Link, ...]]:
    """Every path as the links from the start to the loss."""
    trail: list[Link] = []
    turns = [iter(ways.links[ways.start])]
    if ways.start is ways.loss:
        yield ()
    while turns:
        link = next(turns[-1], None)
        if link is None:
            turns.pop()
            del trail[-1:]
        else:
            trail.append(link)
            turns.append(iter(ways.links[link.child]))
            if link.child is ways.loss:
                yield tuple(trail)


def levels(ways: Ways) -> list[list[Node]]:
    """The nodes by their longest distance from the loss, nearest first; in topological order among equals."""
    distance: dict[Node, int] = {ways.loss: 0}
    rows: list[list[Node]] = [[ways.loss]]
    for node in reversed(ways.nodes[:-1]):
        distance[node] = 1 + max(distance[link.child] for link in ways.links[node])
        rows.extend([] for _ in range(distance[node] + 1 - len(rows)))
        rows[distance[node]].append(node)
    return [row[::-1] for row in rows]


MOST_LINKS = 2_000_000
"""Links that the listed paths may have in all."""


@dataclass(frozen=True, eq=False)
class Path:
    """One path from a node to the loss, with the local derivative ∂child/∂parent of each link and their product.

    A derivative is None before a forward pass, and at arrays and batches, where it is not one number.
    """

    start: Node
    links: tuple[Link, ...]
    derivatives: tuple[float | None, ...]
    product: Value

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes of the path, the loss last."""
        return (self.start, *(link.child for link in self.links))


@dataclass(frozen=True, eq=False)
class Findings:
    """All that is known of δ of one node; `paths` is empty where they are too many to list.

    `values`, `deltas` and `slopes` are the numbers of the moment; before a forward pass there are none.
    """

    graph: Graph
    ways: Ways
    count: int
    paths: tuple[Path, ...]
    total: Value
    values: Mapping[Any, Value]
    deltas: Mapping[Any, Value]
    slopes: Slopes


def find(node: Node, graph: Graph, limit: int) -> Findings:
    """What is found about a node of a graph at its present values, with at most `limit` paths listed."""
    plan = graph.plan
    first = seed_of(plan)
    ways = ways_from(node, graph)
    count, links = counted(ways)
    trails = list(walked(ways)) if count <= limit and links <= MOST_LINKS else []
    if ways.loss.value is None:
        slopes = Slopes(plan, {})
        paths = tuple(Path(node, trail, (None,) * len(trail), None) for trail in trails)
        return Findings(graph, ways, count, paths, None, {}, {}, slopes)
    values = {
        vertex: value if type(value) is float else np.array(value) for vertex, value in stored_values(plan).items()
    }
    slopes = Slopes(plan, values)
    deltas = interpreter.run_backward(plan, values, first)
    paths = tuple(path(node, trail, slopes, first[ways.loss]) for trail in trails)
    total = reduce(add, [path.product for path in paths]) if paths else deltas.get(node, 0.0 * values[node])
    return Findings(graph, ways, count, paths, total, values, deltas, slopes)


def path(start: Node, links: tuple[Link, ...], slopes: Slopes, first: Value) -> Path:
    """One path with its numbers; δ of the loss is `first`."""
    derivatives = tuple([slopes.of(link) for link in links])
    return Path(start, links, derivatives, slopes.product(derivatives, links, first))
