"""The two passes, pure functions over a plan and values: forward carries values on, backward carries δ back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from minigrad.core import floats
from minigrad.core.plan import Plan, Stacked
from minigrad.ops.base import Namespace, Op, Shape, Value

Values = dict[Any, Value]


def run_forward(plan: Plan, leaves: Mapping[Any, Value], xp: Namespace = np, *, numbers: bool = False) -> Values:
    """The forward pass: the value of every node from the values of the leaves.

    With `numbers` every scalar node is a Python float, which is many times faster than a NumPy scalar.
    """
    values = dict(leaves)
    with np.errstate(all="ignore"):
        for node in plan.steps:
            op = node.op
            if numbers and op.arity and (value := number_of(op, node.parents, values.__getitem__)) is not None:
                values[node] = value
                continue
            operands = plan.operands.get(node, node.parents)
            if numbers and op.numeric and (not node.shape or isinstance(node, Stacked)):
                try:
                    values[node] = op.forward(floats, *[values[operand] for operand in operands])
                    continue
                except floats.UNREADABLE:
                    pass  # Python raises where IEEE arithmetic goes on with inf or nan: read the rule with NumPy
            shapes = [operand.shape for operand in operands]
            value = apply_forward(xp, op, [values[operand] for operand in operands], shapes)
            values[node] = float(value) if numbers and not node.shape else value
    return values


def run_backward(
    plan: Plan, values: Values, seeds: Mapping[Any, Value], xp: Namespace = np, *, numbers: bool = False
) -> Values:
    """The backward pass: δ of every node that the seeded roots depend on, summed over the node's children.

    δ lives in the returned dictionary only, so nothing accumulates from one pass to the next. A node that is missing
    from it has no influence on the roots: its δ is 0.
    """
    deltas = dict(seeds)
    with np.errstate(all="ignore"):
        steps = reversed(plan.steps)
        for node in left_over(steps, deltas, values.__getitem__) if numbers else steps:
            if node not in deltas:
                continue
            delta, y = deltas[node], values[node]
            op, operands = node.op, plan.operands.get(node, node.parents)
            x = [values[operand] for operand in operands]
            adjoints = None
            if numbers and op.numeric and (not node.shape or isinstance(node, Stacked)):
                try:
                    adjoints = op.backward(floats, delta, y, *x)
                except floats.UNREADABLE:
                    adjoints = None
            if adjoints is None:
                adjoints = apply_backward(xp, op, delta, y, x, [operand.shape for operand in operands])
            for operand, adjoint in zip(operands, adjoints, strict=True):
                if adjoint is not None:
                    deltas[operand] = deltas[operand] + adjoint if operand in deltas else adjoint
    return deltas


# Rules of one number or two are spelled out below: a call with a star would take longer than most of them.


def number_of(op: Op, operands: Sequence[Any], value_of: Callable[[Any], Value]) -> Value:
    """The value of an op whose operands are plain numbers; None where one is not, or where Python raises."""
    try:
        if len(operands) == 2:
            first, second = operands
            a, b = value_of(first), value_of(second)
            if type(a) is float and type(b) is float:
                return op.forward(floats, a, b)
        elif len(operands) == 1:
            (only,) = operands
            x = value_of(only)
            if type(x) is float:
                return op.forward(floats, x)
        else:
            row = [value_of(operand) for operand in operands]
            if {*map(type, row)} == {float}:
                return op.forward(floats, *row)
    except floats.UNREADABLE:
        pass
    return None


def left_over(nodes: Iterable[Any], deltas: Values, value_of: Callable[[Any], Value]) -> Iterator[Any]:
    """Carries δ on from nodes, children first, that are made of one or two numbers; yields those that are left to do.

    Each is yielded before the next is looked at, so that δ of all its children is known and its own can be carried on.
    """
    for node in nodes:
        op, y = node.op, value_of(node)
        if type(y) is float:
            if op is None or node not in deltas:
                continue
            try:
                if op.arity == 2:
                    first, second = node.parents
                    to_first, to_second = op.backward(floats, deltas[node], y, value_of(first), value_of(second))
                    add_delta(deltas, first, to_first)
                    add_delta(deltas, second, to_second)
                    continue
                if op.arity == 1:
                    (only,) = node.parents
                    (to_only,) = op.backward(floats, deltas[node], y, value_of(only))
                    add_delta(deltas, only, to_only)
                    continue
            except floats.UNREADABLE:
                pass
        yield node


def add_delta(deltas: Values, operand: Any, adjoint: Value) -> None:
    """Adds to δ of an operand what one of its children contributes; None is no influence."""
    if adjoint is not None:
        deltas[operand] = deltas[operand] + adjoint if operand in deltas else adjoint


def apply_forward(xp: Namespace, op: Op, operands: Sequence[Value], shapes: Sequence[Shape]) -> Value:
    """The value of one op, y = f(x, …), where any operand may carry a batch axis in front of its shape."""
    return op.forward(xp, *align_batch_axes(xp, op, operands, shapes))


def apply_backward(
    xp: Namespace, op: Op, delta: Value, y: Value, operands: Sequence[Value], shapes: Sequence[Shape]
) -> list[Value | None]:
    """δ of each operand of one op, in the operand's own shape."""
    lined_up = align_batch_axes(xp, op, operands, shapes)
    adjoints = op.backward(xp, as_numpy(delta), as_numpy(y), *lined_up)
    return [
        None if adjoint is None else unbroadcast(xp, as_numpy(adjoint), line.shape, operand)
        for adjoint, line, operand in zip(adjoints, lined_up, map(as_numpy, operands), strict=True)
    ]


def as_numpy(value: Value) -> Value:
    """A Python float as a NumPy scalar, which has a shape and answers inf where Python raises."""
    return np.float64(value) if type(value) is float else value


def align_batch_axes(xp: Namespace, op: Op, operands: Sequence[Value], shapes: Sequence[Shape]) -> list[Value]:
    """The operands with axes of length 1 put behind their batch axis where the op lines up trailing axes."""
    values = list(map(as_numpy, operands))
    own = [len(shape) for shape in shapes]
    return [
        value if wanted <= rank or value.ndim == rank else pad_axes(xp, value, wanted - rank)
        for value, rank, wanted in zip(values, own, op.ranks(own), strict=True)
    ]


def pad_axes(xp: Namespace, value: Value, count: int) -> Value:
    batch, *own = value.shape
    return xp.reshape(value, (batch, *(1,) * count, *own))


def unbroadcast(xp: Namespace, adjoint: Value, shape: Shape, operand: Value) -> Value:
    """Sums an adjoint over every axis along which the operand, lined up as `shape`, was repeated."""
    if adjoint.shape == operand.shape:
        return adjoint
    new = len(adjoint.shape) - len(shape)
    repeated = tuple(
        axis for axis, size in enumerate(adjoint.shape) if axis < new or (shape[axis - new] == 1 and size != 1)
    )
    return xp.reshape(xp.sum(adjoint, axis=repeated) if repeated else adjoint, operand.shape)
