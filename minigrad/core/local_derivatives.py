"""Local derivatives ∂child/∂parent: what a δ of one node contributes to each of its parents."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from minigrad.core import floats, interpreter
from minigrad.core.interpreter import Values
from minigrad.core.node import Node
from minigrad.core.passes import in_numbers, values_of
from minigrad.core.plan import Plan, Stacked, make_plan
from minigrad.ops.base import Value


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

    With δ = 1 these are the local derivatives ∂node/∂parent.
    """
    op: Any
    op, operands, y = node.op, plan.operands_of(node), values[node]
    x = [values[operand] for operand in operands]
    adjoints = None
    with np.errstate(all="ignore"):
        if op.numeric and type(y) is float and type(delta) is float:
            try:
                adjoints = op.backward(floats, delta, y, *x)
            except floats.UNREADABLE:
                adjoints = None  # Python raises where IEEE arithmetic goes on with inf or nan: read the rule with NumPy
        if adjoints is None:
            adjoints = interpreter.apply_backward(np, op, delta, y, x, [operand.shape for operand in operands])
    parts = by_parent(operands, adjoints)
    return [as_contribution(part, parent) for part, parent in zip(parts, node.parents, strict=True)]


def by_parent(operands: Sequence[Any], adjoints: Sequence[Any]) -> list[Any]:
    """Return the adjoints of operands, those of stacks taken apart, one for each parent; None for no influence."""
    parts: list[Any] = []
    for operand, adjoint in zip(operands, adjoints, strict=True):
        if not isinstance(operand, Stacked):
            parts.append(adjoint)
        else:
            parts += [None if adjoint is None else adjoint[..., index] for index in range(len(operand.parents))]
    return parts


def as_contribution(adjoint: Value, parent: Node) -> Value:
    """Return an adjoint as a float where it is one number, and as 0 where it is None."""
    if adjoint is None:
        return np.zeros(parent.shape) if parent.shape else 0.0
    return adjoint if type(adjoint) is float or np.ndim(adjoint) else float(adjoint)


def local_derivatives(node: Node) -> list[float | None]:
    """Return ∂node/∂parent for each parent, over a batch its mean; None before a pass, and for arrays."""
    vertices = (node, *node.parents)
    if node.op is None or any(vertex.shape or vertex.value is None for vertex in vertices):
        return [None] * len(node.parents)
    plan = make_plan([node], [node])._replace(nodes=list(vertices))
    shape = np.shape(node.value)
    delta = np.full(shape, 1 / prod(shape)) if shape else 1.0
    return [float(np.sum(part)) for part in contributions(plan, values_of(plan), node, delta)]


class LocalDerivatives:
    """The local derivatives ∂child/∂parent between scalars, each rule evaluated once, when it is first needed."""

    def __init__(self, plan: Plan, values: Values) -> None:
        self._plan = plan
        self._values = values
        self._numbers = bool(values) and in_numbers(values)
        self._known: dict[Node, list[Value]] = {}

    def of(self, edge: ParentEdge) -> float | None:
        """Return the derivative along an edge; None before a forward pass, and at arrays and batches."""
        child, position = edge
        if not self._numbers or child.shape or edge.parent.shape:
            return None
        if child not in self._known:
            self._known[child] = contributions(self._plan, self._values, child, 1.0)
        return self._known[child][position]

    def product(self, derivatives: Sequence[float | None], edges: Sequence[ParentEdge], first: Value) -> Value:
        """Return what one path contributes to δ of its start, from δ of the loss: the product of its derivatives.

        Through arrays and batches δ is carried back along the path alone, which is the same product of linear maps.
        """
        known = [derivative for derivative in derivatives if derivative is not None]
        if self._numbers and len(known) == len(edges):
            return prod(known, start=1.0) + 0.0  # a product that is −0 is written 0
        delta = first
        for edge in reversed(edges):
            delta = contributions(self._plan, self._values, edge.child, delta)[edge.position]
        return delta


def activation_derivative(output: Node, weighted_sum: Node, index: int | None) -> Any:
    """Return θ′(s) of a neuron, or of one element of a layer, for every sample; None where θ joins several sums."""
    op, s, y = output.op, weighted_sum.value, output.value
    if op is None or op.stars or len(op.operands) != 1 or s is None or y is None:
        return None
    if index is not None:
        s, y = s[..., index], y[..., index]
    with np.errstate(all="ignore"):
        (derivative,) = op.backward(np, np.ones(np.shape(y)), np.asarray(y), np.asarray(s))
    return derivative


def mean_activation_derivative(output: Node, weighted_sum: Node, index: int | None) -> float | None:
    """Return the mean θ′(s) over the samples; None where there is none, or before a pass."""
    derivative = activation_derivative(output, weighted_sum, index)
    return None if derivative is None else float(np.mean(derivative))
