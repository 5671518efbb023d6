"""Canonical form of a graph: every chain of additions one sum, every sum of products one weighted sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from math import isnan
from typing import Any, NamedTuple

from minigrad._toposort import topological_order
from minigrad.compiler.settings import number_key
from minigrad.core.node import Constant, Node, node_of
from minigrad.ops.base import Op
from minigrad.ops.linear import WeightedSum
from minigrad.ops.reduction import Sum
from minigrad.ops.shaping import Stack

WEIGHTED_SUM, SUM, ROW = WeightedSum(), Sum(), Stack()
"""Ops of the canonical form: a sum of products, a sum of terms, and the row of terms that it sums up."""
WEIGHT_RANKS = {"parameter": 2, "input": 0, "constant": 0, "mask": 0}
"""How much the kinds of leaves are like a weight; a computed node is between an input and a parameter."""


class CanonicalGraph(NamedTuple):
    """Outputs in canonical form, the nodes that they are made of, and the canonical node of each node of the original.

    `nodes` are in topological order. A node inside a chain, which has become part of a sum, is missing from `node_map`.
    """

    outputs: tuple[Node, ...]
    nodes: Sequence[Node]
    node_map: dict[Node, Node]


def canonicalize(
    outputs: Sequence[Node], merge_constants: bool = True, order: Sequence[Node] | None = None
) -> CanonicalGraph:
    """Rewrite `a*b + c*d + … + e` of scalars as a weighted sum Σ wᵢ xᵢ + e, wherever nothing else reads the parts.

    Of the two factors of a product a parameter is the weight; between two others, the second. Nodes of which nothing
    changes stay the same objects; with `merge_constants` equal constants become one. `order` are the nodes in
    topological order, where they have been sorted already.
    """
    nodes = topological_order(outputs) if order is None else order
    canonicalizer = Canonicalizer(nodes, outputs, merge_constants)
    node_map = canonicalizer.node_map
    new_outputs = tuple(map(node_map.__getitem__, outputs))
    if canonicalizer.rewrites_sums:  # whose operands come in another order
        nodes = topological_order(new_outputs)
    elif canonicalizer.changed:
        nodes = list(dict.fromkeys(map(node_map.__getitem__, nodes)))
    return CanonicalGraph(new_outputs, nodes, node_map)


class Canonicalizer:
    """The canonical nodes of a graph, made in one pass over it, parents first."""

    def __init__(self, nodes: Sequence[Node], outputs: Sequence[Node], merge_constants: bool) -> None:
        leaves = [node for node in nodes if node.op is None]
        computed = [node for node in nodes if node.op is not None]
        self.inside = inner_nodes(computed, outputs)
        self.constants: dict[Any, Node] = {}
        numbers = [node for node in leaves if node.kind == "constant" and not node.shape] if merge_constants else []
        merged = {
            node: self.constants.setdefault(number_key(node.value), node) for node in numbers if not isnan(node.value)
        }
        self.node_map: dict[Node, Node] = dict(zip(leaves, leaves, strict=True))
        self.node_map.update(merged)
        self.zero = self.constants.get(number_key(0.0))
        self.rewritten_in_sums = self.inside | {node for node, twin in merged.items() if twin is self.zero}
        self.rewrites_sums = False
        self.changed = self.inside | {node for node, twin in merged.items() if twin is not node}
        """The nodes that others must not read any more."""
        for node in computed:
            if node not in self.inside:
                self.visit(node)

    def visit(self, node: Node) -> None:
        """Make the canonical node of a computed node, which is itself where nothing changes."""
        if is_sum(node) and not self.rewritten_in_sums.isdisjoint(node.parents):
            self.rewrites_sums = True
            self.node_map[node] = self.canonical_sum(node)
        elif self.changed.isdisjoint(node.parents):
            self.node_map[node] = node
            return
        else:
            parents = tuple(map(self.node_map.__getitem__, node.parents))
            self.node_map[node] = node_of(node.op, parents, node.name, node.shape, None)
        self.changed.add(node)

    def canonical_sum(self, node: Node) -> Node:
        """Return the chain of additions that ends in a node as a sum of terms or a weighted sum."""
        terms: list[Node] = []
        products: list[Node] = []
        stack: list[Node] = list(node.parents)[::-1]
        while stack:
            term = stack.pop()
            if term not in self.inside:
                terms.append(self.node_map[term])
            elif is_sum(term):
                stack += term.parents[::-1]
            else:
                products.append(term)
        count = len(terms)
        terms = [term for term in terms if term is not self.zero]
        has_zero = len(terms) < count
        if len(products) < 2:
            terms += [
                node_of(product.op, tuple(map(self.node_map.__getitem__, product.parents)), None, (), None)
                for product in products
            ]
            products = []
        if terms and len(terms) <= 2 and not products:
            return self.short_sum(node, [*terms, self.zero] if has_zero and self.zero is not None else terms)
        bias = self.sum_of(terms)
        if not products:
            return bias
        factors = [weight_last(*product.parents) for product in products]
        x = [self.node_map[value] for value, _ in factors]
        w = [self.node_map[weight] for _, weight in factors]
        return node_of(WEIGHTED_SUM, (*x, *w, bias), node.name, (), None)

    def short_sum(self, node: Node, terms: Sequence[Node]) -> Node:
        """Return the sum of a few terms as one addition after the other, the last of which is the given node."""
        total, *rest = terms
        for left, term in zip(range(len(rest))[::-1], rest, strict=True):
            total = node_of(node.op, (total, term), None if left else node.name, (), None)
        return total

    def sum_of(self, terms: list[Node]) -> Node:
        """Return the sum of some terms."""
        if len(terms) < 2:
            return terms[0] if terms else self.constants.setdefault(0.0, Constant(0.0))
        return node_of(SUM, (node_of(ROW, tuple(terms), None, (len(terms),), None),), None, (), None)


def inner_nodes(computed: Sequence[Node], outputs: Sequence[Node]) -> set[Node]:
    """Return the additions and products that only one sum reads; they become part of it."""
    parts = {
        parent for node in computed if is_sum(node) for parent in node.parents if is_sum(parent) or is_product(parent)
    }
    if not parts:
        return parts
    reader_counts = Counter(chain.from_iterable([node.parents for node in computed]))
    reader_counts.update(outputs)
    return {part for part in parts if reader_counts[part] == 1}


def node_op(node: Node) -> Op:
    """Return the op of a computed node."""
    assert node.op is not None
    return node.op


def is_sum(node: Node) -> bool:
    """Return whether a node is a scalar sum of its parents."""
    return node.op is not None and node.op.is_sum and not node.shape


def is_product(node: Node) -> bool:
    """Return whether a node is a scalar product of its parents."""
    return node.op is not None and node.op.is_product and not node.shape


def weight_last(first: Node, second: Node) -> tuple[Node, Node]:
    """Return the factors of a product so that what is most like a weight comes last, of equals the second."""
    if WEIGHT_RANKS.get(first.kind, 1) > WEIGHT_RANKS.get(second.kind, 1):
        return second, first
    return first, second
