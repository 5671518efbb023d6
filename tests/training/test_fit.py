"""What fit offers beside the loop: validation, metrics, early stopping, weights, steps, parameters that stay."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.errors import DataError, FileError, GraphError, SettingError
from minigrad.training import metrics
from minigrad.training.callbacks import EarlyStopping
from minigrad.training.checkpoint import Checkpoint
from minigrad.training.state import TrainingState
from minigrad.training.step import InterpretedStep

RNG = np.random.default_rng(0)
X, T = RNG.normal(size=(12, 2)), RNG.uniform(size=(12, 2))
LABELS = np.arange(12) % 2
COMPILED = pytest.mark.parametrize("compiled", [False, True], ids=["plain", "compiled"])


def network(rng=0, output=mg.sigmoid):
    return mg.Network(*mg.mlp([2, 3, 2], mg.tanh, output, rng=rng))


def values(network):
    return {parameter.name: parameter.value for parameter in network.parameters}


def fitted(**settings):
    net = network()
    history = net.fit(*settings.pop("data", (X, T)), **{"progress": False, "epochs": 3, **settings})
    return values(net), history


# validation


def test_a_share_of_the_samples_is_held_out():
    seen = []

    def looked(outputs, targets):
        seen.append(targets)
        return 0.0

    _, history = fitted(validation=0.25, metrics=[looked], seed=5)
    assert [len(rows) for rows in seen] == [3, 3, 3, 3]  # once before training, lest a metric fails later
    held = [place for place in range(12) if (T[place] == seen[0]).all(axis=1).any()]
    rest = [place for place in range(12) if place not in held]
    assert len(held) == 3
    rng = np.random.default_rng(5)
    rng.permutation(12)
    expected = fitted(data=(X[rest], T[rest]), validation=(X[held], T[held]), seed=rng)[1]
    assert (history.loss, history.validation_loss) == (expected.loss, expected.validation_loss)


@COMPILED
def test_weights_of_samples_held_out_count_there(compiled):
    weights = np.where(np.arange(12) < 6, 0.5, 3.0)
    settings = {"optimizer": mg.SGD(0.3), "compiled": compiled, "metrics": [metrics.r_squared]}
    found, history = fitted(validation=0.25, weights=weights, seed=5, **settings)
    rng = np.random.default_rng(5)
    held = np.isin(np.arange(12), rng.permutation(12)[:3])
    net = network()
    expected = net.fit(
        X[~held],
        T[~held],
        weights=weights[~held],
        validation=(X[held], T[held]),
        seed=rng,
        epochs=3,
        progress=False,
        **settings,
    )
    assert (found, history.loss, history.metrics) == (values(net), expected.loss, expected.metrics)
    losses = [weight * net.evaluate([x], [t]) for weight, x, t in zip(weights[held], X[held], T[held], strict=True)]
    assert history.validation_loss[-1] == pytest.approx(np.mean(losses), rel=1e-12)


def test_a_fault_in_a_share_is_named_by_its_row_in_the_whole():
    spoiled = X.copy()
    spoiled[7, 1] = np.nan
    for share in (0.25, 0.75):
        with pytest.raises(DataError, match=r"^samples hold a value that is not finite; found nan at row 7, column 1"):
            fitted(data=(spoiled, T), validation=share)


def test_a_share_is_any_number():
    assert fitted(validation=np.float32(0.25)) == fitted(validation=0.25)


@pytest.mark.parametrize("share", [0.0, 1.0, 0.01, -0.5, 2.0, np.nan, 1])
def test_a_share_that_leaves_one_side_empty_is_refused(share):
    with pytest.raises(DataError, match="leaves one side empty"):
        fitted(validation=share)


# metrics


def test_accuracy_and_confusion_count_classes():
    outputs = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]
    assert metrics.accuracy(outputs, [0, 1, 1, 1]) == 0.75
    assert metrics.accuracy(outputs, np.eye(2)[[0, 1, 1, 1]]) == 0.75
    assert metrics.accuracy(outputs, [[0], [1], [1], [1]]) == 0.75
    assert metrics.accuracy([0.2, 0.7, 0.4], [0, 1, 1]) == pytest.approx(2 / 3)
    np.testing.assert_array_equal(metrics.confusion_matrix(outputs, [0, 1, 1, 1]), [[1, 0], [1, 2]])
    np.testing.assert_array_equal(metrics.confusion_matrix([[0.2], [0.7]], [[1], [1]]), [[0, 0], [1, 1]])
    np.testing.assert_array_equal(metrics.confusion_matrix(np.eye(3)[[0, 2]], [2, 2]).sum(axis=1), [0, 0, 2])


def test_r_squared_is_the_share_of_variance():
    targets = np.array([[1.0], [2.0], [4.0]])
    assert metrics.r_squared(targets, targets) == 1.0
    assert metrics.r_squared(np.full((3, 1), targets.mean()), targets) == pytest.approx(0.0, abs=1e-15)
    assert metrics.r_squared([1.0, 2.0, 3.0], [1.0, 2.0, 4.0]) == pytest.approx(1 - 1 / (42 / 9))


@pytest.mark.parametrize(
    ("outputs", "targets"),
    [
        ([[1.0, 0.0]], [2]),
        ([[1.0, 0.0]], [0.5]),
        ([[1.0, 0.0]], [[1.0, 0.0, 0.0]]),
        ([1.0], [1.0, 2.0]),
        ([], []),
        (1.0, []),
        (["a"], ["a"]),
        ([[1.0], [1.0, 2.0]], [1.0, 2.0]),
    ],
)
def test_metrics_check_their_rows(outputs, targets):
    with pytest.raises(DataError):
        metrics.accuracy(outputs, targets)


def test_targets_without_variance_have_no_r_squared():
    with pytest.raises(DataError, match="do not vary"):
        metrics.r_squared([1.0, 2.0], [3.0, 3.0])


def test_metrics_agree_with_scikit_learn():
    sklearn = pytest.importorskip("sklearn.metrics", reason="an oracle: pip install minigrad-bp[data]")
    rng = np.random.default_rng(1)
    outputs, labels = rng.normal(size=(50, 4)), rng.integers(4, size=50)
    np.testing.assert_array_equal(
        metrics.confusion_matrix(outputs, labels), sklearn.confusion_matrix(labels, outputs.argmax(axis=1))
    )
    assert metrics.accuracy(outputs, labels) == sklearn.accuracy_score(labels, outputs.argmax(axis=1))
    assert metrics.r_squared(outputs[:, 0], labels) == pytest.approx(sklearn.r2_score(labels, outputs[:, 0]))


def test_metrics_are_measured_after_each_epoch():
    net, told = network(), []
    history = net.fit(
        X, LABELS, epochs=2, metrics=[metrics.accuracy, metrics.r_squared], callbacks=[told.append], progress=False
    )
    assert list(history.columns) == ["loss", "accuracy", "r_squared"]
    assert history.metrics["accuracy"][-1] == net.evaluate(X, LABELS, metrics.accuracy) == told[-1].metrics["accuracy"]
    assert history.metrics["r_squared"][-1] == pytest.approx(net.evaluate(X, LABELS, metrics.r_squared), rel=1e-12)
    held = network().fit(
        X, LABELS, epochs=2, metrics=[metrics.accuracy], validation=(X[:1], LABELS[:1]), progress=False
    )
    assert set(held.metrics["accuracy"]) <= {0.0, 1.0}
    assert net.evaluate(X, LABELS, metrics.confusion_matrix).sum() == 12


def loss(outputs, targets):
    return 0.0


@pytest.mark.parametrize("wrong", [metrics.accuracy, [1], [loss], [metrics.accuracy] * 2, "accuracy"])
def test_metrics_that_cannot_be_told_are_refused(wrong):
    with pytest.raises(SettingError, match="metrics that cannot be told"):
        fitted(metrics=wrong)


def words(outputs, targets):
    return "good"


@pytest.mark.parametrize(
    ("metric", "found"),
    [(metrics.confusion_matrix, r"confusion_matrix: .*found shape \(2, 2\).*evaluate"), (words, "found 'good'")],
)
def test_a_metric_that_is_no_number_is_refused_before_anything_moves(metric, found):
    net = network()
    before = values(net)
    with pytest.raises(SettingError, match=found):
        net.fit(X, T, metrics=[metric], progress=False)
    assert values(net) == before
    assert network().fit(X, T, metrics=[zero], epochs=1, progress=False).metrics == {"zero": [0.0]}


def zero(outputs, targets):
    return np.zeros(())


def test_only_a_function_is_evaluated():
    with pytest.raises(SettingError, match="a metric that cannot be called; found 'accuracy'"):
        network().evaluate(X, T, "accuracy")


def test_a_history_is_a_table(tmp_path):
    _, history = fitted(validation=(X, T), metrics=[metrics.r_squared], epochs=2)
    history.to_csv(tmp_path / "history.csv")
    lines = (tmp_path / "history.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "epoch,loss,validation_loss,r_squared"
    assert [float(cell) for cell in lines[2].split(",")] == [2, *(row[1] for row in history.columns.values())]
    assert len(lines) == 3
    with pytest.raises(FileError, match="a table that cannot be written"):
        history.to_csv(tmp_path / "no" / "history.csv")


# early stopping


def followed(stopping, losses):
    """The state after epochs with these validation losses, and after which of them training ends."""
    state, ends = TrainingState(), []
    for epoch, value in enumerate(losses, start=1):
        state.epoch = epoch
        state.history.validation_loss.append(value)
        stopping.record(state, np.full(1, float(epoch)))
        ends.append(stopping.ends(state))
    return state, ends


def test_early_stopping_counts_epochs_without_progress():
    state, ends = followed(EarlyStopping(patience=2, least=0.1), [3.0, 2.0, 1.95, np.nan, 1.8])
    assert ends == [False, False, False, True, False]
    assert state.best_epoch == 5
    np.testing.assert_array_equal(state.best_parameters, [5.0])
    state, ends = followed(EarlyStopping(1), [np.nan, np.inf])
    assert ends == [True, True]
    assert (state.best_epoch, state.best_parameters) == (0, None)


@COMPILED
def test_early_stopping_restores_the_best(compiled):
    validation = (-X, T)
    settings = {"validation": validation, "optimizer": mg.SGD(2.0), "compiled": compiled}
    net = network()
    history = net.fit(X, T, epochs=200, stopping=EarlyStopping(patience=3), progress=False, **settings)
    best = int(np.argmin(history.validation_loss))
    assert len(history.loss) == best + 4 < 200
    assert values(net) == fitted(epochs=best + 1, **settings)[0]
    assert net.evaluate(*validation) == pytest.approx(history.validation_loss[best], rel=1e-12)


@COMPILED
def test_early_stopping_goes_on_from_a_checkpoint(compiled, tmp_path):
    settings = {"validation": (-X, T), "optimizer": mg.SGD(2.0), "compiled": compiled, "stopping": EarlyStopping(3)}
    alone = fitted(epochs=200, **settings)
    checkpoint = Checkpoint(tmp_path / "run", 5)
    for epochs in (2, 5, 200, 200):
        found = fitted(epochs=epochs, checkpoint=checkpoint, **settings)
    assert found == alone


def test_early_stopping_needs_something_to_watch():
    with pytest.raises(SettingError, match="without validation data"):
        fitted(stopping=EarlyStopping())
    for wrong in (5, EarlyStopping, True):
        with pytest.raises(SettingError, match="not a rule for stopping"):
            fitted(stopping=wrong, validation=0.5)
    for impossible in ({"patience": 0}, {"least": -1}):
        with pytest.raises(SettingError):
            EarlyStopping(**impossible)


# sample weights


@COMPILED
@pytest.mark.parametrize("batch_size", [1, 4, 12])
def test_a_weight_of_two_is_a_sample_twice(compiled, batch_size):
    weights = np.where(np.arange(12) % 3, 1.0, 2.0)
    net = network()
    before = net.evaluate(X, T)
    settings = {"batch_size": batch_size, "compiled": compiled, "shuffle": False, "optimizer": mg.SGD(0.3)}
    found, history = fitted(weights=weights, validation=(X, T), **settings)
    ones, plain = fitted(weights=np.ones(12), **settings), fitted(**settings)
    assert ones[0] == pytest.approx(plain[0], abs=1e-14)
    if batch_size == 12:
        twice = np.repeat(np.arange(12), weights.astype(int))
        scaled = {**settings, "optimizer": mg.SGD(0.3 * 16 / 12), "batch_size": 16}
        assert found == pytest.approx(fitted(data=(X[twice], T[twice]), **scaled)[0], abs=1e-12)
    assert history.validation_loss[-1] < before * 2
    assert found != plain[0]


def test_a_weight_of_zero_teaches_nothing():
    weights = np.zeros(12)
    assert fitted(weights=weights)[0] == values(network())


@pytest.mark.parametrize(
    ("weights", "words"),
    [(np.ones(3), "differ in number"), (-np.ones(12), "negative"), ([np.nan] * 12, "not finite"), ("heavy", "weights")],
)
def test_weights_that_are_none_are_refused(weights, words):
    with pytest.raises(DataError, match=words):
        fitted(weights=weights)


def test_the_weight_has_no_name_that_could_be_taken():
    x = mg.Input("sample weight")
    net = mg.Network(x, mg.neuron([x], name="y", rng=0))
    for compiled in (False, True):
        net.fit([1.0, 2.0], [0.0, 1.0], weights=[1, 2], compiled=compiled, epochs=1, progress=False)


# parameters that stay


@COMPILED
@pytest.mark.parametrize("rule", [mg.SGD(0.3), mg.Adam(0.05), optim.AdamW(0.05), optim.Clipped(mg.SGD(1.0), norm=0.1)])
def test_parameters_that_are_not_trainable_stay(compiled, rule):
    before = values(network())
    free = [name for name in before if name.startswith("y")]
    found, _ = fitted(trainable=free, optimizer=rule, compiled=compiled)
    assert {name for name in before if found[name] != before[name]} == set(free)


@COMPILED
def test_what_is_free_moves_as_if_the_rest_were_constant(compiled):
    x, y = mg.mlp([2, 3, 2], mg.tanh, mg.sigmoid, rng=0)
    net = mg.Network(x, y)
    inner = [mg.Constant(net.graph[f"h{place}.{part}"].value) for place in (1, 2, 3) for part in ("w1", "w2", "b")]
    h = [mg.tanh(mg.weighted_sum(x, inner[place : place + 2], inner[place + 2])) for place in (0, 3, 6)]
    outer = [[net.graph[f"y{place}.{part}"] for part in ("w1", "w2", "w3", "b")] for place in (1, 2)]
    free = [parameter for row in outer for parameter in row]
    settings = {"optimizer": mg.Adam(0.05), "epochs": 3, "compiled": compiled, "progress": False}
    start = [parameter.value for parameter in free]
    net.fit(X, T, trainable=free, **settings)
    found = [parameter.value for parameter in free]
    for parameter, value in zip(free, start, strict=True):
        parameter.value = value
    constant = mg.Network(x, [mg.sigmoid(mg.weighted_sum(h, row[:3], row[3])) for row in outer])
    constant.fit(X, T, **settings)
    assert [parameter.value for parameter in free] == pytest.approx(found, abs=1e-13)


def test_all_trainable_is_just_training_and_none_is_none():
    every = list(values(network()))
    assert fitted(trainable=every) == fitted()
    assert fitted(trainable=[])[0] == values(network())


@pytest.mark.parametrize("one", ["y1.b", None], ids=["name", "node"])
def test_one_parameter_needs_no_list(one):
    net = network()
    before = values(net)
    net.fit(X, T, trainable=one or net.graph["y1.b"], epochs=1, progress=False)
    assert {name for name, value in values(net).items() if value != before[name]} == {"y1.b"}


def test_what_is_no_parameter_is_not_trainable():
    net = network()
    with pytest.raises(SettingError, match="trainable: an impossible setting; found 5"):
        net.fit(X, T, trainable=5, progress=False)
    for wrong, words in (
        ("h9.w1", "no node of that name"),
        ("x1", "not a parameter"),
        (mg.Parameter(1.0), "not a parameter"),
    ):
        with pytest.raises(GraphError, match=words):
            net.fit(X, T, trainable=[wrong], progress=False)


@pytest.mark.parametrize("rule", [optim.LBFGS(), optim.LevenbergMarquardt()], ids=repr)
def test_full_batch_optimizers_hold_and_weigh_and_stop_too(rule, tmp_path):
    before = values(network())
    free = [name for name in before if name.startswith("y")]
    settings = {"optimizer": rule, "trainable": free, "weights": np.arange(12), "validation": (-X, T)}
    settings |= {"stopping": EarlyStopping(2), "epochs": 8}
    found, history = fitted(**settings)
    assert {name for name in before if found[name] != before[name]} == set(free)
    assert history.loss[-1] < history.loss[0]
    checkpoint = Checkpoint(tmp_path / "run", 1)
    for epochs in (1, 2, 8):
        again = fitted(checkpoint=checkpoint, **settings | {"epochs": epochs})
    assert again == (found, history)


# steps


@pytest.mark.parametrize(("steps", "epochs"), [(0, 0), (5, 2), (6, 2), (9, 3)])
def test_so_many_steps_are_made(steps, epochs, monkeypatch):
    made = []
    monkeypatch.setattr(InterpretedStep, "run", lambda self, rows: made.append(len(rows)) or 1.0)
    _, history = fitted(steps=steps, batch_size=5, epochs=100, compiled=False)
    assert made == [5, 5, 2, 5, 5, 2, 5, 5, 2][:steps]
    assert len(history.loss) == epochs


@COMPILED
def test_steps_are_the_first_of_the_epochs(compiled, tmp_path):
    settings = {"batch_size": 5, "compiled": compiled, "optimizer": mg.Adam(0.05)}
    assert fitted(steps=6, **settings) == fitted(epochs=2, **settings)
    checkpoint = Checkpoint(tmp_path / "run", 2)
    for steps in (1, 4, 5, 5, 8):
        found = fitted(steps=steps, checkpoint=checkpoint, **settings)
        assert found == fitted(steps=steps, **settings)
    with pytest.raises(SettingError, match="steps"):
        fitted(steps=-1)


# what graphs can do anyway


@COMPILED
def test_tied_weights_stay_one(compiled):
    x = mg.Input("x1"), mg.Input("x2")
    w, b = mg.Parameter(0.3, "w"), mg.Parameter(0.1, "b")
    h = [mg.tanh(mg.weighted_sum(x, pair, b)) for pair in ((w, 0.5), (0.25, w))]
    net = mg.Network(x, h[0] * w + h[1])
    assert set(net.parameters) == {w, b}
    expected = mg.check_gradients(net.loss_graph(X[0], T[0, :1]))
    assert expected
    before = w.value
    gradient = w.grad
    net.fit(X[:1], T[:1, :1], mg.SGD(0.5), epochs=1, compiled=compiled, progress=False)
    assert w.value == pytest.approx(before - 0.5 * gradient, abs=1e-15)


@COMPILED
def test_a_regularization_term_is_a_node(compiled):
    x, y = mg.mlp([2, 3, 2], mg.tanh, mg.sigmoid, rng=0)
    weights = mg.Graph(y).parameters
    net = mg.Network(
        x, y, lambda outputs, targets: mg.squared_error(outputs, targets) + 0.05 * mg.sum(mg.stack(weights) ** 2)
    )
    net.fit(X, T, mg.SGD(0.3), epochs=3, compiled=compiled, progress=False)
    assert values(net) == pytest.approx(fitted(optimizer=mg.SGD(0.3, weight_decay=0.1))[0], abs=1e-12)
