"""Calls with whole arrays give what they give node by node: predict, evaluate, loss_graph, compiled graphs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.core.versions import PassNumbers
from minigrad.errors import DataError, FeedError, ShapeError

RNG = np.random.default_rng(0)
X, T = RNG.normal(size=(1100, 3)), RNG.uniform(size=(1100, 2))


def mlp(**settings: Any) -> mg.Network:
    return mg.Network(*mg.mlp([3, 4, 2], mg.tanh, mg.sigmoid, rng=0), **settings)


def inputs() -> list[mg.Input]:
    return [mg.Input(f"x{number}") for number in range(3)]


def hidden(x: list[mg.Input], count: int = 3) -> list[mg.Node]:
    return mg.layer(x, count, mg.tanh, "h", rng=3)


def shared_weights() -> mg.Network:
    """Neurons that read the same weights, some of them twice, beside others."""
    x, w = inputs(), [mg.Parameter(0.1 * number, f"w{number}") for number in range(3)]
    h = [mg.tanh(mg.weighted_sum(row, weights, w[0])) for row, weights in ((x, w), (x[::-1], w), (x, w[::-1]))]
    return mg.Network(x, [mg.weighted_sum(h, [w[0], w[0], w[1]]), mg.weighted_sum(hidden(x), w) * w[2]])


def without_influence() -> mg.Network:
    """One with parameters that the loss does not depend on."""
    x, w, unused = inputs(), mg.Parameter(0.5, "w"), mg.Parameter(0.5, "unused")
    ignored = mg.sign(mg.weighted_sum(x, [mg.Parameter(0.5, f"i{number}") for number in range(3)]))
    return mg.Network(x, [mg.sum(mg.stack(hidden(x))) * w, ignored + mg.sign(unused * x[1])])


def dropout() -> mg.Network:
    x = inputs()
    return mg.Network(x, mg.layer([mg.dropout(h, 0.5) for h in hidden(x)], 2, mg.identity, "y", rng=5))


def arrays() -> mg.Network:
    """Array parameters, and rows of scalars."""
    x = mg.Input("x", 3)
    h = mg.dense(mg.dense(x, 4, mg.tanh, "h", rng=0), 3, mg.sigmoid, "g", rng=1)
    row = mg.stack(
        [mg.weighted_sum([h[0], h[1]], [mg.Parameter(0.3, f"v{k}"), mg.Parameter(0.4, f"w{k}")], 0.1) for k in (1, 2)]
    )
    return mg.Network(x, mg.dense(row, 2, mg.identity, "y", rng=2))


class Cube(mg.Activation):
    """An op of the user's."""

    label = "cube of a row"

    def forward(self, xp: Any, s: Any) -> Any:
        return s * s * s

    def backward(self, xp: Any, delta: Any, y: Any, s: Any) -> Any:
        return (delta * 3 * s * s,)


def own_op() -> mg.Network:
    return mg.Network(*mg.mlp([3, 4, 2], Cube(), mg.identity, rng=0))


def constant_output() -> mg.Network:
    x = inputs()
    return mg.Network(x, [mg.weighted_sum(hidden(x), [1.0, 2.0, 3.0]), mg.Parameter(0.5, "c") * 2.0])


NETWORKS = [mlp, shared_weights, without_influence, dropout, arrays, own_op, constant_output]
every_network = pytest.mark.parametrize("build", NETWORKS)


def numbers(network: mg.Network) -> list[tuple[Any, Any]]:
    """The value and δ of every node, with their types."""
    found = []
    for node in network.graph.nodes:
        found += [(type(number), np.shape(number), np.array(number).tobytes()) for number in (node.value, node.delta)]
    return found


def pair(build: Callable[[], mg.Network]) -> tuple[mg.Network, mg.Network]:
    """Two equal networks: the parameters of the first live in a vector, those of the second in their nodes."""
    fast = build()
    slow = deepcopy(fast)
    fast.graph.compile(engine="numpy").forward({fast.inputs: X[0], fast.targets: T[0]})
    assert fast.graph._vector_plan is not None and slow.graph._vector_plan is None
    return fast, slow


def by_nodes(network: mg.Network, samples: np.ndarray) -> np.ndarray:
    """The outputs, one row after another by the graph itself."""
    forward = deepcopy(network).forward_graph.forward
    names = [node.name for node in network.inputs]
    if network.inputs[0].shape:
        return np.array([forward({names[0]: row}) for row in samples])
    return np.array([forward(dict(zip(names, row, strict=True))) for row in samples])


@every_network
@pytest.mark.parametrize("rows", [0, slice(5)])
def test_passes_are_the_same_where_parameters_live_in_a_vector(build, rows):
    fast, slow = pair(build)
    for _ in range(2):
        for network in (fast, slow):
            network.loss_graph(X[rows], T[rows])
            assert PassNumbers(network.graph.plan).missing() is None
        assert numbers(fast) == numbers(slow)
        for network in (fast, slow):
            network.parameters[0].value = network.parameters[0].value * 2.0  # seen by the next pass
            network.parameters[1].trainable = False  # the passes compute its δ all the same
    for network in (fast, slow):
        feeds = {network.inputs: X[rows], network.targets: T[rows]}
        network.graph.forward(feeds)
        assert all(node.delta is None for node in network.graph.nodes)
        network.graph.backward()
        network.graph.backward({network.loss: network.loss.value, network.parameters[0]: network.parameters[0].value})
    assert numbers(fast) == numbers(slow)


@every_network
@pytest.mark.parametrize("engine", ["numpy", "nodes"])
@pytest.mark.parametrize("rows", [0, slice(5)])
def test_compiled_graphs_read_inputs_and_parameters_alike(build, engine, rows):
    network = build()
    compiled, graph = network.compile(engine=engine), deepcopy(network).graph
    for _ in range(2):
        by_array = {network.inputs: X[rows], network.targets: T[rows]}
        loss = graph.forward({tuple(node.name for node in key): value for key, value in by_array.items()})
        graph.backward()
        assert compiled.forward(by_array) == pytest.approx(loss, rel=1e-14)
        assert compiled.gradient(by_array) == pytest.approx(loss, rel=1e-14)
        for node, other in zip(network.parameters, graph.parameters, strict=True):
            np.testing.assert_allclose(node.grad, other.grad, rtol=1e-12, atol=1e-15)
        for parameters in (network.parameters, graph.parameters):
            parameters[0].value = parameters[0].value * 2.0


@pytest.mark.parametrize("engine", ["numpy", "tape", "script", "nodes"])
def test_every_engine_takes_rows_of_inputs(engine):
    network = mlp()
    compiled = network.compile(engine=engine)
    for rows in (0, slice(4)):
        columns = {key: np.transpose(value[rows]) for key, value in ((network.inputs, X), (network.targets, T))}
        one_by_one = {
            node: column for nodes, array in columns.items() for node, column in zip(nodes, array, strict=True)
        }
        by_array = {network.inputs: X[rows].tolist(), network.targets: T[rows]}
        assert compiled.forward(by_array) == compiled.forward(one_by_one)
        assert compiled.gradient(by_array) == compiled.gradient(one_by_one)
        assert network.graph.forward(by_array) == network.graph.forward(one_by_one)


def test_a_number_for_all_samples_may_stand_beside_columns():
    network = mlp()
    compiled = network.compile(engine="numpy")
    feeds = {network.inputs[:2]: X[:5, :2], "x3": 0.5, network.targets: T[:5]}
    assert compiled.forward(feeds) == pytest.approx(network.graph.forward(feeds), rel=1e-14)
    feeds["x3"] = np.full(5, 0.5)
    assert compiled.forward(feeds) == pytest.approx(network.graph.forward(feeds), rel=1e-14)


@pytest.mark.parametrize(
    ("rows", "error", "words"),
    [
        (X[:4, :2], ShapeError, r"input x1 … input x3: .*\(4, 2\).*\(3,\), or \(samples, 3\)"),
        (X[:0], ShapeError, "a feed that does not fit"),
        (X[:4, :, None], ShapeError, "a feed that does not fit"),
        (2.0, ShapeError, "a feed that does not fit"),
        ([[0.0, np.nan, 1.0]], FeedError, "input x2: a feed that is not a number"),
        ([0.0, 1.0, np.nan], FeedError, "input x3: a feed that is not a number"),
        (["a", "b", "c"], mg.MinigradError, "not a number"),
    ],
)
def test_rows_that_do_not_fit_are_refused(rows, error, words):
    network = mlp()
    for forward in (network.forward_graph.forward, network.forward_graph.compile().forward):
        with pytest.raises(error, match=words):
            forward({network.inputs: rows})


def test_what_is_fed_by_rows_is_an_input_and_fed_once():
    network = mlp()
    w, x1 = network.parameters[0], network.inputs[0]
    for feeds, words in (
        ({network.inputs: X[0], x1: 1.0}, "input x1: fed twice"),
        ({x1: 1.0, network.inputs: X[0]}, "input x1: fed twice"),
        ({(x1, "x1"): [1.0, 2.0]}, "input x1: fed twice"),
        ({(x1, w): [1.0, 2.0]}, "only inputs are fed"),
        ({(x1, w): [[1.0, 2.0]]}, "only inputs are fed"),
        ({(x1, "x9"): [1.0, 2.0]}, "x9: not in this graph"),
        ({network.inputs: X[:3], network.targets: T[:2]}, "batches of different sizes"),
    ):
        with pytest.raises(mg.MinigradError, match=words):
            network.graph.forward(feeds)
    with pytest.raises(ShapeError, match="does not fit"):
        network.graph.forward({(): []})
    assert all(node.value is None for node in network.graph.nodes if node.op is not None)


def test_infinite_feeds_are_numbers():
    x, y = mg.Input("x"), mg.Input("y")
    graph = mg.Graph(mg.tanh(x) + mg.tanh(y))
    assert graph.forward({x: np.inf, y: -np.inf}) == 0.0
    assert graph.forward({(x, y): [[np.inf, np.inf]]}).tolist() == [2.0]


@every_network
@pytest.mark.parametrize("count", [1, 7, 8, 90, 512, 1100])
def test_predict_and_evaluate_rows_as_the_nodes_do(build, count):
    network = build()
    outputs, some = network.predict(X[:count]), [*range(0, count, 97), count - 1]
    close = partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-15)
    close(outputs[some], by_nodes(network, X[some]))
    close(network.predict(X[count - 1]), outputs[-1])
    losses = 0.5 * ((outputs - T[:count]) ** 2).sum(axis=1)
    assert network.evaluate(X[:count], T[:count]) == pytest.approx(losses.mean(), rel=1e-13)
    network.parameters[0].value = network.parameters[0].value * 2.0
    close(network.predict(X[:count])[some], by_nodes(network, X[some]))
    np.testing.assert_array_equal(outputs, build().predict(X[:count]))  # what was returned is as it was


@pytest.mark.parametrize("count", [3, 600])
def test_predict_takes_rows_of_any_type_and_layout(count):
    network = mlp()
    samples = np.round(8 * X[:count])
    expected = network.predict(samples)
    for same in (
        samples.tolist(),
        samples.astype(np.float32),
        samples.astype(int),
        np.asfortranarray(samples),
        np.repeat(samples, 2, axis=0)[::2],
        samples.astype(">f8"),
    ):
        np.testing.assert_array_equal(network.predict(same), expected)
        np.testing.assert_array_equal(network.predict(same[0]), network.predict(samples[0]))
    assert samples.flags.writeable


def test_wide_rows_are_predicted_without_a_program_for_many():
    x = mg.Input("x", 5000)
    network = mg.Network(x, mg.dense(x, 2, mg.tanh, "y", rng=0))
    samples = RNG.normal(size=(520, 5000))
    np.testing.assert_allclose(network.predict(samples)[-1], network.predict(samples[-1]), rtol=1e-12)


def test_numbers_that_are_not_finite_are_refused_wherever_they_are():
    network = mlp()
    for row in (0, 600):
        for wrong in (np.nan, np.inf, -np.inf):
            samples = X[:601].copy()
            samples[row, 1] = wrong
            with pytest.raises(DataError, match=f"row {row}, column 1"):
                network.predict(samples)
            with pytest.raises(DataError, match=f"row {row}, column 1"):
                network.evaluate(samples, T[:601])
            with pytest.raises(DataError, match="column 1"):
                network.loss_graph(samples[row], T[row])
    with pytest.raises(DataError, match="no sample"):
        network.predict(X[:0])


def test_what_predict_and_loss_graph_return_does_not_look_into_arrays_of_the_caller():
    x = mg.Input("x", 3)
    network = mg.Network(x, mg.identity(x) * 1.0 + mg.Parameter(np.zeros(3), "b"))
    samples, targets = X[:4].copy(), X[4:8].copy()
    outputs, graph = network.predict(samples), network.loss_graph(samples, targets)
    values = [graph[name].value for name in ("x", "t")]
    samples[:], targets[:] = 7.0, 7.0
    np.testing.assert_array_equal(outputs, X[:4])
    np.testing.assert_array_equal(values, [X[:4], X[4:8]])
    network = mg.Network(y := mg.Input("y"), y * mg.Parameter(1.0, "w"))
    column = X[:4, 0].copy()
    graph = network.loss_graph(column, column)
    column[:] = 7.0
    np.testing.assert_array_equal(graph["y"].value, X[:4, 0])


def test_a_gradient_read_after_loss_graph_is_of_that_pass():
    for network in (arrays(), mlp()):
        network.predict(X)
        network.loss_graph(X[0], T[0])
        first = [np.array(node.grad) for node in network.parameters]
        grads = [node.grad for node in network.parameters]
        network.loss_graph(X[1], T[1])
        for before, grad, node in zip(first, grads, network.parameters, strict=True):
            np.testing.assert_array_equal(before, grad)
            assert not np.array_equal(before, node.grad)


def test_parameters_that_move_to_another_vector_are_followed():
    network = mlp()
    slow = deepcopy(network)
    part = mg.Graph(network.outputs[0])
    for step in range(3):
        network.predict(X)
        if step:
            part.compile(engine="numpy").forward({network.inputs: X[0]})  # which now has some of the parameters
        for each in (network, slow):
            each.parameters[0].value = 0.1 * step
            each.loss_graph(X[step], T[step])
        assert numbers(network) == numbers(slow)


def test_threads_predict_many_rows_at_once():
    network = mlp()
    expected = [network.predict(X[start:]) for start in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for start, outputs in enumerate(pool.map(lambda start: network.predict(X[start:]), [*range(4)] * 8)):
            np.testing.assert_array_equal(outputs, expected[start % 4])


def test_settings_of_an_op_that_change_are_followed():
    class Scaled(mg.Activation):
        label = "scaled by a setting"
        factor = 2.0

        def forward(self, xp: Any, s: Any) -> Any:
            return self.factor * s

        def backward(self, xp: Any, delta: Any, y: Any, s: Any) -> Any:
            return (self.factor * delta,)

    scaled = Scaled()
    network = mg.Network(*mg.mlp([3, 2], output=scaled, rng=0))
    before = network.predict(X), network.predict(X[0])
    scaled.factor = 4.0
    np.testing.assert_allclose(network.predict(X), 2 * before[0], rtol=1e-14)
    np.testing.assert_allclose(network.predict(X[0]), 2 * before[1], rtol=1e-14)
