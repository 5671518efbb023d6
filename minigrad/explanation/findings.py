"""What is found out about a node: the paths to the loss with their numbers, as plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from minigrad import engine
from minigrad.explanation.slopes import Slopes
from minigrad.explanation.ways import Link, Ways, counted, walked, ways_from
from minigrad.graph import Graph
from minigrad.node import Node
from minigrad.ops.op import Value
from minigrad.passes import first_delta, in_numbers, own, values_of

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
    first = first_delta(plan)
    ways = ways_from(node, graph)
    count, links = counted(ways)
    trails = list(walked(ways)) if count <= limit and links <= MOST_LINKS else []
    if ways.loss.value is None:
        slopes = Slopes(plan, {})
        paths = tuple(Path(node, trail, (None,) * len(trail), None) for trail in trails)
        return Findings(graph, ways, count, paths, None, {}, {}, slopes)
    values = {vertex: value if type(value) is float else own(value) for vertex, value in values_of(plan).items()}
    slopes = Slopes(plan, values)
    deltas = engine.pull_back(plan, values, first, numbers=in_numbers(values))
    paths = tuple(path(node, trail, slopes, first[ways.loss]) for trail in trails)
    total = reduce(add, [path.product for path in paths]) if paths else deltas.get(node, 0.0 * values[node])
    return Findings(graph, ways, count, paths, total, values, deltas, slopes)


def path(start: Node, links: tuple[Link, ...], slopes: Slopes, first: Value) -> Path:
    """One path with its numbers; δ of the loss is `first`."""
    derivatives = tuple([slopes.of(link) for link in links])
    return Path(start, links, derivatives, slopes.product(derivatives, links, first))
