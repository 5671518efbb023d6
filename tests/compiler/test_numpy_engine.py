"""Compiled graphs: what they compute, their training steps, the readable graph's view of them, ops of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import minigrad as mg
from minigrad.compiler.numpy_engine import NumpyEngine
from minigrad.errors import CompileError, PassError, ShapeError
from minigrad.ops.base import Op, registry
from tests.compiler.comparisons import Expected, compare_engines, compare_training, run_comparisons
from tests.compiler.oracle import OPTIMIZERS
from tests.compiler.random_graphs import Case, cases, random_case, random_feeds

without_deadline = settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))
BATCHES = st.sampled_from([None, 1, 3])


def compare_program(expected: Expected) -> int:
    return compare_engines(expected, ["numpy"])


@without_deadline
@given(cases(), BATCHES, st.integers(0, 99))
def test_random_graphs(case: Case, batch: int | None, seed: int) -> None:
    graph = case.build()
    run_comparisons(Expected(graph, random_feeds(graph, Random(seed), batch)), compare_program)


@pytest.mark.parametrize("batch", [None, 3])
def test_larger_random_graphs(batch: int | None) -> None:
    for seed in range(50):
        graph = random_case(seed, most=40).build()
        run_comparisons(Expected(graph, random_feeds(graph, Random(seed), batch)), compare_program)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(cases(most=12), st.sampled_from(OPTIMIZERS), st.integers(0, 99))
def test_twenty_steps_of_training(case: Case, optimizer: Any, seed: int) -> None:
    compare_training(case, optimizer, Random(seed))


@pytest.mark.parametrize("row", [0, 4], ids=["inputs", "one array"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: type(optimizer).__name__)
def test_training_of_larger_random_graphs(optimizer: Any, row: int) -> None:
    steps = sum(compare_training(random_case(seed, most=30), optimizer, Random(seed), 10, row) for seed in range(5))
    assert steps > 25


# Networks, in both types.


def network(loss: Any = mg.squared_error, output: Any = mg.sigmoid) -> mg.Network:
    return mg.Network(*mg.mlp([3, 5, 2], mg.tanh, output, rng=0), loss)


FEEDS = {"x1": 0.3, "x2": np.array([0.5, -0.2]), "x3": 0.1, "t1": np.array([0.0, 1.0]), "t2": 0.5}


def test_float32_is_float64_to_its_rounding() -> None:
    net = network()
    expected = net.graph.forward(FEEDS)
    net.graph.backward()
    deltas = [parameter.delta for parameter in net.parameters]
    fast = net.graph.compile(np.float32)
    assert fast.gradient(FEEDS) == pytest.approx(expected, rel=1e-5)
    assert [parameter.delta for parameter in net.parameters] == pytest.approx(deltas, rel=1e-4, abs=1e-6)
    assert "float64" not in fast.source


@pytest.mark.parametrize("optimizer", [mg.SGD(0.1), mg.Momentum(0.05), mg.Adam(0.01)], ids=lambda o: type(o).__name__)
def test_no_array_of_a_float32_step_is_float64(optimizer: Any) -> None:
    compiled = NumpyEngine(network(mg.softmax_cross_entropy, mg.identity).graph.outputs, np.float32)
    state = optimizer.init(compiled.parameters.vector)
    assert "float64" not in compiled.step_runner(4, optimizer, tuple(map(np.array, state))).program.source


def test_forward_leaves_the_readable_graph_alone() -> None:
    net = network()
    net.loss_graph([0.1, 0.2, 0.3], [0.0, 1.0])
    before = [(node.value, node.delta) for node in net.graph.nodes]
    fast = net.graph.compile()
    fast.forward(FEEDS)
    assert [(node.value, node.delta) for node in net.graph.nodes] == before


def test_what_forward_returns_is_not_overwritten_by_the_next() -> None:
    x = mg.Input("x", shape=3)
    fast = mg.Graph(mg.tanh(x)).compile(engine="numpy")
    first = fast.forward({x: np.ones(3)})
    fast.forward({x: np.zeros(3)})
    np.testing.assert_array_equal(first, np.tanh(np.ones(3)))


def test_gradient_asks_for_one_scalar() -> None:
    a, b = mg.Parameter(0.1, "a"), mg.Parameter(0.2, "b")
    for outputs in ([a * b, a + b], mg.stack([a, b])):
        with pytest.raises(ShapeError):
            mg.Graph(outputs).compile(engine="numpy").gradient()


def test_a_graph_without_parameters_has_a_gradient_of_nothing() -> None:
    x = mg.Input("x")
    fast = mg.Graph(mg.tanh(x)).compile(engine="numpy")
    assert fast.gradient({x: 0.5}) == pytest.approx(np.tanh(0.5))
    assert "def run" in fast.source


def test_a_parameter_without_influence_has_no_slope() -> None:
    w, v = mg.Parameter(0.5, "w"), mg.Parameter(0.7, "v")
    graph = mg.Graph(w * w + 0.0 * mg.sign(v))
    graph.compile(engine="numpy").gradient()
    assert (w.delta, v.delta) == (1.0, 0.0)


def test_a_loss_of_constants() -> None:
    graph = mg.Graph(mg.Constant(2.0) * 3.0)
    fast = graph.compile(engine="numpy")
    assert fast.forward() == 6.0
    assert fast.gradient() == 6.0


HOSTILE = ["parameters", "gradient", "a1", "c1", "view1", "lambda", "1st", "x 1", "x_1", "np", "run", "x₁", "x1", "é"]


def test_inputs_may_have_any_names() -> None:
    """Each input has an array of its own here, and with it a name in the source."""
    inputs = [mg.Input(name, shape=2) for name in [*HOSTILE, 'a"b', "line\nimport this", "\0"]]
    graph = mg.Graph(
        mg.sum(mg.tanh(sum(x * (place + 1.0) for place, x in enumerate(inputs)))) * mg.Parameter(0.1, "#\n")
    )
    compare_program(Expected(graph, {x: np.array([0.01, 0.02]) * place for place, x in enumerate(inputs)}))


def test_inputs_of_a_program_are_readable() -> None:
    assert "def build(parameters, gradient, input_x1_x3, input_t1_t2" in network().graph.compile().source


# The readable graph looks into the fast one.


def test_parameters_show_what_fast_steps_do() -> None:
    net, twin = network(), network()
    X, T = np.random.default_rng(0).normal(size=(10, 3)), np.random.default_rng(1).uniform(size=(10, 2))
    net.fit(X, T, mg.SGD(0.3), epochs=3, progress=False, engine="numpy")
    twin.fit(X, T, mg.SGD(0.3), epochs=3, progress=False, engine="nodes")
    for fast, slow in zip(net.parameters, twin.parameters, strict=True):
        assert fast.value == pytest.approx(slow.value, rel=1e-12)
        assert type(fast.value) is float
        assert fast.delta is None
    np.testing.assert_allclose(net.predict(X), twin.predict(X), rtol=1e-12)


def test_an_assigned_parameter_reaches_the_fast_graph() -> None:
    w, v, x = mg.Parameter(0.5, "w"), mg.Parameter([1.0, 2.0], "v"), mg.Input("x")
    fast = mg.Graph(mg.sum(v) * w * x).compile(engine="numpy")
    assert fast.forward({x: 1.0}) == 1.5
    w.value, v.value = 2.0, [1.0, 1.0]
    assert fast.forward({x: 1.0}) == 4.0
    with pytest.raises(ShapeError):
        v.value = [1.0]
    assert fast.forward({x: 1.0}) == 4.0


def test_the_slope_shown_is_that_of_the_last_pass_of_either_graph() -> None:
    w, x = mg.Parameter(0.5, "w"), mg.Input("x")
    graph = mg.Graph(w * w * x)
    fast = graph.compile(engine="numpy")
    assert w.delta is None
    fast.gradient({x: 1.0})
    assert w.delta == 1.0
    graph.forward({x: 2.0})
    assert w.delta is None
    graph.backward()
    assert w.delta == 2.0
    fast.gradient({x: 3.0})
    assert w.delta == w.grad == 3.0
    other = graph.compile(np.float32, engine="numpy")
    assert w.delta == 3.0
    other.gradient({x: 4.0})
    assert w.delta == 4.0


def test_a_pass_over_some_parameters_leaves_the_slopes_of_others() -> None:
    w, v = mg.Parameter(0.5, "w"), mg.Parameter(0.25, "v")
    mg.Graph(w * v).compile(engine="numpy").gradient()
    (w * 3.0).backward()
    assert (w.delta, v.delta) == (3.0, 0.5)


def test_two_compiles_of_one_graph_share_its_parameters() -> None:
    w, x = mg.Parameter(0.5, "w"), mg.Input("x")
    graph = mg.Graph(w * x)
    first, second = graph.compile(engine="numpy"), graph.compile(np.float32, engine="numpy")
    for value, fast in enumerate([first, second, first, first, second]):
        w.value = value
        assert fast.forward({x: 2.0}) == graph.forward({x: 2.0}) == 2 * value


def test_two_networks_that_share_weights_train_in_turn() -> None:
    def pair() -> tuple[mg.Network, mg.Network]:
        inputs, hidden = mg.mlp([2, 3], rng=0)
        return mg.Network(inputs, mg.layer(hidden, 1, rng=1)), mg.Network(inputs, mg.layer(hidden, 2, rng=2))

    X = np.random.default_rng(0).normal(size=(8, 2))
    targets = [np.zeros((8, 1)), np.ones((8, 2))]
    results = []
    for engine in ("numpy", "nodes"):
        networks = pair()
        for _ in range(3):
            for net, T in zip(networks, targets, strict=True):
                net.fit(X, T, mg.SGD(0.5), epochs=2, progress=False, engine=engine)
        results.append([parameter.value for net in networks for parameter in net.parameters])
    assert results[0] == pytest.approx(results[1], rel=1e-12)


def test_a_callback_may_compile_the_network_that_is_being_trained() -> None:
    X, T = np.random.default_rng(0).normal(size=(8, 3)), np.ones((8, 2))
    net, twin = network(), network()
    net.fit(X, T, epochs=4, progress=False, engine="numpy", callbacks=[lambda event: net.compile().gradient(FEEDS)])
    twin.fit(X, T, epochs=4, progress=False, engine="numpy")
    assert [p.value for p in net.parameters] == pytest.approx([p.value for p in twin.parameters], rel=1e-12)


def test_a_value_assigned_in_a_callback_is_what_training_goes_on_with() -> None:
    X, T = np.random.default_rng(0).normal(size=(8, 3)), np.ones((8, 2))
    results = []
    for engine in ("numpy", "nodes"):
        net = network()
        first = net.parameters[0]

        def clip(event: Any, first: Any = first) -> None:
            first.value = 0.0

        net.fit(X, T, epochs=1, progress=False, engine=engine, callbacks=[clip])
        results.append([parameter.value for parameter in net.parameters])
        assert first.value == 0.0
    assert results[0] == pytest.approx(results[1], rel=1e-12)


# Ops of one's own.


@pytest.fixture
def own_ops() -> Iterator[None]:
    """Ops that a test defines are forgotten after it."""
    known = dict(registry)
    yield
    registry.clear()
    registry.update(known)


def with_activation(activation: Any) -> tuple[mg.Network, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return mg.Network(*mg.mlp([2, 3, 1], activation, mg.identity, rng=0)), rng.normal(size=(6, 2)), np.ones(6)


@pytest.mark.usefixtures("own_ops")
def test_an_op_of_ones_own_compiles_as_it_is() -> None:
    class Bell(mg.ops.Activation):
        """Bell curve, θ(s) = exp(−s²)."""

        label = "bell of a test"

        def forward(self, xp: Any, s: Any) -> Any:
            return xp.exp(-s * s)

        def backward(self, xp: Any, delta: Any, y: Any, s: Any) -> Any:
            return (-2.0 * delta * s * y,)

    results = []
    for engine in ("numpy", "nodes"):
        net, X, T = with_activation(Bell())
        net.fit(X, T, epochs=3, progress=False, engine=engine)
        results.append([parameter.value for parameter in net.parameters])
    assert results[0] == pytest.approx(results[1], rel=1e-12)
    assert "np.exp" in net.compile().source


@pytest.mark.usefixtures("own_ops")
def test_a_reduction_without_an_axis_takes_them_all() -> None:
    class Total(Op):
        """Sum and mean of all elements."""

        label = "total of a test"
        operands = ("x",)

        def forward(self, xp: Any, x: Any) -> Any:
            return xp.sum(x) + xp.mean(x) + xp.max(x) * 0.0

        def backward(self, xp: Any, delta: Any, y: Any, x: Any) -> Any:
            return (delta * (1 + 1 / 6) + x * 0.0,)

    graph = mg.Graph(Total()(mg.tanh(mg.Parameter(np.arange(6.0).reshape(2, 3)))))
    compare_program(Expected(graph, {}))


class Branching(mg.ops.Activation):
    """A rule that asks whether an array is true."""

    label = "branching of a test"

    def forward(self, xp: Any, s: Any) -> Any:
        return s if s > 0 else 0.1 * s

    def backward(self, xp: Any, delta: Any, y: Any, s: Any) -> Any:
        return (delta if s > 0 else 0.1 * delta,)


class Foreign(mg.ops.Activation):
    """A rule that computes with more of NumPy than its functions of arrays."""

    label = "foreign of a test"

    def forward(self, xp: Any, s: Any) -> Any:
        return np.asarray(s) * 0.5

    def backward(self, xp: Any, delta: Any, y: Any, s: Any) -> Any:
        return (delta * 0.5,)


del registry["branching of a test"], registry["foreign of a test"]


@pytest.mark.parametrize("op", [Branching(), Foreign()], ids=["branching", "foreign"])
def test_a_rule_that_cannot_be_recorded_is_named_or_read_node_by_node(op: Op) -> None:
    net, X, T = with_activation(op)
    before = [parameter.value for parameter in net.parameters]
    with pytest.raises(CompileError, match=r'cannot be recorded; found .*engine="nodes"') as caught:
        net.fit(X, T, epochs=1, progress=False, engine="numpy")
    assert "xp" in str(caught.value)
    assert [parameter.value for parameter in net.parameters] == before
    net.fit(X, T, epochs=1, progress=False)
    assert [parameter.value for parameter in net.parameters] != before
    with pytest.raises(CompileError):
        net.graph.compile(engine="numpy")


def test_an_optimizer_that_cannot_be_recorded_is_named_or_run_as_it_is() -> None:
    class Cautious:
        def init(self, parameters: Any) -> Any:
            return ()

        def update(self, parameters: Any, gradient: Any, state: Any) -> Any:
            if np.linalg.norm(gradient) > 1.0:
                gradient = gradient * 0.1
            return parameters - 0.1 * gradient, state

    net, X, T = with_activation(mg.tanh)
    with pytest.raises(CompileError, match="the optimizer cannot be recorded"):
        net.fit(X, T, Cautious(), epochs=1, progress=False, engine="numpy")
    net.fit(X, T, Cautious(), epochs=1, progress=False)


def test_an_optimizer_may_remember_the_parameters_themselves() -> None:
    class Backwards:
        """Remembers where it was and what it did, and changes the two over now and then."""

        def init(self, parameters: Any) -> Any:
            return np.copy(parameters), np.zeros_like(parameters)

        def update(self, parameters: Any, gradient: Any, state: Any) -> Any:
            before, moved = state
            return parameters - 0.1 * gradient + 0.05 * (parameters - before) + 0.01 * moved, (parameters, before)

    for seed in range(5):
        compare_training(random_case(seed), Backwards(), Random(seed))


def test_before_a_pass_nothing_is_known() -> None:
    w = mg.Parameter(0.5, "w")
    node = w * mg.Input("x")
    mg.Graph(node).compile()
    with pytest.raises(PassError):
        node.backward()
