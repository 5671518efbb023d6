"""Source of single calls: what NumPy computes fastest, constants once, and numbers that have no literal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigrad.compiler.numpy_codegen import NumpyCodegen, literal
from minigrad.compiler.trace import TracedArray, Tracer


def traced() -> tuple[Tracer, TracedArray, TracedArray, NumpyCodegen]:
    """Two matrices x and y of a program that is being traced."""
    tracer = Tracer()
    x, y = tracer.leaf(np.ones((2, 3))), tracer.leaf(np.ones((2, 3)))
    return tracer, x, y, NumpyCodegen({x: "x", y: "y"})


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (lambda xp, x, y: x + y, "np.add(x, y)"),
        (lambda xp, x, y: xp.sum(x, axis=0), "np.add.reduce(x, axis=0)"),
        (lambda xp, x, y: xp.max(x), "np.maximum.reduce(x, axis=None)"),
        (lambda xp, x, y: xp.matmul(x, np.arange(3.0)), "np.dot(x, c1)"),
        (lambda xp, x, y: x[..., 1:], "x[..., 1:,]"),
        (lambda xp, x, y: x[0, 1], "x[0, 1,]"),
        (lambda xp, x, y: xp.concat([x, y], axis=-1), "np.concat([x, y], axis=-1)"),
        (lambda xp, x, y: xp.reshape(x, (3, 2)), "np.reshape(x, (3, 2,))"),
        (lambda xp, x, y: 2.0 * x, "np.multiply(n1, x)"),
        (lambda xp, x, y: x + np.zeros((2, 3)), "np.add(x, zeros1)"),
    ],
)
def test_a_call_becomes_numpy_source(rule: Any, source: str) -> None:
    tracer, x, y, codegen = traced()
    rule(tracer, x, y)
    assert codegen.expression(tracer.instructions[-1]) == source


def test_equal_constants_have_one_name() -> None:
    _, _, _, codegen = traced()
    assert codegen.argument(np.arange(3.0)) == codegen.argument(np.arange(3.0)) == "c1"
    assert codegen.argument(np.arange(3)) == "c2"
    assert codegen.argument(np.ones(2)) == codegen.argument(np.ones(2)) == "ones1"
    assert list(codegen.constants) == ["c1", "c2"]


@pytest.mark.parametrize("number", [0.1, 1e300, float("inf"), float("-inf"), True, 3])
def test_a_literal_is_the_number(number: Any) -> None:
    assert eval(literal(number)) == number
    assert np.isnan(eval(literal(float("nan"))))
