"""Canonical form of a graph: every chain of additions one sum, every sum of products one weighted sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import isnan
from typing import Any, NamedTuple

from minigrad._toposort import topological_order
from minigrad.compiler.settings import number_key
from minigrad.core.node import Constant, Node, node_of
from minigrad.ops.base import Op, Shape
from minigrad.ops.linear import WeightedSum
from minigrad.ops.reduction import Sum
from minigrad.ops.shaping import Stack

WEIGHTED_SUM, SUM, ROW = WeightedSum(), Sum(), Stack()
"""Ops of the canonical form: a sum of products, a sum of terms, and the row of terms that it sums up."""


class CanonicalGraph(NamedTuple):
    """Outputs in canonical form, and the canonical node of each node of the original.

    A node inside a chain, which has become part of a sum, is missing from `node_map`.
    """

    outputs: tuple[Node, ...]
    node_map: dict[Node, Node]


def canonicalize(
    outputs: Sequence[Node], merge_constants: bool = True, order: Sequence[Node] | None = None
) -> CanonicalGraph:
    """Rewrite `a*b + c*d + … + e` of scalars as a weighted sum Σ wᵢ xᵢ + e, wherever nothing else reads the parts.

    Of the two factors of a product a parameter is the weight; between two others, the second. Leaves stay the same
    objects, but for constants, of which with `merge_constants` equal ones become one. `order` are the nodes in
    topological order, where they have been sorted already.
    """
    nodes = topological_order(outputs) if order is None else order
    canonicalizer = Canonicalizer(nodes, outputs, merge_constants)
    for node in nodes:
        canonicalizer.visit(node)
    node_map = canonicalizer.node_map
    return CanonicalGraph(tuple(node_map[output] for output in outputs), node_map)


class Canonicalizer:
    """The canonical nodes made so far, in one pass over a graph, parents first."""

    def __init__(self, nodes: Sequence[Node], outputs: Sequence[Node], merge_constants: bool) -> None:
        self.merge_constants = merge_constants
        self.reader_counts = Counter(parent for node in nodes for parent in node.parents)
        self.reader_counts.update(outputs)
        self.inside = self.inner_nodes(nodes)
        self.node_map: dict[Node, Node] = {}
        self.constants: dict[Any, Node] = {}

    def inner_nodes(self, nodes: Sequence[Node]) -> set[Node]:
        """Return the additions and products that only one sum reads; they become part of it."""
        inside: set[Node] = set()
        for node in nodes:
            if is_sum(node):
                inside.update(
                    parent
                    for parent in node.parents
                    if (is_sum(parent) or is_product(parent)) and self.reader_counts[parent] == 1
                )
        return inside

    def visit(self, node: Node) -> None:
        """Make the canonical node of a node, unless the node is part of a sum further on."""
        if node.op is None:
            self.node_map[node] = self.leaf(node)
        elif node not in self.inside:
            self.node_map[node] = (
                self.canonical_sum(node) if is_sum(node) else self.rebuild(node.op, node.parents, node.name, node.shape)
            )

    def leaf(self, node: Node) -> Node:
        """Return a leaf itself, or the one constant of its value."""
        if node.kind != "constant" or node.shape or not self.merge_constants:
            return node
        return node if isnan(node.value) else self.constants.setdefault(number_key(node.value), node)

    def rebuild(self, op: Op, parents: Sequence[Node], name: str | None = None, shape: Shape = ()) -> Node:
        """Return a node on the canonical nodes of its parents."""
        return node_of(op, tuple(self.node_map[parent] for parent in parents), name, shape, None)

    def canonical_sum(self, node: Node) -> Node:
        """Return the chain of additions that ends in a node as a sum of terms or a weighted sum."""
        terms, products = [], []
        stack: list[Node] = list(node.parents)[::-1]
        while stack:
            term = stack.pop()
            if term not in self.inside:
                terms.append(self.node_map[term])
            elif is_sum(term):
                stack += term.parents[::-1]
            else:
                products.append(term)
        zeros = [term for term in terms if term is self.constants.get(number_key(0.0))]
        terms = [term for term in terms if term not in zeros]
        if len(products) < 2:
            terms += [self.rebuild(node_op(product), product.parents) for product in products]
            products = []
        if terms and len(terms) <= 2 and not products:
            return self.short_sum(node, [*terms, *zeros[:1]])
        bias = self.sum_of(terms)
        if not products:
            return bias
        oriented = [sorted(product.parents, key=weight_last) for product in products]
        x = [self.node_map[value] for value, _ in oriented]
        w = [self.node_map[weight] for _, weight in oriented]
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


def weight_last(factor: Node) -> int:
    """Rank a factor of a product so that what is most like a weight comes last."""
    return {"parameter": 2, "input": 0, "constant": 0, "mask": 0}.get(factor.kind, 1)
