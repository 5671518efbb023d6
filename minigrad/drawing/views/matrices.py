"""The matrix view: W and ∂L/∂W of every layer as Hinton diagrams, a square or a disc for each weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, sqrt
from typing import NamedTuple

from minigrad._format import shorten
from minigrad._validation import check_integer
from minigrad.drawing.diagram import Box, BoxGroup, Diagram, Point, Role
from minigrad.drawing.numbers import format_computed
from minigrad.drawing.page import Page
from minigrad.drawing.style import BOX_STYLES
from minigrad.drawing.text_widths import text_width
from minigrad.drawing.views.registry import register_view
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.structure import read_structure

LEGEND = (
    "Row:  what is read.   Column:  a neuron.   ■ blue square: positive   ● red disc: negative   area: absolute value,",
    "compared with the largest of its matrix.   · zero   × not a finite number   — not known   no mark: no such weight",
)
MOST = 32
"""Rows and columns of a matrix that are shown."""
LEAST_PITCH, LONGEST_NAME = 15.0, 8
GAP = 50.0
"""Distance of two matrices."""


class Matrix(NamedTuple):
    """A matrix to draw: the names of its rows and columns, its entries by row and column, and what is said of each."""

    key: str
    rows: Sequence[str]
    columns: Sequence[str]
    numbers: Mapping[tuple[int, int], float | None]
    notes: Mapping[tuple[int, int], str]


@register_view("matrices")
def matrices_view(graph: Graph, page: Page, *, most: int = MOST) -> Diagram:
    """Draw the weights W and the gradients ∂L/∂W of every layer side by side, a square or a disc for each number.

    For the weights of networks of any size (Hinton diagrams): blue squares are positive, red discs negative, and the
    area is the absolute value.

    Args:
        graph: The graph of a network.
        page: The pass to show, and the options that all views share.
        most: The largest number of rows and columns of a matrix that are shown.

    Returns:
        The diagram, with positions.

    Raises:
        RenderError: If the graph has no weighted sum.
        SettingError: If `most` is less than 1.

    Example:
        >>> import minigrad as mg
        >>> network = mg.Network(*mg.mlp([4, 3, 2], rng=0))
        >>> [group.title for group in mg.draw(network, view="matrices").diagram.groups[::2]]
        ['W of layer 1:  4 × 3,  largest 0.9207', 'W of layer 2:  3 × 2,  largest 1.022']
    """
    check_integer(most, "most", 1)
    structure, snapshot = read_structure(graph), page.snapshot
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
        for name, letter, number_of, text_of in (
            ("W", "w", snapshot.value, snapshot.text),
            (snapshot.mark("∂L/∂W"), "d", snapshot.delta, snapshot.delta_text),
        ):
            numbers = {position: number_of(*weight) for position, weight in weights.items()}
            largest = max((abs(n) for n in numbers.values() if n is not None and isfinite(n)), default=0.0)
            texts = {position: text_of(*weight, page.digits) for position, weight in weights.items()}
            entry = "w" if letter == "w" else snapshot.mark("∂L/∂w")
            notes = {(i, j): f"{columns[j]} ← {rows[i]}:  {entry} = {text}" for (i, j), text in texts.items()}
            matrix = Matrix(f"{letter}{layer}", rows, columns, numbers, notes)
            marks, corner = hinton_diagram(matrix, Point(left, top), largest)
            title = f"{name} of layer {layer}:  {shape},  largest {format_computed(largest, page.digits)}"
            width = max(text_width(title, 10), corner.x - left)
            groups.append(BoxGroup(title, tuple(box.key for box in marks), Point(left + width / 2, top - 10)))
            boxes += marks
            left, bottom = left + width + GAP, max(bottom, corner.y)
        top = bottom + GAP
    if not boxes:
        raise RenderError("this graph has no weights", expected="a weighted sum", cure='Use view="expression".')
    return Diagram("matrices", boxes, (), groups, (*LEGEND, *snapshot.notes()), placed=True)


def hinton_diagram(matrix: Matrix, origin: Point, largest: float) -> tuple[list[Box], Point]:
    """Return one matrix, names on top and at the left, then the marks row by row; and its lower right corner."""
    key, rows, columns, numbers, notes = matrix
    name_size = BOX_STYLES[Role.NAME].size
    pitch = max([LEAST_PITCH, *(text_width(name, name_size) + 5 for name in columns)])
    indent = max(text_width(name, name_size) for name in rows) + 6
    xs = [origin.x + indent + pitch * (column + 0.5) for column in range(len(columns))]
    ys = [origin.y + LEAST_PITCH * (row + 1.5) for row in range(len(rows))]
    boxes: list[Box] = []
    for column, name in enumerate(columns):
        at = Point(xs[column], origin.y + LEAST_PITCH / 2)
        boxes.append(Box(f"{key}_c{column}", (name,), role=Role.NAME, at=at))
    for row, name in enumerate(rows):
        boxes.append(Box(f"{key}_r{row}", (name,), role=Role.NAME, at=Point(origin.x + indent / 2, ys[row])))
    for (row, column), number in sorted(numbers.items()):
        at, note = Point(xs[column], ys[row]), notes[row, column]
        boxes.append(mark_box(f"{key}_{row}_{column}", number, largest, at, note))
    return boxes, Point(origin.x + indent + pitch * len(columns), origin.y + LEAST_PITCH * (len(rows) + 1))


def mark_box(key: str, number: float | None, largest: float, at: Point, note: str) -> Box:
    """Return the mark of one number, its area as large as the number."""
    if number is None or not number or not isfinite(number):
        sign = "—" if number is None else "×" if number else "·"
        return Box(key, (sign,), role=Role.UNKNOWN, at=at, note=note)
    side = max((LEAST_PITCH - 2) * sqrt(abs(number) / largest), 1.0) if largest else 1.0
    role = Role.NEGATIVE if number < 0 else Role.POSITIVE
    return Box(key, ("",), role=role, at=at, size=Point(side, side), note=note)
