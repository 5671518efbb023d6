"""A view of one's own is one function; the registry and the choice of a view work from it."""

import pytest

import minigrad as mg
from minigrad.drawing import VIEWS, choose_view, draw, register_view
from minigrad.drawing.diagram import Box, Diagram
from minigrad.drawing.settings import DrawSettings
from minigrad.errors import RenderError
from minigrad.graph import Graph
from tests.drawing import networks


@pytest.fixture(autouse=True)
def registry():
    """Leave the registry as it was."""
    before = dict(VIEWS)
    yield
    VIEWS.clear()
    VIEWS.update(before)


def names_view(graph: Graph, settings: DrawSettings, *, most: int = 3) -> Diagram:
    """Draw the labels of the first nodes."""
    boxes = tuple(Box(f"n{number}", (node.label,)) for number, node in enumerate(graph.nodes[:most]))
    return Diagram("names", boxes, ())


def test_a_view_of_ones_own_is_drawn_with_its_options():
    register_view("names")(names_view)
    drawing = draw(networks.textbook(), "names", most=2)
    assert [box.lines for box in drawing.diagram.boxes] == [("x1",), ("x2",)]
    assert "x1" in drawing.text
    assert choose_view(networks.textbook()) == "neurons"
    register_view("names")(names_view)  # as a notebook does that runs a cell twice
    with pytest.raises(RenderError, match=r"the names view has no such option; found 'limit', expected most"):
        draw(networks.textbook(), "names", limit=2)
    with pytest.raises(RenderError, match=r"one of auto, text, backprop, .*names"):
        draw(networks.textbook(), "nothing")


def test_a_view_of_ones_own_is_chosen_where_it_says_so():
    register_view("small", suits=lambda nodes, columns: nodes < 3)(names_view)
    assert draw(mg.tanh(mg.Parameter(0.5, "x"))).diagram.view == "names"
    assert draw(networks.micrograd_example()).diagram.view == "expression"


@pytest.mark.parametrize("name", ["auto", "text", "neurons"])
def test_a_name_that_is_taken_is_refused(name):
    with pytest.raises(RenderError, match="a view of this name exists"):
        register_view(name)(names_view)
