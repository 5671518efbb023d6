"""The backprop view: a graph, and its BP network under it, each δ under its node, and nothing moved by drawing it."""

import numpy as np
import pytest

import minigrad as mg
from minigrad._toposort import topological_order
from minigrad.analysis.gradient_graph import delta_nodes
from minigrad.drawing import draw
from minigrad.drawing.diagram import EdgeKind, Role
from minigrad.drawing.numbers import format_computed
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.snapshot import Snapshot
from minigrad.drawing.views.backprop import BackpropDiagram, formula_of
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.symbolic import Symbol, evaluate
from tests.analysis.test_gradient_graph import random_array_loss, random_scalar_loss
from tests.drawing import networks
from tests.drawing.equations import Range, agree, printed_range


def drawn(what, **options):
    return draw(what, "backprop", **options).diagram


def one_neuron(value=1.5):
    x, t = (mg.Input(name, value=number) for name, number in (("x", value), ("t", 1.0)))
    s = mg.weighted_sum([x], [mg.Parameter(0.5, "w")], mg.Parameter(0.1, "b"), name="s")
    return mg.squared_error([mg.tanh(s, name="y")], [t], name="L")


def by_title(diagram):
    return {box.lines[0]: box for box in diagram.boxes}


def pairs(diagram):
    boxes = {box.key: box for box in diagram.boxes}
    return [(boxes[f"n{key[1:]}"], box) for key, box in boxes.items() if key[0] == "d"]


def test_delta_stands_under_its_node():
    found = pairs(drawn(networks.perceptron(2, 2, 1)))
    assert len(found) == 19
    lowest = max(node.at.y + node.size.y / 2 for node, _ in found)
    for node, delta in found:
        assert (delta.at.x, delta.size.x) == (node.at.x, node.size.x)
        assert delta.at.y - delta.size.y / 2 > lowest
        name = node.lines[0]
        assert delta.lines == (f"δ({name})" if name.endswith(".s") else f"∂L/∂{name}",)


def test_formulas_and_values():
    titled = by_title(drawn(one_neuron()))
    assert titled["s"].fields == (("=", "x·w"), ("+", "b"), ("=", "0.8500"))
    assert titled["y"].fields == (("=", "tanh(s)"), ("=", "0.6911"))
    assert titled["δ(s)"].fields == (("=", "∂L/∂y·(1 − y²)"), ("=", "−0.1614"))
    assert titled["∂L/∂w"].fields == (("=", "δ(s)·x"), ("=", "−0.2421"))
    assert titled["∂L/∂b"].fields[0] == ("=", "δ(s)")
    assert titled["∂L/∂L"].fields == (("=", "1"),)
    assert titled["∂L/∂w"].role is Role.DELTA


def test_a_delta_reads_the_deltas_of_the_nodes_behind_it():
    a, b = mg.Parameter(2.0, "a"), mg.Parameter(3.0, "b")
    diagram = drawn(a * b + mg.tanh(a))
    assert by_title(diagram)["∂L/∂a"].fields[:2] == (("=", "∂L/∂#3·(1 − #3²)"), ("+", "∂L/∂#2·b"))
    back = {(edge.tail, edge.head) for edge in diagram.edges if edge.kind is EdgeKind.DELTA}
    assert back == {("d4", "d2"), ("d4", "d3"), ("d2", "d0"), ("d3", "d0"), ("d2", "d1")}


@pytest.mark.parametrize("make", [random_scalar_loss, random_array_loss])
@pytest.mark.parametrize("seed", range(40))
def test_delta_edges_run_back_and_values_are_those_of_the_backward_pass(make, seed):
    graph = Graph(make(seed))
    graph.forward()
    graph.backward()
    diagram = drawn(graph, limit=None)
    boxes = {box.key: box for box in diagram.boxes}
    for edge in diagram.edges:
        assert (edge.tail[0] == edge.head[0] == "d") == (edge.kind is EdgeKind.DELTA)
        run = boxes[edge.head].at.x - boxes[edge.tail].at.x
        assert run < 0 if edge.kind is EdgeKind.DELTA else run > 0
    for node, place in graph.position.items():
        if not node.shape and f"d{place}" in boxes:
            shown = printed_range(boxes[f"d{place}"].fields[-1][1])
            assert shown is not None
            assert agree(shown, Range(node.delta, node.delta))


@pytest.mark.parametrize("seed", range(20))
def test_every_formula_has_the_value_of_its_node(seed):
    graph = Graph(random_scalar_loss(seed))
    graph.forward()
    halves = BackpropDiagram(graph, delta_nodes(graph), DrawSettings(Snapshot(graph)))
    graph.backward()
    values = {letter: node.value for node, letter in halves.symbols.items()}
    evaluated = 0
    for node, delta in halves.deltas.items():
        operands = halves.delta_operands(node)
        known = values | {operands[halves.deltas[source]]: source.delta for source in halves.sources(node)[0]}
        formulas = [(formula_of(delta, operands), node.delta)]
        formulas += [(formula_of(node, halves.symbols), node.value)] if node.op else []
        for formula, expected in formulas:
            letters = {part for part in topological_order([formula]) if isinstance(part, Symbol)}
            if letters <= known.keys():  # else one of them is label(operands), an op of arrays
                assert evaluate(formula, known) == pytest.approx(expected, rel=1e-9, abs=1e-12)
                evaluated += 1
    assert evaluated >= len(graph)


def test_operands_that_repeat_keep_their_edges():
    diagram = drawn(networks.micrograd_example())
    links = [(edge.tail, edge.head) for edge in diagram.edges]
    assert links.count(("n0", "n1")) == 2
    assert links.count(("d1", "d0")) == 2


def test_numbers_without_a_name_stand_in_formulas():
    titled = by_title(drawn(networks.micrograd_example()))
    assert titled["#9"].fields[0] == ("=", "#7/100")
    assert titled["∂L/∂#7"].fields[0] == ("=", "∂L/∂#9/100")
    assert not [title for title in titled if title in {"#8", "∂L/∂#8", "100"}]
    assert by_title(drawn(mg.Constant(3.0)))["#0"].fields == (("=", "3"),)
    a = mg.Parameter(2.0, "a")
    assert by_title(drawn(a * -3))["#2"].fields[0] == ("=", "−3·a")


def test_a_choice_among_the_terms_of_a_sum_stands_in_parentheses():
    x = mg.Parameter(0.5, "x")
    titled = by_title(drawn(mg.relu(x, name="y") * x))
    assert titled["∂L/∂x"].fields[:2] == (("=", "∂L/∂#2·y"), ("+", "(∂L/∂y if x > 0 else 0)"))
    assert by_title(drawn(mg.relu(x, name="y")))["∂L/∂x"].fields[0] == ("=", "∂L/∂y if x > 0 else 0")


def test_long_sums_are_counted():
    parts = [mg.Parameter(float(number), f"p{number}") for number in range(9)]
    total = mg.weighted_sum(parts[:4], parts[4:8], parts[8], name="s")
    assert by_title(drawn(total))["s"].fields[-2:] == (("⋮", "1 more"), ("=", "46.00"))
    spread = mg.Parameter(1.0, "p")
    loss = mg.weighted_sum([mg.tanh(spread) for _ in range(7)], parts[:7], 0.0, name="s")
    assert by_title(drawn(loss))["∂L/∂p"].fields[-2][1] == "3 more"


def test_a_dash_before_a_pass_and_no_need_of_a_backward_pass():
    before = draw(networks.textbook(passes=False), "backprop")
    assert before.diagram.legend[-1] == "— not known yet: run forward."
    titled = by_title(before.diagram)
    assert titled["∂L/∂h1"].fields[-1] == titled["h1"].fields[-1] == ("=", "—")
    graph = networks.textbook()
    after = draw(graph, "backprop").source
    graph.forward()
    assert all(node.delta is None for node in graph.nodes)
    assert draw(graph, "backprop").source == after
    assert "not known" not in after


def test_a_batch_shows_its_mean_and_says_so():
    network = networks.perceptron(2, 2, 1, batch=4)
    diagram = drawn(network)
    assert by_title(diagram)["∂L/∂y1.b"].fields[-1] == ("mean", format_computed(network.graph["y1.b"].delta))
    assert any("mean of 4 samples" in line for line in diagram.legend)


def test_arrays_show_their_shapes():
    titled = by_title(drawn(networks.layered(3, 2)))
    assert titled["∂L/∂h1.W"].fields[-1] == ("=", "array 3×2")


@pytest.mark.parametrize("make", [networks.textbook, lambda: networks.layered(3, 2).graph, lambda: Graph(one_neuron())])
def test_drawing_leaves_the_nodes_as_they_were(make):
    graph = make()
    before = [(node.name, node.parents, np.copy(node.value), np.copy(node.delta)) for node in graph.nodes]
    draw(graph, "backprop").source  # noqa: B018
    for node, (name, parents, value, delta) in zip(graph.nodes, before, strict=True):
        assert (node.name, node.parents) == (name, parents)
        np.testing.assert_array_equal(node.value, value)
        np.testing.assert_array_equal(node.delta, delta)


def test_names_of_any_kind():
    w, other = mg.Parameter(2.0, 'w:1"<b>|{}\\'), mg.Parameter(3.0, 'δ w:1"<b>|{}\\')
    long = mg.Parameter(1.0, "x" * 500)
    loss = mg.tanh(w * other, name="节点\n") * long
    drawing = draw(loss, "backprop")
    assert set(by_title(drawing.diagram)) >= {'w:1"<b>|{}\\', '∂L/∂w:1"<b>|{}\\', '∂L/∂δ w:1"<b>|{}\\', "∂L/∂节点↵"}
    assert "x" * 100 not in drawing.source


def test_what_is_refused():
    a = mg.Parameter(2.0, "a")
    with pytest.raises(RenderError, match=r"found 2 outputs, expected one scalar output.*view=\"expression\""):
        draw([a * a, a + a], "backprop")
    with pytest.raises(RenderError, match=r"an output of shape \(2,\)"):
        draw(mg.stack([a, a]), "backprop")
    with pytest.raises(RenderError, match=r"too large.*at most 40.*view=\"process\""):
        draw(networks.perceptron(4, 5, 3), "backprop")
    node = a
    for _ in range(60):
        node = mg.tanh(node)
    with pytest.raises(RenderError, match=r"found 61 nodes.*view=\"expression\""):
        draw(node, "backprop")
    assert len(drawn(node, limit=None).boxes) == 122


@pytest.mark.parametrize("make", [one_neuron, networks.textbook, networks.micrograd_example, networks.shortcut])
def test_boxes_do_not_overlap(make):
    boxes = drawn(make(), limit=None).boxes
    for number, here in enumerate(boxes):
        for there in boxes[:number]:
            apart = abs(here.at.x - there.at.x) >= (here.size.x + there.size.x) / 2
            assert apart or abs(here.at.y - there.at.y) >= (here.size.y + there.size.y) / 2
