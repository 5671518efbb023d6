"""Schedules: where they begin and end, how they compose, what they refuse, and that they work as `lr` anywhere."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.errors import CompileError, SettingError

SCHEDULES = [
    optim.ConstantRate(0.1),
    optim.StepDecay(0.1, every=3, factor=0.5),
    optim.ExponentialDecay(0.1, 0.9),
    optim.CosineDecay(0.1, 20, least=0.01),
    optim.WarmUp(0.1, 5),
    optim.WarmUp(optim.StepDecay(0.1, 4), 5, start=0.0),
    optim.OneCycle(0.1, 20),
]


def rates(schedule, count):
    return np.array([np.asarray(schedule.at(np.array([float(step)]))).item() for step in range(count)])


def test_step_decay_reduces_the_rate_every_so_many_steps():
    np.testing.assert_allclose(rates(optim.StepDecay(1.0, every=2, factor=0.1), 6), [1, 1, 0.1, 0.1, 0.01, 0.01])


def test_exponential_decay_has_the_same_factor_in_each_step():
    np.testing.assert_allclose(rates(optim.ExponentialDecay(1.0, 0.5), 4), [1, 0.5, 0.25, 0.125], rtol=1e-15)


def test_a_cosine_ends_at_the_least_rate_and_stays_there():
    result = rates(optim.CosineDecay(1.0, 4, least=0.2), 8)
    np.testing.assert_allclose(result[[0, 2, 4, 5, 7]], [1, 0.6, 0.2, 0.2, 0.2], rtol=1e-15)


def test_a_warm_up_rises_in_a_straight_line_to_the_first_rate_of_what_follows():
    result = rates(optim.WarmUp(optim.StepDecay(1.0, every=2, factor=0.5), 4, start=0.0), 9)
    np.testing.assert_allclose(result, [0, 0.25, 0.5, 0.75, 1, 1, 0.5, 0.5, 0.25])


def test_one_cycle_goes_up_and_far_down_again_and_stays():
    result = rates(optim.OneCycle(1.0, 20, rise=0.25, begin=10, end=100), 25)
    assert result.argmax() == 4
    np.testing.assert_allclose(result[[0, 4, 19, 24]], [0.1, 1, 0.001, 0.001], rtol=1e-12)
    assert np.all(np.diff(result[:5]) > 0)
    assert np.all(np.diff(result[4:20]) < 0)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_a_scheduled_step_is_a_step_at_the_rate_of_its_time(schedule):
    parameters, optimizer = np.array([1.0, -2.0]), mg.SGD(schedule)
    state = optimizer.init(parameters)
    for rate in rates(schedule, 25):
        expected = parameters - rate * np.array([0.5, 1.0])
        parameters, state = optimizer.update(parameters, np.array([0.5, 1.0]), state)
        np.testing.assert_allclose(parameters, expected, rtol=1e-14)
    np.testing.assert_array_equal(state[0], [25])


def test_a_constant_schedule_is_the_number():
    X, T = np.random.default_rng(0).normal(size=(2, 9, 2))
    results = []
    for rate in (0.03, optim.ConstantRate(0.03)):
        network = mg.Network(*mg.mlp([2, 3, 2], rng=0))
        network.fit(X, T, mg.Adam(rate), epochs=3, progress=False)
        results.append([parameter.value for parameter in network.parameters])
    assert results[0] == results[1]


class Alternating:
    """A schedule of one's own."""

    def at(self, step):
        return 0.1 + 0.05 * np.cos(np.pi * step)


def test_anything_with_at_is_a_schedule():
    parameters, optimizer = np.zeros(1), mg.SGD(Alternating())
    state = optimizer.init(parameters)
    for expected in (-0.15, -0.2, -0.35):
        parameters, state = optimizer.update(parameters, np.ones(1), state)
        assert parameters.item() == pytest.approx(expected, abs=1e-15)


class Branching:
    """A schedule that branches on the number of the step, which cannot be recorded."""

    def at(self, step):
        return 0.1 if step < 3 else 0.01


def test_a_schedule_that_cannot_be_recorded_is_followed_by_the_readable_graph():
    X, T = np.random.default_rng(0).normal(size=(2, 9, 2))
    results = []
    for engine in ("auto", "nodes"):
        network = mg.Network(*mg.mlp([2, 3, 2], rng=0))
        network.fit(X, T, mg.SGD(Branching()), epochs=3, progress=False, engine=engine)
        results.append([parameter.value for parameter in network.parameters])
    assert results[0] == results[1]
    with pytest.raises(CompileError, match="the optimizer cannot be recorded"):
        network.fit(X, T, mg.SGD(Branching()), progress=False, engine="numpy")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: optim.ConstantRate(-1), "lr: .*found -1"),
        (lambda: optim.StepDecay(0.1, 0), "every: .*found 0, expected a whole number of at least 1"),
        (lambda: optim.StepDecay(0.1, 2, np.inf), "factor: .*found inf"),
        (lambda: optim.ExponentialDecay("fast"), "lr: .*found 'fast'"),
        (lambda: optim.ExponentialDecay(0.1, -0.5), "factor: .*found -0.5"),
        (lambda: optim.CosineDecay(0.1, 1.5), "steps: .*found 1.5"),
        (lambda: optim.CosineDecay(0.1, 10, None), "least: .*found None"),
        (lambda: optim.WarmUp(-0.1, 10), "then: .*found -0.1"),
        (lambda: optim.WarmUp(optim.StepDecay, 10), "then: .*StepDecay"),
        (lambda: optim.WarmUp(0.1, 10, -1), "start: .*found -1"),
        (lambda: optim.OneCycle(0.1, 1), "rise: .*found 0.3 of 1 steps"),
        (lambda: optim.OneCycle(0.1, 3), "rise: the rising part is too short; found 0.3 of 3 steps"),
        (lambda: optim.OneCycle(0.1, 10, rise=1), "rise: .*found 1"),
        (lambda: optim.OneCycle(0.1, 10, begin=0), "begin: .*found 0, expected a number above 0"),
        (lambda: optim.OneCycle(0.1, 10, end=-1), "end: .*found -1"),
    ],
)
def test_impossible_schedules_are_named(make, words):
    with pytest.raises(SettingError, match=words):
        make()
