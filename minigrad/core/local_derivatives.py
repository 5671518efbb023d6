"""Local derivatives ∂child/∂parent: what a δ of one node contributes to each of its parents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from minigrad.core import floats, interpreter
from minigrad.core.batch_axes import has_batch
from minigrad.core.interpreter import Values, stored_value
from minigrad.core.passes import loss_derivative, with_stacks
from minigrad.core.plan import Plan, Stacked, make_plan
from minigrad.ops.base import Op, Value

if TYPE_CHECKING:
    from minigrad.core.node import Node


class ParentEdge(NamedTuple):
    """An edge from a node to one of its parents, by the position of the parent; a repeated one has several edges."""

    child: Node
    position: int

    @property
    def parent(self) -> Node:
        """The node that the child reads."""
        return self.child.parents[self.position]


def contributions(plan: Plan, values: Values, node: Node, delta: Value) -> list[Value]:
    """Return what the δ of a node contributes to each of its parents, repeats apart; 0 where there is no influence.

    NumPy warns of overflow unless the caller has it ignored. With δ = 1 these are the local derivatives ∂node/∂parent.
    """
    assert node.op is not None
    operands = plan.operands.get(node, node.parents)
    x = [values[operand] for operand in operands]
    terms = interpreter.backward_terms(node.op, operands, delta, values[node], x)
    if {*map(type, terms)} == interpreter.FLOAT:  # one for each parent: stacks have rows
        return list(terms)
    parts = by_parent(operands, terms)
    return [
        interpreter.as_float(np.zeros(parent.shape) if part is None else part)
        for part, parent in zip(parts, node.parents, strict=True)
    ]


def float_derivatives(node: Node, values: Values) -> Sequence[float] | None:
    """Return ∂node/∂parent for a plain number made of one or two; None where `contributions` has to be asked."""
    op, y = node.op, values[node]
    if op is None or type(y) is not float:
        return None
    derivatives: Any
    try:
        if op.arity == 2:
            a, b = node.parents
            to_a, to_b = derivatives = op.backward(floats, 1.0, y, values[a], values[b])
            if type(to_a) is type(to_b) is float:
                return derivatives
        elif op.arity == 1:
            (x,) = node.parents
            (to_x,) = derivatives = op.backward(floats, 1.0, y, values[x])
            if type(to_x) is float:
                return derivatives
    except floats.UNREADABLE:
        pass  # NumPy may be able to
    return None


def by_parent(operands: Sequence[Any], terms: Sequence[Any]) -> list[Any]:
    """Return what a rule gives for its operands, stacks taken apart, one for each parent; None for no influence."""
    parts: list[Any] = []
    for operand, term in zip(operands, terms, strict=True):
        if not isinstance(operand, Stacked):
            parts.append(term)
        else:
            parts += [None if term is None else term[..., index] for index in range(len(operand.parents))]
    return parts


def local_derivatives(node: Node, value_of: Callable[[Node], Value] = stored_value) -> list[float | None]:
    """Return ∂node/∂parent for each parent, over a batch its mean; None where a value is unknown, and for arrays.

    `value_of` gives the values, by default those that the last pass left in the nodes.
    """
    values = {vertex: value_of(vertex) for vertex in (node, *node.parents)}
    if node.op is None or any(vertex.shape or value is None for vertex, value in values.items()):
        return [None] * len(node.parents)
    derivatives = float_derivatives(node, values)
    if derivatives is not None:
        return list(derivatives)
    plan = make_plan([node], [node])
    if plan.operands:
        values = with_stacks(plan, values)
    with np.errstate(all="ignore"):
        parts = contributions(plan, values, node, loss_derivative(values[node]))
        return [part if type(part) is float else float(np.sum(part)) for part in parts]


class LocalDerivatives:
    """The local derivatives ∂child/∂parent between scalars, each rule evaluated once, when it is first needed."""

    def __init__(self, plan: Plan, values: Values) -> None:
        self._plan = plan
        self._values = values
        self._numbers = bool(values) and not has_batch(values)
        self._known: dict[Node, Sequence[Value]] = {}

    def of(self, edge: ParentEdge) -> float | None:
        """Return the derivative along an edge; None before a forward pass, and at arrays and batches."""
        return self.along([edge])[0]

    def along(self, edges: Sequence[ParentEdge]) -> tuple[float | None, ...]:
        """Return the derivatives along some edges."""
        if not self._numbers:
            return (None,) * len(edges)
        known, values = self._known, self._values
        derivatives: list[float | None] = []
        with np.errstate(all="ignore"):
            for child, position in edges:
                if child.shape or child.parents[position].shape:
                    derivatives.append(None)
                    continue
                of_parents = known.get(child)
                if of_parents is None:
                    of_parents = float_derivatives(child, values) or contributions(self._plan, values, child, 1.0)
                    known[child] = of_parents
                derivatives.append(of_parents[position])
        return tuple(derivatives)

    def product(self, derivatives: Sequence[float | None], edges: Sequence[ParentEdge], first: Value) -> Value:
        """Return what one path contributes to δ of its start, from δ of the loss: the product of its derivatives.

        Through arrays and batches δ is carried back along the path alone, which is the same product of linear maps.
        """
        known = [derivative for derivative in derivatives if derivative is not None]
        if self._numbers and len(known) == len(edges):
            return prod(known, start=1.0) + 0.0  # a product that is −0 is written 0
        delta = first
        with np.errstate(all="ignore"):
            for edge in reversed(edges):
                delta = contributions(self._plan, self._values, edge.child, delta)[edge.position]
        return delta


def activation_derivative(output: Node, weighted_sum: Node, s: Value, y: Value) -> Value:
    """Return θ′(s) for a value s of a weighted sum and the output y = θ(s); None where θ joins several sums."""
    op = output.op
    if op is None or op.stars or len(op.operands) != 1 or weighted_sum not in output.parents or s is None or y is None:
        return None
    with np.errstate(all="ignore"):
        (derivative,) = op.backward(np, np.ones(np.shape(y)), np.asarray(y), np.asarray(s))
    return derivative


def activation_curve(op: Op, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return θ(s) and θ′(s), which is δ of s for a δ of 1 at θ(s); number by number, to plot any rule."""
    one = np.float64(1.0)
    with np.errstate(all="ignore"):
        y = [op.forward(np, number) for number in s]
        derivatives = [op.backward(np, one, value, number)[0] for value, number in zip(y, s, strict=True)]
    return np.array(y, np.float64), np.array([derivative or 0.0 for derivative in derivatives], np.float64)
