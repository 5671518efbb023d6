"""Full-batch optimizers against PyTorch and SciPy: L-BFGS step by step, and where both methods end."""

import numpy as np
import pytest

from minigrad.optim import LBFGS, LevenbergMarquardt
from tests.optim.helpers import minimum

WIDTHS = np.geomspace(1, 1e4, 300)
PULLS = 0.1 * np.random.default_rng(0).normal(size=300) * np.sqrt(WIDTHS)


def bowl(w):
    """A bowl of 300 axes, the steepest 10,000 times as steep as the flattest: L-BFGS is far from done in 100 steps."""
    return 0.5 * (w * WIDTHS) @ w - PULLS @ w, WIDTHS * w - PULLS


def test_a_hundred_steps_of_lbfgs_are_those_of_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle here: pip install minigrad-bp[oracle]")
    ours = LBFGS(memory=5)
    found = np.zeros(300)
    state = ours.init(found)
    parameter = torch.zeros(300, dtype=torch.float64, requires_grad=True)
    widths, pulls = torch.tensor(WIDTHS), torch.tensor(PULLS)
    theirs = torch.optim.LBFGS(
        [parameter],
        max_iter=1,
        max_eval=100,
        history_size=5,
        line_search_fn="strong_wolfe",
        tolerance_grad=0,
        tolerance_change=0,
    )

    def loss():
        theirs.zero_grad()
        value = 0.5 * (parameter * widths) @ parameter - pulls @ parameter
        value.backward()
        return value

    for _ in range(100):
        found, state = ours.advance(bowl, found, state)
        theirs.step(loss)
        np.testing.assert_allclose(found, parameter.detach().numpy(), rtol=0, atol=1e-10)
    assert np.abs(bowl(found)[1]).max() > 0.1


@pytest.mark.parametrize("start", [[-1.2, 1.0], [2.0] * 6, [0.0, 3.0, -2.0]])
def test_lbfgs_ends_where_scipy_does(start):
    optimize = pytest.importorskip("scipy.optimize", reason="SciPy comes with scikit-learn: pip install '.[data]'")
    found = minimum(lambda w: (optimize.rosen(w), optimize.rosen_der(w)), start, LBFGS())
    settings = {"ftol": 1e-30, "gtol": 1e-13}
    expected = optimize.minimize(optimize.rosen, start, jac=optimize.rosen_der, method="L-BFGS-B", options=settings)
    np.testing.assert_allclose(found, expected.x, rtol=0, atol=1e-10)


TIMES = np.linspace(0, 4, 25)
HEIGHTS = 2.5 * np.exp(-1.3 * TIMES) + 0.5 + 0.05 * np.random.default_rng(1).normal(size=25)


def residuals(w):
    """How far an exponential decay to a constant is from the measured heights."""
    return w[0] * np.exp(-w[1] * TIMES) + w[2] - HEIGHTS


def slopes(w):
    decay = np.exp(-w[1] * TIMES)
    return np.stack((decay, -w[0] * TIMES * decay, np.ones_like(TIMES)), axis=1)


@pytest.mark.parametrize("start", [[1.0, 1.0, 0.0], [10.0, 0.1, -5.0]])
def test_levenberg_marquardt_ends_where_scipy_does(start):
    optimize = pytest.importorskip("scipy.optimize", reason="SciPy comes with scikit-learn: pip install '.[data]'")
    found = minimum(lambda w: (residuals(w), slopes(w)), start, LevenbergMarquardt())
    near = optimize.least_squares(residuals, start, jac=slopes, method="lm")
    np.testing.assert_allclose(found, near.x, rtol=0, atol=1e-5)
    # Sums of squares are level to rounding within some 1e-8 of the least; the gradient is not, and tells where it is 0.
    expected = optimize.root(lambda w: slopes(w).T @ residuals(w), near.x, tol=1e-14)
    np.testing.assert_allclose(found, expected.x, rtol=0, atol=1e-10)
