"""Callbacks: when they are called; early stopping, the progress bar, and stopping at a loss that is not finite."""

import io
import sys
import types

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import NotFiniteError, SettingError
from minigrad.training import callbacks, loop
from minigrad.training.callbacks import EarlyStopping
from minigrad.training.checkpoint import Checkpoint
from minigrad.training.history import Progress
from minigrad.training.state import TrainingState
from tests.training.networks import COMPILED, StopError, T, X, data, fitted, small_network, stop_after, values


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


@pytest.mark.parametrize("batch_size", [1, 5])
def test_a_callback_that_raises_leaves_the_parameters_of_its_epoch(batch_size):
    X, T = data()
    stopped, whole = small_network(), small_network()
    with pytest.raises(StopError):
        stopped.fit(X, T, epochs=9, batch_size=batch_size, callbacks=[stop_after(2)], progress=False)
    whole.fit(X, T, epochs=2, batch_size=batch_size, progress=False)
    assert values(stopped) == values(whole)
    np.testing.assert_array_equal(stopped.predict(X), whole.predict(X))


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
    net = small_network()
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


def test_early_stopping_needs_validation_data():
    with pytest.raises(SettingError, match="without validation data"):
        fitted(stopping=EarlyStopping())
    for wrong in (5, EarlyStopping, True):
        with pytest.raises(SettingError, match="not a rule for stopping"):
            fitted(stopping=wrong, validation=0.5)
    for impossible in ({"patience": 0}, {"least": -1}):
        with pytest.raises(SettingError):
            EarlyStopping(**impossible)


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
