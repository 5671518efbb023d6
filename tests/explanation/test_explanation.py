"""`explain`: the sum over the paths is δ, and what is written is what a person would write."""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import GraphError, OperandError, SettingError, ShapeError
from minigrad.explanation import explain
from tests.drawing.networks import layered, perceptron, textbook
from tests.graphs import COUNTS, Instruction, Program, as_nodes

TEXT = """\
∂E/∂h1.w1: 2 paths from parameter h1.w1 to loss E

path 1: h1.w1 → h1.s → h1 → y1.s → y1 → E
  ∂h1.s/∂h1.w1 = x1                            = 0.05
  ∂h1/∂h1.s    = h1·(1 − h1)                   = 0.5933·(1 − 0.5933) = 0.2413
  ∂y1.s/∂h1    = y1.w1                         = 0.4
  ∂y1/∂y1.s    = y1·(1 − y1)                   = 0.7514·(1 − 0.7514) = 0.1868
  ∂E/∂y1       = y1 − t1                       = 0.7514 − 0.01       = 0.7414
  product      = 0.05·0.2413·0.4·0.1868·0.7414 = 0.0006684

path 2: h1.w1 → h1.s → h1 → y2.s → y2 → E
  ∂h1.s/∂h1.w1 = x1                               = 0.05
  ∂h1/∂h1.s    = h1·(1 − h1)                      = 0.5933·(1 − 0.5933) = 0.2413
  ∂y2.s/∂h1    = y2.w1                            = 0.5
  ∂y2/∂y2.s    = y2·(1 − y2)                      = 0.7729·(1 − 0.7729) = 0.1755
  ∂E/∂y2       = y2 − t2                          = 0.7729 − 0.99       = -0.2171
  product      = 0.05·0.2413·0.5·0.1755·(-0.2171) = -0.0002298

∂E/∂h1.w1 = path 1 + path 2 = 0.0006684 − 0.0002298 = 0.0004386"""

LATEX = r"""\begin{aligned}
\frac{\partial E}{\partial w_{h_{1},1}} &= \frac{\partial E}{\partial y_{1}}\,\frac{\partial y_{1}}{\partial s_{y_{1}}}\,\frac{\partial s_{y_{1}}}{\partial h_{1}}\,\frac{\partial h_{1}}{\partial s_{h_{1}}}\,\frac{\partial s_{h_{1}}}{\partial w_{h_{1},1}} + \frac{\partial E}{\partial y_{2}}\,\frac{\partial y_{2}}{\partial s_{y_{2}}}\,\frac{\partial s_{y_{2}}}{\partial h_{1}}\,\frac{\partial h_{1}}{\partial s_{h_{1}}}\,\frac{\partial s_{h_{1}}}{\partial w_{h_{1},1}} \\
 &= 0.0006684 - 0.0002298 = 0.0004386 \\
\theta'(s_{y_{1}}) &= y_{1}\,(1 - y_{1}) \\
 &= 0.7514\,(1 - 0.7514) = 0.1868 \\
\delta_{s_{y_{1}}} &= \theta'(s_{y_{1}})\,(y_{1} - t_{1}) \\
 &= 0.1868\,(0.7514 - 0.01) = 0.1385 \\
\theta'(s_{y_{2}}) &= y_{2}\,(1 - y_{2}) \\
 &= 0.7729\,(1 - 0.7729) = 0.1755 \\
\delta_{s_{y_{2}}} &= \theta'(s_{y_{2}})\,(y_{2} - t_{2}) \\
 &= 0.1755\,(0.7729 - 0.99) = -0.0381 \\
\theta'(s_{h_{1}}) &= h_{1}\,(1 - h_{1}) \\
 &= 0.5933\,(1 - 0.5933) = 0.2413 \\
\delta_{s_{h_{1}}} &= \theta'(s_{h_{1}})\,(w_{y_{1},1}\,\delta_{s_{y_{1}}} + w_{y_{2},1}\,\delta_{s_{y_{2}}}) \\
 &= 0.2413\,(0.4 \cdot 0.1385 + 0.5 \cdot (-0.0381)) = 0.008771 \\
\frac{\partial E}{\partial w_{h_{1},1}} &= x_{1}\,\delta_{s_{h_{1}}} \\
 &= 0.05 \cdot 0.008771 = 0.0004386
\end{aligned}"""  # noqa: E501


def random_program(seed: int) -> Program:
    """A small graph in which any node may be read any number of times, and which ends in a loss."""
    rng = np.random.default_rng(seed)
    leaves = tuple(rng.uniform(-2, 2, rng.integers(1, 5)).round(3).tolist())
    instructions: list[Instruction] = []
    count = len(leaves)
    for op in [*rng.choice(sorted(COUNTS), rng.integers(1, 9)), "error"]:
        operands = rng.integers(0, count, COUNTS[op]).tolist()
        if op == "error":
            operands[0] = count - 1
        instructions.append(Instruction(str(op), tuple(operands)))
        count += 1
    return Program(leaves, tuple(instructions))


@pytest.mark.parametrize("seed", range(200))
def test_the_sum_over_the_paths_is_what_the_engine_finds(seed: int):
    program = random_program(seed)
    leaves = [mg.Parameter(value, f"w{place}") for place, value in enumerate(program.leaves)]
    graph = mg.Graph(as_nodes(program, leaves)[-1])
    graph.backward()
    for leaf in graph.parameters:
        found = explain(leaf, graph, limit=100_000)
        assert found.count == len(found.paths) > 0
        assert found.total == pytest.approx(leaf.delta, rel=1e-12, abs=1e-12)
        assert explain(leaf, graph, limit=0).total == leaf.delta
        for path in found.paths[:50]:
            assert path.nodes[0] is leaf
            assert path.nodes[-1] is graph.outputs[0]
            assert all(link.child.parents[link.position] is link.parent for link in path.links)
        if found.count < 5:
            assert found.text
            assert found.latex.count("{") == found.latex.count("}")


def test_the_weight_of_the_textbook_by_hand():
    graph = textbook()
    found = explain("h1.w1", graph)

    def sigmoid(s: float) -> float:
        return 1 / (1 + exp(-s))

    h1, h2 = sigmoid(0.15 * 0.05 + 0.2 * 0.1 + 0.35), sigmoid(0.25 * 0.05 + 0.3 * 0.1 + 0.35)
    y1, y2 = sigmoid(0.4 * h1 + 0.45 * h2 + 0.6), sigmoid(0.5 * h1 + 0.55 * h2 + 0.6)
    one = [0.05, h1 * (1 - h1), 0.4, y1 * (1 - y1), y1 - 0.01]
    other = [0.05, h1 * (1 - h1), 0.5, y2 * (1 - y2), y2 - 0.99]
    assert found.count == 2
    assert [path.derivatives for path in found] == [pytest.approx(one, rel=1e-12), pytest.approx(other, rel=1e-12)]
    assert [path.product for path in found] == pytest.approx([np.prod(one), np.prod(other)], rel=1e-12)
    assert found.total == pytest.approx(np.prod(one) + np.prod(other), rel=1e-12)
    assert found.total == pytest.approx(graph["h1.w1"].delta, rel=1e-14)
    assert [node.name for node in found.paths[1].nodes] == ["h1.w1", "h1.s", "h1", "y2.s", "y2", "E"]


def test_the_text_and_the_derivation_of_the_textbook():
    found = explain("h1.w1", textbook())
    assert str(found) == TEXT
    assert found.latex == LATEX
    assert found._repr_latex_() == f"$$\n{LATEX}\n$$"
    assert repr(found) == "<Explanation of δ of parameter h1.w1 in loss E, 2 paths; print it, or read .latex>"


def test_before_a_pass_there_are_symbols_and_dashes():
    found = explain("h1.w1", textbook(passes=False))
    assert found.total is None
    assert found.paths[0].derivatives == (None,) * 5
    assert "∂y1/∂y1.s    = y1·(1 − y1)                                = —" in found.text
    assert "product      = x1·h1·(1 − h1)·y1.w1·y1·(1 − y1)·(y1 − t1) = —" in found.text
    assert "  ∂h1.s/∂b1 = 1\n" in explain("b1", textbook(passes=False)).text  # known without a pass
    assert r"\theta'(s_{h_{1}}) &= h_{1}\,(1 - h_{1})" in found.latex
    assert not any(character.isdigit() for line in found.text.splitlines()[-1:] for character in line.split("=")[-1])


def test_an_explanation_stays_what_it_was():
    graph = textbook()
    found, other = explain("h1.w1", graph), explain("h1.w1", graph)
    text = other.text
    graph.forward({"x1": 1.0, "x2": -1.0})
    graph["h1.w1"].value = 3.0
    assert found.text == text


@pytest.mark.parametrize("of", ["h1.w1", "b1", "h1", "h2.s", "y1", "x2", "t1", "E"])
def test_any_node_can_be_explained(of: str):
    graph = textbook()
    found = explain(of, graph)
    assert found.total == pytest.approx(graph[of].delta, rel=1e-12)
    assert found.node is graph[of]
    assert found.loss is graph["E"]
    assert found.text.startswith(f"∂E/∂{of}: ")
    assert found.latex


def test_the_graph_may_be_given_as_graph_as_loss_or_as_network():
    network = perceptron(3, 2, 2)
    weight = network.parameters[0]
    texts = {explain(weight, whole).text for whole in (network, network.graph, network.graph.outputs[0])}
    assert len(texts) == 1


def test_unnamed_nodes_are_numbered_and_explained():
    a = mg.Parameter(2.0, "a")
    text = explain(a, mg.multiply(a + 1, a, name="c")).text
    assert "path 1: a → #2 → c" in text
    assert "∂c/∂#2  = a   = 2" in text
    assert "where\n  #2 = a + 1 = 2 + 1 = 3" in text


def test_a_repeated_parent_is_two_paths():
    a = mg.Parameter(3.0, "a")
    found = explain(a, mg.multiply(a, a, name="c"))
    assert [path.product for path in found.paths] == [3.0, 3.0]
    assert found.text.endswith("∂c/∂a = path 1 + path 2 = 3 + 3 = 6")


def test_several_activations_are_told_apart():
    x = mg.Parameter(0.5, "x")
    h = mg.tanh(mg.multiply(x, 2.0, name="s"), name="h")
    latex = explain(x, mg.sigmoid(mg.multiply(h, 3.0, name="u"), name="y")).latex
    assert r"\theta'_{\mathrm{tanh}}(s) &= 1 - h^{2}" in latex
    assert r"\theta'_{\mathrm{sigmoid}}(u) &= y\,(1 - y)" in latex


def test_thirty_doublings_are_summed_layer_by_layer():
    node = x = mg.Parameter(1.0, "x")
    for _ in range(30):
        node = node + node
    found = explain(x, node)
    assert (found.count, found.total, found.paths) == (2**30, 2.0**30, ())
    assert found.text.startswith(
        "∂#30/∂x: 1,073,741,824 paths from parameter x to unnamed + node\nToo many to list, so they are summed layer"
    )
    assert "layer 3:\n  δ(#27) = δ(#28) + δ(#28) = 4 + 4 = 8" in found.text
    assert found.text.endswith("∂#30/∂x = sum over all paths = 1.074e+09")
    assert r"\vdots" in found.latex


def test_paths_are_counted_up_to_a_number_that_can_be_read():
    node = x = mg.Parameter(1.0, "x")
    for _ in range(2_000):
        node = mg.tanh(node) + mg.sin(node)
    assert explain(x, node).count == 10**15
    assert "more than 1,000,000,000,000,000 paths" in explain(x, node).text


def test_a_network_with_too_many_paths():
    network = perceptron(3, 9, 9, 9, 2)
    weight = network.parameters[0]
    found = explain(weight, network)
    assert (found.count, found.paths) == (9 * 9 * 2, ())
    assert found.total == weight.delta
    assert found.text.count("\nlayer ") == 5  # two of neurons with 9, outputs, the hidden neuron, the weight
    assert len(found.paths) == 0
    assert len(explain(weight, network, limit=162).paths) == 162


def test_a_deep_chain_takes_a_few_lines():
    node = x = mg.Parameter(0.5, "x")
    for _ in range(20_000):
        node = mg.tanh(node)
    node.backward()
    found = explain(x, node)
    assert found.total == pytest.approx(x.delta, rel=1e-9)
    assert len(found.paths[0].nodes) == 20_001
    assert len(found.text.splitlines()) < 45
    assert len(found.equations) < 80


def test_a_node_with_many_children_and_one_with_many_parents():
    x = mg.Parameter(0.5, "x")
    children = [mg.tanh(x) for _ in range(300)]
    loss = mg.squared_error(children, [0.0] * 300, name="L")
    found = explain(x, loss)
    assert found.count == 300
    assert "δ(#1) + (1 − #2²)·δ(#2)" in found.text
    assert "… + (1 −" in found.text
    assert max(map(len, found.text.splitlines())) < 500


def test_a_batch():
    network = perceptron(2, 2, 1, batch=3)
    for weight in network.parameters:
        found = explain(weight, network)
        assert found.total == pytest.approx(weight.delta, rel=1e-12)
    x1 = explain("x1", network)
    np.testing.assert_allclose(x1.total, network.graph["x1"].delta, rtol=1e-12)
    assert "The loss is the mean over a batch of 3" in x1.text
    assert x1.latex


def test_layers_of_arrays():
    network = layered(3, 4, 2)
    for weight in network.parameters:
        found = explain(weight, network)
        np.testing.assert_allclose(found.total, weight.delta, rtol=1e-12)
        assert found.paths[0].derivatives == (None,) * len(found.paths[0].links)
    assert "is a matrix, which is not written out" in found.text
    assert r"\mathrm{array(4, 2)}" in explain("h2.W", network).latex


def test_digits():
    assert "= 0.00043856773" in explain("h1.w1", textbook(), digits=8).text
    assert explain("h1.w1", textbook(), digits=2).text.endswith("0.00067 − 0.00023 = 0.00044")


def test_a_point_where_python_raises():
    x = mg.Parameter(0.0, "x")
    assert explain(x, mg.sqrt(x)).total == np.inf
    assert "= inf" in explain(x, mg.sqrt(x)).text
    assert np.isnan(explain(x, mg.log(x) * x).total)


def test_a_product_is_not_written_as_minus_zero():
    a = mg.Parameter(-1.5, "a")
    assert "-0" not in explain(a, mg.relu(a, name="h") * -1.0).text
    assert "= -0" not in " ".join(mg.draw(mg.relu(a) * a, "explain", of="a").diagram.legend)


@pytest.mark.parametrize(
    ("node", "whole", "options", "error", "says"),
    [
        ("w9", textbook(), {}, GraphError, "no node of that name"),
        (mg.Parameter(1.0, "w"), textbook(), {}, GraphError, "parameter w: not in this graph"),
        (1.0, textbook(), {}, OperandError, "nothing to explain; found float 1.0, expected a node"),
        ("h1.w1", "graph", {}, OperandError, "nothing that has a graph; found str 'graph'"),
        ("h1.w1", textbook(), {"limit": -1}, SettingError, "found limit=-1, expected limit=0 or more"),
        ("h1.w1", textbook(), {"digits": 0}, SettingError, "found digits=0, expected 1 to 17"),
        ("x", mg.Graph([mg.Input("x"), mg.Input("z")]), {}, ShapeError, "δ starts at one scalar"),
    ],
)
def test_what_cannot_be_explained(node: Any, whole: Any, options: dict[str, Any], error: type[Exception], says: str):
    with pytest.raises(error, match=says):
        explain(node, whole, **options)


def pictured() -> list[tuple[str, str]]:
    """Lines of many derivations, with every kind of thing that a line can hold."""
    x = [mg.Input("x1", value=0.5), mg.Input("x2", value=-1.0)]
    s = mg.weighted_sum(
        x, [mg.Parameter(0.3, "w1"), mg.Parameter(-0.2, "权重 $100%_{b}#")], mg.Parameter(0.1), name="s"
    )
    h, k = mg.relu(s, name="h"), mg.gelu(abs(s) + mg.sqrt(s * s) / 3, name="a^b\\c")
    loss = mg.softmax_cross_entropy([h, k, mg.maximum(h, k)], [0.0, 1.0, 0.0], name="L")
    explanations = [
        explain("h1.w1", textbook()),
        explain("h1.w1", textbook(passes=False)),
        *(explain(node, loss) for node in mg.Graph(loss).parameters),
        explain("w1", loss, limit=0),
        explain("h2.W", layered(3, 4, 2)),
        explain("x1", perceptron(2, 2, 1, batch=3)),
    ]
    return [line for explanation in explanations for line in explanation.equations]


@pytest.mark.filterwarnings("ignore:Glyph .* missing from")  # what a font lacks is not the formula's fault
def test_matplotlib_can_set_the_derivations():
    mathtext = pytest.importorskip("matplotlib.mathtext", reason="matplotlib is not installed: pip install '.[plot]'")
    parser = mathtext.MathTextParser("path")
    for side in {side for line in pictured() for side in line} - {""}:
        parser.parse(f"${side}$")
