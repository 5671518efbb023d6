"""The shapes of the process view: cells, boxes, circles, arrows and captions where the layout put them."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, nan

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import (
    Anchor,
    Circle,
    Color,
    Dash,
    Head,
    Part,
    Rectangle,
    Shape,
    Stroke,
    Text,
)
from minigrad.drawing.marks import frozen_bars, highlight_behind, number_shapes, shared_count, sign_style
from minigrad.drawing.numbers import is_not_finite, largest_magnitude
from minigrad.drawing.process.cell_metrics import LABEL_SCALE, LONGEST_NAME, NAME_SCALE, SMALLEST, Metrics, paddings
from minigrad.drawing.process.layout_parts import Arrow, Form, PlacedBlock
from minigrad.drawing.process.process_content import Kind, Row
from minigrad.drawing.process.staircase import Staircase
from minigrad.drawing.text_fitting import cut_to_width, fitting_size
from minigrad.drawing.text_layout import Line, label, line_width, notation, plain_text, words

THINNEST, THICKEST = 2.0, 4.0
"""Width of the bar of a weight of 0, and how much wider that of the largest is."""
CAPTION_SIZE = 11.0
"""Font size of the word beside the 1 of the biases."""
LINE_STEP = 1.44
"""Distance of the lines of a cell, in font sizes."""


def staircase_shapes(staircase: Staircase) -> tuple[Shape, ...]:
    """Return the shapes of a layout."""
    metrics, highlight = staircase.metrics, staircase.content.settings.highlight
    largest = largest_magnitude([placed.block.weight for placed in staircase.blocks.values()])
    blocks = staircase.blocks.values()
    shapes: list[Shape] = [
        *(Rectangle(plate.corner, plate.size, Color.PAPER, Color.INK, 1.3, 8.0) for plate in staircase.plates),
        *(highlight_behind(placed.corner, placed.size) for placed in blocks if highlight & {*placed.block.nodes}),
        *map(arrow_stroke, staircase.arrows),
        *(
            Part(placed.block.note, tuple(block_shapes(placed, metrics, largest)), placed.block.part_key)
            for placed in blocks
        ),
    ]
    for caption in staircase.captions:
        if any(span.key for span in caption.line):
            shapes.append(Text(*caption))
            continue
        number = nan if is_not_finite(plain_text(caption.line)) else 0.0
        shapes += number_shapes(caption.at, number, caption.line, caption.size, caption.color, caption.anchor)
    return tuple(shapes)


def arrow_stroke(arrow: Arrow) -> Stroke:
    """Return an arrow: solid forward, open and violet backward."""
    if arrow.is_backward:
        return Stroke((arrow.start, arrow.end), Color.BACKWARD, 1.4, head=Head.BACKWARD)
    return Stroke((arrow.start, arrow.end), Color.INK, 1.5, head=Head.FORWARD)


def block_shapes(placed: PlacedBlock, metrics: Metrics, largest: float) -> Iterator[Shape]:
    """Yield the shapes of a block."""
    if placed.form is Form.CELL:
        yield from cell_shapes(placed, metrics, largest)
    elif placed.form is Form.STACKED or placed.form is Form.BESIDE:
        width = 1.6 if placed.block.kind is Kind.LOSS else 1.3
        yield Rectangle(placed.corner, placed.size, Color.PANEL, Color.INK, width, 4.0)
        yield from stacked_rows(placed, metrics) if placed.form is Form.STACKED else rows_beside(placed, metrics)
    else:
        yield from circle_shapes(placed, metrics)


def cell_shapes(placed: PlacedBlock, metrics: Metrics, largest: float) -> Iterator[Shape]:
    """Yield a cell: tinted by the sign of its weight, with a bar as thick as the weight is large."""
    block, corner, size, font = placed.block, placed.corner, placed.size, metrics.font
    weight = block.weight
    is_signed = weight is not None and weight == weight and weight != 0
    tint = Color.PANEL if not is_signed else Color.POSITIVE_TINT if (weight or 0) > 0 else Color.NEGATIVE_TINT
    yield Rectangle(corner, size, tint, Color.MUTED if block.is_constant else None, 1.0, 4.0)
    if block.uses > 1:
        inset = 2.2
        for border in (0.0, inset):
            outline = Point(corner.x + border, corner.y + border), Point(size.x - 2 * border, size.y - 2 * border)
            yield Rectangle(*outline, None, Color.INK, 0.7, 4.0 - border)
    yield bar(placed, largest, 1.0 if metrics.has_labels else 0.6)
    if block.is_frozen:
        at = Point(corner.x + 1.5, corner.y + size.y / 2)
        yield from frozen_bars(at, Point(at.x, at.y + 10), 9.0)
    if not metrics.has_numbers:
        return
    before, behind = paddings(font) if metrics.has_labels else (4.0, 2.5)
    left, right = corner.x + before, placed.end.x - behind
    baseline = corner.y + 1.36 * font
    for number, row in enumerate(block.rows):
        is_share = number == 3
        y = baseline + number * LINE_STEP * font + (0.16 * font if is_share else 0.0)
        if is_share:
            line = Point(corner.x + 9 * metrics.scale, y - 1.08 * font), Point(corner.x + size.x - 5, y - 1.08 * font)
            yield Stroke(line, Color.BACKWARD, 0.7, Dash.ZERO)
        text_left, shapes = left, list[Shape]()
        if metrics.has_labels:
            label_size = (NAME_SCALE if number == 0 else LABEL_SCALE) * font
            text = cut_to_width(row.label, label_size, LONGEST_NAME * metrics.scale) if number == 0 else row.label
            line_of_label = label(text) if number == 0 else label_line(text)
            shapes.append(Text(Point(left, y), line_of_label, label_size, row.color))
            text_left = left + line_width(line_of_label, label_size) + 2
            if number == 0 and block.uses > 1:
                size_of_count = max(0.75 * font, SMALLEST)
                shapes.append(Text(Point(text_left + 1, y), shared_count(block.uses), size_of_count, Color.INK))
        shapes += fitted_number(Point(right, y), row, font, right - text_left, Anchor.END)
        yield from (Part(row.label, tuple(shapes), row.key),) if row.key else shapes


def label_line(text: str) -> Line:
    """Return the label of a number: notation, or words such as "constant"."""
    return notation(text) if "·" in text or len(text) < 4 else words(text)


def bar(placed: PlacedBlock, largest: float, scale: float) -> Stroke:
    """Return the bar at the left of a cell, which shows the size and the sign of its weight."""
    weight = placed.block.weight
    share = abs(weight) / largest if weight is not None and isfinite(weight) and largest else 0.0
    width = scale * (THINNEST + THICKEST * share)
    color, dash = sign_style(weight)
    x = placed.corner.x + width / 2
    return Stroke((Point(x, placed.corner.y + 3), Point(x, placed.end.y - 3)), color, width, dash)


def fitted_number(at: Point, row: Row, size: float, width: float, anchor: Anchor) -> Iterator[Shape]:
    """Yield a number, smaller where it does not fit."""
    if row.text:
        line = row.number_line
        size = fitting_size(line, size, width)
        if row.key:
            yield Text(at, line, size, row.color, anchor)
        else:
            yield from number_shapes(at, row.number, line, size, row.color, anchor)


def stacked_rows(placed: PlacedBlock, metrics: Metrics) -> Iterator[Shape]:
    """Yield the rows of a box below each other: forward above the line, backward below it."""
    font, rows, middle = metrics.font, placed.block.rows, placed.corner.x + placed.size.x / 2
    half = placed.size.y / len(rows)
    for number, row in enumerate(rows):
        center = placed.corner.y + (number + 0.5) * half
        if number:
            y = placed.corner.y + number * half
            yield Stroke((Point(placed.corner.x + 6, y), Point(placed.end.x - 6, y)), Color.RULE, 0.7)
        yield from name_above_number(row, Point(middle, center), placed.size.x, font)


def rows_beside(placed: PlacedBlock, metrics: Metrics) -> Iterator[Shape]:
    """Yield the rows of a box side by side."""
    half = placed.size.x / len(placed.block.rows)
    for number, row in enumerate(placed.block.rows):
        center = Point(placed.corner.x + (number + 0.5) * half, placed.corner.y + placed.size.y / 2)
        if number:
            x = placed.corner.x + number * half
            yield Stroke((Point(x, placed.corner.y + 6), Point(x, placed.end.y - 6)), Color.RULE, 0.7)
        yield from name_above_number(row, center, half, metrics.font)


def name_above_number(row: Row, center: Point, width: float, font: float) -> Iterator[Shape]:
    """Yield a name and its number below it, around a center."""
    line = label(row.label)
    size = fitting_size(line, NAME_SCALE * font, width - 6)
    if size < SMALLEST:
        line = label(cut_to_width(row.label, SMALLEST, width - 6))
        size = SMALLEST
    name = Text(Point(center.x, center.y - 0.3 * font), line, size, row.color, Anchor.MIDDLE)
    shapes = (name, *fitted_number(Point(center.x, center.y + 0.95 * font), row, font, width - 5, Anchor.MIDDLE))
    yield from (Part(row.label, shapes, row.key),) if row.key else shapes


def circle_shapes(placed: PlacedBlock, metrics: Metrics) -> Iterator[Shape]:
    """Yield an input or a target with its value beside it, or the dashed 1 of the biases."""
    radius, font = placed.size.x / 2, metrics.font
    center = Point(placed.corner.x + radius, placed.corner.y + radius)
    row = placed.block.rows[0]
    is_one = placed.block.kind is Kind.ONE
    dash = Dash.SOLID if placed.block.kind is Kind.INPUT else Dash.TARGET
    yield Circle(center, radius, Color.PAPER, Color.RULE if is_one else Color.INK, dash=dash)
    line = words(row.label) if is_one else label(row.label)
    size = max(fitting_size(line, 1.36 * font if not is_one else 1.12 * font, 2 * radius - 5), SMALLEST)
    if line_width(line, size) > 2 * radius - 3:
        line = label(cut_to_width(row.label, size, 2 * radius - 5))
    at = Point(center.x, center.y + 0.36 * size)
    yield Text(at, line, size, Color.MUTED if is_one else Color.INK, Anchor.MIDDLE)
    if is_one and row.text:
        yield Text(Point(placed.end.x + 6, center.y + 4), words(row.text), CAPTION_SIZE, Color.MUTED)
    if is_one:
        return
    places = {
        Form.VALUE_RIGHT: (Point(placed.end.x + 6, center.y + 0.36 * font), Anchor.START),
        Form.VALUE_LEFT: (Point(placed.corner.x - 6, center.y + 0.36 * font), Anchor.END),
        Form.VALUE_BELOW: (Point(center.x, placed.end.y + 1.05 * font), Anchor.MIDDLE),
    }
    position, anchor = places[placed.form]
    if row.key:
        yield Text(position, row.number_line, font, Color.INK, anchor)
    else:
        yield from number_shapes(position, row.number, row.number_line, font, Color.INK, anchor)
