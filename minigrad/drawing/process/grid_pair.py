"""A part of the process of large networks: one grid, or two beside each other, with their sums, in one pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Area, Color, Head, Part, Shape, Stroke, Text
from minigrad.drawing.figure_builder import NARROW, margin_of
from minigrad.drawing.hinton import (
    Axis,
    cell_center,
    cut_axis,
    grid_ground,
    hinton_marks,
    largest_phrase,
    names_above,
    spread_labels,
)
from minigrad.drawing.marks import number_shapes
from minigrad.drawing.numbers import format_computed, largest_magnitude
from minigrad.drawing.process.arrays import Array, highlighted_cells
from minigrad.drawing.process.bars import NUMBER_SIZE, Bars
from minigrad.drawing.process.vectors import Layer, Vector
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.text_layout import label, line_width, notation, words

HEAD, CAPTION = 60.0, 24.0
"""Room above a grid for names and for what enters it, and on a narrow page for the name of the grid."""
NAME_SIZE, SYMBOL_SIZE, MATRIX_SIZE, FORMULA_SIZE = 13.0, 15.0, 17.0, 14.0
BIAS_GAP = 6.0
"""Distance of the biases from the products."""
SUMS_HEIGHT, BARS_HEIGHT = 38.0, 40.0
"""Heights of the bars below a grid."""
LETTERS = "ᵢⱼₖₗ"
"""The indices of what enters a pair of grids, of its first neurons, of its second ones, and of those after them."""
SUMS_NAME = notation(f"Σ{LETTERS[1]}|·|")
HEAD_EXCESS = 14.0
"""How much wider than its column the head of a vector may be on a wide page."""


class BarColumn(NamedTuple):
    """Where the bars of a vector and their numbers stand beside a grid."""

    left: float
    bar: float
    end: float


@dataclass(frozen=True)
class GridPair:
    """One grid, or two beside each other, laid out.

    Args:
        page: The options of the picture, and the numbers of the pass.
        layers: One layer or two.
        is_backward: Whether it shows the backward pass.
        rows: The rows of both grids: the neurons of the first layer.
        columns: The columns of the first grid: what enters it.
        stages: Where the sums and the outputs of the first layer stand.
        right: The columns of the second grid, if there is one: its neurons.
    """

    settings: DrawSettings
    layers: tuple[Layer, ...]
    is_backward: bool
    rows: Axis
    columns: Axis
    stages: tuple[BarColumn, ...]
    right: Axis | None

    @property
    def color(self) -> Color:
        """Return the color of the pass."""
        return Color.BACKWARD if self.is_backward else Color.INK

    @property
    def pitch(self) -> float:
        """Return the width of a cell."""
        return self.rows.pitch

    @property
    def is_cut(self) -> bool:
        """Return whether something is left out."""
        axes = (self.rows, self.columns, self.right)
        return any(axis is not None and axis.left_out > 0 for axis in axes)

    @property
    def grid_right(self) -> float:
        """Return where the first grid ends, with its biases."""
        has_biases = self.layers[0].arrays.grid.has_biases
        return self.columns.end + (BIAS_GAP + self.pitch if has_biases else 0.0)

    @property
    def grid_bottom(self) -> float:
        """Return where the second grid ends, with its biases."""
        has_biases = self.layers[-1].arrays.grid.has_biases
        return self.rows.end + (BIAS_GAP + self.pitch if has_biases else 0.0)

    @property
    def bottom(self) -> float:
        """Return where all of it ends."""
        left = self.rows.end + 12.0 + SUMS_HEIGHT
        if self.right is None:
            return max(left, self.rows.end + 44.0 + 20.0 * len(self.losses))
        bottom = self.grid_bottom + 22.0 + sum(self.row_height(vector) for vector in self.vectors(1))
        return max(left, bottom + 20.0 * len(self.losses))

    @property
    def losses(self) -> list[tuple[str, float | None]]:
        """Return the equations of the losses with their values, which the forward pass ends with."""
        return [] if self.is_backward else self.layers[-1].losses

    def vectors(self, index: int) -> list[Vector]:
        """Return the sums and outputs of a layer, or their derivatives."""
        layer = self.layers[index]
        if self.is_backward:
            return layer.backward(LETTERS[index + 1], LETTERS[index + 2])
        return layer.forward(LETTERS[index], LETTERS[index + 1])

    def array(self, index: int) -> Array | None:
        """Return the numbers of the cells of a grid."""
        arrays = self.layers[index].arrays
        return arrays.gradients if self.is_backward else arrays.products

    def numbers(self) -> Iterator[float | None]:
        """Yield numbers that are shown, for the legend."""
        for index in range(len(self.layers)):
            array = self.array(index)
            if array is not None:
                yield from array[:, self.shown_neurons(index)][self.shown_sources(index)].flat
            yield from self.shown_biases(index).values()
            yield from chain.from_iterable(vector.numbers for vector in self.vectors(index))

    def shown_biases(self, index: int) -> dict[int, float | None]:
        """Return the biases of the neurons of a grid that are shown, or their derivatives."""
        layer = self.layers[index]
        biases = layer.biases(self.is_backward)
        return {neuron: biases[neuron] for neuron in self.shown_neurons(index) if layer.has_bias[neuron]}

    def shown_sources(self, index: int) -> list[int]:
        """Return the sources of a grid that are shown."""
        return list((self.columns, self.rows)[index].shown)

    def shown_neurons(self, index: int) -> list[int]:
        """Return the neurons of a grid that are shown."""
        axis = (self.rows, self.right)[index]
        return [] if axis is None else list(axis.shown)

    def shapes(self) -> Iterator[Shape]:
        """Yield everything of both grids."""
        yield from self.entrance()
        yield from self.captions(0)
        yield self.grid(0)
        yield from self.sums_below()
        for column, vector in zip(self.stages, self.vectors(0), strict=True):
            yield from self.stage(column, vector)
        yield from self.row_names()
        yield from self.flow()
        if self.right is None:
            yield from self.loss_texts(Point(self.stages[-1].end, self.rows.end + 58.0))
            return
        yield from self.captions(1)
        yield self.grid(1)
        yield from self.arrows_below(self.right)
        top = self.grid_bottom + 22.0
        for vector in self.vectors(1):
            yield from self.row_below(self.right, vector, top)
            top += self.row_height(vector)
        yield from self.loss_texts(Point(self.right.end, top + 14.0))

    @property
    def entrance_name(self) -> str:
        """Return how the numbers that enter the first grid are called."""
        sources = self.layers[0].arrays.grid.sources
        return self.settings.snapshot.mark(self.layers[0].symbol(sources, LETTERS[0]), sources[0].node)

    def loss_texts(self, at: Point) -> Iterator[Shape]:
        """Yield the losses below each other."""
        for row, (equation, value) in enumerate(self.losses):
            line = notation(equation)
            yield from number_shapes(Point(at.x, at.y + 20.0 * row), value, line, SYMBOL_SIZE, anchor=Anchor.END)

    def entrance(self) -> Iterator[Shape]:
        """Yield what enters the first grid: its size, its names, and the line from which it goes down."""
        layer = self.layers[0]
        sources, x = layer.arrays.grid.sources, layer.arrays.x
        middle = self.rows.start - 12.0 - self.pitch / 2
        values: list[float | None] = [None] * len(sources)
        if x is not None:
            with np.errstate(all="ignore"):
                values = x.mean(0).tolist()
        cells = [(Point(self.columns.at(source), middle), values[source]) for source in self.columns.shown]
        symbol = self.entrance_name
        yield Part(symbol, hinton_marks(cells, self.pitch, largest_magnitude(values)))
        at = Point(self.columns.start - 8.0, middle + 5.0)
        yield Text(at, notation(symbol), SYMBOL_SIZE, Color.INK, Anchor.END)
        names = {source: layer.structure.textbook_name(*sources[source]) for source in self.columns.shown}
        yield from names_above(self.columns, names, middle - self.pitch / 2 - 5.0, NAME_SIZE)
        bus = self.rows.start - 8.0
        yield Stroke((Point(self.columns.start, bus), Point(self.columns.end, bus)), Color.INK, 1.2)
        tips = [Point(self.columns.at(source), bus + 6.0) for source in self.columns.shown[::4]]
        triangles = [(Point(tip.x - 3.2, bus), Point(tip.x + 3.2, bus), tip) for tip in tips]
        yield Area(tuple(triangles), Color.INK)

    def captions(self, index: int) -> Iterator[Shape]:
        """Yield the name of a grid, and what stands in its cells."""
        matrix, formula = notation(self.layers[index].matrix), notation(self.cell_formula(index))
        margin = margin_of(self.settings)
        if self.settings.width < NARROW:
            y = self.rows.start - HEAD - 4.0
            yield Text(Point(margin, y), matrix, MATRIX_SIZE)
            yield Text(Point(margin + line_width(matrix, MATRIX_SIZE) + 10.0, y), formula, FORMULA_SIZE, self.color)
        elif index == 0:
            yield Text(Point(margin, self.rows.start + 15.0), matrix, MATRIX_SIZE)
            yield Text(Point(margin, self.rows.start + 36.0), formula, FORMULA_SIZE, self.color)
        elif self.right is not None:
            y, width = self.rows.start - 30.0, line_width(formula, FORMULA_SIZE)
            yield Text(Point(self.right.end, y), formula, FORMULA_SIZE, self.color, Anchor.END)
            yield Text(Point(self.right.end - width - 10.0, y), matrix, MATRIX_SIZE, anchor=Anchor.END)
            names = self.layers[1].output_names(self.right.shown)
            yield from names_above(self.right, names, self.rows.start - 7.0, NAME_SIZE)

    def cell_formula(self, index: int) -> str:
        """Return what stands in the cells of a grid, x·w or x·δ."""
        layer, before, after = self.layers[index], LETTERS[index], LETTERS[index + 1]
        sources = layer.arrays.grid.sources
        x = layer.symbol(sources, before)
        if self.is_backward:
            return self.settings.snapshot.mark(f"{x} δ{after}")
        return self.settings.snapshot.mark(f"{x} w{before}{after}", sources[0].node)

    def grid(self, index: int) -> Part:
        """Return the cells of a grid, with its biases, as one part with a label."""
        layer, array = self.layers[index], self.array(index)
        neurons = self.rows if index == 0 else self.right
        assert neurons is not None
        rows, columns = (self.rows, self.columns) if index == 0 else (self.rows, neurons)
        has_cell = layer.arrays.has_cell
        at = {
            (source, neuron): (neuron, source) if index == 0 else (source, neuron)
            for source in self.shown_sources(index)
            for neuron in neurons.shown
            if has_cell[source, neuron]
        }
        numbers = {pair: None if array is None else float(array[pair]) for pair in at}
        biases = layer.biases(self.is_backward)
        values = np.array([*([] if array is None else array.flat), *(b for b in biases if b is not None)])
        phrase, largest = largest_phrase(None if array is None else values)
        marked = [at[pair] for pair in highlighted_cells(layer.arrays.grid, at, self.settings.highlight)]
        shapes = [*grid_ground(rows, columns, list(at.values()), marked), *self.bias_ground(index, neurons)]
        marks = [(cell_center(rows, columns, at[pair]), number) for pair, number in numbers.items()]
        marks += [(self.bias_at(index, neuron), bias) for neuron, bias in self.shown_biases(index).items()]
        size = f"{len(layer.arrays.grid.sources):,} × {len(layer.arrays.grid.neurons):,}"
        number = format_computed(largest, self.settings.digits)
        text = f"{layer.matrix}, {self.cell_formula(index)}: {size}, {self.settings.say(phrase, number=number)}"
        return Part(text, (*shapes, *hinton_marks(marks, self.pitch, largest_magnitude(values))))

    def bias_at(self, index: int, neuron: int) -> Point:
        """Return the middle of the cell of a bias."""
        if index == 0:
            return Point(self.columns.end + BIAS_GAP + self.pitch / 2, self.rows.at(neuron))
        assert self.right is not None
        return Point(self.right.at(neuron), self.rows.end + BIAS_GAP + self.pitch / 2)

    def bias_ground(self, index: int, neurons: Axis) -> Iterator[Shape]:
        """Yield the ground of the biases, and what they are called."""
        if not self.layers[index].arrays.grid.has_biases:
            return
        across = cut_axis((self.columns if index == 0 else self.rows).end + BIAS_GAP, 1, 1, self.pitch)
        rows, columns = (neurons, across) if index == 0 else (across, neurons)
        cells = [(neuron, 0) if index == 0 else (0, neuron) for neuron in neurons.shown]
        ground, *lines = grid_ground(rows, columns, cells)
        yield from (ground, lines[0])
        symbol = notation(f"b{LETTERS[index + 1]}")
        if index == 0:
            yield Text(Point(across.at(0), self.rows.start - 7.0), symbol, NAME_SIZE, Color.MUTED, Anchor.MIDDLE)
        else:
            yield Text(Point(columns.start - 5.0, across.at(0) + 4.0), symbol, NAME_SIZE, Color.MUTED, Anchor.END)

    def sums_below(self) -> Iterator[Shape]:
        """Yield how much of each column of the first grid there is, over all of its rows."""
        array, top = self.array(0), self.rows.end + 12.0
        numbers: list[float | None] = [None] * self.columns.total
        if array is not None:
            with np.errstate(all="ignore"):
                numbers = np.abs(array).sum(1).tolist()
        yield from Bars(self.columns, numbers, top, SUMS_HEIGHT, is_upright=True).shapes()
        at = Point(self.columns.start - 8.0, top + SUMS_HEIGHT + 2.0)
        yield Text(at, SUMS_NAME, NAME_SIZE, Color.MUTED, Anchor.END)

    def stage(self, column: BarColumn, vector: Vector) -> Iterator[Shape]:
        """Yield the bars of the sums or the outputs of the first layer, with their numbers."""
        bars = Bars(self.rows, vector.numbers, column.left, column.bar, also=vector.targets)
        middle = (column.left + column.end) / 2
        name, _, _ = vector.head.partition(" = ")
        excess = HEAD_EXCESS if self.settings.width >= NARROW else 0.0
        has_room = line_width(notation(vector.head), SYMBOL_SIZE) < column.end - column.left + excess
        head = notation(vector.head if has_room else name)
        yield Text(Point(middle, self.rows.start - 14.0), head, SYMBOL_SIZE, self.color, Anchor.MIDDLE)
        texts = vector.texts(self.rows.shown, self.settings.digits)
        yield Part(vector.head, (*bars.shapes(), *bars.texts(texts, column.end, self.color)))
        if vector.targets:
            yield from bars.marks(dict(enumerate(vector.targets)))

    def row_names(self) -> Iterator[Shape]:
        """Yield the names of the outputs of the first layer, right of their rows."""
        names = self.layers[0].output_names(self.rows.shown)
        heights = {row: NAME_SIZE * (1.5 if "⁽" in name else 1.1) for row, name in names.items()}
        for row in spread_labels(self.rows, heights, 0.0):
            at = Point(self.grid_right + 6.0, self.rows.at(row) + 4.0)
            yield Text(at, label(names[row]), NAME_SIZE, Color.MUTED)

    def flow(self) -> Iterator[Shape]:
        """Yield the arrows from the first grid to its sums, on to the outputs, and into the second grid."""
        ends = [self.grid_right + 6.0, *(x for column in self.stages for x in (column.left, column.left + column.bar))]
        spans = list(zip(ends[::2], ends[1::2], strict=False))
        if self.right is not None:
            label_room = 20.0 if self.layers[1].arrays.grid.has_biases else 0.0
            spans.append((self.stages[-1].end - 48.0, self.right.start - 6.0 - label_room))
        y = self.rows.end + 14.0
        for number, (left, right) in enumerate(spans):
            points = (Point(right, y), Point(left, y)) if self.is_backward else (Point(left, y), Point(right, y))
            head = Head.BACKWARD if self.is_backward else Head.FORWARD
            yield Stroke(points, self.color, 1.3, head=head)
            if number == 1 and self.layers[0].has_activation:
                name = self.layers[0].activation
                text = "·θ′" if self.is_backward else f"θ = {name}" if name else "θ"
                yield Text(Point((left + right) / 2, y + 17.0), notation(text), SYMBOL_SIZE, self.color, Anchor.MIDDLE)

    def arrows_below(self, axis: Axis) -> Iterator[Shape]:
        """Yield the arrows between the second grid and what stands below it."""
        for neuron in axis.shown:
            top, bottom = (
                Point(axis.at(neuron), self.grid_bottom + 3.0),
                Point(axis.at(neuron), self.grid_bottom + 16.0),
            )
            if self.is_backward:
                yield Stroke((bottom, top), self.color, 1.1, head=Head.BACKWARD)
            else:
                yield Stroke((top, bottom), self.color, 1.1, head=Head.FORWARD)

    def row_height(self, vector: Vector) -> float:
        """Return the height of a vector below the second grid, with its numbers."""
        return BARS_HEIGHT + 20.0 + self.texts_height(vector)

    def texts_height(self, vector: Vector) -> float:
        """Return the height of the numbers of a vector, which are turned."""
        assert self.right is not None
        texts = vector.texts(self.right.shown, self.settings.digits)
        return max(line_width(notation(text), NUMBER_SIZE) for text in texts.values())

    def row_below(self, axis: Axis, vector: Vector, top: float) -> Iterator[Shape]:
        """Yield the bars of the sums or the outputs of the second layer, with their numbers."""
        bars = Bars(axis, vector.numbers, top, BARS_HEIGHT, is_upright=True, also=vector.targets)
        texts = vector.texts(axis.shown, self.settings.digits)
        yield Part(vector.head, (*bars.shapes(), *bars.texts(texts, top + BARS_HEIGHT + 6.0, self.color)))
        left = axis.start - 10.0
        middle = top + BARS_HEIGHT / 2 + 5.0
        yield Text(Point(left, middle), notation(vector.head), SYMBOL_SIZE, self.color, Anchor.END)
        if vector.targets:
            yield from bars.marks(dict(enumerate(vector.targets)))
            note = words(self.settings.say("thick line: target"))
            yield Text(Point(left, middle + 17.0), note, 11.0, Color.MUTED, Anchor.END)
