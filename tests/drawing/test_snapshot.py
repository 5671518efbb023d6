"""Snapshots: one number for each element, batches averaged, None before a pass."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.drawing.snapshot import Snapshot, format_shape, loss_names
from minigrad.errors import RenderError, SettingError
from minigrad.structure import Element
from tests.drawing import networks


def test_numbers_of_a_pass_and_none_before():
    graph = networks.textbook(passes=False)
    snapshot = Snapshot(graph)
    assert snapshot.value(graph["x1"]) is None
    assert snapshot.notes() == ("— not known yet: run forward, then backward.",)
    graph = networks.textbook()
    snapshot = Snapshot(graph)
    assert snapshot.value(graph["h1.w1"]) == 0.15
    assert snapshot.delta(graph["h1.w1"]) == graph["h1.w1"].delta
    assert snapshot.notes() == ()


def test_a_batch_is_averaged_and_its_deltas_summed():
    network = networks.perceptron(2, 2, 1, batch=3)
    snapshot, x, s = Snapshot(network.graph), network.inputs[0], network.graph["h1.s"]
    assert snapshot.value(x) == np.mean(x.value)
    assert snapshot.delta(s) == np.sum(s.delta)
    assert snapshot.notes() == ("⟨ ⟩: mean of 3 samples, each with its own loss.",)


def test_elements_of_arrays_and_values_passed_in():
    graph = networks.layered(3, 2).graph
    W = graph["h1.W"]
    snapshot = Snapshot(graph)
    assert snapshot.value(W, (2, 1)) == W.value[2, 1]
    assert snapshot.value(W) is None
    assert snapshot.text(W) == format_shape(W) == "array 3×2"
    x = mg.Parameter(1.0, "x")
    assert Snapshot(mg.Graph(x), {x: 2.0}).value(x) == 2.0


def batch_and_samples(size=3):
    """A network after a batch, and the snapshots of a network with the same values after each sample of it alone."""
    network = networks.perceptron(2, 3, 2, batch=size)
    feeds = {node.name: node.value for node in network.graph.inputs}
    singles = []
    for sample in range(size):
        single = networks.perceptron(2, 3, 2)
        single.graph.forward({name: values[sample] for name, values in feeds.items()})
        single.graph.backward()
        singles.append(Snapshot(single.graph))
    return network.graph, singles


def test_one_sample_of_a_batch_is_what_a_pass_over_it_alone_gives():
    graph, singles = batch_and_samples()
    before = [(node.value, node.delta) for node in graph.nodes]
    for sample, single in enumerate(singles):
        snapshot = Snapshot(graph, sample=sample)
        assert not snapshot.is_mean
        for node, other in zip(graph.nodes, single.graph.nodes, strict=True):
            assert snapshot.value(node) == pytest.approx(single.value(other), rel=1e-14)
            assert snapshot.delta(node) == pytest.approx(single.delta(other), rel=1e-14, abs=1e-300)
            assert snapshot.local_derivatives(node) == pytest.approx(single.local_derivatives(other), rel=1e-14)
        h, s = graph["h1"], graph["h1.s"]
        assert snapshot.slope(h, s) == pytest.approx(h.value[sample] * (1 - h.value[sample]))
    for (value, delta), node in zip(before, graph.nodes, strict=True):
        np.testing.assert_array_equal(node.value, value)
        np.testing.assert_array_equal(node.delta, delta)


def test_products_over_a_batch_are_means_of_products():
    graph, singles = batch_and_samples()
    snapshot, w, x = Snapshot(graph), Element(graph["h1.w1"]), Element(graph["x1"])
    s = Element(graph["h1.s"])
    assert snapshot.product_with_delta(x, s) == pytest.approx(snapshot.delta(*w))
    assert snapshot.product(w, x) == pytest.approx(w.node.value * x.node.value.mean())
    shares = [single.value(single.graph["h1.w1"]) * single.delta(single.graph["h1.s"]) for single in singles]
    assert snapshot.product_with_delta(w, s) == pytest.approx(np.mean(shares))
    assert snapshot.mark("x·δ") == "⟨x·δ⟩"
    assert (snapshot.mark("w", w.node), snapshot.mark("x", x.node)) == ("w", "⟨x⟩")


def test_uses_of_shared_weights_and_of_elements_of_arrays():
    graph = networks.textbook()
    snapshot = Snapshot(graph)
    assert [snapshot.uses(Element(graph[name])) for name in ("b1", "h1.w1")] == [2, 1]
    x, W, b = mg.Input("x", 2), mg.Parameter(np.ones((2, 3)), "W"), mg.Parameter(0.5, "b")
    s = mg.affine(x, W, b)
    snapshot = Snapshot(mg.Graph(mg.sum(s) + W[0, 1] * W[0, 1]))
    assert [snapshot.uses(Element(W, index)) for index in ((0, 0), (0, 1))] == [1, 3]
    assert snapshot.uses(Element(b)) == 3


def test_what_losses_are_called():
    y, t = mg.Parameter(0.5, "y"), mg.Parameter(1.0, "t")
    first, second = mg.squared_error(y, t), mg.mean_squared_error(y, t, name="second")
    total = 0.3 * first + second
    assert loss_names(mg.Graph(total)) == {first: "L₁", second: "L₂", total: "L"}
    assert loss_names(mg.Graph(first)) == {first: "L"}
    assert loss_names(mg.Graph([first, second])) == {first: "L₁", second: "L₂"}
    assert loss_names(mg.Graph(y * t)) == {}


def test_samples_that_are_not_there():
    graph, _ = batch_and_samples()
    with pytest.raises(RenderError, match=r"no such sample.*found 3, expected 0 to 2"):
        Snapshot(graph, sample=3)
    with pytest.raises(SettingError, match="sample"):
        Snapshot(graph, sample=-1)
    with pytest.raises(RenderError, match="no batch to choose a sample from"):
        Snapshot(networks.textbook(), sample=0)


def test_derivatives_of_one_sample_need_one_loss():
    x, w = mg.Input("x"), mg.Parameter(2.0, "w")
    graph = mg.Graph([w * x, w + x])
    graph.forward({"x": [1.0, 2.0]})
    snapshot = Snapshot(graph, sample=1)
    assert (snapshot.value(graph.outputs[0]), snapshot.delta(w)) == (4.0, None)
    assert "one scalar output" in snapshot.notes()[-1]


def test_rows_of_arrays_count_as_samples_and_say_so():
    X, W = mg.Input("X", (4, 2)), mg.Parameter(np.ones((2, 3)), "W")
    graph = mg.Graph(mg.sum(mg.tanh(mg.affine(X, W, 0.0, name="s"))))
    graph.forward({"X": np.arange(8.0).reshape(4, 2)})
    graph.backward()
    snapshot = Snapshot(graph)
    assert snapshot.is_mean
    assert snapshot.mark("s", graph["s"]) == "⟨s⟩"
    assert snapshot.value(X, 1) == 4.0
    terms = snapshot.product_with_delta(Element(X, 1), Element(graph["s"], 2))
    assert terms == pytest.approx(W.delta[1, 2])
    assert any("several rows" in note for note in snapshot.notes())
