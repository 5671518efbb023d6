"""Networks with a sample and an optimizer, one of each kind that a page has to show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import minigrad as mg
from minigrad import datasets

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \" ' & \u2028 \u2029 \u202e <!-- ${x} \\"
"""A name that is inert only where it stays a text, in HTML, in JSON, in JavaScript and in MathML."""


class Case(NamedTuple):
    """What `mg.explore` takes."""

    network: mg.Network
    sample: tuple[Any, Any]
    optimizer: Any


def textbook() -> Case:
    """Return the 2-2-2 network that many texts calculate by hand; its biases are constants."""
    x, (b1, b2) = [mg.Input("x1"), mg.Input("x2")], (mg.Constant(0.35), mg.Constant(0.60))
    w = [mg.Parameter(value) for value in (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)]
    h = [mg.sigmoid(mg.weighted_sum(x, w[i : i + 2], b1)) for i in (0, 2)]
    y = [mg.sigmoid(mg.weighted_sum(h, w[i : i + 2], b2)) for i in (4, 6)]
    return Case(mg.Network(x, y, mg.squared_error), ([0.05, 0.10], [0.01, 0.99]), mg.SGD(0.5))


def perceptron() -> Case:
    """Return 2-3-1, whose first hidden neuron has a weight of 0."""
    network = mg.Network(*mg.mlp([2, 3, 1], activation=mg.sigmoid, rng=1))
    network.graph["h1.w1"].value = 0.0
    return Case(network, ([0.8, -0.5], [1.0]), mg.SGD(0.5))


def trained_xor() -> Case:
    """Return XOR 2-4-1 after training, with momentum."""
    X, T = datasets.xor()
    network = mg.Network(*mg.mlp([2, 4, 1], activation=mg.tanh, output=mg.sigmoid, rng=3))
    network.fit(X, T, mg.SGD(0.5), epochs=300, seed=0, progress=False)
    return Case(network, (X[1], T[1]), mg.Momentum(0.1, momentum=0.9))


def softmax() -> Case:
    """Return 3-4-3 with ReLU and a softmax head, for a class label, with Adam."""
    network = mg.Network(
        *mg.mlp([3, 4, 3], activation=mg.relu, output=mg.identity, rng=2), loss=mg.softmax_cross_entropy
    )
    return Case(network, ([0.5, -1.0, 2.0], 2), mg.Adam(0.01))


def deep() -> Case:
    """Return three layers and two outputs, one weight frozen."""
    network = mg.Network(*mg.mlp([2, 3, 3, 2], activation=mg.tanh, output=mg.identity, rng=4))
    network.parameters[1].trainable = False
    return Case(network, ([0.8, -0.5], [1.0, 0.0]), mg.SGD(0.1))


def arrays() -> Case:
    """Return a network of whole arrays, one node for each layer."""
    x = mg.Input("x", shape=(3,))
    h = mg.dense(x, 4, activation=mg.tanh, name="h", rng=5)
    y = mg.dense(h, 2, activation=mg.sigmoid, name="y", rng=6)
    return Case(mg.Network(x, y), (np.array([0.5, -1.0, 2.0]), np.array([1.0, 0.0])), mg.SGD(0.5))


def shared() -> Case:
    """Return two neurons that share their weights, and a skip from the input to the output."""
    x1, x2 = mg.Input("x1"), mg.Input("x2")
    w, v, b = mg.Parameter(0.5, "w"), mg.Parameter(-0.25, "v"), mg.Parameter(0.1, "b")
    h1 = mg.tanh(mg.weighted_sum([x1, x2], [w, v], b), name="h1")
    h2 = mg.tanh(mg.weighted_sum([x2, x1], [w, v], b), name="h2")
    y = mg.neuron([h1, h2, x1], activation=mg.sigmoid, name="y", rng=7)
    return Case(mg.Network([x1, x2], [y]), ([0.8, -0.5], [1.0]), mg.SGD(0.5))


def large() -> Case:
    """Return 64-32-10, of which a page shows the strongest edges."""
    network = mg.Network(*mg.mlp([64, 32, 10], activation=mg.sigmoid, rng=0))
    return Case(network, (np.linspace(0, 1, 64), 3), mg.SGD(0.5))


def hostile() -> Case:
    """Return a network whose names try to leave the text that they stand in."""
    inputs = [mg.Input(f"{HOSTILE}{i}") for i in (1, 2)]
    h = mg.layer(inputs, 2, activation=mg.tanh, name=HOSTILE + "h", rng=8)
    y = mg.neuron(h, activation=mg.sigmoid, name=HOSTILE + "y", rng=9)
    return Case(mg.Network(inputs, [y]), ([0.8, -0.5], [1.0]), mg.SGD(0.5))


CASES: dict[str, Callable[[], Case]] = {
    function.__name__: function
    for function in (textbook, perceptron, trained_xor, softmax, deep, arrays, shared, large, hostile)
}
