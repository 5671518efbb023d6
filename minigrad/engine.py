"""The two passes, pure functions over a plan and values: forward carries values on, backward carries δ back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from minigrad import rule, scalars
from minigrad.ops.op import Namespace, Value
from minigrad.plan import Plan, Stacked

Values = dict[Any, Value]


def evaluate(plan: Plan, leaves: Mapping[Any, Value], xp: Namespace = np, *, numbers: bool = False) -> Values:
    """The forward pass: the value of every node from the values of the leaves.

    With `numbers` every scalar node is a Python float, which is many times faster than a NumPy scalar.
    """
    values = dict(leaves)
    with np.errstate(all="ignore"):
        for node in plan.steps:
            op, operands = node.op, plan.operands.get(node, node.parents)
            if numbers and op.numeric and (not node.shape or isinstance(node, Stacked)):
                try:
                    values[node] = op.forward(scalars, *[values[operand] for operand in operands])
                    continue
                except scalars.UNREADABLE:
                    pass  # Python raises where IEEE arithmetic goes on with inf or nan: read the rule with NumPy
            shapes = [operand.shape for operand in operands]
            value = rule.forward(xp, op, [values[operand] for operand in operands], shapes)
            values[node] = float(value) if numbers and not node.shape else value
    return values


def pull_back(
    plan: Plan, values: Values, seeds: Mapping[Any, Value], xp: Namespace = np, *, numbers: bool = False
) -> Values:
    """The backward pass: δ of every node that the seeded roots depend on, summed over the node's children.

    δ lives in the returned dictionary only, so nothing accumulates from one pass to the next. A node that is missing
    from it has no influence on the roots: its δ is 0.
    """
    deltas = dict(seeds)
    with np.errstate(all="ignore"):
        for node in reversed(plan.steps):
            if node not in deltas:
                continue
            delta, y = deltas[node], values[node]
            op, operands = node.op, plan.operands.get(node, node.parents)
            x = [values[operand] for operand in operands]
            adjoints = None
            if numbers and op.numeric and (not node.shape or isinstance(node, Stacked)):
                try:
                    adjoints = op.backward(scalars, delta, y, *x)
                except scalars.UNREADABLE:
                    adjoints = None
            if adjoints is None:
                adjoints = rule.backward(xp, op, delta, y, x, [operand.shape for operand in operands])
            for operand, adjoint in zip(operands, adjoints, strict=True):
                if adjoint is not None:
                    deltas[operand] = deltas[operand] + adjoint if operand in deltas else adjoint
    return deltas
