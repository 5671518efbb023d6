"""XOR with a 2-2-1 network: four samples, learned sample by sample; no single neuron can do it."""

import numpy as np

import minigrad as mg

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
T = np.array([0, 1, 1, 0])

inputs, outputs = mg.mlp([2, 2, 1], activation=mg.tanh, output=mg.sigmoid, rng=1)
network = mg.Network(inputs, outputs)
history = network.fit(X, T, mg.SGD(lr=0.5), epochs=1000, seed=0)

print(history)
for sample, target, answer in zip(X, T, network.predict(X)[:, 0], strict=True):
    print(f"  {sample[0]} xor {sample[1]} = {target}   the network says {answer:.3f}")
