"""Nonlinear regression held against certified values: NIST's Rat42, Misra1a, Thurber and MGH09, from both starts.

Each model is a network of nodes, fitted by Levenberg–Marquardt on minigrad's own derivatives of every residual.
Source: NIST Statistical Reference Datasets, nonlinear regression (Rat42: Ratkowsky, 1983; Misra1a: Misra, 1978;
Thurber: Thurber, 1979; MGH09: Kowalik and Osborne, 1978). The data were typed in; the certified sum of squares shows
that they are those.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import minigrad as mg
from minigrad.optim import LevenbergMarquardt


class Problem(NamedTuple):
    """Data, a model of x and b1, b2, …, two starts, and what NIST certifies."""

    x: list[float]
    y: list[float]
    model: Callable[..., Any]
    starts: tuple[list[float], list[float]]
    certified: list[float]
    squares: float


def rat42(x: Any, b: Any, exp: Any) -> Any:
    return b[0] / (1 + exp(b[1] - b[2] * x))


def misra1a(x: Any, b: Any, exp: Any) -> Any:
    return b[0] * (1 - exp(-b[1] * x))


def mgh09(x: Any, b: Any, exp: Any) -> Any:
    return b[0] * (x * x + x * b[1]) / (x * x + x * b[2] + b[3])


def thurber(x: Any, b: Any, exp: Any) -> Any:
    return (b[0] + x * (b[1] + x * (b[2] + x * b[3]))) / (1 + x * (b[4] + x * (b[5] + x * b[6])))


# fmt: off
PROBLEMS = {
    "Rat42": Problem(
        x=[9.0, 14.0, 21.0, 28.0, 42.0, 57.0, 63.0, 70.0, 79.0],
        y=[8.930, 10.800, 18.590, 22.330, 39.350, 56.110, 61.730, 64.620, 67.080],
        model=rat42,
        starts=([100, 1, 0.1], [75, 2.5, 0.07]),
        certified=[72.462237576, 2.6180768402, 0.067359200066],
        squares=8.0565229338,
    ),
    "Misra1a": Problem(
        x=[77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0],
        y=[10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78],
        model=misra1a,
        starts=([500, 0.0001], [250, 0.0005]),
        certified=[238.94212918, 5.5015643181e-4],
        squares=0.12455138894,
    ),
    "MGH09": Problem(
        x=[4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625],
        y=[0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246],
        model=mgh09,
        starts=([25, 39, 41.5, 39], [0.25, 0.39, 0.415, 0.39]),
        certified=[0.19280693458, 0.19128232873, 0.12305650693, 0.13606233068],
        squares=3.0750560385e-4,
    ),
    "Thurber": Problem(
        x=[-3.067, -2.981, -2.921, -2.912, -2.840, -2.797, -2.702, -2.699, -2.633, -2.481, -2.363, -2.322, -1.501,
           -1.460, -1.274, -1.212, -1.100, -1.046, -0.915, -0.714, -0.566, -0.545, -0.400, -0.309, -0.109, -0.103,
           0.010, 0.119, 0.377, 0.790, 0.963, 1.006, 1.115, 1.572, 1.841, 2.047, 2.200],
        y=[80.574, 84.248, 87.264, 87.195, 89.076, 89.608, 89.868, 90.101, 92.405, 95.854, 100.696, 101.060, 401.672,
           390.724, 567.534, 635.316, 733.054, 759.087, 894.206, 990.785, 1090.109, 1080.914, 1122.643, 1178.351,
           1260.531, 1273.514, 1288.339, 1327.543, 1353.863, 1414.509, 1425.208, 1421.384, 1442.962, 1464.350,
           1468.705, 1447.894, 1457.628],
        model=thurber,
        starts=([1000, 1000, 400, 40, 0.7, 0.3, 0.03], [1300, 1500, 500, 75, 1, 0.4, 0.05]),
        certified=[1288.1396800, 1491.0792535, 583.23836877, 75.416644291, 0.96629502864, 0.39797285797,
                   0.049727297349],
        squares=5642.7082397,
    ),
}
# fmt: on
problems = pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())


def digits(estimate: Any, certified: Any) -> Any:
    """How many decimal digits agree, at most the 11 that are certified."""
    with np.errstate(divide="ignore"):
        return np.minimum(-np.log10(np.abs(np.asarray(estimate) - certified) / np.abs(certified)), 11)


@pytest.mark.parametrize("start", [0, 1], ids=["from afar", "from nearby"])
@problems
def test_the_certified_digits_are_found(problem: Problem, start: int):
    x = mg.Input("x")
    b = [mg.Parameter(value, f"b{number}") for number, value in enumerate(problem.starts[start], start=1)]
    network = mg.Network(x, problem.model(x, b, mg.exp))
    order = [parameter.name for parameter in b]
    history = network.fit(problem.x, problem.y, LevenbergMarquardt(), epochs=500, progress=False)
    assert history.stop_reason.startswith("converged")
    assert len(history.loss) < 200
    assert np.all(digits([network.graph[name].value for name in order], problem.certified) >= 9)
    assert digits(2 * len(problem.x) * network.evaluate(problem.x, problem.y), problem.squares) >= 9
    assert history.loss[-1] <= history.loss[0]


@problems
def test_scipy_finds_the_same(problem: Problem):
    optimize = pytest.importorskip("scipy.optimize", reason="SciPy comes with scikit-learn: pip install '.[data]'")
    x, y = np.array(problem.x), np.array(problem.y)
    fit = optimize.least_squares(
        lambda b: problem.model(x, b, np.exp) - y,
        problem.starts[1],
        jac="3-point",
        x_scale=problem.starts[1],
        ftol=1e-15,
        xtol=1e-15,
        gtol=1e-15,
    )
    assert np.all(digits(fit.x, problem.certified) >= 6)
    assert digits(2 * fit.cost, problem.squares) >= 9
