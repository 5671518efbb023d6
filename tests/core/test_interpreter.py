"""The two passes as pure functions: numbers or arrays, from leaves to values, from seeds to δ."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops
from minigrad.core import interpreter
from minigrad.core.plan import Stacked, make_plan
from minigrad.errors import OpError


def small() -> tuple[mg.Node, mg.Node, mg.Node, mg.Node]:
    x, w, b = mg.Input("x"), mg.Parameter(0.5, "w"), mg.Parameter(-0.25, "b")
    return x, w, b, mg.tanh(mg.weighted_sum([x, w], [w, x], b)) / x


def test_the_passes_touch_no_node() -> None:
    x, w, _, y = small()
    plan = make_plan([y])
    leaves = {node: node.value for node in plan.nodes if node.op is None} | {x: 2.0}
    values = interpreter.run_forward(plan, leaves)
    deltas = interpreter.run_backward(plan, values, {y: 1.0})
    assert len(leaves) == 3
    assert values[y] == pytest.approx(np.tanh(1.75) / 2)
    assert deltas[w] == pytest.approx(2 * (1 - np.tanh(1.75) ** 2))
    assert (x.value, y.value, w.delta, y.delta) == (None,) * 4


def test_numbers_and_arrays_are_two_readings_of_the_same() -> None:
    x, w, b, y = small()
    plan = make_plan([y])
    leaves = {w: 0.5, b: -0.25, x: 2.0}
    numbers = interpreter.run_forward(plan, leaves)
    arrays = interpreter.run_forward(plan, {node: np.array([value, value]) for node, value in leaves.items()})
    number_deltas = interpreter.run_backward(plan, numbers, {y: 1.0})
    array_deltas = interpreter.run_backward(plan, arrays, {y: np.ones(2)})
    for node in plan.nodes:
        assert type(numbers[node]) is float
        assert arrays[node].tolist() == pytest.approx([numbers[node]] * 2, rel=1e-14)
        assert array_deltas[node].tolist() == pytest.approx([number_deltas[node]] * 2, rel=1e-14)


def test_a_node_without_influence_has_no_delta_here() -> None:
    a, b = mg.Parameter(1.0), mg.Parameter(2.0)
    chosen, other = mg.where(1.0, a, b), a * b
    plan = make_plan([chosen, other])
    values = interpreter.run_forward(plan, {node: node.value for node in plan.nodes if node.op is None})
    deltas = interpreter.run_backward(plan, values, {chosen: np.float64(1.0)})
    assert other not in deltas
    assert deltas[a] == 1.0


def test_an_array_delta_that_two_operands_share_is_not_changed_in_place() -> None:
    v = mg.Parameter([1.0, 2.0], "v")
    doubled = v + v
    again = doubled + v
    graph = mg.Graph(again)
    seed = np.array([1.0, 10.0])
    deltas = interpreter.run_backward(graph.plan, {node: node.value for node in graph.nodes}, {again: seed})
    np.testing.assert_array_equal(deltas[v], [3.0, 30.0])
    np.testing.assert_array_equal(deltas[doubled], [1.0, 10.0])
    np.testing.assert_array_equal(seed, [1.0, 10.0])


def test_where_python_raises_the_rule_is_read_with_numpy() -> None:
    zero = mg.Input("zero")
    y = mg.log(zero) + 1 / zero
    plan = make_plan([y])
    leaves = {node: node.value for node in plan.nodes if node.op is None} | {zero: 0.0}
    values = interpreter.run_forward(plan, leaves)
    assert {type(value) for value in values.values()} == {float}
    assert np.isnan(values[y])
    assert np.isnan(interpreter.run_backward(plan, values, {y: 1.0})[zero])


def test_the_value_of_an_op_of_plain_numbers() -> None:
    a, b, c = "abc"
    values = {a: 3.0, b: 2.0, c: 0.0}.__getitem__
    assert interpreter.float_value(mg.tanh, (a,), values) == np.tanh(3.0)
    assert interpreter.float_value(mg.subtract, (a, b), values) == 1.0
    assert interpreter.float_value(mg.where, (c, a, b), values) == 2.0
    assert interpreter.float_value(mg.divide, (a, c), values) is None  # Python raises
    for other in (np.ones(1), None):
        mixed = {a: 3.0, b: other}.__getitem__
        assert interpreter.float_value(mg.tanh, (b,), mixed) is None
        assert interpreter.float_value(mg.maximum, (a, b), mixed) is None
        assert interpreter.float_value(mg.where, (a, b, a), mixed) is None


def test_delta_goes_on_where_python_raises_in_the_middle_of_plain_numbers() -> None:
    a, b = mg.Parameter(2.0, "a"), mg.Parameter(3.0, "b")
    root = mg.log(a - 2.0) + b  # 1/0 raises
    plan = make_plan([root])
    deltas = interpreter.run_backward(plan, {node: node.value for node in plan.nodes}, {root: 1.0})
    assert (deltas[a], deltas[b]) == (np.inf, 1.0)


def test_a_delta_may_be_replaced_once_it_is_complete() -> None:
    a = mg.Parameter(2.0, "a")
    square = a * a
    root = square + square
    plan, seen = make_plan([root]), []

    def finish(node: mg.Node, delta: float) -> float:
        seen.append((node, delta))
        return 10.0 * delta

    deltas = interpreter.run_backward(plan, {node: node.value for node in plan.nodes}, {root: 1.0}, finish=finish)
    assert seen == [(root, 1.0), (square, 20.0)]
    assert deltas[a] == 800.0


def test_what_one_node_contributes_to_each_operand() -> None:
    a = mg.Parameter(3.0, "a")
    assert interpreter.backward_terms(mg.multiply, (a, a), 2.0, 9.0, (3.0, 3.0)) == (6.0, 6.0)
    with np.errstate(all="ignore"):
        assert interpreter.backward_terms(mg.log, (a,), 1.0, -np.inf, (0.0,)) == [np.inf]


def test_stacks_of_numbers_are_rows() -> None:
    *_, y = small()
    plan = make_plan([y])
    leaves = {node: 2.0 for node in plan.nodes if node.op is None}
    values = interpreter.run_forward(plan, leaves)
    rows = [values[step] for step in plan.steps if isinstance(step, Stacked)]
    assert [row.tolist() for row in rows] == [[2.0, 2.0], [2.0, 2.0]]


def test_the_state_of_numpy_warnings_is_restored() -> None:
    before = np.geterr()
    mg.sum(mg.log(mg.Parameter([0.0, 1.0]))).backward()
    assert np.geterr() == before


def test_operands_with_a_batch_axis_are_lined_up_by_trailing_axes() -> None:
    vectors, matrix = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(4, 3)
    y = interpreter.apply_forward(np, ops.add, [vectors, matrix], [(3,), (4, 3)])
    assert y.shape == (2, 4, 3)
    np.testing.assert_array_equal(y[1], vectors[1] + matrix)
    to_vectors, to_matrix = interpreter.apply_backward(
        np, ops.add, np.ones_like(y), y, [vectors, matrix], [(3,), (4, 3)]
    )
    np.testing.assert_array_equal(to_vectors, np.full((2, 3), 4.0))
    np.testing.assert_array_equal(to_matrix, np.full((4, 3), 2.0))


def test_python_floats_are_read_as_numpy_reads_them() -> None:
    with np.errstate(all="ignore"):
        y = interpreter.apply_forward(np, ops.divide, [1.0, 0.0], [(), ()])
        assert y == np.inf
        assert interpreter.apply_backward(np, ops.log, 1.0, -np.inf, [0.0], [()]) == [np.inf]


def test_no_influence_is_none() -> None:
    assert interpreter.apply_backward(np, ops.greater, 1.0, 1.0, [2.0, 1.0], [(), ()]) == [None, None]


def test_a_rule_that_forgets_an_operand_is_noticed() -> None:
    class Forgetful(type(ops.add)):
        def backward(self, xp, delta, y, a, b):
            return (delta,)

    with pytest.raises(OpError, match=r"rule of \+ do not fit its operands; found 1, expected a tuple of 2"):
        interpreter.apply_backward(np, Forgetful(), 1.0, 3.0, [1.0, 2.0], [(), ()])
