"""The steps that `compiled` times: the same network by minigrad, by hand in NumPy, by PyTorch, by JAX, by micrograd.

Every function returns a step: a call without arguments that learns once and returns the loss.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from typing import Any, NamedTuple

import numpy as np

import minigrad as mg
from minigrad.compiler.compiled import Compiled

Step = Callable[[], Any]
RATE = 0.01


class Task(NamedTuple):
    """Layer sizes, and data: one row a step for a batch of None, the same batch in every step otherwise."""

    sizes: tuple[int, int, int]
    batch: int | None
    X: np.ndarray
    T: np.ndarray

    def rows(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The data of one step after the other."""
        return cycle(zip(self.X, self.T, strict=True) if self.batch is None else [(self.X, self.T)])


def task(sizes: tuple[int, int, int], batch: int | None) -> Task:
    rng = np.random.default_rng(0)
    X = rng.random((batch or 256, sizes[0]), np.float32)
    return Task(sizes, batch, X, np.eye(sizes[2], dtype=np.float32)[rng.integers(sizes[2], size=len(X))])


def matrices(sizes: Sequence[int]) -> list[np.ndarray]:
    """W1, b1, W2, b2."""
    rng = np.random.default_rng(1)
    inputs, hidden, outputs = sizes
    parts = [rng.normal(size=(inputs, hidden)) / inputs**0.5, np.zeros(hidden)]
    parts += [rng.normal(size=(hidden, outputs)) / hidden**0.5, np.zeros(outputs)]
    return [part.astype(np.float32) for part in parts]


# minigrad.


def single_neurons(sizes: Sequence[int], loss: Any, *activations: Any) -> mg.Graph:
    """The graph of the loss, every neuron and every weight a node."""
    return mg.Network(*mg.mlp(sizes, *activations, rng=0), loss).graph


def whole_layers(sizes: Sequence[int], loss: Any, hidden: Any, output: Any) -> mg.Graph:
    """The graph of the loss, every layer a node."""
    x = mg.Input("x", shape=sizes[0])
    return mg.Network(x, mg.dense(mg.dense(x, sizes[1], hidden, "h", 0), sizes[2], output, "y", 0), loss).graph


def by_minigrad(work: Task, graph: mg.Graph, compiled: Compiled | None = None) -> Step:
    compiled = compiled or Compiled(graph.outputs, np.float32)
    runner = compiled.training(work.batch, mg.SGD(RATE), ())
    (first, *_) = compiled.feeders
    arrays = [runner.inputs[feeder.array] for feeder in compiled.feeders]
    if first.inputs[0] not in graph.inputs[: work.sizes[0]]:
        arrays.reverse()
    x, t = arrays
    rows, run, results = work.rows(), runner.program.run, runner.program.results

    def step() -> float:
        x[...], t[...] = next(rows)
        run()
        return results["loss"].item()

    return step


# By hand.


def sigmoids_by_hand(work: Task) -> Step:
    """The textbook's network as one writes it in NumPy."""
    W1, b1, W2, b2 = matrices(work.sizes)
    rows = work.rows()

    def step() -> float:
        nonlocal W1, b1, W2, b2
        x, t = next(rows)
        h = 1 / (1 + np.exp(-(x @ W1 + b1)))
        y = 1 / (1 + np.exp(-(h @ W2 + b2)))
        error = y - t
        after = error * y * (1 - y)
        before = (W2 @ after) * h * (1 - h)
        W2 -= RATE * np.outer(h, after)
        b2 -= RATE * after
        W1 -= RATE * np.outer(x, before)
        b1 -= RATE * before
        return 0.5 * float(error @ error)

    return step


def classes_by_hand(work: Task) -> Step:
    W1, b1, W2, b2 = matrices(work.sizes)
    X, T = work.X, work.T

    def step() -> float:
        nonlocal W1, b1, W2, b2
        s = X @ W1 + b1
        h = np.maximum(s, 0)
        y = h @ W2 + b2
        y -= y.max(axis=1, keepdims=True)
        powers = np.exp(y)
        total = powers.sum(axis=1, keepdims=True)
        after = (powers / total - T) / len(X)
        before = (after @ W2.T) * (s > 0)
        gradients = X.T @ before, before.sum(axis=0), h.T @ after, after.sum(axis=0)
        W1 -= RATE * gradients[0]
        b1 -= RATE * gradients[1]
        W2 -= RATE * gradients[2]
        b2 -= RATE * gradients[3]
        return float(np.mean(np.log(total[:, 0]) - (y * T).sum(axis=1)))

    return step


def products_alone(work: Task) -> Step:
    """The five matrix products of a step and nothing else."""
    W1, _, W2, _ = matrices(work.sizes)
    s, y = work.X @ W1, work.T
    before, into1, into2, out = np.empty_like(s), np.empty_like(W1), np.empty_like(W2), np.empty_like(y)

    def step() -> None:
        np.matmul(work.X, W1, out=s)
        np.matmul(s, W2, out=out)
        np.matmul(y, W2.T, out=before)
        np.matmul(s.T, y, out=into2)
        np.matmul(work.X.T, before, out=into1)

    return step


# Frameworks.


def by_torch(work: Task, loss: str) -> Step:
    import torch

    torch.set_num_threads(1)
    inputs, hidden, outputs = work.sizes
    squared = loss == "squared error"
    layers: list[Any] = [torch.nn.Linear(inputs, hidden), torch.nn.Sigmoid() if squared else torch.nn.ReLU()]
    layers += [torch.nn.Linear(hidden, outputs)] + [torch.nn.Sigmoid()] * squared
    net = torch.nn.Sequential(*layers)
    optimizer = torch.optim.SGD(net.parameters(), RATE)
    data = [(torch.from_numpy(np.array(x)), torch.from_numpy(np.array(t))) for x, t in once(work)]
    rows = cycle(data)

    def step() -> float:
        x, t = next(rows)
        optimizer.zero_grad()
        y = net(x)
        value = 0.5 * ((y - t) ** 2).sum() if squared else torch.nn.functional.cross_entropy(y, t)
        value.backward()
        optimizer.step()
        return value.item()

    return step


def once(work: Task) -> list[tuple[np.ndarray, np.ndarray]]:
    return list(zip(work.X, work.T, strict=True)) if work.batch is None else [(work.X, work.T)]


def by_jax(work: Task, loss: str) -> Step:
    import jax
    import jax.numpy as jnp

    def value(parameters: Any, x: Any, t: Any) -> Any:
        W1, b1, W2, b2 = parameters
        if loss == "squared error":
            y = jax.nn.sigmoid(jax.nn.sigmoid(x @ W1 + b1) @ W2 + b2)
            return 0.5 * jnp.sum((y - t) ** 2)
        return -jnp.mean(jnp.sum(t * jax.nn.log_softmax(jax.nn.relu(x @ W1 + b1) @ W2 + b2), axis=-1))

    def update(parameters: Any, x: Any, t: Any) -> Any:
        found, gradients = jax.value_and_grad(value)(parameters, x, t)
        return found, [p - RATE * g for p, g in zip(parameters, gradients, strict=True)]

    compiled = jax.jit(update, donate_argnums=0)
    parameters: Any = [jnp.asarray(part) for part in matrices(work.sizes)]
    rows = cycle([(jnp.asarray(x), jnp.asarray(t)) for x, t in once(work)])

    def step() -> float:
        nonlocal parameters
        found, parameters = compiled(parameters, *next(rows))
        return float(found)

    return step


# micrograd's demo: moons, 2-16-16-1, hinge loss with weight decay.


def moons(count: int) -> tuple[list[list[float]], list[float]]:
    """Two half circles that reach into each other, with labels −1 and +1."""
    rng = np.random.default_rng(0)
    angle, label = rng.uniform(0, np.pi, count), np.arange(count) % 2
    X = np.stack([np.cos(angle) * (1 - 2 * label) + label, np.sin(angle) * (1 - 2 * label) + label / 2], axis=1)
    return (X + rng.normal(0, 0.1, X.shape)).tolist(), (label * 2.0 - 1).tolist()


def by_micrograd(X: Sequence[Sequence[float]], labels: Sequence[float]) -> Step:
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


def moons_step(graph: mg.Graph, batch: int | None) -> Step:
    compiled = Compiled(graph.outputs, np.float32)
    runner = compiled.training(batch, mg.SGD(RATE), ())
    rng = np.random.default_rng(0)
    for array in runner.inputs.values():
        array[...] = rng.normal(size=array.shape)
    run, results = runner.program.run, runner.program.results

    def step() -> float:
        run()
        return results["loss"].item()

    return step
