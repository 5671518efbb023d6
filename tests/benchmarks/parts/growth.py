"""Everything that one does with a graph, once, on graphs of a thousand to a million nodes: how its cost grows.

    python -m tests.benchmarks.parts.growth KIND NODES

Run as a program, it does so with one graph in an empty heap, and prints the name and the seconds of each operation as a
line of JSON, and at last how many nodes there were. What is loaded on first use was loaded for a tiny graph before.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

import minigrad as mg
from tests.benchmarks.parts.pinning import ONE_THREAD, check_pinning, pin
from tests.benchmarks.parts.random_graphs import evaluate, wide
from tests.benchmarks.parts.report import Curves, Report, Table, mark
from tests.benchmarks.parts.tasks import BATCH, RATE
from tests.benchmarks.parts.timing import Effort, Goal, Seconds, median_duration, number, time_call

ROOT = Path(__file__).parent.parent.parent.parent
GOAL = Goal("≤", 5, "5 s")
"""What anything done with a million nodes may take."""
TINY = 20
LAYERS = {
    TINY: (2, 3, 2),
    1_000: (24, 28, 10),
    10_000: (98, 80, 20, 10),
    100_000: (196, 400, 50, 10),
    1_000_000: (784, 1000, 200, 10),
}
"""Of networks of about so many nodes."""

PLOTTED_KINDS = ("network", "wide")
PLOTTED = {
    "build": ("build",),
    "Graph": ("`Graph`",),
    "compile": ("`compile`",),
    "first step": ("`fit`, first step", "compiled `gradient`, first"),
    "draw": ("`draw`",),
    "explain": ("`explain`", "`explain`, a first weight"),
    "gradient graph": ("`gradient_graph`",),
    "save": ("`save`",),
    "load": ("`load`",),
}
"""The lines of the plot, and the rows that they show."""

Do = Callable[..., Any]
"""Times a call, under a name, and returns what it returns."""


# What is done, in a process of its own.


def do_network(nodes: int, folder: Path, do: Do) -> int:
    rng = np.random.default_rng(0)
    network: mg.Network = do("build", build_network, LAYERS[nodes])
    X, labels = rng.random((BATCH, len(network.inputs))), rng.integers(LAYERS[nodes][-1], size=BATCH)
    settings: dict[str, Any] = {"epochs": 1, "batch_size": BATCH, "progress": False}
    do("`Graph`", mg.Graph, network.graph.outputs)
    do("`compile`", network.compile)
    do("`fit`, first step", lambda: network.fit(X, labels, mg.SGD(RATE), **settings))
    do("`fit`, second step", lambda: network.fit(X, labels, mg.SGD(RATE), **settings))
    do("`predict`, one row", network.predict, X[0])
    do("`loss_graph`", network.loss_graph, X[0], labels[0])
    do("`draw`", lambda: mg.draw(network).source)
    do("`draw`, a neuron", lambda: mg.draw(network, view="neuron", of=network.outputs[0]).source)
    do("`explain`, a first weight", lambda: str(mg.explain(network.parameters[0], network)))
    do("`explain`, a last weight", lambda: str(mg.explain(network.parameters[-1], network)))
    do("`gradient_graph`", mg.gradient_graph, network.graph)
    do("`save`", network.save, folder / "network.minigrad")
    do("`load`", mg.Network.load, folder / "network.minigrad")
    do("`summary`", lambda: str(network.summary()))
    return len(network.graph)


def do_graph(build: Callable[[], tuple[mg.Node, mg.Node]], folder: Path, do: Do) -> int:
    x, root = do("build", build)
    graph: mg.Graph = do("`Graph`", mg.Graph, root)
    do("`forward`", graph.forward)
    do("`backward`", graph.backward)
    compiled = do("`compile`", graph.compile)
    do("compiled `gradient`, first", compiled.gradient)
    do("compiled `gradient`, second", compiled.gradient)
    do("`draw`", lambda: mg.draw(graph).source)
    do("`draw`, every node, refused", draw_expression, graph)
    do("`explain`", lambda: str(mg.explain(graph.parameters[0], graph)))
    do("`gradient_graph`", mg.gradient_graph, graph)
    network = do("`Network`", mg.Network, x, root)
    do("`save`", network.save, folder / "network.minigrad")
    do("`load`", mg.Network.load, folder / "network.minigrad")
    do("`repr`", repr, graph)
    return len(graph)


def do_wide(nodes: int, folder: Path, do: Do) -> int:
    program = wide(nodes)

    def build() -> tuple[mg.Node, mg.Node]:
        first, *others = program.leaves
        with mg.building():
            x = mg.Input("x", value=first)
            return x, evaluate([x, *map(mg.Parameter, others)], program, mg.tanh)

    return do_graph(build, folder, do)


def do_chain(nodes: int, folder: Path, do: Do) -> int:
    return do_graph(lambda: nested_tanh(nodes), folder, do)


def build_network(layers: tuple[int, ...]) -> mg.Network:
    return mg.Network(*mg.mlp(layers, mg.relu, mg.identity, rng=0), mg.softmax_cross_entropy)


def nested_tanh(depth: int) -> tuple[mg.Node, mg.Node]:
    """Return the input and the last node of tanh of tanh of tanh …"""
    x = mg.Input("x", value=1.0)
    node = x * mg.Parameter(0.5, "w")
    with mg.building():
        for _ in range(depth):
            node = mg.tanh(node)
    return x, node


def draw_expression(graph: mg.Graph) -> str:
    """Return the picture of every node; where there are too many, why there is none."""
    try:
        return mg.draw(graph, view="expression").source
    except mg.MinigradError as error:
        return str(error)


class Kind(NamedTuple):
    title: str
    about: str
    do: Callable[[int, Path, Do], int]
    """Does everything with a graph of about so many nodes; returns how many it has."""


KINDS = {
    "network": Kind(
        "Networks", f"Of single neurons, ReLU, softmax cross-entropy; {BATCH} samples in a step.", do_network
    ),
    "wide": Kind(
        "Wide scalar graphs", "+, −, × and tanh of numbers, in layers of 300 that read the layer before.", do_wide
    ),
    "chain": Kind("Chains", "tanh of tanh of tanh …", do_chain),
}


def main(kind: str, nodes: int) -> None:
    def do(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        gc.collect()
        seconds, result = time_call(function, *arguments)
        print(json.dumps([name, *seconds]), flush=True)
        return result

    pin()
    check_pinning()
    with TemporaryDirectory() as folder:
        KINDS[kind].do(TINY, Path(folder), lambda name, function, *arguments: function(*arguments))
        print(json.dumps(KINDS[kind].do(nodes, Path(folder), do)))


# What was measured of it.

Costs = dict[str, dict[int, Seconds]]
"""Of each operation, by the number of nodes."""


def report(effort: Effort) -> Report:
    costs = {kind: measure(kind, effort.growth) for kind in KINDS}
    return Report([table(kind, costs[kind]) for kind in KINDS], {kind: curves(costs[kind]) for kind in PLOTTED_KINDS})


def measure(kind: str, sizes: tuple[int, ...]) -> Costs:
    costs: Costs = {}
    for nodes in sizes:
        command = [sys.executable, "-m", "tests.benchmarks.parts.growth", kind, str(nodes)]
        environment = {**os.environ, **ONE_THREAD}
        run = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True, encoding="utf-8")
        *lines, count = map(json.loads, run.stdout.splitlines())
        for name, *seconds in lines:
            costs.setdefault(name, {})[count] = Seconds(*seconds)
    return costs


def table(kind: str, costs: Mapping[str, Mapping[int, Seconds]]) -> Table:
    """Return µs a node by the number of nodes, and the time that the largest graph takes in all."""
    rows = []
    for name, by_size in costs.items():
        each = [number(seconds.wall / nodes * 1e6) for nodes, seconds in by_size.items()]
        *_, largest = by_size.values()
        rows.append((name, *each, f"{median_duration([largest])}{mark(GOAL, largest.wall)}", str(GOAL)))
    sizes = next(iter(costs.values()))
    head = ("µs a node", *(f"of {nodes:,}" for nodes in sizes), f"all {max(sizes):,}", "goal")
    return Table(KINDS[kind].title, KINDS[kind].about, head, rows)


def curves(costs: Mapping[str, Mapping[int, Seconds]]) -> Curves:
    """Return the lines of the plot, seconds a node by the number of nodes."""
    return {
        name: {nodes: seconds.wall / nodes for nodes, seconds in costs[row].items()}
        for name, rows in PLOTTED.items()
        for row in rows
        if row in costs
    }


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
