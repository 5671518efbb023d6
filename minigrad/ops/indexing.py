"""Indexing as in NumPy, with a backward rule of gathers alone, so that it works in every array namespace."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from minigrad._format import describe_value
from minigrad._validation import shape_of
from minigrad.errors import PositionError, ShapeError
from minigrad.ops.base import N, Operand, Sample, Shape
from minigrad.ops.shaping import ArrayOp, leading_shape, one_axis

READS_PER_ROW = 4
"""How many δ of one element are summed in one round of the backward rule."""


@dataclass(frozen=True)
class Take(ArrayOp):
    """Elements by their flat positions, yᵢ = x at positionsᵢ; δ of an element is the sum over all that read it."""

    positions: tuple[int, ...] = (0,)
    target: Shape = ()
    source: Shape = (1,)

    label = "take"

    def shape(self, *shapes):
        if shapes != (self.source,):
            raise ValueError(f"it selects from the shape {self.source}")
        return super().shape(*shapes)

    def forward(self, xp, x):
        batch = leading_shape(x, len(self.source))
        flat = xp.reshape(x, (*batch, -1))
        return xp.reshape(xp.take(flat, self.indices, axis=-1), batch + self.target)

    def backward(self, xp, delta, y, x):
        batch = leading_shape(delta, len(self.target))
        items = xp.reshape(delta, (*batch, len(self.positions)))
        for table, mask in self.rounds:
            rows = xp.reshape(xp.take(items, table.reshape(-1), axis=-1), batch + table.shape)
            items = xp.sum(xp.where(mask, rows, 0.0), axis=-1)
        return (xp.reshape(items, batch + self.source),)

    @property
    def element(self):
        return None if self.target else self.positions[0]

    @cached_property
    def indices(self) -> np.ndarray:
        """Return the positions as an array."""
        return np.array(self.positions, dtype=np.intp)

    @cached_property
    def rounds(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return tables of items, at most READS_PER_ROW to a row, that sum all items of one element in a few rounds.

        The cost of each round is linear in its items, however unevenly they are spread over the elements.
        """
        element_of, rounds = self.indices, []
        while np.bincount(element_of).max() > READS_PER_ROW:
            table, mask, element_of = gather_table(element_of, np.unique(element_of), READS_PER_ROW)
            rounds.append((table, mask))
        elements = np.arange(prod(self.source))
        table, mask, _ = gather_table(element_of, elements, int(np.bincount(element_of).max()))
        return [*rounds, (table, mask)]

    @classmethod
    def samples(cls):
        return (
            Sample(cls((0,), (), (1,)), ((1,),)),
            Sample(cls((1, 1, 2), (3,), (4,)), ((4,),)),
            Sample(cls((5, 0, 5, 5), (2, 2), (2, 3)), ((2, 3),)),
            Sample(cls((0, 1, *[2] * 38), (40,), (3,)), ((3,),)),
        )


def gather_table(element_of: np.ndarray, elements: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows of at most `width` items of one element: a table of item numbers, its mask, the element of each row.

    `element_of` tells the element of each item. An element without items has one row, with nothing in its mask.
    """
    order = np.argsort(element_of, kind="stable")
    counts = np.bincount(element_of, minlength=int(elements.max()) + 1)[elements]
    row_counts = np.maximum(-(-counts // width), 1)
    row_element = np.repeat(elements, row_counts)
    row_in_element = np.arange(len(row_element)) - np.repeat(np.cumsum(row_counts) - row_counts, row_counts)
    offset = row_in_element[:, None] * width + np.arange(width)
    mask = offset < np.repeat(counts, row_counts)[:, None]
    start = np.repeat(np.cumsum(counts) - counts, row_counts)[:, None]
    return np.where(mask, order[np.minimum(start + offset, len(order) - 1)], 0), mask, row_element


def getitem(x: Operand[N], index: Any, name: str | None = None) -> N:
    """Return elements by any NumPy index, y = x[index]; the δ of an element is the sum over all that read it.

    Args:
        x: An array or a node.
        index: Integers, slices, `...`, None, arrays of integers, masks, or a tuple of these.
        name: Name of the new node.

    Returns:
        The selected elements, of the shape that NumPy gives them.

    Raises:
        PositionError: If the index is outside the array, or is no index.
        ShapeError: If it selects nothing.

    Example:
        >>> x = mg.Parameter([1.0, 2.0, 3.0], "x")
        >>> mg.sum(x[[0, 2, 2]]).backward()
        >>> print(x.grad)
        [1. 0. 2.]
    """
    shape = shape_of(x)
    try:
        positions = np.arange(prod(shape)).reshape(shape)[index]
    except IMPOSSIBLE as error:
        raise no_position(shape, index, name, error) from error
    return take_positions(x, positions, index, name)


def take(x: Operand[N], indices: Any, axis: int | None = None, name: str | None = None) -> N:
    """Return elements by position along an axis, yᵢ = x at indicesᵢ.

    The δ of an element is the sum over all positions that read it.

    Args:
        x: An array or a node.
        indices: Positions, an integer or an array of integers; negative ones count from the end.
        axis: Axis along which to select; None selects from the flattened array.
        name: Name of the new node.

    Returns:
        The elements: the shape of `indices` in place of the axis.

    Raises:
        PositionError: If a position is outside the array, or is no whole number.
        ShapeError: If there are no positions.

    Example:
        >>> embedding = mg.Parameter([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], "embedding")
        >>> print(mg.take(embedding, [2, 0], axis=0).value)
        [[0.5 0.6]
         [0.1 0.2]]
    """
    shape = shape_of(x)
    if axis is not None:
        axis = one_axis(axis, len(shape))
    try:
        whole = np.asarray(indices)
        if whole.dtype.kind not in "iu" and whole.size:
            raise TypeError("only integers are positions")
        positions = np.take(np.arange(prod(shape)).reshape(shape), whole.astype(np.intp), axis=axis)
    except IMPOSSIBLE as error:
        raise no_position(shape, indices, name, error) from error
    return take_positions(x, positions, indices, name)


IMPOSSIBLE = (IndexError, TypeError, ValueError, OverflowError, RecursionError)
"""What NumPy raises for an index that is outside an array, or that is none."""


def no_position(shape: Shape, index: Any, name: str | None, error: Exception) -> PositionError:
    """Return the error for an index that does not fit, with what NumPy says of it."""
    found, cure = describe_value(index), f"NumPy says: {str(error).rstrip('.')}."
    return PositionError(
        "an index that does not fit", node=name, found=found, expected=f"one of shape {shape}", cure=cure
    )


def take_positions(x: Operand[N], positions: np.ndarray, index: Any, name: str | None) -> N:
    """Return the elements at positions of the flattened array; raise ShapeError where there are none."""
    shape = shape_of(x)
    if positions.size == 0:
        expected = f"at least one element of shape {shape}"
        raise ShapeError("the index selects nothing", node=name, found=describe_value(index), expected=expected)
    return Take(tuple(positions.reshape(-1).tolist()), positions.shape, shape)(x, name=name)


def unstack(x: Operand[N], axis: int = 0) -> tuple[N, ...]:
    """Return the slices along one axis, as a tuple."""
    shape = shape_of(x)
    position = one_axis(axis, len(shape))
    before = (slice(None),) * (position + len(shape))
    return tuple(getitem(x, (*before, index)) for index in range(shape[position]))
