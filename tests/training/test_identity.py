"""What tells one training from another: whatever decides its numbers is compared, and what differs is said in words."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import FileError
from minigrad.training.checkpoint import Checkpoint


class Fading:
    """A schedule without a state."""

    def __init__(self, lr, last=5):
        self.lr, self.last = lr, last

    def at(self, step):
        return self.lr


class OtherFading(Fading):
    def at(self, step):
        return self.lr / 2


class Sign:
    """An optimizer of one's own."""

    def __init__(self, lr, sizes=(1, 2)):
        self.lr, self.sizes = lr, sizes

    def init(self, parameters):
        return ()

    def update(self, parameters, gradient, state):
        return parameters - self.lr * np.sign(gradient), state


class Clocked(Fading):
    """A schedule with a setting that nobody can compare."""

    def __init__(self, lr):
        super().__init__(lr)
        self.clock = iter(())


class Counting:
    """A callback with a setting and a state."""

    def __init__(self, limit):
        self.limit, self.count = limit, 0

    def epoch_end(self, progress):
        self.count += 1

    def state(self):
        return {"count": self.count}

    def load_state(self, state):
        self.count = state["count"]


def above(limit):
    """A metric with a setting."""

    def share(outputs, targets):
        return float(np.mean(outputs > limit))

    return share


def mean(outputs, targets):
    return float(np.mean(outputs))


def other_mean(outputs, targets):
    return float(np.mean(outputs)) + 1.0


other_mean.__name__ = other_mean.__qualname__ = "mean"
PAIR = (np.eye(2), [0, 1])
DIFFERENT = [
    ({"validation": PAIR}, {"validation": (np.eye(2), [1, 1])}, "a difference in the validation data"),
    ({"validation": PAIR}, {"validation": None}, "validation data some, expected none"),
    ({"optimizer": mg.SGD(0.1)}, {"optimizer": mg.Adam(0.1)}, "optimizer SGD, expected Adam"),
    (
        {"optimizer": mg.SGD(mg.StepDecay(0.1, 3))},
        {"optimizer": mg.SGD(mg.StepDecay(0.1, 4))},
        "lr.every 3, expected 4",
    ),
    ({"optimizer": mg.SGD(Fading(0.1))}, {"optimizer": mg.SGD(Fading(0.2))}, "optimizer.lr.lr 0.1, expected 0.2"),
    ({"optimizer": mg.SGD(Fading(0.1))}, {"optimizer": mg.SGD(Fading(0.1, 6))}, "optimizer.lr.last 5, expected 6"),
    ({"optimizer": mg.SGD(Fading(0.1))}, {"optimizer": mg.SGD(OtherFading(0.1))}, "lr Fading, expected OtherFading"),
    ({"optimizer": Sign(0.1)}, {"optimizer": Sign(0.3)}, "optimizer.lr 0.1, expected 0.3"),
    ({"optimizer": Sign(0.1)}, {"optimizer": Sign(0.1, (1, 3))}, r"optimizer.sizes\[1\] 2, expected 3"),
    ({"metrics": [above(0.5)]}, {"metrics": [above(0.6)]}, "metric share, limit 0.5, expected 0.6"),
    ({"metrics": [mean]}, {"metrics": [other_mean]}, "a difference in the metric mean code"),
    ({"metrics": [mean]}, {"metrics": [mean, above(1)]}, r"metrics \['mean'\], expected \['mean', 'share'\]"),
    ({"callbacks": [Counting(3)]}, {"callbacks": [Counting(4)]}, "callback Counting 1.limit 3, expected 4"),
    ({"callbacks": [Counting(3)]}, {}, "callbacks Counting 1, expected none"),
    ({"seed": 0}, {"seed": 1}, "seed 0, expected 1"),
    ({"seed": np.random.default_rng(0)}, {"seed": np.random.default_rng(1)}, "a difference in the seed"),
]


@pytest.mark.parametrize(("first", "second", "words"), DIFFERENT, ids=[words for *_, words in DIFFERENT])
def test_what_differs_is_said_in_words(first, second, words, tmp_path):
    def fit(epochs, callbacks=(), **settings):
        network = mg.Network(*mg.mlp([2, 1], rng=0))
        callbacks = [Checkpoint(tmp_path / "run"), *callbacks]
        return network.fit(np.eye(2), [0, 1], epochs=epochs, callbacks=callbacks, progress=False, **settings)

    def copied(settings):
        return copy.deepcopy(settings) if "metrics" not in settings else settings

    fit(1, **copied(first))
    with pytest.raises(FileError, match=rf"{words}\. Give this training") as caught:
        fit(2, **copied(second))
    assert "#" not in str(caught.value)
    assert len(fit(3, **copied(first)).loss) == 3


def test_settings_that_cannot_be_compared_are_named(tmp_path):
    for _ in range(2):
        with pytest.warns(UserWarning, match=r"cannot compare optimizer\.lr\.clock: it goes"):
            mg.Network(*mg.mlp([2, 1], rng=0)).fit(
                *PAIR, mg.SGD(Clocked(0.1)), epochs=2, callbacks=[Checkpoint(tmp_path / "run")], progress=False
            )
