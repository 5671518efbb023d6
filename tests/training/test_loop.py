"""Training: the loop against loops written by hand, the same bits from the same seed, callbacks, the progress bar."""

import io
import os
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import MinigradError, NotFiniteError
from minigrad.training import callbacks, loop
from minigrad.training.history import History, Progress
from minigrad.training.step import InterpretedStep

X_XOR, T_XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])


def small_network(rng=0, loss=mg.squared_error, output=mg.sigmoid):
    return mg.Network(*mg.mlp([2, 3, 2], mg.tanh, output, rng=rng), loss=loss)


def data(samples=12, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(samples, 2)), rng.uniform(size=(samples, 2))


def values(network):
    return {parameter.name: parameter.value for parameter in network.parameters}


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


def test_history_is_the_mean_loss_as_it_was_learned_from():
    network, (X, T) = small_network(), data()
    before = network.evaluate(X, T)
    history = network.fit(X, T, mg.SGD(0.2), epochs=3, batch_size=len(X), progress=False)
    assert history.loss[0] == pytest.approx(before, abs=1e-15)
    assert history.loss[0] > history.loss[1] > history.loss[2] > network.evaluate(X, T)
    assert history.validation_loss == []


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


def test_history_tells_its_story():
    assert repr(History([0.5, 0.25, 0.123456])) == "<History of 3 epochs, loss 0.5 → 0.1235>"
    assert repr(History()) == "<History of 0 epochs>"


def test_callbacks_are_told_after_each_epoch_in_order():
    network, (X, T) = small_network(), data()
    seen = []
    history = network.fit(
        X,
        T,
        epochs=3,
        callbacks=(call for call in (seen.append, lambda event: seen.append(event.epoch))),
        validation=(X, T),
        progress=False,
    )
    assert seen[1::2] == [1, 2, 3]
    assert seen[::2] == [
        Progress(epoch, *losses)
        for epoch, losses in enumerate(zip(history.loss, history.validation_loss, strict=True), start=1)
    ]


def test_without_validation_a_callback_hears_of_none():
    network, (X, T) = small_network(), data()
    seen = []
    network.fit(X, T, epochs=1, callbacks=[seen.append], progress=False)
    assert seen[0].validation_loss is None


class StopError(Exception):
    pass


def stop_after(epoch):
    def stop(event):
        if event.epoch == epoch:
            raise StopError

    return stop


@pytest.mark.parametrize("batch_size", [1, 5])
def test_a_callback_that_raises_leaves_the_parameters_of_its_epoch(batch_size):
    X, T = data()
    stopped, whole = small_network(), small_network()
    with pytest.raises(StopError):
        stopped.fit(X, T, epochs=9, batch_size=batch_size, callbacks=[stop_after(2)], progress=False)
    whole.fit(X, T, epochs=2, batch_size=batch_size, progress=False)
    assert values(stopped) == values(whole)
    np.testing.assert_array_equal(stopped.predict(X), whole.predict(X))


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
        stopped.fit(X, T, Failing(), epochs=9, progress=False, compiled=False)
    whole.fit(X, T, mg.SGD(0.1), epochs=2, progress=False, compiled=False)
    assert values(stopped) == values(whole)


def test_after_training_nothing_is_known_before_the_next_pass():
    network, (X, T) = small_network(), data()
    graph = network.loss_graph(X[0], T[0])
    network.fit(X, T, epochs=1, progress=False)
    assert {node.delta for node in graph.nodes} == {None}
    assert {node.value for node in graph.nodes if node.op is not None} == {None}


def test_a_step_of_the_trainer_leaves_the_nodes_alone_until_it_is_stored():
    network, (X, T) = small_network(), data()
    before = values(network)
    trainer = InterpretedStep(network.graph, mg.SGD(0.1), *network.data(X, T))
    first, second = trainer.run(0), trainer.run(0)
    assert second < first
    assert values(network) == before
    trainer.commit()
    assert values(network) != before
    assert trainer.mean_loss(*network.data(X[:1], T[:1])) == pytest.approx(network.evaluate(X[:1], T[:1]), abs=1e-15)


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


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self):
        return True


def fit_shown(stream, monkeypatch, **settings):
    monkeypatch.setattr(sys, "stderr", stream)
    network, (X, T) = small_network(), data()
    return network.fit(X, T, epochs=3, **settings), stream.getvalue()


def test_the_progress_bar_shows_the_loss_where_somebody_watches(monkeypatch):
    pytest.importorskip("tqdm", reason="the progress bar comes with tqdm: pip install minigrad-bp[progress]")
    history, shown = fit_shown(Terminal(), monkeypatch)
    assert "training" in shown
    assert f"loss={history.loss[-1]:.4g}" in shown
    history, shown = fit_shown(Terminal(), monkeypatch, validation=0.25, metrics=[mg.accuracy])
    assert f"validation_loss={history.validation_loss[-1]:.4g}, accuracy={history.metrics['accuracy'][-1]:.4g}" in shown


@pytest.mark.parametrize("stream", [False, True])
def test_a_long_epoch_is_seen_under_way(stream, monkeypatch):
    pytest.importorskip("tqdm", reason="the progress bar comes with tqdm: pip install minigrad-bp[progress]")
    monkeypatch.setattr(callbacks, "REFRESH_SECONDS", 0.0)
    monkeypatch.setattr(loop, "UNINTERRUPTED_STEPS", 3)
    terminal, network, (X, T) = Terminal(), small_network(), data()
    monkeypatch.setattr(sys, "stderr", terminal)
    network.fit(*(([(X[:4], T[:4])] * 2,) if stream else (X, T)), epochs=2)
    assert ("8 samples of epoch 2" if stream else f"{3 / len(X):.0%} of epoch 2") in terminal.getvalue()


def test_a_bar_is_closed_where_training_ends_early(monkeypatch):
    pytest.importorskip("tqdm", reason="the progress bar comes with tqdm: pip install minigrad-bp[progress]")
    terminal = Terminal()
    with pytest.raises(ZeroDivisionError):
        fit_shown(terminal, monkeypatch, callbacks=[lambda event: 1 // (2 - event.epoch)])
    assert terminal.getvalue().endswith("\n")
    assert "1/3" in terminal.getvalue()


def test_the_progress_bar_is_silent_when_piped_and_when_not_wanted(monkeypatch):
    assert fit_shown(io.StringIO(), monkeypatch)[1] == ""
    assert fit_shown(Terminal(), monkeypatch, progress=False)[1] == ""


def test_without_tqdm_training_goes_on_in_silence(monkeypatch):
    shadow = types.SimpleNamespace(find=lambda name: None)
    monkeypatch.setattr(callbacks, "find_spec", shadow.find)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    history, shown = fit_shown(Terminal(), monkeypatch)
    assert len(history.loss) == 3
    assert shown == ""


def test_the_bar_does_not_change_what_is_learned(monkeypatch):
    shown = small_network()
    monkeypatch.setattr(sys, "stderr", Terminal())
    shown.fit(*data(), epochs=2)
    silent = small_network()
    silent.fit(*data(), epochs=2, progress=False)
    assert values(shown) == values(silent)


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
    {"compiled": "always"},
    {"compiled": None},
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
    {"T": ["a", "b", "a", "b"]},
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


def test_a_fault_in_the_validation_data_is_called_so():
    network = small_network()
    with pytest.raises(MinigradError, match=r"validation samples hold a value that is not finite.*row 0, column 1"):
        network.fit(X_XOR, T_XOR, validation=([[0, np.nan]], [0]))
    with pytest.raises(MinigradError, match="validation targets hold a label out of range"):
        network.fit(X_XOR, T_XOR, validation=([[0, 1]], [7]))


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("batch_size", [1, 5])
def test_training_that_diverges_stops_where_it_began_and_says_why(compiled, batch_size):
    x = mg.Input("x")
    w = mg.Parameter(1.0, "w")
    network = mg.Network(x, mg.exp(w * x, name="y"))
    X, T = np.full((20, 1), 800.0), np.zeros((20, 1))
    with pytest.raises(NotFiniteError) as caught:
        network.fit(
            X, T, mg.SGD(0.1), epochs=5, batch_size=batch_size, progress=False, compiled=compiled, check_finite=True
        )
    assert caught.value.node == "arithmetic y"
    assert "inf" in caught.value.found
    assert "unnamed × node" in caught.value.found
    assert np.isfinite(w.value)
    assert not np.all(np.isfinite(network.outputs[0].value))
