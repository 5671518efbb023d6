"""The libraries compute the same: from the same weights, on the same data, the same losses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

import minigrad as mg
from tests.benchmarks.parts import by_minigrad
from tests.benchmarks.parts.by_hand import matrix_products, numba_learner, numpy_learner
from tests.benchmarks.parts.by_peers import PEERS
from tests.benchmarks.parts.moons import half_moons, minigrad_moons_step, moons_graph
from tests.benchmarks.parts.tasks import Learner, Task, make_task

PACKAGES = {"JAX": "jax", "PyTorch": "torch", "scikit-learn": "sklearn", "numba": "numba"}
BY_HAND = {"numpy": numpy_learner, "numba": numba_learner}
OWN = ("fit", "train_step", "train_steps", "bare_program")


@pytest.fixture(params=["squared error", "cross-entropy"])
def task(request: pytest.FixtureRequest) -> Task:
    return make_task((6, 5, 3), request.param, 1 if request.param == "squared error" else 8, 3)._replace(shuffle=False)


SETTLED = {
    "PyTorch compiled": partial(PEERS["PyTorch compiled"], backend="aot_eager"),
    "scikit-learn": lambda task: PEERS["scikit-learn"](task)._replace(predict=None),  # which tells probabilities
}


def losses(learner: Learner) -> list[float]:
    return [learner.epoch() for _ in range(3)]


def check_same(task: Task, make: Callable[[Task], Learner]) -> None:
    """The losses of some epochs agree with NumPy's, and so do the outputs."""
    expected, learner = numpy_learner(task), make(task)
    np.testing.assert_allclose(losses(learner), losses(expected), rtol=1e-4)
    if learner.predict:
        assert expected.predict
        for rows in (task.X[0], task.X):
            outputs = np.asarray(learner.predict(rows)).reshape(*rows.shape[:-1], -1)
            np.testing.assert_allclose(outputs, expected.predict(rows), rtol=1e-4, atol=1e-5)


def import_package(name: str) -> None:
    package = PACKAGES.get(name.split(",", maxsplit=1)[0].split(maxsplit=1)[0], name.lower())
    pytest.importorskip(package, reason=f"{package} is not installed: pip install '.[bench]'")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make_network", [by_minigrad.network_of_neurons, by_minigrad.network_of_arrays])
@pytest.mark.parametrize("call", OWN)
def test_minigrad_computes_the_losses_of_numpy(task: Task, call: str, make_network: Callable[..., mg.Network], dtype):
    check_same(task.of_type(dtype), lambda task: getattr(by_minigrad, call)(task, make_network(task)))


@pytest.mark.parametrize("peer", PEERS)
def test_peers_compute_the_losses_of_numpy(task: Task, peer: str):
    import_package(peer)
    if peer == "scikit-learn" and task.is_squared:
        pytest.skip("with squared errors scikit-learn's outputs are not sigmoid")
    check_same(task, SETTLED.get(peer, PEERS[peer]))


@pytest.mark.slow
def test_loops_that_numba_compiles_compute_the_losses_of_numpy(task: Task):
    import_package("numba")
    check_same(task, numba_learner)


def test_an_epoch_takes_every_sample_once_in_a_new_order(task: Task):
    shuffled = task._replace(shuffle=True)
    orders = shuffled.orders()
    first, second = next(orders), next(orders)
    assert sorted(first) == sorted(second) == list(range(len(task.X)))
    assert list(first) != list(second)
    assert np.ravel(task.split(first)).tolist() == first.tolist()


def test_the_matrix_products_are_run(task: Task):
    matrix_products(task._replace(batch=8)).epoch()


def test_moons_unrolled_and_batched_compute_the_same_loss():
    X, labels = half_moons(12)
    unrolled, one = moons_graph(X, labels), moons_graph(None, labels)
    columns = np.transpose(X)
    assert one.forward({"x1": columns[0], "x2": columns[1], "label": labels}).mean() == pytest.approx(
        unrolled.forward()
    )
    assert np.isfinite(minigrad_moons_step(one, 12)())
