"""The training loop: against loops written by hand, the same bits from the same seed, and what cannot be trained."""

import os
import subprocess
import sys
import types
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import MinigradError, MinigradWarning
from tests.training.networks import ENGINES, T_XOR, X_XOR, StopError, T, X, data, fitted, small_network, values


class HandWritten:
    """The 2-3-2 network as array code, tanh inside and sigmoid outside, with squared error."""

    def __init__(self, network):
        graph = network.graph

        def rows(names, part):
            return np.array(
                [[graph[f"{name}.{part}{number}"].value for number in (1, 2, 3)[:columns]] for name in names]
            )

        columns = 2
        self.W1 = rows(["h1", "h2", "h3"], "w")
        columns = 3
        self.W2 = rows(["y1", "y2"], "w")
        self.b1 = np.array([graph[f"h{number}.b"].value for number in (1, 2, 3)])
        self.b2 = np.array([graph[f"y{number}.b"].value for number in (1, 2)])

    def step(self, X, T, lr):
        """One step of gradient descent on the mean loss of a batch, which is returned."""
        H = np.tanh(X @ self.W1.T + self.b1)
        Y = 1 / (1 + np.exp(-(H @ self.W2.T + self.b2)))
        after = (Y - T) * Y * (1 - Y) / len(X)
        before = (after @ self.W2) * (1 - H * H)
        self.W2, self.b2 = self.W2 - lr * after.T @ H, self.b2 - lr * after.sum(axis=0)
        self.W1, self.b1 = self.W1 - lr * before.T @ X, self.b1 - lr * before.sum(axis=0)
        return 0.5 * ((Y - T) ** 2).sum(axis=-1).mean()

    def assert_equals(self, network, tolerance=1e-12):
        mine = HandWritten(network)
        for name in ("W1", "b1", "W2", "b2"):
            np.testing.assert_allclose(getattr(mine, name), getattr(self, name), rtol=0, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("batch_size", [1, 2, 5, 12, 50])
@pytest.mark.parametrize("shuffle", [False, True])
def test_fit_is_the_loop_one_would_write_by_hand(batch_size, shuffle):
    network, (X, T) = small_network(), data()
    expected, losses = HandWritten(network), []
    rng = np.random.default_rng(3)
    for _ in range(5):
        order = rng.permutation(len(X)) if shuffle else np.arange(len(X))
        batches = [order[start : start + batch_size] for start in range(0, len(X), batch_size)]
        losses.append(sum(expected.step(X[rows], T[rows], 0.3) * len(rows) for rows in batches) / len(X))
    history = network.fit(X, T, mg.SGD(0.3), epochs=5, batch_size=batch_size, shuffle=shuffle, seed=3, progress=False)
    expected.assert_equals(network)
    np.testing.assert_allclose(history.loss, losses, rtol=0, atol=1e-12)


def test_one_batch_of_all_samples_does_not_depend_on_their_order():
    X, T = data()
    networks = [small_network(), small_network()]
    for network, shuffle in zip(networks, (True, False), strict=True):
        network.fit(X, T, mg.SGD(0.5), epochs=5, batch_size=len(X), shuffle=shuffle, progress=False)
    HandWritten(networks[0]).assert_equals(networks[1])


@pytest.mark.parametrize("batch_size", [1, 5])
@pytest.mark.parametrize("optimizer", [mg.SGD(0.3), mg.Momentum(0.1), mg.Adam(0.01)], ids=repr)
def test_the_same_seed_gives_the_same_bits(optimizer, batch_size):
    X, T = data()

    def trained(seed):
        network = small_network()
        history = network.fit(X, T, optimizer, epochs=3, batch_size=batch_size, seed=seed, progress=False)
        return values(network), history.loss

    assert trained(4) == trained(4)
    assert trained(4) != trained(5)
    assert trained(4) == trained(np.random.default_rng(4))


PROGRAM = """
import numpy as np, minigrad as mg
network = mg.Network(*mg.mlp([2, 3, 2], rng=0), loss=mg.softmax_cross_entropy)
X, T = np.random.default_rng(0).normal(size=(20, 2)), [0, 1] * 10
history = network.fit(X, T, mg.Adam(0.1), epochs=3, batch_size={batch_size}, seed=1)
print([parameter.value.hex() for parameter in network.parameters], [loss.hex() for loss in history.loss])
"""


def test_the_same_seed_gives_the_same_bits_in_another_process():
    outputs = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM.format(batch_size=batch_size)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(mg.__file__).parents[1],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for batch_size in (1, 4)
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert outputs[2] == outputs[3]
    assert outputs[0] != outputs[2]


def test_training_twice_goes_on_from_where_it_was():
    X, T = data()
    at_once, in_parts = small_network(), small_network()
    rng = np.random.default_rng(0)
    at_once.fit(X, T, mg.SGD(0.1), epochs=4, progress=False)
    for _ in range(2):
        in_parts.fit(X, T, mg.SGD(0.1), epochs=2, seed=rng, progress=False)
    assert values(at_once) == values(in_parts)


def test_no_epochs_move_nothing():
    network, (X, T) = small_network(), data()
    before = values(network)
    assert network.fit(X, T, epochs=0, progress=False).loss == []
    assert values(network) == before


def test_validation_is_measured_after_each_epoch_and_teaches_nothing():
    X, T = data()
    validation = data(7, seed=1)
    network, alone = small_network(), small_network()
    seen = []
    history = network.fit(
        X,
        T,
        epochs=3,
        validation=validation,
        callbacks=[lambda event: seen.append(network.evaluate(*validation))],
        progress=False,
    )
    alone.fit(X, T, epochs=3, progress=False)
    assert values(network) == values(alone)
    np.testing.assert_allclose(history.validation_loss, seen, rtol=1e-14)


def test_an_optimizer_that_fails_within_an_epoch_leaves_the_epoch_before():
    class Failing:
        steps = 0

        def init(self, parameters):
            return ()

        def update(self, parameters, gradient, state):
            self.steps += 1
            if self.steps == 30:
                raise StopError
            return mg.SGD(0.1).update(parameters, gradient, state)

    X, T = data()
    stopped, whole = small_network(), small_network()
    with pytest.raises(StopError):
        stopped.fit(X, T, Failing(), epochs=9, progress=False, engine="nodes")
    whole.fit(X, T, mg.SGD(0.1), epochs=2, progress=False, engine="nodes")
    assert values(stopped) == values(whole)


def test_after_training_nothing_is_known_before_the_next_pass():
    network, (X, T) = small_network(), data()
    graph = network.loss_graph(X[0], T[0])
    network.fit(X, T, epochs=1, progress=False)
    assert {node.delta for node in graph.nodes} == {None}
    assert {node.value for node in graph.nodes if node.op is not None} == {None}


def test_constants_stay_what_they_are():
    x = mg.Input("x1"), mg.Input("x2")
    frozen, free = mg.Constant(0.7, "w1"), mg.Parameter(0.2, "w2")
    network = mg.Network(x, mg.sigmoid(mg.weighted_sum(x, [frozen, free]), name="y"))
    network.fit(X_XOR, T_XOR, epochs=3, progress=False)
    assert network.parameters == (free,)
    assert frozen.value == 0.7
    assert free.value != 0.2


def test_a_network_without_parameters_learns_nothing():
    x = mg.Input("x1"), mg.Input("x2")
    history = mg.Network(x, x[0] * x[1]).fit(X_XOR, T_XOR, epochs=2, progress=False)
    assert history.loss[0] == history.loss[1]


def test_a_parameter_that_the_loss_does_not_reach_stays():
    x = mg.Input("x1"), mg.Input("x2")
    y = mg.layer(x, 2, name="y", rng=0)
    network = mg.Network(x, y, loss=lambda outputs, targets: mg.squared_error(outputs[:1], targets[:1]))
    before = y[1].parents[0].parents[2].value
    network.fit(X_XOR, np.stack([T_XOR, T_XOR], axis=1), epochs=2, progress=False)
    assert y[1].parents[0].parents[2].value == before


@pytest.mark.parametrize("batch_size", [1, 3])
def test_weights_used_many_times_get_the_sum_of_their_gradients(batch_size):
    x, w = mg.Input("x"), mg.Parameter(0.5, "w")
    network = mg.Network(x, w * w * x)
    network.fit(
        [1.0, 2.0, -1.0], [1.0, 2.0, 3.0], mg.SGD(0.1), epochs=1, batch_size=batch_size, shuffle=False, progress=False
    )
    expected = 0.5
    samples = np.array([[1.0, 1.0], [2.0, 2.0], [-1.0, 3.0]])
    for start in range(0, 3, batch_size):
        rows = samples[start : start + batch_size]
        expected -= 0.1 * np.mean((expected**2 * rows[:, 0] - rows[:, 1]) * 2 * expected * rows[:, 0])
    assert w.value == pytest.approx(expected, abs=1e-15)


def test_xor_is_learned():
    network = mg.Network(*mg.mlp([2, 2, 1], mg.tanh, mg.sigmoid, rng=1))
    history = network.fit(X_XOR, T_XOR, mg.SGD(0.5), epochs=500, progress=False)
    np.testing.assert_array_equal(network.predict(X_XOR)[:, 0].round(), T_XOR)
    assert history.loss[-1] < 0.01 < history.loss[0]


def test_iris_like_clouds_are_told_apart_by_labels():
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    X = rng.normal(scale=0.4, size=(60, 2)) + np.array([[0, 2], [2, -1], [-2, -1]])[labels]
    network = mg.Network(*mg.mlp([2, 4, 3], mg.tanh, mg.identity, rng=0), loss=mg.softmax_cross_entropy)
    network.fit(X, labels, mg.Adam(0.05), epochs=20, batch_size=10, progress=False)
    assert (network.predict(X).argmax(axis=1) == labels).mean() > 0.95


IMPOSSIBLE = [
    {"epochs": -1},
    {"epochs": 1.5},
    {"epochs": "3"},
    {"epochs": None},
    {"batch_size": 0},
    {"batch_size": -2},
    {"batch_size": 2.0},
    {"batch_size": None},
    {"seed": "seed"},
    {"seed": -1},
    {"optimizer": mg.SGD},
    {"optimizer": 0.1},
    {"callbacks": print},
    {"callbacks": [1]},
    {"validation": 3},
    {"engine": "always"},
    {"engine": None},
    {"engine": True},
    {"dtype": "int"},
    {"dtype": None},
    {"shuffle": "no"},
    {"progress": "no"},
    {"warm_start": 1},
    {"validation": (X_XOR, T_XOR, T_XOR)},
    {"validation": (X_XOR, [0, 1])},
    {"validation": (X_XOR[:, :1], T_XOR)},
    {"X": []},
    {"X": X_XOR[:, :1]},
    {"X": [0, 1]},
    {"X": [[0, 1], [0, np.nan], [1, 1], [1, 0]]},
    {"X": [["a", "b"]] * 4},
    {"T": [0, 1, 1]},
    {"T": []},
    {"T": [0, 1, 1, np.inf]},
    {"T": [0, 1, 2, 0]},
    {"T": [0, 1, 0.5, 0]},
    {"T": ["a", "b", "c", "b"]},
    {"T": ["a", "b", 1, "b"]},
    {"T": ["a", "a", "a", "a"]},
    {"stratify": True},
    {"stratify": True, "validation": 0.5, "shuffle": False},
    {"stratify": 1, "validation": 0.5},
    {"T": np.zeros((4, 3))},
]


@pytest.mark.parametrize("settings", IMPOSSIBLE, ids=lambda settings: "-".join(map(repr, settings)))
def test_bad_input_is_named_and_moves_nothing(settings):
    network = small_network()
    graph = network.loss_graph([1, 0], [0, 1])
    before = [(node.value, node.delta) for node in graph.nodes]
    with pytest.raises(MinigradError, match=r"found|expected"):
        network.fit(**{"X": X_XOR, "T": T_XOR, "progress": False, **settings})
    assert [(node.value, node.delta) for node in graph.nodes] == before


@ENGINES
def test_tied_weights_stay_one(engine):
    x = mg.Input("x1"), mg.Input("x2")
    w, b = mg.Parameter(0.3, "w"), mg.Parameter(0.1, "b")
    h = [mg.tanh(mg.weighted_sum(x, pair, b)) for pair in ((w, 0.5), (0.25, w))]
    net = mg.Network(x, h[0] * w + h[1])
    assert set(net.parameters) == {w, b}
    expected = mg.check_gradients(net.loss_graph(X[0], T[0, :1]))
    assert expected
    before = w.value
    gradient = w.grad
    net.fit(X[:1], T[:1, :1], mg.SGD(0.5), epochs=1, engine=engine, progress=False)
    assert w.value == pytest.approx(before - 0.5 * gradient, abs=1e-15)


@ENGINES
def test_a_regularization_term_is_a_node(engine):
    x, y = mg.mlp([2, 3, 2], mg.tanh, mg.sigmoid, rng=0)
    weights = mg.Graph(y).parameters
    net = mg.Network(
        x, y, lambda outputs, targets: mg.squared_error(outputs, targets) + 0.05 * mg.sum(mg.stack(weights) ** 2)
    )
    net.fit(X, T, mg.SGD(0.3), epochs=3, engine=engine, progress=False)
    assert values(net) == pytest.approx(fitted(optimizer=mg.SGD(0.3, weight_decay=0.1))[0], abs=1e-12)


def line(w=1.0):
    """The network ŷ = wx; a step of it at x = 1 and t = 20 moves w by (20 − w) times the rate."""
    x, w = mg.Input("x"), mg.Parameter(w, "w")
    return mg.Network(x, w * x)


X_LINE, T_LINE = np.ones(4), np.full(4, 20.0)


@ENGINES
@pytest.mark.parametrize(
    ("fault", "batch_size", "jump", "rate"),
    [
        ("the loss is inf", 1, 9, 1e200),  # then the square of the next output overflows
        ("the parameters are not finite", 1, 11, 1e308),  # in the last step of the epoch
        ("the parameters are not finite", 4, 2, 1e308),
    ],
)
def test_training_that_diverges_stops_with_a_warning_and_keeps_the_last_finite_epoch(
    engine, fault, batch_size, jump, rate
):
    network, seen = line(), []
    rule = mg.SGD(types.SimpleNamespace(at=lambda step: rate if step == jump else 1e-3))
    settings = {"epochs": 9, "batch_size": batch_size, "engine": engine, "callbacks": [seen.append], "progress": False}
    with pytest.warns(MinigradWarning, match=f"training stops: {fault} in epoch 3, .*after epoch 2") as given:
        history = network.fit(X_LINE, T_LINE, rule, **settings)
    assert given[0].filename == __file__
    expected = line()
    expected.fit(X_LINE, T_LINE, mg.SGD(1e-3), **{**settings, "epochs": 2})
    assert network.parameters[0].value == pytest.approx(expected.parameters[0].value, rel=1e-14)
    assert history is network.history
    assert history.stop_reason == f"{fault} in epoch 3"
    assert len(history.loss) == 3
    assert history.loss[:2] == pytest.approx(expected.history.loss, rel=1e-14)
    assert [progress.epoch for progress in seen] == [1, 2, 3, 1, 2]


def test_a_first_epoch_that_diverges_leaves_the_parameters_as_they_were():
    network = line()
    with pytest.warns(MinigradWarning, match="as they were before training"):
        network.fit(X_LINE, T_LINE, mg.SGD(1e200), progress=False)
    assert network.parameters[0].value == 1.0


def test_a_warm_start_after_a_divergence_begins_with_a_new_state():
    network, fresh = line(), line()
    with pytest.warns(MinigradWarning):
        network.fit(X_LINE, T_LINE * 1e200, mg.Momentum(0.1), progress=False)
    network.fit(X_LINE, T_LINE, mg.Momentum(0.1), epochs=2, warm_start=True, progress=False)
    fresh.fit(X_LINE, T_LINE, mg.Momentum(0.1), epochs=2, progress=False)
    assert network.parameters[0].value == fresh.parameters[0].value


def test_a_diverged_training_goes_on_nowhere_from_its_checkpoint(tmp_path):
    for _ in range(2):
        network = line()
        settings = {"callbacks": [mg.Checkpoint(tmp_path / "run", every=3)], "epochs": 3, "progress": False}
        with warnings.catch_warnings(record=True) as given:
            warnings.simplefilter("always")
            history = network.fit(X_LINE, T_LINE, mg.SGD(1e200), **settings)
        assert network.parameters[0].value == 1.0
        assert history.stop_reason == "the loss is nan in epoch 1"
    assert not given


def interrupt_at(moment, count):
    """A callback and a metric that raise KeyboardInterrupt at the given call of the moment."""
    calls = []

    def call(*_):
        calls.append(moment)
        if len(calls) == count:
            raise KeyboardInterrupt
        return 0.0

    call.__name__ = "interrupting"
    return type("Interrupting", (), {moment: staticmethod(call), "metric": staticmethod(call), "every": 1})()


@ENGINES
@pytest.mark.parametrize(("moment", "count", "epochs"), [("step_end", 30, 2), ("epoch_end", 2, 2), ("metric", 4, 2)])
def test_an_interrupt_leaves_the_last_finished_epoch_its_history_and_the_checkpoint(
    engine, moment, count, epochs, tmp_path
):
    interrupt = interrupt_at(moment, count)
    network = small_network()
    checkpoint = mg.Checkpoint(tmp_path / "run", every=5)
    callbacks = [checkpoint, *([interrupt] if moment != "metric" else [])]
    metrics = [interrupt.metric] if moment == "metric" else []
    with pytest.raises(KeyboardInterrupt):
        network.fit(X, T, epochs=9, engine=engine, callbacks=callbacks, metrics=metrics, progress=False)
    expected, history = fitted(epochs=epochs, engine=engine)
    assert values(network) == expected
    assert network.history.loss == history.loss
    if not metrics:
        found, _ = fitted(epochs=4, engine=engine, callbacks=[checkpoint, interrupt_at("step_end", 10**9)])
        assert found == fitted(epochs=4, engine=engine)[0]


@pytest.mark.parametrize("moment", ["start", "step_end", "epoch_end"])
def test_a_callback_ends_training_gracefully_at_every_moment(moment):
    stop = type("Stop", (), {moment: staticmethod(lambda progress: progress.stop("enough")), "every": 5})()
    found, history = fitted(epochs=9, callbacks=[stop])
    assert history.stop_reason == "enough"
    assert len(history.loss) == (0 if moment == "start" else 1)
    steps = {"start": 0, "step_end": 5, "epoch_end": 12}[moment]
    assert found == fitted(steps=steps)[0]


class Elsewhere:
    """A callback that moves the parameters to the vector of another graph, and goes on as told."""

    every = 2

    def __init__(self, network: Any, error: type[BaseException] | None = None) -> None:
        self.network, self.error = network, error

    def step_end(self, progress: Any) -> None:
        mg.Graph(self.network.outputs).compile(engine="numpy").forward({self.network.inputs: X})
        if self.error is not None and progress.step > 20:
            raise self.error


def test_parameters_that_a_callback_moves_to_another_vector_are_trained_all_the_same():
    moved, still = small_network(), small_network()
    history = moved.fit(X, T, mg.Adam(0.1), epochs=3, callbacks=[Elsewhere(moved)], progress=False)
    assert history.loss == still.fit(X, T, mg.Adam(0.1), epochs=3, progress=False).loss
    assert values(moved) == values(still)


def test_an_interrupted_epoch_is_taken_back_in_the_vector_that_the_parameters_live_in():
    moved, still = small_network(), small_network()
    with pytest.raises(KeyboardInterrupt):
        moved.fit(X, T, epochs=3, callbacks=[Elsewhere(moved, KeyboardInterrupt)], progress=False)
    still.fit(X, T, epochs=1, progress=False)
    assert values(moved) == values(still)


def test_a_callback_restores_parameters_that_another_one_has_moved():
    """As EarlyStopping does, to the values of the best epoch."""
    network = small_network()

    class Restore:
        def start(self, progress):
            self.snapshot = progress.snapshot()

        def epoch_end(self, progress):
            Elsewhere(network).step_end(progress)
            progress.restore(self.snapshot)

    network.fit(X, T, epochs=1, callbacks=[Restore()], progress=False)
    assert values(network) == values(small_network())
