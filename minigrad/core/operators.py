"""Python's operators and NumPy's functions on nodes: each is the op of the same name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic

import numpy as np

from minigrad import ops
from minigrad.errors import OperandError
from minigrad.ops.base import N, NodeLike, Shape


class Operators(NodeLike[N], Generic[N]):
    """Arithmetic on objects that ops can be applied to."""

    __slots__ = ()
    shape: Shape

    def __add__(self, other: Any) -> N:
        return self.__apply__(ops.add, (self, other))

    def __radd__(self, other: Any) -> N:
        return self.__apply__(ops.add, (other, self))

    def __sub__(self, other: Any) -> N:
        return self.__apply__(ops.subtract, (self, other))

    def __rsub__(self, other: Any) -> N:
        return self.__apply__(ops.subtract, (other, self))

    def __mul__(self, other: Any) -> N:
        return self.__apply__(ops.multiply, (self, other))

    def __rmul__(self, other: Any) -> N:
        return self.__apply__(ops.multiply, (other, self))

    def __truediv__(self, other: Any) -> N:
        return self.__apply__(ops.divide, (self, other))

    def __rtruediv__(self, other: Any) -> N:
        return self.__apply__(ops.divide, (other, self))

    def __pow__(self, other: Any) -> N:
        return self.__apply__(ops.pow, (self, other))

    def __rpow__(self, other: Any) -> N:
        return self.__apply__(ops.pow, (other, self))

    def __matmul__(self, other: Any) -> N:
        return ops.matmul(self, other)

    def __rmatmul__(self, other: Any) -> N:
        return ops.matmul(other, self)

    def __neg__(self) -> N:
        return self.__apply__(ops.negative, (self,))

    def __abs__(self) -> N:
        return self.__apply__(ops.abs, (self,))

    def __gt__(self, other: Any) -> N:
        return self.__apply__(ops.greater, (self, other))

    def __lt__(self, other: Any) -> N:
        return self.__apply__(ops.less, (self, other))

    def __getitem__(self, index: Any) -> N:
        return ops.getitem(self, index)

    def __len__(self) -> int:
        if not self.shape:
            raise OperandError("a scalar node has no length", node=str(self))
        return self.shape[0]

    def __iter__(self) -> Iterator[N]:
        return iter([self[index] for index in range(len(self))])

    def __bool__(self) -> bool:
        raise OperandError(
            "a node is not true or false", node=str(self), cure="Compare node.value, or choose with minigrad.where."
        )

    # NumPy's functions and operators, handed to the op of the same name.

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **settings: Any) -> Any:
        if method != "__call__" or settings:
            return NotImplemented
        return self.__array_function__(ufunc, (), operands, settings)

    def __array_function__(
        self, function: Any, types: Any, operands: Sequence[Any], settings: Mapping[str, Any]
    ) -> Any:
        counterpart = vars(ops).get(function.__name__)
        return NotImplemented if counterpart is None else counterpart(*operands, **settings)
