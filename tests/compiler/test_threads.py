"""Calls from several threads at once give what they give one after the other, with a switch at every chance."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler import ENGINES
from minigrad.errors import ThreadError

THREADS = 4
X = np.random.default_rng(0).uniform(-1, 1, (24, 3))
T = np.tanh(X[:, :1] * X[:, 1:2])
TYPES = [
    (engine, dtype)
    for engine in ENGINES
    for dtype in (np.float64, np.float32)
    if (engine, dtype) != ("script", np.float32)
]


@pytest.fixture(autouse=True)
def switch_often() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def in_threads(function: Callable[[Any], Any], arguments: Sequence[Any]) -> list[Any]:
    """Return what a function returns for each argument, called from several threads, all of which begin at once."""
    barrier = Barrier(THREADS)
    with ThreadPoolExecutor(THREADS, initializer=barrier.wait, initargs=(60,)) as pool:
        return list(pool.map(function, arguments))


def network(seed: int = 0) -> mg.Network:
    return mg.Network(*mg.mlp([3, 6, 1], mg.tanh, rng=seed))


def feeds(net: mg.Network) -> list[dict[str, Any]]:
    """Samples, and batches of four sizes."""
    names = [str(node.name) for node in (*net.inputs, *net.targets)]
    table = np.hstack([X, T])
    batches = [table, *(table[:size] for size in (1, 2, 3))] * 2
    return [dict(zip(names, part.T, strict=True)) for part in [*table, *batches]]


def values(net: mg.Network) -> list[float]:
    return [parameter.value for parameter in net.parameters]


def deltas(net: mg.Network) -> tuple[float, ...]:
    return tuple(parameter.delta for parameter in net.parameters)


@pytest.mark.parametrize(("engine", "dtype"), TYPES)
def test_one_compiled_graph(engine: str, dtype: Any) -> None:
    net = network()
    compiled, calls = net.compile(dtype, engine), feeds(net)
    expected = [compiled.forward(feed) for feed in calls]
    losses, of_each_call = [], set()
    for feed in calls:
        losses.append(compiled.gradient(feed))
        of_each_call.add(deltas(net))
    fresh = network().compile(dtype, engine)  # whose programs are written by all threads at once
    assert in_threads(fresh.forward, calls * 2) == expected * 2
    assert in_threads(compiled.forward, calls * 2) == expected * 2
    assert in_threads(compiled.gradient, calls * 2) == losses * 2
    assert deltas(net) in of_each_call


def test_an_array_read_after_a_call_is_of_one_call() -> None:
    x = mg.Input("x", shape=40)
    compiled = mg.Graph(mg.sum(mg.dense(x, 30, mg.tanh, name="h", rng=0) ** 2)).compile(engine="numpy")
    weights = next(node for node in compiled.graph.parameters if node.ndim == 2)
    samples = np.random.default_rng(1).normal(size=(12, 40))

    def gradient(sample: np.ndarray) -> bytes:
        compiled.gradient({x: sample})
        return np.array(weights.grad).tobytes()

    of_each_call = {gradient(sample) for sample in samples}
    assert {*in_threads(gradient, [*samples] * 5)} <= of_each_call


def test_predict_and_evaluate() -> None:
    net, fresh = network(), network()
    parts = [X[:size] for size in range(1, 24)]
    expected = [net.predict(part).tolist() for part in parts]
    losses = [net.evaluate(part, T[: len(part)]) for part in parts]
    assert in_threads(lambda part: fresh.predict(part).tolist(), parts) == expected
    assert in_threads(lambda part: fresh.evaluate(part, T[: len(part)]), parts) == losses


def test_an_exported_module(tmp_path: Any) -> None:
    compiled = mg.Graph(network().outputs).compile(engine="numpy")
    module: dict[str, Any] = {}
    exec(compiled.export(tmp_path / "model.py").read_text(encoding="utf-8"), module)
    rows = [*X] * 8
    expected = [compiled.forward(dict(zip(("x1", "x2", "x3"), row, strict=True))) for row in X] * 8
    assert in_threads(lambda row: float(*module["compute"](row).values()), rows) == expected


@pytest.mark.parametrize(("engine", "dtype"), TYPES)
def test_training_of_separate_networks(engine: str, dtype: Any) -> None:
    def train(seed: int) -> list[float]:
        net = network(seed)
        net.fit(X, T, mg.Momentum(0.1), epochs=2, batch_size=5, engine=engine, dtype=dtype, progress=False)
        step = net.train_step(mg.SGD(0.1), engine=engine, dtype=dtype)
        step(X, T)
        return values(net)

    seeds = [*range(THREADS)]
    assert in_threads(train, seeds) == [train(seed) for seed in seeds]


def test_threads_that_compile_one_graph_at_once_share_an_engine() -> None:
    net = network()
    assert len({id(compiled.engine) for compiled in in_threads(lambda _: net.compile(), range(THREADS))}) == 1


def test_graphs_of_the_same_parameters() -> None:
    """Their parameters go to and fro between the vectors of two programs."""
    net = network()
    loss, outputs = net.compile(engine="numpy"), mg.Graph(net.outputs).compile(engine="numpy")
    tape, calls = net.compile(engine="tape"), feeds(net)
    names = {node.name for node in net.inputs}
    of_outputs = [{name: value for name, value in feed.items() if name in names} for feed in calls]
    pairs = [*zip(calls, of_outputs, strict=True)]

    def call_all(pair: tuple[dict[str, Any], dict[str, Any]]) -> tuple[float, Any, Any]:
        return loss.gradient(pair[0]), np.asarray(outputs.forward(pair[1])).tolist(), tape.forward(pair[0])

    expected = [*map(call_all, pairs)]
    assert in_threads(call_all, pairs) == expected
    assert values(net) == values(network())


def refused_elsewhere(call: Callable[[], Any]) -> bool:
    """Return whether a call from another thread raises ThreadError, while this one is where it is."""
    with ThreadPoolExecutor(1) as other_thread:
        return isinstance(other_thread.submit(call).exception(), ThreadError)


def test_what_two_threads_cannot_share_is_refused() -> None:
    net, twin = network(), network()
    refused: list[bool] = []
    sample = dict(zip(("x1", "x2", "x3", "t1"), [0.1, 0.2, 0.3, 0.4], strict=True))
    step = net.train_step()
    calls: list[Callable[[], Any]] = [
        lambda: net.fit(X, T, progress=False),
        lambda: step(X, T),
        net.train_step,
        lambda: net.loss_graph(X[0], T[0]),
        lambda: net.graph.forward(sample),
        net.graph.backward,
    ]

    def callback(progress: Any) -> None:
        refused.extend(map(refused_elsewhere, calls))
        net.loss_graph(X[0], T[0])  # the thread that trains may look
        net.predict(X)
        assert not refused_elsewhere(lambda: net.predict(X))

    net.fit(X, T, epochs=1, callbacks=[callback], progress=False)
    twin.fit(X, T, epochs=1, progress=False)
    assert refused == [True] * len(calls)
    assert values(net) == values(twin)
    assert not any(map(refused_elsewhere, calls))


def test_a_failed_pass_lets_others_in() -> None:
    net = network()
    with pytest.raises(mg.MinigradError):
        net.graph.forward({})
    with pytest.raises(mg.MinigradError):
        net.fit(X, T[:3], progress=False)
    assert not refused_elsewhere(lambda: net.loss_graph(X[0], T[0]))
