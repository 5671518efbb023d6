"""Activations: values worked out by hand, and the documented derivative at every kink."""

from __future__ import annotations

from math import e, erf, exp, log, sqrt, tanh
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops
from minigrad.ops.activations import log_one_plus_exp
from tests.laws import OPS
from tests.ops.helpers import derivatives


@pytest.mark.parametrize(
    ("op", "s", "y", "derivative"),
    [
        (ops.identity, -2.0, -2.0, 1.0),
        (ops.sigmoid, 0.0, 0.5, 0.25),
        (ops.sigmoid, log(3), 0.75, 0.1875),
        (ops.tanh, 0.5, tanh(0.5), 1 - tanh(0.5) ** 2),
        (ops.relu, 3.0, 3.0, 1.0),
        (ops.relu, -3.0, 0.0, 0.0),
        (ops.leaky_relu, -3.0, -0.03, 0.01),
        (ops.elu, -1.0, 1 / e - 1, 1 / e),
        (ops.selu, 1.0, 1.0507009873554805, 1.0507009873554805),
        (ops.softplus, 0.0, log(2), 0.5),
        (ops.gelu, 0.0, 0.0, 0.5),
        (ops.silu, log(3), 0.75 * log(3), 0.75 + 0.1875 * log(3)),
        (ops.softsign, -3.0, -0.75, 0.0625),
        (ops.hard_tanh, 0.25, 0.25, 1.0),
        (ops.hard_tanh, -4.0, -1.0, 0.0),
    ],
)
def test_value_and_derivative(op: Any, s: float, y: float, derivative: float) -> None:
    assert op(s) == pytest.approx(y, abs=1e-15)
    assert derivatives(op, s) == [pytest.approx(derivative, abs=1e-15)]


@pytest.mark.parametrize(
    ("op", "s", "derivative"),
    [
        (ops.relu, 0.0, 0.0),
        (ops.relu, -0.0, 0.0),
        (ops.leaky_relu, 0.0, 0.01),
        (ops.LeakyReLU(0.3), 0.0, 0.3),
        (ops.elu, 0.0, 1.0),
        (ops.ELU(0.5), 0.0, 0.5),
        (ops.softsign, 0.0, 1.0),
        (ops.hard_tanh, 1.0, 0.0),
        (ops.hard_tanh, -1.0, 0.0),
    ],
)
def test_derivative_at_a_kink(op: Any, s: float, derivative: float) -> None:
    assert derivatives(op, s) == [derivative]


def test_gelu_is_close_to_its_exact_form() -> None:
    s = np.linspace(-4, 4, 33)
    exact = [0.5 * x * (1 + erf(x / sqrt(2))) for x in s]
    np.testing.assert_allclose(ops.gelu(s), exact, atol=5e-4)


def test_softmax_sums_to_one_and_does_not_overflow() -> None:
    assert ops.softmax([0.0, log(3)]).tolist() == pytest.approx([0.25, 0.75])
    assert ops.softmax([1000.0, 0.0]).tolist() == [1.0, 0.0]
    assert ops.log_softmax([0.0, log(3)]).tolist() == pytest.approx([log(0.25), log(0.75)])
    s = mg.Parameter([0.0, log(3)])
    ops.softmax(s)[1].backward()
    assert s.delta.tolist() == pytest.approx([-0.1875, 0.1875])


def test_nan_passes() -> None:
    for op in (ops.relu, ops.hard_tanh, ops.sigmoid):
        assert np.isnan(op(mg.Parameter(np.nan)).value), op


def test_the_logarithm_of_one_plus_an_exponential_is_analytic_and_never_overflows() -> None:
    for s in (-800.0, -2.0, 0.0, 3.0, 800.0):
        assert sum(log_one_plus_exp(np, np.float64(s))) == pytest.approx(np.logaddexp(0.0, s), rel=1e-15)
    step = log_one_plus_exp(np, np.complex128(-1 + 1e-30j))[1]
    assert np.imag(step) == pytest.approx(1e-30 / (1 + exp(1)))


ACTIVATIONS = [op for kind in OPS.values() if issubclass(kind, mg.Activation) for op in kind.instances()]


@pytest.mark.parametrize("op", ACTIVATIONS, ids=lambda op: op.label)
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_every_activation_has_its_limits(op: Any, sign: float) -> None:
    far = [sign * size for size in (800.0, 1e8, 1e200, 1e308, np.inf)]
    values, slopes = op(far), derivatives(op, far)[0]
    assert np.allclose(slopes, slopes[-1], rtol=1e-9, atol=1e-5)  # straight lines, all of them, out there
    line = slopes[-1] * np.array(far) if slopes[-1] > 1e-9 else np.full(len(far), values[-1])
    assert np.allclose(values, line, rtol=2e-3, atol=1e-290)
    singles = [op(mg.Parameter(s)).value for s in far]
    assert np.array_equal(singles, values)


@pytest.mark.parametrize(
    ("op", "s", "derivative"),
    [
        (ops.elu, -20.0, exp(-20)),
        (ops.elu, -700.0, exp(-700)),
        (ops.selu, -30.0, 1.0507009873554805 * 1.6732632423543772 * exp(-30)),
        (ops.silu, -50.0, -49 * exp(-50)),
        (ops.softplus, -50.0, exp(-50)),
    ],
)
def test_small_slopes_keep_their_digits(op: Any, s: float, derivative: float) -> None:
    assert derivatives(op, s) == [pytest.approx(derivative, rel=1e-12)]
