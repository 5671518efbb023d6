"""NumPy's operators and functions work on nodes, and IEEE arithmetic goes on where Python raises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad as mg

SCALAR, VECTOR, MATRIX = 0.7, np.array([0.5, -1.0, 2.0]), np.arange(1.0, 7.0).reshape(2, 3)

EXPRESSIONS: list[Callable[[Any, Any, Any], Any]] = [
    lambda s, v, m: s * 2 + 1,
    lambda s, v, m: 2 - s,
    lambda s, v, m: 2 / s,
    lambda s, v, m: s**2,
    lambda s, v, m: 2**s,
    lambda s, v, m: -abs(s),
    lambda s, v, m: np.float64(2) * s,
    lambda s, v, m: np.float32(2) + s,
    lambda s, v, m: np.int64(2) - s,
    lambda s, v, m: np.ones(3) * s,
    lambda s, v, m: np.ones((2, 3)) - v,
    lambda s, v, m: v / np.arange(1.0, 4.0),
    lambda s, v, m: np.full(3, 2.0) ** v,
    lambda s, v, m: m @ v,
    lambda s, v, m: v @ m.T,
    lambda s, v, m: np.ones((2, 3)) @ v,
    lambda s, v, m: m @ np.ones((3, 4)),
    lambda s, v, m: v @ v,
    lambda s, v, m: np.matmul(m, v),
    lambda s, v, m: v @ np.ones((2, 3, 4)),
    lambda s, v, m: np.ones((2, 4, 3)) @ v,
    lambda s, v, m: m - [1.0, 2.0, 3.0],
    lambda s, v, m: np.add(s, v),
    lambda s, v, m: np.subtract(v, 1),
    lambda s, v, m: np.multiply(m, v),
    lambda s, v, m: np.divide(m, 2),
    lambda s, v, m: np.power(m, 2),
    lambda s, v, m: np.negative(v),
    lambda s, v, m: np.absolute(v),
    lambda s, v, m: np.fabs(v),
    lambda s, v, m: np.exp(v),
    lambda s, v, m: np.expm1(v),
    lambda s, v, m: np.log(m),
    lambda s, v, m: np.log1p(m),
    lambda s, v, m: np.sqrt(m),
    lambda s, v, m: np.sin(v),
    lambda s, v, m: np.cos(v),
    lambda s, v, m: np.tanh(v),
    lambda s, v, m: np.arctan(v),
    lambda s, v, m: np.sign(v),
    lambda s, v, m: np.maximum(v, 0.0),
    lambda s, v, m: np.minimum(m, v),
    lambda s, v, m: np.where(v > 0, v, 0.1),
    lambda s, v, m: np.where(np.array([True, False, True]), v, s),
    lambda s, v, m: np.clip(v, -0.5, 0.8),
    lambda s, v, m: np.sum(m),
    lambda s, v, m: np.sum(m, axis=0),
    lambda s, v, m: np.sum(m, axis=(0, 1), keepdims=True),
    lambda s, v, m: np.mean(m, axis=1),
    lambda s, v, m: np.max(m, axis=0),
    lambda s, v, m: np.reshape(m, (3, 2)),
    lambda s, v, m: np.transpose(m),
    lambda s, v, m: np.transpose(m, (1, 0)),
    lambda s, v, m: np.expand_dims(v, 1),
    lambda s, v, m: np.squeeze(np.expand_dims(v, 0), 0),
    lambda s, v, m: np.broadcast_to(v, (2, 3)),
    lambda s, v, m: np.concatenate([v, np.ones(2)]),
    lambda s, v, m: np.concatenate([np.ones((2, 1)), m], axis=1),
    lambda s, v, m: np.concatenate([m, m], axis=0),
    lambda s, v, m: np.stack([v, v], axis=1),
    lambda s, v, m: np.take(m, [0, 0, 2], axis=1),
    lambda s, v, m: np.take(m, [5, 0]),
    lambda s, v, m: m[:, 1:] * v[None, :2],
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_of_nodes_is_the_expression_of_their_values(expression: Callable[..., Any]) -> None:
    nodes = [mg.Parameter(value) for value in (SCALAR, VECTOR, MATRIX)]
    found = expression(*nodes)
    expected = expression(np.float64(SCALAR), VECTOR, MATRIX)
    assert isinstance(found, mg.Node)
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found.value, expected, rtol=1e-15)


def test_what_numpy_alone_can_do_is_refused_by_numpy() -> None:
    v = mg.Parameter(VECTOR, "v")
    for refused in (
        lambda: np.cbrt(v),
        lambda: np.add.reduce(v),
        lambda: np.linalg.norm(v),
        lambda: np.add(v, 1, out=v),
    ):
        with pytest.raises(TypeError):
            refused()


@pytest.mark.parametrize(
    ("expression", "at", "value", "slope"),
    [
        (np.log, 0.0, -np.inf, np.inf),
        (np.log, -1.0, np.nan, -1.0),
        (np.sqrt, 0.0, 0.0, np.inf),
        (np.sqrt, -1.0, np.nan, np.nan),
        (lambda x: 1 / x, 0.0, np.inf, -np.inf),
        (lambda x: x / 0.0, 1.0, np.inf, np.inf),
        (lambda x: x / x, 0.0, np.nan, np.nan),
        (np.exp, 1000.0, np.inf, np.inf),
        (np.expm1, 1000.0, np.inf, np.inf),
        (np.log1p, -1.0, -np.inf, np.inf),
        (lambda x: x**0.5, -1.0, np.nan, np.nan),
        (lambda x: x**-1.0, 0.0, np.inf, -np.inf),
        (lambda x: x**2.0, 1e200, np.inf, 2e200),
        (np.sin, np.inf, np.nan, np.nan),
        (lambda x: x**2.0, 0.0, 0.0, 0.0),
        (lambda x: x**0.0, 0.0, 1.0, 0.0),
        (lambda x: 0.0**x, 2.0, 0.0, 0.0),
    ],
)
def test_infinities_come_without_an_exception_or_a_warning(
    expression: Callable[[Any], Any], at: float, value: float, slope: float
) -> None:
    x = mg.Parameter(at, "x")
    y = expression(x)
    y.backward()
    np.testing.assert_equal([y.value, x.delta], [value, slope])
    assert {type(y.value), type(x.delta)} == {float}
    rows = mg.Parameter([at, at], "rows")
    answer = expression(rows)
    mg.sum(answer).backward()
    np.testing.assert_equal(answer.value, [value, value])
    np.testing.assert_equal(rows.delta, [slope, slope])


def test_ops_compute_on_plain_numbers_and_arrays_too() -> None:
    assert mg.tanh(0.3) == np.tanh(0.3)
    assert mg.log(0.0) == -np.inf
    assert mg.softmax([0.0, 0.0]).tolist() == [0.5, 0.5]
    np.testing.assert_array_equal(mg.relu(np.array([-1.0, 2.0])), [0.0, 2.0])
    assert mg.sum(MATRIX) == 21.0
