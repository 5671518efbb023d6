"""The two passes as pure functions: numbers or arrays, from leaves to values, from seeds to δ."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.core import interpreter
from minigrad.core.plan import Stacked, make_plan


def small() -> tuple[mg.Node, mg.Node, mg.Node, mg.Node]:
    x, w, b = mg.Input("x"), mg.Parameter(0.5, "w"), mg.Parameter(-0.25, "b")
    return x, w, b, mg.tanh(mg.weighted_sum([x, w], [w, x], b)) / x


def test_the_passes_touch_no_node() -> None:
    x, w, _, y = small()
    plan = make_plan([y])
    leaves = {node: node.value for node in plan.nodes if node.op is None} | {x: 2.0}
    values = interpreter.run_forward(plan, leaves, numbers=True)
    deltas = interpreter.run_backward(plan, values, {y: 1.0}, numbers=True)
    assert len(leaves) == 3
    assert values[y] == pytest.approx(np.tanh(1.75) / 2)
    assert deltas[w] == pytest.approx(2 * (1 - np.tanh(1.75) ** 2))
    assert (x.value, y.value, w.delta, y.delta) == (None,) * 4


def test_numbers_and_arrays_are_two_readings_of_the_same() -> None:
    x, w, b, y = small()
    plan = make_plan([y])
    leaves = {w: 0.5, b: -0.25, x: 2.0}
    numbers = interpreter.run_forward(plan, leaves, numbers=True)
    arrays = interpreter.run_forward(plan, {node: np.array([value, value]) for node, value in leaves.items()})
    number_deltas = interpreter.run_backward(plan, numbers, {y: 1.0}, numbers=True)
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
    values = interpreter.run_forward(plan, leaves, numbers=True)
    assert {type(value) for value in values.values()} == {float}
    assert np.isnan(values[y])
    assert np.isnan(interpreter.run_backward(plan, values, {y: 1.0}, numbers=True)[zero])


def test_the_value_of_an_op_of_plain_numbers() -> None:
    a, b, c = "abc"
    values = {a: 3.0, b: 2.0, c: 0.0}.__getitem__
    assert interpreter.number_of(mg.tanh, (a,), values) == np.tanh(3.0)
    assert interpreter.number_of(mg.subtract, (a, b), values) == 1.0
    assert interpreter.number_of(mg.where, (c, a, b), values) == 2.0
    assert interpreter.number_of(mg.divide, (a, c), values) is None  # Python raises
    for other in (np.ones(1), None):
        mixed = {a: 3.0, b: other}.__getitem__
        assert interpreter.number_of(mg.tanh, (b,), mixed) is None
        assert interpreter.number_of(mg.maximum, (a, b), mixed) is None
        assert interpreter.number_of(mg.where, (a, b, a), mixed) is None


def test_what_is_not_made_of_one_or_two_numbers_is_left_over_in_its_turn() -> None:
    a, b = mg.Parameter(2.0, "a"), mg.Parameter(3.0, "b")
    product = a * b
    pole = mg.log(product * 0.0)
    chosen = mg.where(1.0, product, pole)
    root = chosen + product
    plan = make_plan([root])
    values = {node: node.value for node in plan.nodes}
    deltas = {root: 1.0}
    left = interpreter.left_over(reversed(plan.nodes), deltas, values.__getitem__)
    assert next(left) is chosen
    assert deltas == {root: 1.0, chosen: 1.0, product: 1.0}
    deltas[pole] = 1.0
    assert next(left) is pole  # 1/0 raises
    assert list(left) == []
    assert (deltas[a], deltas[b]) == (3.0, 2.0)


def test_stacks_of_numbers_are_rows() -> None:
    *_, y = small()
    plan = make_plan([y])
    leaves = {node: 2.0 for node in plan.nodes if node.op is None}
    values = interpreter.run_forward(plan, leaves, numbers=True)
    rows = [values[step] for step in plan.steps if isinstance(step, Stacked)]
    assert [row.tolist() for row in rows] == [[2.0, 2.0], [2.0, 2.0]]


def test_the_state_of_numpy_warnings_is_restored() -> None:
    before = np.geterr()
    mg.sum(mg.log(mg.Parameter([0.0, 1.0]))).backward()
    assert np.geterr() == before
