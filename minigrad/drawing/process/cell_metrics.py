"""Sizes of the process view: from large cells with labels down to small ones without numbers, for narrow pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from minigrad.drawing.diagram import Point
from minigrad.drawing.marks import shared_count
from minigrad.drawing.numbers import format_computed
from minigrad.drawing.process.grids import Reading
from minigrad.drawing.process.process_content import Block, Kind, ProcessContent
from minigrad.drawing.text_layout import label, line_width, notation, number_line

LARGEST, SMALLEST = 12.5, 9.0
"""Font sizes of numbers."""
FONTS = tuple(LARGEST - 0.25 * step for step in range(15))
LARGEST_WITHOUT_LABELS = 10.5
NAME_SCALE, LABEL_SCALE = 1.12, 1.04
"""Size of names and of the labels of numbers, in font sizes of the numbers."""
LONGEST_NAME = 46.0
"""Width of the name of a weight in a cell, of which a longer one is cut, at the largest font."""


class Lanes(NamedTuple):
    """Where the arrows run, forward and backward, in shares of the size of a cell across them."""

    forward: float
    backward: float


ACROSS, ACROSS_SMALL = Lanes(0.32, 0.75), Lanes(0.19, 0.86)
"""The lanes of arrows that run down, in shares of the width of a cell, and of one without labels."""
ENTER_FROM_LEFT, LEAVE_RIGHT = Lanes(0.29, 0.78), Lanes(0.49, 0.72)
"""The lanes of outputs that enter a grid from the left, and of products and δ between the cells of a row."""


class Metrics(NamedTuple):
    """The sizes of one layout, in pixels.

    Args:
        font: The font size of numbers.
        has_labels: Whether cells say what their numbers are; else numbers stand alone, in the order of the legend.
        has_numbers: Whether cells show numbers at all.
        cell: Size of the largest cell, the one with four numbers.
        gap: Space between cells, across and down.
        box: Size of the box of a sum or an output, its numbers below each other.
        beside: Height of such a box with its halves side by side; 0 where these do not fit.
        number: Width of the widest number.
    """

    font: float
    has_labels: bool
    has_numbers: bool
    cell: Point
    gap: Point
    box: Point
    beside: float
    number: float

    @property
    def scale(self) -> float:
        """Return the size of everything else, 1 for the largest font."""
        return self.font / LARGEST

    def enter(self, reading: Reading) -> Lanes:
        """Return the lanes of outputs that pass through a grid, and of what its cells give back."""
        return self.across if reading == "down" else ENTER_FROM_LEFT

    def leave(self, reading: Reading) -> Lanes:
        """Return the lanes of products, which add up, and of δ."""
        return LEAVE_RIGHT if reading == "down" else self.across

    @property
    def across(self) -> Lanes:
        """Return the lanes of arrows that run down."""
        if not (self.has_labels and self.has_numbers):
            return ACROSS_SMALL
        apart = 0.35 * (1 - self.scale)  # so that θ′ fits between them
        return Lanes(ACROSS.forward - apart, ACROSS.backward + apart)

    def height(self, block: Block) -> float:
        """Return the height of a cell."""
        return self.cell.y if block.is_stripped or not self.has_numbers else self.cell.y * 0.8

    def pitch(self, reading: Reading) -> Point:
        """Return the distance of neighboring sources, and of neighboring neurons."""
        x, y = self.cell.x + self.gap.x, self.cell.y + self.gap.y
        return Point(x, y) if reading == "down" else Point(y, x)

    def box_width(self, reading: Reading) -> float:
        """Return the width of such a box across its line; wider than a cell where cells have no numbers."""
        if self.has_numbers:
            return self.cell.y if reading == "down" else self.cell.x
        return self.box.y if reading == "down" else self.cell.x + self.gap.x - 4

    def box_length(self, reading: Reading) -> float:
        """Return the length of the box of a sum in the direction in which its line adds up."""
        return self.box.x if reading == "down" else self.beside or self.box.y


def possible_metrics(content: ProcessContent) -> Iterator[Metrics]:
    """Yield the sizes of cells with numbers, from the largest on: first with labels, then without."""
    blocks = [block for block in content.cells.values() if block.kind is Kind.CELL]
    digits, is_mean = content.settings.digits, content.snapshot.is_mean
    widest = (format_computed(-0.000123456789, digits), format_computed(-0.0000123456789, digits))
    number = max(line_width(number_line(text), 1.0) for text in widest)
    names = max([name_width(block) for block in blocks], default=0.0)
    labels = line_width(notation("⟨h·w⟩" if is_mean else "h·w"), LABEL_SCALE)
    for font in FONTS:
        scale = font / LARGEST
        left = max(min(names * font, LONGEST_NAME * scale), labels * font)
        width = sum(paddings(font)) + left + 4 * scale + number * font
        yield sized(font, True, Point(width, 80 * scale), number * font)
    for font in FONTS[FONTS.index(LARGEST_WITHOUT_LABELS) :]:
        yield sized(font, False, Point(11 + number * font, 80 * font / LARGEST), number * font)


def name_width(block: Block) -> float:
    """Return the width of the name of a weight, with how often it is used, for a font size of 1."""
    count = line_width(shared_count(block.uses), 0.75) + 0.3 if block.uses > 1 else 0.0
    return line_width(label(block.rows[0].label), NAME_SCALE) + count


def paddings(font: float) -> tuple[float, float]:
    """Return the space at the left of the labels in a cell, and at the right of its numbers."""
    smaller = 1 - font / LARGEST
    return 13.0 - 18.0 * smaller, 9.0 - 14.0 * smaller


def dense_metrics(content: ProcessContent) -> Metrics:
    """Return the sizes of small cells with numbers that stand side by side without arrows between them."""
    *_, smallest = possible_metrics(content)
    return smallest._replace(cell=Point(smallest.number + 4, smallest.cell.y), gap=Point(2.5, smallest.gap.y))


def bare_metrics(content: ProcessContent) -> Metrics:
    """Return the sizes of cells without numbers; those of sums and outputs are shown."""
    number = max(line_width(number_line(format_computed(-0.000123456789, content.settings.digits)), SMALLEST), 40.0)
    metrics = sized(SMALLEST, True, Point(40.0, 34.0), number)
    return metrics._replace(has_numbers=False, box=Point(metrics.box.x, 57.6), gap=Point(16.0, 34.0), beside=0.0)


def sized(font: float, has_labels: bool, cell: Point, number: float) -> Metrics:
    """Return the metrics of a size of cells."""
    scale = font / LARGEST
    gap = Point(max(18 * scale, 14.0), max(22 * scale, 16.0))
    box = Point(number + 6 * scale, 80 * scale)
    can_stand_beside = (cell.x / 2 - 4) / number * font >= SMALLEST
    return Metrics(font, has_labels, True, cell, gap, box, 40 * scale if can_stand_beside else 0.0, number)
