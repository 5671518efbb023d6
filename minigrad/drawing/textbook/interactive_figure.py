"""The textbook figure of a page, whose numbers change: laid out anew for wide and narrow pages, without words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import isfinite

from minigrad.drawing.figure import Figure
from minigrad.drawing.neurons.elision import elide_network
from minigrad.drawing.settings import Direction, DrawSettings
from minigrad.drawing.textbook.arrangement import box_classes, hanging_targets, has_time_steps
from minigrad.drawing.textbook.drawn_unit import UnitSizes
from minigrad.drawing.textbook.textbook_content import NARROW, TextbookContent
from minigrad.drawing.textbook.textbook_figure import TextbookFigure
from minigrad.structure import NetworkStructure, Unit

MOST_WITH_TABLES, MANY, MOST_ROWS = 4, 8, 10
"""Units of a column up to which neurons have tables of numbers, from which on they are small, and that are shown."""
PITCH = {True: 64.0, False: 116.0}
"""Distance of neurons side by side, on narrow pages and on wide ones."""
WIDE_SIZES = (
    UnitSizes(31.0, 20.0, 17.0, 12.8, 11.6, 18.0),
    UnitSizes(25.0, 18.0, 16.0, 12.0, 11.0, 15.5),
    UnitSizes(18.0, 15.0, 14.0, 11.5, 10.5, 13.0),
    UnitSizes(15.0, 13.0, 13.0, 11.0, 10.0, 12.0),
)
NARROW_SIZES = (
    UnitSizes(23.0, 18.0, 15.0, 11.5, 10.5, 15.0),
    UnitSizes(22.0, 17.0, 15.0, 11.0, 10.0, 14.0),
    UnitSizes(17.0, 15.0, 13.5, 11.0, 9.5, 12.0),
    UnitSizes(14.0, 13.0, 13.0, 11.0, 9.0, 12.0),
)
"""Sizes with up to three rows, with tables in more rows, without tables, and of many rows."""


def interactive_figure(structure: NetworkStructure, settings: DrawSettings) -> Figure:
    """Return the figure of a network with the most that fits the width: tables beside the neurons, else two numbers.

    Where nothing fits it is the narrowest one.
    """
    wider: list[Figure] = []
    for figure in possible_figures(structure, settings):
        if figure.width <= settings.width + 0.5:
            return figure
        wider.append(figure)
    return min(wider, key=lambda figure: figure.width)


def possible_figures(structure: NetworkStructure, settings: DrawSettings) -> Iterator[Figure]:
    """Yield the figure in the ways in which it can be laid out, the best first."""
    rows = max(map(len, structure.columns))
    if rows <= MOST_WITH_TABLES:
        yield lay_out(structure, settings, "right", False)
    yield lay_out(structure, settings, "right", True)
    yield lay_out(structure, settings, "down", True)


def lay_out(structure: NetworkStructure, settings: DrawSettings, direction: Direction, is_compact: bool) -> Figure:
    """Return the figure of a network in one direction, with tables of numbers or without."""
    largest, is_narrow = max(map(len, structure.columns)), settings.width < NARROW
    most = MOST_ROWS if direction == "right" else max(3, min(MOST_ROWS, int(settings.width / PITCH[is_narrow])))
    sizes = NARROW_SIZES if is_narrow else WIDE_SIZES
    few = 0 if largest <= 3 else 1
    metrics = sizes[few if not is_compact else 3 if largest > MANY else 2]
    content = TextbookContent(structure, settings, True, True, box_classes(structure))
    strengths = outgoing_strengths(structure, settings)
    network, targets = elide_network(structure, most, strengths.__getitem__), hanging_targets(structure)
    has_steps = has_time_steps(structure, settings)
    figure = TextbookFigure(content, network, targets, direction, metrics, has_steps, is_compact)
    return figure.interactive_figure()


def outgoing_strengths(structure: NetworkStructure, settings: DrawSettings) -> defaultdict[Unit, float]:
    """Return how much each unit passes on: the sum of its |x·w|, by which those of large columns are chosen."""
    strengths: defaultdict[Unit, float] = defaultdict(float)
    value = settings.snapshot.value
    for neurons in structure.layers if max(map(len, structure.columns)) > MOST_ROWS else ():
        for neuron in neurons:
            for source, weight in structure.connections(neuron):
                if weight is not None:
                    product = abs((value(source.output, source.position) or 0.0) * (value(*weight) or 0.0))
                    strengths[source] += product if isfinite(product) else 0.0
    return strengths
