"""The array form of a graph against the graph: every value and every δ, on random graphs and on hostile ones."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import minigrad as mg
from minigrad.compiler.grouping import group_like_nodes
from minigrad.core.plan import make_plan
from minigrad.ops import linear
from tests.compiler.comparisons import Expected, compare_array_form, run_comparisons
from tests.compiler.random_graphs import Case, cases, random_case, random_feeds
from tests.graphs import Program, as_nodes, programs

without_deadline = settings(deadline=None, max_examples=250, suppress_health_check=list(HealthCheck))
COUNT = 150


@without_deadline
@given(cases(), st.sampled_from([None, 1, 3]), st.integers(0, 99))
def test_random_graphs(case: Case, batch: int | None, seed: int) -> None:
    graph = case.build()
    run_comparisons(Expected(graph, random_feeds(graph, Random(seed), batch)), compare_array_form)


@pytest.mark.parametrize("batch", [None, 3])
def test_larger_random_graphs(batch: int | None) -> None:
    compared = 0
    for seed in range(COUNT):
        graph = random_case(seed, most=40).build()
        compared += run_comparisons(Expected(graph, random_feeds(graph, Random(seed), batch)), compare_array_form)
    assert compared > 10 * COUNT


@settings(deadline=None, max_examples=100)
@given(programs(), st.sampled_from([None, 3]), st.integers(0, 99))
def test_random_programs(program: Program, batch: int | None, seed: int) -> None:
    leaves = [mg.Input(f"x{place}") if place % 2 else mg.Parameter(value) for place, value in enumerate(program.leaves)]
    graph = mg.Graph(as_nodes(program, leaves)[-1])
    run_comparisons(Expected(graph, random_feeds(graph, Random(seed), batch)), compare_array_form)


def ops_of(outputs: object) -> list[str]:
    """The labels of the ops in the array form."""
    nodes = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    return [step.op.label for step in make_plan(group_like_nodes(nodes).outputs).steps]


def test_a_network_of_neurons_is_two_affine_maps() -> None:
    inputs, outputs = mg.mlp([5, 4, 3], mg.tanh, mg.softmax, rng=0)
    net = mg.Network(inputs, outputs, mg.squared_error)
    assert ops_of(net.loss) == ["xW+b", "tanh", "xW+b", "softmax", "½Σ(ŷ−t)²"]


@pytest.mark.parametrize("order", ["from the left", "from the right", "bias first", "weight first"])
def test_a_neuron_spelled_out_is_the_same_matrix_product(order: str) -> None:
    def neuron(x: list[mg.Node], rng: np.random.Generator) -> mg.Node:
        terms = [
            mg.Parameter(rng.normal()) * item if order == "weight first" else item * mg.Parameter(rng.normal())
            for item in x
        ]
        bias = mg.Parameter(rng.normal())
        if order == "bias first":
            return sum(terms, bias)
        if order == "from the right":
            total = terms[-1] + bias
            for term in terms[-2::-1]:
                total = term + total
            return total
        return sum(terms[1:], terms[0]) + bias

    rng = np.random.default_rng(0)
    x: list[mg.Node] = [mg.Input(f"x{number}") for number in range(4)]
    hidden = [mg.relu(neuron(x, rng)) for _ in range(3)]
    outputs = [neuron(hidden, rng) for _ in range(2)]
    loss = mg.squared_error(outputs, [mg.Input("t1"), mg.Input("t2")])
    assert ops_of(loss) == ["xW+b", "relu", "xW+b", "½Σ(ŷ−t)²"]
    graph = mg.Graph(loss)
    compare_array_form(Expected(graph, random_feeds(graph, Random(0), 3)))


def test_a_graph_unrolled_over_samples_is_one_matrix_product_a_layer() -> None:
    rng = np.random.default_rng(0)
    weights = [[mg.Parameter(rng.normal()) for _ in range(3)] for _ in range(4)]
    last = [mg.Parameter(rng.normal()) for _ in range(4)]

    def score(x: list[float]) -> mg.Node:
        hidden = [mg.tanh(sum((w * xi for w, xi in zip(row, x, strict=False)), row[-1])) for row in weights]
        return sum(w * h for w, h in zip(last, hidden, strict=True))

    scores = [score(rng.normal(size=2).tolist()) for _ in range(5)]
    loss = sum(mg.relu(1 + -s) for s in scores) * (1 / 5) + 1e-4 * sum(w * w for row in weights for w in row)
    labels = ops_of(loss)
    assert labels.count("xW+b") == 4  # hidden layer, scores, weight decay, and the weighted sum of both
    assert labels.count("tanh") == labels.count("relu") == 1
    compare_array_form(Expected(mg.Graph(loss), {}))


def test_sums_that_are_read_elsewhere_stay_whole() -> None:
    a, b, c = (mg.Input(name) for name in "abc")
    inner = a * b + c
    graph = mg.Graph([inner + a * c, mg.tanh(inner)])
    assert inner in group_like_nodes(graph.outputs).positions
    compare_array_form(Expected(graph, {a: 0.1, b: 0.2, c: np.array([0.3, 0.4])}))


def test_the_same_output_twice() -> None:
    a = mg.Parameter(0.3)
    b = mg.tanh(a)
    first, second = group_like_nodes([b, b]).outputs
    assert first is second


@pytest.mark.parametrize("leaf", [mg.Parameter(0.3, "p"), mg.Input("x", value=0.2), mg.Constant(4.0)], ids=str)
def test_an_output_that_is_a_leaf(leaf: mg.Node) -> None:
    compare_array_form(Expected(mg.Graph(leaf), {}))
    compare_array_form(Expected(mg.Graph(leaf + 0.0), {}))
    compare_array_form(Expected(mg.Graph([leaf, leaf * 2.0]), {}))


ON_SCALARS = {"broadcast": lambda node: mg.broadcast_to(node, ()), "take": lambda node: node[...]}


@pytest.mark.parametrize("op", ON_SCALARS.values(), ids=ON_SCALARS)
def test_ops_of_arrays_on_scalars_stand_alone(op: Callable[[mg.Node], mg.Node]) -> None:
    graph = mg.Graph([op(mg.Parameter(0.3)), op(mg.Parameter(0.4))])
    assert graph.compile(engine="numpy").forward() == graph.forward()


def test_leaves_are_told_in_the_order_of_their_elements() -> None:
    inputs, outputs = mg.mlp([3, 2], rng=0)
    grouped = group_like_nodes(outputs)
    arrays = {node.kind: node for node in grouped.leaves if node.ndim == 2 or node.kind == "input"}
    assert grouped.leaves[arrays["input"]] == inputs
    weights = grouped.leaves[arrays["parameter"]]
    np.testing.assert_array_equal(arrays["parameter"].value.ravel(), [weight.value for weight in weights])
    assert isinstance(outputs[0].parents[0].op, linear.WeightedSum)


def test_names_go_from_first_to_last() -> None:
    _, outputs = mg.mlp([3, 2], rng=0)
    names = {node.name for node in mg.Graph(group_like_nodes(outputs).outputs).nodes}
    assert {"x1…x3", "y1.w1…y2.w3", "y1.b…y2.b", "y1.s…y2.s", "y1…y2"} <= names
