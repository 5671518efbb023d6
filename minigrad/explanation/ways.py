"""The ways from a node to the loss: which nodes lie between, and how many paths there are, without walking them all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from minigrad.graph import Graph
from minigrad.node import Node

MOST_COUNTED = 10**15
"""Where counting stops: the paths of a deep graph have more digits than the graph has nodes."""


class Link(NamedTuple):
    """One reading of a parent by a child: the place it has among the child's parents. A repeat is a link of its own."""

    child: Node
    place: int

    @property
    def parent(self) -> Node:
        """The node that is read."""
        return self.child.parents[self.place]


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
