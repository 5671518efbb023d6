"""What `draw` accepts, which view it picks, and what a picture says."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.drawing.style import label_size
from minigrad.errors import OperandError, RenderError
from minigrad.graph import Graph
from minigrad.nn import neuron
from tests.drawing import networks


def chain(length):
    node = mg.Parameter(0.5, "x")
    for _ in range(length):
        node = mg.tanh(node)
    return node


def test_what_can_be_drawn():
    network = networks.perceptron(2, 2, 1)
    graph = network.graph
    assert draw(network).source == draw(graph).source == draw(graph.outputs[0]).source == draw([network.loss]).source


@pytest.mark.parametrize("what", [3, "net", None, object()])
def test_what_cannot(what):
    with pytest.raises(OperandError, match="nothing that has a graph"):
        draw(what)


def test_unknown_view_and_option():
    node = networks.micrograd_example()
    with pytest.raises(RenderError, match="one of auto, text, backprop, ends, explain"):
        draw(node, "picture")
    with pytest.raises(RenderError, match=r"no such option.*limit"):
        draw(node, "expression", most=3)
    with pytest.raises(RenderError, match="the neurons view has no such option"):
        draw(networks.textbook(), limit=3)


def test_view_by_content_and_size():
    assert draw(networks.perceptron(2, 2, 1)).diagram.view == "neurons"
    assert draw(networks.micrograd_example()).diagram.view == "expression"
    assert draw(chain(100)).diagram.view == "ends"
    assert draw(networks.perceptron(*[1] * 30)).diagram.view == "layers"
    assert draw(networks.perceptron(*[1] * 80)).diagram.view == "ends"


def test_the_expression_of_a_network_is_refused_with_the_view_to_use():
    with pytest.raises(RenderError, match='view="neurons"'):
        draw(networks.perceptron(4, 32, 32, 3), "expression")
    with pytest.raises(RenderError, match='view="ends"'):
        draw(chain(1000), "expression")
    assert len(draw(chain(1000), "expression", limit=None).diagram.boxes) == 2001


def test_too_deep_for_neurons():
    with pytest.raises(RenderError, match="too deep"):
        draw(chain(1000), "neurons")


def test_numbers_are_those_of_the_passes():
    text = draw(networks.textbook()).text
    assert "h1  Σ 0.3775  sigmoid 0.5933  δ 0.008771" in text
    assert "w1 = 0.4  ∂L/∂w1 = 0.08217" in text
    assert "L 0.2984" in text


def test_a_dash_before_a_pass():
    source = draw(networks.textbook(passes=False)).source
    assert "{Σ|sigmoid|δ}|{—|—|—}" in source
    assert "not known yet" in source
    assert "not known yet" not in draw(networks.textbook()).source


def test_a_drawing_stays_as_it_was_drawn():
    graph = networks.textbook()
    drawing = draw(graph)
    graph.forward({"x1": 1.0})
    assert "0.3775" in drawing.source


def test_sign_shows_without_color():
    w = [mg.Parameter(-0.5, "w1"), mg.Parameter(0.5, "w2")]
    node = mg.weighted_sum([mg.Input("a", value=1.0), mg.Input("b", value=1.0)], w, name="s")
    minus, plus = (line for line in draw(node).source.splitlines() if "->" in line)
    assert "style=dashed" in minus
    assert "style=solid" in plus


def test_parallel_edges_are_kept():
    a = mg.Parameter(2.0, "a")
    assert [edge.head for edge in draw(a + a).diagram.edges if edge.tail == "n0"] == ["o1", "o1"]
    x, w = mg.Input("x", value=1.0), [mg.Parameter(1.0, "w1"), mg.Parameter(2.0, "w2")]
    twice = draw(mg.weighted_sum([x, x], w, name="s"))
    assert [edge.lines[0] for edge in twice.diagram.edges] == ["w1 = 1", "w2 = 2"]


def test_local_derivatives():
    edges = {(edge.tail, edge.head): edge.lines for edge in draw(networks.micrograd_example()).diagram.edges}
    assert edges["n3", "o4"] == ("∂ = -8",)  # d at c · d, where c = -8
    a, b = mg.Parameter(3.0, "a"), mg.Parameter(5.0, "b")
    node = mg.weighted_sum([a, b], [mg.Parameter(2.0, "v"), mg.Parameter(7.0, "w")], mg.Parameter(0.0, "c"))
    assert [edge.lines for edge in draw(node, "expression").diagram.edges] == [
        ("∂ = 2",),
        ("∂ = 7",),
        ("∂ = 3",),
        ("∂ = 5",),
        ("∂ = 1",),
        (),
    ]


def test_a_batch_shows_its_mean_and_says_so():
    network = networks.perceptron(2, 2, 1, batch=4)
    drawing = draw(network)
    mean = network.inputs[0].value.mean()
    assert f"x1  {mean:.4g}" in drawing.text
    assert "mean of 4" in drawing.source
    bias = network.graph["y1.b"]
    assert f"δ {bias.delta:.4g}" in drawing.text


def test_array_layers_show_their_neurons():
    network = networks.layered(3, 2, 2)
    text = draw(network).text
    s = network.graph["h1.s"]
    assert f"h1[1]  Σ {s.value[1]:.4g}  tanh" in text
    assert f"w = {network.graph['h1.W'].value[2, 1]:.4g}" in text


def test_large_layers_are_elided():
    drawing = draw(networks.perceptron(64, 32, 10))
    assert "59 more" in drawing.source
    assert "59 weights" in drawing.source
    assert len(drawing.diagram.boxes) < 60
    assert len(draw(networks.perceptron(64, 32, 10), most=10).diagram.boxes) > len(drawing.diagram.boxes)
    with pytest.raises(RenderError, match="most=3 or more"):
        draw(networks.perceptron(4, 5, 3), most=1)


def test_labels_and_boxes_do_not_overlap():
    for sizes in [(2, 2, 1), (4, 5, 3), (64, 32, 10), (3, 1), (1, 9, 1), (2, 3, 4, 5, 2)]:
        diagram = draw(networks.perceptron(*sizes)).diagram
        areas = [(box.at, box.size) for box in diagram.boxes]
        areas += [(edge.label_at, label_size(edge.lines)) for edge in diagram.edges if edge.label_at]
        for number, (here, size) in enumerate(areas):
            for there, other in areas[:number]:
                apart = abs(here.x - there.x) >= (size.x + other.x) / 2 - 1
                assert apart or abs(here.y - there.y) >= (size.y + other.y) / 2 - 1, sizes


def test_a_million_nodes_deep():
    drawing = draw(chain(1_000_000))
    assert "999,991 nodes more" in drawing.source
    assert "x  value 0.5" in drawing.text


def test_thirty_doublings_are_thirty_one_nodes():
    node = mg.Parameter(1.0, "x")
    for _ in range(30):
        node = node + node
    assert len(draw(node).diagram.boxes) == 61
    assert len(draw(node).text.splitlines()) < 200


def test_every_picture_has_a_legend():
    for drawing in (draw(networks.textbook()), draw(networks.micrograd_example()), draw(chain(100))):
        for text in (drawing.source, drawing.text, drawing.mermaid):
            assert "δ" in text
            assert drawing.diagram.legend


def test_other_nodes_in_a_network():
    x = [mg.Input("x1", value=1.0), mg.Input("x2", value=2.0)]
    scale = mg.Parameter(2.0, "scale")
    h = neuron(x, name="h", rng=0)
    graph = Graph(h * scale + 1)
    graph.backward()
    text = draw(graph, "neurons").text
    assert "scale  value 2" in text


def points_of(path):
    """Points along the Bézier curves of a path."""
    for start in range(0, len(path) - 1, 3):
        a, b, c, d = path[start : start + 4]
        for t in np.linspace(0, 1, 50):
            u = 1 - t
            weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
            yield (
                sum(weight * point.x for weight, point in zip(weights, (a, b, c, d), strict=True)),
                sum(weight * point.y for weight, point in zip(weights, (a, b, c, d), strict=True)),
            )


@pytest.mark.parametrize("make", [networks.shortcut, networks.textbook, lambda: networks.perceptron(20, 9, 12)])
def test_no_edge_hides_behind_a_box(make):
    diagram = draw(make(), "neurons").diagram
    for edge in diagram.edges:
        others = [box for box in diagram.boxes if box.key not in (edge.tail, edge.head)]
        for x, y in points_of(edge.path):
            for box in others:
                inside = abs(x - box.at.x) < box.size.x / 2 - 1 and abs(y - box.at.y) < box.size.y / 2 - 1
                assert not inside, (edge.tail, edge.head, box.lines)
