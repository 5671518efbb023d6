"""A figure that is filled from top to bottom: blocks of shapes, a legend and notes; and the title over any figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Color, Figure, Shape, Text, move_shape
from minigrad.drawing.legend import LEGEND_SIZE, LegendEntry, lay_out_legend
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.text_fitting import wrap_text
from minigrad.drawing.text_layout import bold, label

WIDE_MARGIN, NARROW_MARGIN, NARROW = 22.0, 12.0, 600.0
"""Free border around a picture, in pixels, and around one that is narrower than so much."""
TITLE_SIZE, TITLE_ROW, NOTE_ROW = 15.0, 20.0, 16.0


def margin_of(settings: DrawSettings) -> float:
    """Return the free border around the pictures of a page."""
    return WIDE_MARGIN if settings.width >= NARROW else NARROW_MARGIN


class FigureBuilder:
    """The shapes of a figure that is not finished yet, and the height down to which it is full."""

    def __init__(self, settings: DrawSettings) -> None:
        self.settings = settings
        self.margin = self.top = margin_of(settings)
        self.width = settings.width
        self._shapes: list[Shape] = []

    def add(self, shapes: Iterable[Shape], height: float) -> None:
        """Add shapes that are placed already, and move the height to where they end."""
        self._shapes.extend(shapes)
        self.top = max(self.top, height)

    def legend(self, entries: Sequence[LegendEntry], notes: Iterable[str]) -> None:
        """Add a legend in rows, and notes, which are broken into lines."""
        shapes, height = lay_out_legend(entries, self.width - 2 * self.margin)
        self.add((move_shape(shape, Point(self.margin, self.top)) for shape in shapes), self.top + height + 4.0)
        for note in notes:
            for line in wrap_text(note, LEGEND_SIZE, self.width - 2 * self.margin):
                self.add(
                    [Text(Point(self.margin, self.top + 11.0), label(line), LEGEND_SIZE, Color.MUTED)],
                    self.top + NOTE_ROW,
                )

    def figure(self, title: str, description: str) -> Figure:
        """Return the finished figure; its title is that of the page, or what it shows."""
        return Figure(
            self.width, self.top + self.margin, tuple(self._shapes), self.settings.title or title, description
        )


def with_title(figure: Figure, settings: DrawSettings) -> Figure:
    """Return a figure with the title of the page above it, in as many lines as it needs."""
    margin = margin_of(settings)
    if not settings.title.strip():
        return figure
    lines = [bold(line) for line in wrap_text(settings.title, TITLE_SIZE, figure.width - 2 * margin, bold)]
    heading = TITLE_ROW * len(lines) + 8.0
    titles = [Text(Point(margin, TITLE_ROW * row + 5.0), line, TITLE_SIZE) for row, line in enumerate(lines, start=1)]
    shapes = (*titles, *(move_shape(shape, Point(0.0, heading)) for shape in figure.shapes))
    return replace(figure, height=figure.height + heading, shapes=shapes)
