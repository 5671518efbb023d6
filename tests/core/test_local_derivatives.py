"""Local derivatives ∂child/∂parent and θ′(s), of numbers, batches and points where Python raises."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.core.local_derivatives import (
    LocalDerivatives,
    ParentEdge,
    activation_derivative,
    contributions,
    local_derivatives,
)
from minigrad.core.passes import stored_values


def test_each_parent_has_its_derivative_repeats_apart():
    a, b = mg.Parameter(3.0, "a"), mg.Parameter(2.0, "b")
    assert local_derivatives(a * b) == [2.0, 3.0]
    assert local_derivatives(a * a) == [3.0, 3.0]
    assert local_derivatives(mg.weighted_sum([a, b], [0.5, -1.0], 1.0)) == [0.5, -1.0, 3.0, 2.0, 1.0]
    assert local_derivatives(mg.greater(a, b)) == [0.0, 0.0]


def test_over_a_batch_it_is_the_mean():
    x, w = mg.Input("x"), mg.Parameter(2.0, "w")
    graph = mg.Graph(mg.tanh(x * w, name="h"))
    graph.forward({"x": np.array([0.1, 0.2, 0.6])})
    product = graph["h"].parents[0]
    assert local_derivatives(product) == pytest.approx([2.0, 0.3])
    assert local_derivatives(graph["h"]) == pytest.approx([np.mean(1 - graph["h"].value ** 2)])


def test_it_is_none_before_a_pass_and_for_arrays():
    x, v = mg.Input("x"), mg.Parameter([1.0, 2.0], "v")
    assert local_derivatives(mg.tanh(x)) == [None]
    assert local_derivatives(mg.sum(v)) == [None]
    assert local_derivatives(v) == []


def test_where_python_raises_numpy_answers():
    assert local_derivatives(mg.sqrt(mg.Parameter(0.0))) == [np.inf]
    assert local_derivatives(mg.log(mg.Parameter(0.0))) == [np.inf]


def test_contributions_are_derivatives_times_delta():
    a, b = mg.Parameter(3.0, "a"), mg.Parameter([1.0, 2.0], "b")
    node = mg.multiply(a, b)
    graph = mg.Graph(mg.sum(node))
    to_a, to_b = contributions(graph.plan, stored_values(graph.plan), node, np.array([1.0, 10.0]))
    assert to_a == 21.0
    np.testing.assert_array_equal(to_b, [3.0, 30.0])


def test_derivatives_along_edges_and_their_product():
    x = mg.Parameter(0.5, "x")
    s = mg.multiply(x, 3.0, name="s")
    graph = mg.Graph(mg.tanh(s, name="y"))
    derivatives = LocalDerivatives(graph.plan, stored_values(graph.plan))
    edges = [ParentEdge(s, 0), ParentEdge(graph["y"], 0)]
    known = [derivatives.of(edge) for edge in edges]
    assert known == pytest.approx([3.0, 1 - np.tanh(1.5) ** 2])
    assert [edge.parent for edge in edges] == [x, s]
    assert derivatives.product(known, edges, 1.0) == pytest.approx(3 * (1 - np.tanh(1.5) ** 2))
    assert LocalDerivatives(graph.plan, {}).of(edges[0]) is None


def test_the_derivative_of_an_activation():
    s = mg.Parameter(0.5, "s") * 1.0
    y = mg.sigmoid(s)
    assert activation_derivative(y, s, s.value, y.value) == pytest.approx(y.value * (1 - y.value))
    v = mg.Parameter([0.5, -1.0], "v")
    h = mg.tanh(v)
    assert activation_derivative(h, v, v.value[1], h.value[1]) == pytest.approx(1 - np.tanh(1.0) ** 2)
    joined = mg.softmax(mg.stack([s, s + 1]))
    assert activation_derivative(joined, s, s.value, joined.value[0]) is None
    assert activation_derivative(mg.tanh(mg.Input("x")), mg.Input("z"), None, None) is None
