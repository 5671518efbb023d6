"""Diabetes: a regression on 442 patients, stopped where the held-out loss is lowest, beside a straight-line fit."""

from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import minigrad as mg
from minigrad import plot

measurements, progression = load_diabetes(return_X_y=True)
X, X_test, t, t_test = train_test_split(measurements, progression, test_size=0.25, random_state=0)
X, X_validation, t, t_validation = train_test_split(X, t, test_size=0.2, random_state=0)
scaler, unit = StandardScaler().fit(X), StandardScaler().fit(t[:, None])
X, X_validation, X_test = map(scaler.transform, (X, X_validation, X_test))
T, T_validation = unit.transform(t[:, None]), unit.transform(t_validation[:, None])

# A linear output for a value without bounds; the target is standardised, so that the first steps are of a fair size.
inputs, outputs = mg.mlp([10, 8, 1], activation=mg.tanh, output=mg.identity, rng=0)
network = mg.Network(inputs, outputs, loss=mg.squared_error)
print(network)

# The best weights are those before the network begins to learn the noise: they are remembered while they are best.
best = {"loss": float("inf")}


def keep_the_best(progress: mg.Progress) -> None:
    """Remembers the parameters of the epoch with the lowest validation loss."""
    if progress.validation_loss < best["loss"]:
        values = [parameter.value for parameter in network.parameters]
        best.update(loss=progress.validation_loss, epoch=progress.epoch, values=values)


history = network.fit(
    X,
    T,
    mg.Adam(lr=0.003),
    epochs=150,
    batch_size=16,
    seed=0,
    validation=(X_validation, T_validation),
    callbacks=[keep_the_best],
    progress=False,
)
last = r2_score(t_test, unit.inverse_transform(network.predict(X_test))[:, 0])
for parameter, value in zip(network.parameters, best["values"], strict=True):
    parameter.value = value
early = r2_score(t_test, unit.inverse_transform(network.predict(X_test))[:, 0])
line = r2_score(t_test, LinearRegression().fit(X, t).predict(X_test))

print(f"lowest validation loss at epoch {best['epoch']} of {len(history.loss)}: {best['loss']:.4f}")
print(f"held-out R²: network of that epoch {early:.3f}, of the last one {last:.3f}, straight-line fit {line:.3f}")
plot.history(history).savefig("diabetes_loss.png")
print("drawn: diabetes_loss.png")
print("on so few patients, and so noisy, the straight line is hard to beat: a network earns its keep on curved data")
assert early > 0.2
