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

# The network, node by node, with the names of the textbook: every neuron is a weighted sum and an activation,
# s_j⁽¹⁾ = Σ_i w_ij⁽¹⁾ x_i + b_j⁽¹⁾ and h_j = θ(s_j⁽¹⁾), then s_k⁽²⁾ = Σ_j w_jk⁽²⁾ h_j + b_k⁽²⁾ and ŷ_k = θ(s_k⁽²⁾).
rng = np.random.default_rng(0)
sub = "₀₁₂₃₄₅"
x = [mg.Input(f"x{sub[i]}") for i in range(1, 5)]
s1, h, s2, y = [], [], [], []
for j in range(1, HIDDEN + 1):
    weights = [mg.Parameter(rng.uniform(-0.5, 0.5), f"w{sub[i]}{sub[j]}⁽¹⁾") for i in range(1, 5)]
    s1.append(mg.weighted_sum(x, weights, mg.Parameter(0.0, f"b{sub[j]}⁽¹⁾"), name=f"s{sub[j]}⁽¹⁾"))
    h.append(mg.sigmoid(s1[-1], name=f"h{sub[j]}"))
for k in range(1, CLASSES + 1):
    weights = [mg.Parameter(rng.uniform(-0.5, 0.5), f"w{sub[j]}{sub[k]}⁽²⁾") for j in range(1, HIDDEN + 1)]
    s2.append(mg.weighted_sum(h, weights, mg.Parameter(0.0, f"b{sub[k]}⁽²⁾"), name=f"s{sub[k]}⁽²⁾"))
    y.append(mg.sigmoid(s2[-1], name=f"ŷ{sub[k]}"))
network = mg.Network(x, y, loss=mg.squared_error)
print(network)

# One sample forward and backward, and the step that SGD would take.
loss = network.loss_graph(X[0], T[0])
w11 = loss["w₁₁⁽²⁾"]
print("\nOne flower, forward:")
print("  x =", ", ".join(f"{node.value:+.4f}" for node in x))
print("  h =", ", ".join(f"{node.value:.4f}" for node in h))
print("  y =", ", ".join(f"{node.value:.4f}" for node in y), f"  t = {T[0]}")
print(f"  L = 1/2 sum (y - t)^2 = {network.loss.value:.4f}")
print("Backward, with delta = dL/ds:")
print("  delta of the output layer:", ", ".join(f"{node.delta:+.4f}" for node in s2))
print("  delta of the hidden layer:", ", ".join(f"{node.delta:+.4f}" for node in s1))
print("The weight from h1 to y1, w11 of layer 2:")
print(f"  dL/dw11 = h1 * delta1 = {h[0].value:.4f} * {s2[0].delta:+.4f} = {w11.grad:+.4f}")
print(f"  w11 <- {w11.value:.4f} - {LEARNING_RATE} * {w11.grad:+.4f} = {w11.value - LEARNING_RATE * w11.grad:.4f}")

mg.draw(network).save(OUT / "bp_network.svg")
mg.draw(network, view="process").save(OUT / "bp_process.svg")
print("Saved a picture with every sum, output, delta, weight and gradient as out/bp_network.svg,")
print("and the working process, forward and back through the weight matrices, as out/bp_process.svg")

# Train sample by sample, then test on flowers that the network has never seen.
print("\nTraining, one flower at a time:")
history = network.fit(X, T, optimizer=mg.SGD(lr=LEARNING_RATE), epochs=60, seed=0)
for epoch in (1, 10, 30, 60):
    print(f"  epoch {epoch:2d}: mean loss {history.loss[epoch - 1]:.4f}")
right = network.predict(X_test).argmax(axis=1) == labels_test
print(f"Held-out accuracy: {right.mean():.1%} ({right.sum()} of {len(right)} flowers)")
