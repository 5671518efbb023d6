"""A figure that is filled from top to bottom: blocks of shapes, a legend and notes; and the title over any figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Color, Figure, Shape, Text, move_shape
from minigrad.drawing.legend import LEGEND_SIZE, LegendEntry, lay_out_legend
from minigrad.drawing.page import Page
from minigrad.drawing.text_layout import Line, bold, label, line_width

WIDE_MARGIN, NARROW_MARGIN, NARROW = 22.0, 12.0, 600.0
"""Free border around a picture, in pixels, and around one that is narrower than so much."""
TITLE_SIZE, TITLE_ROW, NOTE_ROW = 15.0, 20.0, 16.0


def margin_of(page: Page) -> float:
    """Return the free border around the pictures of a page."""
    return WIDE_MARGIN if page.width >= NARROW else NARROW_MARGIN


class Sheet:
    """The shapes of a figure that is not finished yet, and the height down to which it is full."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.margin = self.top = margin_of(page)
        self.width = page.width
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
            for line in break_line(note, self.width - 2 * self.margin, LEGEND_SIZE):
                self.add(
                    [Text(Point(self.margin, self.top + 11.0), line, LEGEND_SIZE, Color.MUTED)], self.top + NOTE_ROW
                )

    def figure(self, title: str, description: str) -> Figure:
        """Return the finished figure; its title is that of the page, or what it shows."""
        return Figure(self.width, self.top + self.margin, tuple(self._shapes), self.page.title or title, description)


def with_title(figure: Figure, page: Page) -> Figure:
    """Return a figure with the title of the page above it, in as many lines as it needs."""
    margin = margin_of(page)
    lines = break_line(page.title, figure.width - 2 * margin, TITLE_SIZE, bold)
    if not lines:
        return figure
    heading = TITLE_ROW * len(lines) + 8.0
    titles = [Text(Point(margin, TITLE_ROW * row + 5.0), line, TITLE_SIZE) for row, line in enumerate(lines, start=1)]
    shapes = (*titles, *(move_shape(shape, Point(0.0, heading)) for shape in figure.shapes))
    return replace(figure, height=figure.height + heading, shapes=shapes)


def break_line(text: str, width: float, size: float, style: Callable[[str], Line] = label) -> list[Line]:
    """Return a text broken into lines of at most a width; Chinese, and words that fit no line, at any character.

    Args:
        text: The text.
        width: The width, in pixels.
        size: The font size.
        style: How lines are set, by default words and notation mixed.

    Returns:
        The lines.
    """
    lines: list[Line] = []
    line = ""
    for word in pieces_of(text):
        for piece in word if line_width(style(word.rstrip()), size) > width else [word]:
            if line and line_width(style(line + piece.rstrip()), size) > width:
                lines.append(style(line.rstrip()))
                line = piece.lstrip()
            else:
                line += piece
    return [*lines, style(line.rstrip())] if line.strip() else lines


def pieces_of(text: str) -> list[str]:
    """Return the pieces of a text that stay together: words with the space after them, single Chinese characters."""
    pieces, current = [], ""
    for character in text:
        current += character
        if character == " " or ord(character) >= 0x2E80:
            pieces.append(current)
            current = ""
    return [*pieces, current]
