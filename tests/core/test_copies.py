"""Nodes are written parents first, each once, whatever else the pickler, or another one, has written."""

from __future__ import annotations

import copy
import io
import pickle
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import joblib
import numpy as np
import pytest

import minigrad as mg
from minigrad.core.node import Node
from tests.copies import DEEP_COPIES, contents, pickled

every_deep_copy = pytest.mark.parametrize("make_twin", DEEP_COPIES.values(), ids=DEEP_COPIES)


def chain(length: int) -> mg.Node:
    node: mg.Node = mg.Parameter(0.5, "w")
    for _ in range(length):
        node = -node
    return node


@pytest.fixture(scope="module")
def deep() -> mg.Node:
    return chain(100_000)


@pytest.fixture(scope="module")
def middling() -> mg.Node:
    """Deeper than Python can recurse."""
    return chain(3 * sys.getrecursionlimit())


def check_chain(twin: mg.Node | list[mg.Node], original: mg.Node) -> None:
    order = mg.Graph(twin).nodes
    assert len(order) == len(mg.Graph(original))
    assert order[0].name == "w"
    assert all(node.parents == (parent,) for parent, node in pairwise(order))
    assert order[-1].value == original.value
    assert set(order).isdisjoint(mg.Graph(original).nodes)


@pytest.mark.parametrize("way", ["deepcopy", f"pickle {pickle.DEFAULT_PROTOCOL}"])
def test_depth_is_no_limit(deep: mg.Node, way: str) -> None:
    check_chain(DEEP_COPIES[way](deep), deep)


@every_deep_copy
def test_no_way_of_copying_recurses(middling: mg.Node, make_twin: Any) -> None:
    check_chain(make_twin(middling), middling)
    check_chain(*make_twin(mg.Graph(middling)).outputs, middling)


@pytest.mark.parametrize("way", ["deepcopy", "pickle 0", "pickle 5", "pickle in Python", "joblib"])
def test_all_nodes_of_a_graph_cost_as_much_as_the_last(
    middling: mg.Node, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    visited: list[Any] = []
    ordered = mg.core.copies.topological_order

    def counted(roots: Any, finished: Any) -> list[Any]:
        order = ordered(roots, finished)
        visited.extend(order)
        return order

    monkeypatch.setattr("minigrad.core.copies.topological_order", counted)
    nodes = mg.Graph(middling).nodes
    for some in (nodes, nodes[::-1], dict.fromkeys(nodes, 0.0), {nodes[100], nodes[-1]}):
        visited.clear()
        twins = [*DEEP_COPIES[way](some)]
        assert len(visited) <= len(nodes)
        check_chain(twins, middling)


@every_deep_copy
def test_what_is_one_object_stays_one(make_twin: Any) -> None:
    x, w = mg.Input("x", value=2.0), mg.Parameter(3.0, "w")
    y = mg.sin(w * x)
    network = mg.Network(x, y)
    w2, y2, network2, graph2, table = make_twin([w, y, network, network.graph, {y: "y", w: "w"}])
    assert y2.parents[0].parents[0] is w2
    assert network2.graph is graph2
    assert network2.outputs == (y2,)
    assert network2.parameters == (w2,)
    assert graph2["w"] is w2
    assert table == {y2: "y", w2: "w"}


@every_deep_copy
def test_repeated_parents_and_doublings(make_twin: Any) -> None:
    node: mg.Node = mg.Parameter(1.0, "w")
    for _ in range(60):
        node = node + node
    assert contents([make_twin(node)]) == contents([node])


def test_a_shallow_copy_of_a_node_shares_parents() -> None:
    w = mg.Parameter(np.array([1.0, 2.0]), "w")
    y = w * 2.0
    twin = copy.copy(y)
    assert twin is not y
    assert twin.parents == y.parents
    assert twin.op == y.op
    np.testing.assert_array_equal(twin.value, y.value)
    mg.Graph(mg.sum(y)).compile(engine="numpy")
    leaf = copy.copy(w)
    w.value = [5.0, 6.0]
    assert leaf.value.tolist() == [1.0, 2.0]
    leaf.value = [7.0, 8.0]
    assert w.value.tolist() == [5.0, 6.0]


class Marked(mg.Parameter):
    """A parameter of the user's with an attribute of its own."""

    def __init__(self, value: Any, mark: str) -> None:
        super().__init__(value, "marked")
        self.mark = mark


class Slotted(mg.Parameter):
    """The same with slots, one of which is empty."""

    __slots__ = ("empty", "mark")

    def __init__(self, value: Any, mark: str) -> None:
        super().__init__(value, "marked")
        self.mark = mark


@pytest.mark.parametrize("node_class", [Marked, Slotted])
@every_deep_copy
def test_attributes_of_a_subclass_are_copied(node_class: Any, make_twin: Any) -> None:
    node = node_class(2.0, "important")
    for twin in (make_twin(node * 1.0).parents[0], copy.copy(node)):
        assert (type(twin), twin.mark, twin.value) == (node_class, "important", 2.0)
        assert twin.trainable


def test_a_memo_says_what_is_not_copied() -> None:
    shared = mg.Parameter(2.0, "shared")
    twin = copy.deepcopy(mg.sin(shared) + 1.0, {id(shared): shared})
    assert mg.Graph(twin)["shared"] is shared


class UnpicklableError(Exception):
    """Stands for whatever stops a pickler."""


class Unpicklable:
    def __reduce_ex__(self, protocol: Any) -> Any:
        raise UnpicklableError


def test_a_pickling_that_fails_midway_is_of_no_consequence(middling: mg.Node) -> None:
    nodes = mg.Graph(middling).nodes
    file = io.BytesIO()
    for pickler in (pickle.Pickler(file), pickle._Pickler(file)):  # type: ignore[attr-defined]
        with pytest.raises(UnpicklableError):
            pickler.dump([nodes[100], Unpicklable(), middling])
        check_chain(pickled(middling, 4), middling)  # the first pickler is still there


class FullDisk(io.BytesIO):
    """A file that takes no more than so many bytes."""

    room = 100_000

    def write(self, content: Any) -> int:
        self.room -= len(content)
        if self.room < 0:
            raise OSError("no space left")
        return super().write(content)


def test_a_pickling_that_is_cut_off_is_of_no_consequence(middling: mg.Node) -> None:
    for kind in (pickle.Pickler, pickle._Pickler):  # type: ignore[attr-defined]
        pickler = kind(FullDisk())
        with pytest.raises(OSError, match="space"):
            pickler.dump(middling)
        check_chain(pickled(middling, 4), middling)


def test_picklers_at_work_at_the_same_time(middling: mg.Node) -> None:
    nodes = mg.Graph(middling).nodes
    files = [io.BytesIO(), io.BytesIO()]
    first, second = map(pickle.Pickler, files)
    first.dump(nodes[1000])
    second.dump(nodes[2000])
    second.dump(middling)
    first.clear_memo()
    first.dump(middling)
    files[0].seek(0)
    reader = pickle.Unpickler(files[0])
    check_chain(reader.load(), nodes[1000])
    check_chain(pickle.Unpickler(files[0]).load(), middling)
    files[1].seek(0)
    reader = pickle.Unpickler(files[1])
    below, twin = reader.load(), reader.load()
    check_chain(twin, middling)
    assert below is mg.Graph(twin).nodes[2000]


def test_a_pickling_inside_another_one(middling: mg.Node) -> None:
    class Nested:
        def __reduce__(self) -> Any:
            return bytes, (pickle.dumps(middling),)

    twins = pickle.loads(pickle.dumps([mg.Graph(middling).nodes[50], Nested(), chain(30)]))
    check_chain(pickle.loads(twins[1]), middling)


@pytest.fixture
def hurried_threads() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("hurried_threads")
def test_threads_that_pickle_the_same_nodes(middling: mg.Node) -> None:
    contents_of_thread: dict[int, Any] = {}

    def work(number: int) -> None:
        contents_of_thread[number] = pickle.dumps([*mg.Graph(middling).nodes])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(contents_of_thread) == 4
    for content in contents_of_thread.values():
        check_chain(pickle.loads(content)[-1], middling)


def test_joblib_hashes_equal_nodes_alike() -> None:
    assert joblib.hash(chain(3)) == joblib.hash(chain(3)) != joblib.hash(chain(4))


def test_nothing_is_kept_alive_by_a_pickling() -> None:
    pickle.dumps(chain(3))
    reference = mg.core.copies._written.get()
    assert reference is not None
    assert reference() is None
    assert isinstance(chain(1), Node)
