"""The array form of a graph: what it is made of, and the way back to single nodes."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import FeedError, GraphError, OperandError, PassError


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
def test_every_node_is_found_again(network: mg.Network, batch: int | None) -> None:
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
