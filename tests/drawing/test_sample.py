"""Pictures of a chosen sample: of the last batch, or run for the picture; a bad one changes nothing."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.drawing.snapshot import snapshot_of
from minigrad.errors import DataError, FeedError, RenderError, SettingError, ShapeError
from tests.drawing import networks


def numbers_in(graph):
    return [(np.copy(node.value), np.copy(node.delta)) for node in graph.nodes]


def test_a_sample_of_the_last_batch():
    network = networks.perceptron(2, 2, 1, batch=3)
    text = draw(network, sample=1).text
    assert "Sample 1 of a batch of 3" in text
    assert "⟨" not in text
    alone = networks.perceptron(2, 2, 1)
    feeds = {node.name: node.value[1] for node in network.graph.inputs}
    assert text.splitlines()[:-2] == draw(alone, sample=feeds).text.splitlines()[:-1]


def test_a_pair_is_run_and_left_in_the_nodes():
    network = networks.perceptron(2, 2, 1)
    drawing = draw(network, sample=([0.5, -0.25], [1.0]))
    assert [node.value for node in network.inputs] == [0.5, -0.25]
    assert drawing.text == draw(network).text
    batch = draw(network, sample=([[0.5, 0.1], [0.2, 0.3]], [[1.0], [0.0]]))
    assert "mean of 2 samples" in batch.text


def test_values_of_inputs_are_run_forward_and_backward():
    x, w = mg.Input("x"), mg.Parameter(3.0, "w")
    graph = mg.Graph(w * x)
    assert "∂L/∂w 2.000" in draw(graph, "expression", sample={x: 2.0}).text
    assert w.grad == 2.0
    outputs = mg.Graph([w * x, w + x])  # without a loss there is nothing to run backward from
    assert snapshot_of(outputs, outputs, {"x": 4.0}).value(outputs.outputs[0]) == 12.0


@pytest.mark.parametrize(
    ("sample", "error"),
    [
        (3, RenderError),
        (-1, SettingError),
        (True, SettingError),
        (0.5, SettingError),
        ("x", SettingError),
        (([0.5], [1.0]), DataError),
        (([0.5, 0.5], ["a"]), DataError),
        (([0.5, 0.5], [1.0], 2), RenderError),
        ({"x9": 1.0}, FeedError),
        ({"x1": float("nan")}, FeedError),
        ({"x1": [[1.0]]}, ShapeError),
    ],
)
def test_bad_samples_change_nothing(sample, error):
    network = networks.perceptron(2, 2, 1, batch=3)
    before = numbers_in(network.graph)
    with pytest.raises(error):
        draw(network, sample=sample)
    for (value, delta), (value_after, delta_after) in zip(before, numbers_in(network.graph), strict=True):
        np.testing.assert_array_equal(value, value_after)
        np.testing.assert_array_equal(delta, delta_after)


def test_bad_options_run_no_pass():
    network = networks.perceptron(2, 2, 1)
    before = network.inputs[0].value
    for options in ({"digits": 0}, {"language": "xx"}, {"nothing": 1}, {"view": "nothing"}):
        with pytest.raises((SettingError, RenderError)):
            draw(network, sample=([0.5, -0.25], [1.0]), **options)
    assert network.inputs[0].value == before


def test_a_pair_needs_a_network():
    with pytest.raises(RenderError, match=r"only a network has samples and targets; found Graph"):
        draw(networks.textbook(), sample=([0.5, 0.5], [1.0, 0.0]))


@pytest.mark.parametrize("view", ["explain", "update", "health", "backprop", "layers", "matrices", "neuron"])
def test_every_view_shows_a_chosen_sample(view):
    options = {"optimizer": mg.SGD(0.5)} if view == "update" else {}
    network = networks.perceptron(2, 2, 1, batch=3)
    texts = {draw(network, view, sample=sample, **options).text for sample in range(3)}
    assert len(texts) == 3
