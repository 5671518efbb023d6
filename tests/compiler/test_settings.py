"""Snapshots of settings: equal as long as nothing has changed, and none of what cannot be compared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler.settings import is_fixed, snapshot


@dataclass(frozen=True)
class Leaning(mg.Activation):
    slope: float = 0.1

    label = "leaning by a setting"

    def forward(self, xp, s):
        return xp.maximum(s, self.slope * s)

    def backward(self, xp, delta, y, s):
        return (delta * xp.where(s > 0, 1.0, self.slope),)


class Halving:
    """A learning rate of one's own, whose settings may be assigned."""

    every = 10

    def __init__(self, first: float) -> None:
        self.first = first

    def at(self, step):
        return self.first * 0.5 ** (step / self.every)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (mg.SGD(0.1), mg.SGD(0.2)),
        (mg.SGD(0.1), mg.Momentum(0.1)),
        (mg.Adam(mg.StepDecay(0.1, 10)), mg.Adam(mg.StepDecay(0.1, 20))),
        (mg.SGD(Halving(0.1)), mg.SGD(Halving(0.2))),
        (Leaning(0.1), Leaning(0.2)),
        (np.zeros(3), np.zeros((3, 1))),
        (np.array([0.0, 1.0]), np.array([0.0, 2.0])),
        ([1, 2], (1, 2)),
        ({"a": 1}, {"a": 2}),
        (1, True),
    ],
)
def test_snapshots_are_equal_where_the_settings_are(one, other):
    assert snapshot(one) is not None
    assert snapshot(one) == snapshot(one)
    assert snapshot(one) != snapshot(other)


def test_what_is_assigned_later_changes_the_snapshot(monkeypatch):
    rate = Halving(0.1)
    before = snapshot(mg.SGD(rate))
    assert snapshot(mg.SGD(Halving(0.1))) == before
    rate.first = 0.2
    assert snapshot(mg.SGD(rate)) != before
    rate.first = 0.1
    assert snapshot(mg.SGD(rate)) == before
    monkeypatch.setattr(Halving, "every", 20)
    assert snapshot(mg.SGD(rate)) != before


def test_a_rule_that_is_replaced_changes_the_snapshot(monkeypatch):
    before = snapshot(Leaning())
    monkeypatch.setattr(Leaning, "forward", lambda self, xp, s: s)
    assert snapshot(Leaning()) != before


@pytest.mark.parametrize("item", [lambda: 1, iter([1]), partial(max, 1), object(), np.random.default_rng(0), [print]])
def test_what_may_hold_state_that_cannot_be_seen_has_no_snapshot(item):
    assert snapshot(item) is None


def test_a_setting_that_refers_to_itself_has_no_snapshot():
    rate = Halving(0.1)
    rate.first = rate  # type: ignore[assignment]
    assert snapshot(rate) is None


def test_the_classes_of_minigrad_are_fixed():
    assert is_fixed(type(mg.sigmoid))
    assert not is_fixed(Leaning)


def test_zero_and_minus_zero_are_two_settings() -> None:
    assert snapshot(mg.LeakyReLU(0.0)) != snapshot(mg.LeakyReLU(-0.0))
    assert snapshot(np.float32(0.0)) != snapshot(np.float32(-0.0))
    assert snapshot([float("nan")]) == snapshot([float("nan")])
