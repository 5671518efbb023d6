"""The 2-2-2 textbook network: one step of back-propagation, every number to 10 digits.

The values are those of "A Step by Step Backpropagation Example" up to the update of the output weights. That text
continues with the output weights already updated. Here, as in the algorithm, all gradients belong to the same weights,
and the loss after one step is 0.2910277737 rather than the often-copied 0.2910279240.
"""

import minigrad as mg

LEARNING_RATE = 0.5

# The network, node by node: two inputs, two hidden neurons, two outputs, biases that are not trained.
x1, x2 = mg.Input("x1"), mg.Input("x2")
weights = {
    f"w{number}": mg.Parameter(value, f"w{number}")
    for number, value in enumerate([0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55], start=1)
}
w1, w2, w3, w4, w5, w6, w7, w8 = weights.values()
b1, b2 = mg.Constant(0.35, "b1"), mg.Constant(0.60, "b2")

h1 = mg.sigmoid(mg.weighted_sum([x1, x2], [w1, w2], b1, name="s1"), name="h1")
h2 = mg.sigmoid(mg.weighted_sum([x1, x2], [w3, w4], b1, name="s2"), name="h2")
o1 = mg.sigmoid(mg.weighted_sum([h1, h2], [w5, w6], b2, name="s3"), name="o1")
o2 = mg.sigmoid(mg.weighted_sum([h1, h2], [w7, w8], b2, name="s4"), name="o2")

t1, t2 = mg.Input("t1"), mg.Input("t2")
graph = mg.Graph(mg.squared_error([o1, o2], [t1, t2], name="L"))
sample = {"x1": 0.05, "x2": 0.10, "t1": 0.01, "t2": 0.99}

print("Forward: s = sum w*x + b, then h or o = sigmoid(s)")
loss = graph.forward(sample)
for name in ("s1", "h1", "s2", "h2", "s3", "o1", "s4", "o2"):
    print(f"  {name} = {graph[name].value:.10f}")
print(f"  L  = 1/2 sum (o - t)^2 = {loss:.10f}")

print("\nBackward: delta = dL/ds, first of the outputs, then through the weights to the hidden layer")
graph.backward()
for name in ("s3", "s4", "s1", "s2"):
    print(f"  delta({name}) = {graph[name].delta:+.12f}")

print("\nUpdate: w <- w - learning rate * (output before w) * (delta after w), all weights at once")
moved = {name: w.value - LEARNING_RATE * w.grad for name, w in weights.items()}
for name, w in weights.items():
    print(f"  {name}: {w.value:.2f} - {LEARNING_RATE} * {w.grad:+.10f} = {moved[name]:.10f}")
    w.value = moved[name]

print(f"\nL after one step = {graph.forward(sample):.10f}")
