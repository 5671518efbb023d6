"""The figure of one neuron: products into Σ, the curve of θ, the output; δ and gradients on the way back.

On a wide page the parts follow one another to the right, on a narrow one Σ, θ and the next layer stand one below the
other. Forward takes the upper or left lane, backward the lower or right one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import atan2, cos, degrees, isfinite, pi, radians, sin, sqrt
from typing import NamedTuple

import numpy as np

from minigrad._format import shorten
from minigrad.core.node import Node
from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import (
    Anchor,
    Circle,
    Color,
    Dash,
    Figure,
    Head,
    Part,
    Rectangle,
    Shape,
    Stroke,
    Text,
)
from minigrad.drawing.legend import LegendEntry, frozen_entry, lay_out_legend, shared_entry
from minigrad.drawing.marks import (
    backward_style,
    frozen_bars,
    highlight_behind,
    number_shapes,
    shared_count,
    sign_style,
)
from minigrad.drawing.neurons.activation_plot import OperatingPoint, activation_plot, layer_bars
from minigrad.drawing.neurons.neuron_numbers import LeftOut, NeuronNumbers, Product, Quantity
from minigrad.drawing.page import Page
from minigrad.drawing.text_layout import Line, bold, label, line_width, notation, plain_text, words

MARGIN = 22.0
NAME_SIZE, LABEL_SIZE, NUMBER_SIZE, CAPTION_SIZE, NOTE_SIZE, TITLE_SIZE = 16.0, 13.5, 12.5, 12.5, 11.0, 15.0
"""Font sizes of names in circles, of equations, of numbers, of captions, of notes, and of the title."""
INPUT_RADIUS, WEIGHT_RADIUS, SUM_RADIUS = 20.0, 16.0, 36.0
ROW, DENSE_ROW, MOST_WIDE_ROWS = 96.0, 86.0, 4
"""Height of a row, of one of many rows, and how many rows are not many."""
FAN, WIDEST_FAN = pi / 6, pi / 2
"""The angle between edges where they meet at Σ, and that between the first and the last one."""
LANE = 26.0
"""Distance of the forward and the backward lane from the middle between them."""
PLOT = Point(176.0, 150.0)
"""Size of the plot of θ."""
MOST_BARS = 40
NEXT = Point(92.0, 118.0)
"""Size of the box of the next layer."""
LINE = 22.0
"""Height of a line of equations."""


class TermPlaces(NamedTuple):
    """Where inputs, weights and Σ stand: the middle of each column, the rows, and where edges bend towards Σ."""

    input_x: float
    input_half: float
    weight_x: float
    bend_x: float
    is_straight: bool
    sum_at: Point
    rows: tuple[float, ...]


def neuron_figure(numbers: NeuronNumbers, page: Page, title: str, description: str) -> Figure:
    """Return the figure of a neuron, laid out for the width of the page."""
    top = MARGIN + (1.8 * TITLE_SIZE if page.title else 0.0)
    places = place_terms(numbers, top)
    is_right = page.direction == "right" or (page.direction is None and right_width(numbers, places) <= page.width)
    if is_right:
        room = max(page.width - right_width(numbers, places), 0.0)
        places = place_terms(numbers, top, min(room / 4, 30.0))
    shapes = [*term_shapes(numbers, places, page)]
    parts, corner = (chain_right if is_right else chain_down)(numbers, places, page)
    shapes += parts
    width = max(corner.x + MARGIN, page.width)
    y = max(corner.y, places.rows[-1] + 62.0) + 16.0
    shapes.append(Stroke((Point(MARGIN, y), Point(width - MARGIN, y)), Color.RULE, 0.8))
    equations, y = equation_shapes(numbers, page, Point(MARGIN, y + 28.0), width - MARGIN)
    notes, height = lay_out_legend(note_entries(numbers, page), width - 2 * MARGIN)
    shapes += [*equations, *moved_down(notes, Point(MARGIN, y - 6.0))]
    if page.title:
        shapes.insert(0, Text(Point(MARGIN, MARGIN + 0.8 * TITLE_SIZE), bold(page.title), TITLE_SIZE))
    return Figure(width, y + height + 4.0, tuple(shapes), title, description)


def moved_down(shapes: Sequence[Shape], by: Point) -> Iterator[Shape]:
    """Yield shapes moved to a place."""
    from minigrad.drawing.figure import move_shape

    return (move_shape(shape, by) for shape in shapes)


def place_terms(numbers: NeuronNumbers, top: float, extra: float = 0.0) -> TermPlaces:
    """Return where the terms of the sum stand, each gap wider by so much."""
    products = numbers.products
    input_half = max(input_width(product) / 2 for product in products)
    below = max(max([input_half, *(line_width(line, NUMBER_SIZE) / 2 for line in input_lines(product))]) for product in products)
    block = max(line_width(line, LABEL_SIZE) / 2 for product in products for line in weight_lines(product))
    edge = max(line_width(notation(term.product.equation), LABEL_SIZE) for term in numbers.terms)
    input_x = MARGIN + below
    weight_x = input_x + max(input_half + 38.0, below + 8.0 + block - WEIGHT_RADIUS) + WEIGHT_RADIUS + extra
    count = len(numbers.terms)
    pitch = ROW if count <= MOST_WIDE_ROWS else DENSE_ROW
    middle = max(top + 74.0 + pitch * (count - 1) / 2, top + 156.0)
    rows = tuple(middle + pitch * (row - (count - 1) / 2) for row in range(count))
    straight_x = weight_x + WEIGHT_RADIUS + edge + 26.0 + extra + SUM_RADIUS
    slope = (rows[-1] - middle - SUM_RADIUS * sin(FAN)) / (straight_x - SUM_RADIUS - weight_x)
    is_straight = count <= 3 and slope * block < 25.0
    bend_x = max(weight_x + WEIGHT_RADIUS + edge, weight_x + block) + 14.0 + extra
    sum_x = straight_x if is_straight else bend_x + 40.0 + SUM_RADIUS
    return TermPlaces(input_x, input_half, weight_x, bend_x, is_straight, Point(sum_x, middle), rows)


def right_width(numbers: NeuronNumbers, places: TermPlaces) -> float:
    """Return the width of the figure where its parts follow one another to the right."""
    lanes = lane_length(numbers.s, numbers.delta) + NEXT.x + 6.0
    if numbers.has_activation:
        lanes += PLOT.x + lane_length(numbers.output, numbers.gradient)
    return places.sum_at.x + SUM_RADIUS + lanes + MARGIN


def lane_length(*quantities: Quantity) -> float:
    """Return the length of the arrows that carry some numbers."""
    lines = [line for quantity in quantities for line in (notation(quantity.name), bold(quantity.text))]
    return max(64.0, max(line_width(line, NUMBER_SIZE + 1.5) for line in lines) + 14.0)


def input_width(product: Product) -> float:
    """Return the width of the circle, or the rounded box, of an input."""
    name = "1" if product.x is None else product.x.name
    width = line_width(notation(name), NAME_SIZE)
    return max(2 * INPUT_RADIUS, width + 20.0) if width > 2 * INPUT_RADIUS - 6.0 else 2 * INPUT_RADIUS


def input_lines(product: Product) -> list[Line]:
    """Return what stands below an input: its value, and the name of its node where that is another one."""
    if product.x is None:
        return []
    return [bold(product.x.text), *([label(product.own_name)] if product.own_name else [])]


def weight_lines(product: Product) -> list[Line]:
    """Return what stands above and below a weight: the weight itself, then its gradient."""
    return [notation(product.w.equation), *map(notation, gradient_texts(product))]


def gradient_texts(product: Product) -> list[str]:
    """Return the gradient of a weight as lines; of a weight with several uses first what this one adds to it."""
    if product.is_constant or product.gradient.number is None:
        return []
    if product.uses > 1:
        return [product.use.name, f"= {product.use.text}", product.gradient.name, f"= {product.gradient.text}"]
    if product.x is None:
        return [f"{product.gradient.name} = {product.use.name}", f"= {product.gradient.text}"]
    return [f"{product.gradient.name} = {product.use.name}", f"= {product.gradient.text}"]


def term_shapes(numbers: NeuronNumbers, places: TermPlaces, page: Page) -> Iterator[Shape]:
    """Yield the inputs, the weights, their products and Σ, with the captions above."""
    count = len(numbers.terms)
    for row, (term, y) in enumerate(zip(numbers.terms, places.rows, strict=True)):
        fan = (row - (count - 1) / 2) * min(FAN, WIDEST_FAN / max(count - 1, 1))
        end = Point(
            places.sum_at.x - (SUM_RADIUS + 1.5) * cos(fan), places.sum_at.y + (SUM_RADIUS + 1.5) * sin(fan)
        )
        if isinstance(term, LeftOut):
            more = page.say("{count} more", count=f"{term.count:,}")
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
                (*input_shapes(term, y, places, page), *weight_shapes(term, y, places, page)),
            )
            yield from product_edge(term.product, y, end, places)
    yield from sum_shapes(numbers, places, page)
    caption_y = min(places.rows[0] - 56.0, places.sum_at.y - 140.0)
    captions = ((places.input_x, "inputs"), (places.weight_x, "times weights"), (places.sum_at.x, "sum"))
    for x, text in captions:
        yield caption(Point(x, caption_y), page.say(text))


def caption(at: Point, text: str, anchor: Anchor = Anchor.MIDDLE) -> Text:
    """Return a gray caption."""
    return Text(at, words(text), CAPTION_SIZE, Color.MUTED, anchor)


def input_shapes(term: Product, y: float, places: TermPlaces, page: Page) -> Iterator[Shape]:
    """Yield an input with its value and the edge to its weight; for the bias a 1."""
    x, half = places.input_x, input_width(term) / 2
    corner, size = Point(x - half, y - INPUT_RADIUS), Point(2 * half, 2 * INPUT_RADIUS)
    if term.x_node in page.highlight:
        yield highlight_behind(corner, size)
    is_bias = term.x is None
    stroke, dash = (Color.RULE, Dash.TARGET) if is_bias else (Color.INK, Dash.SOLID)
    yield Rectangle(corner, size, Color.PAPER, stroke, 1.5, INPUT_RADIUS, dash)
    if term.x is None:
        yield Text(Point(x, y + 5.0), words("1"), 15.0, Color.MUTED, Anchor.MIDDLE)
    else:
        yield Text(Point(x, y + 5.0), notation(term.x.name), NAME_SIZE, Color.INK, Anchor.MIDDLE)
        yield from number_shapes(
            Point(x, y + 36.0), term.x.number, bold(term.x.text), NUMBER_SIZE, Color.INK, Anchor.MIDDLE
        )
        if term.own_name:
            yield Text(Point(x, y + 51.0), label(term.own_name), NOTE_SIZE, Color.MUTED, Anchor.MIDDLE)
    ends = Point(x + half + 1.0, y), Point(places.weight_x - WEIGHT_RADIUS - 2.0, y)
    yield Stroke(ends, head=Head.FORWARD)
    if term.is_frozen:
        yield from frozen_bars(Point((ends[0].x + ends[1].x) / 2, y), ends[1])


def weight_shapes(term: Product, y: float, places: TermPlaces, page: Page) -> Iterator[Shape]:
    """Yield a weight as a circle with ×, its value above and its gradient below."""
    center, number = Point(places.weight_x, y), term.w.number
    if term.w_node in page.highlight:
        side = 2 * WEIGHT_RADIUS
        yield highlight_behind(Point(center.x - WEIGHT_RADIUS, y - WEIGHT_RADIUS), Point(side, side))
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
    texts = gradient_texts(term)
    for line, text in enumerate(texts):
        known = term.use.number if term.uses > 1 and line < 2 else term.gradient.number
        number = known if text.startswith("=") else 0.0
        at = Point(center.x, y + 36.0 + (15.5 if len(texts) < 3 else 13.5) * line)
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
    middle = Point(0.54 * start.x + 0.46 * end.x + 6.0 * sin(angle), 0.54 * start.y + 0.46 * end.y - 6.0 * cos(angle))
    if product.number is None or isfinite(product.number):
        color = Color.ZERO if product.number is None else Color.INK
        yield Text(middle, line, LABEL_SIZE - 0.5, color, Anchor.MIDDLE, degrees(angle))
    else:
        yield from number_shapes(middle, product.number, line, LABEL_SIZE - 0.5, Color.INK, Anchor.MIDDLE)


def sum_shapes(numbers: NeuronNumbers, places: TermPlaces, page: Page) -> Iterator[Shape]:
    """Yield Σ and, where the edges leave room, what it adds up."""
    at = places.sum_at
    if numbers.unit.weighted_sum in page.highlight:
        side = 2 * SUM_RADIUS
        yield highlight_behind(Point(at.x - SUM_RADIUS, at.y - SUM_RADIUS), Point(side, side))
    circle = Circle(at, SUM_RADIUS, Color.PANEL, Color.INK, 1.6)
    sigma = Text(Point(at.x, at.y + 11.0), notation("Σ"), 32.0, Color.INK, Anchor.MIDDLE)
    yield Part(numbers.s.equation, (circle, sigma))


def chain_right(numbers: NeuronNumbers, places: TermPlaces, page: Page) -> tuple[list[Shape], Point]:
    """Return the parts to the right of Σ, and their lower right corner."""
    middle, top = places.sum_at.y, places.sum_at.y - 100.0
    caption_y = min(places.rows[0] - 56.0, middle - 140.0)
    x = places.sum_at.x + sqrt(SUM_RADIUS**2 - LANE**2) + 1.0
    shapes: list[Shape] = []
    bottom = middle + 80.0
    if numbers.has_activation:
        right = places.sum_at.x + SUM_RADIUS + lane_length(numbers.s, numbers.delta)
        shapes += lanes_right(x, right, middle, numbers.s, numbers.delta)
        shapes += activation_shapes(numbers, Point(right, top), page)
        shapes.append(caption(Point(right + PLOT.x / 2, caption_y), page.say("activation")))
        x, bottom = right + PLOT.x, top + PLOT.y + 24.0
        right = x + lane_length(numbers.output, numbers.gradient)
    else:
        right = places.sum_at.x + SUM_RADIUS + lane_length(numbers.s, numbers.delta)
    shapes += lanes_right(x, right, middle, numbers.output, numbers.gradient)
    corner = Point(right, middle - NEXT.y / 2)
    shapes += next_shapes(numbers, corner, page)
    if numbers.readers.neurons:
        shapes.append(caption(Point(right + NEXT.x / 2, caption_y), page.say("next layer")))
        for line, text in enumerate(("every neuron k", "of the next layer")):
            at = Point(right + NEXT.x / 2, corner.y + NEXT.y + 24.0 + 15.0 * line)
            shapes.append(Text(at, words(page.say(text)), NOTE_SIZE, Color.MUTED, Anchor.MIDDLE))
    return shapes, Point(right + NEXT.x + 6.0, max(bottom, corner.y + NEXT.y + 44.0))


def lanes_right(left: float, right: float, middle: float, forward: Quantity, backward: Quantity) -> Iterator[Shape]:
    """Yield the arrows to and fro between two parts side by side, with a number along each."""
    x = (left + right) / 2
    upper, lower = middle - LANE, middle + LANE
    yield Stroke((Point(left, upper), Point(right - 2.0, upper)), head=Head.FORWARD)
    yield Text(Point(x, upper - 8.0), notation(forward.name), NAME_SIZE, Color.INK, Anchor.MIDDLE)
    yield from number_shapes(
        Point(x, upper + 15.0), forward.number, bold(forward.text), NUMBER_SIZE, Color.INK, Anchor.MIDDLE
    )
    color, dash = backward_style(backward.number)
    yield Stroke((Point(right - 1.0, lower), Point(left + 1.0, lower)), color, 1.4, dash, Head.BACKWARD)
    yield Text(Point(x, lower + 18.0), notation(backward.name), NAME_SIZE - 1.0, Color.BACKWARD, Anchor.MIDDLE)
    yield from number_shapes(
        Point(x, lower + 34.0), backward.number, bold(backward.text), NUMBER_SIZE, Color.BACKWARD, Anchor.MIDDLE
    )


def chain_down(numbers: NeuronNumbers, places: TermPlaces, page: Page) -> tuple[list[Shape], Point]:
    """Return the parts below Σ, and their lower right corner."""
    x, y = places.sum_at.x, places.sum_at.y + sqrt(SUM_RADIUS**2 - 16.0**2) + 1.0
    bottom = max(places.rows[-1] + 76.0, places.sum_at.y + SUM_RADIUS + 64.0)
    shapes: list[Shape] = []
    right = x
    if numbers.has_activation:
        shapes += lanes_down(x, y, bottom, numbers.s, numbers.delta)
        shapes += activation_shapes(numbers, Point(x - PLOT.x / 2, bottom), page)
        shapes.append(caption(Point(MARGIN, bottom + PLOT.y / 2), page.say("activation"), Anchor.START))
        y, right = bottom + PLOT.y + 24.0, x + PLOT.x / 2
        bottom = y + 62.0
    shapes += lanes_down(x, y, bottom, numbers.output, numbers.gradient)
    shapes += next_shapes(numbers, Point(x - NEXT.x / 2, bottom), page)
    if numbers.readers.neurons:
        for line, text in enumerate(("next layer", "every neuron k", "of the next layer")):
            at = Point(MARGIN, bottom + NEXT.y / 2 + 16.0 * line - 16.0)
            shapes.append(caption(at, page.say(text), Anchor.START))
    quantities = (numbers.delta, numbers.gradient)
    widest = max(line_width(bold(quantity.text), NUMBER_SIZE) for quantity in quantities)
    return shapes, Point(max(right, x + 24.0 + widest), bottom + NEXT.y + 8.0)


def lanes_down(x: float, top: float, bottom: float, forward: Quantity, backward: Quantity) -> Iterator[Shape]:
    """Yield the arrows to and fro between two parts one below the other, with a number beside each."""
    left, right = x - 16.0, x + 16.0
    yield Stroke((Point(left, top), Point(left, bottom - 2.0)), head=Head.FORWARD)
    yield Text(Point(left - 8.0, bottom - 34.0), notation(forward.name), NAME_SIZE, Color.INK, Anchor.END)
    at = Point(left - 8.0, bottom - 17.0)
    yield from number_shapes(at, forward.number, bold(forward.text), NUMBER_SIZE, Color.INK, Anchor.END)
    color, dash = backward_style(backward.number)
    yield Stroke((Point(right, bottom - 1.0), Point(right, top + 1.0)), color, 1.4, dash, Head.BACKWARD)
    yield Text(Point(right + 8.0, bottom - 34.0), notation(backward.name), NAME_SIZE - 1.0, Color.BACKWARD)
    at = Point(right + 8.0, bottom - 17.0)
    yield from number_shapes(at, backward.number, bold(backward.text), NUMBER_SIZE, Color.BACKWARD)


def activation_shapes(numbers: NeuronNumbers, corner: Point, page: Page) -> Iterator[Shape]:
    """Yield the box of θ with its curve, or the outputs of the layer where θ joins all its sums."""
    unit, size = numbers.unit, Point(PLOT.x, PLOT.y + 24.0)
    op = unit.output.op
    assert op is not None
    if unit.output in page.highlight:
        yield highlight_behind(corner, size)
    shapes: list[Shape] = [Rectangle(corner, size, Color.PANEL, Color.INK, 1.6, 6.0)]
    snapshot = page.snapshot
    heading = Point(corner.x + PLOT.x / 2, corner.y - 8.0)
    slope_at = Point(corner.x + PLOT.x / 2, corner.y + size.y - 9.0)
    if op.stars:
        values = [snapshot.value(unit.output, index) for index in range(unit.output.shape[-1])]
        known = [value for value in values if value is not None and isfinite(value)]
        if len(known) == len(values) <= MOST_BARS:
            shapes += layer_bars(known, unit.position or 0, corner, PLOT)
        note = words(page.say("outputs of the layer"))
        shapes.append(Text(slope_at, note, NOTE_SIZE, Color.MUTED, Anchor.MIDDLE))
    else:
        points = operating_points(numbers, page)
        names = numbers.s.name, numbers.output.name
        shapes += activation_plot(op, corner, PLOT, points, None if numbers.is_mean else numbers.slope.number, names)
        line = notation(f"{page.say('slope')} {numbers.slope.equation}")
        shapes += number_shapes(slope_at, numbers.slope.number, line, NUMBER_SIZE, Color.BACKWARD, Anchor.MIDDLE)
    shapes.append(Text(heading, notation(f"θ = {shorten(op.label)}"), LABEL_SIZE, Color.INK, Anchor.MIDDLE))
    yield Part(f"θ = {op.label}, {numbers.output.equation}, {numbers.slope.equation}", tuple(shapes))


def operating_points(numbers: NeuronNumbers, page: Page) -> list[OperatingPoint]:
    """Return s and θ(s) of every sample that is shown; none where they are not known."""
    unit = numbers.unit

    def values(node: Node) -> np.ndarray:
        value = page.snapshot.values(node)
        if value is None:
            return np.array([])
        return np.ravel(value if unit.position is None else value[..., unit.position])

    assert unit.weighted_sum is not None
    sums, outputs = values(unit.weighted_sum), values(unit.output)
    return [OperatingPoint(float(s), float(y)) for s, y in zip(sums, outputs, strict=False)]


def next_shapes(numbers: NeuronNumbers, corner: Point, page: Page) -> Iterator[Shape]:
    """Yield what reads the output: a stack of neurons, the loss as a square, or other nodes by their labels."""
    readers = numbers.readers
    center = Point(corner.x + NEXT.x / 2, corner.y + NEXT.y / 2)
    if readers.are_neurons:
        for shift in (6.0, 3.0) if readers.neurons > 1 else ():
            behind = Point(corner.x + shift, corner.y + shift)
            yield Rectangle(behind, NEXT, Color.PAPER, Color.RULE, 1.0, 6.0)
        yield Rectangle(corner, NEXT, Color.PAPER, Color.INK, 1.4, 6.0)
        index = "ₖ" if readers.neurons > 1 else ""
        back = f"Σₖ w′ₖδ′ₖ" if index else "w′δ′"
        upper, lower = Point(center.x, center.y - LANE + 5.0), Point(center.x, center.y + LANE + 5.0)
        yield Text(upper, notation(f"× w′{index}"), NAME_SIZE, Color.INK, Anchor.MIDDLE)
        yield Stroke((Point(corner.x + 8.0, center.y), Point(corner.x + NEXT.x - 8.0, center.y)), Color.RULE, 0.7)
        yield Text(lower, notation(back), NAME_SIZE, Color.BACKWARD, Anchor.MIDDLE)
        return
    lines = list(readers.losses)
    if readers.neurons:
        lines.append(page.say("{count} neurons", count=readers.neurons))
    others = [other for other in readers.others if other]
    lines += others[:3] + (["…"] if len(others) > 3 else [])
    if not lines:
        yield Text(center, words(page.say("output of the graph")), NOTE_SIZE, Color.MUTED, Anchor.MIDDLE)
        return
    radius = 0.0 if readers.losses else 6.0
    yield Rectangle(corner, NEXT, Color.PAPER, Color.INK, 1.4, radius)
    size = 22.0 if len(lines) == 1 and len(lines[0]) < 4 else NUMBER_SIZE
    for number, text in enumerate(lines):
        at = Point(center.x, center.y + 0.35 * size + 17.0 * (number - (len(lines) - 1) / 2))
        yield Text(at, notation(shorten(text, 12)), size, Color.INK, Anchor.MIDDLE)


def equation_shapes(
    numbers: NeuronNumbers, page: Page, start: Point, right: float
) -> tuple[list[Shape], float]:
    """Return the equations below the figure, forward in ink, then backward, and where the next line would stand."""
    y, shapes = start.y, []
    rule = f"{marked_gradient(numbers)} = {marked_use(numbers)}"
    remark = page.say("the gradient of a weight: what came in forward, times what came in backward")
    groups = (
        (Color.INK, Head.FORWARD, [notation(text) for text in numbers.forward_equations()]),
        (Color.BACKWARD, Head.BACKWARD, [notation(text) for text in numbers.backward_equations()]),
        (Color.BACKWARD, Head.NONE, [notation(rule), words(remark)]),
    )
    for color, head, lines in groups:
        ends = (Point(start.x + 2.0, y - 4.5), Point(start.x + 30.0, y - 4.5))
        if head is not Head.NONE and lines:
            shapes.append(Stroke(ends if head is Head.FORWARD else ends[::-1], color, head=head))
        x = left = start.x + 40.0
        for line in lines:
            size = LABEL_SIZE if line[0].style.value == "notation" else NUMBER_SIZE
            for part_number, part in enumerate(parts_of_equation(line, size, right - left - 18.0)):
                width = line_width(part, size)
                if part_number or x + width > right:
                    x, y = left + (18.0 if part_number else 0.0), y + LINE if x > left or part_number else y
                shapes.append(Text(Point(x, y), part, size, color))
                x += width + 30.0
        y += LINE
    return shapes, y


def marked_gradient(numbers: NeuronNumbers) -> str:
    """Return the name of the gradient of any weight."""
    return "⟨∂L/∂wᵢ⟩" if numbers.is_mean else "∂L/∂wᵢ"


def marked_use(numbers: NeuronNumbers) -> str:
    """Return the rule of the gradient of any weight."""
    return "⟨xᵢ·δ⟩" if numbers.is_mean else "xᵢ·δ"


def parts_of_equation(line: Line, size: float, width: float) -> list[Line]:
    """Return an equation in lines that fit a width, broken before =, or else before + ; words between words."""
    (span,) = line
    parts: list[str] = []
    separators = (" = ", " + ") if span.style.value == "notation" else (" ",)
    chunks = [span.text]
    for separator in separators:
        chunks = [
            piece
            for chunk in chunks
            for piece in (
                [chunk] if line_width((span._replace(text=chunk),), size) <= width else split_before(chunk, separator)
            )
        ]
    for chunk in chunks:
        joined = f"{parts[-1]} {chunk}" if parts else chunk
        if parts and line_width((span._replace(text=joined),), size) <= width:
            parts[-1] = joined
        else:
            parts.append(chunk)
    return [(span._replace(text=part),) for part in parts]


def split_before(text: str, separator: str) -> list[str]:
    """Split a text before each separator, which begins the next piece."""
    first, *others = text.split(separator)
    return [first, *(f"{separator.strip()} {other}".strip() for other in others)]


def note_entries(numbers: NeuronNumbers, page: Page) -> list[LegendEntry]:
    """Return the notes below the equations: on marks that occur, on batches, on what is not known."""
    entries = []
    if any(product.is_frozen for product in numbers.products):
        entries.append(frozen_entry(page.say("frozen")))
    if any(product.uses > 1 for product in numbers.products):
        entries.append(shared_entry(page.say("shared: the sum of all uses is its gradient")))
    if numbers.is_mean and numbers.has_activation:
        entries.append(LegendEntry(words(page.say("a point on the curve for each sample"))))
    return entries + [LegendEntry(label(note)) for note in page.snapshot.notes()]
