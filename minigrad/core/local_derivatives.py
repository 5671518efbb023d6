"""The numbers of an explanation: what a δ of one node contributes to each of its parents, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from minigrad.core import floats, interpreter
from minigrad.core.interpreter import Values
from minigrad.core.node import Node
from minigrad.core.plan import Plan, Stacked
from minigrad.ops.base import Value


def contributions(plan: Plan, values: Values, node: Node, delta: Value, numbers: bool) -> list[Value]:
    """What the δ of a node gives to each of its parents, repeats apart; 0 where a parent has no influence.

    With δ = 1 these are the local derivatives ∂node/∂parent.
    """
    op: Any
    op, operands = node.op, plan.operands_of(node)
    x = [values[operand] for operand in operands]
    adjoints = None
    with np.errstate(all="ignore"):
        if numbers and op.numeric and not node.shape:
            try:
                adjoints = op.backward(floats, delta, values[node], *x)
            except floats.UNREADABLE:
                adjoints = None  # Python raises where IEEE arithmetic goes on with inf or nan: read the rule with NumPy
        if adjoints is None:
            adjoints = interpreter.apply_backward(
                np, op, delta, values[node], x, [operand.shape for operand in operands]
            )
    return [zeroed(part, parent) for part, parent in zip(by_parent(operands, adjoints), node.parents, strict=True)]


def by_parent(operands: Sequence[Any], adjoints: Sequence[Any]) -> list[Any]:
    """The adjoints with those of stacks taken apart, one for each parent; None where there is no influence."""
    parts: list[Any] = []
    for operand, adjoint in zip(operands, adjoints, strict=True):
        if not isinstance(operand, Stacked):
            parts.append(adjoint)
        elif adjoint is None:
            parts += [None] * len(operand.parents)
        else:
            parts += [adjoint[..., place] for place in range(len(operand.parents))]
    return parts


def zeroed(part: Value, parent: Node) -> Value:
    """A contribution as a float where it is one number, and as 0 where there is none."""
    if part is None:
        return np.zeros(parent.shape) if parent.shape else 0.0
    return part if type(part) is float or np.ndim(part) else float(part)


class Slopes:
    """The local derivatives ∂child/∂parent between scalars; each rule is read once, when it is first asked for."""

    def __init__(self, plan: Plan, values: Values) -> None:
        self._plan = plan
        self._values = values
        self._numbers = bool(values) and not interpreter.has_batch(values)
        self._found: dict[Node, list[Value]] = {}

    def of(self, link: Link) -> float | None:
        """The derivative along a link; None before a forward pass, and at arrays and batches."""
        child, place = link
        if not self._numbers or child.shape or child.parents[place].shape:
            return None
        if child not in self._found:
            self._found[child] = contributions(self._plan, self._values, child, 1.0, True)
        return self._found[child][place]

    def product(self, derivatives: Sequence[float | None], links: Sequence[Link], first: Value) -> Value:
        """What one path contributes to δ of its start: the product of its local derivatives, where these are numbers.

        Through arrays and batches δ is carried back along the path alone, which is the same product of linear maps.
        """
        known = [derivative for derivative in derivatives if derivative is not None]
        if self._numbers and len(known) == len(links):
            return prod(known, start=1.0) + 0.0  # a product that is −0 is written 0
        delta = first
        for link in reversed(links):
            delta = contributions(self._plan, self._values, link.child, delta, self._numbers)[link.place]
        return delta


class Link(NamedTuple):
    """One reading of a parent by a child: the place it has among the child's parents. A repeat is a link of its own."""

    child: Node
    place: int

    @property
    def parent(self) -> Node:
        """The node that is read."""
        return self.child.parents[self.place]
