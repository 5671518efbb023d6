"""Formulas in writing, LaTeX, plain text and Python: each a notation, and one rule of where parentheses stand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import reduce
from itertools import groupby
from typing import ClassVar, NamedTuple

from minigrad._format import elide, format_number
from minigrad._toposort import topological_order
from minigrad.symbolic.expression import N_ARY, Call, Formula, Number, Symbol

MOST_OPERANDS = 8
"""Terms, factors or arguments that are written for a reader; of more, the middle is left out."""
MOST_TERMS = 16
"""Terms of a sum with a sign between them in Python, which cannot compile very many; more are summed from a tuple."""


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


def number_piece(text: str) -> Piece:
    """Return a number as it is written; a negative one counts as a sum, one with a power of ten as a product."""
    level = Level.SUM if text.startswith(("-", "−")) else Level.PRODUCT if "×" in text else Level.ATOM
    return Piece(text, level, True)


class Notation(ABC):
    """Signs, parentheses and the order of operations, which all notations have in common."""

    plus: ClassVar[str] = "+"
    minus: ClassVar[str] = "-"
    over: ClassVar[str] = "/"
    words: ClassVar[tuple[str, str]] = (" if ", " else ")
    """Between the parts of a choice."""
    relations: ClassVar[dict[str, str]]

    def write(self, formula: Formula) -> str:
        """Write a formula."""
        pieces: dict[Formula, Piece] = {}
        for part in topological_order([formula]):
            pieces[part] = self.piece(part, [pieces[operand] for operand in part.parents])
        return pieces[formula].text

    def piece(self, part: Formula, operands: Sequence[Piece]) -> Piece:
        """Write one part of a formula, whose operands are written already."""
        match part:
            case Call():
                return self.apply(part.function, operands)
            case Number():
                return self.number(part.value)
            case Symbol():
                return Piece(self.symbol(part), Level.POWER if "^" in part.latex else Level.ATOM)
        raise TypeError(f"{part!r} is not a formula")

    def apply(self, function: str, operands: Sequence[Piece]) -> Piece:
        """Write a function of operands that are written already."""
        match function:
            case "add":
                return self.sum(operands)
            case "negative":
                return Piece(self.minus + self.inside(operands[0], Level.PRODUCT), Level.SUM)
            case "multiply":
                return self.product(operands)
            case "divide":
                return self.quotient(*operands)
            case "where":
                return self.choice(*operands)
        if function in self.relations:
            left, right = (self.inside(operand, Level.SUM) for operand in operands)
            return Piece(f"{left} {self.relations[function]} {right}", Level.COMPARISON)
        return self.call(function, operands)

    def inside(self, piece: Piece, level: Level) -> str:
        """Return a piece as it stands in an expression of some level, in parentheses where it is looser."""
        return piece.text if piece.level >= level else self.parenthesize(piece.text)

    def parenthesize(self, text: str) -> str:
        """Put something in parentheses."""
        return f"({text})"

    def sum(self, operands: Sequence[Piece]) -> Piece:
        """Write terms with their signs between them."""
        first, *rest = [self.inside(operand, Level.SUM) for operand in operands]
        for term in rest:
            bare = term.removeprefix("-").removeprefix(self.minus)
            first += f" {self.plus} {term}" if bare == term else f" {self.minus} {bare}"
        return Piece(first, Level.SUM)

    def symbol(self, symbol: Symbol) -> str:
        """Write a symbol."""
        return symbol.text

    def quotient(self, above: Piece, below: Piece) -> Piece:
        """Write a quotient."""
        text = f"{self.inside(above, Level.PRODUCT)}{self.over}{self.inside(below, Level.POWER)}"
        return Piece(text, Level.PRODUCT)

    def choice(self, condition: Piece, chosen: Piece, otherwise: Piece) -> Piece:
        """Write a choice between two."""
        first, test = self.inside(chosen, Level.SUM), self.condition(condition)
        return Piece(f"{first}{self.words[0]}{test}{self.words[1]}{otherwise.text}", Level.CHOICE)

    def condition(self, test: Piece) -> str:
        """Write the condition of a choice."""
        return self.inside(test, Level.COMPARISON)

    @abstractmethod
    def number(self, value: float) -> Piece:
        """Write a number."""

    @abstractmethod
    def product(self, operands: Sequence[Piece]) -> Piece:
        """Write a product."""

    @abstractmethod
    def call(self, function: str, operands: Sequence[Piece]) -> Piece:
        """Write any other function."""


class TextbookNotation(Notation):
    """What LaTeX and plain text have in common: rounded numbers, powers, and dots for the middle of what is long."""

    times: ClassVar[str]
    dot: ClassVar[str]
    """Between two factors where the second begins with a digit or both are numbers."""
    dots: ClassVar[str]

    def __init__(self, digits: int, write_number: Callable[[float, int], str] = format_number) -> None:
        self.digits = digits
        self.write_number = write_number

    def apply(self, function: str, operands: Sequence[Piece]) -> Piece:
        elided = [operand or Piece(self.dots, Level.ATOM) for operand in elide(operands, MOST_OPERANDS)]
        return super().apply(function, elided)

    def number(self, value: float) -> Piece:
        return self.rounded(self.write_number(value + 0.0, self.digits))

    def product(self, operands: Sequence[Piece]) -> Piece:
        """Write factors side by side; equal neighbors make a power."""
        factors: list[Piece] = []
        for factor, alike in groupby(operands):
            count = len(list(alike))
            alone = count == 1 or factor.numeric
            factors += [factor] * count if alone else [self.power(factor, self.rounded(str(count)))]
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
        """Write the condition of a choice; a formula that is no comparison is compared with 0."""
        return test.text if test.level is Level.COMPARISON else f"{test.text} {self.relations['not_equal']} 0"

    def call(self, function: str, operands: Sequence[Piece]) -> Piece:
        """Write any other function; ln(1 + x) and exp(x) − 1 as such, for formulas are not rounded."""
        match function:
            case "pow":
                return self.power(*operands)
            case "expm1":
                return self.sum([self.named("exp", [operands[0].text]), self.rounded("-1")])
            case "log1p":
                return self.named("log", [self.sum([self.rounded("1"), *operands]).text])
        return self.named(function, [operand.text for operand in operands])

    @abstractmethod
    def rounded(self, text: str) -> Piece:
        """Write a number as `format_number` has it."""

    @abstractmethod
    def power(self, base: Piece, exponent: Piece) -> Piece:
        """Write a power."""

    @abstractmethod
    def named(self, name: str, operands: Sequence[str]) -> Piece:
        """Write a function by its name."""


class Latex(TextbookNotation):
    """LaTeX, in the commands that both MathJax and Matplotlib know."""

    times, dot, dots = r"\,", r" \cdot ", r"\cdots"
    words = r" \;\mathrm{if}\; ", r" \;\mathrm{else}\; "
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

    def rounded(self, text: str) -> Piece:
        level = Level.SUM if text.startswith("-") else Level.ATOM
        mantissa, e, exponent = text.partition("e")
        if e:
            return Piece(rf"{mantissa} \cdot 10^{{{int(exponent)}}}", min(level, Level.PRODUCT), True)
        return Piece(text.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}"), level, True)

    def symbol(self, symbol: Symbol) -> str:
        return symbol.latex

    def parenthesize(self, text: str) -> str:
        tall = r"\frac" in text or r"\left" in text
        return rf"\left({text}\right)" if tall else f"({text})"

    def quotient(self, above: Piece, below: Piece) -> Piece:
        return Piece(rf"\frac{{{above.text}}}{{{below.text}}}", Level.PRODUCT)

    def power(self, base: Piece, exponent: Piece) -> Piece:
        return Piece(f"{self.inside(base, Level.ATOM)}^{{{exponent.text}}}", Level.POWER)

    def named(self, name: str, operands: Sequence[str]) -> Piece:
        inner = r",\, ".join(operands)
        match name:
            case "exp":
                return Piece(f"e^{{{inner}}}", Level.POWER)
            case "sqrt":
                return Piece(rf"\sqrt{{{inner}}}", Level.ATOM)
            case "abs":
                return Piece(rf"\left|{inner}\right|", Level.ATOM)
        return Piece(self.names.get(name, rf"\mathrm{{{name}}}") + self.parenthesize(inner), Level.ATOM)


class Text(TextbookNotation):
    """Plain text, with the letters and signs of Unicode."""

    minus, times, dot, dots = "−", "·", "·", "…"
    relations: ClassVar[dict[str, str]] = {"greater": ">", "less": "<", "equal": "=", "not_equal": "≠"}
    names: ClassVar[dict[str, str]] = {"atan": "arctan", "log": "ln", "maximum": "max", "minimum": "min", "sqrt": "√"}

    def rounded(self, text: str) -> Piece:
        return number_piece(text)

    def power(self, base: Piece, exponent: Piece) -> Piece:
        raised = {"2": "²", "3": "³"}.get(exponent.text, f"^{self.inside(exponent, Level.ATOM)}")
        return Piece(self.inside(base, Level.ATOM) + raised, Level.POWER)

    def named(self, name: str, operands: Sequence[str]) -> Piece:
        inner = ", ".join(operands)
        return Piece(f"|{inner}|" if name == "abs" else f"{self.names.get(name, name)}({inner})", Level.ATOM)


class Python(Notation):
    """Python over floats: operators, the functions of `minigrad.core.floats`, and `total`, which is Python's own sum.

    Operations are done in the order in which the formula has them.
    """

    over = " / "
    relations: ClassVar[dict[str, str]] = {"greater": ">", "less": "<", "equal": "=="}

    def number(self, value: float) -> Piece:
        return number_piece(repr(float(value)))

    def sum(self, operands: Sequence[Piece]) -> Piece:
        if len(operands) > MOST_TERMS:
            return Piece(f"total(({', '.join(operand.text for operand in operands)}))", Level.ATOM)
        return super().sum(operands)

    def product(self, operands: Sequence[Piece]) -> Piece:
        first, *rest = operands
        factors = [self.inside(first, Level.PRODUCT), *(self.inside(factor, Level.POWER) for factor in rest)]
        return Piece(" * ".join(factors), Level.PRODUCT)

    def call(self, function: str, operands: Sequence[Piece]) -> Piece:
        texts = [operand.text for operand in operands]
        if function in N_ARY:
            return Piece(reduce(lambda left, right: f"{function}({left}, {right})", texts), Level.ATOM)
        return Piece(f"{function}({', '.join(texts)})", Level.ATOM)


def latex(formula: Formula, digits: int = 4) -> str:
    """Return a formula in LaTeX, its numbers with so many significant digits."""
    return Latex(digits).write(formula)


def text(formula: Formula, digits: int = 4, write_number: Callable[[float, int], str] = format_number) -> str:
    """Return a formula in plain text, its numbers with so many significant digits, or written in another way."""
    return Text(digits, write_number).write(formula)
