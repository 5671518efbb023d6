"""Networks in files: what was saved is what is loaded, to the bit, and nothing else is ever loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import FileError, GraphError, MinigradError, ShapeError
from minigrad.ops.base import registry
from tests.files.networks import NETWORKS, Bell, T, X, own, scalar

ROOT = Path(mg.__file__).parents[1]


def told(network):
    """All there is to know of a network, as plain data."""
    roots = [*network.outputs, network.loss, *network.inputs, *network.targets]
    graph = mg.Graph(roots)
    return [
        (
            type(node),
            node.op,
            node.name,
            node.kind,
            node.shape,
            [graph.position[parent] for parent in node.parents],
            np.asarray(node.value).tobytes() if isinstance(node, mg.Parameter | mg.Constant) else None,
        )
        for node in graph.nodes
    ], [graph.position[node] for node in roots]


@pytest.mark.parametrize("build", NETWORKS, ids=lambda build: build.__name__)
def test_what_is_loaded_is_what_was_saved(build, tmp_path):
    network = build()
    network.save(tmp_path / "network.npz")
    loaded = mg.Network.load(tmp_path / "network.npz")
    assert told(loaded) == told(network)
    assert loaded.predict(X).tobytes() == network.predict(X).tobytes()
    assert loaded.evaluate(X, T) == network.evaluate(X, T)
    for each in (network, loaded):
        each.fit(X, T, mg.Adam(0.01), epochs=2, progress=False)
    assert told(loaded) == told(network)


def test_every_op_there_is_comes_back_with_its_settings(tmp_path):
    path = tmp_path / "network.npz"
    count = 0
    for op in {sample.op: None for made in registry.values() for sample in made.samples()}:
        sample = next(sample for sample in op.samples() if sample.op == op)
        if op.stars and not sample.shapes[0]:
            continue
        parts = [mg.Parameter(np.ones(shape), f"p{place}") for place, shape in enumerate(sample.shapes)]
        x = mg.Input("x")
        try:
            y = op(*parts)
        except MinigradError:
            continue  # samples of a rule for operands that another op is in front of
        network = mg.Network(x, (mg.sum(y) if y.shape else y) * x)
        network.save(path)
        assert told(mg.Network.load(path)) == told(network), op
        count += 1
    assert count > 60


def test_the_same_network_is_the_same_bytes_in_another_process(tmp_path):
    program = "import sys, minigrad as mg; mg.Network(*mg.mlp([2, 3, 2], rng=0)).save(sys.argv[1])"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", program, str(tmp_path / seed)], cwd=ROOT, env=environment, check=True)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_the_file_is_an_npz_that_numpy_reads_without_pickle(tmp_path):
    network = scalar()
    network.save(tmp_path / "network.npz")
    with np.load(tmp_path / "network.npz", allow_pickle=False) as found:
        np.testing.assert_array_equal(
            found["values"], [node.value for node in network.graph.nodes if node.kind in ("parameter", "constant")]
        )
        assert json.loads(found["document.json"])["kind"] == "network"


def test_after_fast_steps_the_file_has_the_newest_parameters(tmp_path):
    network = scalar()
    network.fit(X, T, epochs=2, progress=False, compiled=True)
    network.save(tmp_path / "network.npz")
    assert told(mg.Network.load(tmp_path / "network.npz")) == told(network)


def test_numbers_that_are_none_are_kept(tmp_path):
    network = scalar()
    for parameter, value in zip(network.parameters, (np.nan, np.inf, -np.inf, -0.0, 5e-324), strict=False):
        parameter.value = value
    network.save(tmp_path / "network.npz")
    assert told(mg.Network.load(tmp_path / "network.npz")) == told(network)


def test_settings_that_json_has_no_number_for_are_kept(tmp_path):
    x = mg.Input("x")
    network = mg.Network(x, mg.clip(x, -np.inf, 0.4))
    network.save(tmp_path / "network")
    loaded = mg.Network.load(tmp_path / "network")
    assert loaded.outputs[0].op == mg.Clip(-np.inf, 0.4)
    assert mg.Graph(loaded.outputs).compile(engine="numpy").forward({"x": 1.0}) == 0.4


def test_a_network_that_is_loaded_twice_lives_in_scopes_of_its_own(tmp_path):
    scalar().save(tmp_path / "network.npz")
    with mg.scope("teacher"):
        teacher = mg.Network.load(tmp_path / "network.npz")
    pupil = mg.Network.load(tmp_path / "network.npz")
    assert [node.name for node in teacher.outputs] == ["teacher/y1", "teacher/y2"]
    mg.Graph([*teacher.outputs, *pupil.outputs])


def test_a_chain_of_a_hundred_thousand_nodes(tmp_path):
    x = mg.Input("x")
    node = x
    for _ in range(100_000):
        node = -node
    mg.Network(x, node).save(tmp_path / "chain")
    assert mg.Network.load(tmp_path / "chain").predict([2.0, 3.0])[:, 0].tolist() == [2.0, 3.0]


def test_a_large_array_that_the_file_holds_is_welcome(tmp_path):
    x = mg.Input("x", 600)
    network = mg.Network(x, mg.dense(x, 500, rng=0))
    network.save(tmp_path / "wide")
    assert told(mg.Network.load(tmp_path / "wide")) == told(network)


def test_an_op_that_is_not_there_is_named(tmp_path, monkeypatch):
    own().save(tmp_path / "own")
    monkeypatch.delitem(registry, Bell.label)
    with pytest.raises(FileError, match=r"the op 'bell, for files' is not registered.*Import or define it first"):
        mg.Network.load(tmp_path / "own")
    with pytest.raises(FileError, match="the op 'bell, for files' is not registered"):
        own().save(tmp_path / "own")


def test_ops_that_no_file_could_bring_back_are_refused(tmp_path):
    class Nameless(Bell):
        """Has the label of its parent."""

    class Hidden(Bell):
        """Keeps something that is no field."""

        label = "hidden, for files"

        def __init__(self):
            object.__setattr__(self, "secret", 1)

    @dataclass(frozen=True)
    class Handed(Bell):
        """Has a setting that is no plain data."""

        rule: object = print
        label = "handed, for files"

    try:
        for op, words in (
            (Nameless(), "not registered.*label of its own"),
            (Hidden(), "holds more than the fields.*secret"),
            (Handed(), "a setting that cannot be written; found <built-in function print>"),
        ):
            with pytest.raises(FileError, match=words):
                mg.Network(*mg.mlp([1, 1], output=op, rng=0)).save(tmp_path / "network")
            assert list(tmp_path.iterdir()) == []
    finally:
        for label in ("hidden, for files", "handed, for files"):
            registry.pop(label, None)


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "network"
    scalar().save(path)
    before = path.read_bytes()

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"cannot be written; found OSError.*No space left"):
        scalar(1).save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("path", "words"),
    [("missing", "FileNotFoundError"), (".", "not the path|IsADirectory|Permission"), ("no/folder", "FileNotFound")],
)
def test_paths_that_lead_nowhere_are_named(path, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileError, match=words):
        mg.Network.load(path)
    if path != "missing":
        with pytest.raises(FileError, match=words):
            scalar().save(path)
    for nothing in (None, 3, b"x\0"):
        with pytest.raises(FileError):
            mg.Network.load(nothing)


def rewritten(path, change):
    """The document of a file, changed, in a file that is otherwise sound."""
    with zipfile.ZipFile(path) as bundle:
        members = {name: bundle.read(name) for name in bundle.namelist()}
    document = json.loads(members["document.json"])
    change(document)
    members["document.json"] = json.dumps(document).encode()
    with zipfile.ZipFile(path, "w") as bundle:
        for name, content in members.items():
            bundle.writestr(name, content)


def assign(place, **words):
    return lambda document: document["graph"][place].update(words)


LAST = -1
CHANGES = {
    "another version": (lambda document: document.update(version=2), "another version; found 2, expected 1"),
    "a version that is no number": (lambda document: document.update(version=True), "another version"),
    "another kind": (lambda document: document.update(kind="checkpoint"), "another kind; found checkpoint"),
    "another format": (lambda document: document.update(format="torch"), "foreign file"),
    "no graph": (lambda document: document.pop("graph"), "not a list of nodes"),
    "an empty graph": (lambda document: document.update(graph=[]), "values that no node has|no nodes"),
    "a node that is a number": (lambda document: document["graph"].append(1), "not a list of nodes"),
    "no loss": (lambda document: document.pop("loss"), "loss that are no nodes"),
    "a loss that is not there": (lambda document: document.update(loss=10**9), "no nodes of the graph"),
    "a loss before the first": (lambda document: document.update(loss=-1), "no nodes of the graph"),
    "no inputs": (lambda document: document.update(inputs=[]), "an input that is not listed"),
    "inputs twice": (lambda document: document.update(inputs=[0, 0]), "an input listed twice"),
    "outputs that are inputs": (lambda document: document.update(outputs=[0]), "not an input that the outputs read"),
    "targets that are none": (lambda document: document.update(targets=[2, 3]), "a target that is not an input"),
    "one target": (lambda document: document.update(targets=document["targets"][:1]), "targets that do not fit"),
    "targets that are inputs": (lambda document: document.update(targets=[0, 1]), "an input of the loss alone"),
    "an op that is not registered": (assign(LAST, op="os.system"), "the op 'os.system' is not registered"),
    "an op that is a list": (assign(LAST, op=["tanh"]), "is not registered"),
    "an op that is nothing": (assign(LAST, op=None), "is not registered"),
    "another op": (assign(LAST, op="tanh"), "does not take so many"),
    "settings that are not there": (assign(LAST, settings={"__class__": 1}), "does not have these settings"),
    "settings that are no settings": (assign(LAST, settings=[1]), "does not have these settings"),
    "its own parent": (lambda document: document["graph"][-1]["parents"].append(len(document["graph"]) - 1), "parents"),
    "a parent that is not there": (assign(LAST, parents=[10**30]), "parents that do not stand before"),
    "parents before the first": (assign(LAST, parents=[-1]), "parents that do not stand before"),
    "parents that are halves": (assign(LAST, parents=[0.5]), "parents that do not stand before"),
    "parents that are true": (assign(LAST, parents=[True]), "parents that do not stand before"),
    "no parents": (assign(LAST, parents=[]), "does not take so many"),
    "a shape that is not so": (assign(LAST, shape=[7]), "not what it is said to be"),
    "a shape without elements": (assign(0, shape=[0]), "describe no node"),
    "a negative shape": (assign(0, shape=[-1]), "describe no node"),
    "a kind that is not so": (assign(LAST, kind="weighted sum"), "not what it is said to be"),
    "a leaf of no kind": (assign(0, kind="secret"), "a node of no kind"),
    "a leaf whose kind is a list": (assign(0, kind=[]), "a node of no kind"),
    "a name that is a number": (assign(0, name=7), "describe no node"),
    "a name twice": (assign(0, name="x2"), "a name used twice"),
    "words of another kind": (assign(0, value=1.0), "describe no node"),
    "a leaf with settings": (assign(0, settings={}), "without an op"),
    "one parameter more": (lambda document: document["graph"].append({"kind": "parameter"}), "fewer values"),
    "one parameter less": (assign(2, kind="input"), "values that no node has"),
    "a huge input": (assign(0, shape=[10**12]), "far larger than the file"),
    "an input of many axes": (assign(0, shape=[1] * 100), "describe no node"),
    "a huge parameter": (assign(2, shape=[10**12]), "fewer values"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_document_that_lies_is_refused(name, tmp_path):
    change, words = CHANGES[name]
    scalar().save(tmp_path / "network")
    rewritten(tmp_path / "network", change)
    with pytest.raises(MinigradError, match=words):
        mg.Network.load(tmp_path / "network")


BOMBS = {
    "doubled forty times": [{"op": "concat", "settings": {"axis": -1, "rank": 1}, "parents": [-1, -1]}] * 40,
    "an outer product": [
        {"op": "reshape", "settings": {"target": [4096, 1], "rank": 1}, "shape": [4096, 1], "parents": [-1]},
        {"op": "reshape", "settings": {"target": [1, 4096], "rank": 2}, "shape": [1, 4096], "parents": [-1]},
        {"op": "@", "settings": {"vector": False}, "parents": [-2, -1], "shape": [1]},
    ],
    "repeated": [{"op": "broadcast", "settings": {"target": [10**6, 4096]}, "parents": [-1]}],
    "gathered from elsewhere": [
        {"op": "take", "settings": {"positions": [0], "target": [1], "source": [10**12]}, "parents": [-1]}
    ],
    "gathered from beyond": [
        {"op": "take", "settings": {"positions": [10**12], "target": [1], "source": [4096]}, "parents": [-1]}
    ],
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_cannot_ask_for_large_arrays(name, tmp_path):
    def change(document):
        graph, shape = [{"kind": "input", "name": "x", "shape": [4096]}], [4096]
        for words in BOMBS[name]:
            if name.startswith("doubled"):
                shape = [2 * shape[0]]
            parents = [len(graph) + place for place in words["parents"]]
            graph.append({"kind": "array", "shape": shape, **words, "parents": parents})
        document.update(graph=graph)

    scalar().save(tmp_path / "network")
    rewritten(tmp_path / "network", change)
    with pytest.raises(FileError, match=r"far larger than the file|do not fit|not what it is said"):
        mg.Network.load(tmp_path / "network")


def test_six_hundred_damaged_and_hostile_files_run_nothing_and_crash_nothing(tmp_path):
    command = [sys.executable, "-m", "tests.files.fuzz", "600", "0", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    refused, loaded = map(int, done.stdout.split())
    assert refused + loaded == 600
    assert refused > 400


def test_the_parts_of_a_network_are_checked():
    network = scalar()
    parts = network.inputs, network.outputs, network.targets
    assert told(mg.Network.of_graph(*parts, network.loss)) == told(network)
    with pytest.raises(GraphError, match="a target that is not an input"):
        mg.Network.of_graph(*parts[:2], network.outputs, network.loss)
    with pytest.raises(ShapeError, match="targets that do not fit"):
        mg.Network.of_graph(*parts[:2], network.targets[0], network.loss)
    with pytest.raises(ShapeError, match="targets that do not fit"):
        mg.Network.of_graph(*parts[:2], [network.targets[0]] * 2, network.loss)
    with pytest.raises(ShapeError, match="not a scalar"):
        mg.Network.of_graph(*parts, mg.stack(network.outputs))
    with pytest.raises(MinigradError, match="makes no node"):
        mg.Network.of_graph(*parts, "loss")
