"""Legends of figures: samples of the marks with what they mean, in rows that fit the width of the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Color, Head, Rectangle, Shape, Stroke, Text, move_shape
from minigrad.drawing.marks import SignStyle, frozen_bars, highlight_behind, level_fill, shared_stroke
from minigrad.drawing.text_fitting import wrap_text
from minigrad.drawing.text_layout import Line, bold, label, line_width, notation, plain_text, words

LEGEND_SIZE, LEGEND_ROW = 11.0, 18.0
"""Font size of a legend, and the height of one of its rows."""
SAMPLE = Point(30.0, 12.0)
"""Size of the sample of a legend."""


class LegendEntry(NamedTuple):
    """One entry of a legend: a sample, drawn around the origin, its width, and what it means; or words alone."""

    line: Line
    sample: tuple[Shape, ...] = ()
    width: float = 0.0


def lay_out_legend(entries: Sequence[LegendEntry], width: float) -> tuple[tuple[Shape, ...], float]:
    """Return the shapes of a legend from the origin on, entries beside each other where they fit, and its height."""
    shapes: list[Shape] = []
    x, row = 0.0, 0
    for entry in chain.from_iterable(wrap_entry(entry, width) for entry in entries):
        space = entry.width + 7.0 if entry.sample else 0.0
        needed = space + line_width(entry.line, LEGEND_SIZE)
        if x and x + needed > width:
            x, row = 0.0, row + 1
        baseline = row * LEGEND_ROW + 12.0
        middle = Point(x + entry.width / 2, baseline - 4.0)
        shapes.extend(move_shape(shape, middle) for shape in entry.sample)
        shapes.append(Text(Point(x + space, baseline), entry.line, LEGEND_SIZE, Color.MUTED))
        x += needed + 22.0
    return tuple(shapes), (row + 1) * LEGEND_ROW if entries else 0.0


def wrap_entry(entry: LegendEntry, width: float) -> Iterator[LegendEntry]:
    """Yield an entry, one of words that are too long for a row in several."""
    if entry.sample or line_width(entry.line, LEGEND_SIZE) <= width:
        yield entry
    else:
        yield from (LegendEntry(label(row)) for row in wrap_text(plain_text(entry.line), LEGEND_SIZE, width))


def stroke_entry(text: str, style: SignStyle, head: Head = Head.NONE, width: float = 1.8) -> LegendEntry:
    """Return a legend entry with a sample of a stroke; what it means is notation, such as "w < 0"."""
    start, end = Point(-SAMPLE.x / 2, 0.0), Point(SAMPLE.x / 2, 0.0)
    points = (end, start) if head is Head.BACKWARD else (start, end)
    return LegendEntry(notation(text), (Stroke(points, style.color, width, style.dash, head),), SAMPLE.x)


def level_entry(text: str) -> LegendEntry:
    """Return the legend entry of a gray level."""
    corner, size = Point(-6.0, -7.0), Point(12.0, 14.0)
    outline = Rectangle(corner, size, None, Color.INK, 1.1)
    return LegendEntry(notation(text), (*level_fill(corner, size, 0.6), outline), size.x)


def frozen_entry(text: str) -> LegendEntry:
    """Return the legend entry of frozen parameters."""
    points = (Point(-SAMPLE.x / 2, 0.0), Point(SAMPLE.x / 2, 0.0))
    return LegendEntry(words(text), (Stroke(points, Color.INK), *frozen_bars(Point(0.0, 0.0), points[1])), SAMPLE.x)


def shared_entry(text: str) -> LegendEntry:
    """Return the legend entry of shared weights."""
    points = (Point(-SAMPLE.x / 2, 0.0), Point(SAMPLE.x / 2, 0.0))
    return LegendEntry(notation(text), shared_stroke(Stroke(points, Color.INK)), SAMPLE.x)


def changed_entry(text: str, sample: str = "0.4 → 0.41") -> LegendEntry:
    """Return the legend entry of numbers that change, on amber."""
    size = 9.5
    width = line_width(bold(sample), size)
    ground = highlight_behind(Point(-width / 2, -5.0), Point(width, 10.0), 3.0)
    text_shape = Text(Point(0.0, 3.4), bold(sample), size, Color.INK, Anchor.MIDDLE)
    return LegendEntry(words(text), (ground, text_shape), width + 6.0)
