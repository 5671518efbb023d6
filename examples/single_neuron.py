"""One neuron: inputs, the weighted sum Σ, the activation θ, the output, and the derivatives on the way back."""

from pathlib import Path

import minigrad as mg

OUT = Path("out")
OUT.mkdir(exist_ok=True)

# A neuron with two inputs. The inputs have values, so every node is evaluated as it is built.
x0, x1 = mg.Input("x0", value=-1.0), mg.Input("x1", value=-2.0)
w0, w1, b = mg.Parameter(2.0, "w0"), mg.Parameter(-3.0, "w1"), mg.Parameter(-3.0, "b")
s = mg.weighted_sum([x0, x1], [w0, w1], b, name="s")
y = mg.sigmoid(s, name="y")

print("Forward:  s = w0*x0 + w1*x1 + b,  y = sigmoid(s) = 1 / (1 + exp(-s))")
print(f"  s = {s.value}")
print(f"  y = {y.value}")

y.backward()
print("\nBackward, starting with dy/dy = 1 at the output:")
print(f"  dy/ds  = y * (1 - y)  = {s.delta:+.10f}")
for node, factor in ((w0, "x0"), (w1, "x1"), (x0, "w0"), (x1, "w1")):
    print(f"  dy/d{node.name} = {factor} * dy/ds   = {node.delta:+.10f}")
print(f"  dy/db  = dy/ds        = {b.delta:+.10f}")

print("\nThe nodes, each with its parents, value and derivative:")
for node in mg.Graph(y).nodes:
    print(f"  {node!r}")

picture = mg.draw(y, view="neuron")
picture.save(OUT / "single_neuron.svg")
print("\nSaved out/single_neuron.svg")
