"""Indexing as in NumPy, with a backward rule of gathers alone, so that it works in every array namespace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from operator import index as index_of
from types import EllipsisType, NoneType
from typing import Any

import numpy as np

from minigrad._format import describe_value
from minigrad._validation import shape_of
from minigrad.errors import PositionError, ShapeError
from minigrad.ops.base import N, Operand, Sample, Shape
from minigrad.ops.shaping import ArrayOp, leading_shape, one_axis

BASIC = (int, np.integer, slice, EllipsisType, NoneType)
"""What a slice is made of, as NumPy calls it basic indexing."""

READS_PER_ROW = 4
"""How many δ of one element are summed in one round of the backward rule."""


@dataclass(frozen=True)
class Selection(ArrayOp):
    """Elements by their positions, yᵢ = x at positionᵢ, counted flat; δ of an element is the sum over all readers."""

    target: Shape = ()
    source: Shape = (1,)

    def shape(self, *shapes):
        if shapes != (self.source,):
            raise ValueError(f"it selects from the shape {self.source}")
        first, last = self.bounds()
        if not (0 <= first <= last < prod(self.source)):
            raise ValueError(f"it selects positions {first} to {last} of the shape {self.source}")
        return tuple(map(index_of, self.target))

    def forward(self, xp, x):
        batch = leading_shape(x, len(self.source))
        flat = xp.reshape(x, (*batch, -1))
        return xp.reshape(xp.take(flat, self.indices, axis=-1), batch + self.target)

    def backward(self, xp, delta, y, x):
        batch = leading_shape(delta, len(self.target))
        items = xp.reshape(delta, (*batch, -1))
        for table, mask in self.rounds:
            rows = xp.reshape(xp.take(items, table.reshape(-1), axis=-1), batch + table.shape)
            items = xp.sum(xp.where(mask, rows, 0.0), axis=-1)
        return (xp.reshape(items, batch + self.source),)

    def bounds(self) -> tuple[int, int]:
        """Return the lowest and the highest position."""
        if len(self.indices) != prod(self.target):
            raise ValueError(f"it has {len(self.indices)} positions for the shape {self.target}")
        return int(self.indices.min()), int(self.indices.max())

    @property
    def indices(self) -> np.ndarray:
        """Return the positions, as an array of one axis."""
        raise NotImplementedError

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


@dataclass(frozen=True)
class Take(Selection):
    """Elements by a list of positions, yᵢ = x at positionsᵢ, counted flat."""

    positions: tuple[int, ...] = (0,)

    label = "take"

    @property
    def element(self):
        return None if self.target else self.positions[0]

    @cached_property
    def indices(self) -> np.ndarray:
        return np.array(self.positions, dtype=np.intp)

    @classmethod
    def samples(cls):
        return (
            Sample(cls((), (1,), (0,)), ((1,),)),
            Sample(cls((3,), (4,), (1, 1, 2)), ((4,),)),
            Sample(cls((2, 2), (2, 3), (5, 0, 5, 5)), ((2, 3),)),
            Sample(cls((40,), (3,), (0, 1, *[2] * 38)), ((3,),)),
        )


@dataclass(frozen=True)
class Slice(Selection):
    """Elements at equal distances along each axis, y_ij = x at start + i·step₁ + j·step₂, counted flat."""

    start: int = 0
    steps: tuple[int, ...] = ()

    label = "slice"

    @property
    def element(self):
        return None if self.target else self.start

    @cached_property
    def indices(self) -> np.ndarray:
        positions = np.array([self.start])
        for count, step in zip(self.target, self.steps, strict=True):
            positions = np.add.outer(positions, np.arange(count) * step).reshape(-1)
        return positions

    def bounds(self) -> tuple[int, int]:
        spans = [(count - 1) * index_of(step) for count, step in zip(self.target, self.steps, strict=True)]
        return self.start + sum(min(span, 0) for span in spans), self.start + sum(max(span, 0) for span in spans)

    @classmethod
    def samples(cls):
        return (
            Sample(cls((), (3,), 2), ((3,),)),
            Sample(cls((2,), (5,), 3, (-2,)), ((5,),)),
            Sample(cls((3, 1, 2), (2, 3), 0, (1, 0, 3)), ((2, 3),)),
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
    return select(x, checked_selection(index, shape_of(x), index, name), index, name)


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
    try:
        positions = np.asarray(indices)
    except ValueError as error:
        raise no_position(shape, indices, name, error) from error
    if positions.dtype.kind not in "iu" and positions.size:
        raise no_position(shape, indices, name, TypeError("only integers are positions"))
    index = positions.astype(np.intp) if positions.ndim else int(positions)
    if axis is None:
        selection = replace(checked_selection(index, (prod(shape),), indices, name), source=shape)
    else:
        before = (slice(None),) * (one_axis(axis, len(shape)) + len(shape))
        selection = checked_selection((*before, index), shape, indices, name)
    return select(x, selection, indices, name)


IMPOSSIBLE = (IndexError, ZeroDivisionError, TypeError, ValueError, OverflowError, RecursionError)
"""What NumPy raises for an index that is outside an array, or that is none."""


def no_position(shape: Shape, index: Any, name: str | None, error: Exception) -> PositionError:
    """Return the error for an index that does not fit, with the reason."""
    found, cure = describe_value(index), f"The reason: {str(error).rstrip('.')}."
    return PositionError(
        "an index that does not fit", node=name, found=found, expected=f"one of shape {shape}", cure=cure
    )


def checked_selection(index: Any, shape: Shape, shown: Any, name: str | None) -> Selection:
    """Return the op of an index; raise PositionError, with the index to be shown, for one that does not fit."""
    try:
        return make_selection(index, shape)
    except IMPOSSIBLE as error:
        raise no_position(shape, shown, name, error) from error


def make_selection(index: Any, shape: Shape) -> Selection:
    """Return the op that selects from an array of that shape what NumPy's index selects."""
    items = index if isinstance(index, tuple) else (index,)
    if all(isinstance(item, BASIC) and not isinstance(item, bool) for item in items):
        return make_slice(items, shape)
    positions = np.broadcast_to(0, shape)[index]
    distance = prod(shape)
    for axis, size in enumerate(shape):
        distance //= size
        numbers = np.arange(size).reshape(size, *(1,) * (len(shape) - axis - 1))
        positions = positions + np.broadcast_to(numbers, shape)[index] * distance
    return Take(positions.shape, shape, tuple(positions.reshape(-1).tolist()))


def make_slice(items: tuple[Any, ...], shape: Shape) -> Slice:
    """Return the op of an index of integers, slices, `...` and None, without a look at the elements."""
    filled = len(shape) - sum(item is not None and item is not ... for item in items)
    if filled < 0 or items.count(...) > 1:
        raise IndexError(f"{len(items)} indices for the {len(shape)} axes of the shape {shape}")
    position = items.index(...) if ... in items else len(items)
    items = (*items[:position], *(slice(None),) * filled, *items[position + 1 :])
    start, axis, distance = 0, 0, prod(shape)
    target, steps = [], []
    for item in items:
        if item is None:
            target.append(1)
            steps.append(0)
            continue
        size = shape[axis]
        distance //= size  # of two neighbors along this axis
        try:
            part = range(size)[item]
        except IndexError:
            raise IndexError(f"index {item} is out of bounds for axis {axis} with size {size}") from None
        if isinstance(part, range):
            target.append(len(part))
            steps.append(part.step * distance)
        start += (part.start if isinstance(part, range) else part) * distance
        axis += 1
    return Slice(tuple(target), shape, start, tuple(steps))


def select(x: Operand[N], selection: Selection, index: Any, name: str | None) -> N:
    """Return the elements of a selection; raise ShapeError where there are none."""
    if 0 in selection.target:
        expected = f"at least one element of shape {selection.source}"
        raise ShapeError("the index selects nothing", node=name, found=describe_value(index), expected=expected)
    return selection(x, name=name)


def scatter(selections: Sequence[Selection], deltas: Sequence[np.ndarray]) -> np.ndarray:
    """Return δ of an array from the δ of several selections of it, at a cost in proportion to their elements."""
    batch = leading_shape(deltas[0], len(selections[0].target))
    source = selections[0].source
    items = np.concatenate([np.reshape(delta, (*batch, -1)) for delta in deltas], axis=-1)
    index: Any = (..., np.concatenate([selection.indices for selection in selections]))
    total = np.zeros((*batch, prod(source)))
    np.add.at(total, index, items)
    return total.reshape(batch + source)


def unstack(x: Operand[N], axis: int = 0) -> tuple[N, ...]:
    """Return the slices along one axis, as a tuple."""
    shape = shape_of(x)
    position = one_axis(axis, len(shape))
    before = (slice(None),) * (position + len(shape))
    return tuple(getitem(x, (*before, index)) for index in range(shape[position]))
