"""The derivation of δ in symbols: every local derivative is a formula, read off the backward rule of its op."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from minigrad._toposort import topological_order
from minigrad.core import interpreter
from minigrad.core.local_derivatives import Link, Slopes, by_parent
from minigrad.core.node import Node
from minigrad.core.plan import Plan, Stacked
from minigrad.explanation.paths import Ways
from minigrad.graph import Graph
from minigrad.ops.base import Value
from minigrad.symbolic import (
    DOTS,
    MOST_OPERANDS,
    Formula,
    Number,
    Symbol,
    lift,
    namespace,
    plain,
    substitute,
    symbol,
    symbols,
)

MOST_ELEMENTS = 64
"""Elements of array operands up to which a rule is read element by element; beyond, ∂child/∂parent stays a symbol."""


class Equation(NamedTuple):
    """A symbol and what it equals: a formula in symbols, the same in numbers, and the number that it comes to."""

    left: Symbol
    symbols: Formula
    numbers: Formula | None
    value: Value


class Derivation:
    """Reads the rules along some ways, each once, and writes δ of their nodes as equations."""

    def __init__(self, ways: Ways, plan: Plan, letters: Letters, slopes: Slopes) -> None:
        self.ways = ways
        self.plan = plan
        self.letters = letters
        self.slopes = slopes
        self._rules: dict[Node, list[Any]] = {}
        self._formulas: dict[Link, Formula] = {}
        self._thetas: dict[Node, Symbol] = {}
        self._folded = folded(ways)
        self._hidden = set(self._folded.values())
        self._activations = {activation.op for activation in self._hidden}

    def slope(self, link: Link) -> Formula:
        """∂child/∂parent by the backward rule, read with δ = 1; a bare symbol where an array is too large to read."""
        if link not in self._formulas:
            self._formulas[link] = self._read(link)
        return self._formulas[link]

    def heads(self, nodes: Sequence[Node]) -> list[Node]:
        """The nodes whose δ is written out; that of the loss is 1, that of an activation is worked into another."""
        return [node for node in nodes if node not in self._hidden and node is not self.ways.loss]

    def equations(self, node: Node) -> list[Equation]:
        """δ of a node; δ = θ′(s) Σ … of one that an activation alone reads, after θ′ itself."""
        if node not in self._folded:
            return [self.of_delta(node)]
        slope = self.of_link(self.ways.links[node][0])
        return [slope._replace(left=self.theta(node)), self.of_delta(node)]

    def of_delta(self, node: Node) -> Equation:
        """δ of a node, Σ over its children of ∂child/∂node · δ of the child; of a parameter, ∂L/∂w."""
        activation = self._folded.get(node)
        right = self.total(node) if activation is None else self.theta(node) * self.total(activation)
        delta = self.letters.delta(node)
        if isinstance(delta, Number) or (node is self.ways.start and node.kind == "parameter"):
            delta = self.letters.ratio(self.ways.loss, node)
        assert isinstance(delta, Symbol)
        return Equation(delta, right, self.letters.in_numbers(right), self.letters.deltas.get(node))

    def of_link(self, link: Link) -> Equation:
        """∂child/∂parent, as the rule of the child has it."""
        left, right = self.letters.ratio(link.child, link.parent), self.slope(link)
        return Equation(left, right, self.letters.in_numbers(right), self.slopes.of(link))

    def of_value(self, node: Node) -> Equation | None:
        """A scalar node by its forward rule; None where its operands are too large to read."""
        if node.shape or node.op is None or not self.readable(node):
            return None
        operands = self.plan.operands_of(node)
        shapes = [operand.shape for operand in operands]
        right = plain(lift(interpreter.apply_forward(namespace, node.op, self.operands(operands), shapes)))
        return Equation(self.letters.name(node), right, self.letters.in_numbers(right), self.letters.values.get(node))

    def total(self, node: Node) -> Formula:
        """Σ over the children of a node of ∂child/∂node · δ of the child; 1 for the loss."""
        links = self.ways.links[node]
        few = links if len(links) <= MOST_OPERANDS else [*links[: MOST_OPERANDS - 2], None, links[-1]]
        terms = [self.slope(link) * self.letters.delta(link.child) if link else DOTS for link in few]
        return sum(terms[1:], terms[0]) if terms else Number(1.0)

    def theta(self, node: Node) -> Symbol:
        """The symbol θ′(s); θ carries the label of the activation where there are several."""
        if node not in self._thetas:
            (link,) = self.ways.links[node]
            name = self.letters.name(node)
            label = symbol(link.child.op.label) if len(self._activations) > 1 and link.child.op else None
            index, of = (rf"_{{{label.latex}}}", f" {label.text}") if label is not None else ("", "")
            letter = Symbol(rf"\theta'{index}({name.latex})", f"θ′{of}({name.text})")
            self._thetas[node] = self.letters.meaning(letter, self.slopes.of(link))
        return self._thetas[node]

    def readable(self, child: Node) -> bool:
        """Whether the operands of a node are few enough to read its rule element by element."""
        return sum(prod(parent.shape) for parent in child.parents if parent.shape) <= MOST_ELEMENTS

    def operands(self, operands: Sequence[Any]) -> list[Any]:
        """The symbols of some operands, those of a stack in a row."""
        return [
            namespace.row([self.letters.value(parent) for parent in operand.parents])
            if isinstance(operand, Stacked)
            else self.letters.value(operand)
            for operand in operands
        ]

    def _read(self, link: Link) -> Formula:
        child, parent = link.child, link.parent
        if child.shape or parent.shape or not self.readable(child):
            return self.letters.ratio(child, parent)
        if child.op is not None and child not in self._rules:
            operands = self.plan.operands_of(child)
            y, x = self.letters.value(child), self.operands(operands)
            shapes = [operand.shape for operand in operands]
            self._rules[child] = by_parent(
                operands, interpreter.apply_backward(namespace, child.op, Number(1.0), y, x, shapes)
            )
        part = self._rules[child][link.place]
        return Number(0.0) if part is None else plain(lift(namespace.unwrapped(part)))


def folded(ways: Ways) -> dict[Node, Node]:
    """The activation that is worked into the δ of the node before it, for each node that an activation alone reads."""
    found: dict[Node, Node] = {}
    for node in reversed(ways.nodes):
        children = [link.child for link in ways.links[node]]
        if len(children) == 1 and is_activation_of(children[0], node):
            found[node] = children[0]
    return found


def is_activation_of(child: Node, node: Node) -> bool:
    """Whether a node is θ(s) of one scalar s that is no activation itself."""
    scalars = not child.shape and not node.shape
    return scalars and child.kind == "activation" != node.kind and child.parents == (node,)


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
