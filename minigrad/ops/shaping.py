"""Shape manipulation: reshape, permute, broadcast, concatenate, stack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from minigrad._format import describe_value
from minigrad._validation import as_list, broadcast_shape, requested_shape, shape_of, whole_numbers
from minigrad.errors import ShapeError
from minigrad.ops.base import N, NodeLike, Number, Op, Operand, Sample, Shape


class ArrayOp(Op):
    """Op of one array that needs its axes, so that it is not computed with plain floats."""

    kind = "array"
    operands = ("x",)


@dataclass(frozen=True)
class Reshape(ArrayOp):
    """Same elements in another shape, y = x read row by row; `rank` is the operand's, so leading axes stay free."""

    target: Shape = ()
    rank: int = 0

    label = "reshape"

    def forward(self, xp, x):
        return xp.reshape(x, leading_shape(x, self.rank) + self.target)

    def backward(self, xp, delta, y, x):
        return (xp.reshape(delta, leading_shape(delta, len(self.target)) + trailing_shape(x, self.rank)),)

    @classmethod
    def samples(cls):
        layouts = [((), (1,)), ((6,), (2, 3)), ((2, 3), (3, 1, 2)), ((1, 1), ())]
        return tuple(Sample(cls(target, len(shape)), (shape,)) for shape, target in layouts)


@dataclass(frozen=True)
class PermuteDims(ArrayOp):
    """Axes in another order, y = xᵀ for (−1, −2); `axes` are counted from the last."""

    axes: tuple[int, ...] = (-1, -2)

    label = "permute"

    def forward(self, xp, x):
        return xp.permute_dims(x, self.order(x.ndim, self.axes))

    def backward(self, xp, delta, y, x):
        rank = len(self.axes)
        inverse = tuple(self.axes.index(axis - rank) - rank for axis in range(rank))
        return (xp.permute_dims(delta, self.order(delta.ndim, inverse)),)

    @staticmethod
    def order(ndim: int, axes: tuple[int, ...]) -> tuple[int, ...]:
        """Return the order of all axes of an array of rank `ndim` whose last axes are permuted."""
        return (*range(ndim - len(axes)), *(ndim + axis for axis in axes))

    @classmethod
    def samples(cls):
        return Sample(cls(), ((2, 3),)), Sample(cls((-1, -3, -2)), ((2, 3, 4),))


@dataclass(frozen=True)
class BroadcastTo(ArrayOp):
    """Same elements repeated, y = x along new or length-1 axes; δ is summed over the repeats."""

    target: Shape = ()

    label = "broadcast"

    def ranks(self, ranks):
        return [len(self.target)]

    def shape(self, *shapes):
        if broadcast_shape(*shapes, self.target) != self.target:
            raise ValueError(f"{shapes[0]} does not broadcast to {self.target}")
        return self.target

    def forward(self, xp, x):
        return xp.broadcast_to(x, leading_shape(x, len(self.target)) + self.target)

    def backward(self, xp, delta, y, x):
        return (delta,)  # the interpreter sums δ over every broadcast axis, here as everywhere

    @classmethod
    def samples(cls):
        layouts: list[tuple[Shape, Shape]] = [((), (2, 3)), ((3,), (2, 3)), ((2, 1), (2, 3)), ((2, 3), (4, 2, 3))]
        return tuple(Sample(cls(target), (shape,)) for shape, target in layouts)


@dataclass(frozen=True)
class Concat(Op):
    """Arrays of equal rank joined, y = (x₁ … xₙ), along an axis counted from the last."""

    axis: int = -1
    rank: int = 1

    label = "concat"
    kind = "array"
    variadic = True

    def shape(self, *shapes):
        if any(len(shape) != self.rank for shape in shapes):
            raise ValueError("only arrays of equal rank can be joined")
        if len({shape[: self.axis] + shape[len(shape) + self.axis + 1 :] for shape in shapes}) > 1:
            raise ValueError("the arrays differ along another axis than the one they are joined along")
        return super().shape(*shapes)

    def forward(self, xp, *x):
        batch = max((leading_shape(part, self.rank) for part in x), key=len)
        return xp.concat([xp.broadcast_to(part, batch + trailing_shape(part, self.rank)) for part in x], axis=self.axis)

    def backward(self, xp, delta, y, *x):
        ends = np.cumsum([part.shape[self.axis] for part in x]).tolist()
        after = (slice(None),) * (-self.axis - 1)
        return tuple(delta[(..., slice(start, end), *after)] for start, end in zip([0, *ends], ends, strict=False))

    @classmethod
    def samples(cls):
        return Sample(cls(), ((2,), (3,))), Sample(cls(-2, 2), ((1, 3), (2, 3))), Sample(cls(-1, 2), ((2, 3), (2, 1)))


@dataclass(frozen=True)
class Stack(Op):
    """Arrays of one shape stacked, yₖ = xₖ, along a new axis counted from the last."""

    axis: int = -1

    label = "stack"
    kind = "array"
    is_row = True
    variadic = True
    numeric = True

    def shape(self, *shapes):
        different = set(shapes)
        if len(different) > 1:
            raise ValueError("only arrays of the same shape can be stacked")
        return (len(shapes),) if different == {()} and self.axis == -1 else super().shape(*shapes)

    def forward(self, xp, *x):
        return xp.stack(xp.broadcast_arrays(*x), axis=self.axis)

    def backward(self, xp, delta, y, *x):
        return tuple(xp.unstack(delta, axis=self.axis))

    @classmethod
    def samples(cls):
        return Sample(cls(), ((),)), Sample(cls(), ((), ())), Sample(cls(), ((3,), (3,))), Sample(cls(-2), ((3,), (3,)))


def leading_shape(x: Any, rank: int) -> Shape:
    """Return the lengths of the axes before the operand's own, a mini-batch or a stack of like nodes."""
    shape = shape_of(x)
    return shape[: max(len(shape) - rank, 0)]


def trailing_shape(x: Any, rank: int) -> Shape:
    """Return the lengths of the operand's own axes."""
    shape = shape_of(x)
    return shape[len(shape) - rank :]


def trailing_axes(axis: int | Sequence[int] | None, rank: int) -> tuple[int, ...]:
    """Return axes as NumPy takes them, counted from the last; raise ShapeError for one that does not exist."""
    axes = tuple(range(rank)) if axis is None else whole_numbers(axis, "axis")
    negative = tuple(item - rank if item >= 0 else item for item in axes)
    if len(set(negative)) < len(negative) or not all(-rank <= item < 0 for item in negative):
        expected = f"axes from {-rank} to {rank - 1}" if rank else "no axis of a scalar"
        raise ShapeError("an axis does not exist or is named twice", found=describe_value(axis), expected=expected)
    return negative


def one_axis(axis: int, rank: int) -> int:
    """Return one axis counted from the end; raise ShapeError for one that does not exist, and for several."""
    (position, *others) = trailing_axes(axis, rank) or (0, 0)
    if others:
        raise ShapeError("not one axis", found=describe_value(axis), expected="a whole number")
    return position


def operand_list(items: Any) -> list[Any]:
    """Return the arrays or nodes to join; raise OperandError for what is no list of them, ShapeError for none."""
    parts = as_list(items, "arrays")
    if not parts:
        raise ShapeError("nothing to join", found="an empty list", expected="one array or node at least")
    return parts


def reshape(x: Operand[N], shape: int | Sequence[int], name: str | None = None) -> N:
    """Return the same elements in another shape, y = x read row by row.

    Args:
        x: An array or a node of any shape.
        shape: New shape, or the length of one axis; one length may be −1, which is worked out from the others.
        name: Name of the new node.

    Returns:
        x in the new shape.

    Raises:
        ShapeError: If the new shape has another number of elements.

    Example:
        >>> x = mg.Parameter([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "x")
        >>> print(mg.reshape(x, (2, -1)).value)
        [[1. 2. 3.]
         [4. 5. 6.]]
    """
    own = shape_of(x)
    target = whole_numbers(shape, "shape")
    known = prod(size for size in target if size != -1)
    target = tuple(prod(own) // known if size == -1 and known else size for size in target)
    if prod(target) != prod(own) or min(target, default=0) < 0:
        expected = f"the {prod(own)} elements of shape {own}"
        raise ShapeError(
            "the elements do not fit the new shape", node=name, found=describe_value(shape), expected=expected
        )
    return Reshape(target, len(own))(x, name=name)


def permute_dims(x: Operand[N], axes: Sequence[int] | None = None, name: str | None = None) -> N:
    """Return x with its axes in another order, yᵢⱼ = xⱼᵢ for a matrix.

    Args:
        x: An array or a node of any shape.
        axes: All axes of x in their new order; reversed if None.
        name: Name of the new node.

    Returns:
        x with its axes permuted.

    Raises:
        ShapeError: If an axis does not exist or is named twice.

    Example:
        >>> x = mg.Parameter([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "x")
        >>> print(mg.permute_dims(x).value)
        [[1. 4.]
         [2. 5.]
         [3. 6.]]
    """
    rank = len(shape_of(x))
    return PermuteDims(trailing_axes(range(rank)[::-1] if axes is None else axes, rank))(x, name=name)


def matrix_transpose(x: Operand[N]) -> N:
    """Return x with its last two axes swapped."""
    rank = len(shape_of(x))
    return permute_dims(x, (*range(rank - 2), rank - 1, rank - 2))


def broadcast_to(x: Operand[N], shape: Sequence[int], name: str | None = None) -> N:
    """Return the elements repeated to a shape, by NumPy's rules of broadcasting; δ is summed over the repeats.

    Args:
        x: A number, an array or a node.
        shape: Shape to which x broadcasts.
        name: Name of the new node.

    Returns:
        x in the given shape.

    Raises:
        ShapeError: If x does not broadcast to the shape.

    Example:
        >>> x = mg.Parameter([1.0, 2.0], "x")
        >>> mg.sum(mg.broadcast_to(x, (3, 2))).backward()
        >>> print(x.grad)
        [3. 3.]
    """
    return BroadcastTo(requested_shape(shape, "shape"))(x, name=name)


def broadcast_arrays(*x: Any) -> tuple[Any, ...]:
    """Return all operands broadcast to their common shape."""
    try:
        shape = broadcast_shape(*map(shape_of, x))
    except ValueError as error:
        raise ShapeError("the arrays do not broadcast", found=str(error)) from error
    return tuple(part if shape_of(part) == shape else broadcast_to(part, shape) for part in x)


def expand_dims(x: Operand[N], axis: int = 0, name: str | None = None) -> N:
    """Return x with a new axis of length 1.

    Args:
        x: A number, an array or a node of any shape.
        axis: Position of the new axis in the result.
        name: Name of the new node.

    Returns:
        x with one more axis.

    Raises:
        ShapeError: If there is no such position.

    Example:
        >>> x = mg.Input("x", 3)
        >>> print(mg.expand_dims(x).shape, mg.expand_dims(x, axis=-1).shape)
        (1, 3) (3, 1)
    """
    shape = list(shape_of(x))
    new = one_axis(axis, len(shape) + 1)
    shape.insert(len(shape) + 1 + new, 1)
    return reshape(x, shape, name=name)


def squeeze(x: Operand[N], axis: int | Sequence[int], name: str | None = None) -> N:
    """Return x without an axis or axes of length 1.

    Args:
        x: An array or a node of any shape.
        axis: Axis or axes to remove.
        name: Name of the new node.

    Returns:
        x without these axes.

    Raises:
        ShapeError: If an axis does not exist or is longer than 1.

    Example:
        >>> x = mg.Input("x", (1, 3))
        >>> print(mg.squeeze(x, axis=0).shape)
        (3,)
    """
    shape = shape_of(x)
    removed = trailing_axes(axis, len(shape))
    return reshape(x, [size for own, size in enumerate(shape) if own - len(shape) not in removed], name=name)


def concat(x: Iterable[NodeLike[N] | Number | Sequence[float]], axis: int = 0, name: str | None = None) -> N:
    """Return arrays of equal rank joined along an axis, y = (x₁ … xₙ); each part receives its part of δ.

    Args:
        x: Arrays or nodes whose shapes differ along `axis` at most, in any iterable.
        axis: Axis along which they are joined.
        name: Name of the new node.

    Returns:
        The joined array.

    Raises:
        ShapeError: If the ranks differ, or other axes do not fit.

    Example:
        >>> a, b = mg.Parameter([1.0, 2.0], "a"), mg.Parameter([3.0], "b")
        >>> print(mg.concat([a, b]).value)
        [1. 2. 3.]
    """
    parts = operand_list(x)
    rank = len(shape_of(parts[0]))
    return Concat(one_axis(axis, rank), rank)(*parts, name=name)


def stack(x: Iterable[NodeLike[N] | Number | Sequence[float]], axis: int = 0, name: str | None = None) -> N:
    """Return arrays of one shape stacked along a new axis, yₖ = xₖ.

    Args:
        x: Numbers, arrays or nodes of one shape, in any iterable.
        axis: Position of the new axis in the result.
        name: Name of the new node.

    Returns:
        The stacked array.

    Raises:
        ShapeError: If the shapes differ.

    Example:
        >>> x = [mg.Input("x1", value=1.0), mg.Input("x2", value=2.0)]
        >>> print(mg.stack(x, name="x").value)
        [1. 2.]
    """
    parts = operand_list(x)
    return Stack(one_axis(axis, len(shape_of(parts[0])) + 1))(*parts, name=name)
