"""A BP network with one hidden layer for the Iris data set: built node by node, inspected, drawn and trained."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import minigrad as mg

OUT = Path("out")
OUT.mkdir(exist_ok=True)

LEARNING_RATE = 0.2
HIDDEN, CLASSES = 5, 3

# The data: four measurements of each flower, and its species (one of three) as a one-hot target.
measurements, species = load_iris(return_X_y=True)
X, X_test, labels, labels_test = train_test_split(
    measurements, species, test_size=0.25, stratify=species, random_state=0
)
scaler = StandardScaler().fit(X)
X, X_test = scaler.transform(X), scaler.transform(X_test)
T = np.eye(CLASSES)[labels]

# The network, node by node: every neuron is a weighted sum s = Σ w·x + b and an activation θ(s).
rng = np.random.default_rng(0)
inputs = [mg.Input(f"x{i}") for i in range(1, 5)]
hidden, outputs = [], []
for j in range(1, HIDDEN + 1):
    weights = [mg.Parameter(rng.uniform(-0.5, 0.5), f"v{i}{j}") for i in range(1, 5)]
    s = mg.weighted_sum(inputs, weights, mg.Parameter(0.0, f"a{j}"), name=f"s{j}")
    hidden.append(mg.sigmoid(s, name=f"h{j}"))
for k in range(1, CLASSES + 1):
    weights = [mg.Parameter(rng.uniform(-0.5, 0.5), f"w{j}{k}") for j in range(1, HIDDEN + 1)]
    s = mg.weighted_sum(hidden, weights, mg.Parameter(0.0, f"b{k}"), name=f"u{k}")
    outputs.append(mg.sigmoid(s, name=f"y{k}"))
network = mg.Network(inputs, outputs, loss=mg.squared_error)
print(network)

# One sample forward and backward, and the step that SGD would take.
loss = network.loss_graph(X[0], T[0])
h1, y1, w11 = hidden[0], outputs[0], loss["w11"]
print("\nOne flower, forward:")
print("  x =", ", ".join(f"{node.name} {node.value:+.4f}" for node in inputs))
print("  h =", ", ".join(f"{node.name} {node.value:.4f}" for node in hidden))
print("  y =", ", ".join(f"{node.name} {node.value:.4f}" for node in outputs), f"  target {T[0]}")
print(f"  L = 1/2 sum (y - t)^2 = {network.loss.value:.4f}")
print("Backward, with delta = dL/ds:")
print("  delta of the output layer:", ", ".join(f"{loss[f'u{k}'].delta:+.4f}" for k in range(1, CLASSES + 1)))
print("  delta of the hidden layer:", ", ".join(f"{loss[f's{j}'].delta:+.4f}" for j in range(1, HIDDEN + 1)))
print(f"  dL/dw11 = h1 * delta(u1) = {h1.value:.4f} * {loss['u1'].delta:+.4f} = {w11.grad:+.4f}")
print(f"  w11 <- {w11.value:.4f} - {LEARNING_RATE} * {w11.grad:+.4f} = {w11.value - LEARNING_RATE * w11.grad:.4f}")

mg.draw(network).save(OUT / "bp_network.svg")
print("Saved a picture with every sum, output, delta, weight and gradient as out/bp_network.svg")

# Train sample by sample, then test on flowers that the network has never seen.
print("\nTraining, one flower at a time:")
history = network.fit(X, T, optimizer=mg.SGD(lr=LEARNING_RATE), epochs=60, seed=0)
for epoch in (1, 10, 30, 60):
    print(f"  epoch {epoch:2d}: mean loss {history.loss[epoch - 1]:.4f}")
right = network.predict(X_test).argmax(axis=1) == labels_test
print(f"Held-out accuracy: {right.mean():.1%} ({right.sum()} of {len(right)} flowers)")
