"""The derivation of ∂L/∂node in symbols: every local derivative is a formula, read from the backward rule of its op."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from minigrad._format import elide
from minigrad._toposort import topological_order
from minigrad.core import interpreter
from minigrad.core.local_derivatives import ParentEdge, by_parent
from minigrad.core.node import Node
from minigrad.core.plan import Stacked
from minigrad.ops.base import Op, Value
from minigrad.symbolic import (
    DOTS,
    MOST_OPERANDS,
    Formula,
    Number,
    Symbol,
    lift,
    readable,
    substitute,
    symbol,
    symbols,
)

if TYPE_CHECKING:
    from minigrad.explanation.paths import PathGradients, PathGraph


MOST_ELEMENTS = 64
"""Elements of array operands up to which a rule is read element by element; beyond, ∂child/∂parent stays a symbol."""


class Equation(NamedTuple):
    """A symbol and what it equals: a formula in symbols, the same in numbers, and the number that it comes to."""

    left: Symbol
    symbols: Formula
    numbers: Formula | None
    value: Value


class Derivation:
    """Equations of ∂L/∂node for the nodes on the paths, from the rules of their ops, each read once."""

    def __init__(self, gradients: PathGradients, names: str = "own") -> None:
        self.gradients = gradients
        self.path_graph = gradients.path_graph
        self.symbols = SymbolTable(gradients, names)
        self._rules: dict[Node, list[Any] | None] = {}
        self._thetas: dict[Node, Symbol] = {}

    @cached_property
    def _folded(self) -> dict[Node, Node]:
        """The activation of each node that it alone reads."""
        return fold_activations(self.path_graph)

    @cached_property
    def _hidden(self) -> set[Node]:
        """The activations without an equation of their own."""
        return set(self._folded.values())

    @cached_property
    def _activations(self) -> set[Op | None]:
        return {activation.op for activation in self._hidden}

    def derivative(self, edge: ParentEdge) -> Formula:
        """Return ∂child/∂parent by the backward rule; a bare symbol where an array is too large to read."""
        child, parent = edge.child, edge.parent
        if child not in self._rules:
            self._rules[child] = None if child.shape or not self.is_small(child) else self._read_rule(child)
        rule = self._rules[child]
        if rule is None or parent.shape:
            return self.symbols.ratio(child, parent)
        part = rule[edge.position]
        return Number(0.0) if part is None else lift(readable.unwrap(part))

    def without_folded(self, nodes: Sequence[Node]) -> list[Node]:
        """Return the nodes with an equation of ∂L/∂node: not the loss, where it is 1, nor folded activations."""
        hidden, loss = self._hidden, self.path_graph.loss
        return [node for node in nodes if node not in hidden and node is not loss]

    def equations(self, node: Node) -> list[Equation]:
        """Return ∂L/∂node; δ = θ′(s) Σ … of a sum that an activation alone reads, after θ′ itself."""
        if node not in self._folded:
            return [self.delta_equation(node)]
        derivative = self.edge_equation(self.path_graph.edges[node][0])
        return [derivative._replace(left=self.theta(node)), self.delta_equation(node)]

    def delta_equation(self, node: Node) -> Equation:
        """Return ∂L/∂node as Σ over its children of ∂child/∂node · ∂L/∂child; of a weighted sum, that is its δ."""
        activation = self._folded.get(node)
        right = self.sum_over_children(node if activation is None else activation)
        if activation is not None:
            right = self.theta(node) * right
        delta = self.symbols.delta(node)
        left = delta if isinstance(delta, Symbol) else self.symbols.ratio(self.path_graph.loss, node)
        return Equation(left, right, self.symbols.in_numbers(right), self.gradients.deltas.get(node))

    def edge_equation(self, edge: ParentEdge) -> Equation:
        """Return ∂child/∂parent as the rule of the child has it."""
        left, right = self.symbols.ratio(edge.child, edge.parent), self.derivative(edge)
        return Equation(left, right, self.symbols.in_numbers(right), self.gradients.derivatives.of(edge))

    def value_equation(self, node: Node) -> Equation | None:
        """Return a scalar node by its forward rule; None where its operands are too large to read."""
        if node.shape or node.op is None or not self.is_small(node):
            return None
        _, x, shapes = self.operands(node)
        right = lift(interpreter.apply_forward(readable, node.op, x, shapes))
        numbers = self.symbols.in_numbers(right)
        return Equation(self.symbols.name(node), right, numbers, self.gradients.values.get(node))

    def sum_over_children(self, node: Node) -> Formula:
        """Return Σ over the children of a node of ∂child/∂node · ∂L/∂child; 1 for the loss."""
        edges = elide(self.path_graph.edges[node], MOST_OPERANDS)
        terms = [self.derivative(edge) * self.symbols.delta(edge.child) if edge else DOTS for edge in edges]
        return sum(terms[1:], terms[0]) if terms else Number(1.0)

    def theta(self, node: Node) -> Symbol:
        """Return the symbol θ′(s); θ carries the label of the activation where there are several."""
        if node not in self._thetas:
            (edge,) = self.path_graph.edges[node]
            name = self.symbols.name(node)
            label = symbol(edge.child.op.label) if len(self._activations) > 1 and edge.child.op else None
            index, of = (rf"_{{{label.latex}}}", f" {label.text}") if label is not None else ("", "")
            theta = Symbol(rf"\theta'{index}({name.latex})", f"θ′{of}({name.text})")
            self._thetas[node] = self.symbols.define(theta, self.gradients.derivatives.of(edge))
        return self._thetas[node]

    def is_small(self, child: Node) -> bool:
        """Return whether the operands of a node are few enough to read its rule element by element."""
        return sum(prod(parent.shape) for parent in child.parents if parent.shape) <= MOST_ELEMENTS

    def operands(self, node: Node) -> tuple[Sequence[Any], list[Any], list[Any]]:
        """Return the operands of a node, their symbols, those of a stack in an array, and their shapes."""
        operands = self.gradients.graph.plan.operands_of(node)
        value = self.symbols.value
        x = [
            readable.as_formula_array([*map(value, o.parents)]) if isinstance(o, Stacked) else value(o)
            for o in operands
        ]
        return operands, x, [operand.shape for operand in operands]

    def _read_rule(self, child: Node) -> list[Any]:
        assert child.op is not None
        operands, x, shapes = self.operands(child)
        y = self.symbols.value(child)
        return by_parent(operands, interpreter.apply_backward(readable, child.op, Number(1.0), y, x, shapes))


def fold_activations(path_graph: PathGraph) -> dict[Node, Node]:
    """Return the activation of each node that it alone reads; its derivative is worked into that of the node."""
    activations: dict[Node, Node] = {}
    for node, edges in reversed(path_graph.edges.items()):
        if len(edges) == 1:
            ((child, _),) = edges
            is_activation = len(child.parents) == 1 and child.kind == "activation" != node.kind
            if is_activation and not (child.shape or node.shape):
                activations[node] = child
    return activations


class SymbolTable:
    """The symbols of the nodes, each made once, so that a formula and its numbers use the same one.

    An unnamed constant is the number itself, an unnamed node its number in the graph, and ∂L/∂L is 1.
    `names` says whether nodes have their "own" names or those of the "textbook".
    """

    def __init__(self, gradients: PathGradients, names: str = "own") -> None:
        self.gradients = gradients
        self.names = names
        self.graph = gradients.graph
        self.numbers: dict[Symbol, float] = {}
        self.unnamed: dict[Symbol, Node] = {}
        """The computed nodes that are called by their numbers, by their symbols."""
        self._names: dict[Node, Symbol] = {}
        self._values: dict[Node, Any] = {}
        self._deltas: dict[Node, Formula] = {}

    def name(self, node: Node) -> Symbol:
        """Return the symbol of a node."""
        if node not in self._names:
            is_own = self.names == "own"
            text = self.graph.unique_name(node) if is_own else self.graph.textbook_names.name(node)
            number = f"#{self.graph.position[node]}"
            self._names[node] = Symbol(rf"n_{{\{number}}}", number) if text == number else symbol(text)
            if text == number and node.op is not None:
                self.unnamed[self._names[node]] = node
        return self._names[node]

    def title(self, node: Node) -> str:
        """Return the words for a node in a text."""
        return node.title if self.names == "own" else f"{node.kind} {self.name(node).text}"

    def value(self, node: Node) -> Any:
        """Return the symbol that stands for the value of a node, or those of the elements of an array."""
        if node not in self._values:
            value: Any = self.gradients.values.get(node)
            if node.shape:
                elements = self.elements(node)
                if np.shape(value) == node.shape:
                    self.numbers.update(zip(elements.ravel(), np.ravel(value).tolist(), strict=True))
                self._values[node] = elements
            elif node.name is None and node.kind == "constant":
                self._values[node] = Number(node.value)
            else:
                self._values[node] = self.define(self.name(node), value)
        return self._values[node]

    def elements(self, node: Node) -> Any:
        """Return the symbols of the elements of an array."""
        names = None if self.names == "own" else self.graph.textbook_names.elements.get(node)
        if names is None:
            return symbols(self.name(node).text, node.shape)
        elements = np.empty(node.shape, dtype=object)
        for index in np.ndindex(node.shape):
            elements[index] = symbol(names.at(index))
        return readable.as_formula_array(elements)

    def delta(self, node: Node) -> Formula:
        """Return the symbol that stands for δ = ∂L/∂s of a weighted sum, or for ∂L/∂node; 1 for the loss."""
        if node is self.graph.outputs[0]:
            return Number(1.0)
        if node not in self._deltas:
            name = self.name(node)
            if node.kind != "weighted sum":
                delta = self.ratio(self.graph.outputs[0], node)
            elif self.names == "own":
                delta = Symbol(rf"\delta_{{{name.latex}}}", f"δ({name.text})")
            else:
                delta = symbol(self.graph.textbook_names.delta(node))
            self._deltas[node] = self.define(delta, self.gradients.deltas.get(node))
        return self._deltas[node]

    def ratio(self, child: Node, parent: Node) -> Symbol:
        """Return the symbol ∂child/∂parent."""
        above, below = self.name(child), self.name(parent)
        latex = rf"\frac{{\partial {above.latex}}}{{\partial {below.latex}}}"
        return Symbol(latex, f"∂{above.text}/∂{below.text}")

    def define(self, symbol: Symbol, value: Value) -> Symbol:
        """Return the symbol, after its value is remembered where this is one number."""
        if type(value) is float:
            self.numbers[symbol] = value
        return symbol

    def in_numbers(self, formula: Formula) -> Formula | None:
        """Return the formula with a number for each of its symbols; None where one has none."""
        letters = {part for part in topological_order([formula]) if isinstance(part, Symbol)} - {DOTS}
        return substitute(formula, self.numbers) if letters and letters <= self.numbers.keys() else None
