"""The networks of the tasks in minigrad, trained by the calls that users write, and by the bare program inside them."""

from __future__ import annotations

import numpy as np

import minigrad as mg
from minigrad.compiler.numpy_engine import NumpyEngine
from tests.benchmarks.parts.tasks import RATE, Learner, Task, first_weights


def network_of_neurons(task: Task) -> mg.Network:
    """Every neuron and every weight is a node."""
    activations = (mg.sigmoid, mg.sigmoid) if task.is_squared else (mg.relu, mg.identity)
    return mg.Network(*mg.mlp(task.sizes, *activations, weights=start_of(task, True)), loss_of(task))


def network_of_arrays(task: Task) -> mg.Network:
    """Every layer is a node."""
    hidden, output = (mg.sigmoid, mg.sigmoid) if task.is_squared else (mg.relu, mg.identity)
    x, weights = mg.Input("x", shape=task.sizes[0]), start_of(task, False)
    h = mg.dense(x, task.sizes[1], hidden, "h", weights=weights)
    return mg.Network(x, mg.dense(h, task.sizes[2], output, "y", weights=weights), loss_of(task))


def loss_of(task: Task) -> mg.Op:
    return mg.squared_error if task.is_squared else mg.softmax_cross_entropy


def start_of(task: Task, transposed: bool) -> mg.Initializer:
    """Return the initializer that gives one layer after the other the weights that all libraries start with.

    Single neurons take a row each: `transposed`.
    """
    W1, _, W2, _ = first_weights(task)
    matrices = iter((W1, W2))

    def weights(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> np.ndarray:
        W = next(matrices)
        return W.T if transposed else W

    return weights


def targets_of(task: Task) -> np.ndarray:
    """Return the targets as a user passes them: class labels where the loss is one of classes."""
    return task.T if task.is_squared else task.labels


def fit(task: Task, network: mg.Network) -> Learner:
    """An epoch is one call of `fit`."""
    targets, dtype = targets_of(task), task.X.dtype

    def epoch() -> float:
        history = network.fit(
            task.X,
            targets,
            mg.SGD(RATE),
            epochs=1,
            batch_size=task.batch,
            shuffle=task.shuffle,
            dtype=dtype,
            progress=False,
        )
        return history.loss[-1]

    return Learner(epoch, network.predict)


def train_step(task: Task, network: mg.Network) -> Learner:
    """An own loop: a call of the step for each batch."""
    step, orders, targets = network.train_step(mg.SGD(RATE), dtype=task.X.dtype), task.orders(), targets_of(task)

    def epoch() -> float:
        batches = next(orders).reshape(-1, task.batch)
        return sum(step(task.X[rows], targets[rows]) for rows in batches) / len(batches)

    return Learner(epoch, network.predict)


def train_steps(task: Task, network: mg.Network) -> Learner:
    """An own loop: one call of the step for a whole epoch, whose arrays have one more axis in front."""
    step, orders, targets = network.train_step(mg.SGD(RATE), dtype=task.X.dtype), task.orders(), targets_of(task)

    def epoch() -> float:
        rows = next(orders).reshape(-1, task.batch)
        return float(np.mean(step(task.X[rows], targets[rows])))

    return Learner(epoch, network.predict)


def bare_program(task: Task, network: mg.Network) -> Learner:
    """The compiled program that the other calls run, without anything around it; no user writes this."""
    compiled = NumpyEngine(network.graph.outputs, task.X.dtype)
    runner = compiled.step_runner(None if task.batch == 1 else task.batch, mg.SGD(RATE), ())
    (first, *_) = compiled.input_arrays
    arrays = [runner.inputs[feeder.node] for feeder in compiled.input_arrays]
    if first.inputs[0] not in network.inputs:
        arrays.reverse()
    x, t = arrays
    run, results, orders = runner.program.run, runner.program.results, task.orders()

    def epoch() -> float:
        total = 0.0
        for rows in task.split(next(orders)):
            x[...], t[...] = task.X[rows], task.T[rows]
            run()
            total += results["loss"].item()
        return total / task.steps

    return Learner(epoch)
