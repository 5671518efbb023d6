"""The numbers of all cells of a weight grid, as arrays: weights, products x·w, gradients x·δ, shares w·δ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from minigrad.core.node import Node
from minigrad.drawing.process.grids import Grid, sum_of
from minigrad.drawing.snapshot import Snapshot
from minigrad.ops.base import Value
from minigrad.structure import Element, weighted_sum_operands

Cell = tuple[int, int]
Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class GridArrays:
    """The numbers of a grid, sources along the first axis, neurons along the second; None where they are not known.

    Values of a batch have its samples along an axis before these, and so have derivatives, each with its share in the
    mean loss: the mean of values, and the sum of derivatives, over this axis are what pictures show.
    """

    grid: Grid
    snapshot: Snapshot

    @cached_property
    def has_cell(self) -> Array:
        """Return where there is a weight."""
        has_cell = np.zeros((len(self.grid.sources), len(self.grid.neurons)), bool)
        columns: dict[Node, list[int]] = {}
        for column, unit in enumerate(self.grid.neurons):
            columns.setdefault(sum_of(unit), []).append(column)
        for node, at in columns.items():
            has_cell[np.ix_(list(self.grid.operand_of[node]), at)] = True
        return has_cell

    @cached_property
    def x(self) -> Array | None:
        """Return what the neurons read, with a row for each sample."""
        return stack_numbers(self.grid.sources, self.snapshot.values)

    @cached_property
    def delta(self) -> Array | None:
        """Return δ of the neurons, with a row for each sample."""
        return stack_numbers([Element(sum_of(unit), unit.position) for unit in self.grid.neurons], self.snapshot.deltas)

    @cached_property
    def weights(self) -> Array | None:
        """Return the weights, 0 where there is none; with an axis of samples before the others where they vary."""
        return self._of_weights(self.snapshot.values)

    @property
    def mean_weights(self) -> Array | None:
        """Return the weights, the means of those that vary over a batch."""
        return self.weights if self.weights is None or self.weights.ndim == 2 else self.weights.mean(0)

    @cached_property
    def weight_gradients(self) -> Array | None:
        """Return ∂L/∂w of each cell, of all uses of its weight together."""
        gradients = self._of_weights(self.snapshot.deltas)
        return gradients if gradients is None or gradients.ndim == 2 else gradients.sum(0)

    @cached_property
    def products(self) -> Array | None:
        """Return x·w of each cell, the mean over a batch."""
        if self.x is None or self.weights is None:
            return None
        with np.errstate(all="ignore"):
            if self.weights.ndim == 2:
                return self._in_cells(self.x.mean(0)[:, None] * self.weights)
            return self._in_cells((self.x[:, :, None] * self.weights).mean(0))

    @cached_property
    def gradients(self) -> Array | None:
        """Return x·δ of each cell, what this use of its weight adds to ∂L/∂w; the mean over a batch."""
        if self.x is None or self.delta is None:
            return None
        with np.errstate(all="ignore"):
            if len(self.x) == 1:
                return self._in_cells(self.x[0][:, None] * self.delta.sum(0))
            return self._in_cells(
                np.einsum("bi,bj->ij", self.x, np.broadcast_to(self.delta, (len(self.x), self.delta.shape[1])))
            )

    @cached_property
    def shares(self) -> Array | None:
        """Return w·δ of each cell, what the source gets back from this neuron; the mean over a batch."""
        if self.delta is None or self.weights is None:
            return None
        with np.errstate(all="ignore"):
            if self.weights.ndim == 2:
                return self._in_cells(self.weights * self.delta.sum(0))
            return self._in_cells((self.weights * self.delta[:, None, :]).sum(0))

    @cached_property
    def biases(self) -> list[float | None]:
        """Return the bias of each neuron, 0 where there is none; the mean where it varies over a batch."""
        elements = [self.grid.bias(neuron) for neuron in range(len(self.grid.neurons))]
        return [0.0 if element is None else self.snapshot.value(*element) for element in elements]

    def _in_cells(self, array: Array) -> Array:
        """Return an array with 0 where there is no weight, so that not even a NaN gets into its sums."""
        return array if self.has_cell.all() else np.where(self.has_cell, array, 0.0)

    def _of_weights(self, numbers_of: Callable[[Node], Value]) -> Array | None:
        """Return a number of every weight, by its cell."""
        columns: dict[Node, list[int]] = {}
        for column, unit in enumerate(self.grid.neurons):
            columns.setdefault(sum_of(unit), []).append(column)
        blocks: list[tuple[list[int], list[int], Array]] = []
        for node, at in columns.items():
            operands, lines = weighted_sum_operands(node), self.grid.operand_of[node]
            order = list(lines.values())
            if operands.are_arrays:
                value = numbers_of(operands.w[0])
                if value is None:
                    return None
                matrix = np.asarray(value)
                if operands.w[0].ndim == 1:  # the weights of one neuron
                    matrix = matrix[..., None]
                positions = [self.grid.neurons[column].position or 0 for column in at]
                block = matrix[..., order, :][..., positions]
            else:
                numbers = [numbers_of(operands.w[operand]) for operand in order]
                if any(number is None for number in numbers):
                    return None
                same = all(type(number) is float for number in numbers)  # for all samples
                block = np.array(numbers) if same else np.stack(np.broadcast_arrays(*numbers), -1)
                block = block[..., None]
            blocks.append((list(lines), at, block))
        shape = np.broadcast_shapes(*(block.shape[:-2] for _, _, block in blocks)) + self.has_cell.shape
        array = np.zeros(shape)
        for lines_at, at, block in blocks:
            array[..., np.asarray(lines_at)[:, None], at] = block
        return array


def highlighted_cells(grid: Grid, cells: Iterable[Cell], highlight: Set[Node]) -> Iterator[Cell]:
    """Yield the cells, each a source and a neuron, of weights, sources and neurons that are highlighted."""
    for source, neuron in cells if highlight else ():
        weight, unit = grid.weight(source, neuron), grid.neurons[neuron]
        nodes = {grid.sources[source].node, unit.output, sum_of(unit)} | ({weight.node} if weight else set())
        if not highlight.isdisjoint(nodes):
            yield source, neuron


def stack_numbers(elements: Sequence[Element], numbers_of: Callable[[Node], Value]) -> Array | None:
    """Return the numbers of elements side by side, a row for each sample; None where one is not known."""
    nodes = dict.fromkeys(element.node for element in elements)
    arrays: dict[Node, Array] = {}
    for node in nodes:
        value = numbers_of(node)
        if value is None:
            return None
        array = np.asarray(value, float)
        arrays[node] = array.reshape(-1, node.shape[-1]) if node.shape else array.reshape(-1, 1)
    if len(nodes) == 1:
        (array,) = arrays.values()
        return array[:, [element.position or 0 for element in elements]]
    length = max(len(array) for array in arrays.values())
    columns = [arrays[node][:, position or 0] for node, position in elements]
    return np.stack([np.broadcast_to(column, length) for column in columns], -1)
