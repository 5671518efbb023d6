"""Optimizers as pure functions: their formulas, their purity, what they refuse, and that they find a minimum."""

from dataclasses import FrozenInstanceError, dataclass

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.errors import SettingError
from minigrad.optim import checked_optimizer

START = np.array([1.0, -2.0, 3.0])
GRADIENT = np.array([0.5, 0.0, -4.0])
OPTIMIZERS = [
    mg.SGD(0.1),
    mg.Momentum(0.05, 0.8),
    optim.Nesterov(0.05, 0.8),
    optim.AdaGrad(0.8),
    optim.RMSProp(0.1, decay=0.9, epsilon=0.5),
    mg.Adam(0.1),
    optim.AdamW(0.1, weight_decay=0.0),
    optim.Clipped(mg.SGD(0.1), norm=2.0),
    optim.Clipped(mg.Momentum(optim.OneCycle(0.1, 500)), value=1.0),
]
DECAYING = [
    mg.SGD(0.1, weight_decay=0.01),
    mg.Momentum(0.05, 0.8, weight_decay=0.01),
    optim.Nesterov(optim.CosineDecay(0.05, 50), weight_decay=0.01),
    optim.AdaGrad(0.1, weight_decay=0.01),
    optim.RMSProp(0.01, weight_decay=0.01),
    mg.Adam(optim.OneCycle(0.05, 50), weight_decay=0.01),
    optim.AdamW(optim.WarmUp(optim.StepDecay(0.05, 10, 0.5), 20)),
    optim.Clipped(optim.AdamW(0.02), norm=0.1, value=0.05),
]


def steps(optimizer, gradients, start=START):
    parameters, state = start, optimizer.init(start)
    for gradient in gradients:
        parameters, state = optimizer.update(parameters, gradient, state)
    return parameters


def test_sgd_moves_against_the_gradient():
    np.testing.assert_array_equal(steps(mg.SGD(lr=0.1), [GRADIENT]), START - 0.1 * GRADIENT)


def test_momentum_remembers_where_it_was_going():
    found = steps(mg.Momentum(lr=0.1, momentum=0.5), [GRADIENT, np.zeros(3)])
    np.testing.assert_allclose(found, START - 0.1 * GRADIENT - 0.1 * 0.5 * GRADIENT, rtol=1e-15)
    np.testing.assert_array_equal(steps(mg.Momentum(0.1, 0), [GRADIENT] * 3), steps(mg.SGD(0.1), [GRADIENT] * 3))


def test_the_first_step_of_adam_is_the_learning_rate_in_every_direction():
    found = steps(mg.Adam(lr=0.1), [GRADIENT])
    np.testing.assert_allclose(found, START - 0.1 * np.sign(GRADIENT), rtol=1e-7)


def test_adam_is_its_formula():
    gradients = np.random.default_rng(0).normal(size=(20, 3))
    mean, square, expected = np.zeros(3), np.zeros(3), START
    for step, gradient in enumerate(gradients, start=1):
        mean = 0.8 * mean + 0.2 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        expected = expected - 0.05 * (mean / (1 - 0.8**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-6)
    found = steps(mg.Adam(0.05, beta1=0.8, beta2=0.99, epsilon=1e-6), gradients)
    np.testing.assert_allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_an_update_changes_nothing_that_it_is_given(optimizer):
    parameters, gradient, state = START.copy(), GRADIENT.copy(), optimizer.init(START)
    kept = [part.copy() for part in state]
    first = optimizer.update(parameters, gradient, state)
    second = optimizer.update(parameters, gradient, state)
    np.testing.assert_array_equal(parameters, START)
    np.testing.assert_array_equal(gradient, GRADIENT)
    for part, before in zip(state, kept, strict=True):
        np.testing.assert_array_equal(part, before)
    np.testing.assert_array_equal(first[0], second[0])


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_every_optimizer_finds_the_bottom_of_a_bowl(optimizer):
    parameters, state = START, optimizer.init(START)
    for _ in range(500):
        parameters, state = optimizer.update(parameters, 2 * (parameters - [1, 2, 3]), state)
    np.testing.assert_allclose(parameters, [1, 2, 3], atol=1e-4)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_no_parameters_at_all_are_no_trouble(optimizer):
    assert steps(optimizer, [np.zeros(0)], np.zeros(0)).shape == (0,)


@pytest.mark.parametrize("batch_size", [1, 5])
@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, *DECAYING], ids=repr)
def test_a_compiled_step_is_the_plain_step(optimizer, batch_size):
    rng = np.random.default_rng(0)
    X, T = rng.normal(size=(25, 3)), rng.normal(size=(25, 2))
    found = []
    for compiled in (True, False):
        network = mg.Network(*mg.mlp([3, 4, 2], mg.tanh, rng=1))
        network.fit(X, T, optimizer, epochs=2 * batch_size, batch_size=batch_size, progress=False, compiled=compiled)
        found.append([parameter.value for parameter in network.parameters])
    np.testing.assert_allclose(found[0], found[1], rtol=0, atol=1e-11)


def test_weight_decay_pulls_toward_zero():
    np.testing.assert_array_equal(steps(mg.SGD(0.1, weight_decay=0.5), [np.zeros(3)]), START - 0.1 * 0.5 * START)
    decoupled = steps(optim.AdamW(0.1, weight_decay=0.5), [np.zeros(3)] * 2)
    np.testing.assert_allclose(decoupled, START * 0.95**2, rtol=1e-15)


def test_clipping_bounds_the_gradient_by_value_and_then_by_norm():
    by_value = optim.Clipped(mg.SGD(1.0), value=0.25)
    np.testing.assert_array_equal(steps(by_value, [GRADIENT]), START - [0.25, 0, -0.25])
    by_norm = START - steps(optim.Clipped(mg.SGD(1.0), norm=2.0), [GRADIENT])
    assert np.linalg.norm(by_norm) == pytest.approx(2, rel=1e-6)
    np.testing.assert_allclose(by_norm / by_norm[0], GRADIENT / GRADIENT[0])
    np.testing.assert_array_equal(steps(optim.Clipped(mg.SGD(1.0), norm=9), [GRADIENT]), START - GRADIENT)
    both = START - steps(optim.Clipped(mg.SGD(1.0), norm=0.1, value=0.25), [GRADIENT])
    np.testing.assert_allclose(both, 0.1 * np.array([1, 0, -1]) / np.sqrt(2), rtol=1e-4)


def test_the_state_is_of_the_type_of_the_parameters():
    start = np.zeros(3, np.float32)
    for optimizer in DECAYING:
        assert {part.dtype for part in optimizer.init(start)} <= {start.dtype}


def test_an_optimizer_is_data():
    assert mg.SGD(0.5) == mg.SGD(lr=0.5)
    assert repr(mg.Adam()) == "Adam(lr=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08)"
    assert repr(mg.SGD(0.1, weight_decay=0.5)) == "SGD(lr=0.1, weight_decay=0.5)"
    assert repr(optim.Clipped(mg.SGD(0.5), norm=1.0)) == "Clipped(optimizer=SGD(lr=0.5), norm=1.0, value=None)"
    assert optim.AdamW() != mg.Adam(weight_decay=0.01)
    assert len({mg.SGD(0.5), mg.SGD(0.5), optim.Nesterov(0.5), mg.Momentum(0.5)}) == 3
    with pytest.raises(FrozenInstanceError):
        mg.SGD().lr = 1.0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: mg.SGD("fast"), "lr: .*found 'fast'"),
        (lambda: mg.SGD(None), "lr: .*found None"),
        (lambda: mg.SGD(-0.1), "lr: .*found -0.1, expected a finite number of at least 0"),
        (lambda: mg.SGD(np.nan), "lr: .*found nan"),
        (lambda: mg.SGD(np.inf), "lr: .*found inf"),
        (lambda: mg.Momentum(0.1, 1.0), "momentum: .*found 1.0, expected .* below 1"),
        (lambda: mg.Momentum(-1), "lr: .*found -1"),
        (lambda: mg.Adam(beta1=1), "beta1: .*found 1"),
        (lambda: mg.Adam(beta2=-0.5), "beta2: .*found -0.5"),
        (lambda: mg.Adam(epsilon=-1e-8), "epsilon: .*found -1e-08"),
        (lambda: mg.SGD(weight_decay=-1), "weight_decay: .*found -1"),
        (lambda: optim.Nesterov(momentum=1), "momentum: .*found 1"),
        (lambda: optim.AdaGrad(epsilon=np.nan), "epsilon: .*found nan"),
        (lambda: optim.RMSProp(decay=1.5), "decay: .*found 1.5, expected .* below 1"),
        (lambda: optim.AdamW(weight_decay=None), "weight_decay: .*found None"),
        (lambda: optim.Clipped(mg.SGD()), "clipping at nothing; expected norm=… or value=…"),
        (lambda: optim.Clipped(mg.SGD(), norm=-1), "norm: .*found -1"),
        (lambda: optim.Clipped(mg.SGD(), value="much"), "value: .*found 'much'"),
        (lambda: optim.Clipped(0.1, norm=1), "not an optimizer; found 0.1"),
        (lambda: mg.Adam(lr=[0.1]), "lr: .*found \\[0.1\\]"),
    ],
)
def test_impossible_settings_are_named(make, words):
    with pytest.raises(SettingError, match=words):
        make()


@pytest.mark.parametrize("lr", [0, 1, np.float32(0.5), np.int64(2)])
def test_any_number_is_a_learning_rate(lr):
    assert mg.SGD(lr).lr == lr


@pytest.mark.parametrize("optimizer", [mg.SGD, 0.1, "adam", object()], ids=repr)
def test_what_is_no_optimizer_is_refused(optimizer):
    with pytest.raises(SettingError, match=r"not an optimizer.*minigrad\.SGD\(lr=0\.1\)"):
        checked_optimizer(optimizer)


@dataclass(frozen=True)
class SignDescent:
    """An optimizer of one's own."""

    lr: float

    def init(self, parameters):
        return ()

    def update(self, parameters, gradient, state):
        return parameters - self.lr * np.sign(gradient), state


def test_two_functions_make_an_optimizer():
    x, y = mg.mlp([1, 1], output=mg.identity, weights=mg.zeros)
    network = mg.Network(x, y)
    network.fit([1.0], [5.0], SignDescent(0.25), epochs=2, progress=False)
    assert [parameter.value for parameter in network.parameters] == [0.5, 0.5]
