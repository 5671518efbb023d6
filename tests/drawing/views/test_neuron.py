"""The view of one neuron."""

import pytest

from minigrad.drawing import draw
from minigrad.errors import RenderError
from tests.drawing import networks


@pytest.mark.parametrize("which", ["h2", "h2.s", None])
def test_one_neuron(which):
    graph = networks.textbook()
    diagram = draw(graph, "neuron", of=which).diagram
    name = "h2" if which else "h1"
    assert diagram.boxes[-1].lines == (name, f"{graph[name].value:.4g}")
    assert draw(graph, "neuron", of=graph[name]).source == draw(graph, "neuron", of=name).source


def test_one_neuron_with_numbers():
    text = draw(networks.textbook(), "neuron", of="h1").text
    assert "s = Σ w·x + b = 0.15 · 0.05 + 0.2 · 0.1 + 0.35 = 0.3775" in text
    assert "= 0.03635 · 0.2413  = 0.008771" in text


def test_no_such_neuron():
    graph = networks.textbook()
    with pytest.raises(RenderError, match="no such neuron"):
        draw(graph, "neuron", of="h9")
    with pytest.raises(RenderError, match="not a neuron"):
        draw(graph, "neuron", of="x1")
    with pytest.raises(RenderError, match="this graph has no neuron"):
        draw(networks.micrograd_example(), "neuron")
