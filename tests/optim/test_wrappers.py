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
