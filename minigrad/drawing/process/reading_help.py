"""How to read the process view: the directions with their formulas, and the marks that a picture has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Color, Dash, Head, Shape, Stroke, Text, move_shape
from minigrad.drawing.legend import LEGEND_SIZE, LegendEntry, frozen_entry, lay_out_legend, shared_entry
from minigrad.drawing.process.cell_metrics import Metrics
from minigrad.drawing.process.process_content import ProcessContent
from minigrad.drawing.text_fitting import wrap_text
from minigrad.drawing.text_layout import bold, line_width, notation, plain_text, words
from minigrad.structure import Element

TITLE_SIZE, TEXT_SIZE, FORMULA_SIZE = 13.0, 12.0, 14.0
TEXT_STEP, INDENT = 17.0, 40.0
"""Distance of lines, and where the text beside the arrows begins."""
WIDEST = 440.0
"""Width of the help, in pixels; on narrow pages less."""
MOST_SUMS = 8
"""Gradients of shared weights that are written out."""

FORWARD = (
    "Forward: right and down, solid heads, black. An output meets every weight of its line; across the lines the "
    "products add up:"
)
BACKWARD = (
    "Backward: left and up, open heads, violet. δ enters where s left and meets every weight. A cell keeps its "
    "gradient and gives back its share; the shares of one output add up along its line (inputs need none):"
)
FORWARD_FORMULAS = "s = Σ x·w + b,   h = θ(s)"
BACKWARD_FORMULAS = "∂L/∂w = x·δ,   ∂L/∂h = Σ w·δ,   δ = ∂L/∂h · θ′(s)"


class ReadingHelp(NamedTuple):
    """The shapes of the help from the origin on, its size, and its lines as text."""

    shapes: tuple[Shape, ...]
    size: Point
    lines: tuple[str, ...]


def reading_help(content: ProcessContent, metrics: Metrics, width: float) -> ReadingHelp:
    """Return the help for a picture; it names only the marks that the picture has."""
    say = content.settings.say
    width = min(width, WIDEST)
    shapes: list[Shape] = [Text(Point(0, 13), bold(say("How to read it")), TITLE_SIZE)]
    lines: list[str] = []
    y = 13.0
    for phrase, formulas, color, head in (
        (FORWARD, FORWARD_FORMULAS, Color.INK, Head.FORWARD),
        (BACKWARD, BACKWARD_FORMULAS, Color.BACKWARD, Head.BACKWARD),
    ):
        y += 10
        ends = (Point(0, y + TEXT_STEP - 4), Point(30, y + TEXT_STEP - 4))
        shapes.append(Stroke(ends if head is Head.FORWARD else ends[::-1], color, 1.5, head=head))
        for text in wrap_text(say(phrase), TEXT_SIZE, width - INDENT):
            y += TEXT_STEP
            shapes.append(Text(Point(INDENT, y), words(text), TEXT_SIZE, color))
        y += 1.15 * TEXT_STEP
        line = notation(formulas)
        size = min(FORMULA_SIZE, FORMULA_SIZE * (width - INDENT) / line_width(line, FORMULA_SIZE))
        shapes.append(Text(Point(INDENT, y), line, size, color))
        lines += [say(phrase), formulas]
    entries = mark_entries(content, metrics)
    marks, height = lay_out_legend(entries, width)
    shapes += (move_shape(shape, Point(0, y + 14)) for shape in marks)
    y += 14 + height
    lines.append("   ".join(plain_text(entry.line) for entry in entries))
    for note in (*gradient_sums(content), *content.settings.notes()):
        lines.append(note)
        for text in wrap_text(note, LEGEND_SIZE, width):
            y += TEXT_STEP - 1
            line = notation(text) if text.startswith("∂L") else words(text)
            shapes.append(Text(Point(0, y), line, LEGEND_SIZE, Color.MUTED))
    return ReadingHelp(tuple(shapes), Point(width, y + 4), tuple(lines))


def mark_entries(content: ProcessContent, metrics: Metrics) -> list[LegendEntry]:
    """Return what the marks of the cells mean."""
    say = content.settings.say
    cells = content.cells.values()
    weights = [cell.weight for cell in cells]
    signs = (
        ("w > 0", Color.POSITIVE, Dash.SOLID, any(weight is not None and weight > 0 for weight in weights)),
        ("w < 0", Color.NEGATIVE, Dash.NEGATIVE, any(weight is not None and weight < 0 for weight in weights)),
        (say("zero"), Color.ZERO, Dash.ZERO, any(weight == 0 for weight in weights)),
    )
    entries = [
        LegendEntry(notation(text), (Stroke((Point(0, -8), Point(0, 8)), color, 5.0, dash),), 5.0)
        for text, color, dash, is_shown in signs
        if is_shown
    ]
    entries.append(LegendEntry(words(say("thick bar: large |w|"))))
    if metrics.has_numbers:
        entries.append(LegendEntry(bold(say("bold: what is added up"))))
        if not metrics.has_labels:
            order = (*words(say("in a cell, from above:") + " "), *notation("w, x·w, x·δ, w·δ"))
            entries.append(LegendEntry(order))
    if any(cell.uses > 1 for cell in cells):
        entries.append(shared_entry(say("×n: used n times, each cell with the x·δ of this use")))
    if any(cell.is_frozen for cell in cells):
        entries.append(frozen_entry(say("frozen")))
    return entries


def gradient_sums(content: ProcessContent) -> Iterator[str]:
    """Yield ∂L/∂w of each weight that is used several times, the sum over its uses."""
    shared: dict[Element, int] = {}
    for grid in content.process.grids:
        weights = [weight for _, _, weight in grid.entries()]
        biases = [bias for neuron in range(len(grid.neurons)) if (bias := grid.bias(neuron)) is not None]
        for weight in (*weights, *biases):
            uses = content.snapshot.uses(weight)
            if uses > 1 and weight.node.kind != "constant":
                shared[weight] = uses
    for weight, uses in list(shared.items())[:MOST_SUMS]:
        row = content.derivative_row(weight)
        yield f"{row.label} = {row.text}, {content.settings.say('the sum of {count} uses', count=uses)}"
    if len(shared) > MOST_SUMS:
        yield content.settings.say("{count} more", count=len(shared) - MOST_SUMS)


def free_position(taken: Sequence[tuple[Point, Point]], size: Point, left: float, space: float) -> Point:
    """Return the highest position at the left margin where a rectangle of a size overlaps nothing."""
    for y in sorted(end.y + space for _, end in taken):
        upper, lower = y - space + 0.1, y + size.y + space / 2
        if not any(
            corner.y < lower and end.y > upper and corner.x < left + size.x + space and end.x > left
            for corner, end in taken
        ):
            return Point(left, y)
    return Point(left, max(end.y for _, end in taken) + space)
