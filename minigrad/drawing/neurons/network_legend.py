"""The legend of a network: a sample of every mark that the picture has, and notes on the pass."""

from __future__ import annotations

from collections.abc import Iterator

from minigrad.drawing.figure import Head
from minigrad.drawing.legend import LegendEntry, changed_entry, frozen_entry, level_entry, shared_entry, stroke_entry
from minigrad.drawing.marks import backward_style, sign_style
from minigrad.drawing.neurons.network_content import NetworkContent
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.text_layout import notation

STROKES = "Edge:  ━━▶ {name} > 0   ╍╍▶ {name} < 0   ┈┈▶ 0   wide: large |{name}|."
"""What the strokes of edges mean, where no samples can be drawn: in text, DOT and Mermaid."""


def network_legend(content: NetworkContent, settings: DrawSettings, measured: str) -> list[LegendEntry]:
    """Return the entries of the legend; no entry for a mark that does not occur."""
    return [*stroke_entries(content, settings, measured), *state_entries(content, settings)]


def stroke_entries(content: NetworkContent, settings: DrawSettings, measured: str) -> Iterator[LegendEntry]:
    """Yield the entries of the strokes of edges, and of what is written along them."""
    numbers = [marks.number for marks in content.edge_marks if marks.number is not None]
    for meaning, sign in ((f"{measured} > 0", 1.0), (f"{measured} < 0", -1.0), ("0", 0.0)):
        if any(number == number and (number > 0) - (number < 0) == sign for number in numbers):
            yield stroke_entry(meaning, sign_style(sign), Head.FORWARD)
    if any(numbers):
        yield LegendEntry(notation(settings.say("width |{name}|", name=measured)))
    if any(marks.above and marks.below and not marks.changes for marks in content.edge_marks):
        gradient = settings.snapshot.mark("∂L/∂w")
        yield LegendEntry(notation(settings.say("above the line w, below it {gradient}", gradient=gradient)))
    if any(marks.returns for marks in content.edge_marks):
        yield stroke_entry(
            settings.say("{share} flows back", share=settings.snapshot.mark("w·δ")), backward_style(1.0), Head.BACKWARD
        )


def state_entries(content: NetworkContent, settings: DrawSettings) -> Iterator[LegendEntry]:
    """Yield the entries of the marks of boxes and of the state of weights."""
    if content.two_rows:
        yield changed_entry(settings.say("after the step"), "→ 0.41")
    if any(marks.has_level for marks in content.box_marks.values()):
        yield level_entry(settings.say("output within its range"))
    if any(marks.uses > 1 for marks in content.edge_marks):
        has_gradients = any(marks.uses > 1 and marks.below for marks in content.edge_marks)
        text = "×n: used n times, ∂L/∂w is the sum" if has_gradients and not content.two_rows else "used several times"
        yield shared_entry(settings.say(text))
    if any(marks.is_frozen for marks in content.edge_marks):
        yield frozen_entry(settings.say("frozen"))
