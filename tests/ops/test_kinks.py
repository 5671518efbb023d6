"""At its kinks an op has the derivative that its documentation says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops
from minigrad.errors import OpError


def slopes(op: Any, *operands: Any) -> list[Any]:
    """δ of each operand where the δ of the result is 1 everywhere; plain numbers and arrays must agree."""
    parameters = [mg.Parameter(operand) for operand in operands]
    mg.sum(op(*parameters)).backward()
    rows = [mg.Parameter(np.array([operand, operand])) for operand in operands]
    if not any(np.shape(operand) for operand in operands) and op.kind != "loss":
        mg.sum(op(*rows)).backward()
        assert [row.delta.tolist() for row in rows] == [[parameter.delta] * 2 for parameter in parameters]
    return [np.asarray(parameter.delta).tolist() for parameter in parameters]


@pytest.mark.parametrize(
    ("op", "at", "slope"),
    [
        (ops.relu, 0.0, 0.0),
        (ops.relu, -0.0, 0.0),
        (ops.abs, 0.0, 0.0),
        (ops.sign, 0.0, 0.0),
        (ops.leaky_relu, 0.0, 0.01),
        (ops.LeakyReLU(0.3), 0.0, 0.3),
        (ops.elu, 0.0, 1.0),
        (ops.ELU(0.5), 0.0, 0.5),
        (ops.softsign, 0.0, 1.0),
        (ops.hard_tanh, 1.0, 0.0),
        (ops.hard_tanh, -1.0, 0.0),
        (ops.Clip(-1.0, 1.0), 1.0, 1.0),
        (ops.Clip(-1.0, 1.0), -1.0, 1.0),
        (ops.Clip(-1.0, 1.0), 1.5, 0.0),
        (ops.Clip(2.0, 2.0), 2.0, 1.0),
    ],
)
def test_activations_and_choices_of_one(op: Any, at: float, slope: float) -> None:
    assert slopes(op, at) == [slope]


@pytest.mark.parametrize("op", [ops.maximum, ops.minimum])
def test_a_tie_of_two_is_shared_evenly(op: Any) -> None:
    assert slopes(op, 2.0, 2.0) == [0.5, 0.5]
    larger, smaller = ([1.0, 0.0], [0.0, 1.0]) if op is ops.maximum else ([0.0, 1.0], [1.0, 0.0])
    assert slopes(op, 3.0, 2.0) == larger
    assert slopes(op, 2.0, 3.0) == smaller


def test_a_tie_of_many_is_shared_evenly() -> None:
    x = mg.Parameter([[3.0, 1.0, 3.0], [3.0, 3.0, 2.0]])
    mg.max(x).backward()
    np.testing.assert_array_equal(x.delta, [[0.25, 0.0, 0.25], [0.25, 0.25, 0.0]])
    mg.sum(mg.max(x, axis=0)).backward()
    np.testing.assert_array_equal(x.delta, [[0.5, 0.0, 1.0], [0.5, 1.0, 0.0]])
    mg.sum(mg.max(x, axis=1, keepdims=True)).backward()
    np.testing.assert_array_equal(x.delta, [[0.5, 0.0, 0.5], [0.5, 0.5, 0.0]])


def test_losses_at_their_kinks() -> None:
    assert slopes(ops.absolute_error, [1.0, 2.0], [1.0, 1.0]) == [[0.0, 1.0], [0.0, -1.0]]
    assert slopes(ops.huber, [1.0, -1.0, 3.0], [0.0, 0.0, 0.0]) == [[1.0, -1.0, 1.0], [-1.0, 1.0, -1.0]]
    assert slopes(ops.hinge, [1.0, 0.5, -2.0], [1.0, 1.0, -1.0]) == [[0.0, -1.0, 0.0], [0.0, -0.5, 0.0]]


@pytest.mark.parametrize("condition", [0.0, 1.0, -2.0])
def test_where_sends_delta_to_the_chosen_side(condition: float) -> None:
    assert slopes(ops.where, condition, 3.0, 4.0) == [0.0, float(condition != 0), float(condition == 0)]


def test_comparisons_pass_no_delta() -> None:
    for op in (ops.greater, ops.less, ops.equal):
        assert slopes(op, 1.0, 1.0) == [0.0, 0.0]


def test_a_power_of_a_base_that_is_not_positive() -> None:
    assert slopes(ops.pow, -2.0, 3.0) == [12.0, 0.0]
    assert slopes(ops.pow, 0.0, 1.0) == [1.0, 0.0]
    assert slopes(ops.pow, 0.0, 2.0) == [0.0, 0.0]


def test_bounds_the_wrong_way_round() -> None:
    with pytest.raises(OpError, match=r"clip: the bounds are the wrong way round; found \(1\.0, 0\.0\), expected low"):
        mg.clip(mg.Parameter(1.0), 1, 0)


def test_nan_goes_through_the_choices() -> None:
    for op in (ops.maximum, ops.minimum):
        for pair in ((np.nan, 1.0), (1.0, np.nan)):
            assert np.isnan(op(*map(mg.Parameter, pair)).value)
    for op in (ops.relu, ops.sign, ops.abs, ops.hard_tanh, ops.sigmoid):
        assert np.isnan(op(mg.Parameter(np.nan)).value), op
