"""The process view: cells that add up, straight lines, nothing on top of anything else."""

from itertools import combinations

import numpy as np
import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.drawing.figure import Text, walk_shapes
from minigrad.drawing.process.endings import read_endings
from minigrad.drawing.process.grids import read_grids, sum_of
from minigrad.drawing.process.process_content import Kind, ProcessContent
from minigrad.drawing.process.surroundings import fitting_staircase
from minigrad.drawing.settings import make_settings
from minigrad.drawing.snapshot import Snapshot
from minigrad.drawing.text_layout import line_width
from minigrad.errors import MinigradError, RenderError
from minigrad.graph import Graph, graph_of
from minigrad.structure import read_structure
from tests.drawing import networks
from tests.drawing.random_networks import random_case

SEEDS = range(24)


def content_of(what, **options):
    graph = graph_of(what)
    return ProcessContent(read_grids(read_structure(graph)), make_settings(graph, Snapshot(graph), **options))


def staircase_of(what, **options):
    content = content_of(what, **options)
    return fitting_staircase(content, read_endings(content.process))


def convolution():
    """A band of shared weights over six inputs."""
    x = [mg.Input(f"x{number}") for number in range(6)]
    w = [mg.Parameter(value, f"w{number}") for number, value in enumerate((0.5, -0.3, 0.8))]
    b = mg.Parameter(0.1, "b")
    hidden = [mg.relu(mg.weighted_sum(x[place : place + 3], w, b)) for place in range(4)]
    network = mg.Network(x, mg.layer(hidden, 1, mg.sigmoid, "y", rng=3))
    network.loss_graph([0.5, -1.0, 0.2, 0.8, 0.0, 1.0], [1.0])
    return network


def recurrent(outputs=False):
    """Three cells that share their weights, each reading the one before, and perhaps an output of each."""
    state = start = mg.Input("h0")
    wx, wh, b = mg.Parameter(0.7, "wx"), mg.Parameter(-0.4, "wh"), mg.Parameter(0.1, "b")
    x = [mg.Input(f"x{number}") for number in range(1, 4)]
    states = []
    for value in x:
        state = mg.tanh(mg.weighted_sum([state, value], [wh, wx], b))
        states.append(state)
    y = [mg.sigmoid(mg.weighted_sum([each], [wx], b)) for each in states] if outputs else [state * 2.0]
    network = mg.Network([start, *x], y)
    network.loss_graph([0.3, 0.5, -1.0, 0.7], [1.0] * len(y))
    return network


def residual():
    """Two layers whose inputs are added to their outputs."""
    x = [mg.Input("x1"), mg.Input("x2")]
    first = [a + b for a, b in zip(mg.layer(x, 2, mg.tanh, "h", rng=0), x, strict=True)]
    second = [a + b for a, b in zip(mg.layer(first, 2, mg.relu, "g", rng=1), first, strict=True)]
    network = mg.Network(x, mg.layer(second, 1, mg.sigmoid, "y", rng=3))
    network.loss_graph([0.4, -0.7], [1.0])
    return network


def gated():
    """Products of neurons between two layers."""
    x = [mg.Input("x1"), mg.Input("x2")]
    hidden, gates = mg.layer(x, 2, mg.tanh, "a", rng=0), mg.layer(x, 2, mg.sigmoid, "g", rng=1)
    products = [a * gate for a, gate in zip(hidden, gates, strict=True)]
    network = mg.Network(x, mg.layer(products, 1, mg.sigmoid, "y", rng=2))
    network.loss_graph([0.5, -1.0], [1.0])
    return network


def several_losses():
    x = [mg.Input("x1"), mg.Input("x2")]
    y = mg.layer(mg.layer(x, 2, mg.tanh, "h", rng=0), 2, mg.identity, "y", rng=2)
    total = mg.squared_error([y[0]], [mg.Input("t1")]) + mg.absolute_error([y[1]], [mg.Input("t2")])
    graph = Graph(total)
    graph.forward({"x1": 1.0, "x2": 0.5, "t1": 0.5, "t2": 0.2})
    graph.backward()
    return graph


def classifier(arrays=False):
    """A softmax over three classes, after a dropout."""
    x = mg.Input("x", 2) if arrays else [mg.Input("x1"), mg.Input("x2")]
    assemble = mg.dense if arrays else mg.layer
    hidden = mg.dropout(assemble(x, 2, mg.relu, "h", rng=0), 0.5)
    network = mg.Network(x, assemble(hidden, 3, mg.softmax, "y", rng=1))
    network.loss_graph([0.5, -1.0], [0.0, 1.0, 0.0])
    return network


NETWORKS = {
    "2-3-1": lambda: networks.perceptron(2, 3, 1),
    "shortcuts that are added": residual,
    "outputs at every step": lambda: recurrent(outputs=True),
    "2-3-3-2": lambda: networks.perceptron(2, 3, 3, 2),
    "ten layers": lambda: networks.perceptron(*[2] * 11),
    "12-12-3": lambda: networks.perceptron(12, 12, 3),
    "batch": lambda: networks.perceptron(2, 2, 1, batch=3),
    "before a pass": lambda: networks.textbook(passes=False),
    "shortcut": networks.shortcut,
    "arrays": lambda: networks.layered(3, 2, 2),
    "convolution": convolution,
    "recurrent": recurrent,
    "gated": gated,
    "several losses": several_losses,
    "classifier": classifier,
    "classifier of arrays": lambda: classifier(arrays=True),
}


@pytest.mark.parametrize("seed", SEEDS)
def test_lines_add_up(seed):
    """Sums of products are s, sums of shares are ∂L/∂h, and gradients of uses are ∂L/∂w."""
    case = random_case(seed)
    structure = read_structure(case.graph)
    snapshot = Snapshot(case.graph)
    if not structure.layers or case.changed is not None or not case.has_pass or "not finite" in case.features:
        return
    content = ProcessContent(read_grids(structure), make_settings(case.graph, snapshot))
    gradients, used = {}, {}
    for grid in content.process.grids:
        for neuron, unit in enumerate(grid.neurons):
            cells = [content.cells.get((grid.number, source, neuron)) for source in range(len(grid.sources) + 1)]
            products = [cell.rows[1].number for cell in cells if cell is not None]
            s = snapshot.value(sum_of(unit), unit.position)
            if s is not None and np.isfinite(s):
                np.testing.assert_allclose(sum(products), s, rtol=1e-9, atol=1e-12)
        for source, neuron, weight in grid.entries():
            number = content.cells[grid.number, source, neuron].rows[2].number
            if number is not None and weight.node.kind == "parameter":
                gradients[weight] = gradients.get(weight, 0.0) + number
                used[weight] = used.get(weight, 0) + 1
    for weight, gradient in gradients.items():
        if used[weight] == snapshot.uses(weight) and np.isfinite(gradient):
            np.testing.assert_allclose(gradient, snapshot.delta(*weight), rtol=1e-9, atol=1e-12)


def test_shares_of_a_line_add_up():
    content = content_of(networks.perceptron(2, 3, 2))
    (_, second) = content.process.grids
    for source, element in enumerate(second.sources):
        shares = [content.cells[2, source, neuron].rows[3].number for neuron in range(2)]
        assert sum(shares) == pytest.approx(element.node.delta)
        assert content.returned(second, source).label == f"∂L/∂h{'₁₂₃'[source]}"


@pytest.mark.parametrize("width", [400, 800, 1280])
@pytest.mark.parametrize("name", NETWORKS)
def test_nothing_overlaps(name, width):
    staircase = staircase_of(NETWORKS[name](), width=width)
    blocks = list(staircase.blocks.values())
    for one, other in combinations(blocks, 2):
        apart = one.end.x <= other.corner.x + 0.1 or other.end.x <= one.corner.x + 0.1
        assert apart or one.end.y <= other.corner.y + 0.1 or other.end.y <= one.corner.y + 0.1, (
            one.block.note,
            other.block.note,
        )
    for arrow in staircase.arrows:
        left, right = sorted((arrow.start.x, arrow.end.x))
        top, bottom = sorted((arrow.start.y, arrow.end.y))
        for placed in blocks:
            clear = right <= placed.corner.x + 2 or left >= placed.end.x - 2
            clear = clear or bottom <= placed.corner.y + 2 or top >= placed.end.y - 2
            assert clear, (arrow, placed.block.note)
    for caption in staircase.captions:
        for placed in blocks:
            clear = caption.right <= placed.corner.x or caption.left >= placed.end.x
            upper, lower = caption.at.y - 0.7 * caption.size, caption.at.y
            assert clear or lower <= placed.corner.y or upper >= placed.end.y, (caption, placed.block.note)


@pytest.mark.parametrize("name", NETWORKS)
def test_forward_runs_right_and_down_and_backward_runs_left_and_up(name):
    for width in (400, 800):
        staircase = staircase_of(NETWORKS[name](), width=width)
        for arrow in staircase.arrows:
            across, down = arrow.end.x - arrow.start.x, arrow.end.y - arrow.start.y
            assert abs(across) < 1e-9 or abs(down) < 1e-9
            tail = staircase.blocks.get(arrow.tail)
            if tail is None or tail.block.kind is not Kind.TARGET:
                assert (across + down < 0) is arrow.is_backward, arrow


@pytest.mark.parametrize("name", NETWORKS)
def test_texts_stay_on_the_page_and_can_be_read(name):
    drawing = draw(NETWORKS[name](), "process")
    figure = drawing.figure
    texts = [shape for shape in walk_shapes(figure.shapes) if isinstance(shape, Text)]
    for text in texts:
        width = line_width(text.line, text.size)
        left = text.at.x - {"start": 0.0, "middle": width / 2, "end": width}[text.anchor]
        assert left >= 1.0
        assert left + width <= figure.width - 1.0
        assert text.size >= 8.5, text
    assert figure.width <= 800.5
    assert drawing.text
    assert drawing.mermaid


@pytest.mark.parametrize("width", [400, 800])
@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "12-12-3"])
def test_no_text_covers_another(name, width):
    texts = []
    for shape in walk_shapes(draw(NETWORKS[name](), "process", width=width, language="zh").figure.shapes):
        if isinstance(shape, Text):
            length = line_width(shape.line, shape.size)
            left = shape.at.x - {"start": 0.0, "middle": length / 2, "end": length}[shape.anchor]
            texts.append((left, shape.at.y - 0.6 * shape.size, left + length, shape.at.y))
    for one, other in combinations(texts, 2):
        apart = one[0] >= other[2] - 1 or other[0] >= one[2] - 1 or one[1] >= other[3] - 1 or other[1] >= one[3] - 1
        assert apart, (one, other)


def test_outputs_run_straight_into_the_next_grid():
    staircase = staircase_of(networks.perceptron(2, 3, 1))
    first, second = staircase.frames
    assert (first.reading, second.reading) == ("down", "right")
    assert first.neurons == second.sources[:3]
    into = [arrow for arrow in staircase.arrows if arrow.tail.startswith("o1_") and arrow.head.startswith("g2_")]
    assert [arrow.head for arrow in into] == ["g2_0_0", "g2_1_0", "g2_2_0"]


def test_cells_of_shared_weights_show_one_use_each():
    content = content_of(convolution())
    cells = [content.cells[1, place, place] for place in range(4)]
    assert [cell.uses for cell in cells] == [4] * 4
    (w, *_) = content.process.structure.graph.parameters
    assert sum(cell.rows[2].number for cell in cells) == pytest.approx(w.grad)
    assert any("the sum of 4 uses" in line for line in draw(convolution(), "process").diagram.legend)
    assert not content.cells.get((1, 5, 0))


def test_unnamed_nodes_show_how_they_are_computed():
    texts = draw(gated(), "process").figure.texts()
    assert "h₁ × h₂" in texts
    assert "Other nodes" in texts


def test_marks_of_frozen_constant_zero_and_unknown():
    x = [mg.Input("x1"), mg.Input("x2")]
    w = mg.Parameter(0.5, "w")
    w.trainable = False
    graph = Graph(mg.sigmoid(mg.weighted_sum(x, [w, 0.0], mg.Parameter(np.nan, "b"))))
    cells = content_of(graph).cells
    assert cells[1, 0, 0].is_frozen
    assert cells[1, 1, 0].is_constant
    assert cells[1, 0, 0].rows[1].text == "—"
    drawing = draw(graph, "process")
    assert any("frozen" in line for line in drawing.diagram.legend)
    assert "not known yet" in " ".join(drawing.diagram.legend)


def test_options_of_the_page():
    network = networks.perceptron(2, 3, 1)
    w = network.graph.parameters[0]
    plain, marked = draw(network, "process"), draw(network, "process", highlight=[w], title="Title", language="zh")
    assert len(marked.figure.shapes) == len(plain.figure.shapes) + 2
    assert marked.figure.title == "Title"
    assert "读图方法" in marked.figure.texts()
    assert draw(network, "process", direction="down").figure.width < plain.figure.width
    assert "0.30007" in draw(network, "process", digits=5).figure.texts()


def test_refusals_say_what_to_do():
    with pytest.raises(RenderError, match='view="expression"'):
        draw(networks.micrograd_example(), "process")
    with pytest.raises(MinigradError, match="most"):
        draw(networks.perceptron(2, 1), "process", most=0)
    x = mg.Input("x", (2, 3))
    s = mg.weighted_sum(x, mg.Parameter(np.ones((2, 3)), "w"), mg.Parameter(np.ones(2), "b"), name="s")
    with pytest.raises(RenderError, match=r"s.*one matrix of weights"):
        draw(Graph(s), "process")
