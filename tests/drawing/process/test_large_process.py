"""The process of large networks: true sums in few shapes, on any page."""

from itertools import pairwise

import numpy as np
import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.drawing.figure import Area, Part, Text, walk_shapes
from minigrad.drawing.numbers import format_computed
from minigrad.drawing.text_layout import plain_text
from tests.drawing import networks

SIZES = [(16, 12, 4), (64, 32, 10), (4, 32, 32, 3), (20, 15, 13, 14)]


def texts(drawing):
    """The texts of the figure of a picture."""
    return [plain_text(shape.line) for shape in walk_shapes(drawing.figure.shapes) if isinstance(shape, Text)]


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("make", [networks.perceptron, networks.layered])
def test_sums_and_outputs_stand_beside_their_lines(sizes, make):
    network = make(*sizes)
    shown = texts(draw(network, "process"))
    loss = network.loss.value
    assert f"L = {format_computed(loss)}" in shown
    for node in network.graph.nodes:
        if node.kind == "weighted sum":
            for number in (node.value, node.delta):
                ends = np.ravel(number)[[0, -1]] if node.shape else ()
                assert {format_computed(end) for end in map(float, ends)} <= {*shown}


@pytest.mark.parametrize("sizes", [*SIZES, (784, 128, 10)])
@pytest.mark.parametrize("width", [400, 800, 1280])
def test_pictures_are_small_and_fit_the_page(sizes, width):
    drawing = draw(networks.layered(*sizes), "process", width=width)
    assert drawing.figure.width == width
    assert len(drawing.svg) < (250_000 if width > 800 else 150_000)
    for shape in walk_shapes(drawing.figure.shapes):
        for polygon in shape.polygons if isinstance(shape, Area) else ():
            assert all(0 <= corner.x <= width and 0 <= corner.y <= drawing.figure.height for corner in polygon)


def test_both_passes_lie_under_each_other_alike():
    figure = draw(networks.perceptron(16, 12, 4), "process").figure
    grids = [part for part in figure.shapes if isinstance(part, Part) and part.label.startswith("W")]
    starts = [next(iter(part.shapes)).polygons[0][0] for part in grids]
    assert [start.x for start in starts[:2]] == [start.x for start in starts[2:]]
    assert len({below.y - above.y for above, below in zip(starts[:2], starts[2:], strict=True)}) == 1


def test_what_is_left_out_is_counted():
    drawing = draw(networks.layered(784, 128, 10), "process")
    gaps = {text for text in texts(drawing) if text.isdigit()}
    shown = [int(gap) for gap in gaps]
    assert max(shown) > 700
    assert any("sums go over all cells" in text for text in texts(drawing))
    assert not any("sums go over all cells" in text for text in texts(draw(networks.perceptron(14, 3, 2), "process")))
    assert "776 more" in drawing.text


def test_a_small_page_has_one_grid_below_the_other():
    wide, narrow = (draw(networks.perceptron(16, 12, 4), "process", width=width).figure for width in (800, 400))
    assert narrow.height > wide.height * 0.9
    labels = [part.label for part in narrow.shapes if isinstance(part, Part) and part.label.startswith("W")]
    assert [label[:4] for label in labels] == ["W⁽¹⁾", "W⁽²⁾"] * 2


def test_targets_and_zero_inputs_are_told():
    network = mg.Network(*mg.mlp([14, 3, 2], rng=0))
    network.loss_graph([0.0] + [1.0] * 13, [1.0, 0.0])
    shown = texts(draw(network, "process"))
    assert "thick line: target" in shown
    assert any("An input of 0" in text for text in shown)
    network.loss_graph([0.5] * 14, [1.0, 0.0])
    assert not any("An input of 0" in text for text in texts(draw(network, "process")))


def test_a_batch_shows_means_and_says_so():
    network = networks.perceptron(14, 5, 3, batch=4)
    shown = texts(draw(network, "process"))
    assert "⟨xᵢ⟩" in shown
    assert "⟨xᵢ wᵢⱼ⟩" in shown
    one = texts(draw(network, "process", sample=2))
    assert "xᵢ wᵢⱼ" in one
    assert not any("⟨" in text for text in one)


def test_before_a_pass_there_are_dashes():
    network = mg.Network(*mg.mlp([14, 3, 2], rng=0))
    drawing = draw(network, "process")
    assert "—" in texts(drawing)
    assert any(line.startswith("— ") for line in drawing.diagram.legend)
    assert all(one <= other for one, other in pairwise(sorted(texts(drawing))))
