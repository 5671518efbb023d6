"""Marks of network pictures: what flows back, levels, states of parameters, and the options of the page."""

import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.drawing.figure import Area, Color, Dash, Head, Part, Rectangle, Stroke, Text, walk_shapes
from minigrad.drawing.text_layout import plain_text
from minigrad.graph import Graph
from minigrad.nn import dense, layer
from tests.drawing import networks


def texts_of(drawing):
    """Return the texts of a figure, the labels of its parts left out."""
    return [plain_text(shape.line).strip() for shape in walk_shapes(drawing.figure.shapes) if isinstance(shape, Text)]


def strokes_of(drawing, **wanted):
    """Return the strokes that have some attributes, those of the legend left out."""
    bottom = max(part.shapes[0].corner.y for part in drawing.figure.shapes if isinstance(part, Part))
    strokes = [shape for shape in walk_shapes(drawing.figure.shapes) if isinstance(shape, Stroke)]
    return [
        stroke
        for stroke in strokes
        if all(getattr(stroke, name) == value for name, value in wanted.items()) and stroke.points[0].y < bottom + 100
    ]


def weighted(values):
    """Return a neuron with these weights, after both passes."""
    inputs = [mg.Input(f"x{number}", value=1.0) for number in range(1, len(values) + 1)]
    weights = [mg.Parameter(value, f"w{number}") for number, value in enumerate(values, start=1)]
    s = mg.weighted_sum(inputs, weights, mg.Parameter(0.1, "b"), name="s")
    graph = Graph(mg.squared_error([mg.tanh(s, name="y")], [mg.Input("t", value=1.0)], name="L"))
    graph.forward()
    graph.backward()
    return graph


def test_signs_show_without_color():
    drawing = draw(weighted([0.5, -0.5, 0.0]), "neurons")
    dashes = {stroke.color: stroke.dash for stroke in strokes_of(drawing, head=Head.FORWARD)}
    assert dashes[Color.POSITIVE] is Dash.SOLID
    assert dashes[Color.NEGATIVE] is Dash.NEGATIVE
    assert dashes[Color.ZERO] is Dash.ZERO


def test_what_flows_back_has_size_and_sign():
    network = networks.perceptron(2, 3, 1)
    drawing = draw(network)
    back = strokes_of(drawing, head=Head.BACKWARD, color=Color.BACKWARD)
    graph = network.graph
    shares = [graph[f"y1.w{number}"].value * graph["y1.s"].delta for number in (1, 2, 3)]
    assert sum(stroke.dash is Dash.NEGATIVE for stroke in back) >= sum(share < 0 for share in shares)
    assert len({stroke.width for stroke in back}) > 2
    assert all(stroke.points[0].x > stroke.points[-1].x for stroke in back)


def test_only_neurons_get_something_back():
    assert not [
        stroke
        for stroke in strokes_of(draw(weighted([0.5]), "neurons"), head=Head.BACKWARD)
        if stroke.points[-1].x < 200
    ]


@pytest.mark.parametrize(
    ("activation", "value", "level"), [(mg.sigmoid, 0.0, 0.5), (mg.tanh, 0.0, 0.5), (mg.relu, 2.0, 1.0)]
)
def test_the_level_of_an_output(activation, value, level):
    x = mg.Input("x", value=value)
    y = activation(mg.weighted_sum([x], [mg.Parameter(1.0, "w")], name="s"), name="y")
    drawing = draw(y, "neurons")
    part = next(shape for shape in drawing.figure.shapes if isinstance(shape, Part) and shape.label.startswith("y"))
    (bar,) = (shape for shape in part.shapes if isinstance(shape, Rectangle) and shape.fill is Color.LEVEL)
    assert bar.size.y == pytest.approx(level * (part.shapes[0].size.y - 4))


def test_shared_weights():
    graph = networks.textbook()
    drawing = draw(graph, "neurons")
    assert texts_of(drawing).count("×2") == 4
    assert len(strokes_of(drawing, color=Color.PAPER)) == 4 + 1  # and one in the legend
    recurrent = draw(networks.recurrent(), "neurons")
    assert any(text.startswith("x·δ = ") for text in texts_of(recurrent))


def test_frozen_parameters_and_constants():
    graph = weighted([0.5, 0.25])
    assert not strokes_of(draw(graph, "neurons"), color=Color.INK, width=1.8)
    graph["w1"].trainable = False
    drawing = draw(graph, "neurons")
    assert len(strokes_of(drawing, color=Color.INK, width=1.8)) >= 2
    assert "frozen" in texts_of(drawing)
    x = mg.Input("x", value=1.0)
    of_constants = draw(mg.tanh(mg.weighted_sum([x], [0.5], name="s"), name="y"), "neurons")
    assert "w = 0.5" in texts_of(of_constants)
    assert not [text for text in texts_of(of_constants) if text == "—" and "w" in text]


def test_numbers_that_are_not_finite_stand_on_plates():
    graph = networks.textbook()
    graph["h1.w1"].value = float("inf")
    graph.forward({"x1": 0.0})
    for direction in ("right", "down"):
        drawing = draw(graph, "neurons", direction=direction)
        on_plates = [
            shape
            for shape in walk_shapes(drawing.figure.shapes)
            if isinstance(shape, Text) and shape.color is Color.PAPER
        ]
        assert {plain_text(shape.line) for shape in on_plates} >= {"NaN", "w1 = ∞"}
        assert any(isinstance(shape, Area) for shape in walk_shapes(drawing.figure.shapes))


def test_what_is_not_known_says_why():
    texts = texts_of(draw(networks.textbook(passes=False), "neurons"))
    assert texts.count("—") >= 12
    assert any("not known yet" in text for text in texts)


def test_highlighted_nodes():
    graph = networks.textbook()
    plain, marked = draw(graph, "neurons"), draw(graph, "neurons", highlight=[graph["h1"], graph["y1.w1"]])
    assert not strokes_of(plain, color=Color.UPDATE)
    assert len(strokes_of(marked, color=Color.UPDATE)) == 1
    part = next(shape for shape in marked.figure.shapes if isinstance(shape, Part) and shape.label.startswith("h1"))
    assert part.shapes[0].fill is Color.UPDATE


def test_an_activation_of_a_layer_is_one_box():
    x = [mg.Input("x1", value=1.0), mg.Input("x2", value=0.5)]
    single = Graph(mg.squared_error(layer(x, 3, mg.softmax, "y", rng=0), [1.0, 0.0, 0.0]))
    single.backward()
    parts = [shape.label for shape in draw(single, "neurons").figure.shapes if isinstance(shape, Part)]
    (softmax,) = (label for label in parts if label.startswith("softmax"))
    assert [name in softmax for name in ("y1", "y2", "y3")] == [True] * 3
    assert not any(label.startswith("y1 ") for label in parts)


def test_the_neurons_of_an_array_share_the_box_of_their_activation():
    x = mg.Input("x", 2)
    network = mg.Network(x, dense(x, 3, mg.softmax, "y", rng=0))
    network.loss_graph([1.0, 0.5], [0.0, 1.0, 0.0])
    drawing = draw(network, "neurons")
    parts = [shape.label for shape in drawing.figure.shapes if isinstance(shape, Part)]
    (softmax,) = (label for label in parts if label.startswith("softmax"))
    assert "y[0]" in softmax
    assert [edge.head for edge in drawing.diagram.edges].count(f"n{network.graph.position[network.outputs[0]]}") == 3


def test_options_of_the_page():
    graph = networks.textbook()
    drawing = draw(graph, "neurons", title="A title", digits=2, language="zh")
    texts = texts_of(drawing)
    assert "A title" in texts
    assert "0.38" in texts
    assert "2 个输入" in texts
    assert "线宽 |w|" in texts
    assert drawing.figure.title == "A title"
    assert draw(graph, "neurons", digits=2).figure.width < draw(graph, "neurons", digits=8).figure.width + 1
    chinese = draw(networks.ailing(), "health", language="zh")
    assert any("饱和" in text for text in texts_of(chinese))
    assert not any("saturated" in line for line in chinese.diagram.legend)
    update = draw(graph, "update", optimizer=mg.SGD(0.5), language="zh")
    assert "更新之后" in texts_of(update)


def test_an_update_shows_both_numbers_on_amber():
    drawing = draw(networks.textbook(), "update", optimizer=mg.SGD(lr=0.5))
    texts = texts_of(drawing)
    assert {"w1: 0.15", "→ 0.1498", "Δw1 = −0.0002193", "0.2984", "→ 0.2858"} <= set(texts)
    grounds = [
        shape
        for shape in walk_shapes(drawing.figure.shapes)
        if isinstance(shape, Rectangle) and shape.fill is Color.UPDATE
    ]
    assert len(grounds) >= 12 + 9  # of every parameter at every use, and of every number that follows


def test_ill_neurons_show_without_color():
    drawing = draw(networks.ailing(), "health")
    hatched = [
        part.label.split()[0]
        for part in drawing.figure.shapes
        if isinstance(part, Part)
        for shape in part.shapes
        if isinstance(shape, Area)
    ]
    assert hatched == ["dead", "lost", "flat"]


def test_legends_say_only_what_a_picture_has():
    texts = texts_of(draw(weighted([0.5]), "neurons"))
    assert "w > 0" in texts
    assert not {"w < 0", "0", "frozen"} & set(texts)
    assert not any("━" in text for text in texts)
