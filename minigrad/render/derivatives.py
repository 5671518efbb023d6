"""Local derivatives: what each operand of a node does to it, read from the backward rule with a δ of 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import rule, scalars
from minigrad.node import Node
from minigrad.ops.op import Op, Value
from minigrad.plan import grouped


def local_derivatives(node: Node) -> list[float | None]:
    """∂node/∂parent for each parent, None where it is not a number: before a pass, or between arrays.

    Over a batch it is the mean.
    """
    values = [parent.value for parent in node.parents]
    unknown: list[float | None] = [None] * len(values)
    if node.op is None or node.shape or node.value is None or any(value is None for value in values):
        return unknown
    if any(parent.shape for parent in node.parents):
        return unknown
    groups = grouped(node.op, tuple(range(len(values)))) if node.op.stars else list(range(len(values)))
    with np.errstate(all="ignore"):
        adjoints = pulled_back(node.op, node.value, values, groups)
        found = list(unknown)
        for group, adjoint in zip(groups, adjoints, strict=True):
            places = group if isinstance(group, tuple) else (group,)
            for order, place in enumerate(places):
                part = 0.0 if adjoint is None else adjoint[..., order] if isinstance(group, tuple) else adjoint
                found[place] = float(np.sum(part))
    return found


def pulled_back(op: Op, y: Value, values: list[Value], groups: list[Any]) -> list[Any]:
    """What the backward rule makes of a δ of 1, shared evenly over a batch."""
    if op.numeric and all(type(value) is float for value in (y, *values)):
        operands = [
            np.array([values[place] for place in group]) if isinstance(group, tuple) else values[group]
            for group in groups
        ]
        try:
            return list(op.backward(scalars, 1.0, y, *operands))
        except (ArithmeticError, ValueError):
            pass  # Python raises where IEEE arithmetic goes on with inf or nan: read the rule with NumPy
    stacked = [
        stack([values[place] for place in group]) if isinstance(group, tuple) else values[group] for group in groups
    ]
    shapes = [(len(group),) if isinstance(group, tuple) else () for group in groups]
    delta = 1.0 if np.ndim(y) == 0 else np.full(np.shape(y), 1 / np.size(y))
    return rule.backward(np, op, delta, y, stacked, shapes)


def stack(values: list[Value]) -> Any:
    """Values, some of them with a batch axis, as one array with the operands on its last axis."""
    return np.stack(np.broadcast_arrays(*values), axis=-1)
