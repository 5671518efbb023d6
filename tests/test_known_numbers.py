"""Numbers that others have published, to as many digits as they are known."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg


def digits(value: float, count: int = 12) -> object:
    return pytest.approx(value, rel=0.5 * 10.0 ** (1 - count), abs=0)


def test_the_expression_of_the_micrograd_readme() -> None:
    a, b = mg.Parameter(-4.0, "a"), mg.Parameter(2.0, "b")
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + mg.relu(b + a)
    d = d + 3 * d + mg.relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    g = g + 10.0 / f
    g.backward()
    assert g.value == digits(24.70408163265306, 15)
    assert a.delta == digits(138.83381924198252, 15)
    assert b.delta == digits(645.5772594752186, 15)


def test_the_neuron_of_cs231n() -> None:
    w0, w1, w2 = (mg.Parameter(value, name) for value, name in [(2.0, "w0"), (-3.0, "w1"), (-3.0, "w2")])
    x0, x1 = mg.Input("x0", value=-1.0), mg.Input("x1", value=-2.0)
    y = mg.sigmoid(mg.weighted_sum([x0, x1], [w0, w1], w2))
    y.backward()
    slope = 0.7310585786300049 * (1 - 0.7310585786300049)
    assert y.value == digits(0.7310585786300049, 15)
    assert w0.delta == digits(-slope, 14)
    assert w1.delta == digits(-2 * slope, 14)
    assert w2.delta == digits(slope, 14)
    assert x0.delta == digits(2 * slope, 14)
    assert x1.delta == digits(-3 * slope, 14)


X, T = np.array([0.05, 0.10]), np.array([0.01, 0.99])
HIDDEN, OUTPUT = np.array([[0.15, 0.20], [0.25, 0.30]]), np.array([[0.40, 0.45], [0.50, 0.55]])
HIDDEN_BIAS, OUTPUT_BIAS = 0.35, 0.60


def by_hand(hidden: np.ndarray, output: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """E, δ of the hidden and of the output weighted sums, and the gradients of both weight matrices, in plain NumPy."""
    h = 1 / (1 + np.exp(-(hidden @ X + HIDDEN_BIAS)))
    y = 1 / (1 + np.exp(-(output @ h + OUTPUT_BIAS)))
    delta_output = (y - T) * y * (1 - y)
    delta_hidden = (output.T @ delta_output) * h * (1 - h)
    return (
        0.5 * np.sum((y - T) ** 2),
        delta_hidden,
        delta_output,
        np.outer(delta_hidden, X),
        np.outer(delta_output, h),
    )


class Textbook:
    """The 2-2-2 network of the textbook, node by node; the biases are fixed."""

    def __init__(self) -> None:
        self.x = [mg.Input("x1"), mg.Input("x2")]
        self.t = [mg.Input("t1"), mg.Input("t2")]
        self.hidden = [[mg.Parameter(value) for value in row] for row in HIDDEN.tolist()]
        self.output = [[mg.Parameter(value) for value in row] for row in OUTPUT.tolist()]
        self.hidden_sums = [mg.weighted_sum(self.x, row, HIDDEN_BIAS) for row in self.hidden]
        activations = [mg.sigmoid(total) for total in self.hidden_sums]
        self.output_sums = [mg.weighted_sum(activations, row, OUTPUT_BIAS) for row in self.output]
        self.loss = mg.squared_error([mg.sigmoid(total) for total in self.output_sums], self.t)
        self.graph = mg.Graph(self.loss)
        self.feeds = dict(zip([*self.x, *self.t], [*X.tolist(), *T.tolist()], strict=True))

    @property
    def weights(self) -> list[mg.Parameter]:
        return [weight for row in [*self.hidden, *self.output] for weight in row]


def test_the_textbook_network() -> None:
    network = Textbook()
    error = network.graph.forward(network.feeds)
    network.graph.backward()
    expected, delta_hidden, delta_output, slope_hidden, slope_output = by_hand(HIDDEN, OUTPUT)
    assert error == digits(0.29837110876000)
    assert error == digits(expected, 15)
    output_deltas = [node.delta for node in network.output_sums]
    hidden_deltas = [node.delta for node in network.hidden_sums]
    assert output_deltas == [digits(0.138498561628557), digits(-0.0380982365165562)]
    assert output_deltas == [digits(value, 14) for value in delta_output]
    assert hidden_deltas == [digits(0.00877135468948693), digits(0.00995425470521720)]
    assert hidden_deltas == [digits(value, 14) for value in delta_hidden]
    slopes = [*slope_hidden.ravel(), *slope_output.ravel()]
    assert [weight.grad for weight in network.weights] == [digits(value, 13) for value in slopes]

    for weight in network.weights:
        weight.value -= 0.5 * weight.grad
    assert [weight.value for weight in network.weights] == [
        digits(value, 8 if index < 4 else 9)
        for index, value in enumerate(
            [0.149780716, 0.19956143, 0.24975114, 0.29950229, 0.35891648, 0.408666186, 0.511301270, 0.561370121]
        )
    ]
    error = network.graph.forward(network.feeds)
    after = by_hand(HIDDEN - 0.5 * slope_hidden, OUTPUT - 0.5 * slope_output)[0]
    assert error == digits(0.29102777369360)
    assert error == digits(after, 14)


def test_the_textbook_network_in_matrices_finds_the_same() -> None:
    x, t = mg.Input("x", 2), mg.Input("t", 2)
    hidden, output = mg.Parameter(HIDDEN.T, "W1"), mg.Parameter(OUTPUT.T, "W2")
    hidden_sum = mg.affine(x, hidden, np.full(2, HIDDEN_BIAS))
    output_sum = mg.affine(mg.sigmoid(hidden_sum), output, np.full(2, OUTPUT_BIAS))
    graph = mg.Graph(mg.squared_error(mg.sigmoid(output_sum), t))
    assert graph.forward({x: X, t: T}) == digits(0.29837110876000)
    graph.backward()
    expected = by_hand(HIDDEN, OUTPUT)
    np.testing.assert_allclose(hidden_sum.delta, expected[1], rtol=1e-13)
    np.testing.assert_allclose(output_sum.delta, expected[2], rtol=1e-13)
    np.testing.assert_allclose(hidden.delta, expected[3].T, rtol=1e-13)
    np.testing.assert_allclose(output.delta, expected[4].T, rtol=1e-13)
