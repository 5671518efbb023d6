"""The equations of one neuron and the notes below them, in lines that fit the page."""

from __future__ import annotations

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Color, Head, Shape, Stroke, Text
from minigrad.drawing.legend import LegendEntry, frozen_entry, shared_entry
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.single_neuron.neuron_numbers import NeuronNumbers
from minigrad.drawing.single_neuron.neuron_terms import LABEL_SIZE, NUMBER_SIZE
from minigrad.drawing.text_layout import Line, Style, label, line_width, notation, words

LINE = 22.0
"""Height of a line of equations."""


def equation_shapes(
    numbers: NeuronNumbers, settings: DrawSettings, start: Point, right: float
) -> tuple[list[Shape], float]:
    """Return the equations below the figure, forward in ink, then backward, and where the next line would stand."""
    y = start.y
    shapes: list[Shape] = []
    rule = f"{marked_gradient(numbers)} = {marked_use(numbers)}"
    remark = settings.say("the gradient of a weight: what came in forward, times what came in backward")
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
            is_notation = line[0].style is Style.NOTATION
            size = LABEL_SIZE if is_notation else NUMBER_SIZE
            parts = parts_of_equation(line, size, right - left - 18.0)
            for number, part in enumerate(parts):
                width = line_width(part, size)
                if number or x + width > right:
                    x, y = left + (18.0 if number and is_notation else 0.0), y + (LINE if number or x > left else 0.0)
                shapes.append(Text(Point(x, y), part, size, color))
                x += right if len(parts) > 1 else width + 30.0
        y += LINE if lines else 0.0
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
    separators = (" = ", " + ") if span.style is Style.NOTATION else (" ",)
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


def note_entries(numbers: NeuronNumbers, settings: DrawSettings) -> list[LegendEntry]:
    """Return the notes below the equations: on marks that occur, on batches, on what is not known."""
    entries = []
    if any(product.is_frozen for product in numbers.products):
        entries.append(frozen_entry(settings.say("frozen")))
    if any(product.uses > 1 for product in numbers.products):
        entries.append(shared_entry(settings.say("shared weight")))
    if numbers.is_mean and numbers.has_activation:
        entries.append(LegendEntry(words(settings.say("a point on the curve for each sample"))))
    return entries + [LegendEntry(label(note)) for note in settings.notes()]
