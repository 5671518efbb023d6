"""The symbols of a graph: one for each node and each δ, with the numbers they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from minigrad.formula import DOTS, Formula, Number, Symbol, substitute, symbol, symbols
from minigrad.graph import Graph
from minigrad.node import Node
from minigrad.ops.op import Value
from minigrad.plan import topological_order


class Letters:
    """Symbols, each made once when it is first asked for, so that a formula and its numbers speak of the same one.

    An unnamed constant is the number itself, an unnamed node its number in the graph, and δ of the loss is 1.
    """

    def __init__(self, graph: Graph, values: Mapping[Any, Value], deltas: Mapping[Any, Value]) -> None:
        self.graph = graph
        self.values = values
        self.deltas = deltas
        self.numbers: dict[Symbol, float] = {}
        self.unnamed: dict[Symbol, Node] = {}
        """The computed nodes without a name, by the symbols that were made for them."""
        self._names: dict[Node, Symbol] = {}
        self._values: dict[Node, Any] = {}
        self._deltas: dict[Node, Formula] = {}

    def name(self, node: Node) -> Symbol:
        """The symbol of a node as a whole."""
        if node not in self._names:
            number = self.graph.position[node]
            self._names[node] = symbol(node.name) if node.name else Symbol(rf"n_{{\#{number}}}", f"#{number}")
            if node.name is None and node.op is not None:
                self.unnamed[self._names[node]] = node
        return self._names[node]

    def value(self, node: Node) -> Any:
        """The symbol that stands for the value of a node, or those of the elements of an array."""
        if node not in self._values:
            self._values[node] = self._made(node)
        return self._values[node]

    def delta(self, node: Node) -> Formula:
        """The symbol that stands for δ of a node."""
        if node is self.graph.outputs[0]:
            return Number(1.0)
        if node not in self._deltas:
            name = self.name(node)
            letter = Symbol(rf"\delta_{{{name.latex}}}", f"δ({name.text})")
            self._deltas[node] = self.meaning(letter, self.deltas.get(node))
        return self._deltas[node]

    def ratio(self, child: Node, parent: Node) -> Symbol:
        """The symbol ∂child/∂parent."""
        above, below = self.name(child), self.name(parent)
        latex = rf"\frac{{\partial {above.latex}}}{{\partial {below.latex}}}"
        return Symbol(latex, f"∂{above.text}/∂{below.text}")

    def meaning(self, letter: Symbol, value: Value) -> Symbol:
        """The symbol, its number remembered where it is one number."""
        if type(value) is float:
            self.numbers[letter] = value
        return letter

    def in_numbers(self, formula: Formula) -> Formula | None:
        """The formula with a number for each of its symbols; None where one has none."""
        letters = {part for part in topological_order([formula]) if isinstance(part, Symbol)} - {DOTS}
        return substitute(formula, self.numbers) if letters and letters <= self.numbers.keys() else None

    def _made(self, node: Node) -> Any:
        value: Any = self.values.get(node)
        if not node.shape:
            bare = node.name is None and node.kind == "constant"
            return Number(node.value) if bare else self.meaning(self.name(node), value)
        elements = symbols(self.name(node).text, node.shape)
        if np.shape(value) == node.shape:
            self.numbers.update(zip(elements.ravel(), np.ravel(value).tolist(), strict=True))
        return elements
