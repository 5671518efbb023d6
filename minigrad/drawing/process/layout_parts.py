"""What a layout of the process consists of: blocks with their places, arrows, captions, the directions of a grid."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Color
from minigrad.drawing.process.grids import Grid, Reading
from minigrad.drawing.process.process_content import Block
from minigrad.drawing.text_layout import Line, line_width


class Form(StrEnum):
    """How the rows of a block are set."""

    CELL = "cell"
    STACKED = "stacked"
    BESIDE = "beside"
    VALUE_RIGHT = "circle, value right of it"
    VALUE_LEFT = "circle, value left of it"
    VALUE_BELOW = "circle, value below it"


class PlacedBlock(NamedTuple):
    """A block with its upper left corner and its size."""

    block: Block
    corner: Point
    size: Point
    form: Form

    @property
    def end(self) -> Point:
        """Return the lower right corner."""
        return Point(self.corner.x + self.size.x, self.corner.y + self.size.y)


class Arrow(NamedTuple):
    """A straight arrow from one block to another; with an empty key it comes from, or leads to, another part."""

    tail: str
    head: str
    start: Point
    end: Point
    is_backward: bool = False
    text: str = ""


class Caption(NamedTuple):
    """A line of text beside the blocks."""

    at: Point
    line: Line
    size: float
    color: Color = Color.INK
    anchor: Anchor = Anchor.START

    @property
    def left(self) -> float:
        """Return where the text begins."""
        width = line_width(self.line, self.size)
        return self.at.x - {Anchor.START: 0.0, Anchor.MIDDLE: width / 2, Anchor.END: width}[self.anchor]

    @property
    def right(self) -> float:
        """Return where the text ends."""
        return self.left + line_width(self.line, self.size)


class Plate(NamedTuple):
    """The ground of boxes that are one op together, such as a softmax with its classes."""

    corner: Point
    size: Point
    name: str


class Frame(NamedTuple):
    """The positions of a grid: where its sources begin along u, the bias last, and its neurons along v.

    A grid is laid out along two directions: u, in which its products add up, and v, in which outputs enter it. Entered
    from above, u is x and v is y; entered from the left it is the other way round. What leaves a grid along u enters
    the next one along its v, so that all lines are straight.
    """

    grid: Grid
    reading: Reading
    sources: tuple[float, ...]
    neurons: tuple[float, ...]
    starts: bool
    end: float
    """Where its cells end along u."""
    exit: float
    """Where its outputs end along u."""

    def point(self, u: float, v: float) -> Point:
        """Return a point, or a size, from its coordinates along both directions."""
        return Point(u, v) if self.reading == "down" else Point(v, u)

    def u(self, point: Point) -> float:
        """Return the coordinate of a point in the direction in which products add up."""
        return point.x if self.reading == "down" else point.y

    def v(self, point: Point) -> float:
        """Return the coordinate of a point in the direction in which outputs enter."""
        return point.y if self.reading == "down" else point.x

    @property
    def next_reading(self) -> Reading:
        """Return how the outputs of this grid enter the next one, if they run on."""
        return "right" if self.reading == "down" else "down"
