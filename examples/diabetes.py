"""Diabetes: a regression on 442 patients, stopped where the held-out loss is lowest, beside a straight-line fit."""

from pathlib import Path

from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import minigrad as mg

OUT = Path("out")
OUT.mkdir(exist_ok=True)

measurements, progression = load_diabetes(return_X_y=True)
X, X_test, t, t_test = train_test_split(measurements, progression, test_size=0.25, random_state=0)
X, X_validation, t, t_validation = train_test_split(X, t, test_size=0.2, random_state=0)
scaler, unit = StandardScaler().fit(X), StandardScaler().fit(t[:, None])
X, X_validation, X_test = map(scaler.transform, (X, X_validation, X_test))
T, T_validation, T_test = (unit.transform(values[:, None]) for values in (t, t_validation, t_test))


def trained(**settings: object) -> tuple[mg.Network, mg.History]:
    """A network of 8 hidden neurons, trained for 150 epochs at most; the same seed gives the same course."""
    # A linear output for a value without bounds; the target is standardized, so that the first steps are of fair size.
    inputs, outputs = mg.mlp([10, 8, 1], activation=mg.tanh, output=mg.identity, rng=0)
    network = mg.Network(inputs, outputs, loss=mg.squared_error)
    validation = (X_validation, T_validation)
    history = network.fit(
        X, T, mg.Adam(lr=0.003), epochs=150, batch_size=16, seed=0, validation=validation, progress=False, **settings
    )
    return network, history


# To the end, and with the best weights kept: those before the network begins to learn the noise.
to_the_end, history = trained()
stopped, until = trained(callbacks=[mg.EarlyStopping(patience=30)])
print(stopped)
best = min(until.validation_loss)
print(f"lowest validation loss {best:.4f} after epoch {1 + until.validation_loss.index(best)},", end=" ")
print(f"stopped after {len(until.loss)} of {len(history.loss)}")

# R² is the share of what differs between patients that is foretold; it does not depend on the unit of the target.
early, last = (network.evaluate(X_test, T_test, mg.r_squared) for network in (stopped, to_the_end))
line = mg.r_squared(LinearRegression().fit(X, t).predict(X_test), t_test)
print(f"held-out R²: network stopped in time {early:.3f}, at the end {last:.3f}, straight-line fit {line:.3f}")
history.plot().savefig(OUT / "diabetes_loss.png")
print("drawn: out/diabetes_loss.png")
print("on so few patients, and so noisy, the straight line is hard to beat: a network earns its keep on curved data")
assert early > 0.2
