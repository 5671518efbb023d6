"""What stands in the boxes and on the edges of a network."""

import minigrad as mg
from minigrad.drawing import draw
from minigrad.drawing.layer_titles import column_title
from minigrad.drawing.neurons.diagram_builder import weight_name
from minigrad.graph import Graph
from minigrad.nn import neuron
from minigrad.structure import Element, read_structure
from tests.drawing import networks


def test_other_nodes_in_a_network():
    x = [mg.Input("x1", value=1.0), mg.Input("x2", value=2.0)]
    scale = mg.Parameter(2.0, "scale")
    h = neuron(x, name="h", rng=0)
    graph = Graph(h * scale + 1)
    graph.backward()
    text = draw(graph, "neurons").text
    assert "scale  value 2" in text


def test_sign_shows_without_color():
    w = [mg.Parameter(-0.5, "w1"), mg.Parameter(0.5, "w2")]
    node = mg.weighted_sum([mg.Input("a", value=1.0), mg.Input("b", value=1.0)], w, name="s")
    minus, plus = (line for line in draw(node).source.splitlines() if "->" in line)
    assert "style=dashed" in minus
    assert "style=solid" in plus


def test_names_of_weights_within_their_neuron():
    graph = networks.textbook()
    structure = read_structure(graph)
    y1 = structure.layers[1][0]
    names = [weight_name(weight, y1, "w") for _, weight in structure.connections(y1)]
    assert names == ["w1", "w2"]
    assert weight_name(structure.bias(y1), y1, "b") == "b2"
    assert weight_name(Element(mg.Parameter(1.0, "a long name")), y1, "w") == "w"


def test_titles_of_columns():
    structure = read_structure(networks.textbook())
    titles = [column_title(structure, column) for column in structure.columns]
    assert titles == ["2 inputs", "2 neurons · sigmoid", "2 neurons · sigmoid", "loss", "2 targets"]
