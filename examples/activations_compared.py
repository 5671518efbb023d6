"""Vanishing gradients: how δ shrinks, layer by layer, in deep networks of sigmoid, tanh, ReLU and leaky ReLU neurons.

On its way back, δ = ∂L/∂s is multiplied by a weight and by θ′(s) at every layer. θ′ is at most ¼ for the sigmoid and at
most 1 for tanh, and it is 1 or 0 for ReLU. After many layers, the results differ by orders of magnitude.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import minigrad as mg
from minigrad import plot

OUT = Path("out")
OUT.mkdir(exist_ok=True)

LAYERS, WIDTH, SAMPLES = 12, 16, 64
rng = np.random.default_rng(0)
X, T = rng.normal(size=(SAMPLES, WIDTH)), rng.normal(size=SAMPLES)

# Each with the initial weights that suit it: Glorot and Bengio's for sigmoid and tanh, He's for ReLU and leaky ReLU.
ACTIVATIONS = {
    "sigmoid": (mg.sigmoid, mg.glorot, "#0072b2", "o-"),
    "tanh": (mg.tanh, mg.glorot, "#d55e00", "^--"),
    "ReLU": (mg.relu, mg.he, "#009e73", "s-."),
    "leaky ReLU": (mg.LeakyReLU(slope=0.1), mg.he, "#cc79a7", "D:"),
}


def size_of_delta(activation: object, weights: object) -> list[float]:
    """The mean |δ| of every hidden layer's weighted sums, the layer next to the output last."""
    sizes = [WIDTH, *[WIDTH] * LAYERS, 1]
    inputs, outputs = mg.mlp(sizes, activation=activation, output=mg.identity, rng=1, weights=weights)
    graph = mg.Network(inputs, outputs).graph
    graph.forward(dict(zip(inputs, X.T, strict=True)) | {"t1": T})
    graph.backward()
    layers = [[graph[f"h{depth}_{neuron}.s"] for neuron in range(1, WIDTH + 1)] for depth in range(1, LAYERS + 1)]
    return [float(np.mean([np.abs(node.delta) for node in layer])) for layer in layers]


print(f"Mean |delta| in each of {LAYERS} hidden layers, relative to the last one, where delta = dL/ds:\n")
print("layer      " + "".join(f"{name:>12}" for name in ACTIVATIONS))
deltas_of = {name: size_of_delta(activation, weights) for name, (activation, weights, *_) in ACTIVATIONS.items()}
for depth in range(LAYERS, 0, -1):
    print(f"{depth:5d}      " + "".join(f"{deltas[depth - 1] / deltas[-1]:12.2e}" for deltas in deltas_of.values()))

left = {name: deltas[0] / deltas[-1] for name, deltas in deltas_of.items()}
print("\nAverage factor from one layer to the layer before it:")
for name, share in left.items():
    print(f"  {name:12} {share ** (1 / (LAYERS - 1)):.2f}")
assert 1000 * left["sigmoid"] < min(left["tanh"], left["ReLU"], left["leaky ReLU"])

figure = Figure(figsize=(7, 4), layout="constrained")
panel = figure.subplots()
for name, (_, _, color, style) in ACTIVATIONS.items():
    shares = np.array(deltas_of[name]) / deltas_of[name][-1]
    panel.semilogy(range(1, LAYERS + 1), shares, style, color=color, label=name, markersize=4)
panel.set(xlabel="layer (the input is at the left)", ylabel="mean |δ|, last layer = 1")
panel.grid(alpha=0.25)
panel.legend(frameon=False)
figure.savefig(OUT / "vanishing_delta.png")
plot.activations([activation for activation, *_ in ACTIVATIONS.values()]).savefig(OUT / "activations.png")
print("Saved out/vanishing_delta.png, and the activations with their derivatives as out/activations.png")
