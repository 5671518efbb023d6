"""The matrix view: W and ∂L/∂W of every layer as Hinton diagrams, a filled or open square for each number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from minigrad._validation import check_integer
from minigrad.drawing.diagram import Box, BoxGroup, Diagram, Point, Role
from minigrad.drawing.figure import Anchor, Color, Part, Shape, Text
from minigrad.drawing.figure_builder import FigureBuilder
from minigrad.drawing.hinton import (
    Axis,
    Cell,
    cell_center,
    cut_axis,
    fit_axis,
    grid_ground,
    hinton_entries,
    hinton_legend,
    hinton_marks,
    largest_phrase,
    mark_role,
    mark_side,
    names_above,
    spread_labels,
)
from minigrad.drawing.legend import LegendEntry
from minigrad.drawing.numbers import format_computed, format_given
from minigrad.drawing.process.arrays import GridArrays, highlighted_cells
from minigrad.drawing.process.grids import Grid, output_of, read_grids
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.text_layout import label, line_width, notation, words
from minigrad.drawing.text_widths import text_width
from minigrad.drawing.views.registry import register_view
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.structure import read_structure
from minigrad.textbook_names import superscript

MOST = 32
"""Rows and columns of a matrix that are shown."""
LEAST_PITCH, LARGEST_PITCH, HEIGHT = 8.0, 28.0, 400.0
"""Limits of the width of a cell, and how high a matrix may be so that its cells are wider than the least."""
GAP, HEAD = 30.0, 48.0
"""Distance of two matrices, and the room for the title and the names above one."""
NAME_SIZE, TITLE_SIZE, SHAPE_SIZE = 14.0, 17.0, 11.5
NARROW = 560.0
"""Width of the page below which W and ∂L/∂W stand one below the other."""
MOST_TOOLTIPS = 144
"""Cells up to which each has a label of its own; of more the matrix has one."""


@register_view(
    "matrices",
    shows="The weights of each layer and their gradients as squares: filled is positive, open negative.",
)
def matrices_view(graph: Graph, settings: DrawSettings, *, most: int = MOST) -> Diagram:
    """Draw the weights W and the gradients ∂L/∂W of every layer side by side, a square for each number.

    For the weights of networks of any size (Hinton diagrams): filled squares are positive, open ones negative, and the
    area is the absolute value. A row is what is read, a column is a neuron.

    Args:
        graph: The graph of a network.
        page: The pass to show, and the options that all views share.
        most: The largest number of rows and columns of a matrix that are shown; fewer where the page is narrow.

    Returns:
        The diagram, with positions.

    Raises:
        RenderError: If the graph has no weighted sum.
        SettingError: If `most` is less than 2.

    Example:
        >>> import minigrad as mg
        >>> network = mg.Network(*mg.mlp([4, 3, 2], rng=0))
        >>> [group.title for group in mg.draw(network, view="matrices").diagram.groups[::2]]
        ['W⁽¹⁾   4 × 3, largest 0.9207', 'W⁽²⁾   3 × 2, largest 1.022']
    """
    check_integer(most, "most", 2)
    structure = read_structure(graph)
    if not structure.layers:
        raise RenderError("this graph has no weights", expected="a weighted sum", cure='Use view="expression".')
    builder = FigureBuilder(settings)
    matrices: list[Matrix] = []
    beside = settings.width >= NARROW
    space = (settings.width - 2 * builder.margin - GAP) / 2 if beside else settings.width - 2 * builder.margin
    for grid in read_grids(structure).grids:
        arrays = GridArrays(grid, settings.snapshot)
        for is_gradient in (False, True):
            left = builder.margin + space + GAP if is_gradient and beside else builder.margin
            top = matrices[-1].corner.y if is_gradient and beside else builder.top
            matrices.append(make_matrix(settings, arrays, is_gradient, Point(left, top), space, most))
            builder.add(matrices[-1].shapes(), matrices[-1].rows.end + (0.0 if beside and not is_gradient else GAP))
    numbers = [number for matrix in matrices for number in matrix.cells.values()]
    meaning = settings.say("row: what is read; column: a neuron; area: size, compared with the largest of its matrix")
    notes = settings.notes()
    builder.legend([*hinton_entries(settings, numbers), LegendEntry(words(meaning))], notes)
    figure = builder.figure(settings.say("Weights and their gradients"), meaning)
    boxes = [box for matrix in matrices for box in matrix.boxes()]
    legend = (*hinton_legend(settings), meaning, *notes)
    return Diagram("matrices", boxes, (), [matrix.group() for matrix in matrices], legend, placed=True, figure=figure)


@dataclass(frozen=True)
class Matrix:
    """A matrix at its position: a row for each source, a column for each neuron.

    Args:
        page: The options of the picture.
        grid: The weights.
        is_gradient: Whether it is ∂L/∂W rather than W.
        corner: Its upper left corner.
        rows: Where its rows are.
        columns: Where its columns are.
        cells: The numbers of the cells that are shown.
        largest: The largest finite magnitude of all cells, also of those that are not shown.
        largest_phrase: What is said about it.
    """

    settings: DrawSettings
    grid: Grid
    is_gradient: bool
    corner: Point
    rows: Axis
    columns: Axis
    cells: dict[Cell, float | None]
    largest: float | None
    largest_phrase: str

    @property
    def name(self) -> str:
        """Return the name of the matrix."""
        name = f"W{superscript(self.grid.number)}"
        return self.settings.snapshot.mark(f"∂L/∂{name}") if self.is_gradient else name

    @property
    def summary(self) -> str:
        """Return its shape, how much of it is shown, and its largest number."""
        text = f"{self.rows.total:,} × {self.columns.total:,}"
        if self.rows.left_out or self.columns.left_out:
            rows, columns = len(self.rows.shown), len(self.columns.shown)
            text += ", " + self.settings.say("shown {rows} × {columns}", rows=rows, columns=columns)
        format_number = format_computed if self.is_gradient else format_given
        largest = format_number(self.largest, self.settings.digits)
        return f"{text}, {self.settings.say(self.largest_phrase, number=largest)}"

    def row_name(self, row: int) -> str:
        """Return the name of what a row is read from."""
        return self.grid.structure.textbook_name(*self.grid.sources[row])

    def column_name(self, column: int) -> str:
        """Return the name of the neuron of a column."""
        return self.grid.structure.textbook_name(*output_of(self.grid.neurons[column]))

    def cell_text(self, cell: Cell) -> str:
        """Return the name of a weight, or of its derivative, with the number."""
        weight = self.grid.weight(*cell)
        assert weight is not None
        name, number = self.grid.structure.textbook_name(*weight), self.cells[cell]
        if self.is_gradient:
            name, text = self.settings.snapshot.mark(f"∂L/∂{name}"), format_computed(number, self.settings.digits)
        else:
            text = format_given(number, self.settings.digits)
        return f"{name} = {text}"

    def shapes(self) -> Iterator[Shape]:
        """Yield the title, the names, and the marks; each with a label where there are few, else one for all."""
        color = Color.BACKWARD if self.is_gradient else Color.INK
        baseline = self.corner.y + TITLE_SIZE
        yield Text(Point(self.corner.x, baseline), notation(self.name), TITLE_SIZE, color)
        after = self.corner.x + line_width(notation(self.name), TITLE_SIZE) + 12.0
        yield Text(Point(after, baseline), words(self.summary), SHAPE_SIZE, Color.MUTED)
        yield from self.names()
        ground = tuple(grid_ground(self.rows, self.columns, self.cells, self.highlighted()))
        at = {cell: cell_center(self.rows, self.columns, cell) for cell in self.cells}
        pitch, largest = self.columns.pitch, self.largest or 0.0
        if len(self.cells) > MOST_TOOLTIPS:
            marks = hinton_marks(((at[cell], number) for cell, number in self.cells.items()), pitch, largest)
            yield Part(f"{self.name}: {self.summary}", (*ground, *marks))
            return
        parts = [
            Part(self.cell_text(cell), hinton_marks([(at[cell], number)], pitch, largest))
            for cell, number in self.cells.items()
        ]
        yield Part(f"{self.name}: {self.summary}", (*ground, *parts))

    def names(self) -> Iterator[Text]:
        """Yield the names of rows and columns, as many as have room."""
        rows = {row: self.row_name(row) for row in self.rows.shown}
        for row in spread_labels(self.rows, dict.fromkeys(rows, NAME_SIZE), distance=0.0):
            at = Point(self.columns.start - 6.0, self.rows.at(row) + 0.25 * NAME_SIZE)
            yield Text(at, label(rows[row]), NAME_SIZE, Color.MUTED, Anchor.END)
        columns = {column: self.column_name(column) for column in self.columns.shown}
        yield from names_above(self.columns, columns, self.rows.start - 6.0, NAME_SIZE)

    def highlighted(self) -> list[Cell]:
        """Return the cells of weights, sources and neurons that are highlighted."""
        return list(highlighted_cells(self.grid, self.cells, self.settings.highlight))

    @property
    def key(self) -> str:
        """Return the beginning of the keys of its boxes."""
        return f"{'d' if self.is_gradient else 'w'}{self.grid.number}"

    def boxes(self) -> Iterator[Box]:
        """Yield a box for each name and each mark."""
        for column in self.columns.shown:
            at = Point(self.columns.at(column), self.rows.start - 9.0)
            yield Box(f"{self.key}_c{column}", (self.column_name(column),), role=Role.NAME, at=at)
        for row in self.rows.shown:
            name = self.row_name(row)
            at = Point(self.columns.start - 6.0 - line_width(label(name), NAME_SIZE) / 2, self.rows.at(row))
            yield Box(f"{self.key}_r{row}", (name,), role=Role.NAME, at=at)
        highlighted = set(self.highlighted())
        for cell, number in self.cells.items():
            at = cell_center(self.rows, self.columns, cell)
            role = mark_role(number)
            text = format_computed(number) if role is Role.UNKNOWN else ""
            side = 0.0 if role is Role.UNKNOWN else mark_side(number, self.largest or 0.0, self.columns.pitch)
            key, note = f"{self.key}_{cell[0]}_{cell[1]}", self.cell_text(cell)
            yield Box(key, (text,), (), role, at, Point(side, side), note, cell in highlighted)

    def group(self) -> BoxGroup:
        """Return its title over its boxes."""
        title = f"{self.name}   {self.summary}"
        keys = [f"{self.key}_c{column}" for column in self.columns.shown]
        keys += [f"{self.key}_r{row}" for row in self.rows.shown]
        keys += [f"{self.key}_{row}_{column}" for row, column in self.cells]
        at = Point(self.corner.x + text_width(title, 10.0) / 2, self.corner.y + TITLE_SIZE - 4.0)
        return BoxGroup(title, tuple(keys), at)


def make_matrix(
    settings: DrawSettings, arrays: GridArrays, is_gradient: bool, corner: Point, space: float, most: int
) -> Matrix:
    """Return a matrix that fits into a space, with square cells."""
    grid = arrays.grid
    numbers = arrays.weight_gradients if is_gradient else arrays.mean_weights
    structure = grid.structure
    ends = [structure.textbook_name(*grid.sources[row]) for row in (0, -1)]
    left = corner.x + max(line_width(label(name), NAME_SIZE) for name in ends) + 8.0
    right = corner.x + space
    largest_pitch = max(min(HEIGHT / min(len(grid.sources), most), LARGEST_PITCH), LEAST_PITCH)
    columns = fit_axis(left, right - left, len(grid.neurons), most, LEAST_PITCH, largest_pitch)
    rows = cut_axis(corner.y + HEAD, len(grid.sources), most, columns.pitch)
    cells: dict[Cell, float | None] = {}
    for row in rows.shown:
        for column in columns.shown:
            if arrays.has_cell[row, column]:
                cells[row, column] = None if numbers is None else float(numbers[row, column])
    phrase, largest = largest_phrase(numbers)
    return Matrix(settings, grid, is_gradient, corner, rows, columns, cells, largest, phrase)
