"""Function fitting: a 1-16-1 network learns one period of a sine from 60 noisy points, and fails beyond them."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import minigrad as mg
from minigrad import datasets

OUT = Path("out")
OUT.mkdir(exist_ok=True)

X, T = datasets.curve("sine", count=60, noise=0.1, seed=0)
inputs, outputs = mg.mlp([1, 16, 1], activation=mg.tanh, output=mg.identity, rng=0)
network = mg.Network(inputs, outputs)
print(network)

# The curve at three stages: fit continues from the current parameters.
seen, grid, total = {}, np.linspace(-1.5, 1.5, 301)[:, None], 0
for epochs in (5, 45, 250):
    history = network.fit(X, T, mg.Adam(lr=0.01), epochs=epochs, batch_size=10, seed=0, progress=False)
    total += epochs
    seen[total] = network.predict(grid)[:, 0]
    error = np.sqrt(np.mean((network.predict(X)[:, 0] - np.sin(np.pi * X[:, 0])) ** 2))
    print(f"after {total:3d} epochs: loss {history.loss[-1]:.4f}, RMS error against the true sine {error:.3f}")
assert error < 0.08

outside = np.abs(seen[total] - np.sin(np.pi * grid[:, 0]))[np.abs(grid[:, 0]) > 1.3].mean()
print(f"Outside the data, at |x| > 1.3, the mean error is {outside:.2f}: the network does not extrapolate")

figure = Figure(figsize=(7, 4), layout="constrained")
panel = figure.subplots()
panel.axvspan(-1, 1, color="#f1f4f8", label="training data")
panel.plot(grid, np.sin(np.pi * grid), color="#1f2430", linewidth=1, label="sin πx")
panel.scatter(X, T, s=14, color="#5b6472", label="60 noisy points")
for (epochs, curve), color, line in zip(seen.items(), ("#e69f00", "#0072b2", "#d55e00"), (":", "--", "-"), strict=True):
    panel.plot(grid, curve, line, color=color, label=f"network, epoch {epochs}")
panel.set(xlabel="x", ylim=(-1.8, 1.8))
figure.legend(loc="outside upper center", ncols=3, frameon=False)
figure.savefig(OUT / "sine.png")
print("Saved out/sine.png")
