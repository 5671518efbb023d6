"""The numbers of a graph as a picture reads them: one for each element, batches averaged, None before a pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.naming import shown
from minigrad.node import Node
from minigrad.ops.op import Value

Place = int | tuple[int, ...] | None
"""Which element of a node is meant; None for a scalar, or for an array as a whole."""


class Readings:
    """A snapshot of values and δ, each array averaged over its batch once, when it is first asked for."""

    def __init__(self) -> None:
        self._values: dict[Node, Any] = {}
        self._deltas: dict[Node, Any] = {}
        self.batch = 0

    def value(self, node: Node, place: Place = None) -> float | None:
        """The value of a node, or of one element of it."""
        return self._read(self._values, node, node.value, place)

    def delta(self, node: Node, place: Place = None) -> float | None:
        """δ of a node, or of one element of it."""
        return self._read(self._deltas, node, node.delta, place)

    def _read(self, known: dict[Node, Any], node: Node, value: Value, place: Place) -> float | None:
        if value is None or type(value) is float:
            return value
        if node not in known:
            known[node] = self._averaged(node, value)
        array = known[node]
        if place is None:
            return float(array) if array.ndim == 0 else None
        index = place if isinstance(place, tuple) else (place,)
        spare = array.ndim - len(index)  # leading axes of the node's own count as samples, too
        return float(mean(array, spare)[index] if spare else array[index])

    def _averaged(self, node: Node, value: Value) -> Any:
        array = np.asarray(value)
        extra = array.ndim - node.ndim
        if extra:
            self.batch = max(self.batch, array.shape[0])
        return mean(array, extra)

    def notes(self) -> tuple[str, ...]:
        """What a legend says about batches."""
        return (f"values and δ of a batch: mean of {self.batch}",) if self.batch else ()


def mean(array: Any, axes: int) -> Any:
    """The mean over so many leading axes."""
    with np.errstate(all="ignore"):
        return np.mean(array, axis=tuple(range(axes))) if axes else array


def summary(node: Node, number: float | None, value: Value) -> str:
    """A number for people; an array-valued node by its shape."""
    if value is None or not node.shape:
        return shown(number)
    return f"array {'×'.join(map(str, node.shape))}"
