"""Snapshots: one number for each element, batches averaged, None before a pass."""

import numpy as np

import minigrad as mg
from minigrad.drawing.snapshot import Snapshot, format_value
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
    assert snapshot.notes() == ("Batch: mean of 3 samples, each δ counted from the sample's own loss.",)


def test_elements_of_arrays_and_values_passed_in():
    graph = networks.layered(3, 2).graph
    W = graph["h1.W"]
    snapshot = Snapshot(graph)
    assert snapshot.value(W, (2, 1)) == W.value[2, 1]
    assert snapshot.value(W) is None
    assert format_value(W, snapshot.value(W), W.value) == "array 3×2"
    x = mg.Parameter(1.0, "x")
    assert Snapshot(mg.Graph(x), {x: 2.0}).value(x) == 2.0
