"""Networks in files: what was saved is what is loaded, to the bit, and nothing else is ever loaded."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import FileError, GraphError, MinigradError, ShapeError
from tests.files.networks import NETWORKS, T, X, description, rewrite_document, scalar

ROOT = Path(mg.__file__).parents[1]


@pytest.mark.parametrize("build", NETWORKS, ids=lambda build: build.__name__)
def test_what_is_loaded_is_what_was_saved(build, tmp_path):
    network = build()
    network.save(tmp_path / "network.npz")
    loaded = mg.Network.load(tmp_path / "network.npz")
    assert description(loaded) == description(network)
    assert loaded.predict(X).tobytes() == network.predict(X).tobytes()
    assert loaded.evaluate(X, T) == network.evaluate(X, T)
    for each in (network, loaded):
        each.fit(X, T, mg.Adam(0.01), epochs=2, progress=False)
    assert description(loaded) == description(network)


def test_the_same_network_is_the_same_bytes_in_another_process(tmp_path):
    program = "import sys, minigrad as mg; mg.Network(*mg.mlp([2, 3, 2], rng=0)).save(sys.argv[1])"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", program, str(tmp_path / seed)], cwd=ROOT, env=environment, check=True)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


WRITTEN = """\
{"format":"minigrad","version":1,"kind":"network","inputs":[1],"outputs":[6],"targets":[7],"loss":8,"graph":[\
{"kind":"parameter","name":"w"},{"kind":"input","name":"x"},{"kind":"arithmetic","op":"×","parents":[0,1]},\
{"kind":"activation","op":"leaky_relu","settings":{"slope":0.2},"parents":[2]},\
{"kind":"parameter","name":"b","shape":[2],"trainable":false},{"kind":"arithmetic","shape":[2],"op":"×","parents":[3,4]},\
{"kind":"array","op":"sum","settings":{"axes":[-1],"keepdims":false},"parents":[5]},{"kind":"input","name":"t1"},\
{"kind":"loss","op":"½Σ(ŷ−t)²","parents":[6,7]}]}"""
"""The document of a network, word by word: files of this version stay readable, and are written like this."""


def test_the_document_of_a_network_is_what_it_was_in_the_first_version(tmp_path):
    x, w, b = mg.Input("x"), mg.Parameter(2.0, "w"), mg.Parameter([0.5, 1.0], "b")
    b.trainable = False
    network = mg.Network(x, mg.sum(mg.LeakyReLU(0.2)(w * x) * b))
    network.save(tmp_path / "network.npz")
    with zipfile.ZipFile(tmp_path / "network.npz") as bundle:
        assert bundle.read("document.json").decode() == WRITTEN
    assert np.load(tmp_path / "network.npz")["values"].tolist() == [2.0, 0.5, 1.0]
    assert mg.Network.load(tmp_path / "network.npz").predict([3.0]).tolist() == [9.0]


def test_after_fast_steps_the_file_has_the_newest_parameters(tmp_path):
    network = scalar()
    network.fit(X, T, epochs=2, progress=False, engine="numpy")
    network.save(tmp_path / "network.npz")
    assert description(mg.Network.load(tmp_path / "network.npz")) == description(network)


def test_numbers_that_are_none_are_kept(tmp_path):
    network = scalar()
    for parameter, value in zip(network.parameters, (np.nan, np.inf, -np.inf, -0.0, 5e-324), strict=False):
        parameter.value = value
    network.save(tmp_path / "network.npz")
    assert description(mg.Network.load(tmp_path / "network.npz")) == description(network)


def test_a_network_that_is_loaded_twice_lives_in_scopes_of_its_own(tmp_path):
    scalar().save(tmp_path / "network.npz")
    with mg.scope("teacher"):
        teacher = mg.Network.load(tmp_path / "network.npz")
    pupil = mg.Network.load(tmp_path / "network.npz")
    assert [node.name for node in teacher.outputs] == ["teacher/y1", "teacher/y2"]
    mg.Graph([*teacher.outputs, *pupil.outputs])


def test_a_large_array_that_the_file_holds_is_welcome(tmp_path):
    x = mg.Input("x", 600)
    network = mg.Network(x, mg.dense(x, 500, rng=0))
    network.save(tmp_path / "wide")
    assert description(mg.Network.load(tmp_path / "wide")) == description(network)


CHANGES = {
    "no loss": (lambda document: document.pop("loss"), "loss that are no nodes"),
    "a loss that is not there": (lambda document: document.update(loss=10**9), "no nodes of the graph"),
    "a loss before the first": (lambda document: document.update(loss=-1), "no nodes of the graph"),
    "no inputs": (lambda document: document.update(inputs=[]), "an input is missing from the list"),
    "inputs twice": (lambda document: document.update(inputs=[0, 0]), "an input is listed twice"),
    "outputs that are inputs": (lambda document: document.update(outputs=[0]), "the outputs do not read this input"),
    "targets that are none": (lambda document: document.update(targets=[2, 3]), "a target must be an input"),
    "one target": (lambda document: document.update(targets=document["targets"][:1]), "targets do not fit"),
    "targets that are inputs": (lambda document: document.update(targets=[0, 1]), "an input that only the loss reads"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_document_that_is_wrong_is_refused(name, tmp_path):
    change, words = CHANGES[name]
    scalar().save(tmp_path / "network")
    rewrite_document(tmp_path / "network", change)
    with pytest.raises(MinigradError, match=words):
        mg.Network.load(tmp_path / "network")


def test_six_hundred_damaged_and_hostile_files_run_nothing_and_crash_nothing(tmp_path):
    command = [sys.executable, "-m", "tests.files.fuzz", "networks", "600", "0", str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    refused, loaded = map(int, result.stdout.split())
    assert refused + loaded == 600
    assert refused > 400


def test_the_parts_of_a_network_are_checked():
    network = scalar()
    parts = network.inputs, network.outputs, network.targets
    assert description(mg.Network.of_graph(*parts, network.loss)) == description(network)
    with pytest.raises(GraphError, match="a target must be an input"):
        mg.Network.of_graph(*parts[:2], network.outputs, network.loss)
    with pytest.raises(ShapeError, match="targets do not fit"):
        mg.Network.of_graph(*parts[:2], network.targets[0], network.loss)
    with pytest.raises(ShapeError, match="targets do not fit"):
        mg.Network.of_graph(*parts[:2], [network.targets[0]] * 2, network.loss)
    with pytest.raises(ShapeError, match="must be a scalar"):
        mg.Network.of_graph(*parts, mg.stack(network.outputs))
    with pytest.raises(MinigradError, match="did not return a node"):
        mg.Network.of_graph(*parts, "loss")


def test_trainable_flags_are_kept_and_older_files_have_none(tmp_path):
    network = NETWORKS[0]()
    network.parameters[2].trainable = False
    network.fit(X, T, epochs=2, progress=False)
    network.save(tmp_path / "network")
    again = mg.Network.load(tmp_path / "network")
    assert [p.trainable for p in again.parameters] == [p.trainable for p in network.parameters]
    assert again.history == network.history
    fresh = NETWORKS[0]()
    fresh.save(tmp_path / "network")
    with zipfile.ZipFile(tmp_path / "network") as bundle:
        assert bundle.namelist() == ["document.json", "values.npy"]
        assert "trainable" not in bundle.read("document.json").decode()
    assert mg.Network.load(tmp_path / "network").history.loss == []


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.pop("history"),
        lambda document: document["history"].pop("columns"),
        lambda document: document["history"].update(columns=["loss", "loss"]),
        lambda document: document["history"].update(columns=[1]),
        lambda document: document["history"].update(stop_reason=1),
        lambda document: document.update(history=[]),
        lambda document: document.update(classes="ab"),
        lambda document: document.update(classes=["a", 1]),
        lambda document: document.update(classes=None),
        lambda document: document["graph"][0].update(trainable=False),
        lambda document: next(spec for spec in document["graph"] if spec["kind"] == "parameter").update(trainable=True),
    ],
)
def test_a_history_or_a_flag_that_does_not_fit_is_refused(change, tmp_path):
    network = NETWORKS[0]()
    network.fit(X, T, epochs=2, progress=False)
    network.save(tmp_path / "network")
    rewrite_document(tmp_path / "network", change)
    with pytest.raises(FileError):
        mg.Network.load(tmp_path / "network")
