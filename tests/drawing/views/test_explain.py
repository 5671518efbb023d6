"""The explain view: every path of one node, with derivatives, products and sum."""

import pytest

import minigrad as mg
from minigrad.drawing import draw
from minigrad.drawing.diagram import Sign
from minigrad.errors import GraphError, RenderError, SettingError
from tests.drawing import networks


def edges_between(graph, diagram, tail, head):
    ends = tuple(f"n{graph.position[graph[name]]}" for name in (tail, head))
    return [edge for edge in diagram.edges if (edge.tail, edge.head) == ends]


@pytest.mark.parametrize("by_name", [True, False])
def test_all_paths_of_a_weight(by_name):
    graph = networks.textbook()
    diagram = draw(graph, "explain", of="h1.w1" if by_name else graph["h1.w1"]).diagram
    names = [name for (name,) in (box.lines for box in diagram.boxes)]
    assert names == ["h1.w1", "h1.s", "h1", "y1.s", "y1", "y2.s", "y2", "E"]
    assert diagram.boxes[0].fields == (("value", "0.15"), ("∂L/∂h1.w1", "0.0004386"))
    (rising,) = edges_between(graph, diagram, "y1", "E")
    (falling,) = edges_between(graph, diagram, "y2", "E")
    assert (rising.lines, rising.sign) == (("∂ = y1 − t1", "= 0.7414"), Sign.POSITIVE)
    assert (falling.lines, falling.sign) == (("∂ = y2 − t2", "= −0.2171"), Sign.NEGATIVE)
    assert diagram.legend[2:] == (
        "path 1:  h1.w1 → h1.s → h1 → y1.s → y1 → E:   0.05000 · 0.2413 · 0.4000 · 0.1868 · 0.7414 = 0.0006684",
        "path 2:  h1.w1 → h1.s → h1 → y2.s → y2 → E:   0.05000 · 0.2413 · 0.5000 · 0.1755 · (−0.2171) = −0.0002298",
        "∂L/∂h1.w1  =  path 1 + path 2  =  0.0004386",
    )


def test_names_of_the_textbook():
    graph = networks.textbook()
    diagram = draw(graph, "explain", of="h1.w1", names="textbook").diagram
    assert [box.lines for box in diagram.boxes] == [
        (name,) for name in ("w₁₁⁽¹⁾", "s₁⁽¹⁾", "h₁", "s₁⁽²⁾", "ŷ₁", "s₂⁽²⁾", "ŷ₂", "L")
    ]
    assert diagram.boxes[0].fields == (("value", "0.15"), ("∂L/∂w₁₁⁽¹⁾", "0.0004386"))
    (rising,) = edges_between(graph, diagram, "y1", "E")
    assert rising.lines == ("∂ = ŷ₁ − t₁", "= 0.7414")
    assert diagram.legend[-1] == "∂L/∂w₁₁⁽¹⁾  =  path 1 + path 2  =  0.0004386"
    with pytest.raises(SettingError, match="names"):
        draw(graph, "explain", names="latin")


def test_before_a_pass():
    diagram = draw(networks.textbook(passes=False), "explain", of="h1.w1").diagram
    assert diagram.edges[0].lines == ("∂ = x1", "= —")
    assert draw(networks.textbook(passes=False), "explain", of="b1").diagram.edges[0].lines == ("∂ = 1",)
    assert "∂L/∂h1.w1  =  path 1 + path 2  =  —" in diagram.legend
    assert "— not known yet: run forward, then backward." in diagram.legend


def test_the_first_parameter_or_the_first_node():
    assert draw(networks.textbook(), "explain").diagram.boxes[0].lines == ("h1.w1",)
    assert draw(mg.tanh(mg.Input("x", value=1.0)), "explain").diagram.boxes[0].lines == ("x",)


def test_repeated_operands_are_edges_of_their_own():
    graph = mg.Graph(networks.micrograd_example())
    diagram = draw(graph, "explain", of="a").diagram
    assert [edge.lines for edge in diagram.edges[:3]] == [("∂ = 1",), ("∂ = 1",), ("∂ = b", "= 2.000")]
    assert len([line for line in diagram.legend if line.startswith("path ")]) == 3


def test_a_formula_too_long_for_an_edge_is_a_number():
    x = mg.Parameter(0.9, "x")
    (edge,) = draw(mg.gelu(x, name="y"), "explain").diagram.edges
    assert edge.lines == ("∂ = 1.055",)


def test_arrays_and_batches_have_no_single_number():
    assert draw(networks.layered(3, 2, 2), "explain").diagram.edges[0].lines == ("∂ = ∂h1.s/∂h1.W",)
    diagram = draw(networks.perceptron(2, 2, 1, batch=3), "explain", of="x1").diagram
    assert diagram.edges[0].lines == ("∂ = h1.w1",)
    assert diagram.legend[-3:] == (
        "path 2:  x1 → h2.s → h2 → y1.s → y1 → L:   ⟨product of all ∂⟩ = −0.02272",
        "⟨∂L/∂x1⟩  =  ⟨path 1⟩ + ⟨path 2⟩  =  −0.01657",
        "⟨ ⟩: mean of 3 samples, each with its own loss.",
    )


def test_too_many_paths_are_refused_with_what_to_use_instead():
    network = networks.perceptron(4, 9, 9, 2)
    with pytest.raises(RenderError, match=r"18 paths through 26 nodes.*at most 12.*print\(minigrad\.explain"):
        draw(network, "explain")
    assert len(draw(network, "explain", limit=18).diagram.boxes) == 26
    node = x = mg.Parameter(1.0, "x")
    for _ in range(61):
        node = mg.tanh(node)
    with pytest.raises(RenderError, match="1 path through 62 nodes"):
        draw(node, "explain", of=x)


def test_a_node_that_is_not_there():
    with pytest.raises(GraphError, match="no node of that name; found 'h9'"):
        draw(networks.textbook(), "explain", of="h9")
