"""The learning rate finder: what it suggests learns well, and the network does not notice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import minigrad as mg
from minigrad import datasets, optim
from minigrad.errors import SettingError
from minigrad.training.lr_finder import RateSearch, find_rate
from minigrad.training.step import InterpretedStep

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 2))
T = X @ [[1.0], [-2.0]] + 0.5


def line():
    return mg.Network(*mg.mlp([2, 1], output=mg.identity, rng=0))


@pytest.mark.parametrize("optimizer", [None, mg.SGD(), mg.Momentum(), mg.Adam(), optim.AdamW()], ids=repr)
def test_the_suggested_rate_learns(optimizer):
    search = find_rate(line(), X, T, optimizer, batch_size=8)
    assert 1e-6 <= search.suggestion <= 1.0
    net, rule = line(), type(optimizer or mg.SGD())(lr=search.suggestion)
    before = net.evaluate(X, T)
    net.fit(X, T, rule, epochs=30, batch_size=8, progress=False)
    assert net.evaluate(X, T) < 0.2 * before


def test_the_search_ends_where_the_loss_bursts():
    search = find_rate(line(), X, T, high=1e4, steps=200, batch_size=8)
    assert len(search.rates) == len(search.losses) < 200
    assert search.rates[-1] < 1e4
    assert search.losses[-1] <= 4 * min(search.losses)
    np.testing.assert_allclose(np.diff(np.log(search.rates)), np.log(1e10) / 199)


def test_the_network_stays_as_it_was_and_the_search_repeats():
    net = line()
    before = [parameter.value for parameter in net.parameters]
    assert find_rate(net, X, T, seed=3) == find_rate(net, X, T, seed=3) != find_rate(net, X, T, seed=4)
    assert [parameter.value for parameter in net.parameters] == before


@pytest.mark.parametrize("optimizer", [mg.SGD(), mg.Adam()], ids=repr)
def test_the_search_is_not_led_astray_by_single_samples(optimizer):
    X, labels = datasets.two_moons(200, seed=0)
    for seed in range(4):
        net = mg.Network(*mg.mlp([2, 8, 1], mg.tanh, mg.sigmoid, rng=seed))
        search = find_rate(net, X, labels, optimizer, seed=seed)
        assert 1e-3 < search.suggestion < 1
        before = net.evaluate(X, labels)
        net.fit(X, labels, replace(optimizer, lr=search.suggestion), epochs=5, progress=False)
        assert net.evaluate(X, labels) < 0.6 * before


def test_the_loss_is_measured_on_some_of_many_samples(monkeypatch):
    counts = []
    monkeypatch.setattr(InterpretedStep, "mean_loss", lambda self, samples, targets: counts.append(len(samples)) or 1.0)
    find_rate(line(), np.tile(X, (20, 1)), np.tile(T, (20, 1)), steps=3)
    find_rate(line(), X, T, steps=3)
    assert counts == [500] * 4 + [40] * 4


def test_a_search_is_a_picture():
    pytest.importorskip("matplotlib", reason="plots need matplotlib: pip install minigrad-bp[plot]")
    search = find_rate(line(), X, T, batch_size=8)
    figure = search.plot()
    (panel,) = figure.axes
    np.testing.assert_array_equal(panel.lines[0].get_xdata(), search.rates)
    assert panel.lines[1].get_xdata() == [search.suggestion] * 2
    assert panel.get_ylim()[0] < min(search.losses)
    figure._repr_png_()


def test_the_suggestion_is_a_tenth_of_the_lowest():
    assert RateSearch((0.1, 0.5, 2.0), (3.0, 1.0, 9.0)).suggestion == 0.05


def test_a_schedule_stands_back_and_clipping_goes_on():
    plain = find_rate(line(), X, T, mg.Adam(), batch_size=8)
    assert find_rate(line(), X, T, mg.Adam(optim.OneCycle(0.1, 100)), batch_size=8) == plain
    assert find_rate(line(), X, T, optim.Clipped(mg.Adam(), norm=1e9), batch_size=8) == plain
    clipped = find_rate(line(), X, T, optim.Clipped(mg.SGD(), norm=1e-3), batch_size=8)
    assert clipped.losses != find_rate(line(), X, T, mg.SGD(), batch_size=8).losses


class Bare:
    """An optimizer has no learning rate."""

    def init(self, parameters):
        return ()

    def update(self, parameters, gradient, state):
        return parameters, state


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"low": 0}, "low"),
        ({"low": 20.0}, "low"),
        ({"high": np.inf}, "high"),
        ({"steps": 1}, "steps"),
        ({"batch_size": 0}, "batch_size"),
        ({"seed": -1}, "seed"),
        ({"optimizer": Bare()}, "has no learning rate"),
        ({"optimizer": optim.Clipped(Bare(), norm=1.0)}, "has no learning rate"),
        ({"optimizer": mg.SGD}, "not an optimizer"),
    ],
)
def test_impossible_searches_are_named(settings, words):
    with pytest.raises(SettingError, match=words):
        find_rate(line(), X, T, **settings)


def test_a_search_prints_in_one_line():
    assert repr(RateSearch((0.001, 0.1), (2.0, 1.0))) == "<RateSearch of 2 rates from 0.001 to 0.1>"
