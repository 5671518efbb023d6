"""Elementary functions: values and derivatives at known points, exactness near 0, the ends of the domains."""

from __future__ import annotations

from math import e, inf, log, pi
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops
from tests.ops.helpers import derivatives


@pytest.mark.parametrize(
    ("op", "x", "y", "derivative"),
    [
        (ops.exp, 1.0, e, e),
        (ops.expm1, 1.0, e - 1, e),
        (ops.log, 2.0, log(2), 0.5),
        (ops.log1p, 1.0, log(2), 0.5),
        (ops.sqrt, 4.0, 2.0, 0.25),
        (ops.sin, pi / 3, np.sqrt(3) / 2, 0.5),
        (ops.cos, pi / 3, 0.5, -np.sqrt(3) / 2),
        (ops.atan, 1.0, pi / 4, 0.5),
    ],
)
def test_value_and_derivative(op: Any, x: float, y: float, derivative: float) -> None:
    assert op(x) == pytest.approx(y, rel=1e-15)
    assert derivatives(op, x) == [pytest.approx(derivative, rel=1e-15)]


def test_expm1_and_log1p_are_exact_near_zero() -> None:
    assert ops.expm1(1e-20) == ops.log1p(1e-20) == 1e-20


def test_the_ends_of_the_domains_are_those_of_numpy() -> None:
    zero = mg.Parameter(0.0)
    assert ops.log(zero).value == -inf
    assert np.isnan(ops.log(mg.Parameter(-1.0)).value)
    assert np.isnan(ops.sqrt(mg.Parameter(-1.0)).value)
    ops.sqrt(zero).backward()
    assert zero.delta == inf
