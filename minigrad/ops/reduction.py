"""Ops that reduce axes: sum, mean and maximum."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from minigrad.ops.base import Op, Sample, Shape, shape_of
from minigrad.ops.shaping import trailing_axes


@dataclass(frozen=True)
class Reduction(Op):
    """An op that reduces the axes counted from the last, so that leading axes stay free."""

    axes: tuple[int, ...] = (-1,)
    keepdims: bool = False

    kind = "array"
    operands = ("x",)

    @classmethod
    def samples(cls):
        layouts: list[tuple[Shape, tuple[int, ...]]] = [((), ()), ((3,), (-1,)), ((2, 3), (-2,)), ((2, 3), (-2, -1))]
        return tuple(Sample(cls(axes, keepdims), (shape,)) for shape, axes in layouts for keepdims in (False, True))

    def kept(self, shape: Shape) -> Shape:
        """The operand's shape with every reduced axis of length 1."""
        return tuple(1 if axis - len(shape) in self.axes else size for axis, size in enumerate(shape))

    def count(self, shape: Shape) -> int:
        """How many elements go into one."""
        return prod(shape[axis] for axis in self.axes)


class Sum(Reduction):
    """Sum over axes, y = Σ x."""

    label = "sum"

    def forward(self, xp, x):
        return xp.sum(x, axis=self.axes, keepdims=self.keepdims)

    def backward(self, xp, delta, y, x):
        return (xp.broadcast_to(xp.reshape(delta, self.kept(x.shape)), x.shape),)


class Mean(Reduction):
    """Mean over axes, y = (1/n) Σ x."""

    label = "mean"

    def forward(self, xp, x):
        return xp.mean(x, axis=self.axes, keepdims=self.keepdims)

    def backward(self, xp, delta, y, x):
        share = delta / self.count(x.shape)
        return (xp.broadcast_to(xp.reshape(share, self.kept(x.shape)), x.shape),)


class Max(Reduction):
    """Largest over axes, y = max x; ties share δ evenly."""

    label = "max"

    def forward(self, xp, x):
        return xp.max(x, axis=self.axes, keepdims=self.keepdims)

    def backward(self, xp, delta, y, x):
        kept = self.kept(x.shape)
        winners = xp.where(xp.equal(x, xp.reshape(y, kept)), 1.0, 0.0)
        return (winners * (xp.reshape(delta, kept) / xp.sum(winners, axis=self.axes, keepdims=True)),)


def sum(x: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Sum over the given axes (all when None), y = Σ x."""
    return Sum(trailing_axes(axis, len(shape_of(x))), keepdims)(x, name=name)


def mean(x: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Mean over the given axes (all when None), y = (1/n) Σ x."""
    return Mean(trailing_axes(axis, len(shape_of(x))), keepdims)(x, name=name)


def max(x: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Largest over the given axes (all when None); ties share δ evenly."""
    return Max(trailing_axes(axis, len(shape_of(x))), keepdims)(x, name=name)
