"""Paths from a node to the loss: counted, listed, layered."""

from __future__ import annotations

import minigrad as mg
from minigrad.explanation import explain
from minigrad.explanation.paths import count_paths, layers_from_loss, list_paths, path_graph_from
from tests.drawing.networks import perceptron, textbook


def test_the_paths_of_the_textbook_are_listed_in_the_order_of_the_graph():
    graph = textbook()
    path_graph = path_graph_from(graph["h1.w1"], graph)
    assert count_paths(path_graph) == (2, 10)
    names = [[edge.child.name for edge in edges] for edges in list_paths(path_graph)]
    assert names == [["h1.s", "h1", "y1.s", "y1", "E"], ["h1.s", "h1", "y2.s", "y2", "E"]]


def test_a_layer_is_the_longest_distance_from_the_loss():
    x = mg.Parameter(1.0, "x")
    h = mg.tanh(x, name="h")
    graph = mg.Graph(mg.multiply(mg.sin(h, name="k"), x + h, name="y"))
    layers = layers_from_loss(path_graph_from(x, graph))
    assert [[node.name for node in layer] for layer in layers] == [["y"], ["k", None], ["h"], ["x"]]


def test_the_loss_itself_has_one_path_without_edges():
    graph = textbook()
    path_graph = path_graph_from(graph["E"], graph)
    assert (count_paths(path_graph), list(list_paths(path_graph))) == ((1, 0), [()])


def test_paths_are_counted_up_to_a_number_that_can_be_read():
    node = x = mg.Parameter(1.0, "x")
    for _ in range(2_000):
        node = mg.tanh(node) + mg.sin(node)
    assert explain(x, node).count == 10**15
    assert "more than 1,000,000,000,000,000 paths" in explain(x, node).text


def test_a_network_with_too_many_paths():
    network = perceptron(3, 9, 9, 9, 2)
    weight = network.parameters[0]
    explanation = explain(weight, network)
    assert (explanation.count, explanation.paths) == (9 * 9 * 2, ())
    assert explanation.total == weight.delta
    assert explanation.text.count("\nlayer ") == 5  # two of neurons with 9, outputs, the hidden neuron, the weight
    assert len(explanation.paths) == 0
    assert len(explain(weight, network, limit=162).paths) == 162
