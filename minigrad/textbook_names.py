"""The names that textbooks give to the nodes of a network: x₁, w₁₂⁽¹⁾, s₂⁽¹⁾, h₂, ŷ₁, t₁, L."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import add
from re import compile as pattern
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from minigrad._format import describe_value
from minigrad.core.names import is_of_derivative
from minigrad.core.node import Node
from minigrad.errors import PositionError
from minigrad.ops.base import Shape

if TYPE_CHECKING:
    from minigrad.structure import Index, NetworkStructure

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
TEXTBOOK_NAME = pattern("[xhsbwtŷL][₀-₉,]+(⁽[⁰¹²³⁴-⁹,]+⁾)?")
"""What the elements of an array may be called, which is not known before somebody asks."""


@lru_cache(4096)
def subscript(number: int) -> str:
    """Write a number as an index."""
    return str(number).translate(SUBSCRIPTS)


def superscript(*layers: int) -> str:
    """Write the number of a layer, or of two of them, as textbooks do: ⁽²⁾ or ⁽⁰,²⁾."""
    return f"⁽{','.join(map(str, layers))}⁾".translate(SUPERSCRIPTS)


def subscripts(numbers: Sequence[int], apart: bool = False) -> str:
    """Write indices: ₁₂, but ₁₀,₂ where one is ten or more or they are to stand apart."""
    return ("," if apart or max(numbers, default=0) > 9 else "").join(map(subscript, numbers))


class ElementNames(NamedTuple):
    """How the elements of a node are called: a letter, the indices of the first one, the layer as a superscript."""

    letter: str
    first: tuple[int, ...]
    layer: str

    def at(self, position: tuple[int, ...] = ()) -> str:
        """Return the name of the element at a position; axes before those of the indices are counted from 1."""
        before = max(len(position) - len(self.first), 0)
        steps = (*position[before:], *(0,) * len(self.first))
        numbers = [index + 1 for index in position[:before]] + [*map(add, self.first, steps)]
        return f"{self.letter}{subscripts(numbers, before > 0)}{self.layer}"

    def span(self, shape: Shape) -> str:
        """Return the names of the first and the last of the elements of an array."""
        return f"{self.at((0,) * len(shape))}…{self.at(tuple(size - 1 for size in shape))}"


class TextbookNames:
    """The names that the nodes of a network and their elements have in textbooks, each of them once.

    `Graph.textbook_name` says which they are. Where there is no loss, inputs that no neuron depends on are targets, and
    the neurons of the last layer, or what activates them, are outputs. What stands between an activation and a weight
    and has one element for each neuron, such as a dropout, counts as that neuron in the names of weights; other nodes
    that weights read, such as sums of two layers, are numbered behind the neurons that weights read. Of two arrays of
    a kind the second is called by its first and last element.

    Example:
        >>> import minigrad as mg
        >>> from minigrad.structure import read_structure
        >>> x = mg.Input("x", 2)
        >>> h = mg.dense(x, 12, mg.tanh, "h", rng=0)
        >>> graph = mg.Network(x, mg.dense(h, 1, mg.identity, "y", rng=0)).graph
        >>> names = read_structure(graph).textbook_names
        >>> names.name(graph["h.W"]), names.name(graph["h.W"], (1, 11)), names.name(h, 11), names.delta(graph["y.s"], 0)
        ('W⁽¹⁾', 'w₂,₁₂⁽¹⁾', 'h₁₂', 'δ₁⁽²⁾')
    """

    def __init__(self, structure: NetworkStructure) -> None:
        graph, root = structure.graph, structure.graph.outputs[0]
        self._names: dict[Node, str] = {}
        self.elements: dict[Node, ElementNames] = {}
        """What the elements of an array are called, where they have names of their own."""
        self._deltas: dict[Node, tuple[str, ElementNames]] = {}
        self._used: set[str] = set()
        outputs, targets = find_outputs_and_targets(structure)
        losses = [node for node in graph.nodes if node.kind == "loss"]
        total = losses[0] if len(losses) == 1 else None
        if len(graph.outputs) == 1 and not (root.shape or root in outputs or is_of_derivative(root.name)):
            total = root if losses or targets else None
        if total is not None:
            self._add(total, ElementNames("L", (), ""))
        self._add_in_order("L", [loss for loss in losses if loss is not total])
        self._add_in_order("ŷ", outputs)
        self._add_in_order("t", targets)
        layers, numbers = number_neurons(structure, {*targets})
        self._add_neurons(layers, numbers)
        self._add_weights(structure, layers, numbers)
        for node in graph.nodes:
            if node not in self._names:
                self._add_own(node, graph.unique_name(node), f" #{graph.position[node]}")

    def name(self, node: Node, position: Index = None) -> str:
        """Return the name of a node, or of one of its elements; raise PositionError where there is no such element."""
        indices = () if position is None else position if isinstance(position, tuple) else (position,)
        if not indices:
            return self._names[node]
        are_numbers = all(isinstance(index, (int, np.integer)) for index in indices) and len(indices) <= node.ndim
        inside = (0 <= index < size for index, size in zip(indices[::-1], node.shape[::-1], strict=False))
        if not (are_numbers and all(inside)):
            expected = f"a position in shape {node.shape}"
            raise PositionError("no such element", node=node.title, found=describe_value(position), expected=expected)
        if node in self.elements:
            return self.elements[node].at(indices)
        return f"{self._names[node]}[{', '.join(map(str, indices))}]"

    def delta(self, weighted_sum: Node, position: int | None = None) -> str:
        """Return the name of ∂L/∂s of a neuron, δ₁⁽²⁾; δ⁽²⁾ of all neurons of a layer that is an array."""
        name, deltas = self._deltas[weighted_sum]
        return name if position is None else deltas.at((position,))

    def _add(self, node: Node, elements: ElementNames) -> None:
        """Name a node, unless it has a name, or another one has this name."""
        first = name = elements.at()
        if node in self._names or first in self._used:
            return
        if node.shape:
            self._used.add(first)
            self.elements[node] = elements
            is_matrix = node.ndim > 1 and elements.letter == "w"
            name = f"{'W' if is_matrix else elements.letter}{elements.layer}"
            if name in self._used:
                name = elements.span(node.shape)
        self._used.add(name)
        self._names[node] = name

    def _add_in_order(self, letter: str, nodes: Iterable[Node]) -> None:
        """Name nodes by a letter and their numbers, counting the elements of arrays."""
        number = 1
        for node in nodes:
            self._add(node, ElementNames(letter, (number,), ""))
            number += length(node)

    def _add_neurons(self, layers: dict[Node, int], numbers: dict[Node, int]) -> None:
        """Name inputs, and the sums and outputs of neurons."""
        hidden = [node for node in numbers if node.kind == "activation" and node not in self._names]
        has_many = len({layers[node] for node in hidden}) > 1
        for node, number in numbers.items():
            layer = superscript(layers[node])
            if node.kind == "weighted sum":
                self._add(node, ElementNames("s", (number,), layer))
                deltas = ElementNames("δ", (number,), layer)
                name = deltas.at() if not node.shape else f"δ{layer}" if number == 1 else deltas.span(node.shape)
                self._deltas[node] = name, deltas
            elif node.kind == "activation":
                self._add(node, ElementNames("h", (number,), layer if has_many else ""))
            elif node.kind == "input":
                self._add(node, ElementNames("x", (number,), ""))

    def _add_weights(self, structure: NetworkStructure, layers: dict[Node, int], numbers: dict[Node, int]) -> None:
        """Name weights and biases, after a number is given to what weights read and has none."""
        layer_before: dict[Node, int] = {}
        for node, (x, _, _) in structure.weighted_sums.items():
            for source in x:
                layer_before.setdefault(source, layers[node] - 1)
        layers = layer_before | layers
        after: dict[int, int] = {}
        for source in layer_before:
            if source in numbers:
                after[layers[source]] = max(after.get(layers[source], 1), numbers[source] + length(source))
        for source in layer_before:
            if source not in numbers:
                numbers[source] = after.get(layers[source], 1)
                after[layers[source]] = numbers[source] + length(source)
        for node, (x, w, b) in structure.weighted_sums.items():
            layer, number = layers[node], numbers[node]
            to, written = subscript(number), {layer - 1: superscript(layer)}
            for source, weight in zip(x, w, strict=True):
                start, before = numbers[source], layers[source]
                if before not in written:
                    written[before] = superscript(before, layer)
                if weight.shape:
                    self._add(weight, ElementNames("w", (start, number), written[before]))
                elif weight not in self._names:  # spelled out, for there may be very many
                    comma = "," if start > 9 or number > 9 else ""
                    name = f"w{subscript(start)}{comma}{to}{written[before]}"
                    if name not in self._used:
                        self._names[weight] = name
                        self._used.add(name)
            self._add(b, ElementNames("b", (number,), superscript(layer)))

    def _add_own(self, node: Node, name: str, number: str) -> None:
        """Call a node by its own name, with its number where that is, or looks like, a name of the textbook."""
        while name in self._used or TEXTBOOK_NAME.fullmatch(name):
            name += number
        self._used.add(name)
        self._names[node] = name


def length(node: Node) -> int:
    """Return how many neurons or inputs a node stands for: the size of its last axis."""
    return node.shape[-1] if node.shape else 1


def find_outputs_and_targets(structure: NetworkStructure) -> tuple[list[Node], list[Node]]:
    """Return the outputs ŷ and the targets of a network, in the order in which losses read them."""
    nodes = structure.graph.nodes
    compared = dict.fromkeys(parent for node in nodes if node.kind == "loss" for parent in node.parents)
    if compared:
        outputs = [part for node in compared if node.parents and node.kind != "loss" for part in scalars_of(node)]
        return outputs, [node for node in compared if node in structure.targets]
    if not structure.layers:
        return [], []
    read: set[Node] = set()
    for node in reversed(nodes):
        if node.kind == "weighted sum" or node in read:
            read.update(node.parents)
    activations = {parent: node for node in nodes if node.kind == "activation" for parent in node.parents}
    heads = dict.fromkeys(activations.get(unit.output, unit.output) for unit in structure.layers[-1])
    outputs = [node for node in structure.graph.outputs if node in heads or heads.keys() & set(node.parents[:1])]
    return outputs or [*heads], [node for node in structure.graph.inputs if node not in read]


def scalars_of(node: Node) -> tuple[Node, ...]:
    """Return the scalar nodes that an array consists of, or the node itself."""
    is_stack = node.kind == "array" and node.shape == (len(node.parents),)
    return node.parents if is_stack and not any(parent.shape for parent in node.parents) else (node,)


def number_neurons(structure: NetworkStructure, targets: set[Node]) -> tuple[dict[Node, int], dict[Node, int]]:
    """Return the layer of every computed node and input, and the number in its layer of those that have one.

    Inputs are layer 0. A node with one element for each neuron that it is computed from has the numbers of these.
    """
    layers: dict[Node, int] = {}
    numbers: dict[Node, int] = {}
    layer, inputs = 0, 1
    for column in structure.columns:
        nodes = {unit.output: unit.weighted_sum for unit in column}
        layer += any(weighted_sum is not None for weighted_sum in nodes.values())
        neurons = 1
        for node, weighted_sum in nodes.items():
            if weighted_sum is not None:
                layers[weighted_sum] = layers[node] = layer
                numbers[weighted_sum] = numbers[node] = neurons
                neurons += length(weighted_sum)
            elif node.kind == "input" and node not in targets:
                layers[node], numbers[node] = 0, inputs
                inputs += length(node)
            elif node.parents:
                sources = {parent for parent in node.parents if parent in layers}
                layers[node] = max((layers[source] for source in sources), default=0)
                alike = [source for source in sources if source in numbers and source.shape == node.shape]
                if len(alike) == len(sources) == 1:
                    numbers[node] = numbers[alike[0]]
    return layers, numbers
