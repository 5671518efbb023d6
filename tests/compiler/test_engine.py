"""The interface of engines: all of them compute what the nodes compute, with one sample and with a batch."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler import ENGINES, make_engine
from minigrad.compiler.engine import Engine, NodesEngine, StatelessEngine
from tests.compiler.comparisons import ENGINE_NAMES


def network() -> mg.Network:
    return mg.Network(*mg.mlp([3, 4, 2], rng=0))


@pytest.mark.parametrize("engine", ENGINE_NAMES)
@pytest.mark.parametrize("batch", [None, 5])
def test_all_engines_agree(engine: str, batch: int | None) -> None:
    graph = network().graph
    rng = np.random.default_rng(0)
    feeds = {node: rng.normal(size=batch) for node in graph.inputs}
    expected = graph.forward(feeds)
    graph.backward()
    gradients = [parameter.grad for parameter in graph.parameters]
    fast = graph.compile(engine=engine)
    assert isinstance(fast.engine, Engine)
    assert fast.forward(feeds) == pytest.approx(expected, rel=1e-14)
    assert fast.gradient(feeds) == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose([parameter.grad for parameter in graph.parameters], gradients, rtol=1e-12, atol=1e-16)
    assert fast.source
    assert "CompiledGraph" in repr(fast)


def test_several_outputs_come_as_a_tuple() -> None:
    graph = mg.Graph(mg.mlp([3, 4, 2], rng=0)[1])
    feeds = {"x1": 1.0, "x2": 2.0, "x3": 3.0}
    for engine in ENGINE_NAMES:
        assert graph.compile(engine=engine).forward(feeds) == pytest.approx(graph.forward(feeds), rel=1e-14)


@pytest.mark.parametrize("engine", ENGINE_NAMES)
def test_an_output_without_a_batched_input_has_no_batch_axis(engine: str) -> None:
    x, y, w = mg.Input("x"), mg.Input("y"), mg.Parameter(2.0, "w")
    graph = mg.Graph([mg.tanh(x * w), y * w, w])
    fast = graph.compile(engine=engine)
    for feeds in ({x: [0.1, 0.2], y: 0.5}, {x: 0.1, y: [0.5, 0.6]}, {x: 0.1, y: 0.5}):
        for new, old in zip(fast.forward(feeds), graph.forward(feeds), strict=True):
            assert type(new) is type(old)
            np.testing.assert_allclose(new, old, rtol=1e-15, strict=True)


@pytest.mark.parametrize("name", [name for name in ENGINES if name != "numpy"])
@pytest.mark.parametrize("batch", [None, 4])
def test_an_engine_without_state_returns_delta_and_leaves_the_nodes_alone(name: str, batch: int | None) -> None:
    graph = network().graph
    engine = make_engine(graph.outputs, name=name)
    assert isinstance(engine, StatelessEngine)
    rng = np.random.default_rng(0)
    leaves = graph.leaves({node: rng.normal(size=batch) for node in graph.inputs})
    loss, deltas = engine.gradients(leaves, batch)
    assert all(parameter.delta is None for parameter in graph.parameters)
    assert loss == pytest.approx(graph.forward({node: leaves[node] for node in graph.inputs}), rel=1e-14)
    graph.backward()
    for parameter in graph.parameters:
        assert deltas[parameter] == pytest.approx(parameter.delta, rel=1e-12, abs=1e-16)


def test_a_parameter_without_influence_has_a_delta_of_zero() -> None:
    w, v = mg.Parameter(0.5, "w"), mg.Parameter([1.0, 2.0], "v")
    engine = NodesEngine([w * w])
    assert engine.gradient({w: 0.5, v: np.array([1.0, 2.0])}, None) == 0.25
    assert w.delta == 1.0
    np.testing.assert_array_equal(v.delta, [0.0, 0.0])
