"""Symmetry: the 6-2-1 network of Rumelhart, Hinton and Williams (1986), and the weights 1 : 2 : 4 that it found.

Does a row of six bits read the same backwards? Two hidden neurons are enough: mirrored bits have weights of opposite
sign, so that a symmetric row leaves a neuron at its bias, and with the ratio 1 : 2 : 4 no two different halves cancel.
Nobody tells the network this. Source: "Learning representations by back-propagating errors", Nature 323.
"""

from pathlib import Path

import numpy as np

import minigrad as mg
from minigrad import datasets, plot

OUT = Path("out")
OUT.mkdir(exist_ok=True)

X, _ = datasets.parity(6)  # all 64 rows of six bits
T = (np.abs(X - X[:, ::-1]).max(axis=1) == 0).astype(float)
print(f"{len(X)} rows, {T.sum():.0f} of them symmetric")

SEEDS, SWEEPS = 20, 2000


def trained(seed: int) -> mg.Network:
    """Return a network trained as in 1986: weights from ±0.3, one step for each sweep over all rows, momentum 0.9."""
    inputs, outputs = mg.mlp(
        [6, 2, 1], activation=mg.sigmoid, output=mg.sigmoid, rng=seed, weights=mg.Uniform(-0.3, 0.3)
    )
    network = mg.Network(inputs, outputs, loss=mg.squared_error)
    network.fit(X, T, mg.Momentum(lr=2.0, momentum=0.9), epochs=SWEEPS, batch_size=len(X), progress=False)
    return network


def hidden_weights(network: mg.Network) -> np.ndarray:
    """Return the weights of the two hidden neurons, a row each."""
    return np.array([[network.graph[f"h{j}.w{i}"].value for i in range(1, 7)] for j in (1, 2)])


def mirrored(W: np.ndarray) -> float:
    """Return how far mirrored weights are from being opposite, relative to the largest weight: 0 where they are."""
    return float(np.abs(W + W[:, ::-1]).max() / np.abs(W).max())


def ratio(W: np.ndarray) -> np.ndarray:
    """Return the three magnitudes of the weights of each neuron, relative to the smallest."""
    sizes = np.sort((np.abs(W[:, :3]) + np.abs(W[:, :2:-1])) / 2, axis=1)
    return sizes / sizes[:, :1]


successes, example = [], None
print(f"\nseed  rows correct  asymmetry   magnitudes of the weights   ({SWEEPS} sweeps)")
for seed in range(SEEDS):
    network = trained(seed)
    W = hidden_weights(network)
    right = int(((network.predict(X)[:, 0] > 0.5) == T).sum())
    structure = right == len(X) and mirrored(W) < 0.05 and bool(np.all(np.abs(ratio(W) - [1, 2, 4]) <= [0.0, 0.2, 0.4]))
    if structure or example is None:
        example = network
    successes.append(structure)
    sizes = " : ".join(f"{size:.2f}" for size in ratio(W).mean(axis=0))
    note = "1 : 2 : 4" if structure else ""
    print(f"{seed:4d}  {right:2d} of {len(X)}      {mirrored(W):.4f}      {sizes}          {note}")

print(f"\n{sum(successes)} of {SEEDS} seeds found mirrored weights of opposite sign in the ratio 1 : 2 : 4.")
print("Others found ratios such as 2 : 3 : 4, which solve it as well: no sum of +-2, +-3 and +-4 is 0.")

print("\nThe weights of one of these networks, from left to right:")
for neuron, row in enumerate(hidden_weights(example), start=1):
    print(f"  hidden neuron {neuron}:", " ".join(f"{weight:+7.2f}" for weight in row))
plot.weights(example).savefig(OUT / "symmetry_1986.png")
mg.draw(example).save(OUT / "symmetry_1986.svg")
print("Saved out/symmetry_1986.png and out/symmetry_1986.svg")
assert sum(successes) >= 0.6 * SEEDS
