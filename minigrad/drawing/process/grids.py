"""A network as a sequence of weight grids: a line for every output that is read, crossed by one for each neuron.

The first grid is entered from above and read to the right, the second from the left and read down, and so on, so that
an output runs straight from its neuron into its line of the next grid.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Literal

from minigrad.core.node import Node
from minigrad.errors import RenderError
from minigrad.ops.base import Elementwise
from minigrad.structure import Element, NetworkStructure, Unit, weighted_sum_operands

Reading = Literal["down", "right"]
"""Where the outputs before run through a grid: down its columns, or right along its rows."""


@dataclass(frozen=True)
class Grid:
    """The weights of a layer: `sources` on one side, `neurons` on the other, a cell where a neuron reads a source.

    Args:
        structure: The network.
        number: The number of the layer, from 1 on.
        reading: "down" if the sources are columns and the neurons rows; "right" if it is the other way round.
        sources: What the neurons read, a line each; what one neuron reads several times has as many lines.
        neurons: The neurons.
        straight: How many sources, from the first on, are the lines of the grid before.
    """

    structure: NetworkStructure
    number: int
    reading: Reading
    sources: tuple[Element, ...]
    neurons: tuple[Unit, ...]
    straight: int
    operand_of: dict[Node, dict[int, int]]
    """For every weighted sum the line of each of its operands, and the position among them."""

    def weight(self, source: int, neuron: int) -> Element | None:
        """Return the weight in a cell; None where there is no connection."""
        unit = self.neurons[neuron]
        operand = self.operand_of[sum_of(unit)].get(source)
        if operand is None:
            return None
        operands = weighted_sum_operands(sum_of(unit))
        if operands.are_arrays:
            w = operands.w[0]
            return Element(w, operand if w.ndim == 1 else (operand, unit.position or 0))
        return Element(operands.w[operand])

    def entries(self) -> Iterator[tuple[int, int, Element]]:
        """Yield every cell: the positions of its source and of its neuron, and its weight."""
        for neuron, unit in enumerate(self.neurons):
            for source in sorted(self.operand_of[sum_of(unit)]):
                weight = self.weight(source, neuron)
                assert weight is not None
                yield source, neuron, weight

    def bias(self, neuron: int) -> Element | None:
        """Return what is added to the products of a neuron; None for the number 0 that stands for no bias."""
        unit = self.neurons[neuron]
        b = weighted_sum_operands(sum_of(unit)).b
        if b.kind == "constant" and not b.name and type(b.value) is float and b.value == 0:
            return None
        return Element(b, unit.position if b.shape else None)

    @cached_property
    def has_biases(self) -> bool:
        """Return whether a neuron has a bias."""
        return any(self.bias(neuron) for neuron in range(len(self.neurons)))


@dataclass(frozen=True)
class ProcessGrids:
    """The grids of a network in their order.

    Args:
        structure: The network.
        grids: One for each layer.
        followers: Of a source that is computed from the output of one neuron, such as by a dropout or a shortcut that
            is added: what stands between them, in order, and the source itself.
    """

    structure: NetworkStructure
    grids: tuple[Grid, ...]
    followers: dict[Element, tuple[Element, ...]]

    @property
    def most(self) -> int:
        """Return the largest number of cells in a row or a column, biases not counted."""
        return max(max(len(grid.sources), len(grid.neurons)) for grid in self.grids)


def sum_of(unit: Unit) -> Node:
    """Return the weighted sum of a neuron."""
    assert unit.weighted_sum is not None
    return unit.weighted_sum


def output_of(unit: Unit) -> Element:
    """Return the output of a unit."""
    return Element(unit.output, unit.position)


def read_grids(structure: NetworkStructure) -> ProcessGrids:
    """Return the grids of a network; a walk over its connections, of arrays over their rows only."""
    grids: list[Grid] = []
    followers: dict[Element, tuple[Element, ...]] = {}
    lines: list[Element] = []
    between: list[Unit] = []
    for column in structure.columns:
        neurons = tuple(unit for unit in column if unit.weighted_sum is not None)
        between += [unit for unit in column if unit.weighted_sum is None]
        if not neurons:
            continue
        elements: dict[tuple[Node, ...], tuple[Element, ...]] = {}  # of neurons that read the same only once
        reads = {node: sources_of(node, elements) for node in dict.fromkeys(map(sum_of, neurons))}
        order = continue_lines(lines, between, chain.from_iterable(dict.fromkeys(reads.values())), followers)
        positions = {(source, 0): position for position, source in enumerate(order)}
        lines_of: dict[tuple[Element, ...], dict[int, int]] = {}
        for sources in dict.fromkeys(reads.values()):
            counts: dict[Element, int] = {}
            lines_of[sources] = {}
            for operand, source in enumerate(sources):
                times = counts[source] = counts.get(source, -1) + 1
                lines_of[sources][positions.setdefault((source, times), len(positions))] = operand
        operand_of = {node: lines_of[sources] for node, sources in reads.items()}
        ordered = tuple(source for source, _ in positions)
        reading: Reading = "right" if len(grids) % 2 else "down"
        grids.append(Grid(structure, len(grids) + 1, reading, ordered, neurons, len(order), operand_of))
        lines, between = [output_of(unit) for unit in neurons], []
    return ProcessGrids(structure, tuple(grids), followers)


def sources_of(weighted_sum: Node, elements: dict[tuple[Node, ...], tuple[Element, ...]]) -> tuple[Element, ...]:
    """Return what a weighted sum reads through weights, in order, repeats kept; `elements` has it by its nodes."""
    operands = weighted_sum_operands(weighted_sum)
    if operands.are_arrays:
        w = operands.w[0]
        op: Any = weighted_sum.op
        if w.ndim > 2 or (op.stars and weighted_sum.shape):
            raise RenderError(
                "the process view shows one matrix of weights for each layer",
                node=weighted_sum.title,
                found=f"weights of shape {w.shape}",
                cure='Draw it with view="layers" or view="backprop".',
            )
        return tuple(Element(operands.x[0], row) for row in range(operands.w[0].shape[0]))
    if operands.x not in elements:
        elements[operands.x] = tuple(map(Element, operands.x))
    return elements[operands.x]


def continue_lines(
    lines: Sequence[Element],
    between: Sequence[Unit],
    read: Iterable[Element],
    followers: dict[Element, tuple[Element, ...]],
) -> list[Element]:
    """Return what the lines of the grid before carry into the next one; nothing where it reads none of them.

    Units between the grids that work on one line each stand on it, and become its `followers` if the last is read.
    """
    steps: dict[Element, tuple[Element, ...]] = {line: (line,) for line in lines}
    for unit in between:
        for element in unit_elements(unit):
            before = one_before(element, steps)
            if before is not None:
                steps[element] = (*steps[before], element)
    carried: dict[Element, Element] = {}
    for source in sorted(dict.fromkeys(read), key=lambda source: len(steps.get(source, ()))):
        if source in steps:
            line, *others = steps[source]
            if carried.setdefault(line, source) is source and others:
                followers[source] = tuple(others)
    return [carried.get(line, line) for line in lines] if carried else []


def unit_elements(unit: Unit) -> list[Element]:
    """Return the elements of a node that works on each of them alone; none of another."""
    node = unit.output
    if not isinstance(node.op, Elementwise) or node.ndim > 1:
        return []
    return [Element(node, position) for position in range(node.shape[0])] if node.shape else [Element(node)]


def one_before(element: Element, ends: Collection[Element]) -> Element | None:
    """Return the one of the ends of lines that an element is computed from; None where there is none, or several."""
    node, position = element
    before = dict.fromkeys(Element(parent, position) for parent in node.parents if parent.shape == node.shape)
    at_ends = [parent for parent in before if parent in ends]
    return at_ends[0] if len(at_ends) == 1 else None


def unit_of(structure: NetworkStructure, element: Element) -> Unit:
    """Return the unit that an element belongs to."""
    return structure.units.get(element) or structure.units[Element(element.node)]
