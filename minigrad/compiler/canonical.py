"""The same graph with every chain of additions as one sum, and every sum of products as one weighted sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from minigrad._toposort import topological_order
from minigrad.core.node import Constant, Node
from minigrad.ops.base import Op, Shape
from minigrad.ops.linear import WeightedSum
from minigrad.ops.reduction import Sum
from minigrad.ops.shaping import Stack

WEIGHTED_SUM, SUM, ROW = WeightedSum(), Sum(), Stack()
"""What sums are written with: of products, of terms, and the row that a sum of terms goes over."""


class CanonicalGraph(NamedTuple):
    """Outputs in canonical form, and which node of their graph stands for each node of the original.

    A node inside a chain, which exists no longer, is missing from `stands_for`.
    """

    outputs: tuple[Node, ...]
    stands_for: dict[Node, Node]


def canonicalize(outputs: Sequence[Node]) -> CanonicalGraph:
    """Rewrites `a*b + c*d + … + e` of scalars as a weighted sum Σ wᵢ xᵢ + e, wherever nothing else reads the parts.

    Of the two factors of a product a parameter is the weight; between two others, the second. Leaves stay the same
    objects, but for constants, of which equal ones become one.
    """
    nodes = topological_order(outputs)
    rewriting = Canonicalizer(nodes, outputs)
    for node in nodes:
        rewriting.visit(node)
    return CanonicalGraph(tuple(rewriting.done[output] for output in outputs), rewriting.done)


class Canonicalizer:
    """One pass over a graph, parents first, that makes the canonical node of each node."""

    def __init__(self, nodes: Sequence[Node], outputs: Sequence[Node]) -> None:
        self.readers = Counter(parent for node in nodes for parent in node.parents)
        self.readers.update(outputs)
        self.inside = self.inner_nodes(nodes)
        self.done: dict[Node, Node] = {}
        self.constants: dict[float, Node] = {}

    def inner_nodes(self, nodes: Sequence[Node]) -> set[Node]:
        """Additions and products that only one sum reads, and that become part of it."""
        inside: set[Node] = set()
        for node in nodes:
            if is_sum(node):
                inside.update(
                    parent
                    for parent in node.parents
                    if (is_sum(parent) or is_product(parent)) and self.readers[parent] == 1
                )
        return inside

    def visit(self, node: Node) -> None:
        """Makes the canonical node, unless the node is part of a sum further on."""
        if node.op is None:
            self.done[node] = self.leaf(node)
        elif node not in self.inside:
            made = self.summed(node) if is_sum(node) else self.made(node.op, node.parents, node.name, node.shape)
            self.done[node] = made

    def leaf(self, node: Node) -> Node:
        if node.kind != "constant" or node.shape:
            return node
        return self.constants.setdefault(node.value, node)

    def made(self, op: Op, parents: Sequence[Node], name: str | None = None, shape: Shape = ()) -> Node:
        """A node on the canonical twins of its parents."""
        return Node(op, tuple(self.done[parent] for parent in parents), name, shape, None)

    def summed(self, node: Node) -> Node:
        """The chain of additions that ends in a node, as a sum of terms or a weighted sum."""
        terms, products = [], []
        stack: list[Node] = list(node.parents)[::-1]
        while stack:
            term = stack.pop()
            if term not in self.inside:
                terms.append(self.done[term])
            elif is_sum(term):
                stack += term.parents[::-1]
            else:
                products.append(term)
        terms = [term for term in terms if term is not self.constants.get(0.0)]
        if len(products) < 2:
            terms += [self.made(node_op(product), product.parents) for product in products]
            products = []
        if len(terms) == 2 and not products:
            return Node(node.op, tuple(terms), node.name, (), None)
        rest = self.total(terms)
        if not products:
            return rest
        oriented = [sorted(product.parents, key=weight_last) for product in products]
        x = [self.done[value] for value, _ in oriented]
        w = [self.done[weight] for _, weight in oriented]
        return Node(WEIGHTED_SUM, (*x, *w, rest), node.name, (), None)

    def total(self, terms: list[Node]) -> Node:
        """The sum of some terms."""
        if len(terms) < 2:
            return terms[0] if terms else self.constants.setdefault(0.0, Constant(0.0))
        return Node(SUM, (Node(ROW, tuple(terms), None, (len(terms),), None),), None, (), None)


def node_op(node: Node) -> Op:
    """The op of a computed node."""
    assert node.op is not None
    return node.op


def is_sum(node: Node) -> bool:
    """Whether a node is a scalar sum of its parents."""
    return node.op is not None and node.op.is_sum and not node.shape


def is_product(node: Node) -> bool:
    """Whether a node is a scalar product of its parents."""
    return node.op is not None and node.op.is_product and not node.shape


def weight_last(factor: Node) -> int:
    """Orders the factors of a product so that what is most like a weight comes last."""
    return {"parameter": 2, "input": 0, "constant": 0}.get(factor.kind, 1)
