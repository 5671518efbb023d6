"""Diabetes: regression on 442 patients with early stopping, compared with a linear model."""

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
    """Return a network of 8 hidden neurons, trained for at most 150 epochs, and its history."""
    # An unbounded target needs a linear output; standardizing the target gives the first steps a sensible size.
    inputs, outputs = mg.mlp([10, 8, 1], activation=mg.tanh, output=mg.identity, rng=0)
    network = mg.Network(inputs, outputs, loss=mg.squared_error)
    validation = (X_validation, T_validation)
    history = network.fit(
        X, T, mg.Adam(lr=0.003), epochs=150, batch_size=16, seed=0, validation=validation, progress=False, **settings
    )
    return network, history


# Once for all epochs, and once with early stopping, which keeps the best weights: before the network learns the noise.
to_the_end, history = trained()
stopped, until = trained(callbacks=[mg.EarlyStopping(patience=30)])
print(stopped)
best = min(until.validation_loss)
print(f"Lowest validation loss {best:.4f} after epoch {1 + until.validation_loss.index(best)},", end=" ")
print(f"stopped after {len(until.loss)} of {len(history.loss)}")

# R² is the share of the variance between patients that a model explains, whatever the unit of the target.
early, last = (network.evaluate(X_test, T_test, mg.r_squared) for network in (stopped, to_the_end))
line = mg.r_squared(LinearRegression().fit(X, t).predict(X_test), t_test)
print(f"Held-out R^2: network with early stopping {early:.3f}, without {last:.3f}, linear model {line:.3f}")
history.plot().savefig(OUT / "diabetes_loss.png")
print("Saved out/diabetes_loss.png")
print("With so few patients and so much noise, a linear model is hard to beat.")
assert early > 0.2
