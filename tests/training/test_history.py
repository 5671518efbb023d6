"""The history of a training: what is recorded, shown and written."""

import pytest

import minigrad as mg
from minigrad.errors import FileError
from minigrad.training import metrics
from minigrad.training.history import History, Progress
from tests.training.networks import T, X, data, fitted, small_network


def test_history_is_the_mean_loss_as_it_was_learned_from():
    network, (X, T) = small_network(), data()
    before = network.evaluate(X, T)
    history = network.fit(X, T, mg.SGD(0.2), epochs=3, batch_size=len(X), progress=False)
    assert history.loss[0] == pytest.approx(before, abs=1e-15)
    assert history.loss[0] > history.loss[1] > history.loss[2] > network.evaluate(X, T)
    assert history.validation_loss == []


def test_history_tells_its_story():
    assert repr(History([0.5, 0.25, 0.123456])) == "<History of 3 epochs, loss 0.5 → 0.1235>"
    assert repr(History()) == "<History of 0 epochs>"


def test_a_history_is_a_table(tmp_path):
    _, history = fitted(validation=(X, T), metrics=[metrics.r_squared], epochs=2)
    history.to_csv(tmp_path / "history.csv")
    lines = (tmp_path / "history.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "epoch,loss,validation_loss,r_squared"
    assert [float(cell) for cell in lines[2].split(",")] == [2, *(row[1] for row in history.columns.values())]
    assert len(lines) == 3
    with pytest.raises(FileError, match="cannot write the file"):
        history.to_csv(tmp_path / "no" / "history.csv")


def test_columns_are_what_was_recorded_and_make_the_history_again():
    history = History()
    assert history.columns == {}
    history.record(Progress(1, 0.5, None, {"accuracy": 0.75}))
    history.record(Progress(2, 0.25, None, {"accuracy": 1.0}))
    assert history.columns == {"loss": [0.5, 0.25], "accuracy": [0.75, 1.0]}
    assert History.of_columns(history.columns) == history
