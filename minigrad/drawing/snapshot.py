"""The numbers of a graph as a picture reads them: one for each element, batches averaged, None before a pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from minigrad._format import format_number
from minigrad.core.node import Node
from minigrad.ops.base import Value
from minigrad.structure import Place


class Readings:
    """A snapshot of values and δ, each array averaged over its batch once, when it is first asked for.

    Values are those of the nodes, or the `given` ones.
    """

    def __init__(self, given: Mapping[Node, Value] | None = None) -> None:
        self._given = given
        self._values: dict[Node, Any] = {}
        self._deltas: dict[Node, Any] = {}
        self.batch = 0

    def value(self, node: Node, place: Place = None) -> float | None:
        """The value of a node, or of one element of it."""
        value = node.value if self._given is None else self._given[node]
        return self._read(self._values, node, value, place, np.mean)

    def delta(self, node: Node, place: Place = None) -> float | None:
        """δ of a node, or of one element of it.

        δ of a sample carries its share 1/B of the mean loss; the sum over the batch is the mean of the samples' own δ.
        """
        return self._read(self._deltas, node, node.delta, place, np.sum)

    def _read(self, known: dict[Node, Any], node: Node, value: Value, place: Place, collect: Any) -> float | None:
        if value is None or type(value) is float:
            return value
        index = place if isinstance(place, tuple) else () if place is None else (place,)
        if node not in known:
            known[node] = self._folded(node, value, collect)
        array = known[node]
        spare = array.ndim - len(index)  # leading axes of the node's own count as samples, too
        if place is None:
            return float(array) if not spare else None
        with np.errstate(all="ignore"):
            return float(collect(array, axis=tuple(range(spare)))[index] if spare else array[index])

    def _folded(self, node: Node, value: Value, collect: Any) -> Any:
        array = np.asarray(value)
        extra = array.ndim - node.ndim
        if not extra:
            return array
        self.batch = max(self.batch, array.shape[0])
        with np.errstate(all="ignore"):
            return collect(array, axis=0)

    def notes(self) -> tuple[str, ...]:
        """What a legend says about batches."""
        return (
            (f"Batch: mean of {self.batch} samples, each δ counted from the sample's own loss.",) if self.batch else ()
        )


def summary(node: Node, number: float | None, value: Value) -> str:
    """A number for people; an array-valued node by its shape."""
    if not node.shape or value is None:
        return format_number(number)
    return f"array {'×'.join(map(str, node.shape))}"
