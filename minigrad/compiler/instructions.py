"""What can be said of one recorded instruction, and which of them are needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from minigrad.compiler.recorder import Instruction, Traced
from minigrad.ops.op import Shape


def needed(instructions: list[Instruction], results: Iterable[Traced]) -> list[Instruction]:
    """The instructions that the results depend on, in order."""
    wanted = set(results)
    kept = []
    for step in reversed(instructions):
        if step.result in wanted:
            wanted.update(step.operands)
            kept.append(step)
    return kept[::-1]


def is_ufunc(name: str) -> bool:
    return isinstance(getattr(np, name, None), np.ufunc)


def is_plain_product(step: Instruction) -> bool:
    """Whether NumPy's `dot` does the same as `matmul`; it costs less, and a column by a row a fraction."""
    factors = [factor.value if isinstance(factor, Traced) else factor for factor in step.arguments]
    types = {factor.dtype for factor in (*factors, step.result.value)} if step.function == "matmul" else ()
    return len(types) == 1 and all(factor.ndim <= 2 for factor in factors)


def is_elementwise(step: Instruction) -> bool:
    """Whether the result may take the memory of an operand: element i is read before element i is written."""
    function = getattr(np, step.function, None)
    return isinstance(function, np.ufunc) and function.signature is None


def spans(step: Instruction) -> Iterator[tuple[Any, int, int]]:
    """The parts of a concatenation of flat arrays: each with where it starts and where it stops."""
    start = 0
    for operand in step.arguments[0]:
        size = operand.value.size if isinstance(operand, Traced) else operand.size
        yield operand, start, start + size
        start += size


def is_whole(view: Traced, root: Traced) -> bool:
    """Whether a view holds all elements of an array, in the same order."""
    contiguous = view.value.flags.c_contiguous and root.value.flags.c_contiguous
    return contiguous and view.value.size == root.value.size


def layout_of(array: Traced) -> tuple[Shape, str]:
    """What two arrays must share for one to take the memory of the other."""
    return array.shape, array.value.dtype.name
