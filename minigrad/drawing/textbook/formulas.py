"""Formulas of ops in the names of the textbook, read from their own rules: θ(s) and θ′, losses and ∂L/∂ŷ."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from minigrad.core import interpreter
from minigrad.core.local_derivatives import by_parent
from minigrad.core.node import Node
from minigrad.core.plan import Stacked
from minigrad.drawing.numbers import MINUS, format_given
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.textbook.textbook_content import NARROW, TextbookContent
from minigrad.errors import MinigradError
from minigrad.ops.base import Op
from minigrad.structure import NetworkStructure, Unit
from minigrad.symbolic import Formula, Number, Symbol, lift, namespace, readable, text
from minigrad.symbolic.printing import Level, Piece, Text, number_piece

LONGEST_HEADER = 24
"""Characters of the equation of a loss over its column."""
MOST_ELEMENTS = 12
"""Outputs and targets of a loss up to which its rule is read."""
LONGEST, SHORT = 36, 18
"""Characters of a formula that is shown, and of that of a loss over its column; a longer one is called by its label."""

OPERAND, RESULT = Symbol("", "s"), Symbol("", "θ")
"""What the formulas of an activation are made of."""
UNREADABLE = (MinigradError, TypeError, ValueError, AttributeError, IndexError)
"""What a rule of a user's own raises that formulas cannot pass."""


class Factor(NamedTuple):
    """A formula in symbols and in numbers."""

    symbols: Formula
    numbers: Formula


class ActivationFormulas(NamedTuple):
    """θ(s) and θ′ as formulas of `OPERAND` and `RESULT`."""

    value: Formula
    slope: Formula


class InNumbers(Text):
    """Formulas whose symbols are numbers that are written already: none of them is raised to a power."""

    def __init__(self) -> None:
        super().__init__(0)

    def piece(self, part: Formula, operands: Sequence[Piece]) -> Piece:
        if not isinstance(part, Symbol):
            return super().piece(part, operands)
        is_product = "×" in part.text
        return Piece(
            part.text, Level.SUM if part.text[0] == MINUS else Level.PRODUCT if is_product else Level.ATOM, True
        )

    def number(self, value: float) -> Piece:
        return number_piece(format_given(value, 17))


def product(first: Factor, second: Factor) -> Factor:
    """Return the product of two formulas."""
    return Factor(first.symbols * second.symbols, first.numbers * second.numbers)


def activation_formulas(op: Op) -> ActivationFormulas | None:
    """Return θ and θ′ as the rules of an op have them; None where they are not made of formulas."""
    try:
        value = interpreter.apply_forward(readable, op, [OPERAND], [()])
        (slope,) = interpreter.apply_backward(readable, op, Number(1.0), RESULT, [OPERAND], [()])
        derivative = Number(0.0) if slope is None else lift(namespace.unwrap(slope))
        return ActivationFormulas(lift(namespace.unwrap(value)), derivative)
    except UNREADABLE:
        return None


def activation_texts(op: Op) -> tuple[str, str]:
    """Return θ(s) and θ′ as text; "" for what is too long to read."""
    value, slope = map(text, activation_formulas(op) or (Symbol("", ""),) * 2)
    return value if len(value) <= LONGEST else "", slope if len(slope) <= LONGEST else ""


def loss_formula(structure: NetworkStructure, settings: DrawSettings, loss: Unit, letter: str) -> str:
    """Return the formula of a loss by its rule: of its one output, or of the sum over all of them; else its label."""
    op = loss.output.op
    assert op is not None
    rule = loss_rule(structure, settings, loss.output, backward=False)
    formula = half_sign(text(lift(rule[0].symbols))) if rule and rule[0] else ""
    if formula and len(formula) <= SHORT:
        return formula
    return formula_of_sum(op, letter) or op.label


def header_formula(content: TextbookContent, loss: Unit, letter: str) -> str:
    """Return the equation of a loss, L = …, over its column; "" where it is too long there."""
    equation = f"{content.name(loss)} = {loss_formula(content.structure, content.settings, loss, letter)}"
    return equation if len(equation) <= (SHORT if content.settings.width < NARROW else LONGEST_HEADER) else ""


def formula_of_sum(op: Op, letter: str) -> str:
    """Return the formula of a loss that is a sum over its outputs, such as ½Σₖ(ŷₖ − tₖ)²; "" where it is none."""
    outputs, targets = np.array([0.3, 0.6, 0.2]), np.array([0.0, 1.0, 0.0])
    one = [readable.as_formula_array([Symbol("", f"{name}{letter}")]) for name in ("ŷ", "t")]
    try:
        formula = half_sign(text(lift(interpreter.apply_forward(readable, op, one, [(1,), (1,)]))))
        parts = [float(op.forward(np, outputs[[index]], targets[[index]])) for index in range(3)]
        is_sum = bool(np.isclose(float(op.forward(np, outputs, targets)), sum(parts)))
    except UNREADABLE:  # needs more outputs, or formulas cannot pass
        return ""
    if not is_sum or len(formula) > SHORT:
        return ""
    return f"½Σ{letter}{formula[1:]}" if formula.startswith("½") else f"Σ{letter} {formula}"


def half_sign(formula: str) -> str:
    """Return a formula with ½ in place of a leading 0.5."""
    return formula.replace("0.5·(", "½(", 1) if formula.startswith("0.5·(") else formula


def loss_rule(
    structure: NetworkStructure, settings: DrawSettings, loss: Node, backward: bool = True
) -> list[Factor | None] | None:
    """Return the value of a loss, or its derivatives by each operand, as its rule has them; None for a large one."""
    if loss.shape or loss.op is None or sum(prod(parent.shape) for parent in loss.parents) > MOST_ELEMENTS:
        return None
    operands = structure.graph.plan.operands_of(loss)
    results: list[list[Any]] = []
    for numbers in (False, True):

        def written(node: Node, in_numbers: bool = numbers) -> Any:
            return operand_symbols(structure, settings, node, in_numbers)

        x = [
            readable.as_formula_array([*map(written, operand.parents)])
            if isinstance(operand, Stacked)
            else written(operand)
            for operand in operands
        ]
        shapes = [operand.shape for operand in operands]
        try:
            if backward:
                y = written(loss)
                terms = interpreter.apply_backward(readable, loss.op, Number(1.0), y, x, shapes)
                results.append(by_parent(operands, terms))
            else:
                results.append([interpreter.apply_forward(readable, loss.op, x, shapes)])
        except UNREADABLE:
            return None
    return [
        None if symbols is None else Factor(namespace.unwrap(symbols), namespace.unwrap(numbers))
        for symbols, numbers in zip(*results, strict=True)
    ]


def operand_symbols(structure: NetworkStructure, settings: DrawSettings, node: Node, in_numbers: bool) -> Any:
    """Return the symbol of a node, or those of its elements; in numbers, symbols that are written as their values."""
    names = structure.textbook_names

    def one(position: Any) -> Symbol:
        if in_numbers:
            return Symbol("", settings.snapshot.text(node, position, settings.digits))
        if node.kind == "constant" and not node.name and position is None:
            return Symbol("", names.name(node))
        return Symbol("", names.name(node, position))

    if not node.shape:
        return one(None)
    if len(node.shape) > 1:
        raise ValueError("a loss of several rows")
    return readable.as_formula_array([one(index) for index in range(node.shape[0])])
