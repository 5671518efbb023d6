"""Linear maps: the weighted sum of a neuron, the affine map of a layer, and the products behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad._validation import broadcast_shape, shape_of
from minigrad.errors import ShapeError
from minigrad.ops.base import Layered, N, NodeLike, Number, Op, Operand, Sample
from minigrad.ops.shaping import expand_dims, squeeze


class VectorDot(Op):
    """Dot product over the last axis, y = Σᵢ aᵢ bᵢ.

    Args:
        a: Array or node of shape (…, n), or a list of n scalar nodes.
        b: The same; leading axes broadcast as in NumPy.

    Returns:
        The sums, of shape (…).

    Example:
        >>> print(mg.ops.vecdot([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]))
        32.0
    """

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
        return broadcast_shape(vecdot_shape(x, w), b)

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
            raise ValueError(f"{a} has another number of columns than {b} has rows")
        return (*broadcast_shape(a[:-2], b[:-2]), *a[-2:-1], b[-1])

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
        s = broadcast_shape(MatrixMultiply(self.vector).shape(x, W), b)
        if s != (*x[:-1], W[-1]):
            raise ValueError(f"b of shape {b} does not broadcast to x W of shape {(*x[:-1], W[-1])}")
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
        raise ValueError(f"the last axes of {a} and {b} differ")
    return broadcast_shape(a, b)[:-1]


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

    On the way back ∂L/∂wᵢ = xᵢδ and ∂L/∂xᵢ = wᵢδ, with δ = ∂L/∂s.

    Args:
        parents: The xᵢ: scalar nodes or numbers in any iterable, or one array-valued node of shape (inputs,).
        weights: The wᵢ, as many as there are parents, in the same forms.
        bias: b, a scalar node or a number; 0 if None.
        name: Name of the new node.

    Returns:
        The sum s, a scalar node.

    Raises:
        ShapeError: If there are not as many weights as parents.

    Example:
        >>> x = [mg.Input("x1", value=1.0), mg.Input("x2", value=2.0)]
        >>> w = [mg.Parameter(0.5, "w1"), mg.Parameter(-0.25, "w2")]
        >>> s = mg.weighted_sum(x, w, bias=1.0, name="s")
        >>> s.backward()
        >>> print(s.value, w[0].grad, w[1].grad)  # the gradient of a weight is its input, times δ = 1
        1.0 1.0 2.0
    """
    return neuron_sum(as_row(parents), as_row(weights), 0.0 if bias is None else bias, name=name)


def as_row(operands: Any) -> Any:
    """Return the operands of an iterable as a list; return a node, an array of numbers or a number unchanged."""
    if isinstance(operands, np.ndarray):
        return operands.tolist() if operands.dtype == object else operands
    return list(operands) if isinstance(operands, Iterable) and not isinstance(operands, NodeLike) else operands


def matmul(a: Operand[N], b: Operand[N], name: str | None = None) -> N:
    """Return the matrix product Y = A B, by the rules of NumPy's `@`.

    On the way back ∂L/∂A = ∂L/∂Y Bᵀ and ∂L/∂B = Aᵀ ∂L/∂Y.

    Args:
        a: Array or node of shape (n,), (m, n), or (…, m, n) for a stack of matrices.
        b: Array or node of shape (n,), (n, k), or (…, n, k).
        name: Name of the new node.

    Returns:
        The product, of shape (…, m, k); the axis of a vector is left out.

    Raises:
        ShapeError: If an operand is a scalar, or the columns of `a` are not as many as the rows of `b`.

    Example:
        >>> A, x = mg.Parameter([[1.0, 2.0], [3.0, 4.0]], "A"), [1.0, -1.0]
        >>> y = mg.matmul(A, x)
        >>> print(y.value)
        [-1. -1.]
        >>> mg.sum(y).backward()
        >>> print(A.grad.tolist())
        [[1.0, -1.0], [1.0, -1.0]]
    """
    left, right = len(shape_of(a)), len(shape_of(b))
    if not left or not right:
        raise ShapeError("a matrix product with a scalar", node=name, cure="Use * for scalars.")
    if right == 1:
        return vecdot(a, b, name=name)
    if left == 1 and right > 2:
        row: Any = expand_dims(a, axis=-2)
        product: Any = MatrixMultiply()(row, b)
        return squeeze(product, axis=-2, name=name)
    return MatrixMultiply(vector=left == 1)(a, b, name=name)


def affine(x: Operand[N], W: Operand[N], b: Operand[N], name: str | None = None) -> N:
    """Return the weighted sums of a layer, s = x W + b; column j of W holds the weights of neuron j.

    Args:
        x: Array or node of shape (…, inputs).
        W: Weights, of shape (inputs, outputs).
        b: Biases, of shape (outputs,).
        name: Name of the new node.

    Returns:
        The sums s, of shape (…, outputs).

    Raises:
        ShapeError: If the shapes do not fit.

    Example:
        >>> x = mg.Parameter([1.0, 2.0], "x")
        >>> W, b = mg.Parameter([[0.5, 0.0], [0.0, 0.5]], "W"), mg.Parameter([1.0, -1.0], "b")
        >>> print(mg.affine(x, W, b, name="s").value)
        [1.5 0. ]
    """
    return Affine(vector=len(shape_of(x)) == 1)(x, W, b, name=name)


vecdot, neuron_sum = VectorDot(), WeightedSum()
