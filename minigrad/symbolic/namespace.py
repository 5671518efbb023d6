"""The array namespace whose values are formulas: read with it, a rule gives the expression instead of the number."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from minigrad.ops.base import Shape
from minigrad.symbolic import expression
from minigrad.symbolic.expression import Row

# Functions of elements. They work on a formula and, element by element, on an array of them.

abs = np.frompyfunc(partial(expression.apply, "abs"), 1, 1)
add = np.frompyfunc(expression.add, 2, 1)
atan = np.frompyfunc(partial(expression.apply, "atan"), 1, 1)
cos = np.frompyfunc(partial(expression.apply, "cos"), 1, 1)
divide = np.frompyfunc(expression.divide, 2, 1)
equal = np.frompyfunc(partial(expression.compare, "equal"), 2, 1)
exp = np.frompyfunc(partial(expression.apply, "exp"), 1, 1)
expm1 = np.frompyfunc(partial(expression.apply, "expm1"), 1, 1)
greater = np.frompyfunc(partial(expression.compare, "greater"), 2, 1)
less = np.frompyfunc(partial(expression.compare, "less"), 2, 1)
log = np.frompyfunc(partial(expression.apply, "log"), 1, 1)
log1p = np.frompyfunc(partial(expression.apply, "log1p"), 1, 1)
maximum = np.frompyfunc(partial(expression.apply_flat, "maximum"), 2, 1, identity=None)
minimum = np.frompyfunc(partial(expression.apply_flat, "minimum"), 2, 1, identity=None)
multiply = np.frompyfunc(expression.multiply, 2, 1)
negative = np.frompyfunc(expression.negative, 1, 1)
pow = np.frompyfunc(expression.power, 2, 1)
sign = np.frompyfunc(partial(expression.apply, "sign"), 1, 1)
sin = np.frompyfunc(partial(expression.apply, "sin"), 1, 1)
sqrt = np.frompyfunc(partial(expression.apply, "sqrt"), 1, 1)
tanh = np.frompyfunc(partial(expression.apply, "tanh"), 1, 1)
where = np.frompyfunc(expression.choose, 3, 1)


# Functions of arrays, done by NumPy on arrays of formulas.


def row(x: Any) -> Row:
    """An array of formulas; a single formula becomes one of no axes."""
    return np.asarray(x, dtype=object).view(Row)


def unwrapped(x: Any) -> Any:
    """A formula for an array of no axes, other arrays as they are."""
    return x[()] if isinstance(x, np.ndarray) and not x.ndim else x


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return unwrapped(np.sum(row(x), axis=axis, keepdims=keepdims))


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    total = sum(x, axis, keepdims)
    return total / (row(x).size // row(total).size)


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return unwrapped(maximum.reduce(row(x), axis=axis, keepdims=keepdims))


def vecdot(a: Any, b: Any) -> Any:
    return sum(a * b, axis=-1)


def matmul(a: Any, b: Any) -> Any:
    return unwrapped(np.matmul(row(a), row(b)))


def reshape(x: Any, shape: Shape) -> Any:
    return unwrapped(np.reshape(row(x), shape))


def expand_dims(x: Any, axis: int) -> Any:
    return np.expand_dims(row(x), axis)


def squeeze(x: Any, axis: int) -> Any:
    return unwrapped(np.squeeze(row(x), axis))


def permute_dims(x: Any, axes: Sequence[int]) -> Any:
    return np.permute_dims(row(x), tuple(axes))


def matrix_transpose(x: Any) -> Any:
    return np.matrix_transpose(row(x))


def broadcast_to(x: Any, shape: Shape) -> Any:
    return unwrapped(np.broadcast_to(row(x), shape, subok=True))


def broadcast_arrays(*x: Any) -> Any:
    return np.broadcast_arrays(*map(row, x), subok=True)


def concat(x: Sequence[Any], axis: int) -> Any:
    return row(np.concat([row(part) for part in x], axis=axis))


def stack(x: Sequence[Any], axis: int) -> Any:
    return row(np.stack([row(part) for part in x], axis=axis))


def unstack(x: Any, axis: int) -> Any:
    return [unwrapped(part) for part in np.unstack(row(x), axis=axis)]


def take(x: Any, indices: Any, axis: int) -> Any:
    return np.take(row(x), indices, axis=axis)
