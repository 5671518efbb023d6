"""Batch axes lined up before a rule of an op is read, and broadcast axes summed away after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minigrad.ops.base import Elementwise, Namespace, Op, Shape, Value

NUMBERS = {float, int, bool}
"""The types of Python's own numbers."""


def has_batch(values: Mapping[Any, Value]) -> bool:
    """Return whether the value of any node carries a batch axis in front of the node's own shape."""
    return any(type(value) is not float and np.ndim(value) > len(node.shape) for node, value in values.items())


def as_numpy(value: Value) -> Value:
    """Return a number of Python as a NumPy scalar, which has a shape and answers inf where Python raises."""
    return np.float64(value) if type(value) in NUMBERS else value


def align_batch_axes(xp: Namespace, op: Op, operands: Sequence[Value], shapes: Sequence[Shape]) -> list[Value]:
    """Put axes of length 1 behind the batch axis of operands of a lower rank, where the op lines up trailing axes."""
    values = list(map(as_numpy, operands))
    if type(op).ranks is Elementwise.ranks and not any(shapes):  # most: nothing to line up
        return values
    ranks = [len(shape) for shape in shapes]
    return [
        value if wanted <= rank or value.ndim == rank else insert_axes(xp, value, wanted - rank)
        for value, rank, wanted in zip(values, ranks, op.ranks(ranks), strict=True)
    ]


def insert_axes(xp: Namespace, value: Value, count: int) -> Value:
    """Insert axes of length 1 behind the first one."""
    batch, *shape = value.shape
    return xp.reshape(value, (batch, *(1,) * count, *shape))


def can_be_summed(term: Value, operand: Value, op: Op, values: Sequence[Value], shapes: Sequence[Shape]) -> bool:
    """Return whether a term has the shape of an operand, but for axes along which the operand was repeated.

    `values` are those of the operands, lined up, and of the result: an operand is repeated along axes of these.
    """
    try:
        sizes, own_sizes = term.shape, operand.shape
    except AttributeError:  # a list
        return False
    if sizes == own_sizes:
        return True
    ranks = op.ranks([len(shape) for shape in shapes])
    is_batch = any(len(value.shape) > rank for value, rank in zip(values, ranks, strict=False))
    new = len(sizes) - len(own_sizes)
    if not len(own_sizes) <= len(sizes) <= max(ranks) + is_batch:
        return False
    repeated = {size for value in values for size in value.shape}
    return all(
        size == own or (own == 1 and size in repeated)
        for size, own in zip(sizes, (1,) * new + tuple(own_sizes), strict=True)
    )


def unbroadcast(xp: Namespace, term: Value, shape: Shape, operand: Value) -> Value:
    """Sum a term over every axis along which the operand, lined up as `shape`, was repeated."""
    if term.shape == operand.shape:
        return term
    new = len(term.shape) - len(shape)
    repeated = tuple(
        axis for axis, size in enumerate(term.shape) if axis < new or (shape[axis - new] == 1 and size != 1)
    )
    return xp.reshape(xp.sum(term, axis=repeated) if repeated else term, operand.shape)
