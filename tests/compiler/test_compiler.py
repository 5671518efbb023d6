"""The table of engines, and which engine the one rule of choice takes for a graph."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import compiler
from minigrad._toposort import depths
from minigrad.compiler import ENGINES, FEW_ARRAYS, has_longer_path, make_engine
from minigrad.compiler.engine import Engine, NodesEngine, StatelessEngine
from minigrad.compiler.numpy_engine import NumpyEngine
from minigrad.compiler.script_engine import ScriptEngine
from minigrad.compiler.tape_engine import TapeEngine
from minigrad.errors import CompileError, SettingError
from minigrad.ops.base import Op
from tests.compiler.comparisons import Expected, compare_engines
from tests.compiler.test_numpy_engine import Branching, Foreign
from tests.compiler.test_tape_engine import irregular


def network() -> mg.Network:
    return mg.Network(*mg.mlp([3, 4, 2], rng=0))


def chain(length: int) -> tuple[mg.Parameter, mg.Node]:
    node: mg.Node
    node = x = mg.Parameter(0.5, "x")
    for _ in range(length):
        node = mg.sin(node)
    return x, node


def wide(count: int, layers: int) -> mg.Graph:
    """Layers of so many nodes of two kinds, connected at random."""
    rng = random.Random(0)
    layer: list[mg.Node] = [mg.Parameter(rng.uniform(-1, 1)) for _ in range(count)]
    for _ in range(layers):
        pairs = [rng.choices(layer, k=2) for _ in layer]
        layer = [mg.tanh(a) if index % 2 else a * b for index, (a, b) in enumerate(pairs)]
    return mg.Graph(mg.weighted_sum(layer, [0.1] * count))


def test_a_network_becomes_a_numpy_program() -> None:
    assert isinstance(network().graph.compile().engine, NumpyEngine)


def test_the_elements_of_an_array_are_no_operations_of_their_own() -> None:
    x = mg.Input("x", shape=100)
    inputs, outputs = list(x), mg.layer(list(x), 100, mg.softmax, rng=0)
    assert len(inputs) + len(outputs) > FEW_ARRAYS
    assert isinstance(mg.Network(x, outputs).graph.compile().engine, NumpyEngine)


def test_an_irregular_graph_becomes_a_tape() -> None:
    graph = wide(600, 70)
    fast = graph.compile()
    assert isinstance(fast.engine, TapeEngine)
    assert fast.gradient() == pytest.approx(graph.outputs[0].value, rel=1e-12)


def test_a_narrower_one_becomes_a_script_whose_batches_are_taped() -> None:
    engine = irregular(0, size=2000).compile().engine
    assert isinstance(engine, ScriptEngine)
    assert isinstance(engine.fallback, TapeEngine)


@pytest.mark.parametrize(("length", "engine"), [(999, ScriptEngine), (1_000, NodesEngine)])
def test_a_chain_becomes_a_script_unless_it_is_very_long(
    length: int, engine: type[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiler, "SCRIPT_NODES", 1_000)
    x, node = chain(length)
    fast = mg.Graph(node).compile()
    assert isinstance(fast.engine, engine)
    value, delta = fast.gradient(), x.delta
    node.backward()
    assert (value, delta) == (node.value, x.delta)


@pytest.mark.slow
def test_a_chain_of_two_hundred_thousand_is_computed_node_by_node() -> None:
    assert compiler.SCRIPT_NODES == 200_000
    x, node = chain(compiler.SCRIPT_NODES)
    fast = mg.Graph(node).compile()
    assert isinstance(fast.engine, NodesEngine)
    value, delta = fast.gradient(), x.delta
    node.backward()
    assert (value, delta) == (node.value, x.delta)


def test_a_script_leaves_batches_to_a_fallback() -> None:
    x = mg.Input("x")
    node = x * mg.Parameter(0.5, "w")
    for _ in range(300):
        node = mg.sin(node)
    fast = mg.Graph(node).compile()
    assert isinstance(fast.engine, ScriptEngine)
    assert isinstance(fast.engine.fallback, NodesEngine)
    np.testing.assert_allclose(fast.forward({x: [0.1, 0.2]}), [fast.forward({x: 0.1}), fast.forward({x: 0.2})])


def test_in_training_a_script_must_be_ready_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "SCRIPT_NODES_IN_TRAINING", 500)
    _, node = chain(600)
    assert isinstance(make_engine([node]), ScriptEngine)
    assert isinstance(make_engine([node], training=True), NodesEngine)
    assert isinstance(mg.Graph(node).training_engine, NodesEngine)


def test_an_engine_without_state_is_never_a_numpy_program() -> None:
    graph = network().graph
    assert isinstance(graph.training_engine, NumpyEngine)
    assert graph.training_engine is graph.training_engine
    assert isinstance(make_engine(graph.outputs, stateless=True), StatelessEngine)


def test_a_float32_graph_is_no_script() -> None:
    graph = irregular(0, size=2000)
    assert isinstance(make_engine(graph.outputs), ScriptEngine)
    assert isinstance(make_engine(graph.outputs, np.float32), TapeEngine)


def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(SettingError, match="no such engine; found 'steam', expected one of auto, numpy, tape, script"):
        network().graph.compile(engine="steam")


class ToyEngine(StatelessEngine):
    """An engine of one's own, which leaves all work to another."""

    source = "# a toy"

    def __init__(self, outputs: Sequence[mg.Node], dtype: Any = np.float64) -> None:
        self.nodes = NodesEngine(outputs)

    def outputs(self, leaves: Mapping[mg.Node, Any], batch: int | None) -> list[Any]:
        return self.nodes.outputs(leaves, batch)

    def gradients(self, leaves: Mapping[mg.Node, Any], batch: int | None) -> tuple[float, Mapping[mg.Node, Any]]:
        return self.nodes.gradients(leaves, batch)


def test_an_engine_of_ones_own_is_one_class_and_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "toy", ToyEngine)
    graph = network().graph
    rng = np.random.default_rng(0)
    expected = Expected(graph, {node: rng.normal(size=3) for node in graph.inputs})
    assert compare_engines(expected, ["toy"]) == 1
    fast = graph.compile(engine="toy")
    assert isinstance(fast.engine, ToyEngine)
    assert fast.source == "# a toy"


def test_an_op_that_cannot_be_recorded_is_computed_node_by_node() -> None:
    class Stepwise(mg.Activation):
        """Identity by a question that only a number can answer, y = s."""

        label = "stepwise of a test"

        def forward(self, xp: Any, s: Any) -> Any:
            return s * float(np.all(s > -10))

        def backward(self, xp: Any, delta: Any, y: Any, s: Any) -> Any:
            return (delta * float(np.all(s > -10)),)

    try:
        x, w = mg.Input("x"), mg.Parameter(2.0, "w")
        graph = mg.Graph(mg.sum(mg.stack([Stepwise()(w * x)])))
        assert isinstance(graph.compile().engine, NodesEngine)
        assert graph.compile().gradient({x: 3.0}) == 6.0
        assert w.grad == 3.0
        with pytest.raises(CompileError, match="cannot be recorded"):
            graph.compile(engine="numpy")
    finally:
        mg.ops.registry.pop(Stepwise.label, None)


UNRECORDED = [
    (Foreign(), 3, ScriptEngine),
    (Foreign(), 300, TapeEngine),
    (Branching(), 3, NodesEngine),
    (Branching(), 300, NodesEngine),
]


@pytest.mark.parametrize(("op", "width", "engine"), UNRECORDED)
def test_a_graph_with_an_op_that_cannot_be_recorded_runs_grouped_or_one_by_one(
    op: Op, width: int, engine: type[Engine]
) -> None:
    inputs, outputs = mg.mlp([2, width, 1], op, mg.identity, rng=0)
    graph = mg.Graph(outputs[0])
    assert isinstance(graph.compile().engine, engine)
    compare_engines(Expected(graph, {inputs[0]: 1.0, inputs[1]: -2.0}), ["auto", "nodes"])
    if engine is not NodesEngine:
        compare_engines(Expected(graph, {inputs[0]: [1.0, 2.0], inputs[1]: -2.0}), ["auto", "nodes", "tape"])


def test_formulas_are_loaded_only_for_scripts() -> None:
    code = (
        "import sys, minigrad, minigrad.compiler; assert not any('minigrad.symbolic' in name for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(mg.__file__).parents[1])


def test_a_deep_graph_is_not_grouped_to_find_out_that_its_groups_are_small(monkeypatch):
    node = mg.Parameter(0.3, "w")
    for _ in range(300):
        node = mg.sin(node) + 0.1
    monkeypatch.setattr("minigrad.compiler.grouping.group_by_depth", None)
    monkeypatch.setattr("minigrad.compiler.tape_engine.group_by_depth", None)
    assert isinstance(make_engine([node]), ScriptEngine)


def test_sums_and_products_do_not_make_a_graph_deep():
    x, w = mg.Input("x"), mg.Parameter(0.5, "w")
    total = w * x
    for _ in range(200):
        total = total + w * x
    graph = mg.Graph(mg.tanh(total))
    assert has_longer_path(depths(graph.nodes), 0)
    assert not has_longer_path(depths(graph.nodes), 1)
    assert not has_longer_path({x: 0}, 0)
    assert isinstance(graph.engine(), NumpyEngine)
