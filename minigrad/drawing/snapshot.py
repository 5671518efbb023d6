"""The numbers of a graph as a picture shows them: one for each element, batches averaged, None before a pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad._format import format_number
from minigrad.core.node import Node
from minigrad.ops.base import Value
from minigrad.structure import Index

if TYPE_CHECKING:
    from minigrad.graph import Graph


class Snapshot:
    """Values and δ of nodes; each array is averaged over its batch once, when it is first asked for.

    Values are those of the nodes, or the ones that are passed in.
    """

    def __init__(self, values: Mapping[Node, Value] | None = None) -> None:
        self._source = values
        self._cache: dict[tuple[Node, Any], Any] = {}
        self.batch = 0

    def value(self, node: Node, index: Index = None) -> float | None:
        """Return the value of a node, or of one element of it."""
        value = node.value if self._source is None else self._source[node]
        return self._number(node, value, index, np.mean)

    def delta(self, node: Node, index: Index = None) -> float | None:
        """Return δ of a node, or of one element of it.

        δ of a sample carries its share 1/B of the mean loss; the sum over the batch is the mean of the samples' own δ.
        """
        return self._number(node, node.delta, index, np.sum)

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

    def notes(self, graph: Graph | None = None) -> tuple[str, ...]:
        """Return what a legend says about batches and, of a graph, about what is not known yet."""
        notes = []
        if self.batch:
            notes.append(f"Batch: mean of {self.batch} samples, each δ counted from the sample's own loss.")
        if graph is not None and any(output.value is None or output.delta is None for output in graph.outputs):
            notes.append("— not known yet: run forward, then backward.")
        return tuple(notes)


def format_value(node: Node, number: float | None, value: Value) -> str:
    """Format the number of a node; an array-valued node by its shape."""
    return format_number(number) if not node.shape or value is None else format_shape(node)


def format_shape(node: Node) -> str:
    """Format the shape of an array-valued node: array 3×2."""
    return f"array {'×'.join(map(str, node.shape))}"
