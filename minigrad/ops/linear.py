"""Linear maps: the weighted sum of a neuron, the affine map of a layer, and the products behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.errors import ShapeError
from minigrad.ops.base import Layered, N, NodeLike, Number, Op, Operand, Sample, shape_of
from minigrad.ops.shaping import expand_dims, squeeze


class VectorDot(Op):
    """Sum of products over the last axis, y = Σᵢ aᵢ bᵢ."""

    label = "·"
    operands = ("*a", "*b")
    numeric = True

    def ranks(self, ranks):
        return [max(ranks)] * len(ranks)

    def shape(self, *shapes):
        return vecdot_shape(*shapes)

    def forward(self, xp, a, b):
        return xp.vecdot(a, b)

    def backward(self, xp, delta, y, a, b):
        delta = xp.expand_dims(delta, axis=-1)
        return delta * b, delta * a

    @classmethod
    def samples(cls):
        return tuple(Sample(cls(), shapes) for shapes in [((1,), (1,)), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), (2, 3))])


class WeightedSum(Layered):
    """Weighted sum of a neuron, s = Σᵢ wᵢ xᵢ + b; a weight's gradient is the output before it times the δ after it."""

    label = "Σ"
    kind = "weighted sum"
    operands = ("*x", "*w", "b")
    numeric = True

    def ranks(self, ranks):
        rank = max(ranks[0] - 1, ranks[1] - 1, ranks[2])
        return [rank + 1, rank + 1, rank]

    def shape(self, *shapes):
        x, w, b = shapes
        return np.broadcast_shapes(vecdot_shape(x, w), b)

    def forward(self, xp, x, w, b):
        return xp.vecdot(x, w) + b

    def backward(self, xp, delta, s, x, w, b):
        after = xp.expand_dims(delta, axis=-1)
        return after * w, after * x, delta

    def layer(self, x, W, b, name=None):
        return affine(x, W, b, name=name)

    @classmethod
    def samples(cls):
        layouts = [((1,), (1,), ()), ((3,), (3,), ()), ((2, 3), (3,), ()), ((2, 3), (2, 3), (2,))]
        return tuple(Sample(cls(), layout) for layout in layouts)


@dataclass(frozen=True)
class MatrixMultiply(Op):
    """Matrix product, Y = A B, of matrices or stacks of them; with `vector`, A is a row without its first axis."""

    vector: bool = False

    label = "@"
    operands = ("a", "b")

    def ranks(self, ranks):
        return ranks if self.vector else [max(ranks)] * 2

    def shape(self, *shapes):
        a, b = shapes
        if len(a) != 1 if self.vector else len(a) < 2:
            raise ValueError(f"{a} is not the shape of a {'row' if self.vector else 'matrix'}")
        if len(b) < 2 or a[-1] != b[-2]:
            raise ValueError(f"a matrix product takes as many columns as rows, not {a} and {b}")
        return (*np.broadcast_shapes(a[:-2], b[:-2]), *a[-2:-1], b[-1])

    def forward(self, xp, a, b):
        if self.vector and b.ndim > 2:
            return xp.squeeze(xp.matmul(xp.expand_dims(a, axis=-2), b), axis=-2)
        return xp.matmul(a, b)

    def backward(self, xp, delta, y, a, b):
        if b.ndim == 2:
            a, before = fold_leading_axes(xp, a), xp.matmul(delta, xp.matrix_transpose(b))
            return before, xp.matmul(xp.matrix_transpose(a), fold_leading_axes(xp, delta))
        if self.vector:
            before = xp.matmul(xp.expand_dims(delta, axis=-2), xp.matrix_transpose(b))
            return xp.squeeze(before, axis=-2), xp.expand_dims(a, axis=-1) * xp.expand_dims(delta, axis=-2)
        return xp.matmul(delta, xp.matrix_transpose(b)), xp.matmul(xp.matrix_transpose(a), delta)

    @classmethod
    def samples(cls):
        layouts = [((4, 3), (3, 2)), ((2, 4, 3), (3, 2)), ((2, 4, 3), (2, 3, 5)), ((1, 4, 3), (2, 3, 5))]
        return Sample(cls(vector=True), ((3,), (3, 2))), *(Sample(cls(), layout) for layout in layouts)


@dataclass(frozen=True)
class Affine(Op):
    """Weighted sums of a layer, s = x W + b, with W of shape (inputs, outputs): column j is neuron j."""

    vector: bool = False

    label = "xW+b"
    kind = "weighted sum"
    operands = ("x", "W", "b")

    def ranks(self, ranks):
        return [ranks[0], max(ranks[0], ranks[1]), ranks[0]]

    def shape(self, *shapes):
        x, W, b = shapes
        s = np.broadcast_shapes(MatrixMultiply(self.vector).shape(x, W), b)
        if s != (*x[:-1], W[-1]):
            raise ValueError(f"x W has shape {(*x[:-1], W[-1])}, to which b of shape {b} does not broadcast")
        return s

    def forward(self, xp, x, W, b):
        return MatrixMultiply(self.vector).forward(xp, x, W) + b

    def backward(self, xp, delta, s, x, W, b):
        if x.shape[:-1] != delta.shape[:-1]:  # W or b alone carries the leading axes
            x = xp.broadcast_to(x, (*delta.shape[:-1], x.shape[-1]))
        return *MatrixMultiply(self.vector).backward(xp, delta, s, x, W), delta

    @classmethod
    def samples(cls):
        layouts = [((3,), (3, 2), (2,)), ((4, 3), (3, 2), (2,)), ((2, 4, 3), (3, 2), (2,)), ((4, 3), (3, 2), (4, 2))]
        return tuple(Sample(cls(vector=len(layout[0]) == 1), layout) for layout in layouts)


def vecdot_shape(a, b):
    """Return the shape of a sum of products over the last axis; raise ValueError where the operands do not fit."""
    if a[-1:] != b[-1:] or not a:
        raise ValueError(f"a sum of products takes as many of each, not {a} and {b}")
    return np.broadcast_shapes(a, b)[:-1]


def fold_leading_axes(xp, x):
    """Return a matrix with all axes but the last folded into one, so that a sum over them is one matrix product."""
    return xp.reshape(x, (-1, x.shape[-1]))


def weighted_sum(
    parents: NodeLike[N] | Number | Iterable[NodeLike[N] | Number],
    weights: NodeLike[N] | Number | Iterable[NodeLike[N] | Number],
    bias: Operand[N] | None = None,
    name: str | None = None,
) -> N:
    """Return the weighted sum of one neuron, s = Σᵢ wᵢ xᵢ + b.

    Parameters: as many scalar nodes (or numbers) in `weights` as in `parents`, in any iterable, or
    an array-valued node for either; without `bias`, b is the constant 0. Raises ShapeError where the counts differ.
    """
    return neuron_sum(as_row(parents), as_row(weights), 0.0 if bias is None else bias, name=name)


def as_row(operands: Any) -> Any:
    """Return the operands of an iterable as a list; return a node, an array of numbers or a number unchanged."""
    if isinstance(operands, np.ndarray):
        return operands.tolist() if operands.dtype == object else operands
    return list(operands) if isinstance(operands, Iterable) and not isinstance(operands, NodeLike) else operands


def matmul(a: Operand[N], b: Operand[N], name: str | None = None) -> N:
    """Return the product of vectors, matrices or stacks of matrices, by the rules of NumPy's `@`."""
    left, right = len(shape_of(a)), len(shape_of(b))
    if not left or not right:
        raise ShapeError("a matrix product of a scalar", node=name, cure="Use * for scalars.")
    if right == 1:
        return vecdot(a, b, name=name)
    if left == 1 and right > 2:
        row: Any = expand_dims(a, axis=-2)
        product: Any = MatrixMultiply()(row, b)
        return squeeze(product, axis=-2, name=name)
    return MatrixMultiply(vector=left == 1)(a, b, name=name)


def affine(x: Operand[N], W: Operand[N], b: Operand[N], name: str | None = None) -> N:
    """Return the weighted sums of a layer, s = x W + b.

    Shapes: x (…, inputs), W (inputs, outputs), b (outputs,), s (…, outputs). Raises ShapeError where they do not fit.
    """
    return Affine(vector=len(shape_of(x)) == 1)(x, W, b, name=name)


vecdot, neuron_sum = VectorDot(), WeightedSum()
