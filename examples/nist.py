"""Least squares to ten certified digits: a curve from physics, written as nodes, fitted by Levenberg–Marquardt.

The mobility of electrons in a semiconductor as a function of the logarithm x of their density: a ratio of two cubics
with seven strongly correlated parameters, which makes the fit hard. A network need not be made of neurons: any
expression of `+`, `*` and `/` can be fitted to data. Source: NIST Statistical Reference Datasets, Thurber
(R. Thurber, 1979), whose results are certified to 11 digits.
"""

import numpy as np

import minigrad as mg
from minigrad.optim import LBFGS, LevenbergMarquardt

DENSITY = """
-3.067 -2.981 -2.921 -2.912 -2.840 -2.797 -2.702 -2.699 -2.633 -2.481 -2.363 -2.322 -1.501 -1.460 -1.274 -1.212 -1.100
-1.046 -0.915 -0.714 -0.566 -0.545 -0.400 -0.309 -0.109 -0.103 0.010 0.119 0.377 0.790 0.963 1.006 1.115 1.572 1.841
2.047 2.200"""
MOBILITY = """
80.574 84.248 87.264 87.195 89.076 89.608 89.868 90.101 92.405 95.854 100.696 101.060 401.672 390.724 567.534 635.316
733.054 759.087 894.206 990.785 1090.109 1080.914 1122.643 1178.351 1260.531 1273.514 1288.339 1327.543 1353.863
1414.509 1425.208 1421.384 1442.962 1464.350 1468.705 1447.894 1457.628"""
X, Y = (np.array(text.split(), float) for text in (DENSITY, MOBILITY))
START = [1000, 1000, 400, 40, 0.7, 0.3, 0.03]
CERTIFIED = [1288.1396800, 1491.0792535, 583.23836877, 75.416644291, 0.96629502864, 0.39797285797, 0.049727297349]


def network() -> mg.Network:
    """The curve y = (b1 + b2·x + b3·x² + b4·x³) / (1 + b5·x + b6·x² + b7·x³) at the first starting point of NIST."""
    x = mg.Input("x")
    b1, b2, b3, b4, b5, b6, b7 = (mg.Parameter(value, f"b{number}") for number, value in enumerate(START, start=1))
    return mg.Network(x, (b1 + x * (b2 + x * (b3 + x * b4))) / (1 + x * (b5 + x * (b6 + x * b7))))


def sum_of_squares(loss: float) -> float:
    """Return Σ (ŷ − t)², given the mean of the losses ½ (ŷ − t)²."""
    return 2 * len(X) * loss


curve = network()
history = curve.fit(X, Y, LevenbergMarquardt(), epochs=500, progress=False)
print("Levenberg-Marquardt: steps and sum of squares")
for step in (0, 1, 2, 5, 10, 20, 30, 40, len(history.loss) - 1):
    print(f"{step:6d} {sum_of_squares(history.loss[step]):20.10f}")
print(history.stop_reason)

print("\n       fitted               certified           matching digits")
for number, certified in enumerate(CERTIFIED, start=1):
    fitted = curve.graph[f"b{number}"].value
    digits = min(-np.log10(max(abs(fitted - certified) / certified, 1e-99)), 11)
    print(f"b{number} {fitted:20.12g} {certified:20.12g} {digits:10.1f}")
    assert digits > 9

print("\nLevenberg-Marquardt uses the derivative of every residual; methods that see only the gradient get less far:")
for optimizer in (LBFGS(), mg.Adam(0.01)):
    other = network()
    loss = other.fit(X, Y, optimizer, epochs=60, batch_size=len(X), progress=False).loss[-1]
    print(f"{type(optimizer).__name__:6} after 60 steps: sum of squares {sum_of_squares(loss):12.1f}")
