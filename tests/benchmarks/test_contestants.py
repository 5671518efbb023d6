"""The contestants compute the same: from the same weights, on the same data, the same losses."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from tests.benchmarks.parts import contestants as by
from tests.benchmarks.parts.moons import moons, moons_graph, moons_step

PEERS = {
    "torch": by.by_torch,
    "torch compiled": partial(by.by_compiled_torch, backend="aot_eager"),
    "jax": by.by_jax,
    "autograd": by.by_autograd,
    "mygrad": by.by_mygrad,
}


def start_alike(graph: mg.Graph, work: by.Task) -> None:
    """Gives the neurons the weights that the peers start with."""
    W1, b1, W2, b2 = by.matrices(work.sizes)
    for letter, W, b in (("h", W1, b1), ("y", W2, b2)):
        for neuron in range(W.shape[1]):
            graph[f"{letter}{neuron + 1}.b"].value = b[neuron]  # type: ignore[misc]
            for place in range(W.shape[0]):
                graph[f"{letter}{neuron + 1}.w{place + 1}"].value = W[place, neuron]  # type: ignore[misc]


def losses(step: Any) -> list[float]:
    return [step() for _ in range(10)]


def by_hand(work: by.Task) -> list[float]:
    return losses((by.sigmoids_by_hand if work.batch is None else by.classes_by_hand)(work))


@pytest.fixture(params=[None, 8], ids=["sample by sample", "batches"])
def work(request: pytest.FixtureRequest) -> by.Task:
    return by.task((6, 5, 3), request.param)


def test_minigrad_finds_the_losses_of_numpy(work: by.Task):
    loss, *activations = (
        (mg.squared_error, mg.sigmoid, mg.sigmoid)
        if work.batch is None
        else (mg.softmax_cross_entropy, mg.relu, mg.identity)
    )
    graph = by.single_neurons(work.sizes, loss, *activations)
    start_alike(graph, work)
    np.testing.assert_allclose(losses(by.by_minigrad(work, graph)), by_hand(work), rtol=1e-4)


@pytest.mark.parametrize("peer", PEERS)
def test_peers_find_the_losses_of_numpy(work: by.Task, peer: str):
    package = peer.split(maxsplit=1)[0]
    pytest.importorskip(package, reason=f"{package} is not installed: pip install '.[bench]'")
    name = "squared error" if work.batch is None else "cross-entropy"
    np.testing.assert_allclose(losses(PEERS[peer](work, name)), by_hand(work), rtol=1e-4)


def test_micrograd_finds_the_losses_of_numpy():
    pytest.importorskip("micrograd", reason="micrograd is not installed: pip install '.[bench]'")
    work = by.task((6, 6, 3), 8)
    np.testing.assert_allclose(losses(by.by_micrograd(work)), by_hand(work), rtol=1e-4)


def test_moons_unrolled_and_batched_find_the_same_loss():
    X, labels = moons(12)
    whole, one = moons_graph(X, labels), moons_graph(None, labels)
    columns = np.transpose(X)
    assert one.forward({"x1": columns[0], "x2": columns[1], "label": labels}).mean() == pytest.approx(whole.forward())
    assert np.isfinite(moons_step(one, 12)())
