"""What the quantity keys of a page stand for, computed by the library from a network, a sample and an optimizer."""

from __future__ import annotations

import copy
from collections.abc import Callable
from math import isfinite, prod
from typing import Any

import numpy as np

import minigrad as mg
from minigrad.drawing.numbers import format_computed, format_given

ROUNDING = 1e-12
"""By how much a number may differ from another that is written the same, when both lie where rounding turns."""


class Quantities:
    """The numbers of one sample of a network, and those after one update, by the keys that pages use.

    `value:N`, `delta:N`, `next:N`, `change:N`, `slope:C:P`, `product:A:B`, `share:W:S`, where a node is its position in
    the graph of the loss, followed by `.E` for one element of an array.
    """

    def __init__(self, network: mg.Network, sample: tuple[Any, Any], optimizer: Any) -> None:
        self.graph = network.loss_graph(*sample)
        after = copy.deepcopy(network)
        after.train_step(copy.deepcopy(optimizer))([sample[0]], [sample[1]])
        self._next = [parameter.value for parameter in after.parameters]
        self._positions = {parameter: number for number, parameter in enumerate(network.parameters)}

    def number(self, key: str) -> float:
        """Return the number that a key stands for."""
        kind, *references = key.split(":")
        kinds: dict[str, Callable[..., float]] = {
            "value": self.value,
            "delta": self.delta,
            "next": self.next,
            "change": lambda node: self.next(node) - self.value(node),
            "slope": self.slope,
            "product": lambda a, b: self.value(a) * self.value(b),
            "share": lambda weight, weighted_sum: self.value(weight) * self.delta(weighted_sum),
        }
        return kinds[kind](*references)

    def value(self, reference: str) -> float:
        """Return a value of a node."""
        node, element = self._node(reference)
        return float(np.ravel(node.value)[element])

    def delta(self, reference: str) -> float:
        """Return ∂L/∂node."""
        node, element = self._node(reference)
        return float(np.broadcast_to(node.delta, node.shape).ravel()[element])

    def next(self, reference: str) -> float:
        """Return the value of a parameter after one update."""
        node, element = self._node(reference)
        return float(np.ravel(self._next[self._positions[node]])[element])

    def slope(self, child: str, parent: str) -> float:
        """Return the derivative of an element of a node by one of its parent, by the rule of the op."""
        node, row = self._node(child)
        other, column = self._node(parent)
        seed = np.zeros(prod(node.shape))
        seed[row] = 1.0
        operands = [np.asarray(operand.value, float) for operand in node.parents]
        terms = node.op.backward(np, seed.reshape(node.shape), np.asarray(node.value, float), *operands)
        return sum(
            float(np.broadcast_to(term, other.shape).ravel()[column])
            for operand, term in zip(node.parents, terms, strict=True)
            if operand is other and term is not None
        )

    def _node(self, reference: str) -> tuple[mg.Node, int]:
        position, _, element = reference.partition(".")
        return self.graph.nodes[int(position)], int(element or 0)


def ways_to_write(number: float) -> set[str]:
    """Return the texts that stand for a number on a page: as computed or as given, rounded either way at a tie."""
    near = {number} if not isfinite(number) else {number, number * (1 + ROUNDING), number * (1 - ROUNDING)}
    return {write(each) for write in (format_computed, format_given) for each in near}
