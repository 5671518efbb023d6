"""A figure that is filled from top to bottom: a title, blocks of shapes, a legend and notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Color, Figure, Shape, Text, move_shape
from minigrad.drawing.legend import LEGEND_SIZE, LegendEntry, lay_out_legend
from minigrad.drawing.page import Page
from minigrad.drawing.text_layout import Line, bold, label, line_width

WIDE_MARGIN, NARROW_MARGIN, NARROW = 22.0, 12.0, 600.0
"""Free border around a picture, in pixels, and around one that is narrower than so much."""
TITLE_SIZE, NOTE_ROW = 15.0, 16.0


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
        if page.title:
            self.top += TITLE_SIZE
            self._shapes.append(Text(Point(self.margin, self.top - 3.0), bold(page.title), TITLE_SIZE))
            self.top += 14.0

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


def break_line(text: str, width: float, size: float) -> list[Line]:
    """Return a text, words and notation mixed, broken into lines of at most a width; Chinese at any character."""
    lines: list[Line] = []
    line = ""
    for piece in pieces_of(text):
        if line and line_width(label(line + piece.rstrip()), size) > width:
            lines.append(label(line.rstrip()))
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, label(line.rstrip())] if line.strip() else lines


def pieces_of(text: str) -> list[str]:
    """Return the pieces of a text that stay together: words with the space after them, single Chinese characters."""
    pieces, current = [], ""
    for character in text:
        current += character
        if character == " " or ord(character) >= 0x2E80:
            pieces.append(current)
            current = ""
    return [*pieces, current]
