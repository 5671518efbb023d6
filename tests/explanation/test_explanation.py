"""`explain`: the sum over the paths is δ, and what is written is what a person would write."""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.core import plan
from minigrad.errors import GraphError, OperandError, SettingError, ShapeError
from minigrad.explanation import explain
from tests.drawing.networks import layered, perceptron, textbook
from tests.graphs import COUNTS, Instruction, Program, as_nodes


def random_program(seed: int) -> Program:
    """A small graph in which any node may be read any number of times, and which ends in a loss."""
    rng = np.random.default_rng(seed)
    leaves = tuple(rng.uniform(-2, 2, rng.integers(1, 5)).round(3).tolist())
    instructions: list[Instruction] = []
    count = len(leaves)
    for op in [*rng.choice(sorted(COUNTS), rng.integers(1, 9)), "error"]:
        operands = rng.integers(0, count, COUNTS[op]).tolist()
        if op == "error":
            operands[0] = count - 1
        instructions.append(Instruction(str(op), tuple(operands)))
        count += 1
    return Program(leaves, tuple(instructions))


class Watched(mg.Unary):
    """Twice a number; counts how often its backward rule is read."""

    label = "watched"
    count = 0

    def forward(self, xp: Any, x: Any) -> Any:
        return 2 * x

    def backward(self, xp: Any, delta: Any, y: Any, x: Any) -> tuple[Any]:
        Watched.count += 1
        return (2 * delta,)


def test_the_rules_of_nodes_that_are_on_no_path_are_not_read():
    w, v = mg.Parameter(0.5, "w"), mg.Parameter(0.25, "v")
    loss = mg.tanh(w) * Watched()(v)
    Watched.count = 0
    assert explain(w, loss).text
    assert Watched.count == 0
    assert explain(v, loss).total == pytest.approx(2 * mg.tanh(0.5))
    assert Watched.count > 0


def test_the_nodes_of_a_graph_are_sorted_once(monkeypatch: pytest.MonkeyPatch):
    sorted_nodes: list[int] = []
    sort = plan.topological_order

    def counted(*arguments: Any) -> list[Any]:
        order = sort(*arguments)
        sorted_nodes.append(len(order))
        return order

    graph = mg.Network(*mg.mlp([3, 4, 1], mg.tanh, rng=0)).loss_graph([1, 2, 3], 0)
    monkeypatch.setattr(plan, "topological_order", counted)
    assert explain(graph.parameters[0], graph, names="textbook").text
    assert sorted_nodes == []


@pytest.mark.parametrize("seed", range(200))
def test_the_sum_over_the_paths_is_what_the_engine_finds(seed: int):
    program = random_program(seed)
    leaves = [mg.Parameter(value, f"w{place}") for place, value in enumerate(program.leaves)]
    graph = mg.Graph(as_nodes(program, leaves)[-1])
    graph.backward()
    for leaf in graph.parameters:
        explanation = explain(leaf, graph, limit=100_000)
        assert explanation.count == len(explanation.paths) > 0
        assert explanation.total == pytest.approx(leaf.delta, rel=1e-12, abs=1e-12)
        assert explain(leaf, graph, limit=0).total == leaf.delta
        for path in explanation.paths[:50]:
            assert path.nodes[0] is leaf
            assert path.nodes[-1] is graph.outputs[0]
            assert all(link.child.parents[link.position] is link.parent for link in path.links)
        if explanation.count < 5:
            assert explanation.text
            assert explanation.latex.count("{") == explanation.latex.count("}")


def test_the_weight_of_the_textbook_by_hand():
    graph = textbook()
    explanation = explain("h1.w1", graph)

    def sigmoid(s: float) -> float:
        return 1 / (1 + exp(-s))

    h1, h2 = sigmoid(0.15 * 0.05 + 0.2 * 0.1 + 0.35), sigmoid(0.25 * 0.05 + 0.3 * 0.1 + 0.35)
    y1, y2 = sigmoid(0.4 * h1 + 0.45 * h2 + 0.6), sigmoid(0.5 * h1 + 0.55 * h2 + 0.6)
    one = [0.05, h1 * (1 - h1), 0.4, y1 * (1 - y1), y1 - 0.01]
    other = [0.05, h1 * (1 - h1), 0.5, y2 * (1 - y2), y2 - 0.99]
    assert explanation.count == 2
    assert [path.derivatives for path in explanation] == [
        pytest.approx(one, rel=1e-12),
        pytest.approx(other, rel=1e-12),
    ]
    assert [path.product for path in explanation] == pytest.approx([np.prod(one), np.prod(other)], rel=1e-12)
    assert explanation.total == pytest.approx(np.prod(one) + np.prod(other), rel=1e-12)
    assert explanation.total == pytest.approx(graph["h1.w1"].delta, rel=1e-14)
    assert [node.name for node in explanation.paths[1].nodes] == ["h1.w1", "h1.s", "h1", "y2.s", "y2", "E"]


def test_an_explanation_stays_what_it_was():
    graph = textbook()
    explanation, other = explain("h1.w1", graph), explain("h1.w1", graph)
    text = other.text
    graph.forward({"x1": 1.0, "x2": -1.0})
    graph["h1.w1"].value = 3.0
    assert explanation.text == text


@pytest.mark.parametrize("of", ["h1.w1", "b1", "h1", "h2.s", "y1", "x2", "t1", "E"])
def test_any_node_can_be_explained(of: str):
    graph = textbook()
    explanation = explain(of, graph)
    assert explanation.total == pytest.approx(graph[of].delta, rel=1e-12)
    assert explanation.node is graph[of]
    assert explanation.loss is graph["E"]
    assert explanation.text.startswith(f"∂E/∂{of}: ")
    assert explanation.latex


def test_the_graph_may_be_given_as_graph_as_loss_or_as_network():
    network = perceptron(3, 2, 2)
    weight = network.parameters[0]
    texts = {explain(weight, whole).text for whole in (network, network.graph, network.graph.outputs[0])}
    assert len(texts) == 1


def test_a_repeated_parent_is_two_paths():
    a = mg.Parameter(3.0, "a")
    explanation = explain(a, mg.multiply(a, a, name="c"))
    assert [path.product for path in explanation.paths] == [3.0, 3.0]
    assert explanation.text.endswith("∂c/∂a = path 1 + path 2 = 3 + 3 = 6")


def test_a_deep_chain_takes_a_few_lines():
    node = x = mg.Parameter(0.5, "x")
    for _ in range(20_000):
        node = mg.tanh(node)
    node.backward()
    explanation = explain(x, node)
    assert explanation.total == pytest.approx(x.delta, rel=1e-9)
    assert len(explanation.paths[0].nodes) == 20_001
    assert len(explanation.text.splitlines()) < 45
    assert len(explanation.equations) < 80


def test_a_batch():
    network = perceptron(2, 2, 1, batch=3)
    for weight in network.parameters:
        explanation = explain(weight, network)
        assert explanation.total == pytest.approx(weight.delta, rel=1e-12)
    x1 = explain("x1", network)
    np.testing.assert_allclose(x1.total, network.graph["x1"].delta, rtol=1e-12)
    assert "The loss is the mean over a batch of 3" in x1.text
    assert x1.latex


def test_layers_of_arrays():
    network = layered(3, 4, 2)
    for weight in network.parameters:
        explanation = explain(weight, network)
        np.testing.assert_allclose(explanation.total, weight.delta, rtol=1e-12)
        assert explanation.paths[0].derivatives == (None,) * len(explanation.paths[0].links)
    assert "is a matrix, which is not written out" in explanation.text
    assert r"\mathrm{array(4, 2)}" in explain("h2.W", network).latex


def test_a_point_where_python_raises():
    x = mg.Parameter(0.0, "x")
    assert explain(x, mg.sqrt(x)).total == np.inf
    assert "= inf" in explain(x, mg.sqrt(x)).text
    assert np.isnan(explain(x, mg.log(x) * x).total)


@pytest.mark.parametrize(
    ("node", "whole", "options", "error", "says"),
    [
        ("w9", textbook(), {}, GraphError, "no node of that name"),
        (mg.Parameter(1.0, "w"), textbook(), {}, GraphError, "parameter w = 1: not in this graph"),
        (1.0, textbook(), {}, OperandError, "not a node; found float 1.0, expected a node"),
        ("h1.w1", "graph", {}, OperandError, "no graph; found str 'graph'"),
        ("h1.w1", textbook(), {"limit": -1}, SettingError, "limit: an impossible setting; found -1"),
        ("h1.w1", textbook(), {"digits": 0}, SettingError, "digits: an impossible setting; found 0"),
        ("x", mg.Graph([mg.Input("x"), mg.Input("z")]), {}, ShapeError, "the backward pass starts at one scalar"),
    ],
)
def test_what_cannot_be_explained(node: Any, whole: Any, options: dict[str, Any], error: type[Exception], says: str):
    with pytest.raises(error, match=says):
        explain(node, whole, **options)
