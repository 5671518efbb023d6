"""The titles of the columns of the textbook figure, and the names of the weight matrices between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from minigrad.drawing.neurons.elision import ColumnSlot
from minigrad.drawing.text_layout import Line, line_width, notation, plain_text, words
from minigrad.drawing.textbook.arrangement import has_neurons
from minigrad.drawing.textbook.equations import LETTERS, PLAIN_LETTERS, acts_alone
from minigrad.drawing.textbook.formulas import header_formula
from minigrad.drawing.textbook.textbook_content import TextbookContent
from minigrad.structure import Element, Unit
from minigrad.textbook_names import superscript

MOST_INDICES = 4
"""Indices of a column that are written one by one."""


class Header(NamedTuple):
    """The title of a column and the line below it, either may be empty."""

    title: Line = ()
    below: Line = ()

    def width(self, size: float) -> float:
        """Return the width of the wider line."""
        return max(line_width(self.title, size), line_width(self.below, size))

    @property
    def text(self) -> str:
        """Return both lines in one."""
        return f"{plain_text(self.title)} {plain_text(self.below)}".strip()


def column_headers(content: TextbookContent, columns: Sequence[Sequence[ColumnSlot]], has_steps: bool) -> list[Header]:
    """Return the titles of the columns; of steps of time without indices."""
    units = [[unit for slot in column for unit in slot.units] for column in columns]
    weighted = [number for number, column in enumerate(units) if has_neurons(column)]
    return [column_header(content, number, column, weighted, has_steps) for number, column in enumerate(units)]


def column_header(
    content: TextbookContent, number: int, units: Sequence[Unit], weighted: Sequence[int], has_steps: bool
) -> Header:
    """Return the title of a column and its indices, or the formula of a loss."""
    say = content.settings.say
    last = weighted[-1] if weighted else -1
    is_indexed = not has_steps and number <= last < len(PLAIN_LETTERS)
    indices = () if has_steps else index_line(PLAIN_LETTERS[number] if is_indexed else "", len(units))
    losses = [unit for unit in units if unit.output.kind == "loss"]
    if len(losses) > 1:
        return Header(words(say("losses")))
    if losses:
        letter = LETTERS[last] if 0 <= last < len(LETTERS) else "ₖ"
        return Header(words(say("loss")), notation(header_formula(content, losses[0], letter)))
    if has_steps and number in weighted and number != last:
        return Header(words(say("step {number}", number=weighted.index(number) + 1)))
    if all(unit.weighted_sum is not None for unit in units):
        title = say("output layer")
        if number != last and len(weighted) > 2:
            title = say("hidden layer {number}", number=weighted.index(number) + 1)
        elif number != last:
            title = say("hidden layer")
        op = units[0].output.op
        if op and units[0].output is not units[0].weighted_sum and not acts_alone(units[0]):
            title += f" · {op.label}"
        return Header(words(title), indices)
    if all(unit.output.kind == "input" for unit in units):
        return Header(words(say("inputs" if len(units) > 1 else "input")), indices)
    return Header()


def index_line(letter: str, count: int) -> Line:
    """Return the indices of the units of a column, i = 1, 2."""
    numbers = ", ".join(map(str, range(1, count + 1))) if count <= MOST_INDICES else f"1, …, {count}"
    return (*notation(f"{letter} = "), *words(numbers)) if letter else words(numbers)


def matrix_names(
    content: TextbookContent,
    columns: Sequence[Sequence[ColumnSlot]],
    weights: Mapping[str, Sequence[Element | None]],
) -> Iterator[tuple[int, str]]:
    """Yield the columns in front of which the name of a weight matrix stands, and that name.

    Args:
        content: The texts of the network.
        columns: The columns that are shown.
        weights: The weights of the edges into each unit, by its key.
    """
    layer = 0
    for number, column in enumerate(columns):
        if any(slot.unit.weighted_sum is not None for slot in column):
            layer += 1
            own = superscript(layer)
            names = [content.names.name(*w) if w else "" for slot in column for w in weights.get(slot.key, ())]
            if any(name.endswith(own) for name in names) and all("," in n or n.endswith(own) for n in names):
                yield number, f"W{own}"
