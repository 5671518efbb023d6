"""micrograd's demo: moons, 2-16-16-1, hinge loss with weight decay."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

import numpy as np

import minigrad as mg
from minigrad.compiler.numpy_engine import NumpyEngine
from tests.benchmarks.parts.report import Report, Table, goal_cells
from tests.benchmarks.parts.tasks import RATE
from tests.benchmarks.parts.timing import Effort, Goal, Step, make_steps, measure_rounds, median_duration, number, walls


def half_moons(count: int) -> tuple[list[list[float]], list[float]]:
    """Two half circles that reach into each other, with labels −1 and +1."""
    rng = np.random.default_rng(0)
    angle, label = rng.uniform(0, np.pi, count), np.arange(count) % 2
    X = np.stack([np.cos(angle) * (1 - 2 * label) + label, np.sin(angle) * (1 - 2 * label) + label / 2], axis=1)
    return (X + rng.normal(0, 0.1, X.shape)).tolist(), (label * 2.0 - 1).tolist()


def micrograd_moons_step(X: Sequence[Sequence[float]], labels: Sequence[float]) -> Step:
    from micrograd.engine import Value
    from micrograd.nn import MLP

    random.seed(0)
    net = MLP(2, [16, 16, 1])

    def step() -> float:
        scores = [net(list(map(Value, row))) for row in X]
        losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in net.parameters())
        net.zero_grad()
        loss.backward()
        for parameter in net.parameters():
            parameter.data -= RATE * parameter.grad
        return loss.data

    return step


def weights(generator: random.Random, count: int) -> tuple[list[mg.Node], mg.Node]:
    return [mg.Parameter(generator.uniform(-1, 1)) for _ in range(count)], mg.Parameter(0.0)


def score_of(x: Sequence[Any], layers: Sequence[Any]) -> Any:
    """micrograd's multi-layer perceptron, as its own code spells it."""
    for depth, layer in enumerate(layers):
        sums = [sum((w * xi for w, xi in zip(row, x, strict=True)), bias) for row, bias in layer]
        x = sums if depth == len(layers) - 1 else [mg.relu(s) for s in sums]
    return x[0]


def moons_graph(X: Sequence[Sequence[float]] | None, labels: Sequence[float]) -> mg.Graph:
    """The graph of micrograd's loss, unrolled over all samples, or of one sample where X is None."""
    generator = random.Random(0)
    layers = [[weights(generator, wide) for _ in range(count)] for wide, count in ((2, 16), (16, 16), (16, 1))]
    decay = 1e-4 * sum(p * p for layer in layers for row, bias in layer for p in (*row, bias))
    if X is None:
        x, label = [mg.Input("x1"), mg.Input("x2")], mg.Input("label")
        return mg.Graph(mg.relu(1 - label * score_of(x, layers)) + decay)
    losses = [mg.relu(1 + -label * score_of(x, layers)) for x, label in zip(X, labels, strict=True)]
    return mg.Graph(sum(losses) * (1.0 / len(losses)) + decay)


def minigrad_moons_step(graph: mg.Graph, batch: int | None) -> Step:
    compiled = NumpyEngine(graph.outputs, np.float32)
    runner = compiled.step_runner(batch, mg.SGD(RATE), ())
    rng = np.random.default_rng(0)
    for array in runner.inputs.values():
        array[...] = rng.normal(size=array.shape)
    run, results = runner.program.run, runner.program.results

    def step() -> float:
        run()
        return results["loss"].item()

    return step


def report(effort: Effort) -> Report:
    return Report(tables(effort), {})


def tables(effort: Effort) -> Iterator[Table]:
    X, labels = half_moons(effort.samples)
    unrolled = moons_graph(X, labels)
    names = {
        "the bare program of one sample's graph, on a batch": Goal("≥", 10_000),
        f"the bare program unrolled into {len(unrolled):,} nodes": Goal("≥", 3_000),
    }
    graphs = (moons_graph(None, labels), effort.samples), (unrolled, None)
    steps = {name: minigrad_moons_step(graph, batch) for name, (graph, batch) in zip(names, graphs, strict=True)}
    peers, unavailable = make_steps({"micrograd": lambda: micrograd_moons_step(X, labels)})
    seconds = measure_rounds(peers, effort._replace(rounds=min(effort.rounds, 3))) | measure_rounds(steps, effort)
    rows = [("micrograd", median_duration(seconds["micrograd"]) if peers else unavailable["micrograd"], "", "", "")]
    for name, goal in names.items():
        faster = median(walls(seconds["micrograd"])) / median(walls(seconds[name])) if peers else None
        rows.append(
            (name, median_duration(seconds[name]), "" if faster is None else number(faster), *goal_cells(goal, faster))
        )
    yield Table(
        f"micrograd's moons, {effort.samples} points",
        "2-16-16-1, ReLU, hinge loss with weight decay, all points in every step.",
        ("", "a step", "× faster than micrograd", "goal", ""),
        rows,
    )
