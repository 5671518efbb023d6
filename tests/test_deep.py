"""Deep and much shared graphs: recursion and repetition are where small frameworks break."""

from __future__ import annotations

import gc
import weakref

import pytest

import minigrad as mg
from minigrad._toposort import topological_order


@pytest.mark.parametrize("depth", [100_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_a_chain_is_built_run_and_freed_without_recursion(depth: int) -> None:
    start = mg.Input("start", value=1.0)
    node: mg.Node = start
    for _ in range(depth):
        node = -node
    assert node.value == 1.0
    assert repr(node) == "<unnamed neg node = neg(neg), value 1, delta —>"
    graph = mg.Graph(node)
    assert len(graph) == depth + 1
    assert graph.forward({"start": 2.0}) == 2.0
    graph.backward()
    assert start.delta == 1.0
    assert repr(graph) == f"<Graph of {depth + 1} nodes, 1 inputs, 0 parameters, outputs neg>"
    freed = weakref.finalize(graph, lambda: None)
    del graph, node  # frees the whole chain
    gc.collect()
    assert not freed.alive
    assert start.delta == 1.0


def test_thirty_doublings_are_31_nodes() -> None:
    start = mg.Parameter(1.0, "start")
    node: mg.Node = start
    for _ in range(30):
        node = node + node
    assert len(topological_order([node])) == 31
    graph = mg.Graph(node)
    assert len(graph) == 31
    assert graph.forward() == 2.0**30
    graph.backward()
    assert start.delta == 2.0**30
    node.backward()
    assert start.delta == 2.0**30


def test_thirty_doublings_through_weighted_sums() -> None:
    start = mg.Parameter(1.0, "start")
    node: mg.Node = start
    for _ in range(30):
        node = mg.weighted_sum([node, node], [1.0, 1.0])
    node.backward()
    assert node.value == 2.0**30
    assert start.delta == 2.0**30


def test_a_wide_node() -> None:
    parts = [mg.Parameter(1.0) for _ in range(10_000)]
    total = mg.weighted_sum(parts, parts)
    total.backward()
    assert total.value == 10_000
    assert {part.delta for part in parts} == {2.0}
