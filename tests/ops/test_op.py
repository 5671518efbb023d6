"""What an op is: registered by its label, data, and called on nodes, numbers and arrays alike."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops
from minigrad.errors import OpError, ShapeError
from minigrad.ops.op import Op, Unary, registry, shape_of


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
    assert registry["tanh"] is ops.Tanh


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
    assert ops.tanh == ops.Tanh() != ops.sigmoid
    assert len({ops.Tanh(), ops.Tanh(), ops.Sigmoid()}) == 2


def test_stars_are_counted_once_per_class() -> None:
    assert {op_class.stars for op_class in registry.values()} == {0, 1, 2}
    assert (ops.tanh.stars, ops.softmax.stars, ops.squared_error.stars) == (0, 1, 2)


def test_wrong_number_of_operands_of_numbers_and_of_nodes() -> None:
    for operand in (1.0, mg.Parameter(1.0)):
        with pytest.raises(ShapeError, match=r"tanh: wrong number of operands; found 2, expected 1 \(s\)\. Call it as"):
            ops.tanh(operand, operand)
    with pytest.raises(ShapeError, match="found 0"):
        ops.tanh()


def test_shape_of_anything() -> None:
    for value, shape in [(1, ()), (1.0, ()), ([1.0, 2.0], (2,)), (np.ones((2, 3)), (2, 3)), (np.float64(1), ())]:
        assert shape_of(value) == shape
    assert shape_of(mg.Input("x", (4, 5))) == (4, 5)


def test_every_public_op_instance_is_of_a_registered_class() -> None:
    for name, thing in vars(mg).items():
        if isinstance(thing, Op):
            assert registry[thing.label] is type(thing), name
