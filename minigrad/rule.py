"""One rule read over values: batch axes lined up before it, broadcast axes summed away after it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minigrad.ops.op import Namespace, Op, Shape, Value


def forward(xp: Namespace, op: Op, operands: Sequence[Value], shapes: Sequence[Shape]) -> Value:
    """The value of one op, y = f(x, …), where any operand may carry a batch axis in front of its shape."""
    return op.forward(xp, *aligned(xp, op, operands, shapes))


def backward(
    xp: Namespace, op: Op, delta: Value, y: Value, operands: Sequence[Value], shapes: Sequence[Shape]
) -> list[Value | None]:
    """δ of each operand of one op, in the operand's own shape."""
    lined_up = aligned(xp, op, operands, shapes)
    adjoints = op.backward(xp, as_array(delta), as_array(y), *lined_up)
    return [
        None if adjoint is None else unbroadcast(xp, as_array(adjoint), line.shape, operand)
        for adjoint, line, operand in zip(adjoints, lined_up, map(as_array, operands), strict=True)
    ]


def as_array(value: Value) -> Value:
    """A Python float as a NumPy scalar, which has a shape and answers inf where Python raises."""
    return np.float64(value) if type(value) is float else value


def aligned(xp: Namespace, op: Op, operands: Sequence[Value], shapes: Sequence[Shape]) -> list[Value]:
    """The operands with axes of length 1 put behind their batch axis where the op lines up trailing axes."""
    values = list(map(as_array, operands))
    own = [len(shape) for shape in shapes]
    return [
        value if wanted <= rank or value.ndim == rank else pad(xp, value, wanted - rank)
        for value, rank, wanted in zip(values, own, op.ranks(own), strict=True)
    ]


def pad(xp: Namespace, value: Value, count: int) -> Value:
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
