"""The namespace of numbers answers what NumPy answers, or raises where the reader falls back on NumPy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from minigrad.core import floats

numbers = st.floats(width=64)
ONE = ["abs", "atan", "cos", "exp", "expm1", "log", "log1p", "sign", "sin", "sqrt", "tanh"]
TWO = ["equal", "maximum", "minimum", "pow"]


def same(name: str, *operands: float) -> None:
    try:
        found = getattr(floats, name)(*operands)
    except (ArithmeticError, ValueError):
        return  # the engine reads the rule with NumPy instead
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(*operands)
    assert type(found) in {float, bool}
    assert found == pytest.approx(float(expected), rel=1e-14, abs=1e-300, nan_ok=True), (name, operands)


@settings(deadline=None, max_examples=200)
@given(numbers, numbers)
def test_functions_of_numbers_agree_with_numpy(a: float, b: float) -> None:
    for name in ONE:
        same(name, a)
    for name in TWO:
        same(name, a, b)
    same("where", a > b, a, b)


@pytest.mark.parametrize("special", [0.0, -0.0, math.inf, -math.inf, math.nan, 1e308, 5e-324])
def test_special_numbers(special: float) -> None:
    for name in ONE:
        same(name, special)
    for other in (0.0, 1.0, -1.0, math.nan, special):
        for name in TWO:
            same(name, special, other)
            same(name, other, special)


@settings(deadline=None)
@given(st.lists(st.floats(-10, 10), min_size=1, max_size=6))
def test_rows_of_numbers(items: list[float]) -> None:
    row: Any = floats.stack(items, axis=-1)
    assert floats.unstack(row, axis=-1) == items
    assert floats.sum(row, axis=-1) == pytest.approx(np.sum(items), abs=1e-12)
    assert floats.vecdot(row, row) == pytest.approx(np.vecdot(items, items), abs=1e-12)
    assert {type(floats.sum(row, axis=-1)), type(floats.vecdot(row, row))} == {float}
    assert floats.expand_dims(2.0, axis=-1) == 2.0
    assert floats.broadcast_arrays(*items) == tuple(items)
