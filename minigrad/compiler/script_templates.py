"""Templates of a script: the rules of an op as lines of Python over floats, filled in with variables for every node."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from minigrad._toposort import topological_order
from minigrad.compiler.trace import as_compile_error
from minigrad.core import interpreter
from minigrad.core.plan import grouped
from minigrad.ops.base import Op, Shape
from minigrad.symbolic import Call, Formula, Symbol, lift, namespace
from minigrad.symbolic.namespace import as_formula_array
from minigrad.symbolic.printing import Level, Notation, Piece, Python


class Template(NamedTuple):
    """Formulas in Python: lines that come first, and the expression of each, with a field `{k}` for operand k.

    What occurs in several places of the formulas is computed once, in a line of its own.
    """

    lines: tuple[str, ...]
    results: tuple[str | None, ...]

    def fill(self, names: Sequence[str]) -> tuple[list[str], list[str | None]]:
        """Return the lines and expressions with the names of variables in place of the fields."""
        lines = [line.format(*names) for line in self.lines]
        return lines, [None if result is None else result.format(*names) for result in self.results]


class OpTemplates(NamedTuple):
    """Both rules of an op; their fields are the elements of the operands, for the backward rule followed by y and δ."""

    forward: Template
    backward: Template


def op_templates(op: Op, count: int) -> OpTemplates:
    """Write the rules of an op of so many scalar parents; raise CompileError where a rule is not made of formulas."""
    return array_templates(op, [()] * count, Python())


def array_templates(op: Op, shapes: Sequence[Shape], notation: Notation) -> OpTemplates:
    """Write the rules of an op for parents of some shapes, element by element.

    Raises CompileError where a rule is not made of formulas.
    """
    fields = itertools.count()
    parents: Any = [new_fields(shape, fields) for shape in shapes]
    if op.stars and not shapes[0]:
        groups = grouped(op, tuple(parents))
        parents = [as_formula_array(group) if isinstance(group, tuple) else group for group in groups]
    shapes = [np.shape(parent) for parent in parents]
    with as_compile_error(f"a rule of {op.label}", "cannot be read as formulas"):
        value = interpreter.apply_forward(namespace, op, parents, shapes)
        y, delta = (new_fields(np.shape(value), fields) for _ in range(2))
        adjoints = interpreter.apply_backward(namespace, op, delta, y, parents, shapes)
        parts = [
            formula
            for adjoint, shape in zip(adjoints, shapes, strict=True)
            for formula in ([None] * prod(shape) if adjoint is None else formulas_of(adjoint))
        ]
        return OpTemplates(write_template(formulas_of(value), notation), write_template(parts, notation))


def new_fields(shape: Shape, numbers: Iterator[int]) -> Any:
    """Return symbols written as the next fields `{k}` of a template, in an array of some shape."""
    fields = [Symbol("", f"{{{next(numbers)}}}") for _ in range(prod(shape))]
    return as_formula_array(fields).reshape(shape) if shape else fields[0]


def formulas_of(value: Any) -> list[Formula]:
    """Return the elements of a value, one after the other."""
    return [lift(element) for element in np.ravel(as_formula_array(value))]


def write_template(formulas: Sequence[Formula | None], notation: Notation) -> Template:
    """Write formulas, each part that several others read in a line of its own."""
    parts = topological_order([formula for formula in formulas if formula is not None])
    uses = Counter(operand for part in parts for operand in part.parents)
    uses.update(formula for formula in formulas if formula is not None)
    pieces: dict[Formula, Piece] = {}
    lines: list[str] = []
    for part in parts:
        piece = notation.piece(part, [pieces[operand] for operand in part.parents])
        if isinstance(part, Call) and uses[part] > 1:
            variable = f"t{len(lines)}"
            lines.append(f"{variable} = {piece.text}")
            piece = Piece(variable, Level.ATOM)
        pieces[part] = piece
    return Template(tuple(lines), tuple(None if formula is None else pieces[formula].text for formula in formulas))
