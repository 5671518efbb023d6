"""Reductions over axes: sum, mean and maximum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from minigrad._validation import check_bool, shape_of
from minigrad.ops.base import N, Operand, Sample, Shape
from minigrad.ops.shaping import ArrayOp, trailing_axes


@dataclass(frozen=True)
class Reduction(ArrayOp):
    """Op that reduces the axes counted from the last, so that leading axes stay free."""

    axes: tuple[int, ...] = (-1,)
    keepdims: bool = False

    @classmethod
    def samples(cls):
        layouts: list[tuple[Shape, tuple[int, ...]]] = [((), ()), ((3,), (-1,)), ((2, 3), (-2,)), ((2, 3), (-2, -1))]
        return tuple(Sample(cls(axes, keepdims), (shape,)) for shape, axes in layouts for keepdims in (False, True))

    def keepdims_shape(self, shape: Shape) -> Shape:
        """Return the operand's shape with every reduced axis of length 1."""
        return tuple(1 if axis - len(shape) in self.axes else size for axis, size in enumerate(shape))

    def count(self, shape: Shape) -> int:
        """Return how many elements are reduced to one."""
        return prod(shape[axis] for axis in self.axes)


class Sum(Reduction):
    """Sum over axes, y = Σ x."""

    label = "sum"

    def forward(self, xp, x):
        return xp.sum(x, axis=self.axes, keepdims=self.keepdims)

    def backward(self, xp, delta, y, x):
        return (xp.broadcast_to(xp.reshape(delta, self.keepdims_shape(x.shape)), x.shape),)


class Mean(Reduction):
    """Mean over axes, y = (1/n) Σ x."""

    label = "mean"

    def forward(self, xp, x):
        return xp.mean(x, axis=self.axes, keepdims=self.keepdims)

    def backward(self, xp, delta, y, x):
        share = delta / self.count(x.shape)
        return (xp.broadcast_to(xp.reshape(share, self.keepdims_shape(x.shape)), x.shape),)


class Max(Reduction):
    """Largest over axes, y = max x; ties share δ evenly."""

    label = "max"

    def forward(self, xp, x):
        return xp.max(x, axis=self.axes, keepdims=self.keepdims)

    def backward(self, xp, delta, y, x):
        shape = self.keepdims_shape(x.shape)
        is_max = xp.where(xp.equal(x, xp.reshape(y, shape)), 1.0, 0.0)
        return (is_max * (xp.reshape(delta, shape) / xp.sum(is_max, axis=self.axes, keepdims=True)),)


def sum(x: Operand[N], axis: int | Sequence[int] | None = None, keepdims: bool = False, name: str | None = None) -> N:
    """Return the sum over axes, y = Σ x; each element receives the δ of its sum.

    Args:
        x: A number, an array or a node of any shape.
        axis: Axis or axes to sum over, counted as in NumPy; all if None.
        keepdims: Whether summed axes stay, with length 1.
        name: Name of the new node.

    Returns:
        The sums, of the shape of x without the axes.

    Raises:
        ShapeError: If an axis does not exist or is named twice.

    Example:
        >>> x = mg.Parameter([[1.0, 2.0], [3.0, 4.0]], "x")
        >>> print(mg.sum(x).value, mg.sum(x, axis=0).value)
        10.0 [4. 6.]
    """
    return Sum(trailing_axes(axis, len(shape_of(x))), check_bool(keepdims, "keepdims"))(x, name=name)


def mean(x: Operand[N], axis: int | Sequence[int] | None = None, keepdims: bool = False, name: str | None = None) -> N:
    """Return the mean over axes, y = (1/n) Σ x; each element receives 1/n of the δ of its mean.

    Args:
        x: A number, an array or a node of any shape.
        axis: Axis or axes to average over, counted as in NumPy; all if None.
        keepdims: Whether averaged axes stay, with length 1.
        name: Name of the new node.

    Returns:
        The means, of the shape of x without the axes.

    Raises:
        ShapeError: If an axis does not exist or is named twice.

    Example:
        >>> x = mg.Parameter([1.0, 2.0, 3.0, 6.0], "x")
        >>> y = mg.mean(x)
        >>> y.backward()
        >>> print(y.value, x.grad)
        3.0 [0.25 0.25 0.25 0.25]
    """
    return Mean(trailing_axes(axis, len(shape_of(x))), check_bool(keepdims, "keepdims"))(x, name=name)


def max(x: Operand[N], axis: int | Sequence[int] | None = None, keepdims: bool = False, name: str | None = None) -> N:
    """Return the maximum over axes, y = max x; δ goes to the largest element, and a tie shares it evenly.

    Args:
        x: A number, an array or a node of any shape.
        axis: Axis or axes to search along, counted as in NumPy; all if None.
        keepdims: Whether these axes stay, with length 1.
        name: Name of the new node.

    Returns:
        The maxima, of the shape of x without the axes.

    Raises:
        ShapeError: If an axis does not exist or is named twice.

    Example:
        >>> x = mg.Parameter([1.0, 3.0, 3.0], "x")
        >>> y = mg.max(x)
        >>> y.backward()
        >>> print(y.value, x.grad)
        3.0 [0.  0.5 0.5]
    """
    return Max(trailing_axes(axis, len(shape_of(x))), check_bool(keepdims, "keepdims"))(x, name=name)
