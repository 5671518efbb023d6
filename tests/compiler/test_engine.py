"""Which machine a graph is compiled to, and that all machines agree."""

import random

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler.engine import NodesEngine
from minigrad.compiler.machine import FEW, KINDS
from minigrad.compiler.numpy_engine import NumpyEngine
from minigrad.compiler.script_engine import MAX_NODES, ScriptEngine
from minigrad.compiler.tape_engine import TapeEngine
from minigrad.errors import CompileError, SettingError
from tests.compiler.comparisons import Expected, compare_engines
from tests.compiler.test_numpy_engine import Branching, Foreign
from tests.compiler.test_tape_engine import irregular


def network() -> mg.Network:
    inputs, outputs = mg.mlp([3, 4, 2], rng=0)
    return mg.Network(inputs, outputs)


def test_a_network_becomes_a_program():
    assert isinstance(network().graph.compile().machine, NumpyEngine)


def test_the_elements_of_an_array_are_no_operations_of_their_own():
    x = mg.Input("x", shape=100)
    inputs, outputs = list(x), mg.layer(list(x), 100, mg.softmax, rng=0)
    assert len(inputs) + len(outputs) > FEW
    assert isinstance(mg.Network(x, outputs).graph.compile().machine, NumpyEngine)


def test_an_irregular_graph_becomes_a_tape():
    rng = random.Random(0)
    level = [mg.Parameter(rng.uniform(-1, 1)) for _ in range(600)]
    for _ in range(70):
        pairs = [rng.choices(level, k=2) for _ in level]
        level = [mg.tanh(a) if place % 2 else a * b for place, (a, b) in enumerate(pairs)]
    graph = mg.Graph(mg.weighted_sum(level, [0.1] * len(level)))
    fast = graph.compile()
    assert isinstance(fast.machine, TapeEngine)
    assert fast.gradient() == pytest.approx(graph.outputs[0].value, rel=1e-12)


def test_a_narrower_one_becomes_a_script_whose_batches_are_taped():
    machine = irregular(0, size=5000).compile().machine
    assert isinstance(machine, ScriptEngine)
    assert isinstance(machine.others, TapeEngine)


def chain(length):
    node = x = mg.Parameter(0.5, "x")
    for _ in range(length):
        node = mg.sin(node)
    return x, node


@pytest.mark.parametrize(("length", "machine"), [(3_000, ScriptEngine), (MAX_NODES, NodesEngine)])
def test_a_chain_becomes_a_script_unless_it_is_very_long(length, machine):
    x, node = chain(length)
    fast = mg.Graph(node).compile()
    assert isinstance(fast.machine, machine)
    value = fast.gradient()
    slope = x.delta
    node.backward()
    assert (value, slope) == (node.value, x.delta)


def test_a_script_leaves_batches_to_others():
    x = mg.Input("x")
    node = x * mg.Parameter(0.5, "w")
    for _ in range(300):
        node = mg.sin(node)
    fast = mg.Graph(node).compile()
    assert isinstance(fast.machine, ScriptEngine)
    assert isinstance(fast.machine.others, NodesEngine)
    np.testing.assert_allclose(fast.forward({x: [0.1, 0.2]}), [fast.forward({x: 0.1}), fast.forward({x: 0.2})])


@pytest.mark.parametrize("engine", KINDS)
@pytest.mark.parametrize("batch", [None, 5])
def test_all_machines_agree(engine, batch):
    graph = network().graph
    rng = np.random.default_rng(0)
    feeds = {node: rng.normal(size=batch) for node in graph.inputs}
    expected = graph.forward(feeds)
    graph.backward()
    gradients = [parameter.grad for parameter in graph.parameters]
    fast = graph.compile(engine=engine)
    assert fast.forward(feeds) == pytest.approx(expected, rel=1e-14)
    assert fast.gradient(feeds) == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose([parameter.grad for parameter in graph.parameters], gradients, rtol=1e-12, atol=1e-16)
    assert fast.source
    assert "FastGraph" in repr(fast)


def test_several_outputs_come_as_a_tuple():
    graph = mg.Graph(mg.mlp([3, 4, 2], rng=0)[1])
    feeds = {"x1": 1.0, "x2": 2.0, "x3": 3.0}
    for engine in KINDS:
        assert graph.compile(engine=engine).forward(feeds) == pytest.approx(graph.forward(feeds), rel=1e-14)


@pytest.mark.parametrize("engine", KINDS)
def test_an_output_without_a_batched_input_has_no_batch_axis(engine):
    x, y, w = mg.Input("x"), mg.Input("y"), mg.Parameter(2.0, "w")
    graph = mg.Graph([mg.tanh(x * w), y * w, w])
    fast = graph.compile(engine=engine)
    for feeds in ({x: [0.1, 0.2], y: 0.5}, {x: 0.1, y: [0.5, 0.6]}, {x: 0.1, y: 0.5}):
        for new, old in zip(fast.forward(feeds), graph.forward(feeds), strict=True):
            assert type(new) is type(old)
            np.testing.assert_allclose(new, old, rtol=1e-15, strict=True)


def test_an_unknown_engine_is_named():
    with pytest.raises(SettingError, match="no such engine"):
        network().graph.compile(engine="steam")


def test_an_op_that_cannot_be_recorded_is_computed_node_by_node():
    class Stepwise(mg.Activation):
        """Identity by a question that only a number can answer, y = s."""

        label = "stepwise of a test"

        def forward(self, xp, s):
            return s * float(np.all(s > -10))

        def backward(self, xp, delta, y, s):
            return (delta * float(np.all(s > -10)),)

    try:
        x, w = mg.Input("x"), mg.Parameter(2.0, "w")
        graph = mg.Graph(mg.sum(mg.stack([Stepwise()(w * x)])))
        assert isinstance(graph.compile().machine, NodesEngine)
        assert graph.compile().gradient({x: 3.0}) == 6.0
        assert w.grad == 3.0
        with pytest.raises(CompileError, match="cannot be recorded"):
            graph.compile(engine="program")
    finally:
        mg.ops.registry.pop(Stepwise.label, None)


UNRECORDED = [
    (Foreign(), 3, ScriptEngine),
    (Foreign(), 300, TapeEngine),
    (Branching(), 3, NodesEngine),
    (Branching(), 300, NodesEngine),
]


@pytest.mark.parametrize(("op", "width", "machine"), UNRECORDED)
def test_a_graph_with_an_op_that_cannot_be_recorded_runs_grouped_or_one_by_one(op, width, machine):
    inputs, outputs = mg.mlp([2, width, 1], op, mg.identity, rng=0)
    graph = mg.Graph(outputs[0])
    assert isinstance(graph.compile().machine, machine)
    compare_engines(Expected(graph, {inputs[0]: 1.0, inputs[1]: -2.0}), ["auto", "nodes"])
    if machine is not NodesEngine:
        compare_engines(Expected(graph, {inputs[0]: [1.0, 2.0], inputs[1]: -2.0}), ["auto", "nodes", "tape"])
