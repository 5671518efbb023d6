"""Local derivatives: what each operand of a node does to it, read from the backward rule with a δ of 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.core import floats, interpreter
from minigrad.core.node import Node
from minigrad.core.plan import grouped
from minigrad.ops.base import Op, Value


def local_derivatives(node: Node) -> list[float | None]:
    """∂node/∂parent for each parent, None where it is not a number: before a pass, or between arrays.

    Over a batch it is the mean.
    """
    op, parents = node.op, node.parents
    values = [parent.value for parent in parents]
    if op is None or node.shape or node.value is None or any(value is None for value in values):
        return [None] * len(parents)
    if any(parent.shape for parent in parents):
        return [None] * len(parents)
    rows = grouped(op, tuple(values)) if op.stars else values
    found: list[float | None] = []
    for row, adjoint in zip(rows, pulled_back(op, node.value, rows), strict=True):
        if isinstance(row, tuple):
            found += [0.0 if adjoint is None else total(adjoint[..., place]) for place in range(len(row))]
        else:
            found.append(0.0 if adjoint is None else total(adjoint))
    return found


def pulled_back(op: Op, y: Value, rows: list[Any]) -> list[Any]:
    """What the backward rule makes of a δ of 1, shared evenly over a batch; a tuple of operands stands for a stack."""
    if op.numeric and type(y) is float:
        try:
            return list(op.backward(floats, 1.0, y, *[np.array(row) if type(row) is tuple else row for row in rows]))
        except floats.UNREADABLE:
            pass  # Python raises where IEEE arithmetic goes on with inf or nan: read the rule with NumPy
    stacked = [np.stack(np.broadcast_arrays(*row), axis=-1) if isinstance(row, tuple) else row for row in rows]
    shapes = [(len(row),) if isinstance(row, tuple) else () for row in rows]
    delta = 1.0 if np.ndim(y) == 0 else np.full(np.shape(y), 1 / np.size(y))
    with np.errstate(all="ignore"):
        return interpreter.apply_backward(np, op, delta, y, stacked, shapes)


def total(adjoint: Value) -> float:
    """The sum over a batch."""
    return adjoint if type(adjoint) is float else float(np.sum(adjoint))


def slopes(output: Node, total_node: Node, place: int | None) -> Any:
    """θ′(s) of a neuron, or of one element of a layer, for every sample; None where θ joins several sums."""
    op, s, y = output.op, total_node.value, output.value
    if op is None or op.stars or len(op.operands) != 1 or s is None or y is None:
        return None
    if place is not None:
        s, y = s[..., place], y[..., place]
    with np.errstate(all="ignore"):
        (slope,) = op.backward(np, np.ones(np.shape(y)), np.asarray(y), np.asarray(s))
    return slope


def mean_slope(output: Node, total_node: Node, place: int | None) -> float | None:
    """The mean θ′(s) over the samples; None where there is none, or not yet."""
    slope = slopes(output, total_node, place)
    return None if slope is None else float(np.mean(slope))
