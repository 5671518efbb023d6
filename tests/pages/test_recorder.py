"""The recorder: which moments it keeps, through fits, checkpoints and errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import minigrad as mg
from minigrad.errors import FileError, SettingError
from minigrad.pages.recorder import EvenFrames, TrainingFrame

X, T = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


def make_network(seed: int = 0) -> mg.Network:
    return mg.Network(*mg.mlp([2, 3, 1], mg.tanh, mg.sigmoid, rng=seed))


def train(network: mg.Network, record: mg.Recorder, **settings: Any) -> mg.History:
    return network.fit(X, T, mg.SGD(0.5), callbacks=[record], progress=False, **settings)


def parameters_of(network: mg.Network) -> np.ndarray:
    return np.array([parameter.value for parameter in network.parameters])


def positions(record: mg.Recorder) -> list[tuple[int, int]]:
    return [(frame.epoch, frame.step) for frame in record.frames]


@settings(deadline=None)
@given(limit=st.integers(3, 50), moments=st.integers(1, 2000))
def test_frames_stay_few_and_evenly_spaced_from_the_first_to_the_last(limit: int, moments: int) -> None:
    frames = EvenFrames()
    for moment in range(moments):
        frames.add_due(lambda moment=moment: TrainingFrame(moment, moment, {}, np.zeros(1)), limit)
    frames.end(TrainingFrame(moments - 1, moments - 1, {}, np.zeros(1)), limit)
    kept = [frame.epoch for frame in frames.all]
    assert len(kept) <= limit
    assert kept[0] == 0
    assert kept[-1] == moments - 1
    assert kept[: len(frames.spaced)] == list(range(0, moments, frames.distance))
    assert len(kept) == moments or len(kept) >= limit // 2


def test_a_frame_after_every_epoch_has_its_parameters_and_what_was_measured() -> None:
    network, record, seen = make_network(), mg.Recorder(), []
    history = network.fit(
        X,
        T,
        mg.SGD(0.5),
        epochs=3,
        validation=(X, T),
        metrics=[mg.accuracy],
        callbacks=[record, lambda progress: seen.append(parameters_of(progress.network))],
        progress=False,
    )
    first, *others = record.frames
    assert positions(record) == [(0, 0), (1, 4), (2, 8), (3, 12)]
    assert first.measured.keys() == {"loss"}
    for index, (frame, parameters) in enumerate(zip(others, seen, strict=True)):
        assert np.array_equal(frame.parameters, parameters)
        assert frame.measured == {name: numbers[index] for name, numbers in history.columns.items()}


def test_a_page_leaves_the_pass_of_the_nodes() -> None:
    network, record = make_network(), mg.Recorder()
    train(network, record, epochs=1)
    graph = network.loss_graph([0.2, 0.7], [1.0])
    before = [(node.value, node.delta) for node in graph.nodes]
    record.page()
    assert [(node.value, node.delta) for node in graph.nodes] == before


def test_frames_cannot_be_changed() -> None:
    record = mg.Recorder()
    train(make_network(), record, epochs=1)
    for frame in record.frames:
        with pytest.raises(ValueError, match="read-only"):
            frame.parameters[0] = 1.0


@pytest.mark.parametrize("engine", ["auto", "nodes"])
def test_frames_within_an_epoch(engine: str) -> None:
    record = mg.Recorder(every=3)
    network = make_network()
    history = train(network, record, epochs=3, validation=(X, T), engine=engine)
    assert positions(record) == [(0, 0), (1, 3), (2, 6), (3, 9), (3, 12)]
    assert record.frames[-1].measured == {"loss": history.loss[-1], "validation_loss": history.validation_loss[-1]}
    assert record.frames[2].measured["validation_loss"] == history.validation_loss[0]
    assert np.array_equal(record.frames[-1].parameters, parameters_of(network))


def test_further_fits_go_on() -> None:
    network, record = make_network(), mg.Recorder()
    train(network, record, epochs=2)
    train(network, record, epochs=2, batch_size=2)
    assert positions(record) == [(0, 0), (1, 4), (2, 8), (3, 10), (4, 12)]
    assert np.array_equal(record.frames[-1].parameters, parameters_of(network))


def test_what_is_frozen_is_recorded_too() -> None:
    network, record = make_network(), mg.Recorder()
    network.parameters[0].trainable = network.parameters[4].trainable = False
    train(network, record, epochs=2)
    frames = np.array([frame.parameters for frame in record.frames])
    assert np.array_equal(frames[-1], parameters_of(network))
    assert (frames[:, [0, 4]] == frames[0, [0, 4]]).all()
    assert not (frames[:, 1] == frames[0, 1]).all()


def test_the_last_frame_has_the_parameters_that_early_stopping_returns_to() -> None:
    network, record = make_network(3), mg.Recorder()
    stopping = mg.EarlyStopping(patience=2, least=1.0)
    network.fit(X, T, mg.SGD(0.5), validation=(X, T), epochs=9, callbacks=[stopping, record], progress=False)
    assert positions(record)[-2:] == [(3, 12), (3, 12)]
    assert np.array_equal(record.frames[-1].parameters, parameters_of(network))


def test_batches_and_sample_weights_and_arrays() -> None:
    for network, arguments, options in (
        (make_network(), (lambda: [(X, T), (X[:2], T[:2])],), {}),
        (make_network(), (X, T), {"sample_weight": [1, 2, 3, 4]}),
        (dense_network(), (X, T), {}),
    ):
        record = mg.Recorder()
        network.fit(*arguments, optimizer=mg.SGD(0.5), epochs=2, callbacks=[record], progress=False, **options)
        assert np.array_equal(
            record.frames[-1].parameters, np.concatenate([np.ravel(node.value) for node in network.parameters])
        )
        assert record.page().html


def dense_network() -> mg.Network:
    x = mg.Input("x", 2)
    return mg.Network(x, mg.sigmoid(mg.dense(mg.tanh(mg.dense(x, 3, rng=0)), 1, rng=1)))


@pytest.mark.parametrize("every", [None, 3])
def test_a_training_that_was_stopped_has_the_frames_of_one_that_was_not(tmp_path: Path, every: int | None) -> None:
    def record_of(folder: str, *epochs: int) -> mg.Recorder:
        for count in epochs:
            record = mg.Recorder(every=every, max_frames=5)
            callbacks = [record, mg.Checkpoint(tmp_path / folder, every=2)]
            make_network().fit(
                X, T, mg.SGD(0.5), epochs=count, validation=(X, T), callbacks=callbacks, seed=0, progress=False
            )
        return record

    once, again = record_of("once", 9), record_of("again", 4, 9)
    assert positions(again) == positions(once)
    for ours, theirs in zip(again.frames, once.frames, strict=True):
        assert np.array_equal(ours.parameters, theirs.parameters)
        assert {name: str(number) for name, number in ours.measured.items() if name == "loss"} == {
            name: str(number) for name, number in theirs.measured.items() if name == "loss"
        }


def test_a_state_of_another_network_or_with_other_settings_is_refused() -> None:
    record, other = mg.Recorder(), mg.Recorder()
    train(make_network(), record, epochs=2)
    other_network = mg.Network(*mg.mlp([2, 2, 1], rng=0))
    train(other_network, other, epochs=1)
    before = other.frames
    broken = {**record.state(), "positions": np.zeros((1, 2), int)}
    for state in (record.state(), broken, {**record.state(), "every": 4}, {}, None):
        with pytest.raises(FileError, match=r"state of this callback|belongs to another training"):
            other.load_state(state)
    assert other.frames == before


def test_errors() -> None:
    record = mg.Recorder()
    with pytest.raises(SettingError, match="nothing is recorded yet"):
        record.page()
    train(make_network(), record, epochs=1)
    with pytest.raises(SettingError, match="recorded another network"):
        train(make_network(), record, epochs=1)
    for options in ({"every": 0}, {"max_frames": 2}, {"every": 1.5}):
        with pytest.raises(SettingError, match="an impossible setting"):
            mg.Recorder(**options)
    for options in ({"title": 3}, {"language": "fr"}, {"theme": "sepia"}):
        with pytest.raises(SettingError):
            record.page(**options)
    for image in ((2, 2), (0, 2), [1, 2], (1, 2, 1), 2):
        with pytest.raises(SettingError, match="pixels"):
            record.page(image=image)
