"""The same graph with every chain of additions as one sum, and every sum of products as one weighted sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from minigrad.node import Constant, Node
from minigrad.ops.arithmetic import Add, Multiply
from minigrad.ops.op import Op, Shape
from minigrad.ops.product import WeightedSum
from minigrad.ops.reduction import Sum
from minigrad.ops.shaping import Stack
from minigrad.plan import topological_order

ADD, MULTIPLY, WEIGHTED_SUM, SUM, STACK = Add(), Multiply(), WeightedSum(), Sum(), Stack()


class Canonical(NamedTuple):
    """Outputs in canonical form, and which node of their graph stands for each node of the original.

    A node inside a chain, which exists no longer, is missing from `stands_for`.
    """

    outputs: tuple[Node, ...]
    stands_for: dict[Node, Node]


def canonicalise(outputs: Sequence[Node]) -> Canonical:
    """Rewrites `a*b + c*d + … + e` of scalars as a weighted sum Σ wᵢ xᵢ + e, wherever nothing else reads the parts.

    Of the two factors of a product a parameter is the weight; between two others, the second. Leaves stay the same
    objects, but for constants, of which equal ones become one.
    """
    nodes = topological_order(outputs)
    rewriting = Rewriting(nodes, outputs)
    for node in nodes:
        rewriting.visit(node)
    return Canonical(tuple(rewriting.done[output] for output in outputs), rewriting.done)


class Rewriting:
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
            if node.op == ADD and not node.shape:
                inside.update(
                    parent for parent in node.parents if parent.op in (ADD, MULTIPLY) and self.readers[parent] == 1
                )
        return inside

    def visit(self, node: Node) -> None:
        """Makes the canonical node, unless the node is part of a sum further on."""
        if node.op is None:
            self.done[node] = self.leaf(node)
        elif node not in self.inside:
            is_sum = node.op == ADD and not node.shape
            self.done[node] = self.summed(node) if is_sum else self.made(node.op, node.parents, node.name, node.shape)

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
            elif term.op == ADD:
                stack += term.parents[::-1]
            else:
                products.append(term.parents)
        terms = [term for term in terms if term is not self.constants.get(0.0)]
        if len(products) < 2:
            terms += [self.made(MULTIPLY, factors) for factors in products]
            products = []
        if len(terms) == 2 and not products:
            return Node(ADD, tuple(terms), node.name, (), None)
        rest = self.total(terms)
        if not products:
            return rest
        oriented = [sorted(factors, key=weight_last) for factors in products]
        x = [self.done[value] for value, _ in oriented]
        w = [self.done[weight] for _, weight in oriented]
        return Node(WEIGHTED_SUM, (*x, *w, rest), node.name, (), None)

    def total(self, terms: list[Node]) -> Node:
        """The sum of some terms."""
        if len(terms) < 2:
            return terms[0] if terms else self.constants.setdefault(0.0, Constant(0.0))
        return Node(SUM, (Node(STACK, tuple(terms), None, (len(terms),), None),), None, (), None)


def weight_last(factor: Node) -> int:
    """Orders the factors of a product so that what is most like a weight comes last."""
    return {"parameter": 2, "input": 0, "constant": 0}.get(factor.kind, 1)
