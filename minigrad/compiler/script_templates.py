"""Templates of a script: the rules of an op as lines of Python over floats, filled in with variables for every node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from minigrad._toposort import topological_order
from minigrad.compiler.trace import as_compile_error
from minigrad.core import interpreter
from minigrad.core.plan import grouped
from minigrad.ops.base import Op
from minigrad.symbolic import Call, Formula, Symbol, lift, namespace
from minigrad.symbolic.namespace import as_formula_array
from minigrad.symbolic.printing import Level, Piece, Python


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
    """Both rules of an op; their fields are the operands, for the backward rule followed by y and δ."""

    forward: Template
    backward: Template


def op_templates(op: Op, count: int) -> OpTemplates:
    """Write the rules of an op of so many scalar parents; raise CompileError where a rule is not made of formulas."""
    *parents, y, delta = [Symbol("", f"{{{field}}}") for field in range(count + 2)]
    operands: Any = parents
    if op.stars:
        groups = grouped(op, tuple(parents))
        operands = [as_formula_array(group) if isinstance(group, tuple) else group for group in groups]
    shapes = [np.shape(operand) for operand in operands]
    with as_compile_error(f"a rule of {op.label}", "cannot be read as formulas"):
        value = interpreter.apply_forward(namespace, op, operands, shapes)
        adjoints = interpreter.apply_backward(namespace, op, delta, y, operands, shapes)
        parts = [
            formula
            for adjoint, shape in zip(adjoints, shapes, strict=True)
            for formula in ([None] * prod(shape) if adjoint is None else map(lift, np.ravel(as_formula_array(adjoint))))
        ]
        return OpTemplates(write_template([lift(value)]), write_template(parts))


def write_template(formulas: Sequence[Formula | None]) -> Template:
    """Write formulas in Python, each part that several others read in a line of its own."""
    parts = topological_order([formula for formula in formulas if formula is not None])
    uses = Counter(operand for part in parts for operand in part.parents)
    notation = Python()
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
