"""Arithmetic: values and derivatives worked out by hand, division by 0, powers of bases that are not positive."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops
from tests.ops.helpers import derivatives


@pytest.mark.parametrize(
    ("op", "operands", "y", "expected"),
    [
        (ops.add, (2.0, 3.0), 5.0, [1.0, 1.0]),
        (ops.subtract, (2.0, 3.0), -1.0, [1.0, -1.0]),
        (ops.multiply, (2.0, 3.0), 6.0, [3.0, 2.0]),
        (ops.divide, (3.0, 2.0), 1.5, [0.5, -0.75]),
        (ops.negative, (2.0,), -2.0, [-1.0]),
        (ops.pow, (2.0, 3.0), 8.0, [12.0, 8 * log(2)]),
    ],
)
def test_value_and_derivatives(op: Any, operands: tuple[float, ...], y: float, expected: list[float]) -> None:
    assert op(*operands) == y
    assert derivatives(op, *operands) == pytest.approx(expected)


def test_a_power_of_a_base_that_is_not_positive() -> None:
    assert derivatives(ops.pow, -2.0, 3.0) == [12.0, 0.0]
    assert derivatives(ops.pow, 0.0, 1.0) == [1.0, 0.0]
    assert derivatives(ops.pow, 0.0, 2.0) == [0.0, 0.0]


def test_division_by_zero_gives_the_infinities_of_numpy() -> None:
    assert mg.divide(mg.Parameter(1.0), 0.0).value == np.inf
    assert mg.divide(mg.Parameter(-1.0), 0.0).value == -np.inf
    assert np.isnan(mg.divide(mg.Parameter(0.0), 0.0).value)


def test_operands_broadcast_and_their_deltas_are_summed() -> None:
    column, row = mg.Parameter([[1.0], [2.0]]), mg.Parameter([10.0, 20.0, 30.0])
    product = column * row
    np.testing.assert_array_equal(product.value, [[10, 20, 30], [20, 40, 60]])
    mg.sum(product).backward()
    assert column.delta.tolist() == [[60.0], [60.0]]
    assert row.delta.tolist() == [3.0, 3.0, 3.0]


@pytest.mark.parametrize("a", [0.0, -0.0, -2.0, -np.inf])
@pytest.mark.parametrize("b", [-3.0, -0.3, 0.0, 2.0])
def test_the_derivative_by_an_exponent_is_0_where_the_base_is_not_positive(a: float, b: float) -> None:
    exponent, exponents = mg.Parameter(b), mg.Parameter([b])
    ops.pow(mg.Parameter(a), exponent).backward()
    mg.sum(ops.pow(mg.Parameter([a]), exponents)).backward()
    assert exponent.grad == 0.0
    assert exponents.grad.tolist() == [0.0]
