"""The numbers of a graph as a picture shows them: one for each element, batches averaged, None before a pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad._format import format_number
from minigrad.core.local_derivatives import local_derivatives, mean_activation_derivative
from minigrad.core.node import Node
from minigrad.core.versions import PassNumbers
from minigrad.ops.base import Value
from minigrad.structure import Index

if TYPE_CHECKING:
    from minigrad.graph import Graph


class Snapshot:
    """Values and δ of the nodes of a graph, as far as they belong to one pass; arrays are averaged over their batch.

    Values are those of the nodes, or the ones that are passed in. Each average is computed when it is first asked for.
    """

    def __init__(self, graph: Graph, values: Mapping[Node, Value] | None = None) -> None:
        self._numbers = PassNumbers(graph.plan)
        self._values = values
        self._cache: dict[tuple[Node, Any], Any] = {}
        self.batch = 0

    def value(self, node: Node, index: Index = None) -> float | None:
        """Return the value of a node, or of one element of it."""
        return self._number(node, self.values(node), index, np.mean)

    def delta(self, node: Node, index: Index = None) -> float | None:
        """Return δ of a node, or of one element of it.

        δ of a sample carries its share 1/B of the mean loss; the sum over the batch is the mean of the samples' own δ.
        """
        return self._number(node, self.deltas(node), index, np.sum)

    def values(self, node: Node) -> Value:
        """Return the value of a node with its batch axis; None where it is not known."""
        return self._numbers.value(node) if self._values is None else self._values[node]

    def deltas(self, node: Node) -> Value:
        """Return δ of a node with its batch axis; None where it is not known."""
        return self._numbers.delta(node)

    def local_derivatives(self, node: Node) -> list[float | None]:
        """Return ∂node/∂parent for each parent, over a batch its mean; None where it is not known, and for arrays."""
        return [None] * len(node.parents) if self.values(node) is None else local_derivatives(node)

    def slope(self, output: Node, weighted_sum: Node, index: int | None = None) -> float | None:
        """Return θ′(s) of a neuron, over a batch its mean; None where it is not known, or where there is none."""
        return None if self.values(output) is None else mean_activation_derivative(output, weighted_sum, index)

    def _number(self, node: Node, value: Value, index: Index, reduce: Any) -> float | None:
        if value is None or type(value) is float:
            return value
        axes = index if isinstance(index, tuple) else () if index is None else (index,)
        array = self._cache.get((node, reduce))
        if array is None:
            array = self._cache[node, reduce] = self._without_batch(node, value, reduce)
        leading = array.ndim - len(axes)  # leading axes of the node's own count as samples, too
        if index is None:
            return float(array) if not leading else None
        with np.errstate(all="ignore"):
            return float(reduce(array, axis=tuple(range(leading)))[axes] if leading else array[axes])

    def _without_batch(self, node: Node, value: Value, reduce: Any) -> Any:
        array = np.asarray(value)
        if array.ndim == node.ndim:
            return array
        self.batch = max(self.batch, array.shape[0])
        with np.errstate(all="ignore"):
            return reduce(array, axis=0)

    def notes(self, deltas: bool = True) -> tuple[str, ...]:
        """Return what a legend says about batches, and about values and, with `deltas`, δ that are not known."""
        notes = []
        if self.batch:
            notes.append(f"Batch: mean of {self.batch} samples, each δ counted from the sample's own loss.")
        if reason := self._numbers.missing(deltas):
            notes.append(f"— {reason}.")
        return tuple(notes)


def format_value(node: Node, number: float | None, value: Value) -> str:
    """Format the number of a node; an array-valued node by its shape."""
    return format_number(number) if not node.shape or value is None else format_shape(node)


def format_shape(node: Node) -> str:
    """Format the shape of an array-valued node: array 3×2."""
    return f"array {'×'.join(map(str, node.shape))}"
