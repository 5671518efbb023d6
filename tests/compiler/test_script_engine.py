"""Scripts: values and δ of random scalar graphs, of wide and deep ones, and what Python has no answer to."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler import SCRIPT_NODES
from minigrad.compiler.engine import NodesEngine
from minigrad.compiler.script_engine import NODES_PER_PART, ScriptEngine
from minigrad.errors import CompileError
from tests.compiler.test_tape_engine import irregular


def script_of(graph: mg.Graph) -> ScriptEngine:
    return ScriptEngine(graph.outputs, np.float64, lambda: NodesEngine(graph.outputs), SCRIPT_NODES)


@pytest.mark.parametrize("seed", range(40))
def test_values_and_deltas_are_those_of_the_graph(seed: int) -> None:
    graph = irregular(seed, size=60 if seed else 3 * NODES_PER_PART)
    rng = np.random.default_rng(seed)
    graph.forward({node: rng.normal() for node in graph.inputs})
    graph.backward()
    script = script_of(graph)
    values = script.values({node: node.value for node in script.leaves})
    deltas = script.deltas(values)
    for node, position in script.position.items():
        assert values[position] == pytest.approx(node.value, rel=1e-12, abs=1e-15)
    for node in script.leaves:
        assert deltas[script.position[node]] == pytest.approx(node.delta, rel=1e-11, abs=1e-14)


def test_the_source_has_the_names_of_the_nodes() -> None:
    x, w = mg.Input("x"), mg.Parameter(2.0, "w")
    graph = mg.Graph(mg.tanh(x * w, name="h"))
    source = graph.compile(engine="script").source
    assert "v2 = v0 * v1" in source
    assert "v3 = tanh(v2)  # h" in source
    assert "d2 = d3 * (1.0 - v3 * v3)" in source
    assert "d[1] += d2 * v0" in source


def test_several_outputs_and_a_leaf_as_an_output() -> None:
    w = mg.Parameter(2.0, "w")
    assert mg.Graph([w * w, w, w + 1.0]).compile(engine="script").forward() == (4.0, 2.0, 3.0)
    fast = mg.Graph(w).compile(engine="script")
    assert fast.gradient() == 2.0
    assert w.delta == 1.0


def test_where_python_raises_the_nodes_answer() -> None:
    x = mg.Input("x")
    graph = mg.Graph(mg.exp(x) * mg.Parameter(1.0, "w") + 1 / x)
    fast = graph.compile(engine="script")
    for value in (1.0, 0.0, 1000.0, -1000.0):
        assert fast.forward({x: value}) == graph.forward({x: value})
        graph.backward()
        expected = graph["w"].delta
        assert fast.gradient({x: value}) == graph.forward({x: value})
        fast.gradient({x: value})
        np.testing.assert_equal(graph["w"].delta, expected)


def test_a_wide_and_much_read_node() -> None:
    x = mg.Parameter(0.5, "x")
    graph = mg.Graph(mg.weighted_sum([x] * 1_000, [mg.Parameter(0.001) for _ in range(1_000)]))
    fast = graph.compile(engine="script")
    assert fast.gradient() == pytest.approx(0.5, rel=1e-12)
    assert x.delta == pytest.approx(1.0, rel=1e-12)


def crowded(count: int, fan_in: int) -> mg.Graph:
    """So many nodes that each read so many."""
    weights = [mg.Parameter(0.001 * place) for place in range(fan_in)]
    node: mg.Node = weights[1]
    for _ in range(count):
        node = mg.weighted_sum([node, *weights[1:]], weights)
    return mg.Graph(node)


def test_nodes_of_many_parents_are_spread_over_short_functions() -> None:
    graph = crowded(40, NODES_PER_PART)
    parts = script_of(graph).parts
    assert len(parts) == 40
    assert graph.compile(engine="script").gradient() == pytest.approx(graph.outputs[0].value, rel=1e-12)


def test_a_graph_of_few_nodes_and_many_edges_is_no_script() -> None:
    graph = crowded(450, 500)
    with pytest.raises(CompileError, match="450450 edges"):
        graph.compile(engine="script")


def test_names_that_are_no_comments_are_left_out() -> None:
    w = mg.Parameter(2.0, "w")
    fast = mg.Graph(mg.tanh(w * 3.0, name="h\nimport os")).compile(engine="script")
    assert "import os" not in fast.source
    assert fast.forward() == np.tanh(6.0)


@pytest.mark.parametrize(
    ("output", "dtype", "found"),
    [
        (mg.sum(mg.Parameter([1.0, 2.0], "v")), np.float64, "1 of them arrays"),
        (mg.tanh(mg.Parameter(1.0, "w")), np.float32, "float32"),
    ],
)
def test_what_is_no_script_is_refused(output: mg.Node, dtype: type, found: str) -> None:
    with pytest.raises(CompileError, match=found):
        mg.Graph(output).compile(dtype, engine="script")
    assert mg.Graph(output).compile(dtype).forward() == pytest.approx(output.value, rel=1e-6)


def test_a_node_without_influence_has_a_delta_of_zero() -> None:
    w, v = mg.Parameter(2.0, "w"), mg.Parameter(3.0, "v")
    blind = mg.sign(mg.tanh(w * 1.5))
    fast = mg.Graph(blind * v).compile(engine="script")
    assert fast.gradient() == 3.0
    assert (w.delta, v.delta) == (0.0, 1.0)
    assert "d[0]" not in fast.source
