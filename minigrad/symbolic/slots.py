"""Formulas in MathML with slots in place of their symbols, to be filled with names or with numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from minigrad._format import format_number
from minigrad.symbolic.expression import DOTS, Formula, Symbol
from minigrad.symbolic.mathml import MathML
from minigrad.symbolic.printing import Level, Piece

MARK = re.compile("\0(\\d+)([np]?)\0")
"""What stands for a symbol while a formula is written: its number, and when its filling needs parentheses."""
NEGATIONS = {"&gt;": "≤", "&lt;": "≥", "=": "≠", "≠": "="}
RELATION = re.compile("<mo>(&gt;|&lt;|=|≠)</mo>")
FENCES = {"": "", "n": ' data-fence="negative"', "p": ' data-fence="product"'}


class SlotTemplate(NamedTuple):
    """Markup with slots `<mi data-slot="k"></mi>`, and the symbol that belongs into slot k.

    A slot with `data-fence="negative"` needs parentheses around a number with a sign in front, one with
    `data-fence="product"` around a power of ten too, and around a name with an exponent. A dot with the attribute
    `data-times` is left out between names.
    """

    markup: str
    symbols: tuple[Symbol, ...]


class SlotMathML(MathML):
    """MathML whose symbols are slots."""

    times = '<mo data-times="">·</mo>'
    dot = "<mo>·</mo>"

    def __init__(self, first: Sequence[Symbol] = ()) -> None:
        super().__init__(4, format_number)
        self.numbers: dict[Symbol, int] = {symbol: number for number, symbol in enumerate(first)}

    def number(self, value: float) -> Piece:
        if value == 0.5:
            return Piece("<mfrac><mn>1</mn><mn>2</mn></mfrac>", Level.PRODUCT, True)
        return super().number(value)

    def symbol(self, symbol: Symbol) -> str:
        return self.dots if symbol is DOTS else f"\0{self.numbers.setdefault(symbol, len(self.numbers))}\0"

    def inside(self, piece: Piece, level: Level) -> str:
        """Return a piece as it stands in an expression of some level; a slot then says when it needs parentheses."""
        mark = MARK.fullmatch(piece.text)
        if mark is None or level <= Level.SUM:
            return super().inside(piece, level)
        return f"\0{mark[1]}{'p' if level > Level.PRODUCT else 'n'}\0"

    def sum(self, operands: Sequence[Piece]) -> Piece:
        first, *rest = operands
        fenced = [
            Piece(self.inside(term, Level.PRODUCT), term.level) if MARK.fullmatch(term.text) else term for term in rest
        ]
        return super().sum([first, *fenced])

    def choice(self, condition: Piece, chosen: Piece, otherwise: Piece) -> Piece:
        """Write a choice without words, which would be of one language: the second case says what holds instead."""
        test = self.condition(condition)
        if len(RELATION.findall(test)) != 1:
            return super().choice(condition, chosen, otherwise)
        instead = RELATION.sub(lambda relation: f"<mo>{NEGATIONS[relation[1]]}</mo>", test)
        cases = (chosen.text, test), (otherwise.text, instead)
        table = "".join(f"<mtr><mtd>{value}</mtd><mtd>{when}</mtd></mtr>" for value, when in cases)
        return Piece(f"<mrow><mo>{{</mo><mtable>{table}</mtable></mrow>", Level.CHOICE)

    def template(self, formula: Formula) -> SlotTemplate:
        """Write a formula; the slots of symbols that were not numbered before are numbered as they appear in it."""
        known = len(self.numbers)
        written = self.write(formula)
        symbols = {number: symbol for symbol, number in self.numbers.items()}
        order = {number: number for number in range(known)}
        for mark in MARK.finditer(written):
            order.setdefault(int(mark[1]), len(order))
        markup = MARK.sub(lambda mark: f'<mi data-slot="{order[int(mark[1])]}"{FENCES[mark[2]]}></mi>', written)
        return SlotTemplate(markup, tuple(symbols[number] for number in order))


def slot_template(formula: Formula, first: Sequence[Symbol] = ()) -> SlotTemplate:
    """Return a formula as markup with a slot for each symbol, those of `first` being the first slots."""
    return SlotMathML(first).template(formula)
