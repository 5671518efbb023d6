"""What is found out about a node: the paths to the loss with their numbers, as plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from minigrad import engine
from minigrad.explanation.slopes import local_derivatives, path_product
from minigrad.explanation.ways import Link, Ways, counted, walked, ways_from
from minigrad.graph import Graph
from minigrad.node import Node
from minigrad.ops.op import Value
from minigrad.passes import first_delta, in_numbers, own, values_of

MOST_LINKS = 2_000_000
"""Links that the listed paths may have in all."""


@dataclass(frozen=True)
class Path:
    """One path from a node to the loss, with the local derivative ∂child/∂parent of each link and their product.

    A derivative is None before a forward pass, and at arrays and batches, where it is not one number.
    """

    links: tuple[Link, ...]
    nodes: tuple[Node, ...]
    derivatives: tuple[float | None, ...]
    product: Value


@dataclass(frozen=True, eq=False)
class Findings:
    """All that is known of δ of one node; `paths` is empty where they are too many to list.

    `values`, `deltas` and `derivatives` hold the numbers of the moment, and are empty before a forward pass.
    """

    graph: Graph
    ways: Ways
    count: int
    paths: tuple[Path, ...]
    total: Value
    values: Mapping[Any, Value]
    deltas: Mapping[Any, Value]
    derivatives: Mapping[Link, float]


def find(node: Node, graph: Graph, limit: int) -> Findings:
    """What is found about a node of a graph at its present values, with at most `limit` paths listed."""
    plan = graph.plan
    first = first_delta(plan)
    ways = ways_from(node, graph)
    count, links = counted(ways)
    trails = list(walked(ways)) if count <= limit and links <= MOST_LINKS else []
    if ways.loss.value is None:
        paths = tuple(path(ways, trail, {}, None) for trail in trails)
        return Findings(graph, ways, count, paths, None, {}, {}, {})
    values = {node: value if type(value) is float else own(value) for node, value in values_of(plan).items()}
    numbers = in_numbers(values)
    deltas = engine.pull_back(plan, values, first, numbers=numbers)
    derivatives = local_derivatives(plan, values, ways) if numbers else {}
    products = [path_product(plan, values, trail, derivatives, first[ways.loss], numbers) for trail in trails]
    paths = tuple(path(ways, trail, derivatives, product) for trail, product in zip(trails, products, strict=True))
    total = reduce(add, products) if products else deltas.get(node, 0.0 * values[node])
    return Findings(graph, ways, count, paths, total, values, deltas, derivatives)


def path(ways: Ways, links: tuple[Link, ...], derivatives: Mapping[Link, float], product: Value) -> Path:
    """One path with what is known of its links."""
    nodes = (ways.start, *(link.child for link in links))
    return Path(links, nodes, tuple(derivatives.get(link) for link in links), product)
