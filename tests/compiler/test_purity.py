"""Rules that draw random numbers, read a clock or count are not frozen into programs: they run node by node."""

import random
import time
import warnings

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler import ENGINES
from minigrad.compiler.engine import NodesEngine
from minigrad.compiler.purity import RECORDINGS, check_pure_rules, rule_calls
from minigrad.errors import CompileError, ImpureError, MinigradWarning
from minigrad.ops.base import Op, registry
from tests.laws import OPS

X, T = np.random.default_rng(0).normal(size=(6, 2)), np.zeros((6, 1))
GENERATOR = np.random.default_rng(1)
COUNTS = [0]


def count():
    COUNTS[0] += 1
    return COUNTS[0]


class Noisy(mg.Activation):
    """Base of activations y = s · f, with f from somewhere else than the operand."""

    factor = staticmethod(lambda s: 1.0)

    def forward(self, xp, s):
        return s * self.factor(s)

    def backward(self, xp, delta, y, s):
        return (delta,)


SOURCES = {
    "normal": lambda s: GENERATOR.normal(),
    "coin": lambda s: 2.0 * (random.random() < 0.5),
    "mask": lambda s: 2.0 * (np.random.random(s.shape) < 0.5),
    "clock": lambda s: time.perf_counter() % 1,
    "count": lambda s: 1 / count(),
}


class NoisyBackward(mg.Activation):
    """A rule of which only the derivative is drawn."""

    label = "noisy backward"

    def forward(self, xp, s):
        return s

    def backward(self, xp, delta, y, s):
        return (delta * GENERATOR.normal(),)


class NoisyBranch(mg.Activation):
    """A rule that draws and cannot be recorded."""

    label = "noisy branch"

    def forward(self, xp, s):
        return s * GENERATOR.normal() if np.all(s > -1e9) else s

    def backward(self, xp, delta, y, s):
        return (delta,)


@pytest.fixture(autouse=True)
def restored_registry():
    """Take the ops of these tests out of the registry again."""
    before = dict(registry)
    yield
    registry.clear()
    registry.update(before)


def impure_ops() -> dict[str, Op]:
    made = {
        name: type(f"Noisy{name}", (Noisy,), {"label": f"noisy {name}", "factor": staticmethod(source)})()
        for name, source in SOURCES.items()
    }
    return {**made, "backward": NoisyBackward(), "branch": NoisyBranch()}


def network_of(op):
    return mg.Network(*mg.mlp([2, 3, 1], op, mg.identity, rng=0))


@pytest.mark.parametrize("name", [*SOURCES, "backward", "branch"])
def test_an_impure_rule_runs_node_by_node_with_one_warning_that_names_it(name):
    op = impure_ops()[name]
    network = network_of(op)
    with pytest.warns(MinigradWarning, match=f"a rule of noisy {name} draws random numbers") as given:
        network.fit(X, T, epochs=2, progress=False)
        network.fit(X, T, epochs=2, progress=False)
        network.predict(X)
    assert len(given) == 1
    assert given[0].filename == __file__
    assert isinstance(network.graph.training_engine, NodesEngine)
    with pytest.warns(MinigradWarning) as given:
        compiled = network.compile()
    assert isinstance(compiled.engine, NodesEngine)
    assert len(given) == 1


@pytest.mark.parametrize("name", [*SOURCES, "backward", "branch"])
def test_a_named_engine_refuses_an_impure_rule(name):
    network = network_of(impure_ops()[name])
    for engine in ENGINES.keys() - {"nodes"}:
        with pytest.raises(CompileError, match="no two recordings of it are the same"):
            network.compile(engine=engine)
        with pytest.raises(ImpureError):
            network.fit(X, T, engine=engine, progress=False)
    network.fit(X, T, epochs=1, engine="nodes", progress=False)  # which is what it says, and no reason to warn


def test_every_step_draws_anew():
    network = network_of(impure_ops()["count"])
    before = COUNTS[0]
    with pytest.warns(MinigradWarning):
        network.fit(X, T, epochs=3, progress=False)
    assert COUNTS[0] - before >= 3 * len(X) * 3


def test_float32_training_draws_anew_too():
    network = network_of(impure_ops()["count"])
    with pytest.warns(MinigradWarning):
        network.fit(X, T, epochs=1, progress=False, dtype=np.float32)


def test_every_op_of_minigrad_is_recorded_the_same_twice():
    samples = {(sample.op, sample.shapes) for op_class in OPS.values() for sample in op_class.samples()}
    assert len(samples) > 100
    for op, shapes in samples:
        assert rule_calls(op, shapes) == rule_calls(op, shapes), op


class Scaled(mg.Unary):
    """A pure rule of one's own, with constants."""

    label = "scaled"

    def forward(self, xp, s):
        return xp.where(s > 0, 2.0 * s, np.array([0.5]) * s) + xp.sum(xp.asarray([np.nan, 1.0]))

    def backward(self, xp, delta, y, s):
        return (delta * xp.where(s > 0, 2.0, 0.5),)


def test_pure_rules_of_ones_own_are_compiled_without_a_word():
    network = network_of(Scaled())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not isinstance(network.graph.training_engine, NodesEngine)


def test_like_nodes_are_recorded_once():
    calls = []

    class Counted(Scaled):
        label = "recorded"

        def forward(self, xp, s):
            calls.append(xp)
            return super().forward(xp, s)

    nodes = [Counted()(mg.Parameter(1.0)) for _ in range(50)]
    calls.clear()
    check_pure_rules(nodes)
    assert len(calls) <= RECORDINGS


class OwnDescent:
    """Gradient descent of one's own, whose rate may come from anywhere."""

    def __init__(self, rate):
        self.rate = rate

    def init(self, parameters):
        return ()

    def update(self, parameters, gradient, state):
        return parameters - self.rate() * gradient, state


def test_an_impure_optimizer_is_not_frozen_either():
    network = network_of(mg.tanh)
    rates = []

    def drawn():
        rates.append(GENERATOR.uniform(0.1, 0.2))
        return rates[-1]

    with pytest.warns(MinigradWarning, match="the optimizer draws random numbers") as given:
        network.fit(X, T, OwnDescent(drawn), epochs=3, progress=False)
    assert len(given) == 1
    assert len({*rates}) >= 3 * len(X)
    with pytest.raises(ImpureError):
        network.fit(X, T, OwnDescent(drawn), engine="numpy", progress=False)


class AssignedRate(OwnDescent):
    """The same with a rate that is an attribute."""

    def update(self, parameters, gradient, state):
        return parameters - self.rate * gradient, state


@pytest.mark.parametrize("wrap", [lambda rule: rule, lambda rule: mg.Clipped(rule, value=1e9)])
@pytest.mark.parametrize("hidden", [False, True])
def test_a_setting_that_a_callback_assigns_counts_from_the_next_step(wrap, hidden):
    """`hidden` settings are those of a closure, which cannot be compared."""
    results = []
    for engine in ("nodes", "numpy"):
        network, setting = network_of(mg.tanh), {"rate": 0.1}
        rule = OwnDescent(lambda setting=setting: setting["rate"]) if hidden else AssignedRate(0.1)

        class Change:
            every = 4

            def step_end(self, progress, rule=rule, setting=setting):
                setting["rate"] = 0.01 * progress.step
                if not hidden:
                    rule.rate = 0.01 * progress.step

        network.fit(X, T, wrap(rule), epochs=3, engine=engine, callbacks=[Change()], progress=False)
        results.append([parameter.value for parameter in network.parameters])
    np.testing.assert_allclose(results[0], results[1], rtol=1e-12)


def test_a_setting_assigned_between_two_steps_of_ones_own_loop_counts():
    results = []
    for engine in ("nodes", "numpy"):
        network, rule = network_of(mg.tanh), AssignedRate(0.1)
        step = network.train_step(rule, engine=engine)
        for number in range(4):
            rule.rate = 0.1 / (1 + number)
            step(X, T)
        results.append([parameter.value for parameter in network.parameters])
    np.testing.assert_allclose(results[0], results[1], rtol=1e-12)


class CountingSteps:
    """Momentum with a correction of its bias that counts the steps in an attribute."""

    def __init__(self):
        self.steps = 0

    def init(self, parameters):
        return (np.zeros_like(parameters),)

    def update(self, parameters, gradient, state):
        self.steps += 1
        mean = 0.9 * state[0] + 0.1 * gradient
        return parameters - 0.1 * mean / (1 - 0.9**self.steps), (mean,)


class HiddenMean(CountingSteps):
    """Momentum that keeps the mean in an attribute, which a recording would leave traced arrays in."""

    mean = 0.0

    def update(self, parameters, gradient, state):
        self.mean = 0.9 * self.mean + 0.1 * gradient
        return parameters - 0.1 * self.mean, state


class Logging(CountingSteps):
    """Gradient descent that keeps the last gradient, which its result does not depend on."""

    def update(self, parameters, gradient, state):
        self.last = 2 * gradient
        return parameters - 0.1 * gradient, state


@pytest.mark.parametrize("make_optimizer", [CountingSteps, HiddenMean, Logging])
def test_optimizers_that_assign_to_attributes_are_left_as_they_are_and_run_node_by_node(make_optimizer):
    results = []
    for engine in ("nodes", "auto"):
        network = mg.Network(*mg.mlp([2, 1], rng=0))
        optimizer = make_optimizer()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            network.fit(X, T, optimizer, epochs=2, progress=False, engine=engine)
        assert any("without a program" in str(warning.message) for warning in caught) == (engine == "auto")
        values = [float(np.sum(value)) for value in vars(optimizer).values()]
        results.append([*(node.value for node in network.graph.parameters), *values])
    assert np.allclose(*results, rtol=1e-12)


def test_rules_that_leave_something_for_backward_are_seen():
    class Saving(mg.Activation):
        label = "own saving"

        def forward(self, xp, s):
            object.__setattr__(self, "y", xp.tanh(s))
            return self.y

        def backward(self, xp, delta, y, s):
            return (delta * (1 - self.y**2),)

    op = Saving()
    graph = mg.Graph(op(mg.Parameter(0.1)) + op(mg.Parameter(2.0)))
    with pytest.raises(ImpureError, match="assigns to attributes"):
        graph.compile(engine="numpy")
    with pytest.raises(AssertionError, match="backward rule of own saving is wrong"):
        mg.check_gradients(graph)
