"""Gradient clipping, by value and by norm."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.errors import SettingError
from tests.optim.helpers import GRADIENT, START, after_steps


def test_clipping_bounds_the_gradient_by_value_and_then_by_norm():
    by_value = optim.Clipped(mg.SGD(1.0), value=0.25)
    np.testing.assert_array_equal(after_steps(by_value, [GRADIENT]), START - [0.25, 0, -0.25])
    by_norm = START - after_steps(optim.Clipped(mg.SGD(1.0), norm=2.0), [GRADIENT])
    assert np.linalg.norm(by_norm) == pytest.approx(2, rel=1e-6)
    np.testing.assert_allclose(by_norm / by_norm[0], GRADIENT / GRADIENT[0])
    np.testing.assert_array_equal(after_steps(optim.Clipped(mg.SGD(1.0), norm=9), [GRADIENT]), START - GRADIENT)
    both = START - after_steps(optim.Clipped(mg.SGD(1.0), norm=0.1, value=0.25), [GRADIENT])
    np.testing.assert_allclose(both, 0.1 * np.array([1, 0, -1]) / np.sqrt(2), rtol=1e-4)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: optim.Clipped(mg.SGD()), "no bound to clip gradients to; expected norm=… or value=…"),
        (lambda: optim.Clipped(mg.SGD(), norm=-1), "norm: .*found -1"),
        (lambda: optim.Clipped(mg.SGD(), value="much"), "value: .*found 'much'"),
        (lambda: optim.Clipped(0.1, norm=1), "not an optimizer; found 0.1"),
        (lambda: optim.Clipped(optim.LBFGS(), norm=1), "not an optimizer; found LBFGS"),
    ],
)
def test_impossible_settings_are_named(make, words):
    with pytest.raises(SettingError, match=words):
        make()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("norm", [1e-3, 1.0, 50.0])
def test_clipping_by_norm_holds_for_gradients_of_every_size(dtype, norm):
    limits = np.finfo(dtype)
    rng = np.random.default_rng(0)
    rule = optim.Clipped(mg.SGD(1.0), norm=norm)
    for exponent in range(limits.minexp + 30, limits.maxexp, 37):
        gradient = (rng.uniform(0.5, 1.0, 5) * 2.0**exponent).astype(dtype)
        moved, _ = rule.update(np.zeros(5, dtype), gradient, ())
        exact = gradient.astype(np.longdouble)
        length = np.sqrt(np.sum(exact * exact))
        expected = -exact * min(norm / (length + np.longdouble(1e-6)), 1)
        assert moved.dtype == dtype
        np.testing.assert_allclose(moved, expected.astype(dtype), rtol=4 * limits.eps)


def test_clipping_by_norm_leaves_infinite_gradients_not_finite():
    moved, _ = optim.Clipped(mg.SGD(1.0), norm=1.0).update(np.zeros(2), np.array([np.inf, 1.0]), ())
    assert not np.isfinite(moved).all()


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e120])
def test_clipped_steps_are_the_same_recorded_and_interpreted(scale):
    results = []
    for engine in ("nodes", "numpy"):
        x, w = mg.Input("x"), mg.Parameter(1.0, "w")
        network = mg.Network(x, scale * w * x)
        network.fit([1.0, 2.0], [3.0, 4.0], optim.Clipped(mg.SGD(0.1), norm=1.0), engine=engine, progress=False)
        results.append(w.value)
    assert results[0] == pytest.approx(results[1], rel=1e-12)
    assert np.isfinite(results[0])
