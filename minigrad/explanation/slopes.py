"""The numbers of an explanation: what a δ of one node contributes to each of its parents, one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from minigrad import rule, scalars
from minigrad.engine import Values
from minigrad.explanation.ways import Link, Ways
from minigrad.node import Node
from minigrad.ops.op import Value
from minigrad.plan import Plan, Stacked


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
                adjoints = op.backward(scalars, delta, values[node], *x)
            except scalars.UNREADABLE:
                adjoints = None  # Python raises where IEEE arithmetic goes on with inf or nan: read the rule with NumPy
        if adjoints is None:
            adjoints = rule.backward(np, op, delta, values[node], x, [operand.shape for operand in operands])
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


def local_derivatives(plan: Plan, values: Values, ways: Ways) -> dict[Link, float]:
    """∂child/∂parent of every link between two scalars; links to or from arrays are left out."""
    found: dict[Link, float] = {}
    for child in ways.nodes[1:]:
        if child.shape:
            continue
        slopes = contributions(plan, values, child, 1.0, True)
        for place, (parent, slope) in enumerate(zip(child.parents, slopes, strict=True)):
            if parent in ways.links and not parent.shape:
                found[Link(child, place)] = slope
    return found


def path_product(
    plan: Plan, values: Values, links: Sequence[Link], derivatives: Mapping[Link, float], first: Value, numbers: bool
) -> Value:
    """What one path contributes to δ of its start: the product of its local derivatives, where these are numbers.

    Through arrays and batches δ is carried back along the path alone, which is the same product of linear maps.
    """
    if numbers and all(link in derivatives for link in links):
        return prod((derivatives[link] for link in links), start=1.0)
    delta = first
    for link in reversed(links):
        delta = contributions(plan, values, link.child, delta, numbers)[link.place]
    return delta
