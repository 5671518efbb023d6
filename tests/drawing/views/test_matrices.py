"""The matrix view: a square or a disc for each weight."""

import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.drawing.diagram import Role
from minigrad.errors import RenderError
from minigrad.graph import Graph
from tests.drawing import networks


def test_matrices_mark_signs_by_shape():
    graph = Graph(
        mg.weighted_sum(
            [mg.Input("a", value=1.0), mg.Input("b", value=1.0), mg.Input("c", value=1.0)],
            [mg.Parameter(-4.0, "u"), mg.Parameter(1.0, "v"), mg.Parameter(float("nan"), "w")],
            name="s",
        )
    )
    minus, plus, broken = (
        box for box in draw(graph, "matrices").diagram.boxes if box.key[:5] in {"w1_0_", "w1_1_", "w1_2_"}
    )
    assert (minus.role, plus.role, broken.lines) == (Role.NEGATIVE, Role.POSITIVE, ("×",))
    assert minus.size.x == 2 * plus.size.x
    assert "s ← a:  w = −4" in draw(graph, "matrices").text
    with pytest.raises(RenderError, match="no weights"):
        draw(networks.micrograd_example(), "matrices")


@pytest.mark.parametrize("make", [networks.perceptron, networks.layered])
def test_matrices_of_large_layers_are_cut(make):
    drawing = draw(make(50, 40, 2), "matrices")
    assert "50 × 40, shown 32 × 32" in drawing.source
    assert len(drawing.diagram.boxes) == 2 * (32 * 32 + 64 + 32 * 2 + 34)
