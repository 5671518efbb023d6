"""Iris: classify three species by four measurements, with softmax, held-out accuracy and a confusion matrix."""

from pathlib import Path

from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import minigrad as mg
from minigrad import plot

OUT = Path("out")
OUT.mkdir(exist_ok=True)

iris = load_iris()
X, X_test, T, T_test = train_test_split(iris.data, iris.target, test_size=0.25, stratify=iris.target, random_state=0)
scaler = StandardScaler().fit(X)  # fitted to the training flowers only
X, X_test = scaler.transform(X), scaler.transform(X_test)

# Softmax cross-entropy expects logits, so the output layer has no activation; labels 0, 1, 2 become one-hot.
inputs, outputs = mg.mlp([4, 32, 3], activation=mg.relu, output=mg.identity, rng=0, weights=mg.he)
network = mg.Network(inputs, outputs, loss=mg.softmax_cross_entropy)
print(network)

history = network.fit(
    X,
    T,
    mg.Adam(lr=0.01),
    epochs=40,
    batch_size=16,
    seed=0,
    validation=(X_test, T_test),
    metrics=[mg.accuracy],
    progress=False,
)
held_out = history.metrics["accuracy"]  # after each epoch, on the validation data
for epoch in (1, 5, 10, 20, 40):
    print(
        f"  epoch {epoch:2d}: loss {history.loss[epoch - 1]:.4f}, "
        f"validation loss {history.validation_loss[epoch - 1]:.4f}, accuracy {held_out[epoch - 1]:.1%}"
    )

# Probabilities are the softmax of the outputs.
probabilities = mg.softmax(network.predict(X_test))
print("\nThe three flowers that the network is least sure of:")
for row in probabilities.max(axis=1).argsort()[:3]:
    guess = probabilities[row].argmax()
    print(f"  {iris.target_names[guess]} ({probabilities[row, guess]:.0%}), actually {iris.target_names[T_test[row]]}")

history.plot().savefig(OUT / "iris_loss.png")
plot.confusion_matrix(T_test, probabilities, names=iris.target_names).savefig(OUT / "iris.png")
print("\nSaved out/iris_loss.png and out/iris.png")
assert held_out[-1] >= 0.9
