"""Handwritten digits with a 64-32-10 network built from single neurons: 2,410 separate parameters."""

from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import minigrad as mg
from minigrad import plot

OUT = Path("out")
OUT.mkdir(exist_ok=True)

images, digits = load_digits(return_X_y=True)
X, X_test, T, T_test = train_test_split(images / 16, digits, test_size=0.25, stratify=digits, random_state=0)

inputs, outputs = mg.mlp([64, 32, 10], activation=mg.sigmoid, output=mg.sigmoid, rng=0)
network = mg.Network(inputs, outputs, loss=mg.squared_error)
print(network)
print(f"{len(X)} training images, {len(X_test)} held out")

network.fit(
    X,
    T,
    optimizer=mg.SGD(lr=0.5),
    epochs=8,
    seed=0,
    callbacks=[lambda progress: print(f"  epoch {progress.epoch}: mean loss {progress.loss:.4f}")],
)

accuracy = network.evaluate(X_test, T_test, mg.accuracy)
print(f"Held-out accuracy: {accuracy:.1%}")

# What each hidden neuron responds to, as an image of its 64 weights, and which digits are mistaken for which.
plot.weights(network, shape=(8, 8)).savefig(OUT / "digits_weights.png")
plot.confusion_matrix(T_test, network.predict(X_test)).savefig(OUT / "digits.png")
print("Saved out/digits_weights.png and out/digits.png")
assert accuracy >= 0.95
