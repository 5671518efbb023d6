"""The keys of the parts of a figure: `node:S` of a neuron or another unit, `edge:W:S` of a connection."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from math import prod
from typing import Any

from minigrad.pages.quantities import FlatElement, Quantities
from minigrad.structure import Unit


class PartKeys:
    """Keys of the units of a network and of the connections between them, in data and figures of a page."""

    def __init__(self, quantities: Quantities) -> None:
        self.quantities = quantities
        self.structure = quantities.structure

    def weighted_sum(self, unit: Unit) -> FlatElement:
        """Return the weighted sum of a neuron."""
        assert unit.weighted_sum is not None
        return FlatElement(unit.weighted_sum, unit.position or 0)

    def output(self, unit: Unit) -> FlatElement:
        """Return the output of a unit, of an array its first element."""
        return FlatElement(unit.output, unit.position or 0)

    def outputs(self, unit: Unit) -> list[FlatElement]:
        """Return the outputs of a unit, one for each element of an array."""
        if unit.position is not None or not unit.output.shape:
            return [self.output(unit)]
        return [FlatElement(unit.output, offset) for offset in range(prod(unit.output.shape))]

    def edges(self, unit: Unit) -> list[tuple[FlatElement, FlatElement | None]]:
        """Return the weights of a neuron with what they multiply, and the bias with None."""
        item = self.weighted_sum(unit)
        edges: list[tuple[FlatElement, FlatElement | None]] = [(w, x) for x, w in self.quantities.products(item)]
        return [*edges, (self.quantities.bias(item), None)] if self.structure.bias(unit) else edges

    def node(self, unit: Unit) -> str:
        """Return the key of a unit, that of a neuron by its weighted sum."""
        if unit.weighted_sum is not None:
            return self.quantities.key("node", self.weighted_sum(unit))
        return f"node:{self._output_key(unit)}"

    def sources(self, unit: Unit) -> list[str]:
        """Return the keys of the units that a unit reads."""
        return [self.node(connection.source) for connection in self.structure.connections(unit)]

    def weighted_edges(self, unit: Unit) -> list[str]:
        """Return the keys of the connections into a neuron."""
        return [self.quantities.key("edge", w, self.weighted_sum(unit)) for w, _ in self.edges(unit)]

    def plain_edges(self, unit: Unit) -> list[str]:
        """Return the keys of the connections without weights that lead to a unit."""
        target = self.node(unit).removeprefix("node:")
        return [f"edge:{self._output_key(c.source)}:{target}" for c in self.structure.connections(unit)]

    def edges_to_readers(self, unit: Unit) -> list[str]:
        """Return the keys of the connections from a unit to neurons and to losses."""
        source, quantities = self._output_key(unit), self.quantities
        losses = [node for node in quantities.readers[unit.output] if node in quantities.behind_loss]
        plain = [f"edge:{source}:{quantities.graph.position[node]}" for node in losses]
        return [*self._edges_from.get(self.output(unit), []), *plain]

    def unit_data(self, unit: Unit) -> dict[str, Any]:
        """Return a neuron as pages have it: the keys of its sum, output and bias."""
        element_key, item = self.quantities.element_key, self.weighted_sum(unit)
        return {
            "sum": element_key(item),
            "output": element_key(self.output(unit)),
            "bias": element_key(self.quantities.bias(item)) if self.structure.bias(unit) else None,
        }

    @cached_property
    def _edges_from(self) -> dict[FlatElement, list[str]]:
        """Return the keys of the connections through weights from each number."""
        edges: defaultdict[FlatElement, list[str]] = defaultdict(list)
        for layer in self.structure.layers:
            for unit in layer:
                for w, x in self.edges(unit):
                    if x is not None:
                        edges[x].append(self.quantities.key("edge", w, self.weighted_sum(unit)))
        return edges

    def _output_key(self, unit: Unit) -> str:
        """Return the key of the output of a unit, of an array that is one unit that of the node."""
        if unit.position is None:
            return str(self.quantities.graph.position[unit.output])
        return self.quantities.element_key(self.output(unit))
