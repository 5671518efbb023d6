"""Indexing as NumPy has it, with an adjoint made of gathers alone, so that it serves every namespace."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from minigrad.errors import ShapeError
from minigrad.ops.base import Op, Sample, Shape, shape_of
from minigrad.ops.shaping import leading

WIDTH = 4
"""How many readers of one element are summed in one round of the adjoint."""


@dataclass(frozen=True)
class Take(Op):
    """Elements picked by position, yᵢ = x at place positionsᵢ; a repeated position gathers δ from all its readers."""

    positions: tuple[int, ...] = (0,)
    target: Shape = ()
    source: Shape = (1,)

    label = "take"
    kind = "array"
    operands = ("x",)

    def shape(self, *shapes):
        if shapes != (self.source,):
            raise ValueError(f"made for the shape {self.source}")
        return super().shape(*shapes)

    def forward(self, xp, x):
        flat = xp.reshape(x, (*leading(x, len(self.source)), -1))
        return xp.reshape(xp.take(flat, self.gather, axis=-1), leading(x, len(self.source)) + self.target)

    def backward(self, xp, delta, y, x):
        lead = leading(delta, len(self.target))
        items = xp.reshape(delta, (*lead, len(self.positions)))
        for table, present in self.rounds:
            readers = xp.reshape(xp.take(items, table.reshape(-1), axis=-1), lead + table.shape)
            items = xp.sum(xp.where(present, readers, 0.0), axis=-1)
        return (xp.reshape(items, lead + self.source),)

    @property
    def element(self):
        return None if self.target else self.positions[0]

    @cached_property
    def gather(self) -> np.ndarray:
        return np.array(self.positions, dtype=np.intp)

    @cached_property
    def rounds(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Tables of readers, at most WIDTH to a row, that sum in a few rounds all items of one element into one.

        The cost of each round is linear in its items, however unevenly the readers are spread.
        """
        owners, rounds = self.gather, []
        while np.bincount(owners).max() > WIDTH:
            table, present, owners = reader_table(owners, np.unique(owners), WIDTH)
            rounds.append((table, present))
        elements = np.arange(prod(self.source))
        table, present, _ = reader_table(owners, elements, int(np.bincount(owners).max()))
        return [*rounds, (table, present)]

    @classmethod
    def samples(cls):
        crowd = tuple(min(place, 2) for place in range(40))
        return (
            Sample(cls((0,), (), (1,)), ((1,),)),
            Sample(cls((1, 1, 2), (3,), (4,)), ((4,),)),
            Sample(cls((5, 0, 5, 5), (2, 2), (2, 3)), ((2, 3),)),
            Sample(cls(crowd, (40,), (3,)), ((3,),)),
        )


def reader_table(owners: np.ndarray, elements: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of at most `width` items with one owner: their places, which are filled, and the owner of each row."""
    order = np.argsort(owners, kind="stable")
    counts = np.bincount(owners, minlength=int(elements.max()) + 1)[elements]
    rows = np.maximum(-(-counts // width), 1)
    row_owner = np.repeat(elements, rows)
    row_in_owner = np.arange(len(row_owner)) - np.repeat(np.cumsum(rows) - rows, rows)
    within = row_in_owner[:, None] * width + np.arange(width)
    present = within < np.repeat(counts, rows)[:, None]
    start = np.repeat(np.cumsum(counts) - counts, rows)[:, None]
    return np.where(present, order[np.minimum(start + within, len(owners) - 1)], 0), present, row_owner


def getitem(x: Any, index: Any, name: str | None = None) -> Any:
    """Elements by any NumPy index: integers, slices, `...`, None, arrays of integers, masks.

    Raises IndexError where the index leaves the array, ShapeError where it selects nothing.
    """
    shape = shape_of(x)
    return picked(x, np.arange(prod(shape)).reshape(shape)[index], index, name)


def take(x: Any, indices: Any, axis: int | None = None, name: str | None = None) -> Any:
    """Elements by position along one axis, or of the flattened array when `axis` is None.

    Raises IndexError where a position leaves the array, ShapeError where there are none.
    """
    shape = shape_of(x)
    return picked(x, np.take(np.arange(prod(shape)).reshape(shape), np.asarray(indices, int), axis=axis), indices, name)


def picked(x: Any, positions: np.ndarray, index: Any, name: str | None) -> Any:
    """The elements at these positions of the flattened array; raises ShapeError where there are none."""
    shape = shape_of(x)
    if positions.size == 0:
        raise ShapeError(
            "the index selects nothing", node=name, found=index, expected=f"at least one element of shape {shape}"
        )
    return Take(tuple(positions.reshape(-1).tolist()), positions.shape, shape)(x, name=name)


def unstack(x: Any, axis: int = 0) -> tuple[Any, ...]:
    """The slices along one axis, as a tuple."""
    before = (slice(None),) * (axis % len(shape_of(x)))
    return tuple(getitem(x, (*before, place)) for place in range(shape_of(x)[axis]))
