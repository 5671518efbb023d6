"""A graph read as a neural network: which nodes make a neuron, which neurons a layer, which weight each connection has.

The reading is structural. A neuron is a weighted sum together with the activation that alone reads it; leaves that are
read as weights or biases belong to connections and neurons; every other node is a unit of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from minigrad._format import shorten
from minigrad.core.node import Node
from minigrad.core.plan import grouped
from minigrad.ops.base import Value
from minigrad.textbook_names import TextbookNames

if TYPE_CHECKING:
    from minigrad.graph import Graph

Index = int | tuple[int, ...] | None
"""Which element of a node is meant; None for a scalar, or for an array with all its elements."""


class Element(NamedTuple):
    """A node, or one element of an array-valued one."""

    node: Node
    position: Index = None

    @property
    def value(self) -> Value:
        """Return the value that the element has now."""
        return self.node.value if self.position is None else self.node.value[self.position]

    @property
    def offset(self) -> int:
        """Return how many elements of the node stand before this one, row by row."""
        if self.position is None:
            return 0
        offset = 0
        position = self.position if isinstance(self.position, tuple) else (self.position,)
        for index, size in zip(position, self.node.shape, strict=True):
            offset = offset * size + index
        return offset


class Unit(NamedTuple):
    """A unit of a network: a neuron where it has a `weighted_sum`, else a node such as an input or a loss."""

    output: Node
    weighted_sum: Node | None = None
    position: int | None = None


class Connection(NamedTuple):
    """What a unit reads: another unit, through a weight where the reader is a neuron."""

    source: Unit
    weight: Element | None = None


class WeightedSumOperands(NamedTuple):
    """The operands of a weighted sum s = Σ w·x + b; one node each of `x` and `w` where they are arrays."""

    x: tuple[Node, ...]
    w: tuple[Node, ...]
    b: Node

    @property
    def are_arrays(self) -> bool:
        """Return whether the weights are one array."""
        return bool(self.w[0].shape)


class Units(NamedTuple):
    """The units of a graph: by column, inputs first, targets last, and by what they compute."""

    columns: tuple[tuple[Unit, ...], ...]
    by_element: dict[Element, Unit]
    targets: frozenset[Node]


@dataclass(frozen=True)
class NetworkStructure:
    """A graph as columns of units, inputs first, targets last."""

    graph: Graph
    columns: tuple[tuple[Unit, ...], ...]
    units: dict[Element, Unit]
    targets: frozenset[Node]

    @cached_property
    def layers(self) -> list[list[Unit]]:
        """Return the neurons of every column that has any."""
        columns = [[unit for unit in column if unit.weighted_sum is not None] for column in self.columns]
        return [neurons for neurons in columns if neurons]

    @property
    def textbook_names(self) -> TextbookNames:
        """Return the names that the nodes have in textbooks."""
        return self.graph.textbook_names

    def textbook_name(self, node: Node, position: Index = None) -> str:
        """Return the name that a node, or an element of it, has in textbooks, see `Graph.textbook_name`."""
        return self.textbook_names.name(node, position)

    @cached_property
    def weighted_sums(self) -> dict[Node, WeightedSumOperands]:
        """Return the operands of every weighted sum, column by column."""
        sums = dict.fromkeys(neuron.weighted_sum for layer in self.layers for neuron in layer)
        return {node: weighted_sum_operands(node) for node in sums if node is not None}

    def key(self, unit: Unit) -> str:
        """Return the key of a unit in every picture: the position of its output in topological order."""
        key = f"n{self.graph.position[unit.output]}"
        return key if unit.position is None else f"{key}_{unit.position}"

    def name(self, unit: Unit) -> str:
        """Return the name of a unit: that of its output, else of its weighted sum, else its number."""
        name = unit.output.name or (unit.weighted_sum.name if unit.weighted_sum is not None else None)
        text = shorten(name) if name else self.graph.short_name(unit.output)
        return text if unit.position is None else f"{text}[{unit.position}]"

    def bias(self, unit: Unit) -> Element | None:
        """Return the bias of a neuron; None where it is a zero without a name, or a unit itself."""
        if unit.weighted_sum is None:
            return None
        b = weighted_sum_operands(unit.weighted_sum).b
        if b.parents or (b.kind == "constant" and not b.name and not np.any(b.value)):
            return None
        return Element(b, unit.position if b.shape else None)

    def connections(self, unit: Unit) -> Iterator[Connection]:
        """Yield everything that a unit reads, in order, repeats kept."""
        if unit.weighted_sum is None:
            for parent in source_nodes(unit):
                yield from map(Connection, self.units_of(parent))
            return
        x, w, b = operands = weighted_sum_operands(unit.weighted_sum)
        if operands.are_arrays:
            weights = [weight for _, weight in multiplied_elements(unit.weighted_sum, unit.position)]
            yield from map(Connection, self.units_of(x[0], len(weights)), weights)
        else:
            for node, weight in zip(x, w, strict=True):
                yield Connection(self.units[Element(node)], Element(weight))
        for node in (*w, b):
            if node.parents:
                yield from map(Connection, self.units_of(node))

    def units_of(self, node: Node, count: int = 1) -> Iterator[Unit]:
        """Yield the units that a node consists of: one for each element, or one for all, then `count` times."""
        unit = self.units.get(Element(node))
        if unit is not None:
            yield from [unit] * count
        else:
            yield from (self.units[Element(node, index)] for index in range(node.shape[-1]))

    def weights(self, neurons: Sequence[Unit]) -> tuple[list[Unit], list[tuple[int, int, Element]]]:
        """Return the units that neurons read through weights, and (position of the unit, of the neuron, weight)."""
        positions: dict[Unit, int] = {}
        entries: list[tuple[int, int, Element]] = []
        for column, neuron in enumerate(neurons):
            for source, weight in self.connections(neuron):
                if weight is not None:
                    entries.append((positions.setdefault(source, len(positions)), column, weight))
        return list(positions), entries


def weighted_sum_operands(node: Node) -> WeightedSumOperands:
    """Return the operands of a weighted sum: what it reads, the weights, the bias."""
    op: Any = node.op
    if op.stars and not node.parents[0].shape:
        x, w, b = grouped(op, node.parents)
        return WeightedSumOperands(x, w, b)
    x, w, b = node.parents
    return WeightedSumOperands((x,), (w,), b)


def multiplied_elements(weighted_sum: Node, position: int | None = None) -> list[tuple[Element, Element]]:
    """Return the pairs x, w whose products a weighted sum, or one element of it, adds up."""
    x, w, _ = operands = weighted_sum_operands(weighted_sum)
    if not operands.are_arrays:
        return [(Element(node), Element(weight)) for node, weight in zip(x, w, strict=True)]
    (inputs,), (weights,) = x, w
    op: Any = weighted_sum.op
    if not op.stars:  # of a layer, x W
        return [(Element(inputs, row), Element(weights, (row, position or 0))) for row in range(weights.shape[-2])]

    def element(node: Node, column: int) -> Element:
        return Element(node, column if node.ndim < 2 or position is None else (position, column))

    return [(element(inputs, column), element(weights, column)) for column in range(weights.shape[-1])]


def read_structure(graph: Graph) -> NetworkStructure:
    """Return the structure of a graph, whose units are looked up in it once: no graph changes its structure."""
    return NetworkStructure(graph, *graph.units)


def find_units(graph: Graph) -> Units:
    """Return the units of a graph; a few walks over its nodes, linear in their parents."""
    computed = [node for node in graph.nodes if node.op is not None]
    with_activation = find_activations(computed, graph.outputs)
    absorbed = find_weights_and_biases(graph, computed)
    units: dict[Element, Unit] = {}
    for node in graph.nodes:
        if node in absorbed or node in with_activation:
            continue  # belongs to a connection, or to the unit of its activation
        weighted_sum = node if node.kind == "weighted sum" else None
        if node.kind == "activation" and node.parents[0] in with_activation:
            weighted_sum = node.parents[0]
        is_layer = weighted_sum is not None and weighted_sum.op is not None and not weighted_sum.op.stars
        has_unit_per_element = node.shape and (node.kind == "input" or is_layer)
        for index in range(node.shape[-1]) if has_unit_per_element else (None,):
            units[Element(node, index)] = Unit(node, weighted_sum, index)
    targets = find_targets(computed)
    return Units(assign_columns(units, targets), units, targets)


def find_activations(computed: Sequence[Node], outputs: Sequence[Node]) -> dict[Node, Node]:
    """Return the activation of every weighted sum that one activation, and nothing else, reads."""
    sums = {node for node in computed if node.kind == "weighted sum"}
    readers: dict[Node, list[Node]] = {}
    for node in computed:
        for weighted_sum in sums.intersection(node.parents):
            readers.setdefault(weighted_sum, []).append(node)
    return {
        weighted_sum: child
        for weighted_sum, (child, *others) in readers.items()
        if not others and child.kind == "activation" and len(child.parents) == 1 and weighted_sum not in outputs
    }


def find_targets(nodes: Sequence[Node]) -> frozenset[Node]:
    """Return the leaves that losses among some nodes read, and nothing else."""
    targets = {parent for node in nodes if node.kind == "loss" for parent in node.parents if not parent.parents}
    for node in nodes if targets else ():
        if node.kind != "loss":
            targets.difference_update(node.parents)
    return frozenset(targets)


def find_weights_and_biases(graph: Graph, computed: Sequence[Node]) -> set[Node]:
    """Return the leaves that serve as weights and biases only, and the masks of dropouts."""
    absorbed: set[Node] = set(graph.masks)
    others: set[Node] = set(graph.outputs)
    for node in computed:
        if node.kind == "weighted sum":
            x, w, b = weighted_sum_operands(node)
            others.update(x)
            absorbed.update([leaf for leaf in (*w, b) if not leaf.parents])
        else:
            others.update([parent for parent in node.parents if parent.kind != "mask"])
    return absorbed - others


def assign_columns(units: dict[Element, Unit], targets: frozenset[Node]) -> tuple[tuple[Unit, ...], ...]:
    """Return the units by depth: a neuron one column after the last unit it reads, targets behind everything."""
    depth: dict[Node, int] = {}
    first_reader: dict[Node, int] = {}
    depth_behind: dict[tuple[Node, ...], int] = {}  # the neurons of a layer read the same nodes: look at these once
    for unit in units.values():
        node = unit.output
        if node not in depth:
            sources = source_nodes(unit)
            if sources not in depth_behind:
                reader = depth_behind[sources] = 1 + max([depth[source] for source in sources], default=-1)
                for source in sources:
                    if not source.parents:
                        first_reader[source] = min(first_reader.get(source, reader), reader)
            depth[node] = depth_behind[sources]
    last = max(depth.values())
    columns: list[list[Unit]] = [[] for _ in range(last + 2)]
    for unit in units.values():
        node = unit.output
        if node in targets:
            columns[last + 1].append(unit)
        elif node.parents:
            columns[depth[node]].append(unit)
        else:  # inputs, and constants and parameters that are read like them, stand right before their first reader
            columns[max(first_reader.get(node, 1) - 1, 0)].append(unit)
    return tuple(tuple(column) for column in columns if column)


def source_nodes(unit: Unit) -> tuple[Node, ...]:
    """Return the nodes whose units a unit reads."""
    if unit.weighted_sum is None:
        return tuple(parent for parent in unit.output.parents if parent.kind != "mask")
    x, w, b = weighted_sum_operands(unit.weighted_sum)
    return x + tuple(node for node in (*w, b) if node.parents)
