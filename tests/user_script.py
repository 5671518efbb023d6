"""A user's script whose types mypy and pyright know: ops make nodes of nodes, and arrays of arrays."""

from typing import assert_type

import numpy as np

import minigrad as mg

x1, x2 = mg.Input("x1", value=0.1), mg.Input("x2", value=0.2)
w1, w2, b = mg.Parameter(0.1, "w1"), mg.Parameter(0.2, "w2"), mg.Parameter(0.3, "b")
W = mg.Parameter(np.ones((3, 2)), "W")
rows = np.ones((2, 3))

# Ops of nodes, and of nodes with numbers and arrays, in any order.
s = mg.weighted_sum([x1, x2], [w1, 0.5], b, name="s")
assert_type(s, mg.Node)
assert_type(mg.sigmoid(x1), mg.Node)
assert_type(mg.maximum(0.0, x1), mg.Node)
assert_type(mg.where(x1 > x2, x1, 0.0), mg.Node)
assert_type(mg.squared_error([s, x1], [0.0, 1.0]), mg.Node)
assert_type(mg.weighted_sum((x for x in (x1, x2)), [1.0, w2]), mg.Node)
assert_type(mg.affine(rows, W, np.zeros(2)), mg.Node)
assert_type(mg.matmul(rows, W), mg.Node)
assert_type(mg.sum(W), mg.Node)
assert_type(mg.mean(W, axis=0), mg.Node)
assert_type(mg.max(W, axis=(0, 1), keepdims=True), mg.Node)
assert_type(mg.reshape(W, (2, 3)), mg.Node)
assert_type(mg.permute_dims(W), mg.Node)
assert_type(mg.broadcast_to(x1, (2, 3)), mg.Node)
assert_type(mg.squeeze(mg.expand_dims(x1), 0), mg.Node)
assert_type(mg.concat([W, W]), mg.Node)
assert_type(mg.stack([x1, w1]), mg.Node)
assert_type(mg.take(W, [0]), mg.Node)
assert_type(mg.clip(x1, -1, 1), mg.Node)
assert_type(mg.neuron([x1, x2], activation=mg.sigmoid), mg.Node)

# Operators of nodes.
assert_type(0.5 * x1 + w1 / 2 - x2**2, mg.Node)
assert_type(abs(-x1), mg.Node)
assert_type(rows @ W @ rows, mg.Node)
assert_type(W[0, 1], mg.Node)
assert_type(W.T, mg.Node)
assert_type(s.parents[0], mg.Node)

# Ops of arrays.
assert_type(mg.sigmoid(rows), np.ndarray)
assert_type(mg.add(rows, 1.0), np.ndarray)
assert_type(mg.matmul(rows, rows.transpose()), np.ndarray)
assert_type(mg.sum(rows, axis=0), np.ndarray)

# Names that load on first use.
assert_type(mg.gradient_graph(mg.squared_error(s, 1.0)), mg.Graph)
assert_type(mg.__version__, str)
mg.draw(s)
mg.datasets.xor()
mg.errors.ShapeError("the name of an error class")
