"""Elision: which units are shown, and what edges stand for those that are not."""

import pytest

from minigrad.drawing import draw
from minigrad.drawing.neurons.elision import elide_network
from minigrad.errors import RenderError, SettingError
from minigrad.structure import read_structure
from tests.drawing import networks


def test_too_deep_for_neurons():
    with pytest.raises(RenderError, match="too large for the neurons view"):
        draw(networks.chain(1000), "neurons")


def test_large_layers_are_elided():
    drawing = draw(networks.perceptron(64, 32, 10))
    assert "60 more" in drawing.source
    assert "60 weights" in drawing.source
    assert len(drawing.diagram.boxes) < 60
    assert len(draw(networks.perceptron(64, 32, 10), most=10).diagram.boxes) > len(drawing.diagram.boxes)
    with pytest.raises(SettingError, match=r"most: .*at least 3"):
        draw(networks.perceptron(4, 5, 3), most=1)


def test_a_column_shows_its_first_units_and_its_last():
    structure = read_structure(networks.perceptron(8, 2).graph)
    network = elide_network(structure, most=4)
    first, second, dots, last = network.columns[0]
    assert [structure.name(slot.unit) for slot in (first, second, last)] == ["x1", "x2", "x8"]
    assert dots.elided
    assert len(dots.units) == 5
    bundled = [edge for edge in network.edges if edge.tail == dots.key]
    assert [len(edge.connections) for edge in bundled] == [5, 5]
    assert all(edge.bundled and edge.weighted for edge in bundled)
