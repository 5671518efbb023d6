"""The matrix view: W and ∂L/∂W of every layer as Hinton pictures, a square or a disc for each weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

from minigrad._format import format_number, shorten, text_width
from minigrad.drawing.diagram import Box, Diagram, Group, Point, Role
from minigrad.drawing.neurons.painter import pass_notes
from minigrad.drawing.snapshot import Readings
from minigrad.drawing.style import LOOKS
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.structure import Anatomy, Cell, Element, read

LEGEND = (
    "Row:  what is read.   Column:  a neuron.   ■ blue square: positive   ● red disc: negative   area: absolute value,",
    "compared with the largest of its matrix.   × not a finite number   — not known yet   no mark: no such weight",
)
MOST = 32
"""Rows and columns of a matrix that are shown."""
LEAST_PITCH, LONGEST_NAME = 15.0, 8
GAP = 50.0
"""Room between two matrices."""

Grid = dict[tuple[int, int], Element]
"""The weights of a layer by row, what is read, and column, the neuron."""


def matrices(graph: Graph, *, most: int = MOST) -> Diagram:
    """The weights of every layer and their gradients, side by side, at most `most` rows and columns of each.

    Raises RenderError where there are no weights.
    """
    anatomy, readings = read(graph), Readings()
    boxes: list[Box] = []
    groups: list[Group] = []
    top, layer = 0.0, 0
    for column in anatomy.columns:
        neurons = [cell for cell in column if cell.total is not None]
        if not neurons:
            continue
        layer += 1
        grid, sources, rows = weights_of(anatomy, neurons[:most], most)
        names = [shorten(anatomy.name(cell), LONGEST_NAME) for cell in sources]
        heads = [shorten(anatomy.name(cell), LONGEST_NAME) for cell in neurons[:most]]
        shape = f"{rows} × {len(neurons)}"
        if max(rows, len(neurons)) > most:
            shape += f", shown {len(sources)} × {len(heads)}"
        left, bottom = 0.0, top
        for name, letter, look_up in (("W", "w", readings.value), ("∂L/∂W", "d", readings.delta)):
            numbers = {place: look_up(*element) for place, element in grid.items()}
            sheet = Sheet(f"{letter}{layer}", Point(left, top), names, heads, numbers)
            drawn = tuple(sheet.boxes())
            title = f"{name} of layer {layer}:  {shape},  largest {format_number(sheet.largest)}"
            width = max(text_width(title, 10), sheet.corner.x - left)
            groups.append(Group(title, tuple(box.key for box in drawn), Point(left + width / 2, top - 10)))
            boxes += drawn
            left += width + GAP
            bottom = max(bottom, sheet.corner.y)
        top = bottom + GAP
    if not boxes:
        raise RenderError("no weights in this graph", expected="a weighted sum", cure='Use view="expression".')
    legend = (*LEGEND, *pass_notes(graph))
    return Diagram("matrices", tuple(boxes), (), tuple(groups), legend, placed=True)


def weights_of(anatomy: Anatomy, neurons: Sequence[Cell], most: int) -> tuple[Grid, list[Cell], int]:
    """The weights of some neurons, the first cells that they read, and how many cells they read altogether."""
    row_of: dict[Cell, int] = {}
    grid: Grid = {}
    for column, neuron in enumerate(neurons):
        for wire in anatomy.wires(neuron):
            if wire.weight:
                row = row_of.setdefault(wire.source, len(row_of))
                if row < most:
                    grid[row, column] = wire.weight
    return grid, list(row_of)[:most], len(row_of)


@dataclass(frozen=True)
class Sheet:
    """One matrix at its place on the page: a mark for each number, names at the left and on top."""

    key: str
    origin: Point
    rows: Sequence[str]
    columns: Sequence[str]
    numbers: Mapping[tuple[int, int], float | None]

    @property
    def pitch(self) -> float:
        """How far apart the marks are."""
        return max([LEAST_PITCH, *(text_width(name, LOOKS[Role.NAME].size) + 5 for name in self.columns)])

    @property
    def indent(self) -> float:
        """Room for the names of the rows."""
        return max(text_width(name, LOOKS[Role.NAME].size) for name in self.rows) + 6

    @property
    def largest(self) -> float:
        """The largest absolute value that is finite."""
        return max(
            (abs(number) for number in self.numbers.values() if number is not None and isfinite(number)), default=0.0
        )

    @property
    def corner(self) -> Point:
        """The lower right corner."""
        pitch = self.pitch
        return Point(
            self.origin.x + self.indent + pitch * len(self.columns), self.origin.y + LEAST_PITCH * (len(self.rows) + 1)
        )

    def boxes(self) -> Iterator[Box]:
        """The names, then the marks row by row."""
        pitch, indent, largest = self.pitch, self.indent, self.largest
        xs = [self.origin.x + indent + pitch * (column + 0.5) for column in range(len(self.columns))]
        ys = [self.origin.y + LEAST_PITCH * (row + 1.5) for row in range(len(self.rows))]
        for column, name in enumerate(self.columns):
            at = Point(xs[column], self.origin.y + LEAST_PITCH / 2)
            yield Box(f"{self.key}_c{column}", (name,), role=Role.NAME, at=at)
        for row, name in enumerate(self.rows):
            yield Box(f"{self.key}_r{row}", (name,), role=Role.NAME, at=Point(self.origin.x + indent / 2, ys[row]))
        for (row, column), number in sorted(self.numbers.items()):
            note = f"{self.columns[column]} ← {self.rows[row]}  {format_number(number)}"
            yield mark(f"{self.key}_{row}_{column}", number, largest, Point(xs[column], ys[row]), note)


def mark(key: str, number: float | None, largest: float, at: Point, note: str) -> Box:
    """The mark of one number, its area as large as the number."""
    if number is None or not isfinite(number):
        return Box(key, ("—" if number is None else "×",), role=Role.UNKNOWN, at=at, note=note)
    side = max((LEAST_PITCH - 2) * sqrt(abs(number) / largest), 1.0) if largest else 1.0
    role = Role.NEGATIVE if number < 0 else Role.POSITIVE
    return Box(key, ("",), role=role, at=at, size=Point(side, side), note=note)
