"""Shape manipulation: NumPy's values, right derivatives, and shapes that do not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops
from minigrad.errors import ShapeError
from minigrad.ops.shaping import trailing_axes

ARRAY = np.arange(6.0).reshape(2, 3)

CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "reshape": lambda xp, x: xp.reshape(x, (3, 2)),
    "reshape to a vector": lambda xp, x: xp.reshape(x, -1),
    "reshape with one axis open": lambda xp, x: xp.reshape(x, (1, -1, 2)),
    "permute_dims": lambda xp, x: xp.permute_dims(x, (1, 0)),
    "permute_dims in reverse": lambda xp, x: xp.permute_dims(x),
    "matrix_transpose": lambda xp, x: xp.matrix_transpose(x),
    "broadcast_to": lambda xp, x: xp.broadcast_to(x, (4, 2, 3)),
    "expand_dims": lambda xp, x: xp.expand_dims(x, axis=1),
    "expand_dims from the end": lambda xp, x: xp.expand_dims(x, axis=-1),
    "squeeze": lambda xp, x: xp.squeeze(xp.expand_dims(x, axis=0), axis=0),
    "concat": lambda xp, x: xp.concat([x, x * x], axis=1),
    "concat along the first axis": lambda xp, x: xp.concat([x, x[:1]], axis=0),
    "stack": lambda xp, x: xp.stack([x, x * x], axis=1),
    "stack along the last axis": lambda xp, x: xp.stack([x, x * x], axis=-1),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_that_of_numpy(name: str) -> None:
    x = mg.Parameter(ARRAY)
    node, expected = CALLS[name](ops, x), CALLS[name](np, ARRAY)
    assert node.shape == expected.shape
    np.testing.assert_array_equal(node.value, expected)
    mg.check_gradients(mg.sum(node * np.random.default_rng(0).normal(size=node.shape)))


def test_broadcast_arrays_repeats_what_has_to_be_repeated() -> None:
    row, column = mg.Parameter([1.0, 2.0, 3.0]), mg.Parameter([[1.0], [2.0]])
    one, other = ops.broadcast_arrays(row, column)
    assert one.value.tolist() == [[1.0, 2.0, 3.0]] * 2
    assert other.value.tolist() == [[1.0] * 3, [2.0] * 3]
    mg.sum(one * other).backward()
    assert row.delta.tolist() == [3.0, 3.0, 3.0]
    assert ops.broadcast_arrays(row, row) == (row, row)


def test_trailing_axes_count_from_the_last() -> None:
    assert trailing_axes((0, -1), 3) == (-3, -1)
    assert trailing_axes(None, 2) == (-2, -1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: mg.reshape(x, (4, 2)), r"do not fit the new shape; found \(4, 2\), expected the 6 elements of"),
        (lambda x: mg.reshape(x, (0, -1)), "do not fit the new shape"),
        (lambda x: mg.squeeze(x, axis=0), "do not fit the new shape"),
        (lambda x: ops.broadcast_to(x, (2, 4)), r"broadcast do not fit.*: \(2, 3\) and \(2, 4\) do not broadcast\."),
        (lambda x: mg.concat([x, mg.Parameter([1.0])], axis=0), "concat do not fit.*only arrays of equal rank"),
        (lambda x: mg.concat([x, mg.Parameter(ARRAY.T)], axis=0), "the arrays differ along another axis"),
        (lambda x: mg.stack([x, mg.Parameter([1.0])]), "stack do not fit"),
        (lambda x: mg.expand_dims(x, axis=3), "an axis does not exist"),
    ],
)
def test_shapes_that_do_not_fit_are_named(call: Callable[[Any], Any], words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        call(mg.Parameter(ARRAY))
