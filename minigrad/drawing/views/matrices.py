"""The matrix view: W and ∂L/∂W of every layer as Hinton diagrams, a square or a disc for each weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

from minigrad._format import format_number, shorten, text_width
from minigrad.drawing.diagram import Box, BoxGroup, Diagram, Point, Role
from minigrad.drawing.snapshot import Snapshot
from minigrad.drawing.style import BOX_STYLES
from minigrad.drawing.views.registry import register_view
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.structure import read_structure

LEGEND = (
    "Row:  what is read.   Column:  a neuron.   ■ blue square: positive   ● red disc: negative   area: absolute value,",
    "compared with the largest of its matrix.   × not a finite number   — not known yet   no mark: no such weight",
)
MOST = 32
"""Rows and columns of a matrix that are shown."""
LEAST_PITCH, LONGEST_NAME = 15.0, 8
GAP = 50.0
"""Distance of two matrices."""


@register_view("matrices")
def matrices_view(graph: Graph, *, most: int = MOST) -> Diagram:
    """Draw the weights of every layer and their gradients, side by side, at most `most` rows and columns of each.

    Raises RenderError where there are no weights.
    """
    structure, snapshot = read_structure(graph), Snapshot()
    boxes: list[Box] = []
    groups: list[BoxGroup] = []
    top = 0.0
    for layer, neurons in enumerate(structure.layers, start=1):
        sources, entries = structure.weights(neurons[:most])
        weights = {(row, column): weight for row, column, weight in entries if row < most}
        rows = [shorten(structure.name(unit), LONGEST_NAME) for unit in sources[:most]]
        columns = [shorten(structure.name(unit), LONGEST_NAME) for unit in neurons[:most]]
        shape = f"{len(sources)} × {len(neurons)}"
        if max(len(sources), len(neurons)) > most:
            shape += f", shown {len(rows)} × {len(columns)}"
        left, bottom = 0.0, top
        for name, letter, number_of in (("W", "w", snapshot.value), ("∂L/∂W", "d", snapshot.delta)):
            numbers = {position: number_of(*weight) for position, weight in weights.items()}
            matrix = HintonDiagram(f"{letter}{layer}", Point(left, top), rows, columns, numbers)
            marks = tuple(matrix.boxes())
            title = f"{name} of layer {layer}:  {shape},  largest {format_number(matrix.largest)}"
            width = max(text_width(title, 10), matrix.corner.x - left)
            groups.append(BoxGroup(title, tuple(box.key for box in marks), Point(left + width / 2, top - 10)))
            boxes += marks
            left += width + GAP
            bottom = max(bottom, matrix.corner.y)
        top = bottom + GAP
    if not boxes:
        raise RenderError("no weights in this graph", expected="a weighted sum", cure='Use view="expression".')
    return Diagram("matrices", tuple(boxes), (), tuple(groups), (*LEGEND, *snapshot.notes(graph)), placed=True)


@dataclass(frozen=True)
class HintonDiagram:
    """One matrix on the page: a mark for each number, names at the left and on top."""

    key: str
    origin: Point
    rows: Sequence[str]
    columns: Sequence[str]
    numbers: Mapping[tuple[int, int], float | None]

    @property
    def pitch(self) -> float:
        """Distance of the marks of a row."""
        return max([LEAST_PITCH, *(text_width(name, BOX_STYLES[Role.NAME].size) + 5 for name in self.columns)])

    @property
    def indent(self) -> float:
        """Width of the names of the rows."""
        return max(text_width(name, BOX_STYLES[Role.NAME].size) for name in self.rows) + 6

    @property
    def largest(self) -> float:
        """The largest absolute value that is finite."""
        finite = [abs(number) for number in self.numbers.values() if number is not None and isfinite(number)]
        return max(finite, default=0.0)

    @property
    def corner(self) -> Point:
        """The lower right corner."""
        width = self.indent + self.pitch * len(self.columns)
        return Point(self.origin.x + width, self.origin.y + LEAST_PITCH * (len(self.rows) + 1))

    def boxes(self) -> Iterator[Box]:
        """Yield the names, then the marks row by row."""
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
            yield mark_box(f"{self.key}_{row}_{column}", number, largest, Point(xs[column], ys[row]), note)


def mark_box(key: str, number: float | None, largest: float, at: Point, note: str) -> Box:
    """Return the mark of one number, its area as large as the number."""
    if number is None or not isfinite(number):
        return Box(key, ("—" if number is None else "×",), role=Role.UNKNOWN, at=at, note=note)
    side = max((LEAST_PITCH - 2) * sqrt(abs(number) / largest), 1.0) if largest else 1.0
    role = Role.NEGATIVE if number < 0 else Role.POSITIVE
    return Box(key, ("",), role=role, at=at, size=Point(side, side), note=note)
