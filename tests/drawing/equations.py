"""Every equation that a picture prints, read from its texts and evaluated from its printed numbers.

How texts have to be written to be checked:

- A statement is a chain `a = b = c`. Commas, semicolons and colons that a space follows, and two spaces, end it.
  In a box or on an edge a line that begins with "=" goes on where the line before it ended, and so does a field whose
  label is "=", "+" or "−". Any other field is read as `label = value`, as are the lines of a box that are a name and a
  number. A text of a figure that is a bare number is not read: let the label of its part say `name = number`.
- Numbers have U+2212 as their minus, and ×10⁻⁵ for powers of ten. One with four significant digits or more stands for
  all that are rounded to it; one with fewer is exact.
- Names are those of the nodes, or the textbook's; δ(name) or δ₁⁽¹⁾ is ∂L/∂s of a weighted sum, ∂L/∂name any other
  derivative. In the box of a unit Σ, s, δ, θ′ and the label of its activation are its own numbers, and on an edge w, x,
  δ, w·δ, x·δ are those of the connection.
- A mean over a batch stands in ⟨ ⟩, or has the label "mean".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from minigrad.drawing.diagram import Box, Diagram, Edge

ROUNDED = 4
"""Significant digits from which on a number stands for all that are rounded to it."""
EPSILON = 1e-12
"""What the arithmetic of floats may add to a result, relative to the largest number in it."""
NUMBER = re.compile(r"(?P<digits>\d+(?:\.\d+)?)(?:×10(?P<power>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?(?![\w.⁰¹²³⁴-⁹])|(?P<special>NaN|∞)")
EXPONENT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
SEPARATORS = re.compile(r"\s{2,}|[,;:]\s+|\s+—\s+(?=[a-z]{2})|\.\s*$")
ASCII_NUMBER = re.compile(r"(?<![\w\]).–-])-\d|\de[-+]?\d")
FRACTIONS = {"½": 0.5, "¼": 0.25}
POWERS = {"²": 2, "³": 3}
UNKNOWN = "—"


class Range(NamedTuple):
    """The numbers that a printed number, or an expression of printed numbers, may stand for."""

    low: float
    high: float


Reader = Callable[[str, int], tuple[Range, int] | None]
"""Reads a number or a name at a position of a text: what it may be, and where it ends; None for anything else."""


def read_number(text: str, at: int) -> tuple[Range, int] | None:
    """Read a printed number: all that are rounded to it."""
    if text[at : at + 1] in FRACTIONS:
        return Range(*[FRACTIONS[text[at]]] * 2), at + 1
    match = NUMBER.match(text, at)
    if match is None:
        return None
    if match["special"]:
        value = math.nan if match["special"] == "NaN" else math.inf
        return Range(value, value), match.end()
    digits, power = match["digits"], int((match["power"] or "⁰").translate(EXPONENT))
    value = float(f"{digits}e{power}")
    significant = len(digits.replace(".", "").lstrip("0"))
    if significant < ROUNDED:
        return Range(value, value), match.end()
    half = 0.5 * float(f"1e{power - len(digits.partition('.')[2])}")
    return Range(value - half, value + half), match.end()


class Expression:
    """Sums, products, quotients and powers of numbers, or of names too, evaluated in interval arithmetic."""

    def __init__(self, text: str, read: Reader = read_number) -> None:
        self.text, self.read, self.at = text.strip(), read, 0

    def evaluate(self) -> Range | None:
        """Return the range of the expression; None if it is not one."""
        value = self.sum()
        return value if value is not None and self.at == len(self.text) else None

    def skip(self, signs: str) -> str:
        """Read one of some signs, spaces before it ignored; return it, or nothing."""
        at = self.at
        while at < len(self.text) and self.text[at] == " ":
            at += 1
        if at < len(self.text) and self.text[at] in signs:
            self.at = at + 1
            return self.text[at]
        return ""

    def sum(self) -> Range | None:
        value = self.product()
        while value is not None and (sign := self.skip("+−")):
            term = self.product()
            if term is None:
                return None
            value = add(value, term if sign == "+" else negative(term))
        return value

    def product(self) -> Range | None:
        if self.skip("−"):
            value = self.product()
            return None if value is None else negative(value)
        value = self.power()
        while value is not None:
            sign, before = self.skip("·×/"), self.at
            factor = self.power()
            if factor is None:
                if sign:
                    return None
                self.at = before
                return value
            value = multiply(value, inverse(factor) if sign == "/" else factor)
        return None

    def power(self) -> Range | None:
        value = self.atom()
        if value is not None and (sign := self.skip("²³")):
            value = raise_to(value, POWERS[sign])
        return value

    def atom(self) -> Range | None:
        if self.skip("("):
            value = self.sum()
            return value if value is not None and self.skip(")") else None
        self.skip(" ")
        while self.at < len(self.text) and self.text[self.at] == " ":
            self.at += 1
        result = self.read(self.text, self.at)
        if result is None:
            return None
        value, self.at = result
        return value


def add(a: Range, b: Range) -> Range:
    return Range(a.low + b.low, a.high + b.high)


def negative(a: Range) -> Range:
    return Range(-a.high, -a.low)


def multiply(a: Range, b: Range) -> Range:
    products = [x * y for x in a for y in b]
    return Range(math.nan, math.nan) if any(map(math.isnan, products)) else Range(min(products), max(products))


def inverse(a: Range) -> Range:
    if a.low <= 0 <= a.high:
        return Range(-math.inf, math.inf)
    return Range(1 / a.high, 1 / a.low)


def raise_to(a: Range, power: int) -> Range:
    ends = [end**power for end in a]
    return Range(0.0 if power % 2 == 0 and a.low <= 0 <= a.high else min(ends), max(ends))


def agree(a: Range, b: Range) -> bool:
    """Return whether two ranges have a number in common."""
    if math.isnan(a.low) or math.isnan(b.low):
        return math.isnan(a.low) and math.isnan(b.low)
    if not all(map(math.isfinite, (*a, *b))):
        return a.low <= b.high and b.low <= a.high
    slack = EPSILON * max(1.0, *map(abs, (*a, *b)))
    return a.low <= b.high + slack and b.low <= a.high + slack


class Text(NamedTuple):
    """A text of a picture and the key of the box it is in, or the two of the edge it is on; "" for all else."""

    text: str
    owner: str | tuple[str, str] = ""


class Statement(NamedTuple):
    """A chain of sides that are said to be equal, and where it stands."""

    sides: tuple[str, ...]
    owner: str | tuple[str, str]

    def __str__(self) -> str:
        return f"{' = '.join(self.sides)}   [{self.owner}]"


def texts_of(diagram: Diagram) -> Iterator[Text]:
    """Yield every text of a picture, lines that go on joined, and fields written as equations."""
    for box in diagram.boxes:
        yield from box_texts(box)
    for edge in diagram.edges:
        yield from edge_texts(edge)
    for line in (*(group.title for group in diagram.groups), *diagram.legend):
        yield Text(line)
    if diagram.figure is not None:
        for line in joined(diagram.figure.texts()):
            yield Text(line)
        yield Text(diagram.figure.description)


def box_texts(box: Box) -> Iterator[Text]:
    fields = list(box.fields)
    lines = list(box.lines)
    while fields and fields[0][0] in {"=", "+", "−"} and lines:
        sign, value = fields.pop(0)
        lines[-1] += f" {sign} {value}"
    if len(lines) == 2 and re.fullmatch(r"⟨?[−\d.×⁰-⁹¹²³⁻]+⟩?|—", lines[1]):
        lines = [" = ".join(lines)]
    yield from (Text(line, box.key) for line in joined(lines))
    yield from (Text(f"{name} = {value}", box.key) for name, value in fields)
    if box.note:
        yield Text(box.note, box.key)


def edge_texts(edge: Edge) -> Iterator[Text]:
    yield from (Text(line, (edge.tail, edge.head)) for line in joined(edge.lines))


def joined(lines: Iterable[str]) -> list[str]:
    """Return the lines, each that begins with "=" at the end of the one before."""
    result: list[str] = []
    for line in lines:
        if line.startswith("=") and result:
            result[-1] += f" {line}"
        else:
            result.append(line)
    return result


def statements_of(texts: Iterable[Text]) -> Iterator[Statement]:
    """Yield every chain of sides."""
    for text, owner in texts:
        if "=" not in text:
            continue
        for clause in SEPARATORS.split(re.sub(r"\s+=\s+", " = ", text)):
            sides = tuple(side.strip() for side in clause.split(" = "))
            if len(sides) > 1 and all(sides):
                yield Statement(sides, owner)


def numbers_of(statement: Statement) -> dict[str, Range]:
    """Return the sides of a statement that are numbers, or expressions of numbers, with their ranges."""
    return {side: value for side in statement.sides if (value := printed_range(side)) is not None}


@lru_cache(10_000)
def printed_range(side: str) -> Range | None:
    """Return the range of a side that is a number, marked as a mean or not, or an expression of numbers."""
    return Expression(side.strip("⟨⟩")).evaluate()


def contradiction(statement: Statement) -> str:
    """Return what is wrong about the numbers of a statement, "" where they agree."""
    if ASCII_NUMBER.search(" = ".join(statement.sides)):
        return "a number that is not written as pictures write them"
    ranges = list(numbers_of(statement).items())
    for (left, a), (right, b) in combinations(ranges, 2):
        if not agree(a, b):
            return f"{left} is not {right}"
    if UNKNOWN in statement.sides[-1:] or not any(UNKNOWN in side for side in statement.sides):
        return ""
    return "a number that follows from an unknown one" if numbers_of(statement) else ""
