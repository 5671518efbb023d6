"""What choosing an engine costs, in sorts and walks over the graph, and that what is faster finds the same."""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import _toposort
from minigrad._toposort import depths, topological_order
from minigrad.compiler import ENGINES, FEW_ARRAYS, candidates, canonical, check_own_rules, has_longer_path, make_engine
from minigrad.compiler.canonical import canonicalize
from minigrad.compiler.engine import Engine, NodesEngine
from minigrad.compiler.numpy_engine import NumpyEngine
from minigrad.compiler.script_engine import ScriptEngine
from minigrad.compiler.tape_engine import TapeEngine
from minigrad.core import plan
from minigrad.errors import CompileError
from tests.compiler.random_graphs import random_case
from tests.compiler.test_tape_engine import irregular


def chain(length: int) -> mg.Graph:
    node: mg.Node = mg.Parameter(0.5, "w")
    for _ in range(length):
        node = mg.sin(node)
    return mg.Graph(node)


def wide() -> mg.Graph:
    """A graph too deep for array programs, and too wide for a script."""
    rng = random.Random(0)
    layer: list[mg.Node] = [mg.Parameter(rng.random()) for _ in range(160)]
    for _ in range(FEW_ARRAYS + 2):
        layer = [mg.tanh(node * rng.choice(layer)) for node in layer]
    while len(layer) > 1:
        layer = [*map(mg.add, layer[::2], layer[1::2]), *layer[len(layer) // 2 * 2 :]]
    return mg.Graph(layer[0])


GRAPHS: dict[type[Engine], Any] = {
    NumpyEngine: lambda: mg.Network(*mg.mlp([3, 40, 2], rng=0)).graph,
    TapeEngine: wide,
    ScriptEngine: lambda: irregular(0, size=2000),
    NodesEngine: lambda: chain(30_000),
}
"""A graph for each engine."""


@pytest.mark.parametrize("engine", GRAPHS)
def test_the_order_of_the_graph_is_handed_on_to_every_engine(
    engine: type[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    def counted(roots: Any, *others: Any) -> list[Any]:
        order = topological_order(roots, *others)
        sizes.append(len(order))
        return order

    for module in (plan, canonical, _toposort):
        monkeypatch.setattr(module, "topological_order", counted)
    for name in ("minigrad.compiler", "minigrad.compiler.tape_engine", "minigrad.compiler.script_engine"):
        monkeypatch.setattr(f"{name}.topological_order", counted)
    outputs = GRAPHS[engine]().outputs
    sizes.clear()
    graph = mg.Graph(outputs)
    assert sizes == [len(graph)]
    sizes.clear()
    assert isinstance(graph.engine(training=engine is NodesEngine), engine)
    assert all(size < len(graph) / 2 for size in sizes)  # of the graph of arrays


def test_a_graph_too_long_for_a_script_is_grouped_for_a_tape_once(monkeypatch: pytest.MonkeyPatch) -> None:
    order = [*wide().nodes]
    names = [name for name, _ in candidates(order, training=False, stateless=True)]
    assert names == ["tape", "script", "tape"]
    monkeypatch.setattr("minigrad.compiler.SCRIPT_NODES", len(order) - 1)
    assert [name for name, _ in candidates(order, training=False, stateless=True)] == ["tape"]


class CountedOrder(list[Any]):
    """Nodes in topological order that count how often one goes through them."""

    walks = 0

    def __iter__(self) -> Iterator[Any]:
        self.walks += 1
        return super().__iter__()


@pytest.mark.parametrize("engine", GRAPHS)
def test_choosing_takes_two_walks_over_the_graph(engine: type[Engine]) -> None:
    order = CountedOrder(GRAPHS[engine]().nodes)
    order.walks = 0
    check_own_rules(order)
    assert [*candidates(order, training=False, stateless=False)]
    assert order.walks == 2


def test_the_garbage_collector_waits_while_an_engine_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    was_enabled = []

    class Watching(NodesEngine):
        def __init__(self, outputs: Any, dtype: Any = np.float64) -> None:
            super().__init__(outputs, dtype)
            was_enabled.append(gc.isenabled())

    def refusing(*_: Any) -> Engine:
        raise CompileError("not this one")

    monkeypatch.setitem(ENGINES, "watching", Watching)
    monkeypatch.setitem(ENGINES, "refusing", refusing)
    assert gc.isenabled()
    make_engine([mg.Parameter(1.0) * 2.0], name="watching")
    with pytest.raises(CompileError):
        make_engine([mg.Parameter(1.0) * 2.0], name="refusing")
    assert was_enabled == [False]
    assert gc.isenabled()


def longest_path(order: list[Any]) -> int:
    """How many computed nodes depend on one another in a row, at most, that no sum can absorb."""
    lengths: dict[Any, int] = {}
    for node in order:
        op = node.op
        is_absorbed = op is None or ((op.is_sum or op.is_product) and not node.shape) or op.element is not None
        lengths[node] = (not is_absorbed) + max((lengths[parent] for parent in node.parents), default=0)
    return max(lengths.values())


@pytest.mark.parametrize("seed", range(30))
def test_whether_a_path_is_longer_is_said_exactly(seed: int) -> None:
    order = topological_order(random_case(seed, 60).build().outputs)
    length = longest_path(order)
    assert not has_longer_path(depths(order), length)
    assert all(has_longer_path(depths(order), shorter) for shorter in range(length))


@pytest.mark.parametrize("merge_constants", [True, False])
@pytest.mark.parametrize("seed", range(30))
def test_the_nodes_of_a_canonical_graph_are_in_the_order_in_which_a_sort_finds_them(
    seed: int, merge_constants: bool
) -> None:
    graph = random_case(seed, 60).build()
    outputs, nodes, node_map = canonicalize(graph.outputs, merge_constants, graph.plan.nodes)
    assert [*nodes] == topological_order(outputs)
    assert all(node_map[leaf] is leaf for leaf in graph.nodes if leaf.op is None and leaf.kind != "constant")
