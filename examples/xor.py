"""XOR with a 2-2-1 network: one network in detail, then a hundred seeds, and why a few of them fail."""

import numpy as np

import minigrad as mg
from minigrad import datasets

X, T = datasets.xor()


def two_two_one(seed: int, output: object, loss: object, weights: object = mg.glorot) -> mg.Network:
    """Two inputs, two tanh neurons, one output: no single neuron can do it, two hidden ones are just enough."""
    inputs, outputs = mg.mlp([2, 2, 1], activation=mg.tanh, output=output, rng=seed, weights=weights)
    return mg.Network(inputs, outputs, loss)


# One network, as the textbook trains it: squared error, sample by sample.
network = two_two_one(1, mg.sigmoid, mg.squared_error)
history = network.fit(X, T, mg.SGD(lr=0.5), epochs=1000, seed=0)
print(network, history)
for sample, target, answer in zip(X.astype(int), T, network.predict(X)[:, 0], strict=True):
    print(f"  {sample[0]} xor {sample[1]} = {target:.0f}   predicted {answer:.3f}")

# A hundred networks. What helps most: small initial weights, so that no neuron starts saturated; cross-entropy, whose
# δ = ŷ − t does not vanish where an output is saturated and wrong; and momentum, to leave plateaus.
SEEDS, EPOCHS = 100, 600
small, momentum = mg.Uniform(-0.1, 0.1), mg.Momentum(lr=1.0, momentum=0.9)
unsolved = []
for seed in range(SEEDS):
    network = two_two_one(seed, mg.identity, mg.binary_cross_entropy, small)
    network.fit(X, T, momentum, epochs=EPOCHS, batch_size=4, progress=False)
    answers = mg.sigmoid(network.predict(X)[:, 0])
    if np.any(np.abs(answers - T) > 0.4):
        unsolved.append((seed, network, answers))
print(f"\n{SEEDS - len(unsolved)} of {SEEDS} seeds solved XOR within {EPOCHS} epochs. The others:")

# Why the rest fail. If all outputs are near ½, the network is still at the saddle near its small initial weights, where
# every gradient is almost 0. If two outputs are right and two are ½, it is in a local minimum: two samples with
# opposite targets look alike to the output neuron, and ½ is the best answer to both. Its weights keep growing while
# the gradient vanishes, and no small step leads out.
lingering = 0
for seed, network, answers in unsolved:
    network.graph.forward(dict(zip(network.inputs, X.T, strict=True)) | {"t1": T})
    network.graph.backward()
    steepest = max(abs(float(np.mean(parameter.grad))) for parameter in network.parameters)
    largest = max(abs(parameter.value) for parameter in network.parameters)
    saddle = np.all(np.abs(answers - 0.5) < 0.1)
    lingering += saddle
    print(
        f"  seed {seed:2d} outputs {' '.join(f'{answer:.2f}' for answer in answers)}, "
        f"largest gradient {steepest:.0e}, largest weight {largest:4.1f}: {'saddle' if saddle else 'local minimum'}"
    )

# More epochs lead away from a saddle; only other initial weights avoid a local minimum.
patient = 0
for _, network, _ in unsolved:
    network.fit(X, T, momentum, epochs=3000, batch_size=4, progress=False)
    patient += bool(np.all(np.abs(mg.sigmoid(network.predict(X)[:, 0]) - T) < 0.4))
print(f"{lingering} at a saddle, {len(unsolved) - lingering} in a local minimum. 3000 more epochs solve {patient}.")
assert len(unsolved) <= 10
