"""One training step of the same network: by minigrad, by hand in NumPy, and by other libraries.

Every function returns a step: a call without arguments that learns once and returns the loss. Its package is imported
when the step is made.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any, NamedTuple

import numpy as np

import minigrad as mg
from minigrad.compiler.numpy_engine import NumpyEngine
from tests.benchmarks.parts.timing import Step, UnavailableError

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


def make_task(sizes: tuple[int, int, int], batch: int | None) -> Task:
    rng = np.random.default_rng(0)
    X = rng.random((batch or 256, sizes[0]), np.float32)
    return Task(sizes, batch, X, np.eye(sizes[2], dtype=np.float32)[rng.integers(sizes[2], size=len(X))])


def initial_weights(sizes: Sequence[int]) -> list[np.ndarray]:
    """W1, b1, W2, b2."""
    rng = np.random.default_rng(1)
    inputs, hidden, outputs = sizes
    parts = [rng.normal(size=(inputs, hidden)) / inputs**0.5, np.zeros(hidden)]
    parts += [rng.normal(size=(hidden, outputs)) / hidden**0.5, np.zeros(outputs)]
    return [part.astype(np.float32) for part in parts]


# minigrad.


def neuron_graph(sizes: Sequence[int], loss: Any, *activations: Any) -> mg.Graph:
    """The graph of the loss, every neuron and every weight a node."""
    return mg.Network(*mg.mlp(sizes, *activations, rng=0), loss).graph


def layer_graph(sizes: Sequence[int], loss: Any, hidden: Any, output: Any) -> mg.Graph:
    """The graph of the loss, every layer a node."""
    x = mg.Input("x", shape=sizes[0])
    return mg.Network(x, mg.dense(mg.dense(x, sizes[1], hidden, "h", 0), sizes[2], output, "y", 0), loss).graph


def minigrad_step(task: Task, graph: mg.Graph) -> Step:
    compiled = NumpyEngine(graph.outputs, np.float32)
    runner = compiled.step_program(task.batch, mg.SGD(RATE), ())
    (first, *_) = compiled.input_arrays
    arrays = [runner.inputs[feeder.node] for feeder in compiled.input_arrays]
    if first.inputs[0] not in graph.inputs[: task.sizes[0]]:
        arrays.reverse()
    x, t = arrays
    rows, run, results = task.rows(), runner.program.run, runner.program.results
    fed_anew = task.batch is None
    if not fed_anew:  # the batch, the same in every step, is filled in once, as it is for the others
        x[...], t[...] = next(rows)

    def step() -> float:
        if fed_anew:
            x[...], t[...] = next(rows)
        run()
        return results["loss"].item()

    return step


# By hand.


def numpy_sigmoid_step(task: Task) -> Step:
    """The textbook's network as one writes it in NumPy."""
    W1, b1, W2, b2 = initial_weights(task.sizes)
    rows = task.rows()

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


def numpy_softmax_step(task: Task) -> Step:
    W1, b1, W2, b2 = initial_weights(task.sizes)
    X, T = task.X, task.T

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


def matrix_products(task: Task) -> Step:
    """The five matrix products of a step and nothing else."""
    W1, _, W2, _ = initial_weights(task.sizes)
    s, y = task.X @ W1, task.T
    before, into1, into2, out = np.empty_like(s), np.empty_like(W1), np.empty_like(W2), np.empty_like(y)

    def step() -> None:
        np.matmul(task.X, W1, out=s)
        np.matmul(s, W2, out=out)
        np.matmul(y, W2.T, out=before)
        np.matmul(s.T, y, out=into2)
        np.matmul(task.X.T, before, out=into1)

    return step


# Frameworks.


def data_of_steps(task: Task) -> list[tuple[np.ndarray, np.ndarray]]:
    return list(zip(task.X, task.T, strict=True)) if task.batch is None else [(task.X, task.T)]


def torch_step(task: Task, loss: str) -> Step:
    import torch

    torch.set_num_threads(1)
    inputs, hidden, outputs = task.sizes
    squared = loss == "squared error"
    layers: list[Any] = [torch.nn.Linear(inputs, hidden), torch.nn.Sigmoid() if squared else torch.nn.ReLU()]
    layers += [torch.nn.Linear(hidden, outputs)] + [torch.nn.Sigmoid()] * squared
    net = torch.nn.Sequential(*layers)
    with torch.no_grad():
        for parameter, start in zip(net.parameters(), initial_weights(task.sizes), strict=True):
            parameter.copy_(torch.from_numpy(start.T))
    optimizer = torch.optim.SGD(net.parameters(), RATE)
    rows = cycle([(torch.from_numpy(x.copy()), torch.from_numpy(t.copy())) for x, t in data_of_steps(task)])

    def step() -> float:
        x, t = next(rows)
        optimizer.zero_grad()
        y = net(x)
        value = 0.5 * ((y - t) ** 2).sum() if squared else torch.nn.functional.cross_entropy(y, t)
        value.backward()
        optimizer.step()
        return value.item()

    return step


def compiled_torch_step(task: Task, loss: str, backend: str) -> Step:
    """Loss, gradient and update in one compiled function; of the ways to compile a step it was the fastest."""
    import torch

    torch.set_num_threads(1)

    def value(parameters: Any, x: Any, t: Any) -> Any:
        W1, b1, W2, b2 = parameters
        if loss == "squared error":
            y = torch.sigmoid(torch.sigmoid(x @ W1 + b1) @ W2 + b2)
            return 0.5 * ((y - t) ** 2).sum()
        return torch.nn.functional.cross_entropy(torch.relu(x @ W1 + b1) @ W2 + b2, t)

    def update(parameters: Any, x: Any, t: Any) -> Any:
        gradients, loss_value = torch.func.grad_and_value(value)(parameters, x, t)
        return loss_value, [p - RATE * g for p, g in zip(parameters, gradients, strict=True)]

    compiled = torch.compile(update, backend=backend, fullgraph=True, dynamic=False)
    parameters: Any = [torch.from_numpy(part) for part in initial_weights(task.sizes)]
    data = [(torch.from_numpy(x.copy()), torch.from_numpy(t.copy())) for x, t in data_of_steps(task)]
    try:
        with torch.no_grad():
            compiled(parameters, *data[0])
    except RuntimeError as error:  # what the compiler has to say fills pages
        raise UnavailableError(
            f"torch.compile cannot compile here, {type(error).__name__}: is there a C++ compiler?"
        ) from error

    rows = cycle(data)

    def step() -> float:
        nonlocal parameters
        with torch.no_grad():
            loss_value, parameters = compiled(parameters, *next(rows))
        return loss_value.item()

    return step


def jax_step(task: Task, loss: str) -> Step:
    import jax
    import jax.numpy as jnp

    def value(parameters: Any, x: Any, t: Any) -> Any:
        W1, b1, W2, b2 = parameters
        if loss == "squared error":
            y = jax.nn.sigmoid(jax.nn.sigmoid(x @ W1 + b1) @ W2 + b2)
            return 0.5 * jnp.sum((y - t) ** 2)
        return -jnp.mean(jnp.sum(t * jax.nn.log_softmax(jax.nn.relu(x @ W1 + b1) @ W2 + b2), axis=-1))

    def update(parameters: Any, x: Any, t: Any) -> Any:
        loss_value, gradients = jax.value_and_grad(value)(parameters, x, t)
        return loss_value, [p - RATE * g for p, g in zip(parameters, gradients, strict=True)]

    compiled = jax.jit(update, donate_argnums=0)
    parameters: Any = [jnp.asarray(part) for part in initial_weights(task.sizes)]
    rows = cycle([(jnp.asarray(x), jnp.asarray(t)) for x, t in data_of_steps(task)])

    def step() -> float:
        nonlocal parameters
        loss_value, parameters = compiled(parameters, *next(rows))
        return float(loss_value)

    return step


def autograd_step(task: Task, loss: str) -> Step:
    import autograd
    import autograd.numpy as anp

    def value(parameters: Any, x: Any, t: Any) -> Any:
        W1, b1, W2, b2 = parameters
        if loss == "squared error":
            y = 1 / (1 + anp.exp(-(1 / (1 + anp.exp(-(x @ W1 + b1))) @ W2 + b2)))
            return 0.5 * anp.sum((y - t) ** 2)
        y = anp.maximum(x @ W1 + b1, 0) @ W2 + b2
        y = y - anp.max(y, axis=-1, keepdims=True)
        return anp.mean(anp.log(anp.sum(anp.exp(y), axis=-1)) - anp.sum(y * t, axis=-1))

    gradients_of = autograd.value_and_grad(value)
    parameters = initial_weights(task.sizes)
    rows = task.rows()

    def step() -> float:
        loss_value, gradients = gradients_of(parameters, *next(rows))
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter[...] -= RATE * gradient
        return float(loss_value)

    return step


def mygrad_step(task: Task, loss: str) -> Step:
    import mygrad
    from mygrad.nnet.activations import relu, sigmoid
    from mygrad.nnet.losses import softmax_crossentropy

    parameters = W1, b1, W2, b2 = [mygrad.tensor(part) for part in initial_weights(task.sizes)]
    rows = cycle([(x, t, t.argmax(axis=-1)) for x, t in data_of_steps(task)])

    def step() -> float:
        x, t, label = next(rows)
        if loss == "squared error":
            y = sigmoid(sigmoid(x @ W1 + b1) @ W2 + b2)
            value = 0.5 * mygrad.sum((y - t) ** 2)
        else:
            value = softmax_crossentropy(relu(x @ W1 + b1) @ W2 + b2, label)
        value.backward()
        for parameter in parameters:
            parameter.data -= RATE * parameter.grad
        return value.item()

    return step


def micrograd_step(task: Task) -> Step:
    """Cross-entropy, scalar by scalar."""
    from micrograd.engine import Value
    from micrograd.nn import MLP

    net = MLP(task.sizes[0], list(task.sizes[1:]))
    W1, b1, W2, b2 = initial_weights(task.sizes)
    for layer, W, b in zip(net.layers, (W1, W2), (b1, b2), strict=True):
        for neuron, row, bias in zip(layer.neurons, W.T.tolist(), b.tolist(), strict=True):
            neuron.b.data = bias
            for weight, start in zip(neuron.w, row, strict=True):
                weight.data = start
    data = list(zip(task.X.tolist(), task.T.argmax(axis=1).tolist(), strict=True))

    def step() -> float:
        losses = []
        for x, label in data:
            scores = net(x)
            losses.append(
                micrograd_function(Value, "log", sum(micrograd_function(Value, "exp", score) for score in scores))
                - scores[label]
            )
        loss = sum(losses) * (1.0 / len(losses))
        net.zero_grad()
        loss.backward()
        for parameter in net.parameters():
            parameter.data -= RATE * parameter.grad
        return loss.data

    return step


DERIVATIVES = {"exp": lambda x, y: y, "log": lambda x, y: 1 / x, "tanh": lambda x, y: 1 - y * y}


def micrograd_function(value: Any, name: str, x: Any) -> Any:
    """A function that micrograd lacks, written as its own ops are; `value` is its class."""
    out = value(getattr(math, name)(x.data), (x,), name)

    def backward() -> None:
        x.grad += DERIVATIVES[name](x.data, out.data) * out.grad

    out._backward = backward
    return out
