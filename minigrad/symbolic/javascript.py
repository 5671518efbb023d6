"""Formulas in JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import ClassVar

from minigrad.symbolic.printing import Level, Notation, Piece, number_piece


class JavaScript(Notation):
    """JavaScript over numbers: operators and the functions of `Math`, done in the order in which a formula has them."""

    over = " / "
    relations: ClassVar[dict[str, str]] = {"greater": ">", "less": "<", "equal": "===", "not_equal": "!=="}
    names: ClassVar[dict[str, str]] = {"maximum": "max", "minimum": "min"}

    def number(self, value: float) -> Piece:
        if isfinite(value):
            return number_piece(repr(float(value)))
        return number_piece("NaN" if value != value else "Infinity" if value > 0 else "-Infinity")

    def product(self, operands: Sequence[Piece]) -> Piece:
        first, *rest = operands
        factors = [self.inside(first, Level.PRODUCT), *(self.inside(factor, Level.POWER) for factor in rest)]
        return Piece(" * ".join(factors), Level.PRODUCT)

    def choice(self, condition: Piece, chosen: Piece, otherwise: Piece) -> Piece:
        texts = self.condition(condition), self.inside(chosen, Level.SUM), self.inside(otherwise, Level.SUM)
        return Piece("{} ? {} : {}".format(*texts), Level.CHOICE)

    def condition(self, test: Piece) -> str:
        """Write the condition of a choice; what is no comparison is compared with 0, which equals false but not NaN."""
        return test.text if test.level is Level.COMPARISON else f"{self.inside(test, Level.SUM)} != 0"

    def call(self, function: str, operands: Sequence[Piece]) -> Piece:
        name = self.names.get(function, function)
        return Piece(f"Math.{name}({', '.join(operand.text for operand in operands)})", Level.ATOM)
