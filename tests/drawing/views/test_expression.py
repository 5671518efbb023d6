"""The expression view and the ends of graphs of any size."""

import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.errors import RenderError
from tests.drawing import networks


def test_the_expression_of_a_network_is_refused_with_the_view_to_use():
    with pytest.raises(RenderError, match='view="neurons"'):
        draw(networks.perceptron(4, 32, 32, 3), "expression")
    with pytest.raises(RenderError, match='view="ends"'):
        draw(networks.chain(1000), "expression")
    assert len(draw(networks.chain(1000), "expression", limit=None).diagram.boxes) == 2001


def test_parallel_edges_are_kept():
    a = mg.Parameter(2.0, "a")
    assert [edge.head for edge in draw(a + a).diagram.edges if edge.tail == "n0"] == ["o1", "o1"]
    x, w = mg.Input("x", value=1.0), [mg.Parameter(1.0, "w1"), mg.Parameter(2.0, "w2")]
    twice = draw(mg.weighted_sum([x, x], w, name="s"))
    assert [edge.lines[0] for edge in twice.diagram.edges] == ["w1 = 1", "w2 = 2"]


def test_local_derivatives():
    edges = {(edge.tail, edge.head): edge.lines for edge in draw(networks.micrograd_example()).diagram.edges}
    assert edges["n3", "o4"] == ("∂ = −8.000",)  # d at c · d, where c = −8
    a, b = mg.Parameter(3.0, "a"), mg.Parameter(5.0, "b")
    node = mg.weighted_sum([a, b], [mg.Parameter(2.0, "v"), mg.Parameter(7.0, "w")], mg.Parameter(0.0, "c"))
    assert [edge.lines for edge in draw(node, "expression").diagram.edges] == [
        ("∂ = 2.000",),
        ("∂ = 7.000",),
        ("∂ = 3.000",),
        ("∂ = 5.000",),
        ("∂ = 1.000",),
        (),
    ]


@pytest.mark.parametrize("length", [50_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_a_million_nodes_deep(length):
    drawing = draw(networks.chain(length))
    assert f"{length - 9:,} nodes more" in drawing.source
    assert "x  value 0.5" in drawing.text
