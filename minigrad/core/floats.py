"""The array namespace of one sample: numbers are Python floats, and stacked numbers are 1-D float64 arrays.

A rule read with this namespace runs at the speed of Python arithmetic instead of NumPy's call overhead. Where Python
raises and NumPy would answer inf or nan (1/0, log 0, exp 1000), and where a rule uses a function of NumPy that is not
here, the reader of the rule falls back on NumPy.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

UNREADABLE = (ArithmeticError, ValueError, AttributeError, TypeError)
"""What a rule raises that NumPy may still be able to read."""

abs = abs
atan = math.atan
cos = math.cos
equal = operator.eq
exp = math.exp
expm1 = math.expm1
log = math.log
log1p = math.log1p
pow = math.pow
sin = math.sin
sqrt = math.sqrt
tanh = math.tanh


def where(condition: float, chosen: float, otherwise: float) -> float:
    return chosen if condition else otherwise


def sign(x: float) -> float:
    return float((x > 0) - (x < 0)) if x == x else x


# Of two that are equal NumPy takes the second: −0 and 0 differ in their reciprocals.


def maximum(a: float, b: float) -> float:
    return a if a > b or a != a else b


def minimum(a: float, b: float) -> float:
    return a if a < b or a != a else b


def expand_dims(x: float, axis: int) -> float:
    """A number broadcasts against stacked numbers as it is."""
    return x


def stack(numbers: Sequence[float], axis: int) -> Any:
    return np.array(numbers)


def unstack(row: Any, axis: int) -> list[float]:
    numbers: list[float] = row.tolist()
    return numbers


def broadcast_arrays(*numbers: float) -> tuple[float, ...]:
    return numbers


def sum(row: Any, axis: int) -> float:
    return float(row.sum())


def vecdot(a: Any, b: Any) -> float:
    return float(a.dot(b))
