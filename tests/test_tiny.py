"""minigrad on one page: one neuron by hand, and everything else done with a network of three.

The neuron reads x = (1, 2) with the weights w = (½, −¼) and the bias b = 0, so that s = w1 x1 + w2 x2 + b = 0 and
y = sigmoid(s) = ½. For the target t = 1 the loss is L = ½ (y − t)² = ⅛. Backward, with sigmoid′(0) = ¼:
∂L/∂y = y − t = −½, δ = ∂L/∂s = ¼ · −½ = −⅛, ∂L/∂w1 = x1 δ = −⅛, ∂L/∂w2 = x2 δ = −¼, ∂L/∂x1 = w1 δ = −1/16.
"""

from pathlib import Path

import numpy as np
import pytest

import minigrad as mg

X, T = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 1])  # the logical or


class Neuron:
    """The nodes of the neuron, built one by one; each has its value as soon as it is built."""

    def __init__(self) -> None:
        self.x1, self.x2, self.t = mg.Input("x1", value=1.0), mg.Input("x2", value=2.0), mg.Input("t", value=1.0)
        self.w1, self.w2, self.b = mg.Parameter(0.5, "w1"), mg.Parameter(-0.25, "w2"), mg.Parameter(0.0, "b")
        self.s = mg.weighted_sum([self.x1, self.x2], [self.w1, self.w2], self.b, name="s")
        self.y = mg.sigmoid(self.s, name="y")
        self.loss = mg.squared_error(self.y, self.t)


@pytest.fixture
def network() -> mg.Network:
    """Two hidden neurons and one output."""
    x1, x2 = mg.Input("x1"), mg.Input("x2")
    h1 = mg.neuron([x1, x2], activation=mg.tanh, name="h1", rng=1)
    h2 = mg.neuron([x1, x2], activation=mg.tanh, name="h2", rng=2)
    (y,) = mg.layer([h1, h2], 1, activation=mg.sigmoid, name="y", rng=3)
    return mg.Network(inputs=[x1, x2], outputs=[y], loss=mg.squared_error)


def test_values_and_derivatives_by_hand() -> None:
    n = Neuron()
    assert (n.s.value, n.y.value, n.loss.value) == (0, 1 / 2, 1 / 8)
    n.loss.backward()
    assert (n.y.delta, n.s.delta) == (-1 / 2, -1 / 8)
    assert (n.w1.grad, n.w2.grad, n.b.grad) == (-1 / 8, -1 / 4, -1 / 8)
    assert (n.x1.delta, n.x2.delta) == (-1 / 16, 1 / 32)
    assert n.s.parents == (n.x1, n.x2, n.w1, n.w2, n.b)
    assert all(check.error < 1e-6 for check in mg.check_gradients(n.loss))


def test_a_graph_passes_forward_and_backward_for_a_sample_or_a_batch() -> None:
    n = Neuron()
    graph = mg.Graph(n.loss)
    assert graph.forward({"x1": 1.0, "x2": 2.0, "t": 1.0}) == 1 / 8
    graph.backward()
    assert graph["s"].delta == -1 / 8
    assert graph.forward({"x1": [1, 1], "x2": [2, 2], "t": [1, 0]}) == 1 / 8  # the mean over the batch
    graph.backward()
    assert graph["w1"].grad == 0  # the derivatives of the two samples cancel


def test_one_step_of_gradient_descent() -> None:
    n = Neuron()
    n.loss.backward()
    for weight in (n.w1, n.w2, n.b):
        weight.value = weight.value - 0.5 * weight.grad
    assert (n.w1.value, n.w2.value, n.b.value) == (0.5625, -0.125, 0.0625)


def test_a_network_learns_predicts_and_is_evaluated(network: mg.Network) -> None:
    losses: list[float] = []
    history = network.fit(
        X, T, optimizer=mg.Adam(lr=0.1), epochs=100, progress=False, callbacks=[lambda p: losses.append(p.loss)]
    )
    assert losses == history.loss
    assert network.predict(X).round().ravel().tolist() == T.tolist()
    assert network.evaluate(X, T) < 0.01


def test_the_passes_of_one_sample_are_drawn_explained_and_a_graph_themselves(network: mg.Network) -> None:
    loss = network.loss_graph(X[1], T[1])  # forward and backward are done
    weight = loss["h1.w1"]
    assert mg.draw(network).source.startswith("digraph")
    assert "h1.w1" in str(mg.explain(weight, network))
    backward = mg.gradient_graph(loss)  # every δ is a node of this graph
    assert backward.outputs[loss.parameters.index(weight)].value == pytest.approx(weight.grad)


def test_a_compiled_network_computes_the_same(network: mg.Network) -> None:
    loss = network.loss_graph(X[1], T[1]).outputs[0].value
    compiled = network.compile()
    assert compiled.gradient({"x1": 0.0, "x2": 1.0, "t1": 1.0}) == pytest.approx(loss)
    assert "def " in compiled.source


def test_a_network_survives_in_a_file(network: mg.Network, tmp_path: Path) -> None:
    network.save(tmp_path / "or.minigrad")
    assert np.array_equal(mg.Network.load(tmp_path / "or.minigrad").predict(X), network.predict(X))
