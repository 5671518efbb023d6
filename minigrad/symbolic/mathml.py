"""Formulas in MathML, which browsers typeset without a library."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape
from typing import ClassVar

from minigrad._format import format_number
from minigrad.symbolic.expression import Formula, Symbol
from minigrad.symbolic.printing import Level, Piece, TextbookNotation

NAME = re.compile(r"(.+?)([₀-₉,ᵢⱼₖ]*)(⁽[⁰¹²³⁴-⁹,]+⁾)?")
"""A name with indices and a layer, w₁₂⁽¹⁾."""


class MathML(TextbookNotation):
    """Contents of a `math` element in MathML Core, with a dot between all factors."""

    plus, minus = "<mo>+</mo>", "<mo>−</mo>"
    times = dot = "<mo>·</mo>"
    dots = "<mo>…</mo>"
    relations: ClassVar[dict[str, str]] = {
        "greater": "<mo>&gt;</mo>",
        "less": "<mo>&lt;</mo>",
        "equal": "<mo>=</mo>",
        "not_equal": "<mo>≠</mo>",
    }
    names: ClassVar[dict[str, str]] = {"atan": "arctan", "log": "ln", "maximum": "max", "minimum": "min"}

    def rounded(self, text: str) -> Piece:
        sign, digits = (self.minus, text[1:]) if text.startswith(("-", "−")) else ("", text)
        level = Level.SUM if sign else Level.ATOM
        mantissa, e, exponent = digits.replace("inf", "∞").replace("nan", "NaN").partition("e")
        if not e:
            return Piece(f"{sign}<mn>{mantissa}</mn>", level, True)
        power = f"<msup><mn>10</mn><mn>{str(int(exponent)).replace('-', '−')}</mn></msup>"
        return Piece(f"{sign}<mn>{mantissa}</mn><mo>·</mo>{power}", min(level, Level.PRODUCT), True)

    def symbol(self, symbol: Symbol) -> str:
        return mathml_name(symbol.text)

    def parenthesize(self, text: str) -> str:
        return f"<mrow><mo>(</mo>{text}<mo>)</mo></mrow>"

    def quotient(self, above: Piece, below: Piece) -> Piece:
        return Piece(f"<mfrac><mrow>{above.text}</mrow><mrow>{below.text}</mrow></mfrac>", Level.PRODUCT)

    def choice(self, condition: Piece, chosen: Piece, otherwise: Piece) -> Piece:
        rows = (
            (chosen.text, f"<mtext>if\u00a0</mtext>{self.condition(condition)}"),
            (otherwise.text, "<mtext>else</mtext>"),
        )
        table = "".join(f"<mtr><mtd>{value}</mtd><mtd>{when}</mtd></mtr>" for value, when in rows)
        return Piece(f"<mrow><mo>{{</mo><mtable>{table}</mtable></mrow>", Level.CHOICE)

    def power(self, base: Piece, exponent: Piece) -> Piece:
        raised = f"<msup><mrow>{self.inside(base, Level.ATOM)}</mrow><mrow>{exponent.text}</mrow></msup>"
        return Piece(raised, Level.POWER)

    def named(self, name: str, operands: Sequence[str]) -> Piece:
        inner = "<mo>,</mo>".join(operands)
        match name:
            case "exp":
                return Piece(f"<msup><mi>e</mi><mrow>{inner}</mrow></msup>", Level.POWER)
            case "sqrt":
                return Piece(f"<msqrt>{inner}</msqrt>", Level.ATOM)
            case "abs":
                return Piece(f"<mrow><mo>|</mo>{inner}<mo>|</mo></mrow>", Level.ATOM)
        applied = f"<mi>{self.names.get(name, name)}</mi><mo>&#x2061;</mo>{self.parenthesize(inner)}"
        return Piece(f"<mrow>{applied}</mrow>", Level.ATOM)


def mathml_name(name: str) -> str:
    """Write a name in MathML, its indices and its layer as such."""
    match = NAME.fullmatch(name)
    letter, *parts = (match[1], match[2], match[3]) if match else (name, "", "")
    base = f"<mi>{escape(letter)}</mi>"
    indices, layer = (unicodedata.normalize("NFKC", part or "") for part in parts)
    below, above = f"<mn>{indices}</mn>", f"<mtext>{layer}</mtext>"
    if indices and layer:
        return f"<msubsup>{base}{below}{above}</msubsup>"
    if indices or layer:
        return f"<msub>{base}{below}</msub>" if indices else f"<msup>{base}{above}</msup>"
    return base


def mathml(formula: Formula, digits: int = 4) -> str:
    """Return a formula as a `math` element, its numbers with so many significant digits."""
    return f"<math>{MathML(digits, format_number).write(formula)}</math>"
