"""Graphs as plain data: every op comes back with its settings, and a description that does not fit is refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import FileError, MinigradError
from minigrad.files.graph_spec import decode_graph, encode_graph
from minigrad.ops.base import registry
from tests.files.networks import Bell, description, own, rewrite_document, scalar
from tests.laws import OPS


def test_a_graph_becomes_a_list_of_specs_and_a_vector_of_values():
    x, w = mg.Input("x"), mg.Parameter(0.5, "w")
    nodes, specs, values = encode_graph([mg.tanh(w * x, name="y")])
    assert [spec["kind"] for spec in specs] == ["parameter", "input", "arithmetic", "activation"]
    assert specs[-1] == {"kind": "activation", "name": "y", "op": "tanh", "parents": [2]}
    assert values.tolist() == [0.5]
    decoded = decode_graph(specs, values)
    assert [(node.name, node.op, node.shape) for node in decoded] == [
        (node.name, node.op, node.shape) for node in nodes
    ]
    assert decoded[0].value == 0.5


def test_every_op_there_is_comes_back_with_its_settings(tmp_path):
    path = tmp_path / "network.npz"
    count = 0
    for op in {sample.op: None for op_class in OPS.values() for sample in op_class.samples()}:
        sample = next(sample for sample in op.samples() if sample.op == op)
        if op.stars and not sample.shapes[0]:
            continue
        parts = [mg.Parameter(np.ones(shape), f"p{index}") for index, shape in enumerate(sample.shapes)]
        x = mg.Input("x")
        try:
            y = op(*parts)
        except MinigradError:
            continue  # samples of a rule for operands that another op is in front of
        network = mg.Network(x, (mg.sum(y) if y.shape else y) * x)
        network.save(path)
        assert description(mg.Network.load(path)) == description(network), op
        count += 1
    assert count > 60


def test_settings_that_json_has_no_number_for_are_kept(tmp_path):
    x = mg.Input("x")
    network = mg.Network(x, mg.clip(x, -np.inf, 0.4))
    network.save(tmp_path / "network")
    loaded = mg.Network.load(tmp_path / "network")
    assert loaded.outputs[0].op == mg.Clip(-np.inf, 0.4)
    assert mg.Graph(loaded.outputs).compile(engine="numpy").forward({"x": 1.0}) == 0.4


def test_a_long_chain_of_nodes(tmp_path):
    x = mg.Input("x")
    node = x
    for _ in range(20_000):
        node = -node
    mg.Network(x, node).save(tmp_path / "chain")
    assert mg.Network.load(tmp_path / "chain").predict([2.0, 3.0])[:, 0].tolist() == [2.0, 3.0]


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
        """Has an attribute that is no field."""

        label = "hidden, for files"

        def __init__(self):
            object.__setattr__(self, "secret", 1)

    @dataclass(frozen=True)
    class WithFunction(Bell):
        """Has a setting that is no plain data."""

        rule: object = print
        label = "with function, for files"

    try:
        for op, words in (
            (Nameless(), "not registered.*label of its own"),
            (Hidden(), "holds more than the fields.*secret"),
            (WithFunction(), "a setting that cannot be written; found <built-in function print>"),
        ):
            with pytest.raises(FileError, match=words):
                mg.Network(*mg.mlp([1, 1], output=op, rng=0)).save(tmp_path / "network")
            assert list(tmp_path.iterdir()) == []
    finally:
        for label in ("hidden, for files", "with function, for files"):
            registry.pop(label, None)


def assign(number, **words):
    return lambda document: document["graph"][number].update(words)


LAST = -1
CHANGES = {
    "no graph": (lambda document: document.pop("graph"), "not a list of nodes"),
    "an empty graph": (lambda document: document.update(graph=[]), "values that no node has|no nodes"),
    "a node that is a number": (lambda document: document["graph"].append(1), "not a list of nodes"),
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
def test_a_document_that_is_wrong_is_refused(name, tmp_path):
    change, words = CHANGES[name]
    scalar().save(tmp_path / "network")
    rewrite_document(tmp_path / "network", change)
    with pytest.raises(MinigradError, match=words):
        mg.Network.load(tmp_path / "network")


ACTIVATION = {"kind": "activation", "op": "tanh", "parents": [1]}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"parents": [0]}, "not what it is said to be"),  # tanh of an array is no number
        ({"parents": [3]}, "parents that do not stand before"),
        ({"parents": [-1]}, "parents that do not stand before"),
        ({"parents": [True]}, "parents that do not stand before"),
        ({"parents": [1.0]}, "parents that do not stand before"),
        ({"parents": "1"}, "parents that do not stand before"),
        ({"parents": []}, "does not take so many"),
        ({"parents": [1, 1]}, "does not take so many"),
        ({"kind": "loss"}, "not what it is said to be"),
        ({"kind": []}, "not what it is said to be"),
        ({"name": 7}, "describe no node"),
        ({"op": ["tanh"]}, "is not registered"),
        ({"value": 1.0}, "describe no node"),
        ({"trainable": False}, "a flag that the node cannot have"),
    ],
)
def test_a_node_like_the_one_before_is_checked_too(wrong, words):
    leaves = [{"kind": "input", "shape": [2]}, {"kind": "input"}]
    *_, node, twin = decode_graph([*leaves, ACTIVATION, ACTIVATION | {"name": "y"}], np.zeros(0))
    assert (twin.op, twin.parents, twin.name, twin.shape, twin.value) == (node.op, node.parents, "y", (), None)
    with pytest.raises(FileError, match=words):
        decode_graph([*leaves, ACTIVATION, ACTIVATION | wrong], np.zeros(0))


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
            parents = [len(graph) + offset for offset in words["parents"]]
            graph.append({"kind": "array", "shape": shape, **words, "parents": parents})
        document.update(graph=graph)

    scalar().save(tmp_path / "network")
    rewrite_document(tmp_path / "network", change)
    with pytest.raises(FileError, match=r"far larger than the file|do not fit|not what it is said"):
        mg.Network.load(tmp_path / "network")
