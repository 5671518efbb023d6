"""One neuron as an abstract picture: inputs, the weighted sum Σ, the activation θ, the output, and δ back."""

from pathlib import Path

import minigrad as mg

OUT = Path("out")
OUT.mkdir(exist_ok=True)

# A neuron with two inputs; with values given at once, every node is evaluated as it is built.
x0, x1 = mg.Input("x0", value=-1.0), mg.Input("x1", value=-2.0)
w0, w1, b = mg.Parameter(2.0, "w0"), mg.Parameter(-3.0, "w1"), mg.Parameter(-3.0, "b")
s = mg.weighted_sum([x0, x1], [w0, w1], b, name="s")
y = mg.sigmoid(s, name="y")

print("forward:  s = w0·x0 + w1·x1 + b, y = θ(s) = 1 / (1 + e⁻ˢ)")
print(f"  s = {s.value}")
print(f"  y = {y.value}")

y.backward()
print("\nbackward, from δ = 1 at the output:")
print(f"  δ(s)  = θ′(s)       = y(1 − y)   = {s.delta:.10f}")
for node, factor in ((w0, "x0"), (w1, "x1"), (x0, "w0"), (x1, "w1")):
    print(f"  δ({node.name}) = {factor} · δ(s)              = {node.delta:+.10f}")
print(f"  δ(b)  = δ(s)                     = {b.delta:+.10f}")

print("\nwhat each node is made of:")
for node in mg.Graph(y).nodes:
    print(f"  {node!r}")

picture = mg.draw(y, view="neuron")
picture.save(OUT / "single_neuron.svg")
print("\nthe picture is in out/single_neuron.svg")
