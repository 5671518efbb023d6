"""Equations of δ in symbols."""

from __future__ import annotations

import minigrad as mg
from minigrad.explanation import explain
from minigrad.explanation.derivation import Derivation
from minigrad.explanation.paths import path_gradients
from minigrad.symbolic import text
from tests.drawing.networks import textbook


def test_an_activation_is_folded_into_the_delta_of_its_weighted_sum():
    graph = textbook()
    derivation = Derivation(path_gradients(graph["h1.w1"], graph, 64))
    nodes = derivation.without_folded(graph.nodes)
    assert graph["h1"] not in nodes and graph["h1.s"] in nodes
    theta, delta = derivation.equations(graph["h1.s"])
    assert (text(theta.left), text(theta.symbols)) == ("θ′(h1.s)", "h1·(1 − h1)")
    assert text(delta.symbols) == "θ′(h1.s)·(y1.w1·δ(y1.s) + y2.w1·δ(y2.s))"
    assert delta.value == graph["h1.s"].delta


def test_a_rule_over_a_large_array_stays_a_symbol():
    v = mg.Parameter([0.5] * 65, "v")
    graph = mg.Graph(mg.sum(v, name="y"))
    derivation = Derivation(path_gradients(v, graph, 64))
    assert derivation.value_equation(graph["y"]) is None
    assert text(derivation.derivative(derivation.path_graph.edges[v][0])) == "∂y/∂v"


def test_several_activations_are_told_apart():
    x = mg.Parameter(0.5, "x")
    h = mg.tanh(mg.multiply(x, 2.0, name="s"), name="h")
    latex = explain(x, mg.sigmoid(mg.multiply(h, 3.0, name="u"), name="y")).latex
    assert r"\theta'_{\mathrm{tanh}}(s) &= 1 - h^{2}" in latex
    assert r"\theta'_{\mathrm{sigmoid}}(u) &= y\,(1 - y)" in latex
