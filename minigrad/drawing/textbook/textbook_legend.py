"""The legend of the textbook figure: only what the picture has and does not say itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from minigrad.drawing.diagram import Point, Sign, sign_of
from minigrad.drawing.figure import Color, Dash, Rectangle, Shape, Stroke, Text
from minigrad.drawing.numbers import format_given
from minigrad.drawing.snapshot import is_frozen
from minigrad.drawing.text_fitting import wrap_text
from minigrad.drawing.text_layout import Line, line_width, notation, plain_text, words
from minigrad.drawing.textbook.equations import distinct_activations
from minigrad.drawing.textbook.formulas import activation_texts, header_formula, loss_formula
from minigrad.drawing.textbook.textbook_content import TextbookContent
from minigrad.structure import Element, Unit

SMALL, ROW, BROKEN_ROW = 11.5, 19.0, 15.0
"""Font size of the legend, and the distances of its lines and of those of a long text."""
SAMPLE = 30.0
"""Length of the lines in the legend."""
MOST_SHARED = 6
"""Weights with several uses whose numbers are written in the legend."""
MOST_UNITS, MOST_WEIGHTS = 6, 12
"""Units of a column, and weights of each, that are searched for what the legend explains."""


class LegendLine(NamedTuple):
    """A line of the legend, behind a sample of a line, or of the filling of a neuron."""

    line: Line
    color: Color | None = None
    dash: Dash = Dash.SOLID
    is_level: bool = False

    @property
    def width(self) -> float:
        """Return the width of the entry."""
        return line_width(self.line, SMALL) + (SAMPLE + 8.0 if self.color or self.is_level else 0.0)


def legend_entries(
    content: TextbookContent, columns: Sequence[Sequence[Unit]], has_elided: bool, incomplete: int
) -> list[LegendLine]:
    """Return the legend: the formulas, the strokes, what stands beside an edge, the marks, and notes on the pass.

    Args:
        content: The texts of the network.
        columns: The units of each column.
        has_elided: Whether units are left out.
        incomplete: How many edges have no room for all of their labels.
    """
    losses = [unit for column in columns for unit in column if unit.output.kind == "loss"]
    unnamed = losses if len(losses) > 1 else [loss for loss in losses if not header_formula(content, loss, "ₖ")]
    formulas = [loss_formula(content.structure, content.settings, loss, "ₖ") for loss in unnamed]
    entries = [
        LegendLine(notation(f"{content.name(loss)} = {formula}"))
        for loss, formula in zip(unnamed, formulas, strict=True)
    ]
    elements = shown_parameters(content, columns)
    if content.numbers:
        entries += activation_entries(content)
        entries += edge_entries(content, elements) if elements else ()
        entries += level_entries(content, columns)
        entries += [LegendLine(line) for line in shared_lines(content, elements)]
    notes = [LegendLine(words(note)) for note in mark_notes(content, elements, has_elided, incomplete)]
    return [*entries, *notes]


def edge_entries(content: TextbookContent, elements: Sequence[Element]) -> Iterator[LegendLine]:
    """Yield a sample of each stroke of an edge, and what stands above and below it."""
    say, snapshot = content.settings.say, content.settings.snapshot
    signs = {sign_of(snapshot.value(*element)) for element in elements}
    if Sign.POSITIVE in signs:
        yield LegendLine(notation("w > 0"), Color.POSITIVE)
    if Sign.NEGATIVE in signs:
        yield LegendLine(notation("w < 0"), Color.NEGATIVE, Dash.NEGATIVE)
    if Sign.ZERO in signs:
        yield LegendLine(words(say("zero weight")), Color.ZERO, Dash.ZERO)
    yield LegendLine((*words(say("width") + " "), *notation("|w|")))
    above, below = words(say("above the line") + "  "), words("   " + say("below it") + "  ")
    yield LegendLine((*above, *notation("w"), *below, *notation(snapshot.mark("∂L/∂w"))))


def mark_notes(
    content: TextbookContent, elements: Sequence[Element], has_elided: bool, incomplete: int
) -> Iterator[str]:
    """Yield what the marks in the picture mean, and what is left out or not known."""
    say, snapshot = content.settings.say, content.settings.snapshot
    is_shared = any(snapshot.uses(element) > 1 for element in elements)
    if is_shared and content.numbers:
        yield say("double line, ×n: a weight with n uses")
        yield say("x·δ: what one use adds to ∂L/∂w")
    elif is_shared:
        yield say("×n: used n times")
    if any(is_frozen(element.node) for element in elements):
        yield say("two bars: frozen, not trained")
    if has_elided:
        yield say("dots: units left out, with their weights")
    if incomplete:
        yield say("edges without room for all of their labels: {count}", count=incomplete)
    if content.numbers:
        yield from content.settings.notes()


def shared_lines(content: TextbookContent, elements: Sequence[Element]) -> list[Line]:
    """Return the values and gradients of weights that are used several times, once for all uses."""
    snapshot, digits = content.settings.snapshot, content.settings.digits
    lines: list[Line] = []
    shared = [element for element in elements if snapshot.uses(element) > 1 and element.node.kind == "parameter"]
    for element in shared[:MOST_SHARED]:
        name, value = content.names.name(*element), format_given(snapshot.value(*element), digits)
        gradient = f"{snapshot.mark(f'∂L/∂{name}')} = {snapshot.delta_text(*element, digits)}"
        lines.append(notation(f"{name} = {value},  {gradient}"))
    return lines


def activation_entries(content: TextbookContent) -> list[LegendLine]:
    """Return what θ is, and its derivative, as the rules of the ops have them."""
    entries: list[LegendLine] = []
    ops = distinct_activations(content)
    for op in ops:
        value, slope = activation_texts(op)
        name = "θ" if len(ops) == 1 else op.label
        if len(ops) == 1 or value != f"{name}(s)":
            entries.append(LegendLine(notation(f"{name}(s) = {value}" if value else f"{name} = {op.label}")))
        if slope not in {"", "1"}:
            entries.append(LegendLine(notation(f"{name}′ = {slope.replace('θ', name)}")))
    return entries


def level_entries(content: TextbookContent, columns: Sequence[Sequence[Unit]]) -> list[LegendLine]:
    """Return what the gray level of neurons stands for."""
    say = content.settings.say
    neurons = [unit for column in columns for unit in column if unit.weighted_sum is not None]
    texts: dict[str, None] = {}
    for op, unit in {unit.output.op: unit for unit in neurons if unit.output is not unit.weighted_sum}.items():
        scale = content.scales.get(unit.output)
        if op and op.output_range:
            low, high = (format_given(bound) for bound in op.output_range)
            texts[say("gray level: θ(s) from {low} to {high}", low=low, high=high)] = None
        elif scale and scale[0] < 0:
            texts[say("gray level: θ(s), ± the largest of the layer")] = None
        elif scale:
            texts[say("gray level: θ(s), from 0 to the largest of the layer")] = None
    return [LegendLine(words(text), is_level=True) for text in texts]


def shown_parameters(content: TextbookContent, columns: Sequence[Sequence[Unit]]) -> list[Element]:
    """Return weights and biases of the units that are shown, at most some hundred."""
    parameters: dict[Element, None] = {}
    for column in columns:
        for unit in (*column[:MOST_UNITS], *column[-1:]):
            connections = islice(content.structure.connections(unit), MOST_WEIGHTS)
            parameters |= {c.weight: None for c in connections if c.weight is not None}
            bias = content.structure.bias(unit)
            if bias is not None and content.biases:
                parameters[bias] = None
    return list(parameters)


def legend_shapes(entries: Sequence[LegendLine], corner: Point, width: float) -> tuple[list[Shape], float]:
    """Return the entries of the legend, as many in a line as fit, and where they end."""
    shapes: list[Shape] = []
    right = corner.x + width + 0.5
    x, y = corner.x, corner.y + 18.0
    for entry in entries:
        if x > corner.x and x + entry.width > right:
            x, y = corner.x, y + ROW
        left = x
        if entry.is_level:
            for top, height, fill, stroke in (
                (11.0, 14.0, Color.PANEL, None),
                (4.0, 7.0, Color.LEVEL, None),
                (11.0, 14.0, None, Color.INK),
            ):
                shapes.append(Rectangle(Point(left + 6.0, y - top), Point(18.0, height), fill, stroke, 1.1))
        elif entry.color:
            line = (Point(left, y - 4.0), Point(left + SAMPLE, y - 4.0))
            shapes.append(Stroke(line, entry.color, 2.0, entry.dash))
        if entry.color or entry.is_level:
            left += SAMPLE + 8.0
        lines = broken(entry.line, right - left)
        shapes += [Text(Point(left, y + BROKEN_ROW * n), line, SMALL, Color.MUTED) for n, line in enumerate(lines)]
        y += BROKEN_ROW * (len(lines) - 1)
        x += entry.width + 18.0
    return shapes, y + 8.0 if entries else corner.y


def broken(line: Line, width: float) -> list[Line]:
    """Return a line of words in several lines where it is too wide; one of several styles stays as it is."""
    if line_width(line, SMALL) <= width or len(line) > 1:
        return [line]
    return [words(text) for text in wrap_text(plain_text(line), SMALL, width)]
