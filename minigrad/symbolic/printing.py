"""Formulas as people write them: one expression in LaTeX or in plain text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import IntEnum
from itertools import groupby
from typing import ClassVar, NamedTuple

from minigrad._format import format_number
from minigrad._toposort import topological_order
from minigrad.symbolic.expression import Call, Formula, Number, Symbol

MOST_OPERANDS = 8
"""Terms, factors or arguments that are written; of more, the middle is left out."""


class Level(IntEnum):
    """How tightly an expression holds together; a looser one stands in parentheses inside a tighter one."""

    CHOICE = 0
    COMPARISON = 1
    SUM = 2
    PRODUCT = 3
    POWER = 4
    ATOM = 5


class Piece(NamedTuple):
    """A written part of a formula, how tightly it holds together, and whether it is a bare number."""

    text: str
    level: Level
    numeric: bool = False


class Notation(ABC):
    """What LaTeX and plain text have in common: signs, parentheses, and leaving out the middle of what is too long."""

    minus: ClassVar[str]
    times: ClassVar[str]
    dot: ClassVar[str]
    """Between two factors where the second begins with a digit or both are numbers."""
    dots: ClassVar[str]
    relations: ClassVar[dict[str, str]]

    def written(self, formula: Formula, digits: int = 4) -> str:
        """The formula, its numbers with so many significant digits."""
        pieces: dict[Formula, Piece] = {}
        for part in topological_order([formula]):
            if isinstance(part, Number):
                pieces[part] = self.number(format_number(part.value + 0.0, digits))
            elif isinstance(part, Symbol):
                pieces[part] = Piece(self.letter(part), Level.ATOM)
            elif isinstance(part, Call):
                operands = self.shortened([pieces[operand] for operand in part.operands])
                pieces[part] = self.call(part.function, operands)
        return pieces[formula].text

    def call(self, function: str, operands: Sequence[Piece]) -> Piece:
        """A function of operands that are written already."""
        match function:
            case "add":
                return self.sum(operands)
            case "negative":
                return Piece(self.minus + self.inside(operands[0], Level.PRODUCT), Level.SUM)
            case "multiply":
                return self.product(operands)
            case "divide":
                return self.quotient(*operands)
            case "pow":
                return self.power(*operands)
            case "expm1":  # written as it is meant: a formula has no rounding to guard against
                return self.sum([self.function("exp", [operands[0].text]), self.number("-1")])
            case "log1p":
                return self.function("log", [self.sum([self.number("1"), *operands]).text])
            case "where":
                return self.choice(self.condition(operands[0]), *operands[1:])
            case "greater" | "less" | "equal":
                left, right = (self.inside(operand, Level.SUM) for operand in operands)
                return Piece(f"{left} {self.relations[function]} {right}", Level.COMPARISON)
            case _:
                return self.function(function, [operand.text for operand in operands])

    def shortened(self, operands: Sequence[Piece]) -> Sequence[Piece]:
        """The operands, with dots in place of the middle where there are many."""
        if len(operands) <= MOST_OPERANDS:
            return operands
        return [*operands[: MOST_OPERANDS - 2], Piece(self.dots, Level.ATOM), operands[-1]]

    def inside(self, piece: Piece, level: Level) -> str:
        """The piece as it stands in an expression of some level, in parentheses where it is looser."""
        return piece.text if piece.level >= level else self.parenthesized(piece.text)

    def sum(self, operands: Sequence[Piece]) -> Piece:
        """Terms with their signs between them."""
        first, *rest = [self.inside(operand, Level.SUM) for operand in operands]
        for term in rest:
            bare = term.removeprefix("-").removeprefix(self.minus)
            first += f" + {term}" if bare == term else f" {self.minus} {bare}"
        return Piece(first, Level.SUM)

    def product(self, operands: Sequence[Piece]) -> Piece:
        """Factors side by side; equal neighbors make a power."""
        factors: list[Piece] = []
        for factor, alike in groupby(operands):
            count = len(list(alike))
            alone = count == 1 or factor.numeric
            factors += [factor] * count if alone else [self.power(factor, self.number(str(count)))]
        if len(factors) == 1:
            return factors[0]
        text, before = self.inside(factors[0], Level.PRODUCT), factors[0]
        for factor in factors[1:]:
            written = self.inside(factor, Level.PRODUCT)
            apart = written[0].isdigit() or (before.numeric and factor.numeric)
            text += (self.dot if apart else self.times) + written
            before = factor
        return Piece(text, Level.PRODUCT)

    def condition(self, test: Piece) -> str:
        """What a choice asks; a formula that is no comparison is asked whether it is 0."""
        return test.text if test.level is Level.COMPARISON else f"{test.text} {self.relations['not_equal']} 0"

    @abstractmethod
    def number(self, text: str) -> Piece:
        """A number as `shown` writes it."""

    @abstractmethod
    def letter(self, symbol: Symbol) -> str:
        """A symbol."""

    @abstractmethod
    def parenthesized(self, text: str) -> str:
        """Something in parentheses."""

    @abstractmethod
    def quotient(self, above: Piece, below: Piece) -> Piece:
        """A fraction."""

    @abstractmethod
    def power(self, base: Piece, exponent: Piece) -> Piece:
        """A power."""

    @abstractmethod
    def choice(self, condition: str, chosen: Piece, otherwise: Piece) -> Piece:
        """A choice between two."""

    @abstractmethod
    def function(self, name: str, operands: Sequence[str]) -> Piece:
        """Any other function."""


class Latex(Notation):
    """LaTeX, in the commands that both MathJax and Matplotlib know."""

    minus, times, dot, dots = "-", r"\,", r" \cdot ", r"\cdots"
    relations: ClassVar[dict[str, str]] = {"greater": ">", "less": "<", "equal": "=", "not_equal": r"\neq"}
    names: ClassVar[dict[str, str]] = {
        "atan": r"\arctan",
        "cos": r"\cos",
        "log": r"\ln",
        "maximum": r"\max",
        "minimum": r"\min",
        "sin": r"\sin",
        "tanh": r"\tanh",
    }

    def number(self, text: str) -> Piece:
        level = Level.SUM if text.startswith("-") else Level.ATOM
        mantissa, e, exponent = text.partition("e")
        if e:
            return Piece(rf"{mantissa} \cdot 10^{{{int(exponent)}}}", min(level, Level.PRODUCT), True)
        return Piece(text.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}"), level, True)

    def letter(self, symbol: Symbol) -> str:
        return symbol.latex

    def parenthesized(self, text: str) -> str:
        tall = r"\frac" in text or r"\left" in text
        return rf"\left({text}\right)" if tall else f"({text})"

    def quotient(self, above: Piece, below: Piece) -> Piece:
        return Piece(rf"\frac{{{above.text}}}{{{below.text}}}", Level.PRODUCT)

    def power(self, base: Piece, exponent: Piece) -> Piece:
        return Piece(f"{self.inside(base, Level.ATOM)}^{{{exponent.text}}}", Level.POWER)

    def choice(self, condition: str, chosen: Piece, otherwise: Piece) -> Piece:
        first = self.inside(chosen, Level.SUM)
        return Piece(rf"{first} \;\mathrm{{if}}\; {condition} \;\mathrm{{else}}\; {otherwise.text}", Level.CHOICE)

    def function(self, name: str, operands: Sequence[str]) -> Piece:
        inner = r",\, ".join(operands)
        match name:
            case "exp":
                return Piece(f"e^{{{inner}}}", Level.POWER)
            case "sqrt":
                return Piece(rf"\sqrt{{{inner}}}", Level.ATOM)
            case "abs":
                return Piece(rf"\left|{inner}\right|", Level.ATOM)
        return Piece(self.names.get(name, rf"\mathrm{{{name}}}") + self.parenthesized(inner), Level.ATOM)


class Text(Notation):
    """Plain text, with the letters and signs of Unicode."""

    minus, times, dot, dots = "−", "·", "·", "…"
    relations: ClassVar[dict[str, str]] = {"greater": ">", "less": "<", "equal": "=", "not_equal": "≠"}
    names: ClassVar[dict[str, str]] = {"atan": "arctan", "log": "ln", "maximum": "max", "minimum": "min", "sqrt": "√"}

    def number(self, text: str) -> Piece:
        return Piece(text, Level.SUM if text.startswith("-") else Level.ATOM, True)

    def letter(self, symbol: Symbol) -> str:
        return symbol.text

    def parenthesized(self, text: str) -> str:
        return f"({text})"

    def quotient(self, above: Piece, below: Piece) -> Piece:
        return Piece(f"{self.inside(above, Level.PRODUCT)}/{self.inside(below, Level.POWER)}", Level.PRODUCT)

    def power(self, base: Piece, exponent: Piece) -> Piece:
        raised = {"2": "²", "3": "³"}.get(exponent.text, f"^{self.inside(exponent, Level.ATOM)}")
        return Piece(self.inside(base, Level.ATOM) + raised, Level.POWER)

    def choice(self, condition: str, chosen: Piece, otherwise: Piece) -> Piece:
        return Piece(f"{self.inside(chosen, Level.SUM)} if {condition} else {otherwise.text}", Level.CHOICE)

    def function(self, name: str, operands: Sequence[str]) -> Piece:
        inner = ", ".join(operands)
        return Piece(f"|{inner}|" if name == "abs" else f"{self.names.get(name, name)}({inner})", Level.ATOM)


def latex(formula: Formula, digits: int = 4) -> str:
    """The formula in LaTeX, its numbers with so many significant digits."""
    return Latex().written(formula, digits)


def text(formula: Formula, digits: int = 4) -> str:
    """The formula in plain text, its numbers with so many significant digits."""
    return Text().written(formula, digits)
