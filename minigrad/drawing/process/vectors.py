"""What stands beside a large grid, a number for each neuron: sums, outputs, their derivatives, and their names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from re import compile as pattern
from typing import NamedTuple

import numpy as np

from minigrad.core.node import Node
from minigrad.core.plan import grouped
from minigrad.drawing.figure import Color
from minigrad.drawing.numbers import format_computed, largest_magnitude
from minigrad.drawing.process.arrays import GridArrays
from minigrad.drawing.process.endings import read_endings
from minigrad.drawing.process.grids import ProcessGrids, output_of, sum_of
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.snapshot import loss_names
from minigrad.structure import Element, Index, NetworkStructure
from minigrad.textbook_names import superscript

NAME = pattern(r"([a-zŷ])[₀-₉,]+(⁽[^⁾]+⁾)?")
"""A name of the textbook: its letter, its indices, its layer."""


MOST_LOSSES = 4
"""Losses that are named one by one."""


class Vector(NamedTuple):
    """A number of each neuron: what it is called, what it is computed as, and how it is printed."""

    head: str
    numbers: tuple[float | None, ...]
    color: Color = Color.INK
    targets: tuple[float | None, ...] = ()

    def texts(self, positions: Iterable[int], digits: int) -> dict[int, str]:
        """Return the numbers that are shown as they are printed."""
        return {index: format_computed(self.numbers[index], digits) for index in positions}


@dataclass(frozen=True)
class Layer:
    """A grid with what its neurons make of the products, and get back.

    Args:
        page: The options of the picture, and the numbers of the pass.
        arrays: The numbers of its cells.
        outputs: The outputs of its neurons; those of the last layer are ŷ, also after a softmax.
        targets: The targets of the outputs, None where there is none.
        following: The next grid, if it reads these outputs and nothing else.
        is_last: Whether no grid follows.
    """

    settings: DrawSettings
    arrays: GridArrays
    outputs: tuple[Element, ...]
    targets: tuple[Element | None, ...] = ()
    following: GridArrays | None = None
    is_last: bool = False

    @property
    def structure(self) -> NetworkStructure:
        """Return the network."""
        return self.arrays.grid.structure

    @property
    def matrix(self) -> str:
        """Return what its weights are called together."""
        return f"W{superscript(self.arrays.grid.number)}"

    @property
    def sums(self) -> list[Element]:
        """Return the weighted sums of its neurons."""
        return [Element(sum_of(unit), unit.position) for unit in self.arrays.grid.neurons]

    @property
    def has_activation(self) -> bool:
        """Return whether the outputs are something else than the weighted sums."""
        return list(self.outputs) != self.sums

    @property
    def activation(self) -> str:
        """Return the label of the activation of all neurons; "" where there is none, or several."""
        labels = {element.node.op.label for element in self.outputs if element.node.op is not None}
        return labels.pop() if self.has_activation and len(labels) == 1 else ""

    def symbol(self, elements: Sequence[Element], index: str) -> str:
        """Return what elements are called together: xᵢ, hⱼ⁽²⁾."""
        return common_name([self.structure.textbook_name(*element) for element in (elements[0], elements[-1])], index)

    def forward(self, before: str, index: str) -> list[Vector]:
        """Return the sums s and the outputs θ(s); `before` is the index of what is read, `index` of the neurons."""
        mark, snapshot = self.settings.snapshot.mark, self.settings.snapshot
        s, output = self.symbol(self.sums, index), self.symbol(self.outputs, index)
        node = self.sums[0].node
        bias = f" + b{index}" if self.arrays.grid.has_biases else ""
        head = f"{mark(s, node)} = Σ{before}{bias}"
        targets = tuple(None if target is None else snapshot.value(*target) for target in self.targets)
        targets = targets if any(self.targets) else ()
        vectors = [Vector(head, self.numbers(snapshot.value, self.sums))]
        if self.has_activation:
            head = f"{mark(output, self.outputs[0].node)} = {mark(f'θ({s})', node)}"
            vectors.append(Vector(head, self.numbers(snapshot.value, self.outputs)))
        return [*vectors[:-1], vectors[-1]._replace(targets=targets)]

    def backward(self, index: str, after: str) -> list[Vector]:
        """Return δ and the derivatives of the outputs; `after` is the index of the neurons that read these."""
        mark, snapshot = self.settings.snapshot.mark, self.settings.snapshot
        s, output = self.symbol(self.sums, index), self.symbol(self.outputs, index)
        delta, derivative = mark(s.replace("s", "δ")), mark(f"∂L/∂{output}")
        shares = f" = Σ{after} {mark(f'w{index}{after}δ{after}')}" if self.comes_back else ""
        returned = Vector(f"{derivative}{shares}", self.numbers(snapshot.delta, self.outputs), Color.BACKWARD)
        head = delta if not self.has_activation else f"{delta} = {mark(f'θ′·∂L/∂{output}')}"
        deltas = Vector(head, self.numbers(snapshot.delta, self.sums), Color.BACKWARD)
        if not self.has_activation:
            return [deltas._replace(head=f"{delta}{shares}")]
        return [deltas, returned]

    def numbers(
        self, number: Callable[[Node, Index], float | None], elements: Iterable[Element]
    ) -> tuple[float | None, ...]:
        """Return a number of each element."""
        return tuple(number(*element) for element in elements)

    def biases(self, is_backward: bool) -> list[float | None]:
        """Return its biases, or the derivatives by them, which are δ; nothing where it has none."""
        if not self.arrays.grid.has_biases:
            return []
        return list(self.numbers(self.settings.snapshot.delta, self.sums)) if is_backward else self.arrays.biases

    @property
    def losses(self) -> list[tuple[str, float | None]]:
        """Return the equations of the losses with their values, if it is the last layer."""
        if not self.is_last:
            return []
        snapshot, digits = self.settings.snapshot, self.settings.digits
        names = list(loss_names(self.structure.graph).items())[-MOST_LOSSES:]
        return [
            (f"{snapshot.mark(name, node)} = {snapshot.text(node, digits=digits)}", snapshot.value(node))
            for node, name in names
        ]

    def output_names(self, positions: Iterable[int]) -> dict[int, str]:
        """Return the names of some outputs."""
        return {index: self.structure.textbook_name(*self.outputs[index]) for index in positions}

    @cached_property
    def has_bias(self) -> list[bool]:
        """Return for each neuron whether it has a bias."""
        grid = self.arrays.grid
        return [grid.bias(neuron) is not None for neuron in range(len(grid.neurons))]

    @cached_property
    def comes_back(self) -> bool:
        """Return whether the shares w·δ of the next grid are all that comes back to the outputs."""
        shares = self.following.shares if self.following else None
        derivatives = self.numbers(self.settings.snapshot.delta, self.outputs)
        if shares is None or None in derivatives:
            return False
        with np.errstate(all="ignore"):
            sums = shares.sum(1)
            largest = largest_magnitude(np.abs(shares).sum(1))
        return bool(np.allclose(sums, np.array(derivatives, float), 1e-9, 1e-12 * largest, equal_nan=True))


def read_layers(process: ProcessGrids, settings: DrawSettings) -> list[Layer]:
    """Return the layers of a network, with the targets of the last one."""
    arrays = [GridArrays(grid, settings.snapshot) for grid in process.grids]
    endings = read_endings(process)
    layers: list[Layer] = []
    for number, array in enumerate(arrays):
        outputs = [output_of(unit) for unit in array.grid.neurons]
        following = arrays[number + 1] if number + 1 < len(arrays) else None
        if following is None:
            outputs = [line[-1] for line in endings.lines]
            targets = match_targets(process.structure, outputs)
            layers.append(Layer(settings, array, tuple(outputs), tuple(map(targets.get, outputs)), is_last=True))
        else:
            reads_these = list(following.grid.sources) == outputs
            layers.append(Layer(settings, array, tuple(outputs), (), following if reads_these else None))
    return layers


def match_targets(structure: NetworkStructure, outputs: Sequence[Element]) -> dict[Element, Element]:
    """Return the target of each output that a loss compares with one of its own."""
    targets: dict[Element, Element] = {}
    for node in structure.graph.nodes:
        if node.kind != "loss" or node.op is None:
            continue
        groups = grouped(node.op, node.parents) if node.op.stars else node.parents
        compared = [[part for parent in nodes_of_group(group) for part in row_elements(parent)] for group in groups]
        for group in compared:
            if all(element.node in structure.targets for element in group):
                for other in compared:
                    if other is not group and len(other) == len(group) and set(other) <= set(outputs):
                        targets.update(zip(other, group, strict=True))
    return targets


def nodes_of_group(group: Node | tuple[Node, ...]) -> tuple[Node, ...]:
    """Return the nodes of a group of operands."""
    return group if isinstance(group, tuple) else (group,)


def row_elements(node: Node) -> list[Element]:
    """Return the elements of a row, or a number as it is."""
    return [Element(node, index) for index in range(node.shape[0])] if node.ndim == 1 else [Element(node)]


def common_name(names: Sequence[str], index: str) -> str:
    """Return the name that elements have in common, with a letter as index; x where they are of several kinds."""
    matches = [NAME.fullmatch(name) for name in names]
    kinds = {match.groups("") for match in matches if match}
    if len(kinds) != 1 or not all(matches):
        return f"x{index}"
    ((letter, layer),) = kinds
    return f"{letter}{index}{layer}"
