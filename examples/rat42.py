"""One neuron fitted to 10 certified digits: NIST's Rat42 by Gauss-Newton, written by hand on minigrad's derivatives.

The model of this nonlinear regression, y = b1 / (1 + exp(b2 − b3·x)), is a neuron with one input: weight b3, bias −b2,
sigmoid activation, and an output weight b1. Source: NIST Statistical Reference Datasets, Rat42 (Ratkowsky, 1983).
"""

import numpy as np

import minigrad as mg

X = np.array([9.0, 14.0, 21.0, 28.0, 42.0, 57.0, 63.0, 70.0, 79.0])
Y = np.array([8.930, 10.800, 18.590, 22.330, 39.350, 56.110, 61.730, 64.620, 67.080])
CERTIFIED = np.array([72.462237576, 2.6180768402, 0.067359200066])
CERTIFIED_RSS = 8.0565229338

x = mg.Input("x")
b1, b2, b3 = parameters = [mg.Parameter(start, name) for start, name in ((75.0, "b1"), (2.5, "b2"), (0.07, "b3"))]
curve = mg.Graph(b1 * mg.sigmoid(mg.weighted_sum([x], [b3], -b2, name="s"), name="neuron"))


def residuals_and_slopes() -> tuple[np.ndarray, np.ndarray]:
    """Return y − ŷ and ∂ŷ/∂(each parameter) of every sample, from one forward and one backward pass each."""
    residuals, slopes = [], []
    for sample, target in zip(X, Y, strict=True):
        residuals.append(target - curve.forward({x: sample}))
        curve.backward()
        slopes.append([parameter.grad for parameter in parameters])
    return np.array(residuals), np.array(slopes)


print("step            b1             b2               b3              RSS")
for step in range(1, 21):
    residuals, slopes = residuals_and_slopes()
    change = np.linalg.lstsq(slopes, residuals, rcond=None)[0]
    for parameter, shift in zip(parameters, change.tolist(), strict=True):
        parameter.value += shift
    estimate = np.array([parameter.value for parameter in parameters])
    rss = float(np.sum(residuals_and_slopes()[0] ** 2))
    print(f"{step:4d} {estimate[0]:15.9f} {estimate[1]:14.10f} {estimate[2]:16.12f} {rss:16.10f}")
    if np.all(np.abs(change) < 1e-12 * np.abs(estimate)):
        break

print(f"NIST {CERTIFIED[0]:15.9f} {CERTIFIED[1]:14.10f} {CERTIFIED[2]:16.12f} {CERTIFIED_RSS:16.10f}")
digits = -np.log10(np.abs(estimate - CERTIFIED) / CERTIFIED)
print(f"matching digits: {np.floor(digits).astype(int)}")
assert np.all(digits > 9.5)
assert abs(rss - CERTIFIED_RSS) < 1e-9
