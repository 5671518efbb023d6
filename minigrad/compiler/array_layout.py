"""Where the scalar nodes of a graph are as elements of array nodes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat
from math import prod
from operator import attrgetter, itemgetter
from typing import Literal, NamedTuple

import numpy as np

from minigrad import ops
from minigrad.core.node import Constant, Input, Mask, Node, Parameter
from minigrad.ops.base import Shape

Order = Literal["C", "F"]
"""As in NumPy: whether nodes are listed row by row, "C", or column by column, "F"."""


class ElementPosition(NamedTuple):
    """An array node and the index of one element in it, counted flat."""

    array: Node
    position: int


class ArrayLayout:
    """The positions of scalar nodes so far, and array nodes that gather several of them."""

    def __init__(self, inline_constants: bool = True) -> None:
        self.inline_constants = inline_constants
        """Whether a constant is written again wherever it is read, rather than read as an element of an array."""
        self.positions: dict[Node, tuple[Node, int]] = {}
        """The array node of each scalar node, and its index there: plain tuples, which Python makes at once."""
        self.leaves: dict[Node, tuple[Node, ...]] = {}
        """The scalar leaves of each array leaf, in the order of its elements."""
        self.flattened: dict[Node, Node] = {}
        self.concatenations: dict[tuple[Node, ...], Node] = {}
        self.elements: dict[tuple[Node, int], Node] = {}
        self.names: set[str] = set()
        self.gathers = 0
        """How many array nodes were gathered so far."""

    def place(self, nodes: Sequence[Node], array: Node, order: Order = "C") -> None:
        """Make some nodes the elements of an array node, in this order."""
        indices = range(len(nodes)) if order == "C" else np.arange(len(nodes)).reshape(array.shape).ravel("F").tolist()
        self.positions.update(zip(nodes, zip(repeat(array), indices), strict=True))

    def arrange_leaves(self, leaves: Sequence[Node], shape: Shape, order: Order = "C") -> None:
        """Arrange nodes as one array leaf, if they are leaves of one kind, all different and without a position yet.

        The matrix of weights of a layer comes column by column, as its nodes lie in memory: it would take twice as long
        to go through them row by row.
        """
        if leaves[0].kind not in ("parameter", "input", "mask") or len({*map(attrgetter("kind"), leaves)}) > 1:
            return
        if any(map(attrgetter("shape"), leaves)) or len(set(leaves)) < len(leaves):
            return
        if self.positions.keys().isdisjoint(leaves):
            self.place(leaves, self.array_leaf(leaves, shape, order), order)

    def array_leaf(self, leaves: Sequence[Node], shape: Shape, order: Order = "C") -> Node:
        """Make one array leaf to replace several scalar ones."""
        name = self.array_name(leaves)
        array: Node
        if leaves[0].kind == "input":
            array = Input(name, shape)
        elif isinstance(leaves[0], Mask):
            array = Mask(leaves[0].rate, shape)
        else:
            leaf_type = Parameter if leaves[0].kind == "parameter" else Constant
            values = np.reshape([leaf._value for leaf in leaves], shape, order)
            array = leaf_type(np.ascontiguousarray(values), name)
        columns = [leaves] if order == "C" else [leaves[row :: shape[0]] for row in range(shape[0])]
        self.leaves[array] = tuple(chain.from_iterable(columns))
        return array

    def array_name(self, nodes: Sequence[Node]) -> str | None:
        """Return the name of an array of nodes, first…last, unless it is taken."""
        ends = dict.fromkeys(node.name for node in (nodes[0], nodes[-1]))
        name = None if None in ends else "…".join(map(str, ends))
        if name in self.names:
            return None
        self.names.add(name or "")
        return name

    def gather(self, nodes: Sequence[Node], shape: Shape) -> Node:
        """Return an array node of that shape whose elements are the given scalar nodes."""
        first = nodes[0]
        self.gathers += 1
        if len(nodes) > 1 and all(node is first for node in nodes):
            return ops.broadcast_to(self.element(first), shape)
        if self.inline_constants and all(node.kind == "constant" for node in nodes):
            return Constant(np.reshape([node.value for node in nodes], shape))
        array, start = self.positions[first]
        if not start and self.leaves.get(array) == tuple(nodes):
            return self.reshape(array, shape)
        positions = list(map(self.positions.__getitem__, nodes))
        arrays = tuple(dict.fromkeys(map(itemgetter(0), positions)))
        if len(arrays) == 1:
            source, indices = arrays[0], list(map(itemgetter(1), positions))
        else:
            starts = dict(zip(arrays, np.cumsum([0, *(prod(array.shape) for array in arrays)]).tolist(), strict=False))
            source, indices = self.concatenate(arrays), [starts[array] + index for array, index in positions]
        count = prod(source.shape)
        if len(indices) == count and indices == list(range(count)):
            return self.reshape(source, shape)
        return self.reshape(ops.getitem(self.flatten(source), np.array(indices)), shape)

    def operand(self, nodes: Sequence[Node], shape: Shape) -> Node:
        """Return what `gather` returns, or the scalar node where all are the same one, to be broadcast."""
        if all(node is nodes[0] for node in nodes):
            return self.element(nodes[0])
        return self.gather(nodes, shape)

    def concatenate(self, arrays: tuple[Node, ...]) -> Node:
        """Return several arrays as one flat array."""
        if arrays not in self.concatenations:
            self.concatenations[arrays] = ops.concat([self.flatten(array) for array in arrays], axis=-1)
        return self.concatenations[arrays]

    def flatten(self, array: Node) -> Node:
        """Return an array as a vector."""
        if array.ndim == 1:
            return array
        if array not in self.flattened:
            self.flattened[array] = ops.reshape(array, (-1,))
        return self.flattened[array]

    def reshape(self, array: Node, shape: Shape) -> Node:
        """Return an array in another shape of as many elements."""
        return array if array.shape == shape else ops.reshape(array, shape)

    def element(self, node: Node) -> Node:
        """Return a scalar node that has the value of one element."""
        if self.inline_constants and node.kind == "constant":
            return node
        position = self.positions[node]
        array, index = position
        if not array.shape:
            return array
        if position not in self.elements:
            is_only_element = prod(array.shape) == 1
            self.elements[position] = (
                ops.reshape(array, ()) if is_only_element else ops.getitem(self.flatten(array), index)
            )
        return self.elements[position]
