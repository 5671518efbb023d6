"""What a formula is: a number, a symbol, or a function of formulas; plainly written out, never computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    A formula is what it is: `==` compares identity, so that formulas serve as keys. An array of formulas is a `Row`.
    """

    shape: ClassVar[Shape] = ()
    ndim: ClassVar[int] = 0

    @property
    def parents(self) -> tuple[Formula, ...]:
        """The formulas that this one is made of."""
        return ()

    def __add__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else add(self, other)

    def __radd__(self, other: Any) -> Formula:
        return add(other, self)

    def __sub__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else add(self, negative(other))

    def __rsub__(self, other: Any) -> Formula:
        return add(other, negative(self))

    def __mul__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else multiply(self, other)

    def __rmul__(self, other: Any) -> Formula:
        return multiply(other, self)

    def __truediv__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else divide(self, other)

    def __rtruediv__(self, other: Any) -> Formula:
        return divide(other, self)

    def __neg__(self) -> Formula:
        return negative(self)

    def __gt__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else compare("greater", self, other)

    def __lt__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else compare("less", self, other)

    def __bool__(self) -> bool:
        raise FormulaError("a formula is not true or false", cure="Choose with xp.where.")


@dataclass(frozen=True, eq=False)
class Number(Formula):
    """A number that is known, such as the ½ of a loss."""

    value: float


@dataclass(frozen=True, eq=False)
class Symbol(Formula):
    """A letter that stands for a value, in LaTeX and in plain text."""

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


class Row(np.ndarray):
    """An array of formulas; NumPy arranges them, and compares them element by element like any other operator."""

    def __gt__(self, other: Any) -> Any:
        return np.greater(self, other, dtype=object)

    def __lt__(self, other: Any) -> Any:
        return np.less(self, other, dtype=object)


def lift(value: Any) -> Formula:
    """A formula as it is, a number as a formula; raises FormulaError for anything else."""
    if isinstance(value, Formula):
        return value
    try:
        return Number(float(value))
    except (TypeError, ValueError) as error:
        raise FormulaError(
            "not an operand of a formula", found=f"{type(value).__name__} {value!r}", expected="a number or a formula"
        ) from error


def is_number(formula: Formula, value: float) -> bool:
    return isinstance(formula, Number) and formula.value == value


def is_call(formula: Formula, function: str) -> bool:
    return isinstance(formula, Call) and formula.function == function


def is_reciprocal(formula: Formula) -> bool:
    return is_call(formula, "divide") and is_number(formula.parents[0], 1.0)


def flat(function: str, *operands: Formula) -> tuple[Formula, ...]:
    """The operands with those of nested calls of the same function in their place."""
    return tuple(part for one in operands for part in (one.parents if is_call(one, function) else (one,)))


def computed(function: str, *operands: Formula) -> Formula:
    """The call, or the number it comes to where both operands are numbers."""
    if all(isinstance(operand, Number) for operand in operands):
        value = evaluate(Call(function, operands), {})
        if isfinite(value):
            return Number(float(value))
    return Call(function, operands)


def add(a: Any, b: Any) -> Formula:
    """Sum a + b; sums of sums are one sum, and a difference is the sum with a negative."""
    left, right = lift(a), lift(b)
    if is_number(left, 0.0) or is_number(right, 0.0):
        return right if is_number(left, 0.0) else left
    if isinstance(left, Number) and isinstance(right, Number):
        return computed("add", left, right)
    return Call("add", flat("add", left, right))


def negative(a: Any) -> Formula:
    """Sign change −a, with −(−a) = a."""
    operand = lift(a)
    if isinstance(operand, Number):
        return Number(-operand.value) if operand.value else operand
    return operand.parents[0] if is_call(operand, "negative") else Call("negative", (operand,))


def unsigned(a: Any) -> tuple[bool, Formula]:
    """Whether a formula has a minus sign in front, and what stands behind it."""
    operand = lift(a)
    if isinstance(operand, Number):
        return operand.value < 0, Number(abs(operand.value))
    return is_call(operand, "negative"), operand.parents[0] if is_call(operand, "negative") else operand


def multiply(a: Any, b: Any) -> Formula:
    """Product a·b, with a·(1/b) = a/b; products of products are one, minus signs come first, numbers after them."""
    (minus, left), (also_minus, right) = unsigned(a), unsigned(b)
    if is_reciprocal(right):
        product = divide(left, right.parents[1])
        return negative(product) if minus != also_minus else product
    factors = flat("multiply", left, right)
    numbers = [factor for factor in factors if isinstance(factor, Number)]
    others = tuple(factor for factor in factors if not isinstance(factor, Number))
    coefficient = Number(prod(number.value for number in numbers))
    if not others:
        product = coefficient
    elif not is_number(coefficient, 1.0):
        product = Call("multiply", (coefficient, *others))
    else:
        product = Call("multiply", others) if len(others) > 1 else others[0]
    return negative(product) if minus != also_minus else product


def divide(a: Any, b: Any) -> Formula:
    """Quotient a / b, left as a fraction; minus signs come to the front."""
    (minus, above), (also_minus, below) = unsigned(a), unsigned(b)
    quotient = above if is_number(below, 1.0) else Call("divide", (above, below))
    return negative(quotient) if minus != also_minus else quotient


def power(a: Any, b: Any) -> Formula:
    """Power aᵇ, with a¹ = a and a⁰ = 1."""
    base, exponent = lift(a), lift(b)
    if is_number(exponent, 1.0):
        return base
    return Number(1.0) if is_number(exponent, 0.0) else computed("pow", base, exponent)


def compare(function: str, a: Any, b: Any) -> Formula:
    """Comparison of two formulas, 1 or 0 where both are numbers."""
    return computed(function, lift(a), lift(b))


def choose(condition: Any, a: Any, b: Any) -> Formula:
    """Choice, a where the condition is not 0, else b; a where both are the same."""
    test, chosen, otherwise = lift(condition), lift(a), lift(b)
    if isinstance(test, Number):
        return chosen if test.value else otherwise
    return chosen if chosen is otherwise else Call("where", (test, chosen, otherwise))


def apply(function: str, *operands: Any) -> Formula:
    """Any other function of formulas."""
    return Call(function, tuple(map(lift, operands)))


def apply_flat(function: str, a: Any, b: Any) -> Formula:
    """A function such as the maximum, of which max(max(a, b), c) = max(a, b, c)."""
    return Call(function, flat(function, lift(a), lift(b)))


N_ARY = frozenset({"add", "multiply", "maximum", "minimum"})


def called(xp: Namespace, function: str, operands: Sequence[Value]) -> Value:
    """A function of a namespace by its name; one that takes two operands takes more of them in turn."""
    return reduce(getattr(xp, function), operands) if function in N_ARY else getattr(xp, function)(*operands)


def evaluate(formula: Formula, values: Mapping[Symbol, Value], xp: Namespace = np) -> Value:
    """The value of a formula where its symbols have these values, read with any namespace.

    Raises FormulaError for a symbol without a value.
    """
    found: dict[Formula, Value] = {}
    for part in topological_order([formula]):
        if isinstance(part, Number):
            found[part] = part.value
        elif isinstance(part, Call):
            found[part] = called(xp, part.function, [found[operand] for operand in part.operands])
        elif isinstance(part, Symbol) and part in values:
            found[part] = values[part]
        else:
            raise FormulaError("a symbol without a value", node=str(part), cure="Give one for every symbol.")
    return found[formula]


def substitute(formula: Formula, values: Mapping[Symbol, float]) -> Formula:
    """The same formula with numbers in place of some symbols, written out and not simplified."""
    found: dict[Formula, Formula] = {}
    for part in topological_order([formula]):
        if isinstance(part, Call):
            found[part] = Call(part.function, tuple([found[operand] for operand in part.operands]))
        else:
            found[part] = Number(values[part]) if isinstance(part, Symbol) and part in values else part
    return found[formula]
