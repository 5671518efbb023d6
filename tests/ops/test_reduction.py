"""Reductions: NumPy's values over every choice of axes, and ties of the maximum."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import ShapeError

CUBE = np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 2), (-1, 0), (0, 1, 2), ()], ids=str)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(("op", "of_numpy"), [(mg.sum, np.sum), (mg.mean, np.mean), (mg.max, np.max)])
def test_a_reduction_is_that_of_numpy(op: Any, of_numpy: Any, axis: Any, keepdims: bool) -> None:
    node = op(mg.Parameter(CUBE), axis=axis, keepdims=keepdims)
    expected = of_numpy(CUBE, axis=axis, keepdims=keepdims)
    assert node.shape == expected.shape
    np.testing.assert_allclose(node.value, expected, rtol=1e-15)


def test_delta_is_repeated_by_a_sum_and_shared_by_a_mean() -> None:
    x = mg.Parameter([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    mg.sum(mg.sum(x, axis=1) * [10.0, 20.0]).backward()
    np.testing.assert_array_equal(x.delta, [[10.0] * 3, [20.0] * 3])
    mg.sum(mg.mean(x, axis=0) * [2.0, 4.0, 6.0]).backward()
    np.testing.assert_array_equal(x.delta, [[1.0, 2.0, 3.0]] * 2)


def test_a_tie_of_many_is_shared_evenly() -> None:
    x = mg.Parameter([[3.0, 1.0, 3.0], [3.0, 3.0, 2.0]])
    mg.max(x).backward()
    np.testing.assert_array_equal(x.delta, [[0.25, 0.0, 0.25], [0.25, 0.25, 0.0]])
    mg.sum(mg.max(x, axis=0)).backward()
    np.testing.assert_array_equal(x.delta, [[0.5, 0.0, 1.0], [0.5, 1.0, 0.0]])
    mg.sum(mg.max(x, axis=1, keepdims=True)).backward()
    np.testing.assert_array_equal(x.delta, [[0.5, 0.0, 0.5], [0.5, 0.5, 0.0]])


@pytest.mark.parametrize("axis", [3, -4, (0, 0), (0, -3)])
def test_an_axis_that_is_not_there_or_named_twice_is_refused(axis: Any) -> None:
    with pytest.raises(ShapeError, match="an axis does not exist or is named twice"):
        mg.sum(mg.Parameter(CUBE), axis=axis)
