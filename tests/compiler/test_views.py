"""The readable graph beside its fast ones: whatever is done to either, in any order, all show the same parameters."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler.numpy_engine import NumpyEngine
from minigrad.errors import CompileError
from minigrad.graph import CompiledGraph
from tests.compiler.comparisons import ENGINE_NAMES


class Pair:
    """Graphs that share parameters, and twins of them that are never compiled: what is done to one is done to both."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.parameters, self.graphs = shared()
        self.twins, self.twin_graphs = shared()
        self.fast: list[tuple[CompiledGraph, int]] = []

    def feeds(self) -> dict[str, Any]:
        numbers = [self.random.gauss(0, 1) for _ in range(3)]
        return {"x": self.random.choice([numbers[0], np.array(numbers)])}

    def compile(self) -> None:
        number = self.random.randrange(len(self.graphs))
        try:
            self.fast.append((self.graphs[number].compile(engine=self.random.choice(ENGINE_NAMES)), number))
        except CompileError:
            assert number == 1  # which has an array in it

    def assign(self) -> None:
        name = self.random.choice(list(self.parameters))
        value = np.round([self.random.gauss(0, 1) for _ in range(3)], 3)[: 3 if self.twins[name].shape else 1]
        for parameters in (self.parameters, self.twins):
            parameters[name].value = value if parameters[name].shape else value[0]

    def fast_forward(self) -> None:
        fast, number = self.random.choice(self.fast)
        feeds, twin = self.feeds(), self.twin_graphs[number]
        known = [(parameter.delta, parameter) for parameter in twin.parameters]
        np.testing.assert_allclose(fast.forward(feeds), twin.forward(feeds), rtol=1e-12)
        for delta, parameter in known:  # a fast pass forward leaves no trace
            parameter._delta = delta

    def fast_gradient(self) -> None:
        fast, number = self.random.choice(self.fast)
        feeds, twin = self.feeds(), self.twin_graphs[number]
        assert fast.gradient(feeds) == pytest.approx(np.mean(twin.forward(feeds)), rel=1e-12)
        twin.backward()

    def readable_pass(self) -> None:
        number, feeds = self.random.randrange(len(self.graphs)), self.feeds()
        for graph in (self.graphs[number], self.twin_graphs[number]):
            graph.forward(feeds)
        if self.random.random() < 0.7:
            for graph in (self.graphs[number], self.twin_graphs[number]):
                graph.backward()

    def pass_over_a_part(self) -> None:
        for parameters in (self.parameters, self.twins):
            (parameters["p"] * parameters["q"]).backward()

    def check(self) -> None:
        for name, parameter in self.parameters.items():
            twin = self.twins[name]
            assert type(parameter.value) is type(twin.value)
            assert type(parameter.delta) is type(twin.delta)
            np.testing.assert_allclose(parameter.value, twin.value, rtol=1e-12)
            if twin.delta is not None:
                np.testing.assert_allclose(parameter.delta, twin.delta, rtol=1e-11, atol=1e-13)


def shared() -> tuple[dict[str, mg.Parameter], list[mg.Graph]]:
    p, q, r, v = (
        mg.Parameter(value, name) for name, value in zip("pqrv", (0.3, -0.7, 0.9, [0.1, 0.2, 0.3]), strict=True)
    )
    x = mg.Input("x")
    outputs = [mg.tanh(p * x + q * r) * q, mg.tanh(q * x + r * q + mg.sum(v * x)), mg.sin(p * r + x) + r]
    return {"p": p, "q": q, "r": r, "v": v}, [mg.Graph(output) for output in outputs]


@pytest.mark.parametrize("seed", range(15))
def test_any_order_of_passes_assignments_and_compilations(seed: int) -> None:
    random = Random(seed)
    pair = Pair(random)
    actions: list[Callable[[], None]] = [pair.compile, pair.assign, pair.readable_pass, pair.pass_over_a_part]
    for _ in range(40):
        random.choice(actions + [pair.fast_forward, pair.fast_gradient] * 2 * bool(pair.fast))()
        pair.check()


def network() -> mg.Network:
    return mg.Network(*mg.mlp([3, 4, 2], mg.tanh, mg.sigmoid, rng=0))


@pytest.mark.parametrize("view", ["neurons", "matrices", "layers"])
def test_pictures_show_what_fast_steps_did(view: str) -> None:
    X, T = np.random.default_rng(0).normal(size=(10, 3)), np.random.default_rng(1).uniform(size=(10, 2))
    pictures = []
    for engine in ("numpy", "nodes"):
        net = network()
        before = mg.draw(net, view=view).source
        net.fit(X, T, mg.SGD(0.5), epochs=20, progress=False, engine=engine)
        assert mg.draw(net, view=view).source != before
        net.loss_graph(X[0], T[0])
        pictures.append(mg.draw(net, view=view).source)
    assert pictures[0] == pictures[1]


def test_nothing_grows_over_many_steps() -> None:
    compiled = NumpyEngine(network().graph.outputs)
    memory = tuple(map(np.array, mg.Momentum(0.01).init(compiled.parameters.vector)))
    run = compiled.step_runner(None, mg.Momentum(0.01), memory).program.run
    for _ in range(100):
        run()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(20_000):
        run()
    growth = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert growth < 1_000
