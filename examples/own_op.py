"""Your own activation in one class: checked, drawn, compiled and trained like the built-in ones."""

from pathlib import Path

import minigrad as mg
from minigrad import datasets, plot

OUT = Path("out")
OUT.mkdir(exist_ok=True)


class Snake(mg.Activation):
    """Snake, θ(s) = s + sin² s, with θ′ = 1 + sin 2s, for periodic functions (Liu, Hartwig and Ueda, 2020)."""

    label = "snake"

    def forward(self, xp, s):
        return s + xp.sin(s) * xp.sin(s)

    def backward(self, xp, delta, y, s):
        return (delta * (1 + xp.sin(2 * s)),)


snake = Snake()

# Called with a number it returns a number, with a node a node. check_gradients compares backward with forward.
s = mg.Parameter(0.5, "s")
print(f"snake(0.5) = {snake(0.5):.6f}, as a node {snake(s).value:.6f}")
check = mg.check_gradients(snake(s))[0]
print(f"derivative at 0.5: {check.rule:.12f} by its rule, {check.measured:.12f} measured")

# It trains in any network, and the compiler writes its two formulas into the code that fit runs.
X, T = datasets.curve("sine", count=80, noise=0.05, seed=0)
for activation in (mg.tanh, snake):
    inputs, outputs = mg.mlp([1, 8, 1], activation=activation, output=mg.identity, rng=0)
    network = mg.Network(inputs, outputs)
    history = network.fit(3 * X, T, mg.Adam(lr=0.01), epochs=60, batch_size=8, seed=0, progress=False)
    print(f"{activation.label:6} {history}")
print("\nIts lines in the compiled network:")
print("\n".join(line for line in network.compile().source.splitlines() if "sin(" in line))

plot.activations([mg.tanh, mg.relu, snake]).savefig(OUT / "own_op.png")
mg.draw(network).save(OUT / "own_op.svg")
print("\nSaved out/own_op.png and out/own_op.svg")
assert history.loss[-1] < 0.05
