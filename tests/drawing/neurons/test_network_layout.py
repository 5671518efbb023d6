"""Layout of network pictures: nothing lies on top of anything else, it fits the page, and it does not move."""

from itertools import pairwise

import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Figure, Part, Rectangle, Stroke, Text, walk_shapes
from minigrad.drawing.neurons.layer_rows import Extent, choose_rows, row_width
from minigrad.drawing.neurons.network_layout import Inlet, Item, lay_out_network
from minigrad.drawing.text_layout import words
from minigrad.errors import MinigradError
from tests.drawing import networks
from tests.drawing.overlaps import area_of_box, overlaps_of
from tests.drawing.random_networks import random_case

PAGES = [{}, {"width": 400}, {"width": 1280}, {"direction": "down"}]


def boxes_of(figure):
    """Return the areas of the boxes of a figure by their first words."""
    parts = [shape for shape in figure.shapes if isinstance(shape, Part)]
    return {part.label.split("  ")[0]: area_of_box(part) for part in parts}


@pytest.mark.parametrize("settings", PAGES)
@pytest.mark.parametrize("example", networks.EXAMPLES)
def test_nothing_lies_on_top_of_anything_else(example, settings):
    assert not list(overlaps_of(draw(networks.EXAMPLES[example](), "neurons", **settings).figure))


@pytest.mark.parametrize("example", ["small", "recurrent", "convolutional"])
def test_nothing_overlaps_in_views_of_the_same_layout(example):
    for view, options in (("update", {"optimizer": mg.SGD(0.5)}), ("health", {})):
        assert not list(overlaps_of(draw(networks.EXAMPLES[example](), view, **options).figure)), view


@pytest.mark.parametrize("sizes", [(2, 2, 1), (4, 5, 3), (64, 32, 10), (3, 1), (1, 9, 1), (2, 3, 4, 5, 2), (20, 9, 12)])
def test_nothing_overlaps_without_numbers(sizes):
    for options in ({"numbers": False}, {"numbers": False, "biases": False}, {"biases": False}):
        assert not list(overlaps_of(draw(networks.perceptron(*sizes), "neurons", **options).figure))


@pytest.mark.parametrize("seed", range(12))
def test_nothing_overlaps_in_random_networks(seed):
    case = random_case(seed)
    case.numbers()
    for settings in PAGES:
        try:
            figure = draw(case.graph, "neurons", **settings).figure
        except MinigradError:
            return  # no network that this view takes
        assert not list(overlaps_of(figure)), sorted(case.features)


@pytest.mark.parametrize(
    ("shapes", "fault"),
    [
        ([Text(Point(10, 50), words("label")), Stroke((Point(0, 45), Point(90, 48)))], "a line crosses 'label'"),
        ([Text(Point(10, 50), words("one")), Text(Point(12, 52), words("two"))], "'one' lies on 'two'"),
        ([Part("box", (Rectangle(Point(9, 9), Point(50, 50)),)), Stroke((Point(0, 0), Point(90, 90)))], "'box'"),
        ([Text(Point(70, 50), words("a long label"))], "does not fit the page"),
        ([Text(Point(50, 50), words("a"), angle=-90.0), Stroke((Point(40, 47), Point(60, 47)))], "crosses 'a'"),
        (
            [Part("box", (Rectangle(Point(9, 9), Point(20, 20)), Text(Point(9, 25), words("a long text"))))],
            "fit the box",
        ),
    ],
)
def test_overlaps_are_noticed(shapes, fault):
    assert any(fault in found for found in overlaps_of(Figure(100.0, 100.0, shapes, "")))


@pytest.mark.parametrize("options", [{}, {"width": 400}, {"direction": "down"}])
def test_pictures_of_successive_steps_lie_on_each_other(options):
    graph = networks.textbook()
    before = geometry(draw(graph, "neurons", **options).figure)
    for value, parameter in zip((-0.0012345, 123456.7, 1e-9, 0.0, -2.0), graph.parameters, strict=False):
        parameter.value = value
    graph.forward({"x1": -0.000123, "x2": 3.14159e7})
    graph.backward()
    assert geometry(draw(graph, "neurons", **options).figure) == before


def geometry(figure):
    """Return the boxes and the lines of a figure, without the legend and what shows sizes and signs."""
    boxes = [area_of_box(shape) for shape in figure.shapes if isinstance(shape, Part)]
    bottom = max(box.bottom for box in boxes)
    strokes = [shape.points for shape in figure.shapes if isinstance(shape, Stroke) and shape.points[0].y < bottom]
    return [box[:4] for box in boxes], strokes, figure.width


@pytest.mark.parametrize("example", networks.EXAMPLES)
def test_type_is_readable_and_the_page_is_kept(example):
    network = networks.EXAMPLES[example]()
    for width in (400, 800, 1280):
        figure = draw(network, "neurons", width=width).figure
        assert min(shape.size for shape in walk_shapes(figure.shapes) if isinstance(shape, Text)) >= 9
        assert figure.width <= max(width, 560)


def test_small_networks_fit_narrow_pages():
    for sizes in [(2, 2, 1), (2, 3, 1), (3, 4, 2)]:
        assert draw(networks.perceptron(*sizes), width=400).figure.width <= 400


def test_ten_layers_fit_the_page():
    assert draw(networks.perceptron(*[3] * 10, 1)).figure.width <= 800
    assert draw(networks.perceptron(*[3] * 10, 1), width=1200).figure.width <= 1200


@pytest.mark.parametrize("sizes", [(2, 2, 1), (2, 2, 2), (64, 32, 10)])
def test_loss_and_targets_stand_right_behind_the_outputs(sizes):
    figure = draw(networks.perceptron(*sizes)).figure
    boxes = boxes_of(figure)
    output, target = boxes["y1"], boxes["t1"]
    assert target.left > output.right
    assert figure.width - output.right < figure.width / 4 + 20
    assert target.top > boxes[next(name for name in boxes if "½" in name)].bottom


def test_steps_of_a_recurrent_network_run_to_the_right():
    boxes = boxes_of(draw(networks.recurrent(), "neurons").figure)
    steps = [boxes[f"h1_{step}"] for step in (1, 2, 3, 4)]
    for before, after in pairwise(steps):
        assert after.left > before.right or after.top > before.bottom  # or in the next row
    assert any(after.left > before.right for before, after in pairwise(steps))


def test_layers_run_down_on_request():
    boxes = boxes_of(draw(networks.small(), "neurons", direction="down").figure)
    assert boxes["x1"].bottom < boxes["h1"].top < boxes["y1"].top
    assert boxes["h1"].top == boxes["h2"].top


def test_long_networks_are_wrapped():
    extents = [Extent(90.0, 120.0)] * 7
    for width in (260.0, 520.0, 800.0, 1e6):
        rows = choose_rows(extents, 2, width)
        assert [column for row in rows for column in row] == list(range(7))
        assert all(row_width(extents, row, 28.0) <= width for row in rows)
        assert rows[-1][-2:] == (5, 6) or len(rows[-1]) == 1


def test_outputs_go_around_layers_without_a_crossing():
    columns = [[Item(f"{layer}{row}", Point(50, 30)) for row in "abc"] for layer in "012"]
    inlets = [Inlet(f"0{row}", f"2{other}", length=20.0) for row in "abc" for other in "abc"]
    layout = lay_out_network(columns, inlets, 1000.0, "right")
    shared_paths = {route.shared_path for route in layout.routes}
    assert len(shared_paths) == 3  # one for each box of the first layer
    heights = [shared_path[1].y for shared_path in sorted(shared_paths, key=lambda shared_path: shared_path[0].y)]
    assert heights == sorted(heights)
    for shared_path in shared_paths:
        assert all(abs(shared_path[1].y - layout.at[f"1{row}"].y) > 15 for row in "abc")
