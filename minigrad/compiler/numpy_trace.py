"""The tracer of NumPy programs, which replaces functions by what NumPy computes fastest."""

from __future__ import annotations

from math import inf, prod
from typing import Any

import numpy as np

from minigrad.compiler.settings import number_key
from minigrad.compiler.trace import TracedArray, Tracer, plain, traced_arrays
from minigrad.ops.base import Shape

BITS = {"float32": "int32", "float64": "int64"}
"""Integers as long as the numbers. Where conditions change from element to element, their bits times 0 or 1 make a
choice many times faster than NumPy's masked copies, and an exact one: what is not chosen may be inf or nan."""

SHORT_SUM = 4096
"""The longest sum that is traced as a product with ones; longer ones NumPy adds up in pairs, which rounds less."""

LARGEST_FILL = 1 << 16
"""The largest array beside which a number becomes an array: NumPy compares two arrays many elements at a time, but an
array with a number one by one."""


class NumpyTracer(Tracer):
    """The array namespace of NumPy programs: choices by bits, sums by products."""

    def __init__(self, dtype: Any = np.float64) -> None:
        super().__init__(dtype)
        self.filled_arrays: dict[tuple[Shape, str], np.ndarray] = {}

    def where(self, condition: Any, if_true: Any, if_false: Any) -> Any:
        """Trace a choice; the condition becomes truth values, the numbers become those of the program's type."""
        if not isinstance(condition, TracedArray) or condition.value.dtype != np.bool:
            condition = self.call("not_equal", condition, 0)
        sides = [
            side if isinstance(side, TracedArray) else np.asarray(side, self.dtype if type(side) is float else None)
            for side in map(plain, (if_true, if_false))
        ]
        kind, *others = {side.value.dtype if isinstance(side, TracedArray) else side.dtype for side in sides}
        if others or kind.name not in BITS or not traced_arrays([condition, *sides]):
            return self.call("where", condition, *sides)
        first, second = (self.call("view", side, BITS[kind.name]) for side in sides)
        if isinstance(condition, TracedArray):  # a product that casts takes twice as long
            condition = self.call("astype", condition, BITS[kind.name])
        if not isinstance(second, TracedArray) and not np.any(second):
            picked = self.call("multiply", first, condition)
        else:
            picked = self.call("bitwise_xor", first, second)
            picked = self.call("bitwise_xor", self.call("multiply", picked, condition), second)
        return self.call("view", picked, kind.name)

    def sum(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Trace a sum; a short one over one axis of a vector or matrix as a product with ones."""
        axes = positive_axes(axis, x.ndim)
        if not self.is_number_array(x) or x.ndim > 2 or len(axes) != 1 or x.shape[axes[0]] > SHORT_SUM:
            return self.call("sum", x, axis=axis, **({"keepdims": True} if keepdims else {}))
        total = self.product_with_ones(x, *axes)
        shape = tuple(1 if axis in axes else size for axis, size in enumerate(x.shape))
        return self.call("reshape", total, shape) if keepdims else total

    def product_with_ones(self, x: TracedArray, axis: int) -> Any:
        """Trace the sum over one axis as a product with ones; that of a product of two vectors as their product."""
        step = self.instruction_of.get(x)
        factors = step.arguments if step and step.function == "multiply" else ()
        if factors and all(self.is_number_array(factor) and factor.shape == x.shape[:1] for factor in factors):
            return self.call("matmul", *factors)
        ones = self.full((x.shape[axis],), 1.0)
        return self.call("matmul", *((x, ones) if axis == x.ndim - 1 else (ones, x)))

    def mean(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Trace the sum divided by the count, which costs a fraction of what NumPy's own mean does."""
        total = self.sum(x, axis, keepdims)
        return total / (prod(x.shape) // prod(total.shape))

    def pow(self, a: Any, b: Any) -> Any:
        """Trace a power; NumPy takes a square root for an exponent of ½, which is nan at −∞ and −0 at −0."""
        y = self.call("pow", a, b)
        is_root = self.call("equal", b, 0.5)
        if not isinstance(is_root, TracedArray) and not np.any(is_root):
            return y
        return self.where(is_root, self.where(self.call("equal", a, -inf), inf, y + 0.0), y)

    def maximum(self, a: Any, b: Any) -> Any:
        """Trace the larger of two."""
        return self.call("maximum", *self.with_filled_arrays(a, b))

    def minimum(self, a: Any, b: Any) -> Any:
        """Trace the smaller of two."""
        return self.call("minimum", *self.with_filled_arrays(a, b))

    def with_filled_arrays(self, *operands: Any) -> list[Any]:
        """Return the operands, a number beside an array of moderate size as an array of that size."""
        arrays = [
            operand for operand in operands if self.is_number_array(operand) and 1 < operand.value.size <= LARGEST_FILL
        ]
        return [
            self.full(arrays[0].shape, float(operand)) if arrays and type(operand) in (int, float) else operand
            for operand in map(plain, operands)
        ]

    def full(self, shape: Shape, number: float) -> np.ndarray:
        """Return an array of one number, the same array each time."""
        key = shape, number_key(number)
        if key not in self.filled_arrays:
            self.filled_arrays[key] = np.full(shape, number, self.dtype)
        return self.filled_arrays[key]

    def is_number_array(self, x: Any) -> bool:
        """Return whether an operand is a traced array of the program's own type."""
        return isinstance(x, TracedArray) and x.value.dtype == self.dtype

    def unstack(self, x: TracedArray, axis: int = 0) -> tuple[TracedArray, ...]:
        """Trace the slices along one axis, counted from the last."""
        behind = (slice(None),) * (-axis - 1)
        return tuple(x[(..., index, *behind)] for index in range(x.shape[axis]))

    def broadcast_arrays(self, *x: Any) -> tuple[Any, ...]:
        """Trace all operands broadcast to their common shape."""
        shape = np.broadcast_shapes(*(np.shape(part.value if isinstance(part, TracedArray) else part) for part in x))
        return tuple(self.call("broadcast_to", part, shape) for part in x)


def positive_axes(axis: Any, rank: int) -> tuple[int, ...]:
    """Return axes counted from the first."""
    axes = range(rank) if axis is None else (axis,) if isinstance(axis, int) else axis
    return tuple(axis % rank for axis in axes)
