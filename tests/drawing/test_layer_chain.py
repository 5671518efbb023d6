"""The chain of layers: on any page, in both directions, edges past layers around them."""

import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.drawing.diagram import Role
from minigrad.drawing.figure import Color, Part, Rectangle, Stroke, walk_shapes
from minigrad.drawing.layer_chain import edge_lanes
from tests.drawing import networks
from tests.drawing.overlaps import area_of_box, crosses, overlap


def boxes_and_strokes(drawing):
    """The areas of the layers of a picture, and its edges."""
    parts = [shape for shape in drawing.figure.shapes if isinstance(shape, Part)]
    boxes = [area_of_box(part) for part in parts if any(isinstance(shape, Rectangle) for shape in part.shapes)]
    return boxes, [shape for shape in walk_shapes(drawing.figure.shapes) if isinstance(shape, Stroke)]


@pytest.mark.parametrize("width", [300, 400, 800, 1280])
@pytest.mark.parametrize("direction", ["right", "down", None])
@pytest.mark.parametrize("make", [networks.shortcut, lambda: networks.layered(*[5] * 11), networks.recurrent])
def test_layers_fit_and_edges_run_around_them(make, direction, width):
    drawing = draw(make(), "layers", direction=direction, width=width)
    boxes, strokes = boxes_and_strokes(drawing)
    assert len(boxes) == len(drawing.diagram.boxes)
    assert len(strokes) == len(drawing.diagram.edges)
    assert drawing.figure.width == width
    for box in boxes:
        assert box.left >= 0
        assert box.right <= width
        assert box.bottom <= drawing.figure.height
        assert not any(overlap(box, other) for other in boxes if other is not box)
    for stroke in strokes:
        for start, end in zip(stroke.points, stroke.points[1:], strict=False):
            assert not any(crosses(start, end, box) for box in boxes)


def test_bars_show_that_delta_vanishes():
    drawing = draw(networks.layered(*[5] * 11), "layers", direction="down")
    parts = [shape for shape in drawing.figure.shapes if isinstance(shape, Part)]
    bars = [
        shape.size.x
        for part in parts
        for shape in part.shapes
        if isinstance(shape, Rectangle) and shape.fill is Color.BACKWARD
    ]
    means = [dict(box.fields).get("mean |δ|") for box in drawing.diagram.boxes]
    numbers = [float(mean) for mean in means if mean]
    largest = max(numbers)
    assert bars == pytest.approx([max(bars) * number / largest for number in numbers], rel=1e-3)


def test_sixty_layers_fit():
    drawing = draw(networks.layered(*[2] * 58), "layers")
    assert len(drawing.diagram.boxes) == 60
    assert drawing.figure.width == 800


def test_targets_stand_below_their_loss():
    drawing = draw(networks.perceptron(3, 2, 1), "layers", direction="right")
    boxes, _ = boxes_and_strokes(drawing)
    assert [box.role for box in drawing.diagram.boxes[-2:]] == [Role.LOSS, Role.TARGET]
    assert boxes[-1].left == boxes[-2].left
    assert boxes[-1].top > boxes[-2].bottom


def test_values_that_are_not_known_are_dashes():
    drawing = draw(mg.Network(*mg.mlp([3, 2, 1], rng=0)), "layers")
    assert dict(drawing.diagram.boxes[1].fields)["mean |δ|"] == "—"
    assert "—" in drawing.figure.texts()


def test_edges_past_layers_keep_to_lanes_of_their_own():
    lanes = edge_lanes([(0, 2), (1, 3), (3, 5), (0, 5)])
    assert lanes[0, 2] == lanes[3, 5]
    assert len({lanes[0, 2], lanes[1, 3], lanes[0, 5]}) == 3
