"""Formulas: numbers, symbols, and functions of formulas, written out and not computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from math import isfinite, prod
from typing import Any, ClassVar

import numpy as np

from minigrad._toposort import topological_order
from minigrad.errors import MinigradError
from minigrad.ops.base import Namespace, Shape, Value


class FormulaError(MinigradError, ValueError):
    """A formula that cannot be made, or evaluated: an operand that is no number, a symbol without a value."""


@dataclass(frozen=True, eq=False)
class Formula:
    """One scalar expression, f(a, b, …); its operators make larger ones.

    Only what is obviously right is simplified on the way: 1·a = a, 0 + a = a, −(−a) = a, and arithmetic of two numbers.
    `==` compares identity, so that formulas serve as keys. An array of formulas is a `FormulaArray`.
    """

    shape: ClassVar[Shape] = ()
    ndim: ClassVar[int] = 0

    @property
    def parents(self) -> tuple[Formula, ...]:
        """Return the formulas that this one is computed from."""
        return ()

    def __add__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else make_sum(self, other)

    def __radd__(self, other: Any) -> Formula:
        return make_sum(other, self)

    def __sub__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else make_sum(self, make_negative(other))

    def __rsub__(self, other: Any) -> Formula:
        return make_sum(other, make_negative(self))

    def __mul__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else make_product(self, other)

    def __rmul__(self, other: Any) -> Formula:
        return make_product(other, self)

    def __truediv__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else make_quotient(self, other)

    def __rtruediv__(self, other: Any) -> Formula:
        return make_quotient(other, self)

    def __pow__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else make_power(self, other)

    def __rpow__(self, other: Any) -> Formula:
        return make_power(other, self)

    def __neg__(self) -> Formula:
        return make_negative(self)

    def __gt__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else make_folded("greater", self, other)

    def __lt__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else make_folded("less", self, other)

    def __bool__(self) -> bool:
        raise FormulaError("a formula is not true or false", cure="Choose with xp.where.")


@dataclass(frozen=True, eq=False)
class Number(Formula):
    """A number that is known, such as the ½ of a loss."""

    value: float


@dataclass(frozen=True, eq=False)
class Symbol(Formula):
    """A symbol that stands for a value, in LaTeX and in plain text."""

    latex: str
    text: str

    def __str__(self) -> str:
        return self.text


DOTS = Symbol(r"\cdots", "…")
"""Stands in a formula for the terms or factors that are left out."""


@dataclass(frozen=True, eq=False)
class Call(Formula):
    """A function of formulas, by its name in the array API standard; those in `N_ARY` take any number of operands."""

    function: str
    operands: tuple[Formula, ...]

    @property
    def parents(self) -> tuple[Formula, ...]:
        return self.operands


class FormulaArray(np.ndarray):
    """An array of formulas; NumPy arranges them, and compares them element by element like any other operator."""

    def __gt__(self, other: Any) -> Any:
        return np.greater(self, other, dtype=object)

    def __lt__(self, other: Any) -> Any:
        return np.less(self, other, dtype=object)


def lift(value: Any) -> Formula:
    """Return a formula as it is, a number as a formula; raise FormulaError for anything else."""
    if isinstance(value, Formula):
        return value
    try:
        return Number(float(value))
    except (TypeError, ValueError) as error:
        raise FormulaError(
            "not an operand of a formula", found=f"{type(value).__name__} {value!r}", expected="a number or a formula"
        ) from error


def is_constant(formula: Formula, value: float) -> bool:
    return isinstance(formula, Number) and formula.value == value


def is_call(formula: Formula, function: str) -> bool:
    return isinstance(formula, Call) and formula.function == function


def flatten(function: str, *operands: Formula) -> tuple[Formula, ...]:
    """Return the operands, those of nested calls of the same function in the place of these."""
    return tuple(part for one in operands for part in (one.parents if is_call(one, function) else (one,)))


def make_folded(function: str, *operands: Any) -> Formula:
    """Return a function of formulas, or its result where all of them are numbers."""
    call = Call(function, tuple(map(lift, operands)))
    if all(isinstance(operand, Number) for operand in call.operands):
        value = evaluate(call, {})
        if isfinite(value):
            return Number(float(value))
    return call


def make_sum(a: Any, b: Any) -> Formula:
    """Return the sum a + b; sums of sums are one sum, and a difference is the sum with a negative."""
    left, right = lift(a), lift(b)
    if is_constant(left, 0.0) or is_constant(right, 0.0):
        return right if is_constant(left, 0.0) else left
    if isinstance(left, Number) and isinstance(right, Number):
        return make_folded("add", left, right)
    return Call("add", flatten("add", left, right))


def make_negative(a: Any) -> Formula:
    """Return −a, with −(−a) = a."""
    operand = lift(a)
    if isinstance(operand, Number):
        return Number(-operand.value)
    return operand.parents[0] if is_call(operand, "negative") else Call("negative", (operand,))


def split_sign(a: Any) -> tuple[bool, Formula]:
    """Return whether a formula has a minus sign in front, and the formula without it."""
    operand = lift(a)
    if isinstance(operand, Number):
        return operand.value < 0, Number(-operand.value) if operand.value < 0 else operand
    return is_call(operand, "negative"), operand.parents[0] if is_call(operand, "negative") else operand


def make_product(a: Any, b: Any) -> Formula:
    """Return the product a·b, with a·(1/b) = a/b; products of products are one, minus signs first, then numbers."""
    (minus, left), (also_minus, right) = split_sign(a), split_sign(b)
    if is_call(right, "divide") and is_constant(right.parents[0], 1.0):
        product = make_quotient(left, right.parents[1])
        return make_negative(product) if minus != also_minus else product
    factors = flatten("multiply", left, right)
    numbers = [factor for factor in factors if isinstance(factor, Number)]
    others = tuple(factor for factor in factors if not isinstance(factor, Number))
    coefficient = Number(prod(number.value for number in numbers))
    if not others:
        product = coefficient
    elif not is_constant(coefficient, 1.0):
        product = Call("multiply", (coefficient, *others))
    else:
        product = Call("multiply", others) if len(others) > 1 else others[0]
    return make_negative(product) if minus != also_minus else product


def make_quotient(a: Any, b: Any) -> Formula:
    """Return the quotient a / b, left as a fraction; minus signs come to the front."""
    (minus, above), (also_minus, below) = split_sign(a), split_sign(b)
    quotient = above if is_constant(below, 1.0) else Call("divide", (above, below))
    return make_negative(quotient) if minus != also_minus else quotient


def make_power(a: Any, b: Any) -> Formula:
    """Return the power aᵇ, with a¹ = a and a⁰ = 1."""
    base, exponent = lift(a), lift(b)
    if is_constant(exponent, 1.0):
        return base
    return Number(1.0) if is_constant(exponent, 0.0) else make_folded("pow", base, exponent)


def make_choice(condition: Any, a: Any, b: Any) -> Formula:
    """Return the choice, a where the condition is not 0, else b; a where both are the same."""
    test, chosen, otherwise = lift(condition), lift(a), lift(b)
    if is_call(test, "where") and is_constant(test.parents[1], 1.0) and is_constant(test.parents[2], 0.0):
        test = test.parents[0]  # a comparison that an op made the numbers 1 and 0 of
    if isinstance(test, Number):
        return chosen if test.value else otherwise
    return chosen if chosen is otherwise else Call("where", (test, chosen, otherwise))


def make_call(function: str, *operands: Any) -> Formula:
    """Return any other function of formulas."""
    return Call(function, tuple(map(lift, operands)))


def make_flat_call(function: str, a: Any, b: Any) -> Formula:
    """Return a function such as the maximum, of which max(max(a, b), c) = max(a, b, c)."""
    return Call(function, flatten(function, lift(a), lift(b)))


N_ARY = frozenset({"add", "multiply", "maximum", "minimum"})


def evaluate(formula: Formula, values: Mapping[Symbol, Value], xp: Namespace = np) -> Value:
    """Compute a formula from the values of its symbols, with any namespace.

    Raises FormulaError for a symbol without a value.
    """
    results: dict[Formula, Value] = {}
    for part in topological_order([formula]):
        if isinstance(part, Number):
            results[part] = part.value
        elif isinstance(part, Call):
            function, operands = getattr(xp, part.function), [results[operand] for operand in part.operands]
            results[part] = reduce(function, operands) if part.function in N_ARY else function(*operands)
        elif isinstance(part, Symbol) and part in values:
            results[part] = values[part]
        else:
            raise FormulaError("a symbol without a value", node=str(part), cure="Give one for every symbol.")
    return results[formula]


def substitute(formula: Formula, values: Mapping[Symbol, float]) -> Formula:
    """Return the formula with numbers in place of some symbols, not simplified."""
    results: dict[Formula, Formula] = {}
    for part in topological_order([formula]):
        if isinstance(part, Call):
            results[part] = Call(part.function, tuple([results[operand] for operand in part.operands]))
        else:
            results[part] = Number(values[part]) if isinstance(part, Symbol) and part in values else part
    return results[formula]
