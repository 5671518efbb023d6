"""Comparisons and choices: their values, and the documented derivative at ties, bounds and kinks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops
from minigrad.errors import OpError
from tests.ops.helpers import derivatives


def test_comparisons_are_one_or_zero_and_pass_no_delta() -> None:
    for op, expected in ((ops.greater, [0, 0, 1]), (ops.less, [1, 0, 0]), (ops.equal, [0, 1, 0])):
        assert op([1.0, 2.0, 3.0], 2.0).tolist() == expected
        assert derivatives(op, 1.0, 1.0) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("op", "x", "derivative"),
    [
        (ops.abs, -2.0, -1.0),
        (ops.abs, 0.0, 0.0),
        (ops.sign, 0.0, 0.0),
        (ops.sign, 2.0, 0.0),
        (ops.Clip(-1.0, 1.0), 1.0, 1.0),
        (ops.Clip(-1.0, 1.0), -1.0, 1.0),
        (ops.Clip(-1.0, 1.0), 1.5, 0.0),
        (ops.Clip(2.0, 2.0), 2.0, 1.0),
    ],
)
def test_derivative_at_a_kink(op: Any, x: float, derivative: float) -> None:
    assert derivatives(op, x) == [derivative]


@pytest.mark.parametrize("op", [ops.maximum, ops.minimum])
def test_a_tie_of_two_is_shared_evenly(op: Any) -> None:
    assert derivatives(op, 2.0, 2.0) == [0.5, 0.5]
    larger, smaller = ([1.0, 0.0], [0.0, 1.0]) if op is ops.maximum else ([0.0, 1.0], [1.0, 0.0])
    assert derivatives(op, 3.0, 2.0) == larger
    assert derivatives(op, 2.0, 3.0) == smaller


@pytest.mark.parametrize("condition", [0.0, 1.0, -2.0])
def test_where_sends_delta_to_the_chosen_operand(condition: float) -> None:
    assert ops.where(condition, 3.0, 4.0) == (3.0 if condition else 4.0)
    assert derivatives(ops.where, condition, 3.0, 4.0) == [0.0, float(condition != 0), float(condition == 0)]


def test_clip_limits_to_its_bounds() -> None:
    assert mg.clip([-2.0, 0.5, 2.0], 0, 1).tolist() == [0.0, 0.5, 1.0]
    with pytest.raises(OpError, match=r"clip: the bounds are in the wrong order; found \[1, 0\], expected low"):
        mg.clip(mg.Parameter(1.0), 1, 0)


def test_nan_passes() -> None:
    for op in (ops.maximum, ops.minimum):
        for pair in ((np.nan, 1.0), (1.0, np.nan)):
            assert np.isnan(op(*map(mg.Parameter, pair)).value)
    for op in (ops.sign, ops.abs):
        assert np.isnan(op(mg.Parameter(np.nan)).value), op
