"""The networks of the tasks in other libraries, each as its users write them.

Every function makes a `Learner`. Its package is imported when it is made.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tests.benchmarks.parts.tasks import RATE, Learner, Task, first_weights
from tests.benchmarks.parts.timing import UnavailableError


def torch_eager(task: Task) -> Learner:
    import torch

    inputs, hidden, outputs = task.sizes
    X, T = torch.from_numpy(task.X), torch.from_numpy(task.T if task.is_squared else task.labels)
    layers: list[Any] = [torch.nn.Linear(inputs, hidden), torch.nn.Sigmoid() if task.is_squared else torch.nn.ReLU()]
    layers += [torch.nn.Linear(hidden, outputs)] + [torch.nn.Sigmoid()] * task.is_squared
    net = torch.nn.Sequential(*layers).to(X.dtype)
    with torch.no_grad():
        for parameter, start in zip(net.parameters(), first_weights(task), strict=True):
            parameter.copy_(torch.from_numpy(start.T))
    optimizer, orders = torch.optim.SGD(net.parameters(), RATE), task.orders()

    def epoch() -> float:
        total = 0.0
        for rows in task.split(torch.from_numpy(next(orders))):
            optimizer.zero_grad()
            y, t = net(X[rows]), T[rows]
            loss = 0.5 * ((y - t) ** 2).sum() if task.is_squared else torch.nn.functional.cross_entropy(y, t)
            loss.backward()
            optimizer.step()
            total += loss.item()
        return total / task.steps

    def predict(x: np.ndarray) -> Any:
        with torch.inference_mode():
            return net(torch.from_numpy(x)).numpy()

    return Learner(epoch, predict)


def torch_compiled(task: Task, backend: str) -> Learner:
    """Loss, gradient and update in one compiled function; of the ways to compile a step it was the fastest."""
    import torch

    def value(parameters: Any, x: Any, t: Any) -> Any:
        W1, b1, W2, b2 = parameters
        if task.is_squared:
            y = torch.sigmoid(torch.sigmoid(x @ W1 + b1) @ W2 + b2)
            return 0.5 * ((y - t) ** 2).sum()
        return torch.nn.functional.cross_entropy(torch.relu(x @ W1 + b1) @ W2 + b2, t)

    def update(parameters: Any, x: Any, t: Any) -> Any:
        gradients, loss = torch.func.grad_and_value(value)(parameters, x, t)
        return loss, [p - RATE * g for p, g in zip(parameters, gradients, strict=True)]

    compiled = torch.compile(update, backend=backend, fullgraph=True, dynamic=False)
    parameters: Any = [torch.from_numpy(part) for part in first_weights(task)]
    X, T, orders = torch.from_numpy(task.X), torch.from_numpy(task.T), task.orders()
    first = task.split(torch.arange(len(X)))[0]
    try:
        with torch.no_grad():
            compiled(parameters, X[first], T[first])
    except RuntimeError as error:  # what the compiler has to say fills pages
        raise UnavailableError(
            f"torch.compile cannot compile here, {type(error).__name__}: is there a C++ compiler?"
        ) from error

    def epoch() -> float:
        nonlocal parameters
        total = 0.0
        with torch.no_grad():
            for rows in task.split(torch.from_numpy(next(orders))):
                loss, parameters = compiled(parameters, X[rows], T[rows])
                total += loss.item()
        return total / task.steps

    return Learner(epoch)


def jax_functions(task: Task) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return what users of JAX write of a network, not yet compiled: its outputs, and a step."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)  # without it there is no float64; float32 data stays in float32

    def outputs(parameters: Any, x: Any) -> Any:
        W1, b1, W2, b2 = parameters
        if task.is_squared:
            return jax.nn.sigmoid(jax.nn.sigmoid(x @ W1 + b1) @ W2 + b2)
        return jax.nn.relu(x @ W1 + b1) @ W2 + b2

    def value(parameters: Any, x: Any, t: Any) -> Any:
        y = outputs(parameters, x)
        if task.is_squared:
            return 0.5 * jnp.sum((y - t) ** 2)
        return -jnp.mean(jnp.sum(t * jax.nn.log_softmax(y), axis=-1))

    def step(parameters: Any, x: Any, t: Any) -> Any:
        loss, gradients = jax.value_and_grad(value)(parameters, x, t)
        return [p - RATE * g for p, g in zip(parameters, gradients, strict=True)], loss

    return outputs, step


def jax_step(task: Task) -> Learner:
    """A jitted step, called for every batch."""
    import jax
    import jax.numpy as jnp

    outputs, step = jax_functions(task)
    compiled, predict = jax.jit(step, donate_argnums=0), jax.jit(outputs)
    parameters: Any = [jnp.asarray(part) for part in first_weights(task)]
    orders = task.orders()

    def epoch() -> float:
        nonlocal parameters
        total = 0.0
        for rows in task.split(next(orders)):
            parameters, loss = compiled(parameters, task.X[rows], task.T[rows])
            total += float(loss)
        return total / task.steps

    return Learner(epoch, lambda x: np.asarray(predict(parameters, x)))


def jax_scan(task: Task) -> Learner:
    """A jitted epoch: `lax.scan` over its steps."""
    import jax
    import jax.numpy as jnp

    _, step = jax_functions(task)

    def run(parameters: Any, X: Any, T: Any, rows: Any) -> Any:
        parameters, losses = jax.lax.scan(lambda now, batch: step(now, X[batch], T[batch]), parameters, rows)
        return parameters, jnp.mean(losses)

    compiled = jax.jit(run, donate_argnums=0)
    X, T = jnp.asarray(task.X), jnp.asarray(task.T)
    parameters: Any = [jnp.asarray(part) for part in first_weights(task)]
    orders = task.orders()

    def epoch() -> float:
        nonlocal parameters
        parameters, loss = compiled(parameters, X, T, np.asarray(task.split(next(orders)), np.int32))
        return float(loss)

    return Learner(epoch)


def sklearn_partial_fit(task: Task) -> Learner:
    """An epoch is one call of `partial_fit`. With squared errors its outputs are not sigmoid: it has no such loss."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    settings: dict[str, Any] = {
        "hidden_layer_sizes": task.sizes[1:2],
        "activation": "logistic" if task.is_squared else "relu",
        "solver": "sgd",
        "learning_rate_init": RATE,
        "momentum": 0.0,
        "alpha": 0.0,
        "batch_size": task.batch,
        "shuffle": task.shuffle,
        "random_state": 0,
    }
    net = MLPRegressor(**settings) if task.is_squared else MLPClassifier(**settings)
    targets = task.T if task.is_squared else task.labels
    classes = {} if task.is_squared else {"classes": np.arange(task.sizes[2])}
    net.partial_fit(task.X[: task.batch], targets[: task.batch], **classes)  # makes the weights
    W1, b1, W2, b2 = first_weights(task)
    for now, start in zip((*net.coefs_, *net.intercepts_), (W1, W2, b1, b2), strict=True):
        now[...] = start

    def epoch() -> float:
        net.partial_fit(task.X, targets)
        return net.loss_

    predict = net.predict if task.is_squared else net.predict_proba
    return Learner(epoch, lambda x: predict(np.atleast_2d(x)))


def autograd_step(task: Task) -> Learner:
    import autograd
    import autograd.numpy as anp

    def value(parameters: Any, x: Any, t: Any) -> Any:
        W1, b1, W2, b2 = parameters
        if task.is_squared:
            y = 1 / (1 + anp.exp(-(1 / (1 + anp.exp(-(x @ W1 + b1))) @ W2 + b2)))
            return 0.5 * anp.sum((y - t) ** 2)
        y = anp.maximum(x @ W1 + b1, 0) @ W2 + b2
        y = y - anp.max(y, axis=-1, keepdims=True)
        return anp.mean(anp.log(anp.sum(anp.exp(y), axis=-1)) - anp.sum(y * t, axis=-1))

    gradients_of = autograd.value_and_grad(value)
    parameters, orders = first_weights(task), task.orders()

    def epoch() -> float:
        total = 0.0
        for rows in task.split(next(orders)):
            loss, gradients = gradients_of(parameters, task.X[rows], task.T[rows])
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter[...] -= RATE * gradient
            total += float(loss)
        return total / task.steps

    return Learner(epoch)


def mygrad_step(task: Task) -> Learner:
    import mygrad
    from mygrad.nnet.activations import relu, sigmoid
    from mygrad.nnet.losses import softmax_crossentropy

    parameters = W1, b1, W2, b2 = [mygrad.tensor(part) for part in first_weights(task)]
    orders, labels = task.orders(), task.labels

    def epoch() -> float:
        total = 0.0
        for rows in task.split(next(orders)):
            x = task.X[rows]
            if task.is_squared:
                y = sigmoid(sigmoid(x @ W1 + b1) @ W2 + b2)
                loss = 0.5 * mygrad.sum((y - task.T[rows]) ** 2)
            else:
                loss = softmax_crossentropy(relu(x @ W1 + b1) @ W2 + b2, labels[rows])
            loss.backward()
            for parameter in parameters:
                parameter.data -= RATE * parameter.grad
            total += loss.item()
        return total / task.steps

    return Learner(epoch)


def micrograd_step(task: Task) -> Learner:
    """Every number is an object."""
    from micrograd.engine import Value
    from micrograd.nn import MLP

    net, orders = MLP(task.sizes[0], list(task.sizes[1:])), task.orders()
    W1, b1, W2, b2 = first_weights(task)
    for layer, W, b in zip(net.layers, (W1, W2), (b1, b2), strict=True):
        for neuron, row, bias in zip(layer.neurons, W.T.tolist(), b.tolist(), strict=True):
            neuron.nonlin, neuron.b.data = neuron.nonlin and not task.is_squared, bias
            for weight, start in zip(neuron.w, row, strict=True):
                weight.data = start
    function = partial(micrograd_function, Value)

    def loss_of(x: list[float], t: list[float]) -> Any:
        if task.is_squared:
            for layer in net.layers:
                x = [1 / (1 + function("exp", -s)) for s in layer(x)]
            return 0.5 * sum((y - target) ** 2 for y, target in zip(x, t, strict=True))
        scores = net(x)
        return function("log", sum(function("exp", score) for score in scores)) - scores[t.index(1)]

    def epoch() -> float:
        total = 0.0
        for rows in task.split(next(orders)):
            X, T = np.atleast_2d(task.X[rows]).tolist(), np.atleast_2d(task.T[rows]).tolist()
            loss = sum(map(loss_of, X, T)) * (1.0 / task.batch)
            net.zero_grad()
            loss.backward()
            for parameter in net.parameters():
                parameter.data -= RATE * parameter.grad
            total += loss.data
        return total / task.steps

    return Learner(epoch)


DERIVATIVES = {"exp": lambda x, y: y, "log": lambda x, y: 1 / x, "tanh": lambda x, y: 1 - y * y}


def micrograd_function(value: Any, name: str, x: Any) -> Any:
    """A function that micrograd lacks, written as its own ops are; `value` is its class."""
    out = value(getattr(math, name)(x.data), (x,), name)

    def backward() -> None:
        x.grad += DERIVATIVES[name](x.data, out.data) * out.grad

    out._backward = backward
    return out


PEERS: dict[str, Callable[..., Learner]] = {
    "JAX, a jitted step": jax_step,
    "JAX, a scanned epoch": jax_scan,
    "PyTorch eager": torch_eager,
    "PyTorch compiled": torch_compiled,
    "scikit-learn": sklearn_partial_fit,
    "autograd": autograd_step,
    "MyGrad": mygrad_step,
    "micrograd": micrograd_step,
}
