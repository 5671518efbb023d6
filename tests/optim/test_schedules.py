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
    return np.array([schedule.at(step) for step in range(count)])


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
    """A schedule of one's own that branches on the number of the step."""

    def at(self, step):
        return 0.1 if step < 3 else 0.01


class RateOfTheMoment:
    """A schedule that depends on something else than the step."""

    def __init__(self, rate=0.1):
        self.now = rate

    def at(self, step):
        return self.now


class Asked:
    """A schedule around another one that notes which steps it was asked for, and what it answered."""

    def __init__(self, schedule):
        self.schedule, self.steps, self.rates = schedule, [], []

    def at(self, step):
        self.steps.append(step)
        self.rates.append(self.schedule.at(step))
        return self.rates[-1]


X, T = np.random.default_rng(0).normal(size=(2, 9, 2))
EVERY_SCHEDULE = [*SCHEDULES, Alternating(), Branching(), RateOfTheMoment(), mg.ReduceOnPlateau(0.1)]


def trained(optimizer, engine="auto", **settings):
    network = mg.Network(*mg.mlp([2, 3, 2], rng=0))
    network.fit(X, T, optimizer, progress=False, engine=engine, **{"epochs": 3, "batch_size": 2, **settings})
    return np.array([parameter.value for parameter in network.parameters])


def test_the_law_of_schedules_covers_every_schedule():
    public = {cls for cls in vars(optim).values() if isinstance(cls, type) and issubclass(cls, optim.base.Settings)}
    assert {cls for cls in public if hasattr(cls, "at")} <= {type(schedule) for schedule in SCHEDULES}


@pytest.mark.parametrize("wrap", [mg.SGD, mg.Momentum, lambda rate: mg.Clipped(mg.Adam(rate), norm=1.0)])
@pytest.mark.parametrize("schedule", EVERY_SCHEDULE, ids=lambda schedule: type(schedule).__name__)
def test_every_schedule_is_asked_once_before_every_step_by_every_engine(schedule, wrap):
    expected = None
    for engine in ("nodes", "numpy", "tape", "script", "auto"):
        asked = Asked(schedule)
        result = trained(wrap(asked), engine)
        expected = result if expected is None else expected
        assert asked.steps == [*range(15)]
        assert {*map(type, asked.steps)} == {int}
        assert asked.rates == [schedule.at(step) for step in range(15)]
        np.testing.assert_allclose(result, expected, rtol=1e-11)


@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("wrap", [mg.SGD, mg.Momentum, mg.AdamW, lambda rate: mg.Clipped(mg.SGD(rate), value=1e6)])
def test_steps_at_a_scheduled_rate_are_steps_at_that_number(wrap, batch_size):
    for engine in ("nodes", "numpy"):
        settings = {"engine": engine, "batch_size": batch_size}
        np.testing.assert_allclose(
            trained(wrap(RateOfTheMoment(0.03)), **settings), trained(wrap(0.03), **settings), rtol=1e-13
        )
    assert trained(wrap(RateOfTheMoment(0.03)), dtype=np.float32) == pytest.approx(trained(wrap(0.03)), rel=1e-3)


@pytest.mark.parametrize("engine", ["nodes", "numpy", "script"])
@pytest.mark.parametrize("every", [1, 5])
def test_a_rate_that_a_callback_changes_counts_from_the_next_step(engine, every):
    rate, seen = RateOfTheMoment(), []

    class Halt:
        def step_end(self, progress):
            seen.append(progress.snapshot())
            rate.now = 0.0

    Halt.every = every
    trained(mg.SGD(rate), engine, callbacks=[Halt()])
    assert len(seen) == 15 // every
    assert all(np.array_equal(seen[0], later) for later in seen)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -0.1, None, "fast", np.ones(2)])
@pytest.mark.parametrize("engine", ["nodes", "numpy"])
def test_what_is_no_rate_is_named_with_its_step_and_parameters_stay(wrong, engine):
    schedule = RateOfTheMoment()
    schedule.at = lambda step: 0.1 if step < 7 else wrong
    network = mg.Network(*mg.mlp([2, 3, 2], rng=0))
    with pytest.raises(SettingError, match="no learning rate for step 7"):
        network.fit(X, T, mg.SGD(schedule), epochs=3, batch_size=2, engine=engine, progress=False)
    after_one_epoch = trained(mg.SGD(0.1), engine, epochs=1)
    np.testing.assert_allclose([parameter.value for parameter in network.parameters], after_one_epoch, rtol=1e-13)


class OwnDescent:
    """An optimizer of one's own that asks a schedule itself."""

    def __init__(self, schedule, step_of):
        self.schedule, self.step_of = schedule, step_of

    def init(self, parameters):
        return (np.zeros_like(parameters, shape=1),)

    def update(self, parameters, gradient, state):
        (count,) = state
        return parameters - gradient * self.schedule.at(self.step_of(count)), (count + 1,)


def test_an_own_optimizer_may_ask_a_schedule_too():
    schedule = optim.ExponentialDecay(0.1, 0.9)
    expected = trained(mg.SGD(schedule), "nodes")
    for engine in ("nodes", "numpy", "auto"):
        found = trained(OwnDescent(schedule, lambda count: count), engine)
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_step_that_is_computed_from_the_state_is_left_to_the_readable_graph():
    schedule = optim.ExponentialDecay(0.1, 0.9)
    expected = trained(OwnDescent(schedule, lambda count: count + 1), "nodes")
    np.testing.assert_allclose(trained(OwnDescent(schedule, lambda count: count + 1), "auto"), expected, rtol=1e-12)
    with pytest.raises(CompileError, match="the step that a schedule is asked with"):
        trained(OwnDescent(schedule, lambda count: count + 1), "numpy")


@pytest.mark.parametrize("product", [lambda rate, g: rate * g, lambda rate, g: g * rate])
def test_a_product_with_the_rate_counts_once_in_either_order(product):
    class Own:
        def init(self, parameters):
            return ()

        def update(self, parameters, gradient, state):
            return parameters - product(0.1, gradient), state

    np.testing.assert_allclose(trained(Own(), "numpy"), trained(mg.SGD(0.1), "nodes"), rtol=1e-12)


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
