"""The rules of an op as lines of Python over floats: read once as formulas, then filled in for every node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial, reduce
from math import prod
from typing import Any, NamedTuple

import numpy as np

from minigrad._toposort import topological_order
from minigrad.compiler.trace import as_compile_error
from minigrad.core import interpreter
from minigrad.core.plan import grouped
from minigrad.ops.base import Op
from minigrad.symbolic import Call, Formula, Number, Symbol, lift, namespace
from minigrad.symbolic.expression import N_ARY
from minigrad.symbolic.namespace import row

OPERATORS = {
    "add": "({} + {})",
    "multiply": "({} * {})",
    "divide": "({} / {})",
    "negative": "(-{})",
    "greater": "({} > {})",
    "less": "({} < {})",
    "equal": "({} == {})",
    "where": "({1} if {0} else {2})",
}
"""What is an operator in Python; all else is a function of `minigrad.core.floats`. Only a negative begins with `(-`."""

MANY = 16
"""Terms of a sum that are written with a sign between them; more are summed up from a tuple."""


class Template(NamedTuple):
    """Some formulas in Python: lines that come first, and the expression of each, with a place `{k}` for letter k.

    What stands in several places of the formulas is computed once, in a line of its own.
    """

    lines: tuple[str, ...]
    results: tuple[str | None, ...]

    def fill(self, names: Sequence[str]) -> tuple[list[str], list[str | None]]:
        """The lines and expressions with the names of variables in the place of letters."""
        lines = [line.format(*names) for line in self.lines]
        return lines, [None if result is None else result.format(*names) for result in self.results]


class OpTemplates(NamedTuple):
    """Both rules of an op: letters are the operands, for the backward rule followed by y and δ."""

    forward: Template
    backward: Template


def op_templates(op: Op, count: int) -> OpTemplates:
    """The rules of an op of so many scalar parents; raises CompileError where a rule cannot be read as formulas."""
    letters = [Symbol("", f"{{{place}}}") for place in range(count + 2)]
    *parents, y, delta = letters
    operands: Any = parents
    if op.stars:
        operands = [row(part) if isinstance(part, tuple) else part for part in grouped(op, tuple(parents))]
    shapes = [np.shape(operand) for operand in operands]
    with as_compile_error(f"a rule of {op.label}", "cannot be read as formulas"):
        value = interpreter.apply_forward(namespace, op, operands, shapes)
        slopes = interpreter.apply_backward(namespace, op, delta, y, operands, shapes)
        parts = [
            formula
            for slope, shape in zip(slopes, shapes, strict=True)
            for formula in ([None] * prod(shape) if slope is None else map(lift, np.ravel(row(slope))))
        ]
        return OpTemplates(phrase([lift(value)]), phrase(parts))


def phrase(formulas: Sequence[Formula | None]) -> Template:
    """Some formulas in Python."""
    parts = topological_order([formula for formula in formulas if formula is not None])
    uses = Counter(operand for part in parts for operand in part.parents)
    texts: dict[Formula, str] = {}
    lines: list[str] = []
    for part in parts:
        text = spelled(part, [texts[operand] for operand in part.parents])
        if isinstance(part, Call) and uses[part] > 1:
            lines.append(f"t{len(lines)} = {text}")
            text = f"t{len(lines) - 1}"
        texts[part] = text
    return Template(tuple(lines), tuple(None if formula is None else bare(texts[formula]) for formula in formulas))


def spelled(part: Formula, operands: Sequence[str]) -> str:
    """One formula in Python, made of its operands."""
    if isinstance(part, Symbol):
        return part.text
    if isinstance(part, Number):
        return repr(part.value) if part.value >= 0 else f"({part.value!r})"
    assert isinstance(part, Call)
    if part.function == "add" and len(operands) > MANY:
        return f"total(({', '.join(operands)}))"
    if part.function in N_ARY:
        return reduce(partial(joined, part.function), operands)
    return OPERATORS.get(part.function, f"{part.function}({', '.join(['{}'] * len(operands))})").format(*operands)


def joined(function: str, left: str, right: str) -> str:
    """A function of two operands; the sum with a negative is a difference."""
    if function == "add" and right.startswith("(-"):
        return f"({left} - {right[2:-1]})"
    return OPERATORS.get(function, f"{function}({{}}, {{}})").format(left, right)


def bare(text: str) -> str:
    """An expression without the parentheses around the whole of it."""
    depths = list(nesting(text))
    enclosed = text.startswith("(") and text.endswith(")") and all(depths[:-1])
    return text[1:-1] if enclosed else text


def nesting(text: str) -> Iterator[int]:
    """How many parentheses are open after each letter."""
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        yield depth
