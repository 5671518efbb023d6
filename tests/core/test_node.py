"""Nodes: what they know, how they are made, how they read, and what they refuse."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.core.interpreter import run_forward
from minigrad.core.node import evaluated
from minigrad.core.plan import make_plan
from minigrad.errors import MinigradError, OperandError, PassError, ShapeError
from minigrad.ops.base import Elementwise
from tests.laws import OPS


def test_a_node_knows_its_parents_in_order_and_keeps_repeats() -> None:
    a, b = mg.Parameter(2.0, "a"), mg.Parameter(3.0, "b")
    assert (a - b).parents == (a, b)
    assert (b - a).parents == (b, a)
    assert (a * a).parents == (a, a)
    total = mg.weighted_sum([a, b], [b, a], a)
    assert total.parents == (a, b, b, a, a)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda a: mg.Input("x"), "input"),
        (lambda a: a, "parameter"),
        (lambda a: mg.Constant(1.0), "constant"),
        (lambda a: a + 1, "arithmetic"),
        (lambda a: a > 1, "comparison"),
        (mg.tanh, "activation"),
        (lambda a: mg.softmax([a, a]), "activation"),
        (lambda a: mg.weighted_sum([a], [a], a), "weighted sum"),
        (lambda a: mg.squared_error(a, 1.0), "loss"),
        (lambda a: mg.stack([a, a]), "array"),
    ],
)
def test_the_kind_of_a_node(make: Any, kind: str) -> None:
    assert make(mg.Parameter(2.0, "a")).kind == kind


def test_value_and_delta_are_none_before_a_pass() -> None:
    x, w = mg.Input("x"), mg.Parameter(2.0, "w")
    y = x * w
    assert (x.value, y.value) == (None, None)
    assert (x.delta, w.delta, y.delta, y.grad) == (None,) * 4
    assert repr(y) == "<unnamed × node = ×(x, w), value —, delta —>"
    with pytest.raises(PassError, match="input x: no value yet"):
        y.backward()


def test_nodes_are_evaluated_as_they_are_built() -> None:
    x = mg.Input("x", value=3.0)
    y = mg.tanh(x * 2.0)
    assert y.value == np.tanh(6.0)
    assert type(y.value) is float


EDGES = (0.0, -0.0, 0.5, -2.0, 3.0, 1e-320, 1e308, -1e308, np.inf, -np.inf, np.nan)
"""Numbers at which Python raises, rounds to 0, or has no answer."""


@pytest.mark.parametrize("label", [label for label, op in OPS.items() if issubclass(op, Elementwise) and op.arity < 3])
def test_an_op_of_nodes_and_numbers_gives_what_a_pass_gives(label: str) -> None:
    for op in OPS[label].instances():
        for numbers in product(EDGES, repeat=op.arity):
            leaves = [mg.Parameter(number) for number in numbers]
            plan = make_plan([evaluated(op, tuple(leaves), None)])
            value = run_forward(plan, {leaf: leaf.value for leaf in leaves})[plan.roots[0]]
            built = op(*leaves)
            assert (type(built.value), repr(built.value), built.shape) == (float, repr(value), ())
            assert (built.op, built.parents, built.name, built.delta) == (op, tuple(leaves), None, None)
            for position in range(op.arity - 1):
                mixed = [number if index == position else leaves[index] for index, number in enumerate(numbers)]
                assert repr(op(*mixed).value) == repr(value)
                constant = op(*mixed).parents[position]
                assert (type(constant), repr(constant.value)) == (mg.Constant, repr(numbers[position]))


def test_an_op_of_one_number_refuses_a_list() -> None:
    with pytest.raises(OperandError, match="not a number"):
        mg.tanh([mg.Parameter(0.5)])  # type: ignore[list-item]


def test_a_parameter_of_a_users_class_is_one() -> None:
    class Weight(mg.Parameter):
        def __init__(self, value: float) -> None:
            super().__init__(value, "w")
            self.steps = 0

    w = Weight(2.0)
    y = w * 3.0 + w
    y.backward()
    assert (w.name, w.value, w.grad, w.trainable, y.value) == ("w", 2.0, 4.0, True, 8.0)


def test_backward_on_any_node() -> None:
    a = mg.Parameter(2.0, "a")
    square = a * a
    cube = square * a
    cube.backward()
    assert (a.delta, a.grad, square.delta, cube.delta) == (12.0, 12.0, 2.0, 1.0)
    square.backward()
    assert (a.delta, square.delta) == (4.0, 1.0)
    a.backward()
    assert a.delta == 1.0


def test_a_diamond() -> None:
    a = mg.Parameter(0.5, "a")
    left, right = mg.tanh(a), mg.exp(a)
    (left * right).backward()
    assert a.delta == pytest.approx((1 - np.tanh(0.5) ** 2) * np.exp(0.5) + np.tanh(0.5) * np.exp(0.5))


def test_a_repeated_parent() -> None:
    a = mg.Parameter(3.0, "a")
    (a * a).backward()
    assert a.delta == 6.0
    (a + a).backward()
    assert a.delta == 2.0
    (a - a).backward()
    assert a.delta == 0.0
    mg.maximum(a, a).backward()
    assert a.delta == 1.0
    mg.squared_error([a, a], [a, 1.0]).backward()
    assert a.delta == 2.0


def test_a_node_without_influence_has_delta_zero() -> None:
    a, flag, rows = mg.Parameter(3.0, "a"), mg.Parameter(1.0, "flag"), mg.Parameter([1.0, 2.0], "rows")
    chosen = mg.where(flag, a, mg.sum(rows))
    chosen.backward()
    assert (a.delta, flag.delta) == (1.0, 0.0)
    np.testing.assert_array_equal(rows.delta, [0.0, 0.0])
    assert type(flag.delta) is float


def test_delta_of_an_array_node_starts_nowhere() -> None:
    with pytest.raises(ShapeError, match=r"the backward pass starts at one scalar; found shape \(2,\)\. Sum up"):
        (mg.Parameter([1.0, 2.0], "v") * 2).backward()


def test_scalar_values_and_deltas_are_plain_floats() -> None:
    a = mg.Parameter(np.float64(2.0), "a")
    y = mg.sum(mg.stack([a, a * np.float32(3.0), a + np.int64(1)])) * 1
    y.backward()
    graph = mg.Graph(y)
    assert {type(node.value) for node in graph.nodes if not node.shape} == {float}
    assert {type(node.delta) for node in graph.nodes if not node.shape} == {float}


def test_scalars_stay_plain_floats_beside_a_batch() -> None:
    x, w, flag = mg.Input("x"), mg.Parameter(2.0, "w"), mg.Parameter(1.0, "flag")
    graph = mg.Graph(mg.where(flag, x * (w * w), 0.0))
    graph.forward({x: [1.0, 2.0, 3.0]})
    graph.backward()
    square = graph.outputs[0].parents[1].parents[1]
    assert (square.value, w.delta, flag.delta) == (4.0, 8.0, 0.0)
    assert {type(item) for item in (square.value, square.delta, w.value, w.delta, flag.delta)} == {float}


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (mg.Parameter(0.123456, "w"), "<parameter w, value 0.1235, delta —>"),
        (mg.Parameter(1e-9), "<unnamed parameter node, value 1e-09, delta —>"),
        (mg.Input("x", (2, 3)), "<input x of shape (2, 3), value —, delta —>"),
        (mg.Constant(2.5) + mg.Parameter(1.0, "b"), "<unnamed + node = +(2.5, b), value 3.5, delta —>"),
        (mg.tanh(mg.Parameter(0.0, "s"), name="y"), "<activation y = tanh(s), value 0, delta —>"),
    ],
)
def test_repr(node: mg.Node, text: str) -> None:
    assert repr(node) == text


def test_repr_of_a_node_of_many_parents_is_short() -> None:
    total = mg.weighted_sum([mg.Parameter(0.0, f"x{k}") for k in range(999)], [0.0] * 999)
    assert len(repr(total)) < 120
    assert "…" in repr(total)


def test_nodes_are_keys_and_equal_only_themselves() -> None:
    a, b = mg.Parameter(1.0), mg.Parameter(1.0)
    assert a != b
    assert len({a: 1, b: 2, a * b: 3}) == 3


def test_comparisons_make_nodes_and_nodes_are_not_truth_values() -> None:
    a = mg.Parameter(1.0, "a")
    assert [(a > 0.5).value, (a < 0.5).value, (a > 0.5).value] == [1.0, 0.0, 1.0]
    with pytest.raises(OperandError, match=r"a node is not true or false\. Compare node\.value"):
        bool(a > 0.5)


def test_a_vector_is_a_sequence_and_a_scalar_is_not() -> None:
    v = mg.Parameter([1.0, 2.0, 3.0], "v")
    first, *_, last = v
    assert (len(v), first.value, last.value) == (3, 1.0, 3.0)
    with pytest.raises(OperandError, match="a scalar node has no length"):
        len(mg.Parameter(1.0))


def test_scopes_nest_and_end_with_their_block() -> None:
    with mg.scope("net"):
        with mg.scope("layer1"):
            w = mg.Parameter(1.0, "w")
            s = mg.tanh(w, name="s")
        with pytest.raises(RuntimeError), mg.scope("layer2"):
            raise RuntimeError
        b = mg.Input("b")
    assert (w.name, s.name, b.name, mg.Parameter(1.0, "w").name) == ("net/layer1/w", "net/layer1/s", "net/b", "w")
    assert mg.tanh(w).name is None


@pytest.mark.parametrize(
    "value", ["3", "three", b"3", None, 1j, [None, 1.0], ["1", "2"], np.array([1j]), [[1.0], [2.0, 3.0]], object(), {}]
)
def test_what_is_not_a_number_is_no_value(value: Any) -> None:
    w = mg.Parameter(1.0, "w")
    for make in (mg.Parameter, mg.Constant):
        with pytest.raises(OperandError, match=r"v: not a number; found .*, expected a number or an array of numbers"):
            make(value, "v")
    with pytest.raises(OperandError, match="parameter w: not a number"):
        w.value = value
    assert w.value == 1.0
    with pytest.raises(OperandError, match="not a number"):
        _ = w + value


@pytest.mark.parametrize(
    "value", [3, True, np.float32(3), np.int8(3), 10**20, np.array(3), [1, 2], (1.0, 2.0), range(3)]
)
def test_numbers_of_every_kind_become_float64(value: Any) -> None:
    found = mg.Parameter(value).value
    assert type(found) is float or found.dtype == np.float64
    np.testing.assert_array_equal(found, np.asarray(value, dtype=np.float64))


def test_a_parameter_keeps_a_copy_of_its_array() -> None:
    mine = np.ones(3)
    w = mg.Parameter(mine, "w")
    mine[:] = 7.0
    np.testing.assert_array_equal(w.value, np.ones(3))


@pytest.mark.parametrize("value", [1.0, [1.0, 2.0], np.ones((1, 3))])
def test_a_value_of_another_shape_is_refused_and_the_old_one_stays(value: Any) -> None:
    w = mg.Parameter([1.0, 2.0, 3.0], "w")
    with pytest.raises(ShapeError, match=r"parameter w: a value of another shape; found \(.*\), expected \(3,\)"):
        w.value = value
    np.testing.assert_array_equal(w.value, [1.0, 2.0, 3.0])


def test_computed_and_constant_values_are_not_assigned() -> None:
    a = mg.Parameter(1.0)
    for node in (a + 1, mg.Constant(1.0)):
        with pytest.raises(AttributeError):
            node.value = 2.0


@pytest.mark.parametrize("shape", [0, -1, (2, 0)])
def test_a_shape_without_elements_is_refused(shape: Any) -> None:
    with pytest.raises(ShapeError, match="x: a shape without elements"):
        mg.Input("x", shape)


def test_sizes_and_axes_may_be_integers_of_numpy() -> None:
    two, rows = np.int64(2), mg.Parameter(np.ones((2, 3)))
    assert mg.Input("x", two).shape == mg.Input("x", (two,)).shape == mg.Input("x", [2]).shape == (2,)
    assert {type(size) for size in mg.Input("x", (two, two)).shape} == {int}
    assert mg.sum(rows, axis=np.int64(0)).shape == (3,)
    assert mg.reshape(rows, np.int64(6)).shape == (6,)
    assert mg.expand_dims(rows, np.int64(-1)).shape == (2, 3, 1)


def test_a_name_is_text() -> None:
    with pytest.raises(OperandError, match="a name that is not text; found 3, expected a string"):
        mg.Input(3)  # type: ignore[arg-type]
    with pytest.raises(OperandError, match="a name that is not text"):
        mg.tanh(mg.Parameter(1.0), name=1)


x, w, v, m = mg.Input("x"), mg.Parameter(1.0, "w"), mg.Parameter(np.ones(3), "v"), mg.Parameter(np.ones((2, 3)), "m")


@pytest.mark.parametrize(
    ("build", "what"),
    [
        (lambda: mg.weighted_sum([x, w], [w]), "found 2 and 1, expected equal counts"),
        (lambda: mg.weighted_sum([], [], w), "found 0 and 0"),
        (lambda: mg.weighted_sum(v, [w, w], w), "do not fit"),
        (lambda: mg.weighted_sum([x, w], np.ones(3)), "found 2 and 3, expected equal counts"),
        (lambda: mg.weighted_sum(np.ones(3), iter([x, w])), "found 3 and 2, expected equal counts"),
        (lambda: mg.weighted_sum(iter([x, w]), 2.0), "found 2 and 1, expected equal counts"),
        (lambda: mg.weighted_sum([], np.ones(3)), "do not fit"),
        (lambda: mg.squared_error([x, w], np.ones(1)), "found 2 and 1, expected equal counts"),
        (lambda: mg.squared_error([x, w], [w]), "found 2 and 1, expected equal counts"),
        (lambda: mg.squared_error(v, [1.0, 0.0]), "as many targets as outputs"),
        (lambda: mg.binary_cross_entropy(v, [1.0]), "as many targets as outputs"),
        (lambda: v + np.ones(4), r"the operands of \+ do not fit; found v \(3,\), constant \(4,\)"),
        (lambda: m @ m, "the operands of @ do not fit"),
        (lambda: w @ v, "a matrix product with a scalar"),
        (lambda: mg.affine(v, np.ones((2, 2)), np.zeros(2)), "the operands of xW"),
        (lambda: mg.affine(v, np.ones((3, 2)), np.zeros(3)), "the operands of xW"),
        (lambda: mg.affine(v, np.ones((3, 2)), np.zeros((4, 2))), "does not broadcast"),
        (lambda: mg.reshape(v, (2, 2)), "the elements do not fit the new shape"),
        (lambda: mg.reshape(m, (4, -1)), "the elements do not fit the new shape"),
        (lambda: mg.broadcast_to(m, (3,)), "does not broadcast to"),
        (lambda: mg.sum(m, axis=2), "an axis does not exist"),
        (lambda: mg.sum(m, axis=(0, -2)), "named twice"),
        (lambda: mg.expand_dims(m, 4), "an axis does not exist"),
        (lambda: mg.squeeze(m, 0), "the elements do not fit"),
        (lambda: mg.permute_dims(m, (0, 0)), "named twice"),
        (lambda: mg.stack([v, m]), "only arrays of the same shape can be stacked"),
        (lambda: mg.concat([v, m]), "only arrays of equal rank can be joined"),
        (lambda: mg.concat([m, np.ones((3, 2))]), "the operands of concat do not fit"),
        (lambda: v[3:], "the index selects nothing"),
        (lambda: mg.take(v, []), "the index selects nothing"),
        (lambda: mg.tanh(w, w), "wrong number of operands; found 2, expected 1"),
        (lambda: mg.add(w), "wrong number of operands; found 1, expected 2"),
    ],
)
def test_operands_that_do_not_fit(build: Any, what: str) -> None:
    with pytest.raises(ShapeError, match=what) as caught:
        build()
    assert isinstance(caught.value, MinigradError)
    assert isinstance(caught.value, ValueError)


def test_an_error_of_a_named_node_names_it() -> None:
    with pytest.raises(ShapeError, match="s1: Σ takes as many x as w"):
        mg.weighted_sum([x], [w, w], name="s1")
    with pytest.raises(ShapeError, match="out: the operands of"):
        mg.add(v, np.ones(4), name="out")


def test_numbers_and_nodes_mix_in_a_weighted_sum() -> None:
    two = mg.Parameter(2.0, "two")
    assert mg.weighted_sum([1.0, two], [3.0, 4.0]).value == 11.0
    assert mg.weighted_sum([1.0, 2.0], [3.0, two], 1.0).value == 8.0
    assert mg.weighted_sum([1.0, 2.0], [3.0, 4.0]) == 11.0
    rows = mg.weighted_sum([mg.Parameter([1.0, 2.0]), mg.Parameter([3.0, 4.0])], [two, 1.0])
    np.testing.assert_array_equal(rows.value, [5.0, 8.0])


def test_an_array_of_numbers_beside_single_nodes_is_read_as_single_numbers() -> None:
    a, b = mg.Parameter(2.0, "a"), mg.Parameter(3.0, "b")
    for total in (mg.weighted_sum([a, b], np.array([4, 5])), mg.weighted_sum(np.array([4.0, 5.0]), (a, b))):
        assert total.value == 23.0
        assert [parent.shape for parent in total.parents] == [()] * 5
        total.backward()
        assert (a.delta, b.delta) == (4.0, 5.0)
    assert mg.weighted_sum(a, np.array([4.0])).parents[1].shape == ()
    loss = mg.squared_error([a, b], np.array([1.0, 0.0]))
    assert [parent.value for parent in loss.parents] == [2.0, 3.0, 1.0, 0.0]


@pytest.mark.parametrize("many", [list, tuple, iter, lambda items: np.array(items, dtype=object), dict.fromkeys])
def test_parents_and_weights_come_in_anything_that_can_be_gone_through(many: Any) -> None:
    nodes = [mg.Parameter(2.0, "a"), mg.Parameter(3.0, "b")]
    assert list(mg.weighted_sum(many(nodes), many([4.0, 5.0])).parents[:2]) == nodes
    assert mg.weighted_sum(many([4.0, 5.0]), many(nodes)).value == 23.0
    assert mg.weighted_sum(many([4.0, 5.0]), many([2.0, 3.0]), 1.0) == 24.0


def test_array_valued_nodes_stay_whole_in_a_weighted_sum() -> None:
    numbers, row = np.array([1.0, 2.0, 3.0]), mg.Parameter([1.0, 0.0, 2.0], "row")
    for total in (mg.weighted_sum(row, numbers), mg.weighted_sum(numbers, row)):
        assert total.value == 7.0
        assert [parent.shape for parent in total.parents] == [(3,), (3,), ()]
    single = [mg.Parameter(number) for number in numbers]
    assert mg.weighted_sum(single, mg.Constant(numbers)).parents[1].shape == (3,)
    assert mg.weighted_sum(single, np.ones((2, 3))).shape == (2,)
    rows = mg.weighted_sum([row, row], np.array([1.0, 3.0]))
    assert rows.parents[1].shape == (2,)
    np.testing.assert_array_equal(rows.value, 4 * row.value)
    assert mg.weighted_sum(numbers, numbers) == 14.0


def test_print_shows_the_value():
    w, W = mg.Parameter(0.5, "w"), mg.Parameter(np.eye(2), "W")
    assert str(w) == "parameter w = 0.5"
    assert str(mg.Input("x")) == "input x = —"
    assert str(w * 2.0) == "unnamed × node = 1"
    assert str(W) == "parameter W =\n[[1. 0.]\n [0. 1.]]"
    assert w.title == "parameter w"
    assert len(str(mg.Parameter(np.zeros((500, 500))))) < 300
