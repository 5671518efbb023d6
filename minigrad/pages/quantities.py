"""The numbers of a pass as symbols that formulas are made of, each with the key that pages call it by.

An element is called by the position of its node in the graph, "12", with its own in an array, "12.3". The key
"value:12" means its value, "delta:12" ∂L/∂node, "slope:13:12" the derivative of one node by another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from math import prod
from typing import Any, NamedTuple

import numpy as np

from minigrad._format import elide
from minigrad.core import interpreter
from minigrad.core.local_derivatives import by_parent
from minigrad.core.node import Node
from minigrad.core.plan import Stacked
from minigrad.drawing.settings import flat_key
from minigrad.drawing.textbook.formulas import UNREADABLE
from minigrad.explanation.derivation import MOST_ELEMENTS
from minigrad.graph import Graph
from minigrad.ops.base import Elementwise
from minigrad.structure import NetworkStructure, multiplied_elements, weighted_sum_operands
from minigrad.symbolic import DOTS, MOST_OPERANDS, Formula, Number, Symbol, lift, readable
from minigrad.symbolic.expression import is_constant
from minigrad.symbolic.namespace import as_formula_array, unwrap


class FlatElement(NamedTuple):
    """Number of a graph: a node, and which of its elements, counted flat."""

    node: Node
    offset: int = 0


class Quantities:
    """Values and derivatives of a graph with one loss as symbols, and the formulas that its ops make of them."""

    def __init__(self, structure: NetworkStructure) -> None:
        self.structure = structure
        self.graph: Graph = structure.graph
        self.loss = self.graph.outputs[0]
        self._symbols: dict[str, Symbol] = {}
        self._values: dict[Node, list[Formula] | None] = {}
        self._products: dict[FlatElement, list[tuple[FlatElement, FlatElement]]] = {}
        self._terms = self._derivative_terms()
        self.sums = {*structure.weighted_sums}
        self.readers: defaultdict[Node, list[Node]] = defaultdict(list)
        """The nodes that read each node."""
        for node in self.graph.nodes:
            for parent in dict.fromkeys(node.parents):
                self.readers[parent].append(node)

    @cached_property
    def behind_loss(self) -> set[Node]:
        """Return losses and what is computed from them; the root where nothing is a loss, unless that is a neuron."""
        behind: set[Node] = set()
        for node in self.graph.nodes:
            if node.kind == "loss" or not behind.isdisjoint(node.parents):
                behind.add(node)
        is_neuron = any(self.loss in unit[:2] for layer in self.structure.layers for unit in layer)
        return behind if behind or is_neuron else {self.loss}

    def element_key(self, item: FlatElement) -> str:
        """Return what a number is called in the keys of its quantities."""
        return flat_key(self.graph.position[item.node], item.offset if item.node.shape else None)

    def key(self, kind: str, *items: FlatElement) -> str:
        """Return the key of a quantity."""
        return ":".join([kind, *map(self.element_key, items)])

    def symbol(self, key: str) -> Symbol:
        """Return the symbol that stands for a quantity."""
        return self._symbols.setdefault(key, Symbol("", key))

    def value(self, item: FlatElement) -> Formula:
        """Return the symbol of a value; an unnamed constant is the number itself."""
        if item.node.kind == "constant" and item.node.name is None:
            return Number(float(np.ravel(item.node.value)[item.offset]))
        return self.symbol(self.key("value", item))

    def delta(self, item: FlatElement) -> Formula:
        """Return the symbol of ∂L/∂item; 1 for the loss."""
        return Number(1.0) if item.node is self.loss else self.symbol(self.key("delta", item))

    def value_formula(self, item: FlatElement) -> Formula | None:
        """Return a computed value in terms of those that its op reads; None where that is too large to read."""
        node = item.node
        if self.is_plain_sum(node):
            return self._weighted_sum(item)
        if node not in self._values:
            self._values[node] = self._read_forward(node)
        formulas = self._values[node]
        return None if formulas is None else formulas[item.offset]

    def delta_formula(self, item: FlatElement) -> Formula | None:
        """Return ∂L/∂item as the sum of what its readers send back; None where a rule is too large to read."""
        terms = self._terms.get(item.node)
        if terms is None:
            return None
        own = terms[item.offset]
        if not own:  # the loss, or what it does not depend on
            return Number(1.0 if item.node is self.loss else 0.0)
        first, *rest = [DOTS if term is None else term for term in elide(own, MOST_OPERANDS)]
        return sum(rest, first)

    def slope_formula(self, output: FlatElement) -> Formula | None:
        """Return the derivative of an elementwise op of one operand."""
        op, (operand,) = output.node.op, output.node.parents
        assert op is not None
        y, x = self.value(output), self.value(FlatElement(operand, output.offset))
        try:
            (derivative,) = interpreter.apply_backward(readable, op, Number(1.0), y, [x], [()])
        except UNREADABLE:
            return None
        return Number(0.0) if derivative is None else lift(unwrap(derivative))

    def copied(self, node: Node) -> list[tuple[FlatElement, FlatElement]]:
        """Return the elements of a node that only picks or lines up numbers, each after the number that it is."""
        if node.op is None or node.kind == "activation":
            return []
        if node.op.element is not None and not node.shape:
            return [(FlatElement(node.parents[0], node.op.element), FlatElement(node))]
        if node.op.is_row and not any(parent.shape for parent in node.parents):
            return [(FlatElement(parent), FlatElement(node, index)) for index, parent in enumerate(node.parents)]
        return []

    def products(self, item: FlatElement) -> list[tuple[FlatElement, FlatElement]]:
        """Return the pairs x, w whose products a weighted sum adds up."""
        if item not in self._products:
            pairs = multiplied_elements(item.node, item.offset if item.node.shape else None)
            self._products[item] = [(FlatElement(x.node, x.offset), FlatElement(w.node, w.offset)) for x, w in pairs]
        return self._products[item]

    def bias(self, item: FlatElement) -> FlatElement:
        """Return what a weighted sum adds to its products."""
        b = weighted_sum_operands(item.node).b
        return FlatElement(b, item.offset if b.shape else 0)

    def is_plain_sum(self, node: Node) -> bool:
        """Return whether a node is a weighted sum, or a row of them, of one sample."""
        if node.kind != "weighted sum" or node.ndim > 1:
            return False
        operands = weighted_sum_operands(node)
        return all(part.ndim <= 1 for part in (*operands.x, operands.b)) and all(w.ndim <= 2 for w in operands.w)

    def _weighted_sum(self, item: FlatElement) -> Formula:
        pairs = elide(self.products(item), MOST_OPERANDS - 1)
        first, *rest = [DOTS if pair is None else self.value(pair[1]) * self.value(pair[0]) for pair in pairs]
        return sum([*rest, self.value(self.bias(item))], first)

    def _operands(self, node: Node) -> tuple[Sequence[Any], list[Any]]:
        """Return the operands of a node and their symbols, those of arrays and stacks in arrays."""
        operands = self.graph.plan.operands_of(node)
        return operands, [self._array(operand) for operand in operands]

    def _array(self, operand: Any) -> Any:
        if isinstance(operand, Stacked):
            return as_formula_array([self.value(FlatElement(parent)) for parent in operand.parents])
        if not operand.shape:
            return self.value(FlatElement(operand))
        items = [self.value(FlatElement(operand, index)) for index in range(prod(operand.shape))]
        return as_formula_array(items).reshape(operand.shape)

    def is_readable(self, node: Node) -> bool:
        """Return whether a computed node is small enough to read its rules element by element."""
        return isinstance(node.op, Elementwise) or sum(prod(parent.shape) for parent in node.parents) <= MOST_ELEMENTS

    def _read_forward(self, node: Node) -> list[Formula] | None:
        assert node.op is not None
        if not self.is_readable(node):
            return None
        operands, x = self._operands(node)
        try:
            value = interpreter.apply_forward(readable, node.op, x, [operand.shape for operand in operands])
            return [lift(formula) for formula in np.ravel(as_formula_array(value))]
        except UNREADABLE:
            return None

    def _derivative_terms(self) -> dict[Node, list[list[Formula]] | None]:
        """Return for each element of each node what its readers send back; None where one of them cannot be read."""
        terms: dict[Node, list[list[Formula]] | None] = {
            node: [[] for _ in range(prod(node.shape))] for node in self.graph.nodes
        }
        for node in self.graph.nodes:
            if node.op is None:
                continue
            for parent, contributions in self._contributions(node):
                own = terms[parent]
                if contributions is None:
                    terms[parent] = None
                elif own is not None:
                    for index, term in contributions:
                        if not is_constant(term, 0.0):
                            own[index].append(term)
        return terms

    def _contributions(self, node: Node) -> list[tuple[Node, list[tuple[int, Formula]] | None]]:
        """Return what a node sends back to its parents: of each the elements that it reaches, with a formula each."""
        if self.is_plain_sum(node):
            return [
                (target.node, [(target.offset, term)])
                for index in range(prod(node.shape))
                for target, term in self._sum_terms(FlatElement(node, index))
            ]
        adjoints = self._read_backward(node)
        if adjoints is None:
            return [(parent, None) for parent in node.parents]
        return [
            (parent, [(index, lift(term)) for index, term in enumerate(np.ravel(as_formula_array(part)))])
            for parent, part in zip(node.parents, adjoints, strict=True)
            if part is not None
        ]

    def _sum_terms(self, item: FlatElement) -> list[tuple[FlatElement, Formula]]:
        delta = self.delta(item)
        terms = [(self.bias(item), delta)]
        for x, w in self.products(item):
            terms += [(w, self.value(x) * delta), (x, self.value(w) * delta)]
        return terms

    def _read_backward(self, node: Node) -> list[Any] | None:
        assert node.op is not None
        if not self.is_readable(node):
            return None
        operands, x = self._operands(node)
        y: Any = [self.value(FlatElement(node, index)) for index in range(prod(node.shape))]
        delta: Any = [self.delta(FlatElement(node, index)) for index in range(prod(node.shape))]
        y, delta = (as_formula_array(part).reshape(node.shape) if node.shape else part[0] for part in (y, delta))
        try:
            parts = interpreter.apply_backward(readable, node.op, delta, y, x, [operand.shape for operand in operands])
        except UNREADABLE:
            return None
        return by_parent(operands, parts)
