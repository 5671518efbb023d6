"""The array form of a graph: what it is made of, and the way back to single nodes."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import FeedError, GraphError, OperandError, PassError
from tests.compiler.random_graphs import random_case, random_feeds, total


@pytest.fixture
def network() -> mg.Network:
    return mg.Network(*mg.mlp([3, 4, 2], mg.tanh, mg.sigmoid, rng=0))


FEEDS = {"x1": 0.5, "x2": -1.0, "x3": 2.0, "t1": 0.0, "t2": 1.0}


def test_a_network_of_neurons_becomes_two_maps(network: mg.Network) -> None:
    form = mg.vectorize(network)
    kinds = [(node.kind, node.shape) for node in form.graph.nodes if node.op is not None]
    assert kinds == [
        ("weighted sum", (4,)),
        ("activation", (4,)),
        ("weighted sum", (2,)),
        ("activation", (2,)),
        ("loss", ()),
    ]
    assert repr(form).startswith(f"<ArrayForm of {len(network.graph)} nodes: <Graph of ")


@pytest.mark.parametrize("batch", [None, 5])
def test_every_node_but_terms_of_sums_has_a_position(network: mg.Network, batch: int | None) -> None:
    rng = np.random.default_rng(0)
    feeds = {name: rng.normal(size=batch) for name in FEEDS}
    form = mg.vectorize(network)
    assert form.graph.forward(form.feeds(feeds)) == pytest.approx(network.graph.forward(feeds), rel=1e-14)
    form.graph.backward()
    network.graph.backward()
    for node in network.graph.nodes:
        np.testing.assert_allclose(form.value(node), node.value, rtol=1e-13)
        np.testing.assert_allclose(form.delta(node), node.delta, rtol=1e-12, atol=1e-16)
    hidden = network.graph["h2"]
    element = form.position(hidden)
    assert element is not None
    assert (element.array.shape, element.position) == ((4,), 1)


def test_it_is_a_graph_like_any_other(network: mg.Network) -> None:
    form = mg.vectorize(network)
    form.graph.forward(form.feeds(FEEDS))
    assert mg.check_gradients(form.graph)[0].error < 1e-8
    gradients = mg.gradient_graph(form.graph)
    gradients.forward(form.feeds(FEEDS))
    assert [output.shape for output in gradients.outputs] == [node.shape for node in form.graph.parameters]
    assert "digraph" in mg.draw(form.graph, "expression").source
    assert form.graph.compile().forward(form.feeds(FEEDS)) == pytest.approx(form.graph.forward(form.feeds(FEEDS)))


def test_arrays_and_numbers_beside_each_other() -> None:
    x, v = mg.Input("x", shape=3), mg.Parameter([1.0, 2.0, 3.0], "v")
    s = mg.tanh(mg.sum(x * v), name="s")
    form = mg.vectorize(s * mg.Parameter(2.0, "w"))
    form.graph.forward(form.feeds({x: [0.1, 0.2, 0.3]}))
    assert form.value(s) == pytest.approx(np.tanh(1.4), rel=1e-15)
    np.testing.assert_array_equal(form.value(v), [1.0, 2.0, 3.0])


@pytest.mark.parametrize("seed", range(25))
def test_random_graphs_have_the_same_derivatives_and_are_left_alone(seed: int) -> None:
    graph = mg.Graph(mg.tanh(total(random_case(seed).build().outputs) * mg.Constant(0.3, "k") + mg.Constant(0.3)))
    feeds = random_feeds(graph, Random(seed), None)
    graph.forward(feeds)
    graph.backward()
    before = [(node.value, node.delta) for node in graph.nodes]
    form = mg.vectorize(graph)
    form.graph.forward(form.feeds(feeds))
    form.graph.backward()
    assert all(value is node.value or value == node.value for (value, _), node in zip(before, graph.nodes, strict=True))
    assert all(delta is node.delta or delta == node.delta for (_, delta), node in zip(before, graph.nodes, strict=True))
    assert not {*form.graph.nodes} & {*graph.nodes}
    for leaf in graph.nodes:
        if leaf.op is None:
            np.testing.assert_allclose(form.value(leaf), leaf.value, rtol=1e-12)
            np.testing.assert_allclose(form.delta(leaf), leaf.delta, rtol=1e-6, atol=1e-9)


def test_a_constant_that_is_read_in_many_ways_has_its_full_derivative() -> None:
    k, twin, zero = mg.Constant(0.6, "k"), mg.Constant(0.6), mg.Constant(0.0, "zero")
    a, b = mg.Parameter(1.1, "a"), mg.Parameter(0.4, "b")
    v = mg.Constant([0.5, 1.5], "v")
    root = (
        mg.cos(a * k) + mg.cos(b * k) + mg.exp(a * twin) * k + mg.weighted_sum([k, k], [twin, a], zero) + mg.sum(v * k)
    )
    root.backward()
    right = {node: node.delta for node in mg.Graph(root).nodes}
    form = mg.vectorize(root)
    form.graph.forward(form.feeds())
    form.graph.backward()
    for constant in (k, twin, zero, v):
        np.testing.assert_allclose(form.delta(constant), right[constant], rtol=1e-12)
        assert constant.delta is right[constant]


def test_its_parameters_are_its_own(network: mg.Network) -> None:
    form, first = mg.vectorize(network), network.parameters[0]
    before = form.value(first)
    first.value = 7.0
    assert form.value(first) == before


def test_errors_say_what_is_wrong(network: mg.Network) -> None:
    a, b, c = (mg.Parameter(1.0, name) for name in "abc")
    product = a * b
    form = mg.vectorize(product + b * c + c * a)
    with pytest.raises(GraphError, match="became part of a sum"):
        form.value(product)
    with pytest.raises(GraphError, match="not in this graph"):
        form.position(mg.Parameter(1.0, "other"))
    form = mg.vectorize(network)
    with pytest.raises(PassError, match="no value yet"):
        form.value(network.outputs[0])
    with pytest.raises(FeedError, match="no value fed"):
        form.feeds({"x1": 1.0})
    with pytest.raises(OperandError, match="no graph"):
        mg.vectorize(3.0)
