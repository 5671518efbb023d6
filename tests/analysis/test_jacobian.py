"""Jacobians and Hessians: against central differences and known formulas, their shapes, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import FeedError, GraphError, MinigradError, OperandError, ShapeError
from tests.analysis.test_gradient_graph import random_array_loss, random_scalar_loss


def differences(output: mg.Node, node: mg.Parameter, step: float = 1e-6) -> np.ndarray:
    """Return ∂output/∂node by central differences, of the shape of the output followed by that of the node."""
    graph, start = mg.Graph(output), np.array(node.value)
    columns = []
    for unit in np.eye(start.size).reshape(-1, *start.shape):
        ends = []
        for shift in (step, -step):
            node.value = start + shift * unit
            graph.forward()
            ends.append(np.array(output.value))
        columns.append((ends[0] - ends[1]) / (2 * step))
    node.value = start
    graph.forward()
    return np.stack(columns, axis=-1).reshape(output.shape + node.shape)


def outputs_of(kind: str) -> tuple[mg.Node, list[mg.Parameter]]:
    rng = np.random.default_rng(0)
    s, v, M = (mg.Parameter(rng.uniform(-1, 1, shape), name) for name, shape in (("s", ()), ("v", 3), ("M", (2, 3))))
    h = mg.tanh(M @ mg.expand_dims(v, axis=-1)) * s
    outputs = {"()": mg.sum(h * h), "(3,)": mg.softmax(v * s), "(2, 1)": h, "(2, 3)": M * v + s, "a leaf": v}
    return outputs[kind], [s, v, M]


@pytest.mark.parametrize("kind", ["()", "(3,)", "(2, 1)", "(2, 3)", "a leaf"])
def test_a_jacobian_is_that_of_central_differences(kind: str) -> None:
    output, parameters = outputs_of(kind)
    found = mg.jacobian(output, parameters)
    for node, J in zip(parameters, found, strict=True):
        assert np.shape(J) == output.shape + node.shape
        np.testing.assert_allclose(J, differences(output, node), rtol=1e-7, atol=1e-8)
        np.testing.assert_array_equal(mg.jacobian(output, node), J)


@pytest.mark.parametrize("make", [random_scalar_loss, random_array_loss])
@pytest.mark.parametrize("seed", range(10))
def test_the_jacobian_of_a_loss_is_its_gradient(make: Any, seed: int) -> None:
    graph = mg.Graph(make(seed))
    graph.backward()
    for node, J in zip(graph.parameters, mg.jacobian(graph), strict=True):
        np.testing.assert_allclose(J, node.grad, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("seed", range(10))
def test_a_hessian_is_symmetric_and_that_of_central_differences(seed: int) -> None:
    graph = mg.Graph(random_array_loss(seed, (mg.tanh, mg.sigmoid, mg.softplus, mg.sin)))
    H = mg.hessian(graph)
    gradients = mg.gradient_graph(graph).outputs
    for i, (row, delta) in enumerate(zip(H, gradients, strict=True)):
        for j, (block, node) in enumerate(zip(row, graph.parameters, strict=True)):
            assert np.shape(block) == delta.shape + node.shape
            split = delta.ndim
            turned = np.transpose(H[j][i], [*range(node.ndim, node.ndim + split), *range(node.ndim)])
            np.testing.assert_allclose(block, turned, rtol=1e-10, atol=1e-12)
            if node in mg.Graph(delta):
                np.testing.assert_allclose(block, differences(delta, node), rtol=1e-6, atol=1e-7)


def test_the_blocks_of_a_hessian_become_one_matrix() -> None:
    a, v = mg.Parameter(3.0, "a"), mg.Parameter([1.0, 2.0], "v")
    H, nodes = mg.hessian(a * a * mg.sum(v * v), [a, v]), [a, v]
    sizes = [np.size(node.value) for node in nodes]
    matrix = np.block([[np.reshape(H[i][j], (sizes[i], sizes[j])) for j in range(2)] for i in range(2)])
    np.testing.assert_allclose(matrix, [[10.0, 12.0, 24.0], [12.0, 18.0, 0.0], [24.0, 0.0, 18.0]])


def test_the_shape_of_the_answer_follows_what_is_asked() -> None:
    a, b = mg.Parameter(2.0, "a"), mg.Parameter([1.0, 3.0], "b")
    y, z = a * b, a * a
    assert type(mg.jacobian(z, a)) is float
    assert mg.jacobian(z, "a") == 4.0
    assert mg.jacobian(z) == (4.0,)
    assert mg.jacobian([z], [a]) == ((4.0,),)
    assert mg.jacobian([z], a) == (4.0,)
    assert [J.shape for J in mg.jacobian(y, [a, "b"])] == [(2,), (2, 2)]
    several = mg.jacobian(mg.Graph([y, z]), [a, b])
    assert [[np.shape(J) for J in row] for row in several] == [[(2,), (2, 2)], [(), (2,)]]
    assert type(mg.hessian(z, a)) is float
    assert mg.hessian(z) == ((2.0,),)
    assert mg.hessian(z, [a]) == ((2.0,),)


def test_no_influence_is_0_of_the_right_shape() -> None:
    a, z = mg.Parameter([1.0, 2.0], "a"), mg.Parameter(np.ones((2, 2)), "z")
    np.testing.assert_array_equal(mg.jacobian(a * 2.0, z), np.zeros((2, 2, 2)))
    np.testing.assert_array_equal(mg.hessian(mg.sum(a * 2.0), a), np.zeros((2, 2)))
    H = mg.hessian(mg.sum(a * a), [a, z])
    np.testing.assert_array_equal(H[0][1], np.zeros((2, 2, 2)))
    np.testing.assert_array_equal(H[1][1], np.zeros((2, 2, 2, 2)))
    np.testing.assert_array_equal(mg.hessian(mg.sum(a**0), a), np.zeros((2, 2)))


def test_nodes_between_can_be_asked_for() -> None:
    a = mg.Parameter([0.5, -0.5], "a")
    h = mg.tanh(a, name="h")
    np.testing.assert_allclose(mg.jacobian(mg.sum(h * h), h), 2 * h.value)
    np.testing.assert_allclose(mg.hessian(mg.sum(h * h * h), h), np.diag(6 * h.value))


def test_feeds_say_where_and_leave_the_nodes_alone() -> None:
    x, w = mg.Input("x"), mg.Parameter(3.0, "w")
    graph = mg.Graph(mg.sin(w * x))
    graph.forward({x: 0.5})
    graph.backward()
    before = [(node.value, node.delta) for node in graph.nodes]
    assert mg.jacobian(graph, w, {"x": 2.0}) == pytest.approx(2 * np.cos(6.0))
    assert mg.hessian(graph, w, {x: 2.0}) == pytest.approx(-4 * np.sin(6.0))
    assert [(node.value, node.delta) for node in graph.nodes] == before
    graph.forward({x: [1.0, 2.0]})
    assert mg.jacobian(graph, w, {x: 0.5}) == pytest.approx(0.5 * np.cos(1.5))


def test_numbers_follow_an_assignment_at_once() -> None:
    w = mg.Parameter(3.0, "w")
    y = w * w * w
    w.value = 2.0
    assert (mg.jacobian(y, w), mg.hessian(y, w)) == (12.0, 12.0)


def test_the_arrays_are_the_callers() -> None:
    v = mg.Parameter([1.0, 2.0], "v")
    y = v * 1.0
    J = mg.jacobian(y, v)
    J[...] = 7.0
    np.testing.assert_array_equal(mg.jacobian(y, v), np.eye(2))
    np.testing.assert_array_equal(v.value, [1.0, 2.0])


def test_a_jacobian_of_many_rows_takes_one_pass() -> None:
    calls = []

    class Counted(type(mg.tanh)):  # without a label of its own
        def backward(self, xp: Any, delta: Any, y: Any, s: Any) -> Any:
            calls.append(delta.shape)
            return (delta * (1 - y * y),)

    v = mg.Parameter(np.linspace(-1, 1, 50), "v")
    np.testing.assert_allclose(mg.jacobian(Counted()(v), v), np.diag(1 - np.tanh(v.value) ** 2))
    assert calls == [(50, 50)]


def batched() -> tuple[mg.Graph, mg.Input]:
    x = mg.Input("x")
    graph = mg.Graph(x * mg.Parameter(3.0, "w"))
    graph.forward({x: [1.0, 2.0]})
    return graph, x


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: mg.jacobian(batched()[0]),
            ShapeError,
            "input x: a Jacobian of a batch; found 2 samples, expected one",
        ),
        (lambda: mg.hessian(batched()[0]), ShapeError, "input x: a Jacobian of a batch"),
        (lambda: mg.jacobian(batched()[0], feeds={"x": [1.0]}), ShapeError, "a Jacobian of a batch; found 1 samples"),
        (lambda: mg.jacobian(mg.Input("x") * mg.Parameter(1.0, "w")), FeedError, "input x: no value fed"),
        (lambda: mg.jacobian(batched()[0], "z"), GraphError, "no node of that name; found 'z'"),
        (lambda: mg.jacobian(batched()[0], []), GraphError, "nothing to differentiate with respect to"),
        (lambda: mg.jacobian(batched()[0], [1.0]), OperandError, "not a node; found float 1.0"),
        (lambda: mg.jacobian("y"), OperandError, "no graph; found str 'y'"),
        (lambda: mg.hessian(mg.Parameter([1.0, 2.0], "v") * 2.0), ShapeError, "the backward pass starts at one scalar"),
    ],
)
def test_what_has_no_jacobian_is_refused_by_name(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        call()
    assert isinstance(caught.value, MinigradError)


@pytest.mark.parametrize("wrt", [0, 1.5, [1], np.array([1.0])])
def test_what_is_neither_a_node_nor_a_name_is_refused(wrt):
    with pytest.raises(OperandError, match="node"):
        mg.jacobian(mg.Parameter(2.0, "x") * 3.0, wrt)
