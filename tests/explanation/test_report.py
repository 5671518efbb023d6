"""What `explain` writes, as text and in LaTeX: what a person would write."""

from __future__ import annotations

import pytest

import minigrad as mg
from minigrad.errors import SettingError
from minigrad.explanation import explain
from tests.drawing.networks import layered, perceptron, textbook

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


def test_the_text_and_the_derivation_of_the_textbook():
    explanation = explain("h1.w1", textbook())
    assert str(explanation) == TEXT
    assert explanation.latex == LATEX
    assert explanation._repr_latex_() == f"$$\n{LATEX}\n$$"
    assert repr(explanation) == "<Explanation of ∂L/∂h1.w1, 2 paths; print it, or read .latex>"


def test_before_a_pass_there_are_symbols_and_dashes():
    explanation = explain("h1.w1", textbook(passes=False))
    assert explanation.total is None
    assert explanation.paths[0].derivatives == (None,) * 5
    assert "∂y1/∂y1.s    = y1·(1 − y1)                                = —" in explanation.text
    assert "product      = x1·h1·(1 − h1)·y1.w1·y1·(1 − y1)·(y1 − t1) = —" in explanation.text
    assert "  ∂h1.s/∂b1 = 1\n" in explain("b1", textbook(passes=False)).text  # known without a pass
    assert r"\theta'(s_{h_{1}}) &= h_{1}\,(1 - h_{1})" in explanation.latex
    assert not any(
        character.isdigit() for line in explanation.text.splitlines()[-1:] for character in line.split("=")[-1]
    )


def test_digits():
    assert "= 0.00043856773" in explain("h1.w1", textbook(), digits=8).text
    assert explain("h1.w1", textbook(), digits=2).text.endswith("0.00067 − 0.00023 = 0.00044")


def test_a_node_with_many_children_and_one_with_many_parents():
    x = mg.Parameter(0.5, "x")
    children = [mg.tanh(x) for _ in range(300)]
    loss = mg.squared_error(children, [0.0] * 300, name="L")
    explanation = explain(x, loss)
    assert explanation.count == 300
    assert "∂L/∂#1 + (1 − #2²)·∂L/∂#2" in explanation.text
    assert "… + (1 −" in explanation.text
    assert max(map(len, explanation.text.splitlines())) < 500


def test_unnamed_nodes_are_numbered_and_explained():
    a = mg.Parameter(2.0, "a")
    text = explain(a, mg.multiply(a + 1, a, name="c")).text
    assert "path 1: a → #2 → c" in text
    assert "∂c/∂#2  = a   = 2" in text
    assert "where\n  #2 = a + 1 = 2 + 1 = 3" in text


def test_thirty_doublings_are_summed_layer_by_layer():
    node = x = mg.Parameter(1.0, "x")
    for _ in range(30):
        node = node + node
    explanation = explain(x, node)
    assert (explanation.count, explanation.total, explanation.paths) == (2**30, 2.0**30, ())
    assert explanation.text.startswith(
        "∂#30/∂x: 1,073,741,824 paths from parameter x to unnamed + node\nToo many to list, so they are summed layer"
    )
    assert "layer 3:\n  ∂#30/∂#27 = ∂#30/∂#28 + ∂#30/∂#28 = 4 + 4 = 8" in explanation.text
    assert explanation.text.endswith("∂#30/∂x = sum over all paths = 1.074e+09")
    assert r"\vdots" in explanation.latex


def test_a_product_is_not_written_as_minus_zero():
    a = mg.Parameter(-1.5, "a")
    assert "-0" not in explain(a, mg.relu(a, name="h") * -1.0).text
    assert "= -0" not in " ".join(mg.draw(mg.relu(a) * a, "explain", of="a").diagram.legend)


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


def test_a_derivation_with_the_names_of_the_textbook():
    explanation = explain("h1.w2", textbook(), names="textbook")
    assert explanation.text.startswith(
        "∂L/∂w₂₁⁽¹⁾: 2 paths from parameter w₂₁⁽¹⁾ to loss L\n\npath 1: w₂₁⁽¹⁾ → s₁⁽¹⁾ → h₁ → s₁⁽²⁾ → ŷ₁ → L\n"
    )
    assert "\n  ∂h₁/∂s₁⁽¹⁾     = h₁·(1 − h₁)" in explanation.text
    assert explanation.latex.count(r"\delta_{1}^{(1)} &= \theta'(s_{1}^{(1)})\,") == 1
    assert r"(w_{11}^{(2)}\,\delta_{1}^{(2)} + w_{12}^{(2)}\,\delta_{2}^{(2)})" in explanation.latex
    assert r"\frac{\partial L}{\partial w_{21}^{(1)}} &= x_{2}\,\delta_{1}^{(1)} \\" in explanation.latex
    assert repr(explanation).startswith("<Explanation of ∂L/∂w₂₁⁽¹⁾, 2 paths")
    assert explanation.total == explain("h1.w2", textbook()).total


def test_powers_of_names_with_a_layer_stand_in_parentheses():
    x = mg.Input("x", value=0.5)
    for depth in (1, 2, 3):
        (x,) = mg.layer([x], 1, mg.tanh, f"h{depth}_", rng=depth)
    graph = mg.Graph(mg.squared_error([x], [1.0]))
    explanation = explain("h1_1.w1", graph, names="textbook")
    assert "∂h₁⁽²⁾/∂s₁⁽²⁾  = 1 − (h₁⁽²⁾)²" in explanation.text
    assert r"\theta'(s_{1}^{(2)}) &= 1 - (h_{1}^{(2)})^{2}" in explanation.latex


def test_elements_of_arrays_have_the_names_of_the_textbook():
    x, v, a = mg.Input("x", 2, value=[1.0, 2.0]), mg.Parameter([0.1, 0.2], "v"), mg.Parameter(0.5, "a")
    y = mg.tanh(mg.weighted_sum([a * mg.matmul(x, v)], [mg.Parameter(1.0, "w")]), name="y")
    graph = mg.Graph(mg.squared_error([y], [1.0]))
    graph.forward()
    text = explain("a", graph, names="textbook").text
    assert "path 1: a → #4 → s₁⁽¹⁾ → ŷ₁ → L" in text
    assert "where\n  #3 = x₁·v[1] + x₂·v[2] = 1·0.1 + 2·0.2 = 0.5" in text
    assert "path 1: W⁽¹⁾ → s⁽¹⁾ → h → s⁽²⁾ → ŷ → L" in explain("h1.W", layered(2, 3, 2), names="textbook").text


@pytest.mark.parametrize("names", ["latin", "", None, 3, ["own"]])
def test_other_names_are_refused(names):
    with pytest.raises(SettingError, match="names"):
        explain("h1.w1", textbook(), names=names)
