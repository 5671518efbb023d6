"""The inputs of one neuron, its weights, and their products on the way into Σ."""

from __future__ import annotations

from collections.abc import Iterator
from math import atan2, cos, degrees, isfinite, pi, sin
from typing import NamedTuple

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Circle, Color, Dash, Head, Part, Rectangle, Shape, Stroke, Text
from minigrad.drawing.marks import frozen_bars, highlight_behind, number_shapes, shared_count, sign_style
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.single_neuron.neuron_numbers import LeftOut, NeuronNumbers, Product, Quantity
from minigrad.drawing.text_layout import Line, label, line_width, notation, number_line, words

NAME_SIZE, LABEL_SIZE, NUMBER_SIZE, CAPTION_SIZE, NOTE_SIZE = 16.0, 13.5, 12.5, 12.5, 11.0
"""Font sizes of names in circles, of equations, of numbers, of captions and of notes."""
INPUT_RADIUS, WEIGHT_RADIUS, SUM_RADIUS = 20.0, 16.0, 36.0
ROW, SHARED_ROW = 96.0, 124.0
"""Height of a row, and where shared weights need more lines."""
FAN, WIDEST_FAN = pi / 6, pi / 2
"""The angle between edges where they meet at Σ, and that between the first and the last one."""
ABOVE, AROUND = 74.0, 140.0
"""Least space above the first row, and above and below Σ."""


class TermPlaces(NamedTuple):
    """Where inputs, weights and Σ stand: the middle of each column, the rows, and where edges bend towards Σ."""

    left: float
    caption_y: float
    input_x: float
    input_half: float
    weight_x: float
    bend_x: float
    is_straight: bool
    sum_at: Point
    rows: tuple[float, ...]


def place_terms(numbers: NeuronNumbers, settings: DrawSettings, corner: Point, extra: float = 0.0) -> TermPlaces:
    """Return where the terms of the sum stand, below and right of a corner, each gap wider by so much."""
    products = numbers.products
    input_half = max(input_width(product) / 2 for product in products)
    below = max(
        max([input_half, *(line_width(line, NUMBER_SIZE) / 2 for line in input_lines(product))]) for product in products
    )
    block = max(line_width(line, LABEL_SIZE) / 2 for product in products for line in weight_lines(product, settings))
    edge = max(line_width(notation(term.product.equation), LABEL_SIZE) for term in numbers.terms)
    input_x = corner.x + below
    weight_x = input_x + max(input_half + 38.0 + WEIGHT_RADIUS + extra, below + 8.0 + block)
    count = len(numbers.terms)
    pitch = term_row_height(numbers)
    middle = corner.y + max(ABOVE + pitch * (count - 1) / 2, AROUND)
    rows = tuple(middle + pitch * (row - (count - 1) / 2) for row in range(count))
    straight_x = weight_x + WEIGHT_RADIUS + edge + 26.0 + extra + SUM_RADIUS
    slope = (rows[-1] - middle - SUM_RADIUS * sin(FAN)) / (straight_x - SUM_RADIUS - weight_x)
    has_plates = any(not isfinite(term.product.number or 0.0) for term in numbers.terms)
    is_straight = count <= 3 and slope * block < 25.0 and not has_plates
    bend_x = max(weight_x + WEIGHT_RADIUS + edge, weight_x + block) + 22.0 + extra
    sum_x = straight_x if is_straight else bend_x + 34.0 + SUM_RADIUS
    return TermPlaces(
        corner.x, corner.y + 14.0, input_x, input_half, weight_x, bend_x, is_straight, Point(sum_x, middle), rows
    )


def term_row_height(numbers: NeuronNumbers) -> float:
    """Return the height of a row."""
    return SHARED_ROW if any(product.uses > 1 for product in numbers.products) else ROW


def input_width(product: Product) -> float:
    """Return the width of the circle, or the rounded box, of an input."""
    name = "1" if product.x is None else product.x.name
    width = line_width(notation(name), NAME_SIZE)
    return max(2 * INPUT_RADIUS, width + 20.0) if width > 2 * INPUT_RADIUS - 6.0 else 2 * INPUT_RADIUS


def input_lines(product: Product) -> list[Line]:
    """Return what stands below an input: its value, and the name of its node where that is another one."""
    if product.x is None:
        return []
    return [number_line(product.x.text, is_bold=True), *([label(product.own_name)] if product.own_name else [])]


def weight_lines(product: Product, settings: DrawSettings) -> list[Line]:
    """Return what stands above and below a weight: the weight itself, then its gradient."""
    return [notation(product.w.equation), *(notation(text) for text, _ in gradient_lines(product, settings))]


def gradient_lines(product: Product, settings: DrawSettings) -> list[tuple[str, float | None]]:
    """Return the gradient of a weight as lines, each with its number; of several uses first what this one adds."""
    use, gradient = product.use, product.gradient
    if product.is_constant:
        return []
    if product.uses == 1:
        return [(f"{gradient.name} = {use.name}", 0.0), (f"= {gradient.text}", gradient.number)]
    this_use, all_uses = settings.say("this use:"), settings.say("sum of {count} uses:", count=product.uses)
    return [(this_use, 0.0), (use.equation, use.number), (all_uses, 0.0), (gradient.equation, gradient.number)]


def term_shapes(numbers: NeuronNumbers, places: TermPlaces, settings: DrawSettings) -> Iterator[Shape]:
    """Yield the inputs, the weights, their products and Σ, with the captions above."""
    count = len(numbers.terms)
    for row, (term, y) in enumerate(zip(numbers.terms, places.rows, strict=True)):
        fan = (row - (count - 1) / 2) * min(FAN, WIDEST_FAN / max(count - 1, 1))
        end = Point(places.sum_at.x - (SUM_RADIUS + 1.5) * cos(fan), places.sum_at.y + (SUM_RADIUS + 1.5) * sin(fan))
        if isinstance(term, LeftOut):
            more = settings.say("{count} more", count=f"{term.size:,}")
            middle = (places.input_x + places.weight_x) / 2
            yield Part(
                f"{more}, {term.product.equation}",
                (
                    Text(Point(places.input_x, y + 6.0), words("⋮"), 20.0, Color.MUTED, Anchor.MIDDLE),
                    Text(Point(middle + 8.0, y + 4.5), words(more), NUMBER_SIZE, Color.MUTED, Anchor.MIDDLE),
                    *product_edge(term.product, y, end, places),
                ),
            )
        else:
            yield Part(
                ", ".join(filter(None, (term.x and term.x.equation, term.w.equation, term.product.equation))),
                (*input_shapes(term, y, places, settings), *weight_shapes(term, y, places, settings)),
            )
            yield from product_edge(term.product, y, end, places)
    yield from sum_shapes(numbers, places, settings)
    captions = ((places.input_x, "inputs"), (places.weight_x, "times weights"), (places.sum_at.x, "sum"))
    for x, text in captions:
        yield caption(Point(x, places.caption_y), settings.say(text))


def caption(at: Point, text: str, anchor: Anchor = Anchor.MIDDLE) -> Text:
    """Return a gray caption."""
    return Text(at, words(text), CAPTION_SIZE, Color.MUTED, anchor)


def input_shapes(term: Product, y: float, places: TermPlaces, settings: DrawSettings) -> Iterator[Shape]:
    """Yield an input with its value and the edge to its weight; for the bias a 1."""
    x, half = places.input_x, input_width(term) / 2
    corner, size = Point(x - half, y - INPUT_RADIUS), Point(2 * half, 2 * INPUT_RADIUS)
    if term.x_node in settings.highlight:
        yield highlight_behind(corner, size, 3.0)
    is_bias = term.x is None
    stroke, dash = (Color.RULE, Dash.TARGET) if is_bias else (Color.INK, Dash.SOLID)
    yield Rectangle(corner, size, Color.PAPER, stroke, 1.5, INPUT_RADIUS, dash)
    if term.x is None:
        yield Text(Point(x, y + 5.0), words("1"), 15.0, Color.MUTED, Anchor.MIDDLE)
    else:
        yield Text(Point(x, y + 5.0), notation(term.x.name), NAME_SIZE, Color.INK, Anchor.MIDDLE)
        yield from number_shapes(
            Point(x, y + 36.0),
            term.x.number,
            number_line(term.x.text, is_bold=True),
            NUMBER_SIZE,
            Color.INK,
            Anchor.MIDDLE,
        )
        if term.own_name:
            yield Text(Point(x, y + 51.0), label(term.own_name), NOTE_SIZE, Color.MUTED, Anchor.MIDDLE)
    ends = Point(x + half + 1.0, y), Point(places.weight_x - WEIGHT_RADIUS - 2.0, y)
    yield Stroke(ends, head=Head.FORWARD)
    if term.is_frozen:
        yield from frozen_bars(Point((ends[0].x + ends[1].x) / 2, y), ends[1])


def weight_shapes(term: Product, y: float, places: TermPlaces, settings: DrawSettings) -> Iterator[Shape]:
    """Yield a weight as a circle with ×, its value above and its gradient below."""
    center, number = Point(places.weight_x, y), term.w.number
    if term.w_node in settings.highlight:
        side = 2 * WEIGHT_RADIUS
        yield highlight_behind(Point(center.x - WEIGHT_RADIUS, y - WEIGHT_RADIUS), Point(side, side), 3.0)
    color, dash = (Color.RULE, Dash.SOLID) if term.is_constant else sign_style(number)
    tint = {Color.POSITIVE: Color.POSITIVE_TINT, Color.NEGATIVE: Color.NEGATIVE_TINT}.get(color, Color.PAPER)
    yield Circle(center, WEIGHT_RADIUS, tint, color, 1.8, dash)
    if term.uses > 1:
        yield Circle(center, WEIGHT_RADIUS - 3.5, None, color, 1.2, dash)
        count_at = Point(center.x - WEIGHT_RADIUS - 3.0, y - 8.0)
        yield Text(count_at, shared_count(term.uses), NOTE_SIZE, Color.INK, Anchor.END)
    for tilt in (-5.0, 5.0):
        yield Stroke((Point(center.x - 5.0, y - tilt), Point(center.x + 5.0, y + tilt)), Color.INK, 1.6)
    text_color = Color.INK if color is Color.RULE else color
    yield from number_shapes(
        Point(center.x, y - 23.0), number, notation(term.w.equation), LABEL_SIZE, text_color, Anchor.MIDDLE
    )
    lines = gradient_lines(term, settings)
    for row, (text, number) in enumerate(lines):
        at = Point(center.x, y + 36.0 + (15.5 if len(lines) < 3 else 14.0) * row)
        yield from number_shapes(at, number, notation(text), LABEL_SIZE - 0.5, Color.BACKWARD, Anchor.MIDDLE)


def product_edge(product: Quantity, y: float, end: Point, places: TermPlaces) -> Iterator[Shape]:
    """Yield the edge that carries a product to Σ, with the product along it."""
    start = Point(places.weight_x + WEIGHT_RADIUS + 1.0, y)
    line = notation(product.equation)
    if not places.is_straight:
        points = (start, Point(places.bend_x, y), end) if abs(end.y - y) > 1.0 else (start, end)
        yield Stroke(points, head=Head.FORWARD)
        yield from number_shapes(Point(start.x + 6.0, y - 6.0), product.number, line, LABEL_SIZE - 0.5)
        return
    angle = atan2(end.y - y, end.x - places.weight_x)
    start = Point(places.weight_x + (WEIGHT_RADIUS + 1.0) * cos(angle), y + (WEIGHT_RADIUS + 1.0) * sin(angle))
    yield Stroke((start, end), head=Head.FORWARD)
    middle = Point(0.57 * start.x + 0.43 * end.x + 6.0 * sin(angle), 0.57 * start.y + 0.43 * end.y - 6.0 * cos(angle))
    color = Color.ZERO if product.number is None else Color.INK
    yield Text(middle, line, LABEL_SIZE - 0.5, color, Anchor.MIDDLE, degrees(angle))


def sum_shapes(numbers: NeuronNumbers, places: TermPlaces, settings: DrawSettings) -> Iterator[Shape]:
    """Yield Σ and, where the edges leave room, what it adds up."""
    at = places.sum_at
    if numbers.unit.weighted_sum in settings.highlight:
        side = 2 * SUM_RADIUS
        yield highlight_behind(Point(at.x - SUM_RADIUS, at.y - SUM_RADIUS), Point(side, side), 3.0)
    circle = Circle(at, SUM_RADIUS, Color.PANEL, Color.INK, 1.6)
    sigma = Text(Point(at.x, at.y + 11.0), notation("Σ"), 32.0, Color.INK, Anchor.MIDDLE)
    yield Part(numbers.s.equation, (circle, sigma))
    symbols = notation(f"{numbers.s.name} = {numbers.sum_in_symbols(longest=1)}")
    if places.is_straight and line_width(symbols, LABEL_SIZE) < 2 * SUM_RADIUS + 28.0:
        yield Text(Point(at.x + 10.0, at.y - SUM_RADIUS - 12.0), symbols, LABEL_SIZE, Color.INK, Anchor.MIDDLE)
