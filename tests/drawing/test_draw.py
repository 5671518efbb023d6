"""What `draw` accepts, which view it picks, and what a picture says."""

import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.errors import OperandError, RenderError
from minigrad.graph import Graph
from tests.drawing import networks


def test_what_can_be_drawn():
    network = networks.perceptron(2, 2, 1)
    graph = network.graph
    assert draw(network).source == draw(graph).source == draw(graph.outputs[0]).source == draw([network.loss]).source


@pytest.mark.parametrize("what", [3, "net", None, object()])
def test_what_cannot(what):
    with pytest.raises(OperandError, match="no graph"):
        draw(what)


def test_unknown_view_and_option():
    node = networks.micrograd_example()
    with pytest.raises(RenderError, match="one of auto, text, backprop, ends, explain"):
        draw(node, "picture")
    with pytest.raises(RenderError, match=r"no such option.*limit"):
        draw(node, "expression", most=3)
    with pytest.raises(RenderError, match="the neurons view has no such option"):
        draw(networks.textbook(), limit=3)


def test_view_by_content_and_size():
    assert draw(networks.perceptron(2, 2, 1)).diagram.view == "neurons"
    assert draw(networks.micrograd_example()).diagram.view == "expression"
    assert draw(networks.chain(100)).diagram.view == "ends"
    assert draw(networks.perceptron(*[1] * 30)).diagram.view == "layers"
    assert draw(networks.perceptron(*[1] * 80)).diagram.view == "ends"


@pytest.mark.parametrize("view", ["neurons", "process", "layers", "neuron"])
def test_every_view_before_a_pass_and_without_activation(view):
    assert "not known yet" in draw(networks.textbook(passes=False), view).source
    x = [mg.Input("x1", value=1.0), mg.Input("x2", value=-2.0)]
    graph = Graph(mg.weighted_sum(x, [mg.Parameter(0.5, "w1"), mg.Parameter(0.25, "w2")], name="s"))
    graph.backward()
    assert draw(graph, view).text
