"""The figure of one neuron: products into Σ, the curve of θ, the output; δ and gradients on the way back.

On a wide page the parts follow one another to the right, on a narrow one Σ, θ and the next layer stand one below the
other. Forward takes the upper or left lane, backward the lower or right one.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, sqrt

import numpy as np

from minigrad._format import shorten
from minigrad.core.node import Node
from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Color, Figure, Head, Part, Rectangle, Shape, Stroke, Text, move_shape
from minigrad.drawing.legend import lay_out_legend
from minigrad.drawing.marks import backward_style, highlight_behind, number_shapes
from minigrad.drawing.settings import WIDTH, DrawSettings
from minigrad.drawing.single_neuron.activation_plot import OperatingPoint, activation_plot, layer_bars
from minigrad.drawing.single_neuron.neuron_equations import equation_shapes, note_entries
from minigrad.drawing.single_neuron.neuron_numbers import NeuronNumbers, Quantity
from minigrad.drawing.single_neuron.neuron_terms import (
    CAPTION_SIZE,
    LABEL_SIZE,
    NAME_SIZE,
    NOTE_SIZE,
    NUMBER_SIZE,
    SUM_RADIUS,
    TermPlaces,
    caption,
    place_terms,
    term_row_height,
    term_shapes,
)
from minigrad.drawing.text_layout import label, line_width, notation, number_line, words

MARGIN, NARROW_MARGIN, WIDE = 22.0, 14.0, 600.0
"""Space around the figure, that of narrow ones, and the least width of a wide one."""
LANE, NARROW_LANE = 26.0, 14.0
"""Distance of the forward and the backward lane from the middle between them, side by side or one below the other."""
HEADING, PLOT = 22.0, Point(172.0, 140.0)
THETA = Point(PLOT.x, HEADING + PLOT.y + 22.0)
"""Size of the plot of θ, and of its box, which has a line of text above and one below."""
MOST_BARS = 40
"""Outputs of a layer that are drawn as bars."""
NEXT = Point(88.0, 118.0)
"""Size of the box of the next layer."""
LEAST_EXTRA, MOST_EXTRA = -12.0, 30.0
"""How much wider, at least and at most, gaps may be than usual, to fit the width of the page."""


def neuron_figure(numbers: NeuronNumbers, settings: DrawSettings, title: str, description: str) -> Figure:
    """Return the figure of a neuron, laid out for the width of the page."""
    top = MARGIN
    margin = MARGIN if settings.width >= WIDE else NARROW_MARGIN
    places = place_terms(numbers, settings, Point(margin, top))
    room = settings.width - margin - right_end(numbers, places)
    gaps = 2 + numbers.has_activation + (room > 0)
    extra = min(max(room / gaps, LEAST_EXTRA), MOST_EXTRA)
    places = place_terms(numbers, settings, Point(margin, top), extra)
    fits = right_end(numbers, places, extra) <= settings.width - margin + 1e-9
    if settings.direction == "right" or (settings.direction is None and fits):
        chain, corner = chain_right(numbers, places, settings, extra)
    else:
        places = place_terms(numbers, settings, Point(margin, top), LEAST_EXTRA)
        chain, corner = chain_down(numbers, places, settings)
    shapes = [*term_shapes(numbers, places, settings), *chain]
    width = max(corner.x + margin, min(settings.width, WIDTH))
    y = max(corner.y, places.rows[-1] + term_row_height(numbers) - 34.0) + 16.0
    shapes.append(Stroke((Point(margin, y), Point(width - margin, y)), Color.RULE, 0.8))
    equations, y = equation_shapes(numbers, settings, Point(margin, y + 28.0), width - margin)
    notes, height = lay_out_legend(note_entries(numbers, settings), width - 2 * margin)
    shapes += [*equations, *(move_shape(note, Point(margin, y - 6.0)) for note in notes)]
    return Figure(width, y + height + 4.0, tuple(shapes), title, description)


def right_end(numbers: NeuronNumbers, places: TermPlaces, extra: float = 0.0) -> float:
    """Return where the figure ends if its parts follow one another to the right, each lane longer by so much."""
    lanes = lane_length(numbers.s, numbers.delta) + extra + NEXT.x + 6.0
    if numbers.has_activation:
        lanes += THETA.x + lane_length(numbers.output, numbers.gradient) + extra
    return places.sum_at.x + SUM_RADIUS + lanes


def lane_length(*quantities: Quantity) -> float:
    """Return the length of the arrows that carry some numbers."""
    lines = [
        line for quantity in quantities for line in (notation(quantity.name), number_line(quantity.text, is_bold=True))
    ]
    return max(60.0, max(line_width(line, NUMBER_SIZE) for line in lines) + 16.0)


def chain_right(
    numbers: NeuronNumbers, places: TermPlaces, settings: DrawSettings, extra: float
) -> tuple[list[Shape], Point]:
    """Return the parts to the right of Σ, each lane longer by so much, and their lower right corner."""
    middle, top = places.sum_at.y, places.sum_at.y - THETA.y / 2
    x = places.sum_at.x + sqrt(SUM_RADIUS**2 - LANE**2) + 1.0
    shapes: list[Shape] = []
    bottom = middle + 80.0
    right = places.sum_at.x + SUM_RADIUS + lane_length(numbers.s, numbers.delta) + extra
    if numbers.has_activation:
        shapes.append(lanes_right(x, right, middle, numbers.s, numbers.delta))
        shapes += activation_shapes(numbers, Point(right, top), settings)
        shapes.append(caption(Point(right + THETA.x / 2, places.caption_y), settings.say("activation")))
        x, bottom = right + THETA.x, top + THETA.y
        right = x + lane_length(numbers.output, numbers.gradient) + extra
    shapes.append(lanes_right(x, right, middle, numbers.output, numbers.gradient))
    corner = Point(right, middle - NEXT.y / 2)
    shapes.append(next_part(numbers, corner, settings))
    if numbers.readers.neurons:
        shapes.append(caption(Point(right + NEXT.x / 2, places.caption_y), settings.say("next layer")))
        for line, text in enumerate(numbers.readers_in_words(settings)):
            at = Point(right + NEXT.x / 2, corner.y + NEXT.y + 24.0 + 15.0 * line)
            shapes.append(Text(at, label(text), NOTE_SIZE, Color.MUTED, Anchor.MIDDLE))
    return shapes, Point(right + NEXT.x + 6.0, max(bottom, corner.y + NEXT.y + 44.0))


def lanes_right(left: float, right: float, middle: float, forward: Quantity, backward: Quantity) -> Part:
    """Return the arrows to and fro between two parts side by side, with a number along each."""
    x, upper, lower = (left + right) / 2, middle - LANE, middle + LANE
    return lanes(
        ((Point(left, upper), Point(right - 2.0, upper)), (Point(right - 1.0, lower), Point(left + 1.0, lower))),
        ((Point(x, upper - 8.0), Point(x, upper + 15.0)), (Point(x, lower + 18.0), Point(x, lower + 34.0))),
        (Anchor.MIDDLE, Anchor.MIDDLE),
        (forward, backward),
    )


def lanes_down(x: float, top: float, bottom: float, forward: Quantity, backward: Quantity) -> Part:
    """Return the arrows to and fro between two parts one below the other, with a number beside each."""
    left, right = x - NARROW_LANE, x + NARROW_LANE
    name_y, number_y = bottom - 34.0, bottom - 17.0
    return lanes(
        ((Point(left, top), Point(left, bottom - 2.0)), (Point(right, bottom - 1.0), Point(right, top + 1.0))),
        tuple((Point(at, name_y), Point(at, number_y)) for at in (left - 6.0, right + 6.0)),
        (Anchor.END, Anchor.START),
        (forward, backward),
    )


Pair = tuple[Point, Point]


def lanes(
    arrows: tuple[Pair, ...], texts: tuple[Pair, ...], anchors: tuple[Anchor, ...], quantities: tuple[Quantity, ...]
) -> Part:
    """Return a forward and a backward arrow, each with a name and a number at two places."""
    shapes: list[Shape] = []
    forward, backward = Stroke(arrows[0], head=Head.FORWARD), backward_style(quantities[1].number)
    back = Stroke(arrows[1], backward.color, 1.4, backward.dash, Head.BACKWARD)
    for arrow, places, anchor, quantity, color, size in zip(
        (forward, back),
        texts,
        anchors,
        quantities,
        (Color.INK, Color.BACKWARD),
        (NAME_SIZE, NAME_SIZE - 1),
        strict=True,
    ):
        shapes += [arrow, Text(places[0], notation(quantity.name), size, color, anchor)]
        shapes += number_shapes(
            places[1], quantity.number, number_line(quantity.text, is_bold=True), NUMBER_SIZE, color, anchor
        )
    return Part(", ".join(quantity.equation for quantity in quantities), tuple(shapes))


def chain_down(numbers: NeuronNumbers, places: TermPlaces, settings: DrawSettings) -> tuple[list[Shape], Point]:
    """Return the parts below Σ, and their lower right corner."""
    x, y = places.sum_at.x, places.sum_at.y + sqrt(SUM_RADIUS**2 - NARROW_LANE**2) + 1.0
    bottom = max(places.rows[-1] + term_row_height(numbers) - 20.0, places.sum_at.y + SUM_RADIUS + 64.0)
    shapes: list[Shape] = []
    right = x
    if numbers.has_activation:
        shapes.append(lanes_down(x, y, bottom, numbers.s, numbers.delta))
        left = min(x - THETA.x / 2, max(settings.width - NARROW_MARGIN, x + 60.0) - THETA.x)
        shapes += activation_shapes(numbers, Point(left, bottom), settings)
        shapes.append(caption(Point(places.left, bottom + THETA.y / 2), settings.say("activation"), Anchor.START))
        y, right = bottom + THETA.y, left + THETA.x
        bottom = y + 62.0
    shapes.append(lanes_down(x, y, bottom, numbers.output, numbers.gradient))
    shapes.append(next_part(numbers, Point(x - NEXT.x / 2, bottom), settings))
    if numbers.readers.neurons:
        for line, text in enumerate((settings.say("next layer"), *numbers.readers_in_words(settings))):
            at = Point(places.left, bottom + NEXT.y / 2 + 16.0 * line - 8.0)
            shapes.append(Text(at, label(text), NOTE_SIZE if line else CAPTION_SIZE, Color.MUTED))
    names = [line_width(notation(quantity.name), NAME_SIZE) for quantity in (numbers.delta, numbers.gradient)]
    values = [
        line_width(number_line(quantity.text, is_bold=True), NUMBER_SIZE)
        for quantity in (numbers.delta, numbers.gradient)
    ]
    end = x + NARROW_LANE + 6.0 + max(*names, *values)
    return shapes, Point(max(right, end), bottom + NEXT.y + 8.0)


def activation_shapes(numbers: NeuronNumbers, corner: Point, settings: DrawSettings) -> Iterator[Shape]:
    """Yield the box of θ with its curve, or the outputs of the layer where θ joins all its sums."""
    unit, size = numbers.unit, THETA
    op = unit.output.op
    assert op is not None
    if unit.output in settings.highlight:
        yield highlight_behind(corner, size, 3.0)
    shapes: list[Shape] = [Rectangle(corner, size, Color.PANEL, Color.INK, 1.6, 6.0)]
    snapshot = settings.snapshot
    heading, plot = Point(corner.x + size.x / 2, corner.y + 17.0), Point(corner.x, corner.y + HEADING)
    slope_at = Point(corner.x + PLOT.x / 2, corner.y + size.y - 9.0)
    if op.stars:
        values = [snapshot.value(unit.output, index) for index in range(unit.output.shape[-1])]
        known = [value for value in values if value is not None and isfinite(value)]
        if len(known) == len(values) <= MOST_BARS:
            shapes += layer_bars(known, unit.position or 0, plot, PLOT)
        note = words(settings.say("outputs of the layer"))
        shapes.append(Text(slope_at, note, NOTE_SIZE, Color.MUTED, Anchor.MIDDLE))
    else:
        points = operating_points(numbers, settings)
        names = numbers.s.name, numbers.output.name
        shapes += activation_plot(op, plot, PLOT, points, None if numbers.is_mean else numbers.slope.number, names)
        line = notation(f"{settings.say('slope')} {numbers.slope.equation}")
        shapes += number_shapes(slope_at, numbers.slope.number, line, NUMBER_SIZE, Color.BACKWARD, Anchor.MIDDLE)
    shapes.append(Text(heading, notation(f"θ = {shorten(op.label)}"), LABEL_SIZE, Color.INK, Anchor.MIDDLE))
    yield Part(f"θ = {op.label}, {numbers.output.equation}, {numbers.slope.equation}", tuple(shapes))


def operating_points(numbers: NeuronNumbers, settings: DrawSettings) -> list[OperatingPoint]:
    """Return s and θ(s) of every sample that is shown; none where they are not known."""
    unit = numbers.unit

    def values(node: Node) -> np.ndarray:
        value = settings.snapshot.values(node)
        if value is None:
            return np.array([])
        return np.ravel(value if unit.position is None else value[..., unit.position])

    assert unit.weighted_sum is not None
    sums, outputs = values(unit.weighted_sum), values(unit.output)
    return [OperatingPoint(float(s), float(y)) for s, y in zip(sums, outputs, strict=False)]


def next_part(numbers: NeuronNumbers, corner: Point, settings: DrawSettings) -> Part:
    """Return what reads the output, with its label."""
    losses = [loss.equation for loss in numbers.readers.losses]
    names = numbers.readers_in_words(settings) if numbers.readers.neurons else ()
    text = ", ".join([*losses, *names, *filter(None, numbers.readers.others)])
    return Part(text or settings.say("output of the graph"), tuple(next_shapes(numbers, corner, settings)))


def next_shapes(numbers: NeuronNumbers, corner: Point, settings: DrawSettings) -> Iterator[Shape]:
    """Yield what reads the output: a stack of neurons, the loss as a square, or other nodes by their labels."""
    readers = numbers.readers
    center = Point(corner.x + NEXT.x / 2, corner.y + NEXT.y / 2)
    if readers.are_neurons:
        for shift in (6.0, 3.0) if readers.neurons > 1 else ():
            behind = Point(corner.x + shift, corner.y + shift)
            yield Rectangle(behind, NEXT, Color.PAPER, Color.RULE, 1.0, 6.0)
        yield Rectangle(corner, NEXT, Color.PAPER, Color.INK, 1.4, 6.0)
        index = "ₖ" if readers.neurons > 1 else ""
        back = "Σₖ w′ₖδ′ₖ" if index else "w′δ′"
        upper, lower = Point(center.x, center.y - LANE + 5.0), Point(center.x, center.y + LANE + 5.0)
        yield Text(upper, notation(f"× w′{index}"), NAME_SIZE, Color.INK, Anchor.MIDDLE)
        yield Stroke((Point(corner.x + 8.0, center.y), Point(corner.x + NEXT.x - 8.0, center.y)), Color.RULE, 0.7)
        yield Text(lower, notation(back), NAME_SIZE, Color.BACKWARD, Anchor.MIDDLE)
        return
    if not (readers.losses or readers.neurons or any(readers.others)):
        yield Text(center, words(settings.say("output of the graph")), NOTE_SIZE, Color.MUTED, Anchor.MIDDLE)
        return
    yield Rectangle(corner, NEXT, Color.PAPER, Color.INK, 1.4, 0.0 if readers.losses else 6.0)
    if len(readers.losses) == 1 and not readers.neurons and not readers.others:
        (loss,) = readers.losses
        yield Text(Point(center.x, center.y + 2.0), notation(loss.name), 22.0, Color.INK, Anchor.MIDDLE)
        at = Point(center.x, center.y + LANE + 5.0)
        yield from number_shapes(
            at, loss.number, number_line(loss.text, is_bold=True), NUMBER_SIZE, Color.INK, Anchor.MIDDLE
        )
        return
    others = [shorten(other, 12) for other in readers.others if other]
    lines = [*(loss.name for loss in readers.losses), *(numbers.readers_in_words(settings) if readers.neurons else ())]
    lines += others[:3] + (["…"] if len(others) > 3 else [])
    for number, text in enumerate(lines):
        at = Point(center.x, center.y + 4.0 + 17.0 * (number - (len(lines) - 1) / 2))
        yield Text(at, label(text), NOTE_SIZE, Color.INK, Anchor.MIDDLE)
