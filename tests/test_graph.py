"""Graphs: feeds, batches, where δ starts, and errors after which nothing has changed."""

from __future__ import annotations

import copy
import gc
import weakref
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import FeedError, GraphError, MinigradError, OperandError, PassError, ShapeError
from minigrad.structure import read_structure


class Line:
    """loss = ½(tanh(w·x + b) − t)², trained on one sample."""

    def __init__(self) -> None:
        self.x, self.t = mg.Input("x"), mg.Input("t")
        self.w, self.b = mg.Parameter(0.5, "w"), mg.Parameter(0.1, "b")
        self.y = mg.tanh(mg.weighted_sum([self.x], [self.w], self.b, name="s"), name="y")
        self.loss = mg.squared_error([self.y], [self.t])
        self.graph = mg.Graph(self.loss)

    def state(self) -> list[Any]:
        return copy.deepcopy([(node.value, node.delta) for node in self.graph.nodes])


@pytest.fixture
def line() -> Line:
    return Line()


def test_a_graph_knows_its_nodes(line: Line) -> None:
    graph = line.graph
    assert graph.inputs == (line.x, line.t)
    assert graph.parameters == (line.w, line.b)
    assert graph.outputs == (line.loss,)
    assert [node.label for node in graph.nodes] == ["x", "w", "b", "s", "y", "t", "½Σ(ŷ−t)²"]
    assert graph["w"] is line.w
    assert line.y in graph
    assert mg.Input("x") not in graph
    assert len(graph) == 7
    assert repr(graph) == "<Graph of 7 nodes, 2 inputs, 2 parameters, outputs ½Σ(ŷ−t)²>"


def test_feeds_by_node_and_by_name(line: Line) -> None:
    by_node = line.graph.forward({line.x: 1.5, line.t: 0.2})
    assert by_node == line.graph.forward({"x": 1.5, "t": 0.2})
    assert by_node == line.graph.forward({line.x: np.float32(1.5), "t": np.array(0.2)})
    assert by_node == pytest.approx(0.5 * (np.tanh(0.85) - 0.2) ** 2)
    assert type(by_node) is float


def test_an_input_that_is_not_fed_keeps_its_value(line: Line) -> None:
    first = line.graph.forward({"x": 1.5, "t": 0.2})
    assert line.graph.forward({"t": 0.4}) != first
    assert line.x.value == 1.5
    assert line.graph.forward({"t": 0.2}) == first
    assert line.graph.forward() == first


def test_forward_follows_a_parameter_and_forgets_delta(line: Line) -> None:
    before = line.graph.forward({"x": 1.5, "t": 0.2})
    line.graph.backward()
    line.w.value = 0.4
    assert line.graph.forward() < before
    assert {node.delta for node in line.graph.nodes} == {None}


def test_forward_of_several_outputs(line: Line) -> None:
    graph = mg.Graph([line.y, line.loss])
    y, loss = graph.forward({"x": 1.0, "t": 0.0})
    assert (y, loss) == (line.y.value, line.loss.value)
    with pytest.raises(ShapeError, match=r"the backward pass starts at one scalar; found 1 more outputs\. Sum up"):
        graph.backward()


def test_delta_starts_where_and_as_large_as_told(line: Line) -> None:
    graph = mg.Graph([line.y, line.loss])
    graph.forward({"x": 1.0, "t": 0.0})
    graph.backward({line.y: 2.0})
    slope = 2 * (1 - line.y.value**2)
    assert (line.w.delta, line.loss.delta, line.t.delta) == (slope, 0.0, 0.0)
    graph.backward({"y": 2.0, line.loss: 1.0})
    assert line.y.delta == pytest.approx(2 + line.y.value)
    assert line.loss.delta == 1.0


def test_delta_of_an_array_output() -> None:
    v = mg.Parameter([1.0, 2.0], "v")
    graph = mg.Graph(v * v)
    graph.backward({graph.outputs[0]: [1.0, 10.0]})
    np.testing.assert_array_equal(v.delta, [2.0, 40.0])


def test_a_batch_is_the_mean_of_its_samples(line: Line) -> None:
    X, T = [0.5, -1.0, 2.0], [0.1, 0.2, 0.3]
    losses, slopes = [], []
    for x, t in zip(X, T, strict=True):
        losses.append(line.graph.forward({"x": x, "t": t}))
        line.graph.backward()
        slopes.append([node.delta for node in line.graph.nodes])
    mean = line.graph.forward({"x": X, "t": T})
    line.graph.backward()
    assert mean == pytest.approx(np.mean(losses))
    np.testing.assert_allclose(line.loss.value, losses)
    np.testing.assert_allclose(line.y.value, np.tanh(0.5 * np.array(X) + 0.1))
    for node, column in zip(line.graph.nodes, zip(*slopes, strict=True), strict=True):
        expected = np.mean(column) if node in (line.w, line.b) else np.array(column) / 3
        np.testing.assert_allclose(node.delta, expected)
        assert np.shape(node.delta) == np.shape(node.value)


def test_a_batch_beside_an_input_without_one(line: Line) -> None:
    line.graph.forward({"x": [0.5, 1.0], "t": 0.2})
    line.graph.backward()
    assert np.shape(line.t.delta) == ()
    assert np.shape(line.x.delta) == (2,)


def test_one_batch_after_another_of_another_size(line: Line) -> None:
    assert np.shape(line.graph.forward({"x": [0.5, 1.0], "t": [0.1, 0.2]})) == ()
    line.graph.forward({"x": [0.5, 1.0, 2.0], "t": [0.1, 0.2, 0.3]})
    assert np.shape(line.loss.value) == (3,)
    line.graph.forward({"x": 0.5, "t": 0.1})
    assert type(line.loss.value) is float


def test_array_inputs_with_and_without_a_batch() -> None:
    x, W, b = mg.Input("x", 3), mg.Parameter(np.arange(6.0).reshape(3, 2), "W"), mg.Parameter([0.5, -0.5], "b")
    graph = mg.Graph(mg.sum(mg.tanh(mg.affine(x, W, b) / 10), axis=0))
    X = np.random.default_rng(0).normal(size=(4, 3))
    slopes = []
    for row in X:
        graph.forward({x: row})
        graph.backward()
        slopes.append(W.delta)
    graph.forward({x: X})
    graph.backward({graph.outputs[0]: np.full(4, 0.25)})
    np.testing.assert_allclose(W.delta, np.mean(slopes, axis=0))
    assert x.delta.shape == (4, 3)


def test_two_graphs_may_share_nodes(line: Line) -> None:
    other = mg.Graph(line.y * 2.0)
    line.graph.forward({"x": 1.0, "t": 0.0})
    line.graph.backward()
    assert other.forward({"x": 2.0}) == 2 * np.tanh(1.1)
    other.backward()
    assert line.w.delta == pytest.approx(4 * (1 - np.tanh(1.1) ** 2))


# Bad input: the right error with the node and the cure, and nothing half-changed.


@pytest.mark.parametrize(
    ("feeds", "error", "message"),
    [
        ({"y": 1.0}, FeedError, r"activation y: only inputs are fed\. Assign a parameter's value instead\."),
        ({"w": 1.0}, FeedError, r"parameter w: only inputs are fed\. Assign a parameter's value instead\."),
        ({"z": 1.0}, FeedError, r"z: not in this graph; expected one of x, t"),
        ({3: 1.0}, FeedError, r"3: not in this graph; expected one of x, t"),
        ({mg.Input("x"): 1.0}, FeedError, r"input x: not in this graph; expected one of x, t"),
        ({"x": np.nan}, FeedError, r"input x: a feed that is not a number; found nan\. Clean the data first\."),
        ({"x": [1.0, np.nan]}, FeedError, r"input x: a feed that is not a number"),
        ({"x": "1"}, OperandError, r"input x: not a number; found str '1'"),
        ({"x": None}, OperandError, r"input x: not a number; found NoneType None"),
        (
            {"x": [[1.0, 2.0]]},
            ShapeError,
            r"input x: a feed that does not fit; found \(1, 2\), expected \(\), or a batch",
        ),
        ({"x": []}, ShapeError, r"input x: a feed that does not fit; found \(0,\)"),
        (
            {"x": [1.0, 2.0], "t": [1.0] * 3},
            ShapeError,
            r"batches of different sizes; found 2 for input x and 3 for inp",
        ),
        ([1.0, 2.0], FeedError, r"feeds without keys; found list\. Pass {input: value}, or names\."),
    ],
)
def test_a_bad_feed_changes_nothing(line: Line, feeds: Any, error: type[MinigradError], message: str) -> None:
    line.graph.forward({"x": 1.5, "t": 0.2})
    line.graph.backward()
    before = line.state()
    with pytest.raises(error, match=message):
        line.graph.forward(feeds)
    assert line.state() == before


def test_a_stale_batch_of_another_size_changes_nothing(line: Line) -> None:
    line.graph.forward({"x": [1.0, 2.0], "t": [0.1, 0.2]})
    before = line.x.value.copy()
    with pytest.raises(
        ShapeError, match=r"found 3 for input x and 2 for input t, expected one\. Feed all of them anew\."
    ):
        line.graph.forward({"x": [1.0, 2.0, 3.0]})
    np.testing.assert_array_equal(line.x.value, before)


def test_a_missing_feed_changes_nothing(line: Line) -> None:
    before = line.state()
    with pytest.raises(FeedError, match=r"input t: no value fed\. Pass {'t': …} or assign its value\."):
        line.graph.forward({"x": 1.5})
    assert line.state() == before
    assert line.x.value is None


def test_an_input_fed_twice(line: Line) -> None:
    with pytest.raises(FeedError, match=r"input x: fed twice\. Feed it by node or by name, not by both\."):
        line.graph.forward({"x": 1.0, line.x: 2.0, "t": 1.0})
    assert line.x.value is None


def test_backward_before_forward(line: Line) -> None:
    for start in (None, {line.y: 1.0}):
        with pytest.raises(PassError, match=r"no value yet\. Feed the inputs with Graph\.forward first\."):
            line.graph.backward(start)
    assert {node.delta for node in line.graph.nodes} == {None}


@pytest.mark.parametrize(
    ("deltas", "error", "message"),
    [
        ({"nope": 1.0}, MinigradError, "nope: not in this graph"),
        ({"y": [1.0, 2.0]}, ShapeError, r"activation y: a delta that does not fit; found \(2,\), expected \(\)"),
        ({"y": "1"}, OperandError, "y: not a number"),
    ],
)
def test_a_bad_start_of_delta_changes_nothing(
    line: Line, deltas: Any, error: type[MinigradError], message: str
) -> None:
    line.graph.forward({"x": 1.5, "t": 0.2})
    line.graph.backward()
    before = line.state()
    with pytest.raises(error, match=message):
        line.graph.backward(deltas)
    assert line.state() == before


def test_a_cycle_is_no_graph() -> None:
    a = mg.Parameter(1.0, "a")
    b = mg.tanh(a, name="b")
    c = mg.tanh(b, name="c")
    b.parents = (c,)
    for search in (lambda: mg.Graph(c), c.backward):
        with pytest.raises(GraphError, match=r"(b|c) = .*: a node is its own ancestor\. Parents are fixed when"):
            search()
    b.parents = (b,)
    with pytest.raises(GraphError, match=r"activation b = .*: a node is its own ancestor"):
        mg.Graph(c)
    b.parents = (a,)
    assert len(mg.Graph(c)) == 3


def test_a_name_used_twice() -> None:
    with pytest.raises(GraphError, match=r"w: a name used twice; found <parameter w.*> and <parameter w.*scope"):
        mg.Graph(mg.Parameter(1.0, "w") * mg.Parameter(2.0, "w"))
    w = mg.Parameter(1.0, "w")
    assert len(mg.Graph(w * w)) == 2


@pytest.mark.parametrize(
    ("outputs", "error"), [([], GraphError), (1.0, OperandError), ([1.0], OperandError), ("w", OperandError)]
)
def test_what_is_no_graph(outputs: Any, error: type[MinigradError]) -> None:
    with pytest.raises(error, match=r"a graph without outputs|not a node"):
        mg.Graph(outputs)


def test_names_that_only_derivatives_share_are_not_looked_up() -> None:
    w = mg.Parameter(2.0, "w")
    graph = mg.Graph([mg.tanh(w, name="δ"), mg.exp(w, name="δ")])
    assert graph["w"] is w
    with pytest.raises(GraphError, match="a name that several derivatives share"):
        graph["δ"]
    assert [graph.unique_name(node) for node in graph.nodes] == ["w", "δ #1", "δ #2"]


def test_a_graph_says_where_its_nodes_are_and_how_many_numbers_it_has() -> None:
    x, w, b = mg.Input("x", 3), mg.Parameter(np.ones((3, 2)), "w"), mg.Parameter(0.5, "b")
    graph = mg.Graph(x @ w + b)
    assert [*graph.position.items()] == [(node, number) for number, node in enumerate(graph.nodes)]
    assert graph.parameter_count == 7
    assert mg.Graph(x * 2.0).parameter_count == 0


def test_the_units_of_a_graph_are_looked_up_once_and_do_not_keep_it_alive() -> None:
    graph = mg.Network(*mg.mlp([2, 3, 1], rng=0)).graph
    assert read_structure(graph).columns is read_structure(graph).columns
    assert read_structure(graph).textbook_names is graph.textbook_names
    freed = weakref.finalize(graph, lambda: None)
    gc.disable()
    try:
        del graph
        assert not freed.alive
    finally:
        gc.enable()


def test_no_node_of_that_name(line: Line) -> None:
    with pytest.raises(GraphError, match="no node of that name; found 'z', expected one of x, w, b, s, y, t"):
        line.graph["z"]


def test_a_copy_takes_the_feeds_that_no_output_depends_on() -> None:
    w, x, t = mg.Parameter(2.0, "w"), mg.Input("x"), mg.Input("t")
    slope = copy.deepcopy(mg.gradient_graph(w * x + t, wrt=w))
    assert slope.forward({"x": 3.0, "t": 0.5}) == 3.0
    assert slope.unused_inputs[0] is not t


def test_leaves_are_listed_in_the_order_of_the_nodes() -> None:
    x, t, w, half = mg.Input("x"), mg.Input("t"), mg.Parameter(2.0, "w"), mg.Constant(0.5, "half")
    graph = mg.Graph((t + half) * mg.tanh(w * mg.dropout(x, 0.5)))
    leaves = [node for node in graph.nodes if node.op is None]
    assert [*graph.leaves({x: 1.0, t: 3.0})] == leaves
    assert graph.leaves({x: 1.0, t: 3.0}) == {t: 3.0, half: 0.5, w: 2.0, x: 1.0, graph.masks[0]: 1.0}


def test_forward_and_backward_of_several_outputs_changes_nothing(line: Line) -> None:
    graph = mg.Graph([line.y, line.y * 2.0])
    graph.forward({line.x: 4.0})
    before = [node.value for node in graph.nodes]
    with pytest.raises(ShapeError, match="1 more outputs"):
        graph.forward_and_backward({line.x: 5.0})
    assert [node.value for node in graph.nodes] == before
