"""Checkpoints: training that was stopped goes on as if it had not been, to the bit, and from no other file."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import warnings
from pathlib import Path
from shutil import rmtree

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.errors import FileError, MinigradError, SettingError
from minigrad.files.archive import Archive, write_archive
from minigrad.training import checkpoint as checkpoint_module
from minigrad.training.checkpoint import Checkpoint, read_state
from minigrad.training.metrics import accuracy
from tests.files.interrupted import MODES, SAMPLES, bits, train
from tests.files.killing import kill_often
from tests.files.networks import rewrite_document
from tests.training.networks import StopError, stop_after
from tests.training.test_identity import PAIR, Counting

ROOT = Path(mg.__file__).parents[1]
KINDS = ["plain", "compiled", "plain, in batches", "compiled, in batches"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("every", [1, 7, 10, SAMPLES, 1000])
def test_training_that_was_stopped_goes_on_to_the_bit(kind, every, tmp_path):
    path = tmp_path / "run"
    for epoch in (2, 4):
        with pytest.raises(StopError):
            train(path, kind, 6, (stop_after(epoch),), every)
    assert bits(train(path, kind, 6, every=every)) == bits(train(None, kind, 6))
    assert read_state(path)[1].epoch == 6
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", MODES)
def test_training_in_every_mode_goes_on_to_the_bit(mode, tmp_path):
    path = tmp_path / "run"
    with pytest.raises(StopError):
        train(path, mode, 6, (stop_after(2),), 5)
    for epochs in (3, 4, 6):
        network = train(path, mode, epochs, every=6)
    assert bits(network) == bits(train(None, mode, 6))


def test_a_training_goes_on_in_the_middle_of_an_epoch(tmp_path):
    path = tmp_path / "run"
    with pytest.raises(StopError):
        train(path, "plain", 6, (stop_after(2),), 10)
    _, state = read_state(path)
    assert (state.epoch, state.position) == (1, 17)
    assert 0 < state.loss_sum < 17
    assert len(state.history.loss) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_looking_at_the_progress_in_between_writes_nothing_more(kind, tmp_path, monkeypatch):
    written = []

    def record(path, identity, state):
        written.append((state.epoch, state.position, state.loss_sum))

    monkeypatch.setattr(checkpoint_module, "write_state", record)
    whole = bits(train(tmp_path / "run", kind, 3, every=10))
    at_once = written.copy()
    written.clear()
    monkeypatch.setattr("minigrad.training.loop.UNINTERRUPTED_STEPS", 3)
    assert bits(train(tmp_path / "run", kind, 3, every=10)) == whole
    assert written == at_once


@pytest.mark.parametrize("kind", ["plain", "compiled, in batches"])
def test_training_that_is_killed_goes_on_to_the_bit(kind, tmp_path):
    stood = kill_often(tmp_path / "run", kind, 8)
    assert any(position for _, position in stood)


@pytest.mark.parametrize(
    "optimizer",
    [
        mg.SGD(0.1),
        mg.Momentum(0.1),
        mg.Adam(0.01),
        optim.AdamW(0.01),
        optim.AdaGrad(0.1),
        optim.RMSProp(0.01),
        optim.Nesterov(optim.CosineDecay(0.1, 20)),
        optim.LBFGS(),
        optim.LevenbergMarquardt(),
    ],
    ids=lambda optimizer: type(optimizer).__name__,
)
@pytest.mark.parametrize("engine", ["nodes", "numpy"])
def test_every_optimizer_remembers(optimizer, engine, tmp_path):
    def fit(checkpoint, epochs):
        network = mg.Network(*mg.mlp([2, 3, 1], rng=0))
        X, T = np.random.default_rng(1).normal(size=(2, 9, 2))
        settings = {"engine": engine, "progress": False, "callbacks": checkpoint, "validation": (X, T[:, :1])}
        return network.fit(X, T[:, :1], optimizer, epochs=epochs, batch_size=2, **settings), bits(network)

    checkpoint = [Checkpoint(tmp_path / "run", 3)]
    fit(checkpoint, 2)
    assert fit(checkpoint, 4) == fit([], 4)
    assert fit(checkpoint, 4) == fit([], 4)  # nothing is left to do, and the history is all there


@pytest.mark.parametrize("name", ["PCG64", "MT19937", "Philox", "SFC64", "PCG64DXSM"])
def test_every_generator_goes_on(name, tmp_path):
    def fit(checkpoint, epochs):
        network = mg.Network(*mg.mlp([2, 2], rng=0))
        rng = np.random.Generator(getattr(np.random, name)(7))
        network.fit(np.eye(2), [0, 1], epochs=epochs, seed=rng, progress=False, callbacks=checkpoint)
        return bits(network), rng.random()

    checkpoint = [Checkpoint(tmp_path / "run", 3)]
    fit(checkpoint, 3)
    assert fit(checkpoint, 20) == fit([], 20)


def test_a_training_without_a_seed_goes_on_with_its_own_generator(tmp_path):
    network = mg.Network(*mg.mlp([2, 2], rng=0))
    for epochs in (2, 4):
        settings = {"seed": None, "progress": False, "callbacks": [Checkpoint(tmp_path / "run", 1)]}
        assert len(network.fit(np.eye(2), [0, 1], epochs=epochs, **settings).loss) == epochs


def test_training_with_a_check_for_non_finite_numbers_goes_on_too(tmp_path):
    def fit(checkpoint, epochs):
        network = mg.Network(*mg.mlp([2, 2], rng=0))
        settings = {"epochs": epochs, "callbacks": [*checkpoint, mg.StopOnNonFinite()], "progress": False}
        return network.fit(np.eye(2), [0, 1], mg.Adam(0.1), **settings), bits(network)

    checkpoint = [Checkpoint(tmp_path / "run", 3)]
    fit(checkpoint, 2)
    assert fit(checkpoint, 5) == fit([], 5)


def test_drafts_of_the_dead_are_swept(tmp_path):
    draft, other = tmp_path / f".run.{'a' * 16}.part", tmp_path / ".run.notes.part"
    draft.write_bytes(b"half")
    other.write_bytes(b"mine")
    train(tmp_path / "run", "plain", 1)
    assert not draft.exists()
    assert other.exists()


OTHERS = [
    ({"X": np.eye(2) * 2}, "data"),
    ({"T": [[1.0], [0.0]]}, "data"),
    ({"batch_size": 2}, "batch_size 1, expected 2"),
    ({"shuffle": False}, "shuffle True, expected False"),
    ({"seed": 1}, "seed"),
    ({"optimizer": mg.SGD(0.2)}, r"optimizer.lr 0.1, expected 0.2"),
    ({"engine": "numpy"}, "engine NodesEngine, expected NumpyEngine"),
    ({"validation": (np.eye(2), [0, 1])}, "validation data none, expected some"),
    ({"hidden": 3}, "graph"),
    ({"frozen": "y1.b"}, r"frozen parameters \[\], expected \[\'y1.b\'\]"),
    ({"sample_weight": [1, 2]}, "graph"),
    ({"T": ["a", "b"]}, r"classes None, expected \['a', 'b'\]"),
    ({"metrics": [accuracy]}, r"metrics \[\], expected \['accuracy'\]"),
]


@pytest.mark.parametrize(("change", "words"), OTHERS, ids=[next(iter(change)) for change, _ in OTHERS])
def test_a_checkpoint_of_another_training_is_refused(change, words, tmp_path):
    settings = {"X": np.eye(2), "T": [0.0, 1.0], "optimizer": mg.SGD(0.1), "engine": "nodes", "hidden": 2}
    settings |= {"epochs": 1, "progress": False, "callbacks": [Checkpoint(tmp_path / "run")]}

    def fit(hidden, frozen="", **others):
        network = mg.Network(*mg.mlp([2, hidden, 1], rng=0))
        for parameter in network.parameters:
            parameter.trainable = parameter.name != frozen
        before = bits(network), network.classes
        try:
            network.fit(**others)
        finally:
            fit.moved = (bits(network), network.classes) != before

    fit(**settings)
    assert fit.moved
    with pytest.raises(FileError, match=f"the checkpoint belongs to another training.*{words}.*a path of its own"):
        fit(**settings | change)
    assert not fit.moved


DOCUMENTS = {
    "no epoch": lambda document: document.pop("epoch"),
    "an epoch that is text": lambda document: document.update(epoch="1"),
    "a negative epoch": lambda document: document.update(epoch=-1),
    "another epoch": lambda document: document.update(epoch=10**9),
    "a position beyond": lambda document: document.update(position=SAMPLES),
    "a negative position": lambda document: document.update(position=-4),
    "more states": lambda document: document.update(optimizer_arrays=7),
    "fewer states": lambda document: document.update(optimizer_arrays=0),
    "no columns": lambda document: document.update(columns=[]),
    "other columns": lambda document: document.update(columns=["__class__"]),
    "columns that are numbers": lambda document: document.update(columns=[1]),
    "another generator": lambda document: document["generator"].update(bit_generator="MT19937"),
    "a generator that is text": lambda document: document.update(generator="PCG64"),
    "a generator of a huge state": lambda document: document["generator"]["state"].update(state=10**60),
    "a step that is text": lambda document: document.update(step="1"),
    "a reason that is a number": lambda document: document.update(stop_reason=1),
    "a state of no callback": lambda document: document["callbacks"].update(Own=1),
    "callbacks that are a list": lambda document: document.update(callbacks=[]),
    "no training": lambda document: document.pop("training"),
    "a training that is a list": lambda document: document.update(training=[]),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_checkpoint_that_lies_moves_nothing(name, tmp_path):
    path = tmp_path / "run"
    train(path, "plain", 1)
    rewrite_document(path, DOCUMENTS[name])
    before = path.read_bytes()
    with pytest.raises(FileError):
        train(path, "plain", 2)
    assert path.read_bytes() == before


def test_a_checkpoint_of_an_older_version_is_refused(tmp_path):
    """The first format had no version of its own, and other names for the optimizer's arrays and the sum of losses."""
    path = tmp_path / "run"
    document = {
        "training": {"graph": "0", "data": "0", "trainer": "PlainTrainer"},
        "generator": {},
        "epoch": 1,
        "position": 0,
        "columns": ["loss"],
        "states": 0,
    }
    arrays = {"parameters": np.zeros(17), "total": np.zeros(()), "history": np.zeros((1, 1))}
    write_archive(path, Archive("checkpoint", document, arrays))
    content = path.read_bytes()
    words = r"written by an older version of minigrad; found checkpoint version 1, expected 4. Start the training anew"
    with pytest.raises(FileError, match=words):
        train(path, "plain", 2)
    assert path.read_bytes() == content


def test_a_checkpoint_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "run"
    train(path, "plain", 1)
    for version in (5, "4", None):
        rewrite_document(path, lambda document, version=version: document.update(checkpoint_version=version))
        with pytest.raises(FileError, match=r"written by another version of minigrad.*Update minigrad"):
            train(path, "plain", 2)


def test_damaged_checkpoints_are_refused(tmp_path):
    path = tmp_path / "run"
    train(path, "plain", 1)
    whole = path.read_bytes()
    chance = np.random.default_rng(0)
    for _ in range(100):
        place = chance.integers(len(whole))
        path.write_bytes(chance.choice([whole[:place], whole[:place] + b"\xff\xff" + whole[place + 2 :]]))
        with contextlib.suppress(MinigradError):
            assert bits(train(path, "plain", 1)) == bits(train(None, "plain", 1))


def test_damaged_and_forged_checkpoints_move_nothing(tmp_path):
    command = [sys.executable, "-m", "tests.files.fuzz", "checkpoints", "80", "0", str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    refused, read = map(int, result.stdout.split())
    assert refused + read == 80
    assert read > 0


def test_a_network_is_no_checkpoint_and_a_checkpoint_no_network(tmp_path):
    network = train(tmp_path / "run", "plain", 1)
    network.save(tmp_path / "network")
    with pytest.raises(FileError, match="of another kind; found checkpoint, expected network"):
        mg.Network.load(tmp_path / "run")
    with pytest.raises(FileError, match="of another kind; found network, expected checkpoint"):
        train(tmp_path / "network", "plain", 1)


def test_checkpoints_that_are_none():
    with pytest.raises(SettingError, match="every"):
        Checkpoint("run", 0)
    with pytest.raises(FileError, match="not a path"):
        Checkpoint(3)
    with pytest.raises(SettingError, match="not a callback; found 'run'"):
        mg.Network(*mg.mlp([2, 1], rng=0)).fit(np.eye(2), [0, 1], callbacks=["run"], progress=False)
    two = [Checkpoint("run"), Checkpoint("other")]
    with pytest.raises(SettingError, match="more than one Checkpoint"):
        mg.Network(*mg.mlp([2, 1], rng=0)).fit(np.eye(2), [0, 1], callbacks=two, progress=False)


def test_a_folder_that_is_not_there_is_told_before_training(tmp_path):
    with pytest.raises(FileError, match="the folder does not exist"):
        train(tmp_path / "no" / "run", "plain", 1, (fail,))


def fail(event):
    raise AssertionError("this was to be found out earlier")


def test_a_checkpoint_that_cannot_be_written_stops_training(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(FileError, match="cannot write the file"):
        train(folder / "run", "plain", 5, (lambda event: rmtree(folder),))


class Refusing(Counting):
    """A callback that refuses every state but that of a beginning."""

    def load_state(self, state):
        if state["count"]:
            raise KeyError("no")
        self.count = 0


def test_a_callback_that_refuses_its_state_leaves_all_as_they_were(tmp_path):
    def fit(callbacks, epochs):
        network.fit(
            *PAIR, epochs=epochs, seed=rng, progress=False, callbacks=[Checkpoint(tmp_path / "run"), *callbacks]
        )

    network, rng = mg.Network(*mg.mlp([2, 1], rng=0)), np.random.default_rng(3)
    fit([Counting(1), Refusing(1)], 2)
    network, rng = mg.Network(*mg.mlp([2, 1], rng=0)), np.random.default_rng(3)
    before, first = bits(network), Counting(1)
    with pytest.raises(FileError, match=r"run, Refusing 1: the checkpoint does not fit a callback; found 'no'"):
        fit([first, Refusing(1)], 3)
    assert bits(network) == before
    assert first.count == 0
    assert rng.bit_generator.state == np.random.default_rng(3).bit_generator.state


def test_parameters_that_are_not_finite_are_not_written(tmp_path):
    path = tmp_path / "run"

    def spoil(progress):
        if progress.epoch == 3:
            progress.network.parameters[0].value = np.nan

    train(path, "plain", 2)
    content = path.read_bytes()
    with contextlib.suppress(MinigradError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        train(path, "plain", 3, (spoil,), every=SAMPLES)
    assert path.read_bytes() == content
