"""The network, the data and the training that most tests of this package use."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg

ENGINES = pytest.mark.parametrize("engine", ["nodes", "numpy"])


def small_network(rng=0, loss=mg.squared_error, output=mg.sigmoid):
    """A network of 2 inputs, 3 hidden neurons and 2 outputs."""
    return mg.Network(*mg.mlp([2, 3, 2], mg.tanh, output, rng=rng), loss=loss)


def data(samples=12, seed=0):
    """Samples and targets at random."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(samples, 2)), rng.uniform(size=(samples, 2))


X, T = data()
LABELS = np.arange(12) % 2
X_XOR, T_XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])


def values(network):
    """The value of every parameter, by name."""
    return {parameter.name: parameter.value for parameter in network.parameters}


def freeze_others(network, free):
    """Let only the parameters of these names be trained; all for None."""
    for parameter in network.parameters:
        parameter.trainable = free is None or parameter.name in free


def fitted(**settings):
    """The parameters and the history of the small network after training."""
    network = small_network()
    freeze_others(network, settings.pop("free", None))
    history = network.fit(*settings.pop("data", (X, T)), **{"progress": False, "epochs": 3, **settings})
    return values(network), history


class StopError(Exception):
    """Stands for whatever stops a training."""


def stop_after(epoch):
    """A callback that raises after an epoch."""

    def stop(progress):
        if progress.epoch == epoch:
            raise StopError

    return stop
