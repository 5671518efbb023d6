"""The array namespace of formulas: a rule read with it gives an expression instead of a number.

The module itself gives the expression that is computed, `readable` the one that a textbook prints, without the guards
against overflow.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from minigrad.ops.base import Shape
from minigrad.ops.guards import exact_namespaces
from minigrad.symbolic import expression
from minigrad.symbolic.expression import FormulaArray

# Functions of elements. They work on a formula and, element by element, on an array of them.

abs = np.frompyfunc(partial(expression.make_call, "abs"), 1, 1)
add = np.frompyfunc(expression.make_sum, 2, 1)
atan = np.frompyfunc(partial(expression.make_call, "atan"), 1, 1)
cos = np.frompyfunc(partial(expression.make_call, "cos"), 1, 1)
divide = np.frompyfunc(expression.make_quotient, 2, 1)
equal = np.frompyfunc(partial(expression.make_folded, "equal"), 2, 1)
exp = np.frompyfunc(partial(expression.make_call, "exp"), 1, 1)
expm1 = np.frompyfunc(partial(expression.make_call, "expm1"), 1, 1)
greater = np.frompyfunc(partial(expression.make_folded, "greater"), 2, 1)
less = np.frompyfunc(partial(expression.make_folded, "less"), 2, 1)
log = np.frompyfunc(partial(expression.make_call, "log"), 1, 1)
log1p = np.frompyfunc(partial(expression.make_call, "log1p"), 1, 1)
maximum = np.frompyfunc(partial(expression.make_flat_call, "maximum"), 2, 1, identity=None)
minimum = np.frompyfunc(partial(expression.make_flat_call, "minimum"), 2, 1, identity=None)
multiply = np.frompyfunc(expression.make_product, 2, 1)
negative = np.frompyfunc(expression.make_negative, 1, 1)
pow = np.frompyfunc(expression.make_power, 2, 1)
sign = np.frompyfunc(partial(expression.make_call, "sign"), 1, 1)
sin = np.frompyfunc(partial(expression.make_call, "sin"), 1, 1)
sqrt = np.frompyfunc(partial(expression.make_call, "sqrt"), 1, 1)
tanh = np.frompyfunc(partial(expression.make_call, "tanh"), 1, 1)
where = np.frompyfunc(expression.make_choice, 3, 1)


# Functions of arrays, done by NumPy on arrays of formulas.


def as_formula_array(x: Any) -> FormulaArray:
    """Return an array of formulas; a single formula becomes one without axes."""
    return np.asarray(x, dtype=object).view(FormulaArray)


def unwrap(x: Any) -> Any:
    """Return the formula of an array without axes, other arrays as they are."""
    return x[()] if isinstance(x, np.ndarray) and not x.ndim else x


def on_formulas(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of NumPy's that takes a formula or an array of them."""
    return lambda x, *settings, **named: unwrap(function(as_formula_array(x), *settings, **named))


expand_dims = on_formulas(np.expand_dims)
matrix_transpose = on_formulas(np.matrix_transpose)
permute_dims = on_formulas(np.permute_dims)
reshape = on_formulas(np.reshape)
squeeze = on_formulas(np.squeeze)
take = on_formulas(np.take)


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return unwrap(np.sum(as_formula_array(x), axis=axis, keepdims=keepdims))


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    total = sum(x, axis, keepdims)
    return total / (as_formula_array(x).size // as_formula_array(total).size)


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return unwrap(maximum.reduce(as_formula_array(x), axis=axis, keepdims=keepdims))


def vecdot(a: Any, b: Any) -> Any:
    return sum(a * b, axis=-1)


def matmul(a: Any, b: Any) -> Any:
    return unwrap(np.matmul(as_formula_array(a), as_formula_array(b)))


def broadcast_to(x: Any, shape: Shape) -> Any:
    return unwrap(np.broadcast_to(as_formula_array(x), shape, subok=True))


def broadcast_arrays(*x: Any) -> Any:
    return np.broadcast_arrays(*map(as_formula_array, x), subok=True)


def concat(x: Sequence[Any], axis: int) -> Any:
    return as_formula_array(np.concat([as_formula_array(part) for part in x], axis=axis))


def stack(x: Sequence[Any], axis: int) -> Any:
    return as_formula_array(np.stack([as_formula_array(part) for part in x], axis=axis))


def unstack(x: Any, axis: int) -> Any:
    return [unwrap(part) for part in np.unstack(as_formula_array(x), axis=axis)]


class ReadableNamespace:
    """The same functions, with which `minigrad.ops.guards.guard` leaves out what guards against overflow."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.modules[__name__], name)


readable = ReadableNamespace()
exact_namespaces.add(readable)
