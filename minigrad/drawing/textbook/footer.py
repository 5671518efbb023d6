"""What stands below the textbook figure: the equations of the layers, or those to check by hand, and the legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Color, Shape, Stroke, Text
from minigrad.drawing.text_layout import label, line_width, notation, number_line, plain_text, words
from minigrad.drawing.textbook.equations import layer_equations
from minigrad.drawing.textbook.hand_check import CheckEquation, HandCheck
from minigrad.drawing.textbook.textbook_content import NamedNumber, TextbookContent
from minigrad.drawing.textbook.textbook_legend import SMALL, LegendLine, legend_entries, legend_shapes
from minigrad.structure import Unit

SIZE = 14.0
"""Font size of equations."""
ROW, TABLE_ROW = 25.0, 19.0
"""Distance of two lines of equations, and of two lines of the table."""
SPACE = 26.0
"""Space between two equations in a line."""
BESIDE = 600.0
"""Width from which on the heading stands beside the equations."""
HEADING_WIDTH, LEGEND_WIDTH = 84.0, 236.0
"""Width of the heading, and at most of a legend beside the equations; longer lines of words are broken."""


class Footer(NamedTuple):
    """What stands below a figure: equations of the layers, or else equations to check by hand; and a legend."""

    equations: list[str]
    checks: list[CheckEquation]
    entries: list[LegendLine]
    table: list[list[NamedNumber]]
    """The numbers of the neurons, where the figure has no room for them."""

    def texts(self) -> tuple[str, ...]:
        """Return everything as plain lines, for the formats without a figure."""
        equations = self.equations or map(str, self.checks)
        return (*equations, *(plain_text(entry.line) for entry in self.entries))


def make_footer(
    content: TextbookContent,
    columns: Sequence[Sequence[Unit]],
    has_elided: bool,
    incomplete: int,
    table: list[list[NamedNumber]],
) -> Footer:
    """Return what stands below the figure of a network."""
    checks = HandCheck(content).equations() if content.numbers else []
    equations = [] if checks else layer_equations(content, columns)
    return Footer(equations, checks, legend_entries(content, columns, has_elided, incomplete), table)


def footer_shapes(content: TextbookContent, footer: Footer, corner: Point, width: float) -> tuple[list[Shape], float]:
    """Return the shapes below the figure, from a corner on, and where they end."""
    shapes: list[Shape] = []
    bottom = corner.y
    if footer.table:
        shapes, bottom = table_shapes(footer.table, corner, width)
        bottom += 10.0
    at = Point(corner.x, bottom)
    if footer.checks:
        below, bottom = checks_and_legend(content, footer, at, width)
        return shapes + below, bottom
    equations, bottom = centered_equations(footer.equations, at, width)
    legend, bottom = legend_shapes(footer.entries, Point(corner.x, bottom), width)
    return shapes + equations + legend, bottom


def checks_and_legend(
    content: TextbookContent, footer: Footer, corner: Point, width: float
) -> tuple[list[Shape], float]:
    """Return the equations to check, and the legend beside them where it has room, else below."""
    top = corner.y + 22.0
    shapes: list[Shape] = [
        Stroke((corner, Point(corner.x + width, corner.y)), Color.RULE, 1.0),
        Text(Point(corner.x, top), words(content.settings.say("Check by hand")), SMALL, Color.MUTED),
    ]
    heading_width = HEADING_WIDTH if width >= BESIDE else 0.0
    if not heading_width:
        top += 20.0
    rows, rows_width = equation_rows(footer.checks, width - heading_width)
    equals = corner.x + heading_width + max(line_width(label(before), SIZE) for before, _ in rows)
    for number, (before, after) in enumerate(rows):
        y = top + ROW * number
        shapes.append(Text(Point(equals, y), label(before), SIZE, Color.BACKWARD, Anchor.END))
        shapes.append(Text(Point(equals, y), notation(after), SIZE, Color.BACKWARD))
    bottom = top + ROW * len(rows)
    legend_width = min(max((entry.width for entry in footer.entries), default=0.0), LEGEND_WIDTH)
    if heading_width + rows_width + 20.0 + legend_width <= width:
        at = Point(corner.x + width - legend_width, top - 18.0)
        legend, legend_bottom = legend_shapes(footer.entries, at, legend_width)
        return shapes + legend, max(bottom, legend_bottom)
    legend, bottom = legend_shapes(footer.entries, Point(corner.x, bottom - 4.0), width)
    return shapes + legend, bottom


def table_shapes(table: Sequence[Sequence[NamedNumber]], corner: Point, width: float) -> tuple[list[Shape], float]:
    """Return the numbers of the neurons, a neuron in each line, and where they end."""
    shapes: list[Shape] = []
    y = corner.y + 10.0
    for row in table:
        for number, quantity in enumerate(row):
            column = number + 3 - len(row)
            line = (*label(quantity.name), *notation(" = "), *number_line(quantity.value))
            shapes.append(Text(Point(corner.x + column * width / 3, y), line, SMALL, quantity.color))
        y += TABLE_ROW
    return shapes, y - 8.0


def equation_rows(checks: Sequence[CheckEquation], width: float) -> tuple[list[tuple[str, str]], float]:
    """Return the equations, long ones broken, as what stands before and behind the sign that they are aligned at."""
    rows: list[tuple[str, str]] = []
    for check in checks:
        parts = check.parts
        split = 2 if len(parts) > 2 else 1
        before, after = " = ".join(parts[:split]), " = ".join(parts[split:])
        rows.append((before, f" = {after}" if after else ""))
    total = max(line_width(label(b), SIZE) for b, _ in rows) + max(line_width(notation(a), SIZE) for _, a in rows)
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
    total = max(line_width(label(b), SIZE) for b, _ in rows) + max(line_width(notation(a), SIZE) for _, a in rows)
    return rows, total


def broken_lines(parts: Sequence[str], room: float) -> list[str]:
    """Return equal parts as lines that each begin with the sign, as many parts in a line as have room."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]} = {part}" if lines else ""
        if lines and line_width(notation(longer), SIZE) <= room:
            lines[-1] = longer
        else:
            lines.append(f" = {part}")
    return lines


def centered_equations(equations: Sequence[str], corner: Point, width: float) -> tuple[list[Shape], float]:
    """Return equations in centered lines, and where they end."""
    lines: list[list[str]] = []
    used = 0.0
    for equation in equations:
        room = line_width(notation(equation), SIZE)
        if not lines or used + SPACE + room > width:
            lines.append([])
            used = -SPACE
        lines[-1].append(equation)
        used += SPACE + room
    shapes: list[Shape] = []
    y = corner.y + 16.0
    for line in lines:
        total = sum(line_width(notation(equation), SIZE) for equation in line) + SPACE * (len(line) - 1)
        x = corner.x + (width - total) / 2
        for equation in line:
            shapes.append(Text(Point(x, y), notation(equation), SIZE))
            x += line_width(notation(equation), SIZE) + SPACE
        y += 26.0
    return shapes, y - 10.0
