"""Two moons: sixteen hidden neurons draw a curved boundary between two classes that no straight line separates."""

from pathlib import Path

import minigrad as mg
from minigrad import datasets, plot

OUT = Path("out")
OUT.mkdir(exist_ok=True)

X, T = datasets.two_moons(200, noise=0.15, seed=0)
X_test, T_test = datasets.two_moons(400, noise=0.15, seed=1)


# A single neuron: its boundary is a straight line.
x = [mg.Input("x1"), mg.Input("x2")]
line = mg.Network(x, mg.neuron(x, activation=mg.sigmoid, name="y", rng=0))
line.fit(X, T, mg.SGD(lr=0.3), epochs=30, seed=0)
straight = line.evaluate(X_test, T_test, mg.accuracy)
print(f"one neuron:          {straight:.1%} of the test points classified correctly")

# Sixteen hidden neurons: each bends the boundary a little.
inputs, outputs = mg.mlp([2, 16, 1], activation=mg.tanh, output=mg.sigmoid, rng=0)
network = mg.Network(inputs, outputs)
history = network.fit(
    X, T, mg.Adam(lr=0.02), epochs=120, batch_size=10, seed=0, validation=(X_test, T_test), progress=False
)
curved = network.evaluate(X_test, T_test, mg.accuracy)
print(f"16 hidden neurons:   {curved:.1%}")
assert straight + 0.05 < curved

plot.decision_boundary(line, X, T, names=("upper moon", "lower moon")).savefig(OUT / "moons_line.png")
plot.decision_boundary(network, X, T, names=("upper moon", "lower moon")).savefig(OUT / "moons.png")
history.plot(logarithmic=True).savefig(OUT / "moons_loss.png")
print("Saved out/moons_line.png, out/moons.png and out/moons_loss.png")
