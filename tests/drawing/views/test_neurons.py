"""The neuron view: the numbers of the passes, batches, arrays."""

import minigrad as mg
from minigrad.drawing import draw
from minigrad.drawing.numbers import format_computed, format_given
from tests.drawing import networks


def test_numbers_are_those_of_the_passes():
    text = draw(networks.textbook()).text
    assert "h1  Σ 0.3775  sigmoid 0.5933  δ 0.008771" in text
    assert "w1 = 0.4  ∂L/∂w1 = 0.08217" in text
    assert "L 0.2984" in text


def test_a_dash_before_a_pass():
    source = draw(networks.textbook(passes=False)).source
    assert "{Σ|sigmoid|δ}|{—|—|—}" in source
    assert "not known yet" in source
    assert "not known yet" not in draw(networks.textbook()).source


def test_a_batch_shows_its_mean_and_says_so():
    network = networks.perceptron(2, 2, 1, batch=4)
    drawing = draw(network)
    mean = network.inputs[0].value.mean()
    assert f"x1  ⟨{format_computed(mean)}⟩" in drawing.text
    assert "mean of 4" in drawing.source
    bias = network.graph["y1.b"]
    assert f"⟨δ⟩ {format_computed(bias.delta)}" in drawing.text


def test_array_layers_show_their_neurons():
    network = networks.layered(3, 2, 2)
    text = draw(network).text
    s = network.graph["h1.s"]
    assert f"h1[1]  Σ {format_computed(s.value[1])}  tanh" in text
    assert f"w = {format_given(network.graph['h1.W'].value[2, 1])}" in text


def test_a_bias_that_is_a_number_is_shown():
    x = mg.Input("x", value=2.0)
    biased, plain = (mg.Graph(mg.sigmoid(mg.weighted_sum([x], [0.5], b), name="y")) for b in (1.5, 0.0))
    assert "b = 1.5" in draw(biased).text
    assert "b = " not in draw(plain).text


def test_the_legend_says_what_the_number_of_a_gray_edge_is():
    legend = draw(networks.perceptron(64, 2, 1), "neurons").diagram.legend
    assert any("the mean of their |w|" in line for line in legend)


def test_nan_is_not_listed_as_zero():
    x = mg.Input("x", value=1.0)
    graph = mg.Graph(mg.sigmoid(mg.weighted_sum([x], [mg.Parameter(float("nan"), "w")]), name="y"))
    svg = draw(graph, "neurons", numbers=False).svg
    assert ">0<" not in svg
