"""The neuron view: the numbers of the passes, batches, arrays."""

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
