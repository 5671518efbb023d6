"""What stands below the textbook figure: the equations of the layers, or those to check by hand, and a legend."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from math import isfinite
from typing import NamedTuple

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Color, Dash, Rectangle, Shape, Stroke, Text
from minigrad.drawing.neurons.textbook_content import NetworkContent, Quantity, number_line
from minigrad.drawing.neurons.textbook_equations import (
    Equation,
    HandCheck,
    activation_formulas,
    activations,
    is_elementwise,
    layer_equations,
    loss_formula,
)
from minigrad.drawing.numbers import format_given
from minigrad.drawing.snapshot import is_frozen
from minigrad.drawing.text_layout import Line, label, line_width, notation, plain_text, words
from minigrad.structure import Element, Unit

SIZE, SMALL = 14.0, 11.5
"""Font sizes of equations and of the legend."""
BESIDE = 640.0
"""Width from which on the legend stands beside the equations."""
LEGEND_WIDTH = 236.0
"""Width of a legend beside the equations; longer lines of words are broken."""
SAMPLE = 30.0
"""Length of the lines in the legend."""
MOST_SHARED = 6
"""Weights with several uses whose numbers are written in the legend."""
GAP = 26.0
"""Space between two equations of a line."""


class LegendEntry(NamedTuple):
    """A line of the legend, behind a sample of a line, or of the filling of a neuron."""

    line: Line
    color: Color | None = None
    dash: Dash = Dash.SOLID
    is_level: bool = False

    @property
    def width(self) -> float:
        """Return the width of the entry."""
        return line_width(self.line, SMALL) + (SAMPLE + 8.0 if self.color or self.is_level else 0.0)


class Footer(NamedTuple):
    """What stands below a figure: equations of the layers, or else equations to check by hand; and a legend."""

    equations: list[str]
    checks: list[Equation]
    entries: list[LegendEntry]
    table: list[list[Quantity]]
    """The numbers of the neurons, where the figure has no room for them."""

    def texts(self) -> tuple[str, ...]:
        """Return everything as plain lines, for the formats without a figure."""
        equations = self.equations or map(str, self.checks)
        return (*equations, *(plain_text(entry.line) for entry in self.entries))


def make_footer(
    content: NetworkContent,
    columns: Sequence[Sequence[Unit]],
    has_elided: bool,
    left_out: int,
    table: list[list[Quantity]],
) -> Footer:
    """Return what stands below the figure of a network."""
    checks = HandCheck(content).equations() if content.numbers else []
    equations = [] if checks else layer_equations(content, columns)
    return Footer(equations, checks, legend_entries(content, columns, has_elided, left_out), table)


def footer_shapes(content: NetworkContent, footer: Footer, corner: Point, width: float) -> tuple[list[Shape], float]:
    """Return the shapes below the figure, from a corner on, and where they end."""
    checks, entries = footer.checks, footer.entries
    if footer.table:
        rows, bottom = table_shapes(footer.table, corner, width)
        rest, bottom = footer_shapes(content, footer._replace(table=[]), Point(corner.x, bottom + 10.0), width)
        return rows + rest, bottom
    if not checks:
        shapes, bottom = centered_equations(footer.equations, corner, width)
        legend, bottom = legend_shapes(entries, Point(corner.x, bottom), width)
        return shapes + legend, bottom
    shapes = [Stroke((corner, Point(corner.x + width, corner.y)), Color.RULE, 1.0)]
    top = corner.y + 22.0
    legend_width = min(max((entry.width for entry in entries), default=0.0), LEGEND_WIDTH)
    title = words(content.page.say("Check by hand"))
    title_width = 84.0 if width + 40.0 >= BESIDE else 0.0
    if title_width:
        shapes.append(Text(Point(corner.x, top), title, SMALL, Color.MUTED))
        left = corner.x + title_width
    else:
        shapes.append(Text(Point(corner.x, top), title, SMALL, Color.MUTED))
        left, top = corner.x, top + 20.0
    rows, rows_width = equation_rows(checks, width - title_width)
    is_beside = title_width + rows_width + 20.0 + legend_width <= width
    equals = left + max(line_width(label(before), SIZE) for before, _ in rows)
    bottom = top
    for number, (before, after) in enumerate(rows):
        y = top + 25.0 * number
        shapes.append(Text(Point(equals, y), label(before), SIZE, Color.BACKWARD, Anchor.END))
        shapes.append(Text(Point(equals, y), equation_line(after), SIZE, Color.BACKWARD))
        bottom = y + 25.0
    if is_beside:
        legend, legend_bottom = legend_shapes(entries, Point(corner.x + width - legend_width, top - 18.0), legend_width)
        return shapes + legend, max(bottom, legend_bottom)
    legend, bottom = legend_shapes(entries, Point(corner.x, bottom - 4.0), width)
    return shapes + legend, bottom


def table_shapes(table: Sequence[Sequence[Quantity]], corner: Point, width: float) -> tuple[list[Shape], float]:
    """Return the numbers of the neurons, a neuron in each line, and where they end."""
    shapes: list[Shape] = []
    y = corner.y + 10.0
    for row in table:
        for number, quantity in enumerate(row):
            place = number + 3 - len(row)
            line = (*label(quantity.name), *notation(" = "), *number_line(quantity.value))
            shapes.append(Text(Point(corner.x + place * width / 3, y), line, SMALL, quantity.color))
        y += 19.0
    return shapes, y - 8.0


def equation_rows(checks: Sequence[Equation], width: float) -> tuple[list[tuple[str, str]], float]:
    """Return the equations as what stands before and behind the sign they are aligned at, broken where they are long."""
    rows: list[tuple[str, str]] = []
    for check in checks:
        parts = check.parts
        split = 2 if len(parts) > 2 else 1
        before, after = " = ".join(parts[:split]), " = ".join(parts[split:])
        rows.append((before, f" = {after}" if after else ""))
    total = max(line_width(label(b), SIZE) for b, _ in rows) + max(line_width(equation_line(a), SIZE) for _, a in rows)
    if total <= width:
        return rows, total
    rows = []
    for check in checks:
        first, *others = check.parts
        room = width - max(line_width(label(other.left), SIZE) for other in checks)
        for after in broken_lines(others, room):
            rows.append((first, after))
            first = ""
        if not others:
            rows.append((first, ""))
    total = max(line_width(label(b), SIZE) for b, _ in rows) + max(line_width(equation_line(a), SIZE) for _, a in rows)
    return rows, total


def broken_lines(parts: Sequence[str], room: float) -> list[str]:
    """Return equal parts as lines that each begin with the sign, as many parts in a line as have room."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]} = {part}" if lines else ""
        if lines and line_width(equation_line(longer), SIZE) <= room:
            lines[-1] = longer
        else:
            lines.append(f" = {part}")
    return lines


def equation_line(text: str) -> Line:
    """Return a line of an equation, whose signs are those of notation."""
    return notation(text)


def centered_equations(equations: Sequence[str], corner: Point, width: float) -> tuple[list[Shape], float]:
    """Return equations in centered lines, and where they end."""
    lines: list[list[str]] = []
    used = 0.0
    for equation in equations:
        room = line_width(notation(equation), SIZE)
        if not lines or used + GAP + room > width:
            lines.append([])
            used = -GAP
        lines[-1].append(equation)
        used += GAP + room
    shapes: list[Shape] = []
    y = corner.y + 16.0
    for line in lines:
        total = sum(line_width(notation(equation), SIZE) for equation in line) + GAP * (len(line) - 1)
        x = corner.x + (width - total) / 2
        for equation in line:
            shapes.append(Text(Point(x, y), notation(equation), SIZE))
            x += line_width(notation(equation), SIZE) + GAP
        y += 26.0
    return shapes, y - 10.0


def legend_shapes(entries: Sequence[LegendEntry], corner: Point, width: float) -> tuple[list[Shape], float]:
    """Return the entries of the legend, as many in a line as fit, and where they end."""
    shapes: list[Shape] = []
    x, y = corner.x, corner.y + 18.0
    for entry in entries:
        if x > corner.x and x + entry.width > corner.x + width + 0.5:
            x, y = corner.x, y + 19.0
        left = x
        if entry.is_level:
            shapes.append(Rectangle(Point(left + 6.0, y - 11.0), Point(18.0, 14.0), Color.PANEL, None))
            shapes.append(Rectangle(Point(left + 6.0, y - 4.0), Point(18.0, 7.0), Color.LEVEL, None))
            shapes.append(Rectangle(Point(left + 6.0, y - 11.0), Point(18.0, 14.0), None, Color.INK, 1.1))
        elif entry.color:
            line = (Point(left, y - 4.0), Point(left + SAMPLE, y - 4.0))
            shapes.append(Stroke(line, entry.color, 2.0, entry.dash))
        if entry.color or entry.is_level:
            left += SAMPLE + 8.0
        shapes += wrapped(entry, Point(left, y), corner.x + width)
        lines = sum(1 for shape in wrapped(entry, Point(left, y), corner.x + width))
        y += 15.0 * (lines - 1)
        x += entry.width + 18.0
    return shapes, y + 8.0 if entries else corner.y


def wrapped(entry: LegendEntry, at: Point, right: float) -> list[Shape]:
    """Return the text of an entry, in several lines where it is longer than the page is wide."""
    color = Color.MUTED
    if at.x + line_width(entry.line, SMALL) <= right + 0.5 or len(entry.line) > 1:
        return [Text(at, entry.line, SMALL, color)]
    lines: list[str] = [""]
    style = entry.line[0].style
    for word in plain_text(entry.line).split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if line_width((entry.line[0]._replace(text=longer),), SMALL) > right - at.x and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return [
        Text(Point(at.x, at.y + 15.0 * number), (entry.line[0]._replace(text=line, style=style),), SMALL, color)
        for number, line in enumerate(lines)
    ]


def legend_entries(
    content: NetworkContent, columns: Sequence[Sequence[Unit]], has_elided: bool, left_out: int
) -> list[LegendEntry]:
    """Return the legend: only what the picture has and does not say itself."""
    say, snapshot = content.page.say, content.page.snapshot
    losses = [unit for column in columns for unit in column if unit.output.kind == "loss"]
    entries = [
        LegendEntry(notation(f"{content.name(loss)} = {loss_formula(content, loss, 'ₖ')}"))
        for loss in losses
        if len(losses) > 1
    ]
    if content.numbers:
        entries += activation_entries(content)
        numbers = [number for number in shown_weights(content, columns) if number is not None]
        if any(number > 0 for number in numbers):
            entries.append(LegendEntry(notation("w > 0"), Color.POSITIVE))
        if any(number < 0 for number in numbers):
            entries.append(LegendEntry(notation("w < 0"), Color.NEGATIVE, Dash.NEGATIVE))
        if any(number == 0 for number in numbers):
            entries.append(LegendEntry(notation("w = 0"), Color.ZERO, Dash.ZERO))
        entries.append(LegendEntry((*words(say("width") + " "), *notation("|w|"))))
        derivative = snapshot.mark("∂L/∂w")
        entries.append(
            LegendEntry((*words(say("above the line") + "  "), *notation("w"), *words("   " + say("below it") + "  "), *notation(derivative)))
        )
        entries += level_entries(content, columns)
        entries += [LegendEntry(line) for line in shared_lines(content, columns)]
    notes: list[str] = []
    shown = parameters(content, columns)
    uses = [element for element in shown if snapshot.uses(element) > 1]
    if uses:
        notes.append(say("double line, ×n: a weight with n uses") if content.numbers else say("×n: used n times"))
        if content.numbers:
            notes.append(say("x·δ: what one use adds to ∂L/∂w"))
    if any(is_frozen(element.node) for element in shown):
        notes.append(say("two bars: frozen, not trained"))
    if has_elided:
        notes.append(say("dots: units left out, with their weights"))
    if left_out:
        notes.append(say("edges without room for all of their labels: {count}", count=left_out))
    if content.numbers:
        notes += snapshot.notes()
    return [*entries, *(LegendEntry(words(note)) for note in notes)]


def shared_lines(content: NetworkContent, columns: Sequence[Sequence[Unit]]) -> list[Line]:
    """Return the values and gradients of weights that are used several times, once for all uses."""
    snapshot, digits = content.page.snapshot, content.page.digits
    lines: list[Line] = []
    for element in parameters(content, columns):
        if snapshot.uses(element) > 1 and element.node.kind == "parameter" and len(lines) < MOST_SHARED:
            name = content.names.name(*element)
            value = format_given(snapshot.value(*element), digits)
            gradient = snapshot.delta_text(*element, digits)
            lines.append(notation(f"{name} = {value},  {snapshot.mark(f'∂L/∂{name}')} = {gradient}"))
    return lines


def activation_entries(content: NetworkContent) -> list[LegendEntry]:
    """Return what θ is, and its derivative, as the rules of the ops have them."""
    entries: list[LegendEntry] = []
    ops = activations(content)
    for op in ops:
        value, slope = activation_formulas(op)
        name = "θ" if len(ops) == 1 else op.label
        if len(ops) == 1 or value != f"{name}(s)":
            entries.append(LegendEntry(notation(f"{name}(s) = {value}" if value else f"{name} = {op.label}")))
        if slope not in {"", "1"}:
            entries.append(LegendEntry(notation(f"{name}′ = {slope.replace('θ', name)}")))
    return entries


def level_entries(content: NetworkContent, columns: Sequence[Sequence[Unit]]) -> list[LegendEntry]:
    """Return what the gray level of neurons stands for."""
    say = content.page.say
    neurons = [unit for column in columns for unit in column if unit.weighted_sum is not None]
    ops = {unit.output.op: unit for unit in neurons if unit.output is not unit.weighted_sum and unit.output.op}
    ranges: dict[str, None] = {}
    for op, unit in ops.items():
        scale = content.scales.get(unit.output)
        if op.output_range:
            low, high = op.output_range
            ranges[say("gray level: θ(s) from {low} to {high}", low=f"{low:g}".replace("-", "−"), high=f"{high:g}")] = None
        elif scale and scale[0] < 0:
            ranges[say("gray level: θ(s), ± the largest of the layer")] = None
        elif scale:
            ranges[say("gray level: θ(s), from 0 to the largest of the layer")] = None
        elif is_elementwise(unit):
            continue
    return [LegendEntry(words(text), is_level=True) for text in ranges]


def parameters(content: NetworkContent, columns: Sequence[Sequence[Unit]]) -> list[Element]:
    """Return weights and biases of the units that are shown, at most some hundred."""
    parameters: dict[Element, None] = {}
    for column in columns:
        for unit in (*column[:6], *column[-1:]):
            for connection in islice(content.structure.connections(unit), 12):
                if connection.weight is not None:
                    parameters[connection.weight] = None
            bias = content.structure.bias(unit)
            if bias is not None and content.biases:
                parameters[bias] = None
    return list(parameters)


def shown_weights(content: NetworkContent, columns: Sequence[Sequence[Unit]]) -> list[float | None]:
    """Return the values of weights and biases that are shown."""
    numbers = [content.page.snapshot.value(*element) for element in parameters(content, columns)]
    return [number for number in numbers if number is not None and isfinite(number)]
