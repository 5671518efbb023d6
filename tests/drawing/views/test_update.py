"""The views beside the neuron view: what they compute, what they accept, what they refuse."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.errors import RenderError
from minigrad.optim import SGD, Adam
from tests.drawing import networks


def test_update_shows_one_step_and_takes_none():
    graph = networks.textbook()
    text = draw(graph, "update", optimizer=SGD(lr=0.5)).text
    assert "w1: 0.15 → 0.1498  Δw1 = −0.0002193" in text
    assert "L 0.2984 → 0.2858" in text  # the shared biases move as well
    assert graph["h1.w1"].value == 0.15


@pytest.mark.parametrize("network", [networks.perceptron(2, 2, 1, batch=3), networks.layered(3, 2)])
def test_update_foresees_what_training_does(network):
    foreseen = draw(network, "update", optimizer=Adam(lr=0.1)).text
    rule = Adam(lr=0.1)
    for parameter in network.parameters:
        before = np.ravel(parameter.value)
        after, _ = rule.update(before, np.ravel(parameter.delta), rule.init(before))
        parameter.value = after.reshape(parameter.shape) if parameter.shape else after.item()
    network.graph.forward()
    assert f"→ {np.mean(network.loss.value):.4g}" in foreseen


def test_update_needs_an_optimizer_and_gradients():
    with pytest.raises(RenderError, match=r"optimizer=minigrad\.SGD"):
        draw(networks.textbook(), "update")
    with pytest.raises(RenderError, match="no gradient yet"):
        draw(networks.textbook(passes=False), "update", optimizer=SGD())


def test_a_step_that_overflows_is_drawn_without_a_warning():
    w, x = mg.Parameter(1e200, "w"), mg.Input("x")
    network = mg.Network(x, mg.weighted_sum([x], [w], name="y"))
    network.loss_graph(1.0, 0.0)
    assert "w: 1×10²⁰⁰" in draw(network, "update", optimizer=Adam(lr=0.1)).text
