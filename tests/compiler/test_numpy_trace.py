"""The namespace of NumPy programs: what is spelled otherwise is the same, and costs fewer or cheaper calls."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad.compiler.numpy_trace import SHORT_SUM, NumpyTracer
from minigrad.compiler.trace import TracedArray, Tracer


def functions(recorder: Tracer) -> list[str]:
    return [step.function for step in recorder.instructions]


def leaf(recorder: Tracer, *shape: int) -> TracedArray:
    return recorder.leaf(np.arange(1.0, 1.0 + np.prod(shape, dtype=int)).reshape(shape))


def test_choices_are_made_by_truth_values() -> None:
    xp = NumpyTracer()
    x = leaf(xp, 3)
    chosen = xp.where(xp.asarray(x.value > 1.5, dtype=float), x, 0.0)
    np.testing.assert_array_equal(chosen.value, [0.0, 2.0, 3.0])
    np.testing.assert_array_equal(xp.where(x * 0.0, x, -1.0).value, [-1.0] * 3)
    assert chosen.value.dtype == np.float64


def test_numbers_are_of_the_type_of_the_program() -> None:
    xp = NumpyTracer(np.float32)
    x = leaf(xp, 3)
    assert {xp.where(x > 1, x, 0.0).value.dtype, (2.0 * x + 1).value.dtype, xp.exp(x).value.dtype} == {np.dtype("f4")}


def test_unstacked_rows_and_arrays_broadcast() -> None:
    xp = NumpyTracer()
    x = leaf(xp, 4, 2, 3)
    assert [row.shape for row in xp.unstack(x, axis=-2)] == [(4, 3)] * 2
    wide, narrow = xp.broadcast_arrays(x, leaf(xp, 3))
    assert wide.shape == narrow.shape == (4, 2, 3)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(
    ("shape", "axis"),
    [((3,), axis) for axis in (None, 0, -1)]
    + [(shape, axis) for shape in ((2, 3), (4, 2, 3)) for axis in (None, 0, -1, 1, (0, 1), (-2,))],
)
def test_sums_and_means_are_those_of_numpy(shape: tuple[int, ...], axis: object, keepdims: bool) -> None:
    xp = NumpyTracer()
    x = leaf(xp, *shape)
    for name in ("sum", "mean"):
        actual = getattr(xp, name)(x, axis=axis, keepdims=keepdims)
        expected = getattr(np, name)(x.value, axis=axis, keepdims=keepdims)
        np.testing.assert_allclose(actual.value, expected, rtol=1e-15)
        assert actual.shape == expected.shape


def test_a_short_sum_is_a_product_with_ones() -> None:
    xp = NumpyTracer()
    x = leaf(xp, 2, 3)
    xp.sum(x, axis=0), xp.sum(x, axis=-1), xp.sum(x, axis=None)
    assert functions(xp) == ["matmul", "matmul", "sum"]
    longer = NumpyTracer()
    longer.sum(leaf(longer, SHORT_SUM + 1))
    assert functions(longer) == ["sum"]


def test_the_sum_of_a_product_of_vectors_is_their_own() -> None:
    xp = NumpyTracer()
    x, y = leaf(xp, 3), leaf(xp, 3)
    assert xp.sum(x * y, axis=-1).value == 14.0
    assert xp.instruction_of[xp.sum(x * y, axis=-1)].arguments == (x, y)
    wide = xp.sum(x * leaf(xp, 1), axis=-1)
    assert wide.value == 6.0


def test_a_number_is_written_out_beside_an_array() -> None:
    xp = NumpyTracer(np.float32)
    x = leaf(xp, 2, 3)
    assert xp.maximum(x, 2.5) is xp.maximum(x, 2.5)
    (step,) = xp.instructions
    np.testing.assert_array_equal(step.arguments[1], np.full((2, 3), 2.5, np.float32), strict=True)
    np.testing.assert_array_equal(xp.minimum(1.5, x).value, np.minimum(1.5, x.value))
    assert xp.maximum(x[0, 0], 2.0).value == 2.0
