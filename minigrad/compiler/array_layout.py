"""Where the scalar nodes of a graph live as elements of array nodes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from minigrad import ops
from minigrad.core.node import Constant, Input, Node, Parameter
from minigrad.ops.base import Shape


class ElementPosition(NamedTuple):
    """An array node and the position of one element in it, counted flat."""

    array: Node
    position: int


class ArrayLayout:
    """The places of scalar nodes so far, and array nodes that bring several of them together."""

    def __init__(self) -> None:
        self.places: dict[Node, ElementPosition] = {}
        self.leaves: dict[Node, tuple[Node, ...]] = {}
        self.flats: dict[Node, Node] = {}
        self.joins: dict[tuple[Node, ...], Node] = {}
        self.picks: dict[ElementPosition, Node] = {}
        self.names: set[str] = set()
        self.gathers = 0
        """How many array nodes were brought together so far."""

    def put(self, nodes: Sequence[Node], array: Node) -> None:
        """Says that some nodes are the elements of an array node, in this order."""
        for position, node in enumerate(nodes):
            self.places[node] = ElementPosition(array, position)

    def claim(self, leaves: Sequence[Node], shape: Shape) -> None:
        """Lays leaves out as one array leaf of a shape, if they are of one kind, all different and still free."""
        kinds = {leaf.kind for leaf in leaves}
        free = not any(leaf.shape or leaf in self.places for leaf in leaves)
        if free and kinds in ({"parameter"}, {"input"}) and len(set(leaves)) == len(leaves):
            self.put(leaves, self.array_leaf(leaves, shape))

    def array_leaf(self, leaves: Sequence[Node], shape: Shape) -> Node:
        """One array leaf in the place of several scalar ones."""
        name = self.name_of(leaves)
        array: Node
        if leaves[0].kind == "input":
            array = Input(name, shape)
        else:
            make = Parameter if leaves[0].kind == "parameter" else Constant
            array = make(np.reshape([leaf.value for leaf in leaves], shape), name)
        self.leaves[array] = tuple(leaves)
        return array

    def name_of(self, nodes: Sequence[Node]) -> str | None:
        """The name of an array of nodes, first…last, unless it is taken."""
        ends = dict.fromkeys(node.name for node in (nodes[0], nodes[-1]))
        name = None if None in ends else "…".join(map(str, ends))
        if name in self.names:
            return None
        self.names.add(name or "")
        return name

    def gather(self, nodes: Sequence[Node], shape: Shape) -> Node:
        """One array node of the given shape whose elements are the given scalar nodes."""
        first = nodes[0]
        self.gathers += 1
        if len(nodes) > 1 and all(node is first for node in nodes):
            one: Node = self.pick(first)
            return ops.broadcast_to(one, shape)
        if all(node.kind == "constant" for node in nodes):
            return Constant(np.reshape([node.value for node in nodes], shape))
        places = [self.places[node] for node in nodes]
        arrays = tuple(dict.fromkeys(place.array for place in places))
        starts = dict(zip(arrays, np.cumsum([0, *(prod(array.shape) for array in arrays)]).tolist(), strict=False))
        positions = [starts[array] + position for array, position in places]
        whole = arrays[0] if len(arrays) == 1 else self.joined(arrays)
        count = prod(whole.shape)
        if len(positions) == count and positions == list(range(count)):
            return self.shaped(whole, shape)
        flat = self.flat(whole)
        picked: Node = ops.getitem(flat, np.array(positions))
        return self.shaped(picked, shape)

    def operand(self, nodes: Sequence[Node], shape: Shape) -> Node:
        """Like `gather`, but a single node that stands everywhere is left to broadcasting."""
        if all(node is nodes[0] for node in nodes):
            return self.pick(nodes[0])
        return self.gather(nodes, shape)

    def joined(self, arrays: tuple[Node, ...]) -> Node:
        """Several arrays as one flat array."""
        if arrays not in self.joins:
            self.joins[arrays] = ops.concat([self.flat(array) for array in arrays], axis=-1)
        return self.joins[arrays]

    def flat(self, array: Node) -> Node:
        """An array as a vector."""
        if array.ndim == 1:
            return array
        if array not in self.flats:
            self.flats[array] = ops.reshape(array, (-1,))
        return self.flats[array]

    def shaped(self, array: Node, shape: Shape) -> Node:
        """An array in another shape of as many elements."""
        return array if array.shape == shape else ops.reshape(array, shape)

    def pick(self, node: Node) -> Node:
        """A scalar node that has the value of one element."""
        if node.kind == "constant":
            return node
        place = self.places[node]
        if not place.array.shape:
            return place.array
        if place not in self.picks:
            alone = prod(place.array.shape) == 1
            self.picks[place] = (
                ops.reshape(place.array, ()) if alone else ops.getitem(self.flat(place.array), place.position)
            )
        return self.picks[place]
