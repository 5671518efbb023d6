"""Losses: values worked out by hand, the documented derivative at kinks, and shapes that do not fit."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops
from minigrad.errors import ShapeError
from tests.ops.helpers import derivatives


@pytest.mark.parametrize(
    ("loss", "outputs", "targets", "value"),
    [
        (ops.squared_error, [1.0, 4.0], [0.0, 2.0], 2.5),
        (ops.mean_squared_error, [1.0, 4.0], [0.0, 2.0], 2.5),
        (ops.mean_squared_error, [3.0], [1.0], 4.0),
        (ops.absolute_error, [1.0, 4.0], [0.0, 6.0], 3.0),
        (ops.huber, [0.5, 4.0], [0.0, 2.0], 0.125 + 1.5),
        (ops.Huber(4.0), [0.5, 4.0], [0.0, 2.0], 0.125 + 2.0),
        (ops.hinge, [0.5, -2.0], [1.0, 1.0], 0.5 + 3.0),
        (ops.binary_cross_entropy, [0.0, log(3)], [1.0, 0.0], log(2) + log(4)),
        (ops.softmax_cross_entropy, [0.0, log(3)], [0.0, 1.0], -log(0.75)),
    ],
)
def test_value(loss: Any, outputs: list[float], targets: list[float], value: float) -> None:
    assert loss(outputs, targets) == pytest.approx(value, rel=1e-15)
    assert loss(np.array([outputs] * 3), np.array([targets] * 3)).tolist() == pytest.approx([value] * 3)


def test_derivatives_of_the_squared_error() -> None:
    assert derivatives(ops.squared_error, [1.0, 4.0], [0.0, 2.0]) == [[1.0, 2.0], [-1.0, -2.0]]


def test_derivatives_at_kinks() -> None:
    assert derivatives(ops.absolute_error, [1.0, 2.0], [1.0, 1.0]) == [[0.0, 1.0], [0.0, -1.0]]
    assert derivatives(ops.huber, [1.0, -1.0, 3.0], [0.0, 0.0, 0.0]) == [[1.0, -1.0, 1.0], [-1.0, 1.0, -1.0]]
    assert derivatives(ops.hinge, [1.0, 0.5, -2.0], [1.0, 1.0, -1.0]) == [[0.0, -1.0, 0.0], [0.0, -0.5, 0.0]]


def test_as_many_outputs_as_targets() -> None:
    with pytest.raises(ShapeError, match="as many targets as outputs"):
        mg.squared_error(mg.Input("y", 2), mg.Input("t", 3))
    with pytest.raises(ShapeError, match="as many targets as outputs"):
        mg.squared_error([1.0, 2.0], [1.0])  # numbers are not broadcast in silence either


def test_a_class_masked_by_minus_infinity_costs_nothing() -> None:
    z, p = mg.Parameter([0.5, -np.inf, 0.5], "z"), [0.0, 0.0, 1.0]
    loss = mg.softmax_cross_entropy(z, p)
    loss.backward()
    assert loss.value == pytest.approx(log(2), rel=1e-15)
    assert z.grad.tolist() == [0.5, 0.0, -0.5]
    assert mg.softmax_cross_entropy(z, [0.0, 1.0, 0.0]).value == np.inf  # an impossible class that came true
    assert np.isnan(mg.softmax_cross_entropy(np.array([np.nan, 0.0]), [0.0, 1.0]))


@pytest.mark.parametrize(("logit", "target", "value"), [(np.inf, 1.0, 0.0), (-np.inf, 0.0, 0.0), (np.inf, 0.5, np.inf)])
def test_binary_cross_entropy_of_an_infinite_logit(logit: float, target: float, value: float) -> None:
    z = mg.Parameter(logit, "z")
    loss = mg.binary_cross_entropy([z], [target])
    loss.backward()
    assert loss.value == value
    assert z.grad == pytest.approx((logit > 0) - target, abs=1e-300)
