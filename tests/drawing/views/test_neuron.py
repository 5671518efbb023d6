"""The view of one neuron: its numbers, the curve of its activation, its layout."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Circle, Color, Dash, Figure, Head, Part, Rectangle, Stroke, Text, walk_shapes
from minigrad.drawing.single_neuron.activation_plot import (
    OperatingPoint,
    activation_plot,
    curve_positions,
    plot_scale,
    round_numbers,
    tangent,
)
from minigrad.drawing.text_layout import Span
from minigrad.errors import RenderError, SettingError
from minigrad.ops.base import registry
from tests.drawing import networks
from tests.drawing.figures import check_geometry, corners_of, depth, lines_on_texts, texts_on_texts


class Hill(mg.Activation):
    """An activation of a user, which is neither monotonic nor defined everywhere."""

    label = "hill of a test"
    domain = (-1.5, 1.5)

    def forward(self, xp, s):
        return xp.log(4.0 - s * s)

    def backward(self, xp, delta, y, s):
        return (-2.0 * s * delta / (4.0 - s * s),)


ACTIVATIONS = [
    op
    for kind in registry.values()
    if kind.kind == "activation" and not kind.stars and kind.__module__.startswith("minigrad.")
    for op in kind.instances()
]


def neuron(activation=mg.tanh, x=(0.8, -0.5), w=(0.9, -0.3), b=0.2):
    """A network of one neuron after both passes."""
    inputs = [mg.Input(f"x{number}") for number in range(1, len(x) + 1)]
    weights = [mg.Parameter(value, f"w{number}") for number, value in enumerate(w, start=1)]
    s = mg.weighted_sum(inputs, weights, None if b is None else mg.Parameter(b, "b"), name="s")
    network = mg.Network(inputs, [s if activation is None else activation(s, name="h")], loss=mg.squared_error)
    network.loss_graph(list(x), [1.0])
    return network


def recurrent():
    """Three steps of one cell, unrolled."""
    w, u, b = mg.Parameter(0.5, "w"), mg.Parameter(-0.4, "u"), mg.Parameter(0.1, "b")
    u.trainable = False
    h = mg.Constant(0.0)
    for step in range(1, 4):
        h = mg.tanh(
            mg.weighted_sum([mg.Input(f"x{step}", value=step / 2), h], [w, u], b, name=f"s{step}"), name=f"h{step}"
        )
    loss = mg.squared_error([h], [0.5])
    loss.backward()
    return loss


def softmax_head():
    x = mg.Input("x", 3)
    network = mg.Network(x, mg.dense(x, 4, mg.softmax, "p", rng=0), loss=mg.squared_error)
    network.loss_graph([1.0, 2.0, 3.0], [0.0, 1.0, 0.0, 0.0])
    return network


def not_finite():
    return neuron(x=(1e200, 0.0, 1.0), w=(1e200, 0.5, math.nan))


PICTURES = {
    "neuron": lambda **options: draw(networks.textbook(), "neuron", of="h1", **options),
    "output": lambda **options: draw(networks.perceptron(2, 3, 1), "neuron", of="y1", **options),
    "many inputs": lambda **options: draw(networks.perceptron(64, 32, 10), "neuron", **options),
    "one input": lambda **options: draw(neuron(x=(0.8,), w=(0.9,), b=None), "neuron", **options),
    "no activation": lambda **options: draw(neuron(None), "neuron", **options),
    "element of a layer": lambda **options: draw(networks.layered(3, 4, 2), "neuron", **options),
    "batch": lambda **options: draw(networks.perceptron(3, 2, 1, batch=20), "neuron", **options),
    "shared weights": lambda **options: draw(recurrent(), "neuron", of="h2", **options),
    "before a pass": lambda **options: draw(networks.textbook(passes=False), "neuron", **options),
    "softmax": lambda **options: draw(softmax_head(), "neuron", **options),
    "not finite": lambda **options: draw(not_finite(), "neuron", **options),
    "small numbers": lambda **options: draw(neuron(x=(1e-9, 1e9), w=(1.2345e-7, -6.789e-8)), "neuron", **options),
}


def texts(drawing):
    return "\n".join(drawing.figure.texts())


@pytest.mark.parametrize("of", ["h2", "h2.s"])
def test_one_neuron_by_name_or_node(of):
    graph = networks.textbook()
    diagram = draw(graph, "neuron", of=of).diagram
    assert f"h = {graph['h2'].value:.4g}" in diagram.edges[-2].lines
    assert draw(graph, "neuron", of=graph[of]).source == draw(graph, "neuron", of=of).source


def test_the_first_neuron_by_default():
    graph = networks.textbook()
    assert draw(graph, "neuron").svg == draw(graph, "neuron", of="h1").svg


def test_equations():
    legend = draw(networks.textbook(), "neuron", of="h1").diagram.legend
    assert legend[:4] == (
        "s = x₁w₁ + x₂w₂ + b = 0.007500 + 0.02000 + 0.35 = 0.3775",
        "h = θ(s) = 0.5933",
        "∂L/∂h = w′₁δ′₁ + w′₂δ′₂ = 0.4 · 0.1385 + 0.5 · (−0.03810) = 0.03635",
        "δ = ∂L/∂h·θ′(s) = 0.03635 · 0.2413 = 0.008771",
    )


def test_names():
    graph = networks.textbook()
    assert "s₁⁽¹⁾ = x₁w₁₁⁽¹⁾ + x₂w₂₁⁽¹⁾ + b₁⁽¹⁾" in texts(draw(graph, "neuron", names="textbook"))
    assert "δ₁⁽¹⁾ = ∂L/∂h₁·θ′(s)" in texts(draw(graph, "neuron", names="textbook"))
    assert "h1.s = x1·h1.w1 + x2·h1.w2 + b1" in texts(draw(graph, "neuron", names="own"))
    assert "h1" in texts(draw(graph, "neuron", of="y1"))  # below the input that is called x₁ here


def test_the_sum_of_the_inputs_left_out_keeps_the_equation_true():
    network = networks.perceptron(64, 32, 10)
    drawing = draw(network, "neuron", most=4)
    unit = network.graph["h1"]
    x, w, b = (unit.parents[0].parents[k] for k in (slice(0, 64), slice(64, 128), 128))
    rest = sum(a.value * c.value for a, c in zip(x[2:63], w[2:63], strict=True))
    assert f"x₃w₃ + … = {rest:.4g}".replace("-", "−") in texts(drawing)
    assert "61 more" in texts(drawing)
    terms = [
        float(term.replace("−", "-").strip("()")) for term in drawing.diagram.legend[0].split(" = ")[2].split(" + ")
    ]
    assert sum(terms) == pytest.approx(unit.parents[0].value, abs=1e-3)
    assert b.value in terms


def test_a_shared_weight_tells_this_use_from_the_sum_of_all():
    loss = recurrent()
    w, s = next(node for node in mg.Graph(loss).nodes if node.name == "w"), mg.Graph(loss)["s2"]
    drawing = draw(loss, "neuron", of="h2")
    assert f"x₁·δ = {1.0 * s.delta:.4g}".replace("-", "−") in texts(drawing)
    assert "sum of 3 uses:" in texts(drawing)
    assert f"∂L/∂w₁ = {w.grad:.4g}".replace("-", "−") in texts(drawing)
    assert {"shared weight", "frozen", "×3"} <= set(drawing.figure.texts())


def test_a_batch_shows_means_and_a_sample_itself():
    network = networks.perceptron(3, 2, 1, batch=20)
    drawing = draw(network, "neuron")
    assert "⟨s⟩ = ⟨x₁w₁⟩ + ⟨x₂w₂⟩ + ⟨x₃w₃⟩ + b" in texts(drawing)
    assert "⟨∂L/∂w₁⟩ = ⟨x₁·δ⟩" in texts(drawing)
    points = [shape for shape in walk_shapes(drawing.figure.shapes) if isinstance(shape, Circle) and shape.radius < 3]
    assert len(points) == 20
    assert "⟨" not in texts(draw(network, "neuron", sample=3))


def test_unknown_numbers_and_the_reason():
    drawing = draw(networks.textbook(passes=False), "neuron")
    assert "s = x₁w₁ + x₂w₂ + b" in drawing.diagram.legend
    assert "—" in drawing.figure.texts()
    assert any("not known yet" in text for text in drawing.figure.texts())


@pytest.mark.parametrize("activation", [*ACTIVATIONS, Hill()], ids=str)
@pytest.mark.parametrize("s", [-1.3, 0.4])
def test_the_curve_of_any_activation(activation, s):
    network = neuron(activation, x=(s,), w=(1.0,), b=None)
    h = network.outputs[0]
    slope = h.op.backward(np, 1.0, np.float64(h.value), np.float64(s))[0]
    positions = curve_positions([s])
    with np.errstate(all="ignore"):
        y = np.array([activation.forward(np, np.float64(number)) for number in positions])
    corner, size = Point(0.0, 0.0), Point(172.0, 140.0)
    shapes = list(activation_plot(activation, corner, size, [OperatingPoint(s, h.value)], float(slope), ("s", "h")))
    curve = {point for shape in shapes if isinstance(shape, Stroke) and shape.width == 2.0 for point in shape.points}
    (dot,) = [shape for shape in shapes if isinstance(shape, Circle)]
    assert dot.center in curve
    assert min(curve).x < max(curve).x
    (line,) = [shape for shape in shapes if isinstance(shape, Stroke) and shape.color is Color.BACKWARD]
    scale = plot_scale(Point(34.0, 10.0), Point(128.0, 108.0), positions, y, [OperatingPoint(s, h.value)])
    a, b = line.points
    run = (b.x - a.x) * (scale.high.x - scale.low.x) / scale.size.x
    rise = (a.y - b.y) * (scale.high.y - scale.low.y) / scale.size.y
    assert rise == pytest.approx(slope * run, abs=1e-6)
    assert all(
        -1 <= point.x <= 173 and -1 <= point.y <= 141
        for shape in (line, *shapes)
        if isinstance(shape, Stroke)
        for point in shape.points
    )
    shown = draw(network, "neuron")
    assert f"θ = {activation.label}"[:12] in texts(shown)


def test_round_numbers():
    assert round_numbers(0.0067, 0.9933) == [0.0, 1.0]
    assert round_numbers(-1.0, 1.0) == [-1.0, 0.0, 1.0]
    assert round_numbers(0.0, 5.0) == [0.0, 5.0]
    assert round_numbers(0.0, 0.01) == [0.0, 0.01]


def test_a_tangent_stays_in_its_plot():
    scale = plot_scale(Point(0.0, 0.0), Point(100.0, 50.0), np.array([-5.0, 5.0]), np.array([0.0, 1.0]), [])
    for point in (OperatingPoint(-5.0, 0.0), OperatingPoint(5.0, 1.0), OperatingPoint(0.0, 0.5)):
        for slope in (0.0, -50.0, 1e-9, 1e9):
            for end in tangent(scale, point, slope).points:
                assert -0.01 <= end.x <= 100.01
                assert -5.01 <= end.y <= 55.01


@pytest.mark.parametrize("width", [400, 800])
@pytest.mark.parametrize("name", PICTURES)
def test_nothing_lies_on_anything(name, width):
    check_geometry(PICTURES[name](width=width).figure)


@pytest.mark.parametrize(
    "options", [{"title": "One neuron"}, {"language": "zh"}, {"names": "textbook"}, {"names": "own"}, {"digits": 7}]
)
@pytest.mark.parametrize("name", ["neuron", "many inputs", "element of a layer", "shared weights"])
def test_nothing_lies_on_anything_with_options(name, options):
    for width in (400, 800):
        check_geometry(PICTURES[name](width=width, **options).figure)


def test_the_check_of_geometry_finds_what_lies_on_what():
    text, line = (lambda x, words: Text(Point(x, 20.0), (Span(words),))), Stroke((Point(0, 18), Point(90, 18)))
    assert depth(corners_of(text(0.0, "one")), corners_of(text(60.0, "two"))) < 0
    assert list(texts_on_texts(Figure(90, 40, (text(0.0, "one"), text(10.0, "two")), ""))) == [("one", "two")]
    figure = Figure(90, 40, (text(0.0, "one"), line._replace(head=Head.FORWARD)), "")
    assert list(lines_on_texts(figure)) == ["one"]
    with pytest.raises(AssertionError):
        check_geometry(figure)


@pytest.mark.parametrize("width", [400, 800, 1280])
def test_figures_fit_the_page(width):
    for network in (networks.textbook(), networks.perceptron(64, 32, 10)):
        found = draw(network, "neuron", width=width).figure.width
        assert found == width if width <= 800 else 800 < found < 1000


def test_signs_can_be_told_without_color():
    shapes = list(walk_shapes(draw(neuron(w=(0.9, -0.3), b=0.0), "neuron").figure.shapes))
    rings = [shape for shape in shapes if isinstance(shape, Circle) and shape.radius == 16.0]
    assert [ring.dash for ring in rings] == [Dash.SOLID, Dash.NEGATIVE, Dash.ZERO]


def test_highlighted_nodes_stand_on_amber():
    graph = networks.textbook()
    nodes = [graph[name] for name in ("x1", "h1.w1", "h1.s", "h1", "y1.w1")]
    figure = draw(graph, "neuron", highlight=nodes).figure
    grounds = [s for s in walk_shapes(figure.shapes) if isinstance(s, Rectangle) and s.fill is Color.UPDATE]
    assert len(grounds) == 4  # y1.w1 is not in this picture


def test_screen_readers_are_told_what_the_picture_shows():
    figure = draw(networks.textbook(), "neuron", of="h1").figure
    assert figure.title == "The neuron h1, forward and backward"
    assert figure.description.startswith("2 inputs are multiplied by their weights and added up to s = 0.3775.")
    labels = [shape.label for shape in walk_shapes(figure.shapes) if isinstance(shape, Part)]
    assert "x₁ = 0.05, w₁ = 0.15, x₁w₁ = 0.007500" in labels


def test_what_reads_the_output():
    loss = f"L = {networks.perceptron(2, 3, 1).loss.value:.4g}"
    boxes = {name: PICTURES[name]().diagram.boxes[-1].lines for name in ("neuron", "output", "many inputs")}
    assert boxes == {"neuron": ("y1, y2",), "output": (loss,), "many inputs": ("every neuron k", "of the next layer")}
    assert draw(networks.textbook()["h1"], "neuron").diagram.boxes[-1].lines == ("output of the graph",)


def test_no_such_neuron():
    graph = networks.textbook()
    with pytest.raises(RenderError, match="no such neuron"):
        draw(graph, "neuron", of="h9")
    with pytest.raises(RenderError, match="not a neuron"):
        draw(graph, "neuron", of="x1")
    with pytest.raises(RenderError, match="this graph has no neuron"):
        draw(networks.micrograd_example(), "neuron")
    with pytest.raises(SettingError, match="names"):
        draw(graph, "neuron", names="short")
    with pytest.raises(SettingError, match="most"):
        draw(graph, "neuron", most=0)


@pytest.mark.parametrize("name", ["neuron", "many inputs", "shared weights"])
def test_golden_svg(name, golden):
    golden(f"neuron_{name.replace(' ', '_')}.svg", PICTURES[name]().svg)
    golden(f"neuron_{name.replace(' ', '_')}_narrow.svg", PICTURES[name](width=400).svg)
