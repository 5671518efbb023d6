"""Answers by arrays are those of the readable graph, whatever it is made of."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.training.step import make_predict_step, make_training_step

RNG = np.random.default_rng(0)
X = RNG.normal(size=(9, 2))


def layered():
    return mg.Network(*mg.mlp([2, 5, 4, 3], mg.tanh, mg.identity, rng=0), loss=mg.softmax_cross_entropy)


def one_output():
    return mg.Network(*mg.mlp([2, 4, 1], mg.relu, mg.sigmoid, rng=1), loss=mg.squared_error)


def regularized():
    x, y = mg.mlp([2, 4, 2], mg.tanh, mg.sigmoid, rng=2)
    weights = mg.Graph(y).parameters
    return mg.Network(
        x, y, lambda outputs, targets: mg.squared_error(outputs, targets) + mg.sum(mg.stack(weights) ** 2)
    )


def tied():
    x = mg.Input("x1"), mg.Input("x2")
    w, b, c = mg.Parameter(0.3, "w"), mg.Parameter(0.1, "b"), mg.Constant(0.7, "c")
    h = [mg.tanh(mg.weighted_sum(x, pair, b)) for pair in ((w, 0.5), (c, w))]
    return mg.Network(x, [h[0] * w + h[1], h[1] - h[0], h[0]])


def same_answer_to_all():
    x = mg.Input("x1"), mg.Input("x2")
    w = mg.Parameter(0.3, "w")
    return mg.Network(x, [mg.tanh(x[0] + x[1]), mg.exp(w)])


def of_arrays():
    x = mg.Input("x", 2)
    return mg.Network(x, mg.dense(x, 3, name="y", rng=0))


BUILDERS = [layered, one_output, regularized, tied, same_answer_to_all, of_arrays]


@pytest.mark.parametrize("build", BUILDERS)
@pytest.mark.parametrize("compiled", [False, True, "auto"])
def test_metrics_are_told_what_the_network_predicts(build, compiled):
    network, told = build(), []

    def look(outputs, targets):
        told.append(outputs)
        return 0.0

    T = RNG.uniform(size=(9, network.predict(X).shape[1]))
    before = network.predict(X)
    for weights in (None, np.arange(9)):
        network.fit(X, T, mg.SGD(0.1), epochs=2, weights=weights, compiled=compiled, metrics=[look], progress=False)
        np.testing.assert_allclose(told[-1], network.predict(X), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(told[0], before, rtol=1e-13, atol=1e-14)
    assert not np.array_equal(told[-1], before)


@pytest.mark.parametrize(("build", "found"), [(layered, True), (one_output, True), (of_arrays, False)])
def test_layers_of_single_neurons_answer_by_arrays(build, found):
    network = build()
    samples, targets = network.data(X, np.arange(9) % len(network.predict(X[0])))
    for compiled in (True, False):
        trainer = make_training_step(network.graph, mg.SGD(), samples, targets, compiled)
        answers = make_predict_step(trainer, network.inputs, network.outputs)
        assert (answers is not None) == (found and compiled)


def test_a_single_output_is_a_column():
    network, shapes = one_output(), []

    def look(outputs, targets):
        shapes.append(outputs.shape)
        return 0.0

    network.fit(X, X[:, 0] > 0, epochs=1, metrics=[look], compiled=True, progress=False)
    assert shapes == [(9, 1)] * 2
