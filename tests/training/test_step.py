"""Training steps: which one is chosen, what they have in common, frozen parameters, predictions by arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.compiler.engine import NodesEngine
from minigrad.compiler.script_engine import ScriptEngine
from minigrad.errors import MinigradWarning, SettingError
from minigrad.training.step import CompiledStep, InterpretedStep, make_predict_step, make_training_step
from tests.training.networks import ENGINES, data, fitted, small_network, values as named_values

X = np.random.default_rng(0).normal(size=(17, 2))
T = np.random.default_rng(1).uniform(size=(17, 2))


def network() -> mg.Network:
    return mg.Network(*mg.mlp([2, 3, 2], mg.tanh, mg.sigmoid, rng=0))


def values(net: mg.Network) -> list[float]:
    return [parameter.value for parameter in net.parameters]


def chosen(net: mg.Network, engine: str, samples: Any = X, targets: Any = T) -> type:
    return type(make_training_step(net.graph, mg.SGD(), *net.data(samples, targets), engine))


def test_a_network_of_neurons_is_compiled() -> None:
    assert chosen(network(), "auto") is chosen(network(), "numpy") is CompiledStep
    assert chosen(network(), "nodes") is InterpretedStep


def chain(length: int) -> mg.Network:
    """Return a network whose only path from input to output has so many nodes."""
    x, w = mg.Input("x"), mg.Parameter(0.5, "w")
    node = x * w
    for depth in range(length):
        node = mg.tanh(node) if depth % 2 else -node
    return mg.Network(x, node)


def test_a_chain_too_long_for_a_script_is_trained_node_by_node() -> None:
    net = chain(20_100)
    step = make_training_step(net.graph, mg.SGD(), *net.data([0.1, 0.2], [0.0, 1.0]), "auto")
    assert isinstance(step, InterpretedStep)
    assert isinstance(step.engine, NodesEngine)
    assert np.isfinite(step.run(0))


def test_a_shorter_chain_is_trained_by_a_script() -> None:
    net = chain(1_000)
    (w,) = net.parameters
    step = make_training_step(net.graph, mg.SGD(), *net.data([0.1, 0.2], [0.0, 1.0]), "auto")
    assert isinstance(step, InterpretedStep)
    assert isinstance(step.engine, ScriptEngine)
    results = []
    for engine in ("auto", "nodes"):
        w.value = 0.5
        for batch_size in (1, 2):
            net.fit(
                [0.1, 0.2], [0.0, 1.0], mg.SGD(10.0), epochs=3, batch_size=batch_size, engine=engine, progress=False
            )
        results.append(w.value)
    assert results[0] == pytest.approx(results[1], rel=1e-13)
    assert results[0] != 0.5


@pytest.mark.parametrize("batch_size", [1, 7, 17, 50])
@pytest.mark.parametrize("optimizer", [mg.SGD(0.3), mg.Momentum(0.1), mg.Adam(0.01)], ids=repr)
def test_both_steps_learn_the_same(optimizer: Any, batch_size: int) -> None:
    """Batches of 7 leave 3 samples over: a program of another size shares the optimizer's state."""
    results = []
    for engine in ("numpy", "nodes"):
        net = network()
        history = net.fit(
            X,
            T,
            optimizer,
            epochs=4,
            batch_size=batch_size,
            validation=(X[:5], T[:5]),
            progress=False,
            engine=engine,
        )
        results.append([*values(net), *history.loss, *history.validation_loss])
    assert results[0] == pytest.approx(results[1], rel=1e-10)


def test_array_valued_inputs_and_outputs() -> None:
    results = []
    for engine in ("numpy", "nodes"):
        x = mg.Input("x", shape=2)
        net = mg.Network(x, mg.dense(mg.dense(x, 3, mg.tanh, "h", 0), 2, mg.sigmoid, "y", 0))
        net.fit(X, T, epochs=3, batch_size=5, progress=False, engine=engine)
        results.append(np.concatenate([np.ravel(parameter.value) for parameter in net.parameters]))
    np.testing.assert_allclose(*results, rtol=1e-12)


class Stopping:
    """Steps that are interrupted after some of them."""

    def __init__(self, run_steps: Callable[..., list[float]], steps: int, error: type[BaseException]) -> None:
        self.run_steps, self.left, self.error = run_steps, steps, error

    def __call__(self, rows: np.ndarray, batch: int | None) -> list[float]:
        size = batch or 1
        steps = -(-len(rows) // size)
        losses = self.run_steps(rows[: self.left * size], batch)
        self.left -= steps
        if self.left < 0:
            raise self.error
        return losses


@pytest.mark.parametrize("engine", ["numpy", "nodes"])
@pytest.mark.parametrize("batch_size", [1, 7])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_epoch_that_is_broken_off_leaves_the_one_before(
    engine: bool, batch_size: int, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, broken = network(), network()
    whole.fit(X, T, epochs=2, batch_size=batch_size, progress=False, engine=engine)
    kind: Any = CompiledStep if engine == "numpy" else InterpretedStep
    steps = 2 * -(-len(X) // batch_size) + 1
    initialize = kind.__init__

    def interrupted(self: Any, *settings: Any, **others: Any) -> None:
        initialize(self, *settings, **others)
        self.run_steps = Stopping(self.run_steps, steps, error)

    monkeypatch.setattr(kind, "__init__", interrupted)
    with pytest.raises(error):
        broken.fit(X, T, epochs=5, batch_size=batch_size, progress=False, engine=engine)
    assert values(broken) == values(whole)
    assert {node.delta for node in broken.graph.nodes} == {None}
    monkeypatch.undo()
    for net in (whole, broken):
        net.fit(X, T, epochs=1, batch_size=batch_size, progress=False, engine=engine)
    assert values(broken) == values(whole)


def test_the_first_epoch_broken_off_moves_nothing() -> None:
    net = network()
    graph = net.loss_graph(X[0], T[0])
    before = [(node.value, node.delta) for node in graph.nodes]
    step = make_training_step(net.graph, mg.SGD(), *net.data(X, T), engine="numpy")
    step.run(0)
    step.run(np.arange(7))
    assert [(node.value, node.delta) for node in graph.nodes] != before
    step.roll_back()
    assert [(node.value, node.delta) for node in graph.nodes] == before


def test_steps_of_two_steps_take_turns() -> None:
    """Each takes over the parameters as the other left them when its next epoch begins."""
    net, alone = network(), network()
    first, second = (make_training_step(net.graph, mg.SGD(), *net.data(X, T), engine="numpy") for _ in range(2))
    only = make_training_step(alone.graph, mg.SGD(), *alone.data(X, T), engine="numpy")
    for row, step in enumerate([first, second, second, first]):
        assert step.run(row) == pytest.approx(only.run(row), rel=1e-13)
        step.commit()
    assert values(net) == pytest.approx(values(alone), rel=1e-13)


def test_a_program_is_made_once_for_all_fits() -> None:
    net = network()
    first = make_training_step(net.graph, mg.SGD(), *net.data(X, T), "auto")
    again = make_training_step(net.graph, mg.Adam(), *net.data(X, T), "numpy")
    assert isinstance(first, CompiledStep)
    assert isinstance(again, CompiledStep)
    assert first.engine is again.engine


def test_fits_in_turn_go_on_from_each_other() -> None:
    results = []
    for engine in ("auto", "nodes"):
        net = network()
        for optimizer in (mg.SGD(0.3), mg.Momentum(0.1), mg.SGD(0.3)):
            net.fit(X, T, optimizer, epochs=2, progress=False, engine=engine)
        results.append(values(net))
    assert results[0] == pytest.approx(results[1], rel=1e-12)


def test_a_step_leaves_the_nodes_alone_until_it_is_committed():
    network, (X, T) = small_network(), data()
    before = named_values(network)
    step = InterpretedStep(network.graph, mg.SGD(0.1), *network.data(X, T))
    first, second = step.run(0), step.run(0)
    assert second < first
    assert named_values(network) == before
    step.commit()
    assert named_values(network) != before
    assert step.mean_loss(*network.data(X[:1], T[:1])) == pytest.approx(network.evaluate(X[:1], T[:1]), abs=1e-15)


# Frozen parameters.


@ENGINES
@pytest.mark.parametrize("rule", [mg.SGD(0.3), mg.Adam(0.05), optim.AdamW(0.05), optim.Clipped(mg.SGD(1.0), norm=0.1)])
def test_parameters_that_are_not_trainable_stay(engine, rule):
    before = named_values(network())
    free = [name for name in before if name.startswith("y")]
    found, _ = fitted(free=free, optimizer=rule, engine=engine)
    assert {name for name in before if found[name] != before[name]} == set(free)


@ENGINES
def test_what_is_free_moves_as_if_the_rest_were_constant(engine):
    x, y = mg.mlp([2, 3, 2], mg.tanh, mg.sigmoid, rng=0)
    net = mg.Network(x, y)
    inner = [mg.Constant(net.graph[f"h{place}.{part}"].value) for place in (1, 2, 3) for part in ("w1", "w2", "b")]
    h = [mg.tanh(mg.weighted_sum(x, inner[place : place + 2], inner[place + 2])) for place in (0, 3, 6)]
    outer = [[net.graph[f"y{place}.{part}"] for part in ("w1", "w2", "w3", "b")] for place in (1, 2)]
    free = [parameter for row in outer for parameter in row]
    settings = {"optimizer": mg.Adam(0.05), "epochs": 3, "engine": engine, "progress": False}
    start = [parameter.value for parameter in free]
    for parameter in net.parameters:
        parameter.trainable = parameter in free
    net.fit(X, T, **settings)
    found = [parameter.value for parameter in free]
    for parameter, value in zip(free, start, strict=True):
        parameter.value = value
    constant = mg.Network(x, [mg.sigmoid(mg.weighted_sum(h, row[:3], row[3])) for row in outer])
    constant.fit(X, T, **settings)
    assert [parameter.value for parameter in free] == pytest.approx(found, abs=1e-13)


def test_all_trainable_is_just_training_and_none_is_none():
    every = list(named_values(network()))
    assert fitted(free=every) == fitted()
    assert fitted(free=[])[0] == named_values(network())


def test_trainable_is_true_or_false():
    parameter = mg.Parameter(1.0, "w")
    assert parameter.trainable is True
    with pytest.raises(SettingError, match=r"trainable: .*found 'no', expected True or False"):
        parameter.trainable = "no"
    assert parameter.trainable is True


@pytest.mark.parametrize("engine", ["nodes", "numpy", "tape", "auto"])
@pytest.mark.parametrize("batch_size", [1, 5])
def test_float32_trains_a_copy_and_writes_it_back(engine, batch_size):
    seen = []

    def look(progress):
        seen.append(named_values(progress.network))
        assert progress.snapshot().dtype == np.float32

    settings = {"engine": engine, "batch_size": batch_size, "optimizer": mg.Adam(0.05), "validation": (-X, T)}
    found, history = fitted(dtype=np.float32, callbacks=[look], **settings)
    expected, exact = fitted(**settings)
    assert found == pytest.approx(expected, abs=1e-5)
    assert found != expected
    assert history.loss == pytest.approx(exact.loss, rel=1e-5)
    assert seen[-1] == found
    assert all(np.float32(value) == value for value in found.values())


@pytest.mark.parametrize("engine", ["nodes", "numpy"])
def test_float32_goes_on_with_what_a_callback_assigns(engine):
    def set_bias(progress):
        progress.network.graph["y1.b"].value = 5.0

    found, _ = fitted(dtype=np.float32, engine=engine, epochs=2, optimizer=mg.SGD(0.01), callbacks=[set_bias])
    assert found["y1.b"] == 5.0
    moved, _ = fitted(engine=engine, epochs=2, optimizer=mg.SGD(0.01), callbacks=[set_bias])
    assert found == pytest.approx(moved, abs=1e-6)


@ENGINES
@pytest.mark.parametrize("large", ["samples", "targets", "parameter"])
def test_what_is_too_large_for_float32_ends_training_with_no_other_warning(engine, large):
    network = small_network()
    if large == "parameter":
        network.parameters[0].value = 1e39
    samples, targets = (X * 1e39 if large == "samples" else X), (T * 1e39 if large == "targets" else T)
    with pytest.warns(MinigradWarning, match="training stops"):
        network.fit(samples, targets, engine=engine, dtype=np.float32, progress=False)
    step = small_network().train_step(engine=engine, dtype=np.float32)
    assert not np.isfinite(step(X, T * 1e39))


# Predictions by arrays.

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(9, 2))


def layered():
    return mg.Network(*mg.mlp([2, 5, 4, 3], mg.tanh, mg.identity, rng=0), loss=mg.softmax_cross_entropy)


def one_output():
    return mg.Network(*mg.mlp([2, 4, 1], mg.relu, mg.sigmoid, rng=1), loss=mg.squared_error)


def regularized():
    x, y = mg.mlp([2, 4, 2], mg.tanh, mg.sigmoid, rng=2)
    weights = mg.Graph(y).parameters
    return mg.Network(
        x, y, lambda outputs, targets: mg.squared_error(outputs, targets) + mg.sum(mg.stack(weights) ** 2)
    )


def tied():
    x = mg.Input("x1"), mg.Input("x2")
    w, b, c = mg.Parameter(0.3, "w"), mg.Parameter(0.1, "b"), mg.Constant(0.7, "c")
    h = [mg.tanh(mg.weighted_sum(x, pair, b)) for pair in ((w, 0.5), (c, w))]
    return mg.Network(x, [h[0] * w + h[1], h[1] - h[0], h[0]])


def same_answer_to_all():
    x = mg.Input("x1"), mg.Input("x2")
    w = mg.Parameter(0.3, "w")
    return mg.Network(x, [mg.tanh(x[0] + x[1]), mg.exp(w)])


def of_arrays():
    x = mg.Input("x", 2)
    return mg.Network(x, mg.dense(x, 3, name="y", rng=0))


BUILDERS = [layered, one_output, regularized, tied, same_answer_to_all, of_arrays]


@pytest.mark.parametrize("build", BUILDERS)
@pytest.mark.parametrize("engine", ["nodes", "numpy", "auto"])
def test_metrics_are_told_what_the_network_predicts(build, engine):
    network, told = build(), []

    def look(outputs, targets):
        told.append(outputs)
        return 0.0

    T = RNG.uniform(size=(9, network.predict(ROWS).shape[1]))
    T /= T.sum(axis=1, keepdims=True)
    before = network.predict(ROWS)
    for weights in (None, np.arange(9)):
        network.fit(
            ROWS, T, mg.SGD(0.1), epochs=2, sample_weight=weights, engine=engine, metrics=[look], progress=False
        )
        np.testing.assert_allclose(told[-1], network.predict(ROWS), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(told[0], before, rtol=1e-13, atol=1e-14)
    assert not np.array_equal(told[-1], before)


@pytest.mark.parametrize("build", [layered, one_output, of_arrays])
def test_layers_of_single_neurons_answer_by_arrays(build):
    network = build()
    samples, targets = network.data(ROWS, np.arange(9) % len(network.predict(ROWS[0])))
    for engine in ("numpy", "nodes"):
        step = make_training_step(network.graph, mg.SGD(), samples, targets, engine)
        answers = make_predict_step(step, network.inputs, network.outputs)
        assert (answers is not None) == (engine == "numpy")


def test_a_single_output_is_a_column():
    network, shapes = one_output(), []

    def look(outputs, targets):
        shapes.append(outputs.shape)
        return 0.0

    network.fit(ROWS, ROWS[:, 0] > 0, epochs=1, metrics=[look], engine="numpy", progress=False)
    assert shapes == [(9, 1)] * 2
