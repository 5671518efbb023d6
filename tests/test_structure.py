"""The structure of a graph as a network: neurons, layers, connections with their weights, targets."""

import numpy as np

import minigrad as mg
from minigrad.graph import Graph
from minigrad.structure import Element, read_structure, weighted_sum_operands
from tests.drawing import networks


def names(structure):
    return [[structure.name(unit) for unit in column] for column in structure.columns]


def test_columns_of_the_textbook_network():
    structure = read_structure(networks.textbook())
    assert names(structure) == [["x1", "x2"], ["h1", "h2"], ["y1", "y2"], ["E"], ["t1", "t2"]]
    assert [[structure.name(unit) for unit in layer] for layer in structure.layers] == [["h1", "h2"], ["y1", "y2"]]
    assert {node.name for node in structure.targets} == {"t1", "t2"}


def test_inputs_stand_right_before_their_first_reader():
    structure = read_structure(networks.recurrent(3).graph)
    columns = names(structure)
    assert columns[:3] == [["x1"], ["x2", "h1_1", "h2_1"], ["x3", "h1_2", "h2_2"]]


def test_a_neuron_is_a_weighted_sum_with_the_activation_that_alone_reads_it():
    graph = networks.textbook()
    structure = read_structure(graph)
    h1 = structure.units[Element(graph["h1"])]
    assert h1.weighted_sum is graph["h1.s"]
    assert [(structure.name(source), weight.node.name) for source, weight in structure.connections(h1)] == [
        ("x1", "h1.w1"),
        ("x2", "h1.w2"),
    ]
    assert structure.bias(h1) == Element(graph["b1"])
    assert weighted_sum_operands(graph["h1.s"]).b is graph["b1"]


def test_a_sum_that_two_nodes_read_keeps_its_activation_apart():
    s = mg.weighted_sum([mg.Input("x", value=1.0)], [mg.Parameter(0.5, "w")], name="s")
    structure = read_structure(Graph(mg.add(mg.tanh(s, name="y"), s, name="z")))
    assert names(structure) == [["x"], ["s"], ["y"], ["z"]]
    assert structure.bias(structure.layers[0][0]) is None


def test_each_element_of_a_layer_is_a_neuron():
    graph = networks.layered(3, 2).graph
    structure = read_structure(graph)
    (layer,) = structure.layers
    assert [structure.name(unit) for unit in layer] == ["h1[0]", "h1[1]"]
    weights = [weight for _, weight in structure.connections(layer[1])]
    assert weights == [Element(graph["h1.W"], (row, 1)) for row in range(3)]
    assert [weight.value for weight in weights] == list(graph["h1.W"].value[:, 1])


def test_weights_of_a_layer_by_source_and_neuron():
    network = networks.perceptron(3, 2, 1)
    structure = read_structure(network.graph)
    sources, entries = structure.weights(structure.layers[0])
    assert [structure.name(unit) for unit in sources] == ["x1", "x2", "x3"]
    W = np.zeros((3, 2))
    for row, column, weight in entries:
        W[row, column] = weight.value
    expected = [[network.graph[f"h{j}.w{i}"].value for j in (1, 2)] for i in (1, 2, 3)]
    np.testing.assert_array_equal(W, expected)


def test_a_parameter_that_is_read_like_an_input_stands_before_its_reader():
    x, scale = mg.Input("x", value=1.0), mg.Parameter(2.0, "scale")
    structure = read_structure(Graph(mg.multiply(mg.tanh(x, name="y"), scale, name="z")))
    assert names(structure) == [["x"], ["y", "scale"], ["z"]]
