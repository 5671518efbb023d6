"""What `tests.benchmarks.compare` measures: public calls only, each known to every commit that is compared.

    PYTHONPATH=CHECKOUT python -P tests/benchmarks/parts/workloads.py [SIZE]

Run as a program, it reads the name of a workload from each line of standard input and answers with a line of JSON: the
median of the seconds that the workload took, and the number that its first run returned. It imports nothing but NumPy
and the minigrad of the checkout, so the same file serves every commit.
"""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from statistics import median
from time import process_time as clock
from typing import Any, NamedTuple

import numpy as np

import minigrad as mg

LEAST_SECONDS = 0.2
MOST_RUNS = 20
IMPORT = "from time import process_time as now; start = now(); import minigrad; print(now() - start)"


class Size(NamedTuple):
    """How large the workloads are."""

    nodes: int
    """Nodes of the scalar graphs that are built and differentiated node by node, or compiled if they are wide."""
    deep_nodes: int
    """Nodes of the scalar graphs that are deep."""
    layers: tuple[int, int, int]
    classes: tuple[int, int, int]
    """Layers of the network of about 100,000 parameters that learns classes in batches."""
    samples: int
    predicted: int
    """Rows of a large `predict`."""
    calls: int
    """How often a call that takes microseconds is repeated."""


SIZES = {
    "full": Size(100_000, 10_000, (64, 32, 10), (784, 128, 10), 256, 10_000, 200),
    "tiny": Size(300, 200, (6, 4, 3), (8, 4, 3), 24, 20, 2),
}


class Workload(NamedTuple):
    """What is timed, and what is made anew before each run of it and not timed."""

    run: Callable[[Any], Any]
    prepare: Callable[[], Any] = lambda: None


# ------------------------------------------------------------------------------------------ what is worked on


def scalar_graph(nodes: int, width: int) -> mg.Node:
    """A graph of about so many scalar nodes, each of which reads two of the `width` nodes before it."""
    rng = random.Random(0)
    graph: list[mg.Node] = [mg.Parameter(rng.uniform(-1, 1)) for _ in range(width)]
    while len(graph) < nodes:
        first, second = (graph[rng.randrange(len(graph) - width, len(graph))] for _ in range(2))
        operation = rng.randrange(3)
        graph.append(first + second if operation == 0 else first - second if operation == 1 else first * second)
        graph.append(mg.tanh(graph[-1]))
    total = graph[-1]
    for node in graph[-width:-1]:
        total = total + node
    return total


def layered_graph(nodes: int, width: int) -> mg.Node:
    """The same in layers: every node reads two of the layer before it."""
    rng = random.Random(0)
    layer: list[mg.Node] = [mg.Parameter(rng.uniform(-1, 1)) for _ in range(width)]
    for _ in range(max(1, nodes // (2 * width))):
        layer = [mg.tanh(node * rng.choice(layer)) for node in layer]
    total = layer[0]
    for node in layer[1:]:
        total = total + node
    return total


def wide_graph(size: Size) -> mg.Node:
    return layered_graph(size.nodes, min(300, size.nodes // 10))


def deep_graph(size: Size) -> mg.Node:
    return scalar_graph(size.deep_nodes, 30)


def sigmoid_network(size: Size) -> mg.Network:
    """A network of single neurons as the textbook has it."""
    return mg.Network(*mg.mlp(size.layers, activation=mg.sigmoid, output=mg.sigmoid, rng=0))


def made_up(size: Size, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Samples, and one-hot targets."""
    rng = np.random.default_rng(0)
    inputs, _, classes = size.layers
    return rng.random((rows, inputs)), np.eye(classes)[rng.integers(classes, size=rows)]


def digits(size: Size) -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's handwritten digits where it is installed, else as many made-up samples."""
    if size.layers[0] == 64 and find_spec("sklearn"):
        from sklearn.datasets import load_digits

        images, labels = load_digits(return_X_y=True)
        return images / 16, labels
    X, T = made_up(size, 7 * size.samples)
    return X, T.argmax(axis=1)


def curve() -> tuple[mg.Network, np.ndarray, np.ndarray]:
    """A small regression, for the optimizers that use all samples at once."""
    X = np.linspace(-3, 3, 40)
    inputs, outputs = mg.mlp([1, 6, 1], activation=mg.tanh, output=mg.identity, rng=0)
    return mg.Network(inputs, outputs), X, np.sin(X)


# ------------------------------------------------------------------------------------------ the workloads


def import_(size: Size) -> Workload:
    def run(_: None) -> float:
        done = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, check=True)
        return float(done.stdout)

    return Workload(run)


def eager_build(size: Size) -> Workload:
    return Workload(lambda _: scalar_graph(size.nodes, 100).value)


def eager_backward(size: Size) -> Workload:
    root = scalar_graph(size.nodes, 100)
    leaf = next(node for node in mg.Graph(root).parameters)

    def run(_: None) -> float:
        root.backward()
        return leaf.delta

    return Workload(run)


def graph_passes(size: Size) -> Workload:
    network = sigmoid_network(size)
    X, T = made_up(size, 1)
    feeds = dict(zip([*network.inputs, *network.targets], [*X[0].tolist(), *T[0].tolist()], strict=True))

    def run(_: None) -> float:
        loss = network.graph.forward(feeds)
        network.graph.backward()
        return loss

    return Workload(run)


def loss_graph(size: Size) -> Workload:
    network = sigmoid_network(size)
    X, T = made_up(size, 1)
    return Workload(lambda _: network.loss_graph(X[0], T[0]).outputs[0].value)


def compile_network(size: Size) -> Workload:
    return Workload(lambda network: len(network.compile().source) > 0, lambda: sigmoid_network(size))


def compile_deep_graph(size: Size) -> Workload:
    return Workload(lambda graph: graph.compile().gradient(), lambda: mg.Graph(deep_graph(size)))


def compile_wide_graph(size: Size) -> Workload:
    return Workload(lambda graph: graph.compile().gradient(), lambda: mg.Graph(wide_graph(size)))


def gradient_of_network(size: Size) -> Workload:
    network = sigmoid_network(size)
    X, T = made_up(size, 64)
    feeds = dict(zip([*network.inputs, *network.targets], [*X.T, *T.T], strict=True))
    compiled = network.compile()
    return Workload(lambda _: repeat(size.calls // 10, lambda: compiled.gradient(feeds)))


def gradient_of_deep_graph(size: Size) -> Workload:
    compiled = mg.Graph(deep_graph(size)).compile()
    return Workload(lambda _: compiled.gradient())


def gradient_of_wide_graph(size: Size) -> Workload:
    compiled = mg.Graph(wide_graph(size)).compile()
    return Workload(lambda _: compiled.gradient())


def fit(size: Size, **settings: Any) -> Workload:
    """One epoch, sample by sample; the network is compiled before the first run that is timed."""
    network = sigmoid_network(size)
    X, T = made_up(size, size.samples)
    return Workload(lambda _: network.fit(X, T, mg.SGD(0.1), epochs=1, progress=False, **settings).loss[-1])


def fit_samples(size: Size) -> Workload:
    return fit(size)


def fit_without_compiling(size: Size) -> Workload:
    is_older = "compiled" in signature(mg.Network.fit).parameters  # of a commit to compare with
    settings = {"compiled": False} if is_older else {"engine": "nodes"}
    return fit(size._replace(samples=size.samples // 8), **settings)


def fit_digits(size: Size) -> Workload:
    inputs, outputs = mg.mlp(size.layers, activation=mg.relu, output=mg.identity, rng=0)
    network = mg.Network(inputs, outputs, loss=mg.softmax_cross_entropy)
    X, T = digits(size)
    settings: dict[str, Any] = {"epochs": 2, "batch_size": 32, "validation": 0.2, "progress": False}
    return Workload(lambda _: network.fit(X, T, mg.Adam(0.001), **settings).loss[-1])


def network_of_classes(size: Size) -> mg.Network:
    inputs, outputs = mg.mlp(size.classes, activation=mg.relu, output=mg.identity, rng=0)
    return mg.Network(inputs, outputs, loss=mg.softmax_cross_entropy)


def fit_classes(size: Size, dtype: str, batches: int) -> Workload:
    """An epoch of so many batches of 64; compiled, and called once, before the first run that is timed."""
    network = network_of_classes(size)
    rng = np.random.default_rng(0)
    X, T = rng.random((64 * batches, size.classes[0])), rng.integers(size.classes[2], size=64 * batches)
    settings: dict[str, Any] = {"epochs": 1, "batch_size": 64, "progress": False, "dtype": dtype}
    return Workload(lambda _: network.fit(X, T, mg.SGD(0.01), **settings).loss[-1])


def train_step(size: Size) -> Workload:
    network, (X, T) = sigmoid_network(size), made_up(size, 1)
    step = network.train_step(mg.SGD(0.1))
    return Workload(lambda _: repeat(size.calls, lambda: step(X, T)))


def train_steps(size: Size) -> Workload:
    """One call that makes many steps."""
    network, (X, T) = sigmoid_network(size), made_up(size, size.samples)
    step = network.train_step(mg.SGD(0.1))
    return Workload(lambda _: step(X[:, None], T[:, None])[-1])


def evaluate(size: Size) -> Workload:
    network, (X, T) = sigmoid_network(size), made_up(size, size.predicted)
    return Workload(lambda _: network.evaluate(X, T))


def fit_all_samples(optimizer: Callable[[], Any]) -> Workload:
    def run(problem: tuple[mg.Network, np.ndarray, np.ndarray]) -> float:
        network, X, T = problem
        return network.fit(X, T, optimizer(), epochs=10, progress=False).loss[-1]

    return Workload(run, curve)


def fit_lbfgs(size: Size) -> Workload:
    return fit_all_samples(mg.LBFGS)


def fit_levenberg_marquardt(size: Size) -> Workload:
    return fit_all_samples(mg.LevenbergMarquardt)


def predict_row(size: Size) -> Workload:
    network = sigmoid_network(size)
    X, _ = made_up(size, 1)
    return Workload(lambda _: repeat(max(1, size.calls // 10), lambda: network.predict(X[0])).sum())


def predict_rows(size: Size) -> Workload:
    network = sigmoid_network(size)
    X, _ = made_up(size, size.predicted)
    return Workload(lambda _: network.predict(X).sum())


def draw(size: Size) -> Workload:
    network = sigmoid_network(size)
    X, T = made_up(size, 1)
    network.loss_graph(X[0], T[0])
    return Workload(lambda _: len(mg.draw(network).source) > 0)


def explain(size: Size) -> Workload:
    inputs, outputs = mg.mlp([3, 4, 4, 2], activation=mg.tanh, rng=0)
    network = mg.Network(inputs, outputs)
    network.loss_graph([0.1, 0.2, 0.3], [0.0, 1.0])
    return Workload(lambda _: len(str(mg.explain(network.parameters[0], network))) > 0)


def gradient_graph(size: Size) -> Workload:
    root = scalar_graph(size.deep_nodes, 100)
    return Workload(lambda _: len(mg.gradient_graph(root).nodes))


def save(size: Size) -> Workload:
    network, path = sigmoid_network(size), temporary_file()

    def run(_: None) -> float:
        network.save(path)
        return float(path.stat().st_size > 0)

    return Workload(run)


def load(size: Size) -> Workload:
    network, path = sigmoid_network(size), temporary_file()
    network.save(path)
    return Workload(lambda _: sum(float(parameter.value) for parameter in mg.Network.load(path).parameters))


WORKLOADS: dict[str, Callable[[Size], Workload]] = {
    "import": import_,
    "eager build": eager_build,
    "eager backward": eager_backward,
    "forward and backward of a network": graph_passes,
    "loss_graph": loss_graph,
    "compile a network": compile_network,
    "compile a deep graph": compile_deep_graph,
    "compile a wide graph": compile_wide_graph,
    "compiled gradient of a network": gradient_of_network,
    "compiled gradient of a deep graph": gradient_of_deep_graph,
    "compiled gradient of a wide graph": gradient_of_wide_graph,
    "fit sample by sample": fit_samples,
    "fit without compiling": fit_without_compiling,
    "fit digits in batches": fit_digits,
    "fit classes in float32": lambda size: fit_classes(size, "float32", 16),
    "fit classes in float64": lambda size: fit_classes(size, "float64", 16),
    "fit one batch of classes": lambda size: fit_classes(size, "float64", 1),
    "train_step, a call a step": train_step,
    "train_step, many steps a call": train_steps,
    "evaluate": evaluate,
    "fit by L-BFGS": fit_lbfgs,
    "fit by Levenberg-Marquardt": fit_levenberg_marquardt,
    "predict one row": predict_row,
    "predict many rows": predict_rows,
    "draw": draw,
    "explain": explain,
    "gradient_graph": gradient_graph,
    "save": save,
    "load": load,
}


# ------------------------------------------------------------------------------------------ how they are timed


def repeat(count: int, call: Callable[[], Any]) -> Any:
    """Return what the last of so many calls returns, one at least."""
    for _ in range(count - 1):
        call()
    return call()


def temporary_file() -> Path:
    """Return the path of a file in a folder that is removed when the process ends."""
    return Path(FOLDER.name, "network.minigrad")


FOLDER = tempfile.TemporaryDirectory()


def measure(name: str, size: Size) -> tuple[float, float]:
    """Return the median of the seconds of some runs, and what the run before them returned as a number.

    The time of an import is the one that the new process tells.
    """
    workload = WORKLOADS[name](size)
    result = float(workload.run(workload.prepare()))
    seconds: list[float] = []
    while len(seconds) < 2 or (sum(seconds) < LEAST_SECONDS and len(seconds) < MOST_RUNS):
        prepared = workload.prepare()
        gc.collect()
        gc.freeze()  # what lies in memory already is not charged to the run
        start = clock()
        returned = workload.run(prepared)
        seconds.append(returned if name == "import" else clock() - start)
        gc.unfreeze()
        if size is SIZES["tiny"]:
            break
    return median(seconds), 0.0 if name == "import" else result


def main() -> None:
    """Answer requests until standard input ends."""
    if hasattr(os, "sched_setaffinity"):  # one core, the same for all: the last one is the least used
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    size = SIZES[sys.argv[1] if len(sys.argv) > 1 else "full"]
    print(json.dumps(str(Path(mg.__file__).parent.parent)), flush=True)
    for line in sys.stdin:
        print(json.dumps(measure(line.strip(), size)), flush=True)


if __name__ == "__main__":
    main()
