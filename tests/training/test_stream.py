"""Batches that are made as they are needed: learned from as the same batches of an array are."""

from __future__ import annotations

import weakref

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.errors import DataError, NotFiniteError, SettingError
from minigrad.training.callbacks import EarlyStopping
from minigrad.training.checkpoint import Checkpoint
from minigrad.training.metrics import accuracy

RNG = np.random.default_rng(0)
X, T = RNG.normal(size=(12, 2)), RNG.uniform(size=(12, 2))


def network():
    return mg.Network(*mg.mlp([2, 3, 2], mg.tanh, mg.sigmoid, rng=0))


def bits(net):
    return [parameter.value for parameter in net.parameters]


def batches():
    """The samples by fives, the last two alone."""
    return ((X[start : start + 5], T[start : start + 5].tolist()) for start in range(0, 12, 5))


class Loader:
    """Something that can be gone through again and again."""

    def __iter__(self):
        return batches()


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("source", [batches, Loader(), list(batches())], ids=["function", "loader", "list"])
@pytest.mark.parametrize("careful", [False, True])
def test_batches_are_learned_from_as_those_of_an_array(source, compiled, careful):
    settings = {"optimizer": mg.Adam(0.05), "epochs": 3, "compiled": compiled, "check_finite": careful}
    settings |= {"progress": False, "validation": (-X, T), "metrics": [accuracy], "stopping": EarlyStopping(5)}
    streamed, whole = network(), network()
    first = streamed.fit(source, **settings)
    second = whole.fit(X, T, batch_size=5, shuffle=False, **settings)
    assert bits(streamed) == bits(whole)
    assert first == second


def test_labels_and_array_inputs_stream_too():
    x = mg.Input("x", 2)
    net = mg.Network(x, mg.dense(x, 2, name="y", rng=0), mg.softmax_cross_entropy)
    history = net.fit([(X[:6], [0, 1] * 3), (X[6:], [1, 0] * 3)], epochs=4, progress=False)
    assert len(history.loss) == 4


def test_no_more_than_two_batches_are_held_at_a_time():
    made, most = [], []

    def fresh():
        for _ in range(5):
            rows = X.copy()
            made.append(weakref.ref(rows))
            most.append(sum(batch() is not None for batch in made))
            yield rows, T

    network().fit(fresh, epochs=2, progress=False)
    assert len(made) == 11  # one to look at before training
    assert max(most) <= 2


def once():
    yield X, T


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (once(), "only once; found generator.*Pass the function"),
        (iter([(X, T)]), "only once"),
        (lambda: (), "an epoch without batches"),
        ([], "an epoch without batches"),
        (lambda: None, "samples without targets"),
        (7, "samples without targets; found int"),
        (X, r"a batch that is no pair.*fit\(X, T\)"),
        ([X], "a batch that is no pair"),
        ([(X, T[:3])], "differ in number"),
        ([(X[:, :1], T)], "samples do not fit"),
        ([(X, T * np.nan)], "not finite"),
    ],
)
def test_what_gives_no_batches_is_refused(source, words):
    net = network()
    before = bits(net)
    with pytest.raises(DataError, match=words):
        net.fit(source, progress=False)
    assert bits(net) == before


def test_a_bad_batch_later_on_leaves_the_epoch_before():
    calls = []

    def made():
        calls.append(1)
        yield X, T
        if len(calls) > 2:
            yield X, T[:1]

    net, other = network(), network()
    with pytest.raises(DataError, match="differ in number"):
        net.fit(made, epochs=5, progress=False)
    other.fit([(X, T)], epochs=1, progress=False)
    assert bits(net) == bits(other)


def test_the_first_loss_that_is_not_finite_is_named():
    net = mg.Network(*mg.mlp([2, 1], output=mg.identity, rng=0))
    with pytest.raises(NotFiniteError):
        net.fit([(X * 1e200, T[:, :1])], epochs=9, check_finite=True, progress=False)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"checkpoint": Checkpoint("run")}, "checkpoint"),
        ({"steps": 3}, "steps"),
        ({"weights": [1.0]}, "weights"),
        ({"metrics": [accuracy]}, "metrics without validation"),
        ({"validation": 0.5}, "a share for validation"),
        ({"optimizer": optim.LBFGS()}, "a full-batch optimizer"),
        ({"batch_size": 5}, "batch_size"),
    ],
)
def test_settings_that_need_all_samples_are_refused(settings, words):
    with pytest.raises(SettingError, match=f"a setting that batches cannot have; found {words}"):
        network().fit(batches, progress=False, **settings)
