"""The passes over live nodes: what they store, and that they store all or nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

import minigrad as mg
from minigrad.core.interpreter import run_backward
from minigrad.core.passes import (
    backward_pass,
    clear_nodes,
    forward_pass,
    loss_derivative,
    seed_of,
    stored_values,
)
from minigrad.core.plan import make_plan
from minigrad.errors import PassError, ShapeError
from tests.graphs import Program, as_nodes, programs


def test_delta_arrays_belong_to_one_node_each() -> None:
    a, b = mg.Parameter([1.0, 2.0], "a"), mg.Parameter([3.0, 4.0], "b")
    total = mg.sum(a + b)
    total.backward()
    assert not np.shares_memory(a.delta, b.delta)
    np.testing.assert_array_equal([a.delta, b.delta], np.ones((2, 2)))


def test_the_start_of_delta_stays_the_callers_own() -> None:
    v = mg.Parameter([1.0, 2.0], "v")
    graph = mg.Graph(v * 1.0)
    start = np.array([1.0, 1.0])
    graph.backward({graph.outputs[0]: start})
    start[:] = 7.0
    np.testing.assert_array_equal(graph.outputs[0].delta, [1.0, 1.0])


def test_delta_starts_at_one_shared_evenly_over_a_batch() -> None:
    x = mg.Input("x", value=1.0)
    y = x * 2.0
    plan = make_plan([y])
    assert seed_of(plan) == {y: 1.0}
    forward_pass(plan, {x: np.array([1.0, 2.0, 3.0, 4.0]), y.parents[1]: 2.0}, {x})
    np.testing.assert_array_equal(seed_of(plan)[y], [0.25] * 4)
    with pytest.raises(ShapeError, match="found 1 more outputs"):
        seed_of(make_plan([x, y]))


def test_the_derivative_at_a_loss_is_one_or_its_share_of_a_batch() -> None:
    assert loss_derivative(3.0) == 1.0
    np.testing.assert_array_equal(loss_derivative(np.array([3.0, 5.0])), [0.5, 0.5])


def test_a_forward_pass_that_fails_stores_nothing() -> None:
    x, t = mg.Input("x", value=1.0), mg.Input("t", value=2.0)
    y = x * t
    y.backward()
    with pytest.raises(ValueError, match="broadcast"):
        forward_pass(make_plan([y]), {x: np.ones(2), t: np.ones(3)}, {x, t})
    assert [(node.value, node.delta) for node in (x, t, y)] == [(1.0, 2.0), (2.0, 1.0), (2.0, 1.0)]


def test_a_backward_pass_that_fails_stores_nothing() -> None:
    class Broken(type(mg.tanh)):
        def backward(self, xp, delta, y, s):
            raise RuntimeError("broken")

    a = mg.Parameter(1.0, "a")
    b = a * 2.0
    b.backward()
    with pytest.raises(RuntimeError, match="broken"):
        (Broken()(b) * a).backward()
    assert (a.delta, b.delta) == (2.0, 1.0)


@settings(deadline=None, max_examples=200)
@given(programs())
def test_delta_is_the_same_from_a_node_and_from_its_graph(program: Program) -> None:
    *_, root = as_nodes(program, [mg.Parameter(value) for value in program.leaves])
    plan = make_plan([root])
    deltas = run_backward(plan, stored_values(plan), {root: 1.0})
    root.backward()
    assert all(np.array_equal(node.delta, deltas.get(node, 0.0)) for node in plan.nodes)
    from_node = [node.delta for node in plan.nodes]
    mg.Graph(root).backward()
    assert all(np.array_equal(node.delta, delta) for node, delta in zip(plan.nodes, from_node, strict=True))


def test_nodes_without_influence_get_zero() -> None:
    a, b = mg.Parameter(3.0, "a"), mg.Parameter(1.0, "b")
    root = (a > b) * 2.0 + a
    root.backward()
    assert [node.delta for node in make_plan([root]).nodes] == [1.0, 0.0, 2.0, 1.0, 1.0, 1.0]


def test_a_value_that_is_missing_is_told_before_an_output_too_many() -> None:
    x = mg.Input("x")
    with pytest.raises(PassError, match="input x: no value yet"):
        backward_pass(make_plan([x * 2.0, x * 3.0]))
    x.value = 1.0
    with pytest.raises(ShapeError, match="found 1 more outputs"):
        backward_pass(make_plan([x * 2.0, x * 3.0]))
    same = x * 2.0
    with pytest.raises(ShapeError, match="found 1 more outputs"):
        backward_pass(make_plan([same, same]))


def test_values_of_a_plan_before_and_after() -> None:
    x, w = mg.Input("x"), mg.Parameter(2.0, "w")
    y = mg.weighted_sum([x], [w])
    plan = make_plan([y])
    with pytest.raises(PassError, match="input x: no value yet"):
        stored_values(plan)
    forward_pass(plan, {x: 3.0, w: 2.0, y.parents[2]: 0.0}, {x})
    assert stored_values(plan)[y] == 6.0
    assert len(stored_values(plan)) == len(plan.nodes) + 2  # the rows of x and of w


def test_a_pass_is_cleared() -> None:
    w = mg.Parameter(2.0, "w")
    y = w * w
    backward_pass(make_plan([y]))
    clear_nodes(make_plan([y]).nodes)
    assert (w.value, w.delta, y.value, y.delta) == (2.0, None, None, None)
