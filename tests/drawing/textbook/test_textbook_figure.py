"""The textbook figure: names and numbers of the textbook, labels that touch nothing, pages of several widths."""

from collections import Counter
from time import process_time

import numpy as np
import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Area, Circle, Color, Dash, Figure, Rectangle, Stroke, Text, walk_shapes
from minigrad.drawing.text_layout import plain_text, words
from minigrad.errors import SettingError
from tests.drawing import networks
from tests.drawing.random_networks import random_case
from tests.drawing.shown_names import ShownNames
from tests.drawing.test_truth import check_diagram
from tests.drawing.textbook.geometry import overlaps


def figure_of(what, **options) -> Figure:
    figure = draw(what, "neurons", style="textbook", **options).figure
    assert figure is not None
    return figure


def shapes_of(figure: Figure, kind: type) -> list:
    return [shape for shape in walk_shapes(figure.shapes) if isinstance(shape, kind)]


def texts_of(figure: Figure) -> list[str]:
    return [plain_text(text.line).strip() for text in shapes_of(figure, Text)]


def example():
    """The 2-3-1 network of the mocks, after both passes."""
    x = [mg.Input("x1"), mg.Input("x2")]
    first = [([0.4, 0.7], 0.1), ([-0.6, 0.5], -0.2), ([0.9, -0.3], 0.2)]
    hidden = [mg.sigmoid(mg.weighted_sum(x, list(map(mg.Parameter, w)), mg.Parameter(b))) for w, b in first]
    last = list(map(mg.Parameter, (0.8, -1.2, 0.5)))
    network = mg.Network(x, [mg.sigmoid(mg.weighted_sum(hidden, last, mg.Parameter(0.3)))], loss=mg.squared_error)
    network.loss_graph([0.8, -0.5], [1.0])
    return network


def recurrent(steps: int = 3):
    """A cell that shares its weights, each step with an input of its own."""
    x = [mg.Input(f"x{step}", value=0.3 * step - 0.5) for step in range(1, steps + 1)]
    w, u, b = mg.Parameter(0.5, "w"), mg.Parameter(-0.8, "u"), mg.Parameter(0.1, "b")
    h = mg.tanh(mg.weighted_sum(x[:1], [w], b))
    for step in x[1:]:
        h = mg.tanh(mg.weighted_sum([step, h], [w, u], b))
    graph = mg.Graph(mg.squared_error([mg.weighted_sum([h], [mg.Parameter(1.2)], mg.Parameter(0.1))], [0.3]))
    graph.backward()
    return graph


NETWORKS = {
    "2-3-1": example,
    "2-2-2": networks.textbook,
    "before a pass": lambda: networks.textbook(passes=False),
    "3-4-2": lambda: networks.perceptron(3, 4, 2),
    "4-32-32-3": lambda: networks.perceptron(4, 32, 32, 3),
    "of layers": lambda: networks.layered(12, 9, 11),
    "deep": lambda: networks.perceptron(3, *[3] * 9, 2),
    "shortcuts": networks.shortcut,
    "recurrent": recurrent,
    "batch": lambda: networks.perceptron(2, 2, 1, batch=3),
    "not trained well": networks.ailing,
}


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize("width", [400.0, 800.0])
@pytest.mark.parametrize("name", NETWORKS)
def test_texts_touch_nothing(name, width, numbers):
    assert not list(overlaps(figure_of(NETWORKS[name](), width=width, numbers=numbers)))


def test_texts_touch_nothing_in_random_networks():
    faults = []
    for seed in range(0, 80, 3):
        case = random_case(seed)
        figure = figure_of(case.graph, sample=case.sample, numbers=seed % 2 == 0, width=400.0 + 400 * (seed % 4 < 2))
        faults += [f"network {seed}: {fault}" for fault in overlaps(figure)]
    assert not faults


def test_overlaps_are_noticed():
    line = Stroke((Point(0.0, 5.0), Point(40.0, 5.0)))
    texts = [Text(Point(10.0, 10.0), words("w = 1")), Text(Point(12.0, 12.0), words("b = 2"))]
    found = [fault.split(" on ")[1] for fault in overlaps(Figure(50.0, 50.0, (line, *texts), ""))]
    assert sorted(found) == ["'w = 1'", "a line", "a line"]
    circle, beside = Circle(Point(10.0, 30.0), 15.0), Text(Point(-20.0, 30.0), words("w = 1"))
    assert list(overlaps(Figure(50.0, 50.0, (circle, beside), ""))) == ["'w = 1' on a circle"]


def test_every_statement_is_true():
    counts: Counter[str] = Counter()
    faults = []
    for seed in range(0, 60, 4):
        case = random_case(seed)
        names = ShownNames(case.numbers(), case.numbers(of_batch=True))
        diagram = draw(case.graph, "neurons", style="textbook", sample=case.sample).diagram
        faults += check_diagram(diagram, "neurons", names, case, counts)
    assert not faults
    assert counts["equations"] > 10
    assert counts["names"] > 500


def test_names_of_the_textbook():
    texts = texts_of(figure_of(example(), numbers=False))
    for name in (
        "x₁",
        "w₁₁⁽¹⁾",
        "w₂₃⁽¹⁾",
        "w₃₁⁽²⁾",
        "b₁⁽¹⁾",
        "s₃⁽¹⁾",
        "h₂",
        "ŷ₁",
        "t₁",
        "L",
        "W⁽¹⁾",
        "W⁽²⁾",
        "i = 1, 2",
        "j = 1, 2, 3",
    ):
        assert name in texts, name
    assert "sⱼ⁽¹⁾ = Σᵢ wᵢⱼ⁽¹⁾xᵢ + bⱼ⁽¹⁾" in texts
    assert "ŷₖ = θ(sₖ⁽²⁾)" in texts
    assert "L = ½(ŷ₁ − t₁)²" in texts
    assert not any(text.startswith("0.") for text in texts)


def test_numbers_and_equations_to_check():
    drawing = draw(example(), "neurons", style="textbook")
    for text in ("w₁₁⁽¹⁾ = 0.4", "−0.01121", "b₂⁽¹⁾ = −0.2", "0.07000", "0.05169", "∂L/∂ŷ₁", "−0.3215"):
        assert text in texts_of(drawing.figure), text
    assert drawing.diagram.legend[:4] == (
        "δ₁⁽²⁾ = (ŷ₁ − t₁)·θ′(s₁⁽²⁾) = (0.6785 − 1)·0.2181 = −0.07014",
        "δ₁⁽¹⁾ = w₁₁⁽²⁾·δ₁⁽²⁾·θ′(s₁⁽¹⁾) = 0.8·(−0.07014)·0.2497 = −0.01401",
        "∂L/∂w₁₁⁽¹⁾ = x₁·δ₁⁽¹⁾ = 0.8·(−0.01401) = −0.01121",
        "∂L/∂b₁⁽¹⁾ = δ₁⁽¹⁾ = −0.01401",
    )
    assert "θ(s) = 1/(1 + exp(−s))" in drawing.diagram.legend
    assert "θ′ = θ·(1 − θ)" in drawing.diagram.legend


def test_all_terms_of_a_sum_and_all_uses_of_a_weight():
    legend = draw(networks.textbook(), "neurons", style="textbook").diagram.legend
    assert any("(0.4·0.1385 + 0.5·(−0.03810))·0.2413 = 0.008771" in line for line in legend)
    assert any(line.startswith("∂L/∂b₁⁽¹⁾ = δ₁⁽¹⁾ + δ₂⁽¹⁾ = ") for line in legend)


def test_means_have_their_mark_and_no_products():
    legend = draw(networks.perceptron(2, 2, 1, batch=3), "neurons", style="textbook").diagram.legend
    assert legend[2].startswith("⟨∂L/∂w₁₁⁽¹⁾⟩ = ⟨x₁·δ₁⁽¹⁾⟩ = ")
    assert legend[2].count("=") == 2


def test_derivative_of_another_loss_is_that_of_its_rule():
    x = mg.Input("x", value=0.5)
    y = mg.sigmoid(mg.weighted_sum([x], [mg.Parameter(0.4)], mg.Parameter(0.1)))
    loss = mg.mean_squared_error([y], [mg.Input("t", value=1.0)])
    loss.backward()
    legend = draw(loss, "neurons", style="textbook").diagram.legend
    assert legend[0] == "δ₁⁽¹⁾ = 2·(ŷ₁ − t₁)·θ′(s₁⁽¹⁾) = 2·(0.5744 − 1)·0.2445 = −0.2081"


def test_equal_positions_whatever_the_digits():
    network, pictures = example(), []
    for weight in (0.4, -0.40271):
        network.parameters[0].value = weight
        network.loss_graph([0.8, -0.5], [1.0])
        pictures.append([shape.at for shape in shapes_of(figure_of(network), Text)][:60])
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize(("sizes", "width"), [((2, 3, 1), 800.0), ((3, 4, 2), 400.0), ((3, *[3] * 9, 2), 800.0)])
def test_figures_fit_the_page(sizes, width, numbers):
    figure = figure_of(networks.perceptron(*sizes), width=width, numbers=numbers)
    assert figure.width == width
    assert min(text.size for text in shapes_of(figure, Text)) >= 9.0
    for text in shapes_of(figure, Text):
        assert 0 <= text.at.x <= width


def test_ten_layers_side_by_side():
    assert figure_of(networks.perceptron(3, *[3] * 9, 2), numbers=False, direction="right").width <= 1200


def test_deep_networks_run_downwards():
    figure = figure_of(networks.perceptron(3, *[3] * 9, 2))
    assert figure.height > figure.width


def test_levels_of_activations():
    network = example()
    level = shapes_of(figure_of(network), Area)[0].polygons[0]
    radius = max(point.y for point in level) - min(point.y for point in level)
    assert radius == pytest.approx(2 * 31 * 0.5175, abs=0.1)
    assert mg.tanh.output_range == (-1.0, 1.0)
    assert mg.relu.output_range is None
    legend = draw(networks.ailing(), "neurons", style="textbook").diagram.legend
    assert "gray level: θ(s), from 0 to the largest of the layer" in legend


def test_ranges_of_ops_hold():
    s = np.linspace(-50.0, 50.0, 101)
    bounded = [op for op in (mg.sigmoid, mg.tanh, mg.softsign, mg.hard_tanh, mg.softmax) if op.output_range]
    assert len(bounded) == 5
    for op in bounded:
        low, high = op.output_range
        assert low <= np.min(op(s)) <= np.max(op(s)) <= high


def test_signs_have_a_dash_each():
    network = example()
    network.parameters[1].value = 0.0
    strokes = shapes_of(figure_of(network), Stroke)
    dashes = {(stroke.color, stroke.dash) for stroke in strokes}
    assert {(Color.NEGATIVE, Dash.NEGATIVE), (Color.ZERO, Dash.ZERO), (Color.POSITIVE, Dash.SOLID)} <= dashes


def test_marks_of_frozen_and_shared_weights():
    graph = recurrent()
    graph.parameters[0].trainable = False
    texts = texts_of(figure_of(graph))
    assert "two bars: frozen, not trained" in texts
    assert "step 2" in texts
    assert sum(text.endswith("×3") for text in texts) >= 5


def test_steps_run_to_the_right_in_their_order():
    circles = [shape for shape in shapes_of(figure_of(recurrent(4)), Circle) if shape.fill is Color.PANEL]
    assert [circle.center.x for circle in circles] == sorted(circle.center.x for circle in circles)


def test_numbers_that_are_none_stand_on_a_plate():
    network = example()
    network.parameters[0].value = float("nan")
    network.graph.forward()
    network.graph.backward()
    figure = figure_of(network)
    assert [area for area in shapes_of(figure, Area) if area.fill is Color.INK]
    assert [box for box in shapes_of(figure, Rectangle) if box.fill is Color.INK]


def test_values_out_of_date_are_a_dash_with_the_reason():
    network = example()
    network.parameters[0].value = 3.0
    texts = texts_of(figure_of(network))
    assert "—" in texts
    assert any("changed" in text for text in texts)


def test_highlight_title_language():
    network = example()
    figure = figure_of(network, highlight=[network.parameters[0], network.outputs[0]], title="一个网络", language="zh")
    marked = [shape for shape in shapes_of(figure, Stroke) + shapes_of(figure, Circle) if Color.UPDATE in shape]
    assert len(marked) == 2
    texts = texts_of(figure)
    assert {"一个网络", "隐藏层", "手工验算"} <= set(texts)


def test_softmax_of_neurons_is_one_box_with_its_classes():
    x = [mg.Input("x1"), mg.Input("x2")]
    network = mg.Network(x, mg.layer(x, 3, activation=mg.softmax, name="y", rng=0), loss=mg.squared_error)
    network.loss_graph([0.5, 1.0], [0.0, 1.0, 0.0])
    boxes = draw(network, "neurons", style="textbook").diagram.boxes
    (softmax,) = [box for box in boxes if "softmax" in box.lines]
    assert [line.partition(" ")[0] for line in softmax.lines] == ["softmax", "ŷ₁", "ŷ₂", "ŷ₃"]


def test_without_numbers_nothing_depends_on_the_pass():
    pictures = [
        draw(networks.textbook(passes=passes), "neurons", style="textbook", numbers=False) for passes in (True, False)
    ]
    assert pictures[0].svg == pictures[1].svg
    assert pictures[0].source == pictures[1].source


def test_unknown_style():
    with pytest.raises(SettingError, match="numbers, textbook"):
        draw(example(), "neurons", style="comic")


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize(
    "make",
    [
        lambda: networks.perceptron(2, 2, 1),
        lambda: networks.perceptron(4, 32, 32, 3),
        lambda: networks.perceptron(64, 32, 10),
        lambda: networks.layered(784, 128, 10),
    ],
)
def test_figures_are_fast_and_small(make, numbers):
    network, times = make(), []
    for _ in range(3):
        start = process_time()
        svg = draw(network, "neurons", style="textbook", numbers=numbers).svg
        times.append(process_time() - start)
    assert min(times) < 0.4  # 0.1 s where nothing else runs
    assert len(svg) < 150_000


def test_weights_of_an_array_are_multiplied_by_its_elements():
    x = [mg.Input("x1"), mg.Input("x2")]
    h = mg.stack(list(mg.layer(x, 2, mg.tanh, "h", rng=0)))
    network = mg.Network(x, mg.dense(h, 1, mg.sigmoid, "y", rng=1))
    network.loss_graph([1.0, 2.0], [0.0])
    legend = draw(network, "neurons", style="textbook").diagram.legend
    assert "∂L/∂w₁₁⁽²⁾ = #12[0]·δ₁⁽²⁾ = (−0.6597)·0.03635 = −0.02398" in legend


def test_a_weight_that_is_a_bias_too_is_checked_once():
    x, w = mg.Input("x"), mg.Parameter(0.5, "w")
    network = mg.Network(x, mg.sigmoid(mg.weighted_sum([x], [w], w), name="y"))
    network.loss_graph(1.0, 0.0)
    legend = draw(network, "neurons", style="textbook").diagram.legend
    assert legend.count("∂L/∂w₁₁⁽¹⁾ = 0.2875") == 1
