"""Trainers: which one is chosen, and that a fit which is broken off leaves the parameters of whole epochs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler.engine import Nodes
from minigrad.compiler.script_engine import Script
from minigrad.training.step import CompiledStep, InterpretedStep, make_training_step

X = np.random.default_rng(0).normal(size=(17, 2))
T = np.random.default_rng(1).uniform(size=(17, 2))


def network() -> mg.Network:
    return mg.Network(*mg.mlp([2, 3, 2], mg.tanh, mg.sigmoid, rng=0))


def values(net: mg.Network) -> list[float]:
    return [parameter.value for parameter in net.parameters]


def chosen(net: mg.Network, compiled: Any, samples: Any = X, targets: Any = T) -> type:
    return type(make_training_step(net.graph, mg.SGD(), *net.data(samples, targets), compiled))


def test_a_network_of_neurons_is_compiled() -> None:
    assert chosen(network(), "auto") is chosen(network(), True) is CompiledStep
    assert chosen(network(), False) is InterpretedStep


def test_a_chain_of_a_hundred_thousand_is_trained_node_by_node() -> None:
    x, w = mg.Input("x"), mg.Parameter(0.5, "w")
    node = x * w
    for place in range(100_000):
        node = mg.tanh(node) if place % 2 else -node
    net = mg.Network(x, node)
    trainer = make_training_step(net.graph, mg.SGD(), *net.data([0.1, 0.2], [0.0, 1.0]), "auto")
    assert isinstance(trainer, InterpretedStep)
    assert isinstance(trainer.engine, Nodes)
    history = net.fit([0.1, 0.2], [0.0, 1.0], epochs=1, progress=False)
    assert np.isfinite(history.loss[0])


def test_a_shorter_chain_is_trained_by_a_script() -> None:
    x, w = mg.Input("x"), mg.Parameter(0.5, "w")
    node = x * w
    for place in range(1_000):
        node = mg.tanh(node) if place % 2 else -node
    net = mg.Network(x, node)
    trainer = make_training_step(net.graph, mg.SGD(), *net.data([0.1, 0.2], [0.0, 1.0]), "auto")
    assert isinstance(trainer, InterpretedStep)
    assert isinstance(trainer.engine, Script)
    results = []
    for compiled in ("auto", False):
        w.value = 0.5
        for batch_size in (1, 2):
            net.fit(
                [0.1, 0.2], [0.0, 1.0], mg.SGD(10.0), epochs=3, batch_size=batch_size, compiled=compiled, progress=False
            )
        results.append(w.value)
    assert results[0] == pytest.approx(results[1], rel=1e-13)
    assert results[0] != 0.5


@pytest.mark.parametrize("batch_size", [1, 7, 17, 50])
@pytest.mark.parametrize("optimizer", [mg.SGD(0.3), mg.Momentum(0.1), mg.Adam(0.01)], ids=repr)
def test_both_trainers_learn_the_same(optimizer: Any, batch_size: int) -> None:
    """Batches of 7 leave 3 samples over: a program of another size shares the optimizer's state."""
    results = []
    for compiled in (True, False):
        net = network()
        history = net.fit(
            X,
            T,
            optimizer,
            epochs=4,
            batch_size=batch_size,
            validation=(X[:5], T[:5]),
            progress=False,
            compiled=compiled,
        )
        results.append([*values(net), *history.loss, *history.validation_loss])
    assert results[0] == pytest.approx(results[1], rel=1e-10)


def test_array_valued_inputs_and_outputs() -> None:
    results = []
    for compiled in (True, False):
        x = mg.Input("x", shape=2)
        net = mg.Network(x, mg.dense(mg.dense(x, 3, mg.tanh, "h", 0), 2, mg.sigmoid, "y", 0))
        net.fit(X, T, epochs=3, batch_size=5, progress=False, compiled=compiled)
        results.append(np.concatenate([np.ravel(parameter.value) for parameter in net.parameters]))
    np.testing.assert_allclose(*results, rtol=1e-12)


class Stopping:
    """A trainer's step that is interrupted after some calls."""

    def __init__(self, step: Callable[[Any], float], calls: int, error: type[BaseException]) -> None:
        self.step, self.calls, self.error = step, calls, error

    def __call__(self, rows: Any) -> float:
        self.calls -= 1
        if self.calls < 0:
            raise self.error
        return self.step(rows)


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("batch_size", [1, 7])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_epoch_that_is_broken_off_leaves_the_one_before(
    compiled: bool, batch_size: int, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, broken = network(), network()
    whole.fit(X, T, epochs=2, batch_size=batch_size, progress=False, compiled=compiled)
    kind: Any = CompiledStep if compiled else InterpretedStep
    calls = 2 * -(-len(X) // batch_size) + 1
    initialize = kind.__init__

    def interrupted(self: Any, *settings: Any) -> None:
        initialize(self, *settings)
        self.run = Stopping(self.run, calls, error)

    monkeypatch.setattr(kind, "__init__", interrupted)
    with pytest.raises(error):
        broken.fit(X, T, epochs=5, batch_size=batch_size, progress=False, compiled=compiled)
    assert values(broken) == values(whole)
    assert {node.delta for node in broken.graph.nodes} == {None}
    monkeypatch.undo()
    for net in (whole, broken):
        net.fit(X, T, epochs=1, batch_size=batch_size, progress=False, compiled=compiled)
    assert values(broken) == values(whole)


def test_the_first_epoch_broken_off_moves_nothing() -> None:
    net = network()
    graph = net.loss_graph(X[0], T[0])
    before = [(node.value, node.delta) for node in graph.nodes]
    trainer = make_training_step(net.graph, mg.SGD(), *net.data(X, T), compiled=True)
    trainer.run(0)
    trainer.run(np.arange(7))
    assert [(node.value, node.delta) for node in graph.nodes] != before
    trainer.roll_back()
    assert [(node.value, node.delta) for node in graph.nodes] == before


def test_steps_of_two_trainers_take_turns() -> None:
    """Each takes over the parameters as the other left them when its next epoch begins."""
    net, alone = network(), network()
    first, second = (make_training_step(net.graph, mg.SGD(), *net.data(X, T), compiled=True) for _ in range(2))
    only = make_training_step(alone.graph, mg.SGD(), *alone.data(X, T), compiled=True)
    for row, trainer in enumerate([first, second, second, first]):
        assert trainer.run(row) == pytest.approx(only.run(row), rel=1e-13)
        trainer.commit()
    assert values(net) == pytest.approx(values(alone), rel=1e-13)


def test_a_program_is_made_once_for_all_fits() -> None:
    net = network()
    first = make_training_step(net.graph, mg.SGD(), *net.data(X, T), "auto")
    again = make_training_step(net.graph, mg.Adam(), *net.data(X, T), True)
    assert isinstance(first, CompiledStep)
    assert isinstance(again, CompiledStep)
    assert first.compiled is again.compiled


def test_fits_in_turn_go_on_from_each_other() -> None:
    results = []
    for compiled in ("auto", False):
        net = network()
        for optimizer in (mg.SGD(0.3), mg.Momentum(0.1), mg.SGD(0.3)):
            net.fit(X, T, optimizer, epochs=2, progress=False, compiled=compiled)
        results.append(values(net))
    assert results[0] == pytest.approx(results[1], rel=1e-12)
