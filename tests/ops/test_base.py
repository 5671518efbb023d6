"""What an op is: registered by its label, data, and called on nodes, numbers and arrays alike."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops
from minigrad._validation import shape_of
from minigrad.errors import OperandError, OpError, ShapeError
from minigrad.ops.activations import Sigmoid, Tanh
from minigrad.ops.base import Op, Unary, registry


@pytest.fixture
def registered() -> Iterator[None]:
    """Takes ops that a test registers out of the registry again."""
    before = dict(registry)
    yield
    registry.clear()
    registry.update(before)


@pytest.mark.usefixtures("registered")
def test_a_new_op_is_one_class() -> None:
    class Cube(Unary):
        """Cube, y = x³."""

        label = "cube"

        def forward(self, xp, x):
            return x * x * x

        def backward(self, xp, delta, y, x):
            return (3 * delta * x * x,)

    assert registry["cube"] is Cube
    x = mg.Parameter(2.0, "x")
    y = Cube()(x, name="y")
    y.backward()
    assert (y.value, x.delta, y.kind, y.label) == (8.0, 12.0, "arithmetic", "y")


@pytest.mark.usefixtures("registered")
def test_a_label_is_taken_once() -> None:
    with pytest.raises(
        OpError, match=r"AnotherTanh: the label 'tanh' is taken by Tanh\. Give the op a label of its own"
    ):
        type("AnotherTanh", (Unary,), {"label": "tanh"})
    assert registry["tanh"] is Tanh


@pytest.mark.usefixtures("registered")
def test_a_class_may_be_defined_again_as_notebooks_do() -> None:
    for _ in range(2):

        class Again(Unary):
            """Itself, y = x."""

            label = "again"

    assert registry["again"] is Again


@pytest.mark.usefixtures("registered")
def test_an_op_without_rules_says_which_is_missing() -> None:
    class Half(Unary):
        """Half, y = x / 2."""

        label = "half"

    with pytest.raises(OpError, match=r"Half: the op has no forward rule\. Define forward"):
        Half()(mg.Parameter(1.0))
    with pytest.raises(OpError, match="Half: the op has no backward rule"):
        Half().backward(np, 1.0, 1.0, 1.0)


def test_settings_make_ops_equal_or_different() -> None:
    assert ops.LeakyReLU(0.1) == ops.LeakyReLU(0.1) != ops.LeakyReLU(0.2)
    assert ops.tanh == Tanh() != ops.sigmoid
    assert len({Tanh(), Tanh(), Sigmoid()}) == 2


def test_stars_are_counted_once_per_class() -> None:
    assert {op_class.stars for op_class in registry.values()} == {0, 1, 2}
    assert (ops.tanh.stars, ops.softmax.stars, ops.squared_error.stars) == (0, 1, 2)


def test_the_arity_counts_operands_that_may_be_plain_numbers() -> None:
    assert (ops.tanh.arity, ops.add.arity, ops.where.arity) == (1, 2, 3)
    for label in ("½Σ(ŷ−t)²", "softmax", "sum", "stack", "@"):
        assert registry[label].arity == 0


def test_wrong_number_of_operands_of_numbers_and_of_nodes() -> None:
    for operand in (1.0, mg.Parameter(1.0)):
        with pytest.raises(ShapeError, match=r"tanh: wrong number of operands; found 2, expected 1 \(s\)\. Call it as"):
            ops.tanh(operand, operand)
    with pytest.raises(ShapeError, match="found 0"):
        ops.tanh()


NOT_NUMBERS = [
    "abc",
    b"abc",
    None,
    {},
    object(),
    ["a"],
    [None, 1.0],
    [[1.0], [2.0, 3.0]],
    np.array(["1"]),
    [10**400, 1],
]


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=lambda value: f"{value!r:.20}")
@pytest.mark.parametrize(
    ("call", "who"),
    [
        (mg.tanh, "tanh: "),
        (mg.identity, "identity: "),
        (mg.relu, "relu: "),
        (mg.softmax, "softmax: "),
        (lambda value: mg.add(1.0, value), r"\+: "),
        (lambda value: mg.where(value, 1.0, 2.0), "where: "),
        (lambda value: mg.weighted_sum([1.0], [value]), "Σ: "),
        (lambda value: mg.squared_error(value, value), "½Σ"),
        (mg.sum, ""),
        (lambda value: mg.matmul(value, [1.0, 2.0]), ""),
        (lambda value: mg.reshape(value, -1), ""),
        (lambda value: mg.stack([value, value]), ""),
        (lambda value: mg.concat([value, value]), ""),
    ],
)
def test_what_is_no_number_is_refused_by_name(call: Any, who: str, value: Any) -> None:
    with pytest.raises(OperandError, match=f"^{who}.*not a number; found") as caught:
        call(value)
    assert isinstance(caught.value, TypeError)


def test_an_operand_is_shown_by_its_beginning() -> None:
    with pytest.raises(OperandError, match="tanh: not a number; found str 'aaa") as caught:
        mg.tanh("a" * 10_000)
    assert len(str(caught.value)) < 250
    for many in (None, 1.0, object()):
        with pytest.raises(OperandError, match="arrays come as a list"):
            mg.stack(many)


def test_numbers_of_any_kind_are_computed_with() -> None:
    assert mg.add(np.array([True]), 1) == 2
    assert mg.multiply(1j, 1j) == -1
    assert mg.multiply(2**70, 0.5) == 2.0**69
    assert mg.tanh([Fraction(1, 2), 2**70]).tolist() == [np.tanh(0.5), 1.0]
    assert mg.tanh(np.float32(0.5)).dtype == np.float32
    np.testing.assert_array_equal(mg.stack(iter([1.0, 2.0])), [1.0, 2.0])


def test_numbers_that_do_not_fit_are_an_error_of_shapes() -> None:
    with pytest.raises(ShapeError, match=r"^s: the operands of Σ do not fit; found \(2,\) and \(3,\) and \(\)"):
        mg.weighted_sum([1.0, 2.0], np.ones(3), name="s")
    with pytest.raises(ShapeError, match=r"the operands of \+ do not fit.*: \(2,\) and \(3,\) do not broadcast\.$"):
        mg.add([1.0, 2.0], [1.0, 2.0, 3.0])


def test_shape_of_anything() -> None:
    for value, shape in [(1, ()), (1.0, ()), ([1.0, 2.0], (2,)), (np.ones((2, 3)), (2, 3)), (np.float64(1), ())]:
        assert shape_of(value) == shape
    assert shape_of(mg.Input("x", (4, 5))) == (4, 5)


def test_every_public_op_instance_is_of_a_registered_class() -> None:
    for name, thing in vars(mg).items():
        if isinstance(thing, Op):
            assert registry[thing.label] is type(thing), name
