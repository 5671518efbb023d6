"""The views beside the neuron view: what they compute, what they accept, what they refuse."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.drawing.diagram import EdgeKind, Role
from minigrad.drawing.style import label_size
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.optim import SGD, Adam
from tests.drawing import networks


def chain(length):
    node = mg.Parameter(0.5, "x")
    for _ in range(length):
        node = mg.tanh(node)
    return node


def edges_between(diagram, tail, head):
    return [edge for edge in diagram.edges if (edge.tail, edge.head) == (tail, head)]


def test_passes_run_both_ways():
    graph = networks.textbook()
    diagram = draw(graph, "passes").diagram
    h1, y1 = (f"n{graph.position[graph[name]]}" for name in ("h1", "y1"))
    (forward,) = edges_between(diagram, h1, y1)
    (back,) = edges_between(diagram, y1, h1)
    assert forward.lines == ("w1 = 0.4",)
    assert back.kind is EdgeKind.DELTA
    carried = graph["y1.w1"].value * graph["y1.s"].delta
    assert back.lines == ("∂L/∂w1 = 0.08217", f"w1·δ = {carried:.4g}")
    assert back.path[0].x > back.path[-1].x


def test_passes_show_the_columns_of_the_matrices():
    boxes = {box.key: box for box in draw(networks.textbook(), "passes").diagram.boxes}
    columns = [box for key, box in boxes.items() if key.startswith("m")]
    assert [(box.lines, box.fields) for box in columns[:2]] == [
        (("h1",), (("x1", "0.15"), ("x2", "0.2"))),
        (("h2",), (("x1", "0.25"), ("x2", "0.3"))),
    ]
    assert not [box for box in draw(networks.textbook(), "passes", matrices=False).diagram.boxes if box.key[0] == "m"]


@pytest.mark.parametrize("which", ["h2", "h2.s", None])
def test_one_neuron(which):
    graph = networks.textbook()
    diagram = draw(graph, "neuron", of=which).diagram
    name = "h2" if which else "h1"
    assert diagram.boxes[-1].lines == (name, f"{graph[name].value:.4g}")
    assert draw(graph, "neuron", of=graph[name]).source == draw(graph, "neuron", of=name).source


def test_one_neuron_with_numbers():
    text = draw(networks.textbook(), "neuron", of="h1").text
    assert "s = Σ w·x + b = 0.15·0.05 + 0.2·0.1 + 0.35 = 0.3775" in text
    assert "= 0.03635 · 0.2413  = 0.008771" in text


def test_no_such_neuron():
    graph = networks.textbook()
    with pytest.raises(RenderError, match="no such neuron"):
        draw(graph, "neuron", of="h9")
    with pytest.raises(RenderError, match="not a neuron"):
        draw(graph, "neuron", of="x1")
    with pytest.raises(RenderError, match="no neuron in this graph"):
        draw(networks.micrograd_example(), "neuron")


def test_update_shows_one_step_and_takes_none():
    graph = networks.textbook()
    text = draw(graph, "update", optimizer=SGD(lr=0.5)).text
    assert "w1: 0.15 → 0.1498  Δw1 = -0.0002193" in text
    assert "L 0.2984 → 0.2858" in text  # the shared biases move as well
    assert graph["h1.w1"].value == 0.15


@pytest.mark.parametrize("network", [networks.perceptron(2, 2, 1, batch=3), networks.layered(3, 2)])
def test_update_foresees_what_training_does(network):
    foreseen = draw(network, "update", optimizer=Adam(lr=0.1)).text
    rule = Adam(lr=0.1)
    for parameter in network.parameters:
        before = np.ravel(parameter.value)
        after, _ = rule.update(before, np.ravel(parameter.delta), rule.init(before))
        parameter.value = after.reshape(parameter.shape) if parameter.shape else after.item()
    network.graph.forward()
    assert f"→ {np.mean(network.loss.value):.4g}" in foreseen


def test_update_needs_an_optimizer_and_gradients():
    with pytest.raises(RenderError, match=r"optimizer=minigrad\.SGD"):
        draw(networks.textbook(), "update")
    with pytest.raises(RenderError, match="no gradient yet"):
        draw(networks.textbook(passes=False), "update", optimizer=SGD())


def test_health_names_every_ailment():
    boxes = draw(networks.ailing(), "health").diagram.boxes
    ills = {box.lines[0]: dict(box.fields).get("!") for box in boxes}
    assert {name: ills[name] for name in ("dead", "lost", "fit", "flat", "good")} == {
        "dead": "dead",
        "lost": "vanishing",
        "fit": None,
        "flat": "saturated",
        "good": None,
    }


def test_health_names_the_first_number_that_is_none():
    graph = networks.textbook()
    graph["h1.w1"].value = float("inf")
    graph.forward({"x1": 0.0})
    graph.backward()
    drawing = draw(graph, "health")
    assert "! First number that is none:  parameter h1.w1 = inf." in drawing.text
    graph["h1.w1"].value = 1e308
    graph.forward({"x1": 1e10})
    graph.backward()
    assert "weighted sum h1.s = inf, computed from input x1 = 1e+10" in draw(graph, "health").text
    with pytest.raises(RenderError, match="nothing to judge by"):
        draw(networks.textbook(passes=False), "health")


def test_health_counts_what_is_left_out():
    network = networks.layered(3, 40, 2)
    network.graph["h1.b"].value = np.full(40, 50.0)
    network.graph.forward()
    network.graph.backward()
    assert "! 35 dead" in draw(network, "health", most=6).text


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
    assert "s ← a  -4" in draw(graph, "matrices").text
    with pytest.raises(RenderError, match="no weights"):
        draw(networks.micrograd_example(), "matrices")


@pytest.mark.parametrize("make", [networks.perceptron, networks.layered])
def test_matrices_of_large_layers_are_cut(make):
    drawing = draw(make(50, 40, 2), "matrices")
    assert "50 × 40, shown 32 × 32" in drawing.source
    assert len(drawing.diagram.boxes) == 2 * (32 * 32 + 64 + 32 * 2 + 34)


def test_layers_count_parameters():
    for network in (networks.perceptron(6, 5, 2), networks.layered(6, 5, 2)):
        boxes = draw(network, "layers").diagram.boxes
        assert dict(boxes[1].fields)["weights"] == "30"
        assert dict(boxes[2].fields)["biases"] == "2"
    deltas = [network.graph[f"h{number}.s"].delta for number in (1, 2)]
    assert dict(boxes[1].fields)["mean |δ|"] == f"{abs(deltas[0]).mean():.4g}"


def test_layers_refuse_what_is_too_deep():
    with pytest.raises(RenderError, match='view="ends"'):
        draw(chain(100), "layers")


@pytest.mark.parametrize("view", ["passes", "neuron"])
def test_nothing_overlaps(view):
    for sizes in [(2, 2, 1), (4, 5, 3), (20, 10, 5)]:
        diagram = draw(networks.perceptron(*sizes), view).diagram
        areas = [(box.at, box.size) for box in diagram.boxes]
        areas += [(edge.label_at, label_size(edge.lines)) for edge in diagram.edges if edge.label_at]
        for number, (here, size) in enumerate(areas):
            for there, other in areas[:number]:
                apart = abs(here.x - there.x) >= (size.x + other.x) / 2 - 1
                assert apart or abs(here.y - there.y) >= (size.y + other.y) / 2 - 1, sizes


@pytest.mark.parametrize("view", ["neurons", "passes", "layers", "neuron"])
def test_every_view_before_a_pass_and_without_activation(view):
    assert "not known yet" in draw(networks.textbook(passes=False), view).source
    x = [mg.Input("x1", value=1.0), mg.Input("x2", value=-2.0)]
    graph = Graph(mg.weighted_sum(x, [mg.Parameter(0.5, "w1"), mg.Parameter(0.25, "w2")], name="s"))
    graph.backward()
    assert draw(graph, view).text
