"""The libraries compute the same: from the same weights, on the same data, the same losses."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from tests.benchmarks.parts import training_steps
from tests.benchmarks.parts.moons import half_moons, minigrad_moons_step, moons_graph

PEERS = {
    "torch": training_steps.torch_step,
    "torch compiled": partial(training_steps.compiled_torch_step, backend="aot_eager"),
    "jax": training_steps.jax_step,
    "autograd": training_steps.autograd_step,
    "mygrad": training_steps.mygrad_step,
}


def start_alike(graph: mg.Graph, task: training_steps.Task) -> None:
    """Gives the neurons the weights that the peers start with."""
    W1, b1, W2, b2 = training_steps.initial_weights(task.sizes)
    for letter, W, b in (("h", W1, b1), ("y", W2, b2)):
        for neuron in range(W.shape[1]):
            graph[f"{letter}{neuron + 1}.b"].value = b[neuron]  # type: ignore[misc]
            for index in range(W.shape[0]):
                graph[f"{letter}{neuron + 1}.w{index + 1}"].value = W[index, neuron]  # type: ignore[misc]


def losses(step: Any) -> list[float]:
    return [step() for _ in range(10)]


def by_hand(task: training_steps.Task) -> list[float]:
    return losses(
        (training_steps.numpy_sigmoid_step if task.batch is None else training_steps.numpy_softmax_step)(task)
    )


@pytest.fixture(params=[None, 8], ids=["sample by sample", "batches"])
def task(request: pytest.FixtureRequest) -> training_steps.Task:
    return training_steps.make_task((6, 5, 3), request.param)


def test_minigrad_finds_the_losses_of_numpy(task: training_steps.Task):
    loss, *activations = (
        (mg.squared_error, mg.sigmoid, mg.sigmoid)
        if task.batch is None
        else (mg.softmax_cross_entropy, mg.relu, mg.identity)
    )
    graph = training_steps.neuron_graph(task.sizes, loss, *activations)
    start_alike(graph, task)
    np.testing.assert_allclose(losses(training_steps.minigrad_step(task, graph)), by_hand(task), rtol=1e-4)


@pytest.mark.parametrize("peer", PEERS)
def test_peers_compute_the_losses_of_numpy(task: training_steps.Task, peer: str):
    package = peer.split(maxsplit=1)[0]
    pytest.importorskip(package, reason=f"{package} is not installed: pip install '.[bench]'")
    name = "squared error" if task.batch is None else "cross-entropy"
    np.testing.assert_allclose(losses(PEERS[peer](task, name)), by_hand(task), rtol=1e-4)


def test_micrograd_finds_the_losses_of_numpy():
    pytest.importorskip("micrograd", reason="micrograd is not installed: pip install '.[bench]'")
    task = training_steps.make_task((6, 6, 3), 8)
    np.testing.assert_allclose(losses(training_steps.micrograd_step(task)), by_hand(task), rtol=1e-4)


def test_moons_unrolled_and_batched_compute_the_same_loss():
    X, labels = half_moons(12)
    unrolled, one = moons_graph(X, labels), moons_graph(None, labels)
    columns = np.transpose(X)
    assert one.forward({"x1": columns[0], "x2": columns[1], "label": labels}).mean() == pytest.approx(
        unrolled.forward()
    )
    assert np.isfinite(minigrad_moons_step(one, 12)())
