"""The 2-2-2 textbook network: one step of back-propagation, every number to 10 digits.

The values are those of "A Step by Step Backpropagation Example" up to the update of the output weights. That text
continues with the output weights already updated. Here, as in the algorithm, all gradients belong to the same weights,
and the loss after one step is 0.2910277737 rather than the often-copied 0.2910279240.
"""

import minigrad as mg

LEARNING_RATE = 0.5

# The network, node by node: two inputs, two hidden neurons, two outputs, biases that are not trained. In that text the
# weights are w1 to w8; here they are w_ij⁽¹⁾ from input i to hidden neuron j, and w_jk⁽²⁾ from there to output k.
x1, x2 = mg.Input("x₁"), mg.Input("x₂")
w11_1, w21_1 = mg.Parameter(0.15, "w₁₁⁽¹⁾"), mg.Parameter(0.20, "w₂₁⁽¹⁾")
w12_1, w22_1 = mg.Parameter(0.25, "w₁₂⁽¹⁾"), mg.Parameter(0.30, "w₂₂⁽¹⁾")
w11_2, w21_2 = mg.Parameter(0.40, "w₁₁⁽²⁾"), mg.Parameter(0.45, "w₂₁⁽²⁾")
w12_2, w22_2 = mg.Parameter(0.50, "w₁₂⁽²⁾"), mg.Parameter(0.55, "w₂₂⁽²⁾")
b_1, b_2 = mg.Constant(0.35, "b⁽¹⁾"), mg.Constant(0.60, "b⁽²⁾")

s1_1 = mg.weighted_sum([x1, x2], [w11_1, w21_1], b_1, name="s₁⁽¹⁾")
s2_1 = mg.weighted_sum([x1, x2], [w12_1, w22_1], b_1, name="s₂⁽¹⁾")
h1, h2 = mg.sigmoid(s1_1, name="h₁"), mg.sigmoid(s2_1, name="h₂")
s1_2 = mg.weighted_sum([h1, h2], [w11_2, w21_2], b_2, name="s₁⁽²⁾")
s2_2 = mg.weighted_sum([h1, h2], [w12_2, w22_2], b_2, name="s₂⁽²⁾")
y1, y2 = mg.sigmoid(s1_2, name="ŷ₁"), mg.sigmoid(s2_2, name="ŷ₂")

t1, t2 = mg.Input("t₁"), mg.Input("t₂")
graph = mg.Graph(mg.squared_error([y1, y2], [t1, t2], name="L"))
sample = {x1: 0.05, x2: 0.10, t1: 0.01, t2: 0.99}

print("The layer stands in parentheses: s1(2) is the first sum of layer 2, w21(1) the weight from x2 to h1.")
print("\nForward: s = sum w*x + b, then h or y = sigmoid(s)")
loss = graph.forward(sample)
for name, s, output_name, output in (
    ("s1(1)", s1_1, "h1", h1),
    ("s2(1)", s2_1, "h2", h2),
    ("s1(2)", s1_2, "y1", y1),
    ("s2(2)", s2_2, "y2", y2),
):
    print(f"  {name} = {s.value:.10f}  {output_name} = {output.value:.10f}")
print(f"  L = 1/2 sum (y - t)^2 = {loss:.10f}")

print("\nBackward: delta = dL/ds, first of the outputs, then through the weights to the hidden layer")
graph.backward()
for name, s in (("1(2)", s1_2), ("2(2)", s2_2), ("1(1)", s1_1), ("2(1)", s2_1)):
    print(f"  delta{name} = {s.delta:+.12f}")

print("\nUpdate: w <- w - learning rate * (output before w) * (delta after w), all weights at once")
weights = {
    "w11(1)": w11_1,
    "w21(1)": w21_1,
    "w12(1)": w12_1,
    "w22(1)": w22_1,
    "w11(2)": w11_2,
    "w21(2)": w21_2,
    "w12(2)": w12_2,
    "w22(2)": w22_2,
}
updated = {name: w.value - LEARNING_RATE * w.grad for name, w in weights.items()}
for name, w in weights.items():
    print(f"  {name}: {w.value:.2f} - {LEARNING_RATE} * {w.grad:+.10f} = {updated[name]:.10f}")
    w.value = updated[name]

print(f"\nL after one step = {graph.forward(sample):.10f}")
