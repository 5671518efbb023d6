"""Full-batch optimizers against PyTorch and SciPy: L-BFGS step by step, and the minima of both methods."""

import numpy as np
import pytest

from minigrad.optim import LBFGS, LevenbergMarquardt
from tests.optim.helpers import minimum

CURVATURES = np.geomspace(1, 1e4, 300)
LINEAR = 0.1 * np.random.default_rng(0).normal(size=300) * np.sqrt(CURVATURES)


def quadratic(w):
    """Return a quadratic function of condition number 10,000, far from minimized by 100 steps, and its gradient."""
    return 0.5 * (w * CURVATURES) @ w - LINEAR @ w, CURVATURES * w - LINEAR


def test_a_hundred_steps_of_lbfgs_are_those_of_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle here: pip install minigrad-bp[oracle]")
    ours = LBFGS(memory=5)
    parameters = np.zeros(300)
    state = ours.init(parameters)
    parameter = torch.zeros(300, dtype=torch.float64, requires_grad=True)
    curvatures, linear = torch.tensor(CURVATURES), torch.tensor(LINEAR)
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
        value = 0.5 * (parameter * curvatures) @ parameter - linear @ parameter
        value.backward()
        return value

    for _ in range(100):
        parameters, state = ours.advance(quadratic, parameters, state)
        theirs.step(loss)
        np.testing.assert_allclose(parameters, parameter.detach().numpy(), rtol=0, atol=1e-10)
    assert np.abs(quadratic(parameters)[1]).max() > 0.1


@pytest.mark.parametrize("start", [[-1.2, 1.0], [2.0] * 6, [0.0, 3.0, -2.0]])
def test_lbfgs_ends_where_scipy_does(start):
    optimize = pytest.importorskip("scipy.optimize", reason="SciPy comes with scikit-learn: pip install '.[data]'")
    parameters = minimum(lambda w: (optimize.rosen(w), optimize.rosen_der(w)), start, LBFGS())
    settings = {"ftol": 1e-30, "gtol": 1e-13}
    expected = optimize.minimize(optimize.rosen, start, jac=optimize.rosen_der, method="L-BFGS-B", options=settings)
    np.testing.assert_allclose(parameters, expected.x, rtol=0, atol=1e-10)


TIMES = np.linspace(0, 4, 25)
MEASURED = 2.5 * np.exp(-1.3 * TIMES) + 0.5 + 0.05 * np.random.default_rng(1).normal(size=25)


def residuals(w):
    """Return the differences between an exponential decay to a constant and the measured values."""
    return w[0] * np.exp(-w[1] * TIMES) + w[2] - MEASURED


def jacobian(w):
    decay = np.exp(-w[1] * TIMES)
    return np.stack((decay, -w[0] * TIMES * decay, np.ones_like(TIMES)), axis=1)


@pytest.mark.parametrize("start", [[1.0, 1.0, 0.0], [10.0, 0.1, -5.0]])
def test_levenberg_marquardt_ends_where_scipy_does(start):
    optimize = pytest.importorskip("scipy.optimize", reason="SciPy comes with scikit-learn: pip install '.[data]'")
    parameters = minimum(lambda w: (residuals(w), jacobian(w)), start, LevenbergMarquardt())
    near = optimize.least_squares(residuals, start, jac=jacobian, method="lm")
    np.testing.assert_allclose(parameters, near.x, rtol=0, atol=1e-5)
    # Within some 1e-8 of the minimum the sum of squares is level to rounding; its gradient is not.
    expected = optimize.root(lambda w: jacobian(w).T @ residuals(w), near.x, tol=1e-14)
    np.testing.assert_allclose(parameters, expected.x, rtol=0, atol=1e-10)
