"""The textbook figure of a page, whose numbers change: laid out anew for wide and narrow pages, without words."""

from __future__ import annotations

from collections.abc import Iterator

from minigrad.drawing.figure import Figure
from minigrad.drawing.neurons.elision import elide_network
from minigrad.drawing.settings import Direction, DrawSettings
from minigrad.drawing.textbook.arrangement import box_classes, fitting_rows, hanging_targets, has_time_steps
from minigrad.drawing.textbook.drawn_unit import UnitSizes
from minigrad.drawing.textbook.textbook_content import NARROW, TextbookContent
from minigrad.drawing.textbook.textbook_figure import TextbookFigure
from minigrad.structure import NetworkStructure

MOST_WITH_TABLES, MOST_ROWS, ELIDED_ROWS = 4, 8, 6
"""Units of a column up to which neurons have a table of numbers, up to which all are shown, and of larger columns."""
WIDE_SIZES = (
    UnitSizes(31.0, 20.0, 17.0, 12.8, 11.6, 18.0),
    UnitSizes(25.0, 18.0, 16.0, 12.0, 11.0, 15.5),
    UnitSizes(18.0, 15.0, 14.0, 11.5, 10.5, 13.0),
)
NARROW_SIZES = (
    UnitSizes(23.0, 18.0, 15.0, 11.5, 10.5, 15.0),
    UnitSizes(22.0, 17.0, 15.0, 11.0, 10.0, 14.0),
    UnitSizes(17.0, 15.0, 13.5, 11.0, 9.5, 12.0),
)
"""Sizes with up to three rows, with tables in more rows, and without tables."""


def interactive_figure(structure: NetworkStructure, settings: DrawSettings) -> Figure:
    """Return the figure of a network with the most that fits the width: tables beside the neurons, else two numbers."""
    figure = None
    for figure in possible_figures(structure, settings):
        if figure.width <= settings.width + 0.5:
            break
    assert figure is not None
    return figure


def possible_figures(structure: NetworkStructure, settings: DrawSettings) -> Iterator[Figure]:
    """Yield the figure in the ways in which it can be laid out, the best first."""
    rows = max(map(len, structure.columns))
    if rows <= MOST_WITH_TABLES:
        yield lay_out(structure, settings, "right", False)
    yield lay_out(structure, settings, "right", True)
    yield lay_out(structure, settings, "down", True)


def lay_out(structure: NetworkStructure, settings: DrawSettings, direction: Direction, is_compact: bool) -> Figure:
    """Return the figure of a network in one direction, with tables of numbers or without."""
    largest = max(map(len, structure.columns))
    most = MOST_ROWS if largest <= MOST_ROWS else ELIDED_ROWS
    if direction == "down":
        most = fitting_rows(structure, settings, True, direction)
    sizes = NARROW_SIZES if settings.width < NARROW else WIDE_SIZES
    metrics = sizes[2 if is_compact else 0 if largest <= 3 else 1]
    content = TextbookContent(structure, settings, True, True, box_classes(structure))
    network, targets = elide_network(structure, most), hanging_targets(structure)
    has_steps = has_time_steps(structure, settings)
    figure = TextbookFigure(content, network, targets, direction, metrics, has_steps, is_compact)
    return figure.interactive_figure()
