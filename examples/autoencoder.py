"""An 8-3-8 autoencoder: eight patterns pass through three hidden neurons, which learn a binary code for them."""

from pathlib import Path

import numpy as np

import minigrad as mg
from minigrad import plot

OUT = Path("out")
OUT.mkdir(exist_ok=True)

X = np.eye(8)  # eight patterns, one bit set in each; the targets are the patterns themselves

inputs, outputs = mg.mlp([8, 3, 8], activation=mg.sigmoid, output=mg.identity, rng=0)
network = mg.Network(inputs, outputs, loss=mg.softmax_cross_entropy)
history = network.fit(X, X, mg.Adam(lr=0.05), epochs=600, batch_size=8, progress=False)
print(network, history)

# The code is the output of the three hidden neurons: a graph of its own computes just these.
encoder = mg.Graph([network.graph[f"h{number}"] for number in (1, 2, 3)])
code = np.stack(encoder.forward(dict(zip(inputs, X.T, strict=True))), axis=-1)
restored = mg.softmax(network.predict(X))

print("\npattern    hidden neurons        as bits   probability of the right pattern")
for row, (pattern, three) in enumerate(zip(X.astype(int), code, strict=True)):
    bits = "".join(str(int(value > 0.5)) for value in three)
    values = "  ".join(f"{value:.3f}" for value in three)
    print(f"{''.join(map(str, pattern))}   {values}   {bits}       {restored[row, row]:.1%}")

# Three neurons that are nearly on or off can form 2³ = 8 codes: exactly as many as there are patterns.
codes = {tuple(bits) for bits in (code > 0.5).tolist()}
print(f"\n{len(codes)} different codes for {len(X)} patterns")
assert np.all(restored.argmax(axis=1) == np.arange(8))

plot.weights(network).savefig(OUT / "autoencoder.png")
print("Saved the weights of the encoder as out/autoencoder.png")
