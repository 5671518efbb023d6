"""What every optimizer has in common: purity, weight decay, compiled steps, settings, and how to write one's own."""

from dataclasses import FrozenInstanceError, dataclass

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.errors import SettingError
from minigrad.optim.base import checked_optimizer, rate_at
from tests.optim.helpers import GRADIENT, OPTIMIZERS, START, WITH_WEIGHT_DECAY, after_steps


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_an_update_changes_none_of_its_arguments(optimizer):
    parameters, gradient, state = START.copy(), GRADIENT.copy(), optimizer.init(START)
    copies = [array.copy() for array in state]
    first = optimizer.update(parameters, gradient, state)
    second = optimizer.update(parameters, gradient, state)
    np.testing.assert_array_equal(parameters, START)
    np.testing.assert_array_equal(gradient, GRADIENT)
    for array, copy in zip(state, copies, strict=True):
        np.testing.assert_array_equal(array, copy)
    np.testing.assert_array_equal(first[0], second[0])


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_every_optimizer_minimizes_a_quadratic_function(optimizer):
    parameters, state = START, optimizer.init(START)
    for _ in range(500):
        parameters, state = optimizer.update(parameters, 2 * (parameters - [1, 2, 3]), state)
    np.testing.assert_allclose(parameters, [1, 2, 3], atol=1e-4)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_no_parameters_at_all_are_no_trouble(optimizer):
    assert after_steps(optimizer, [np.zeros(0)], np.zeros(0)).shape == (0,)


@pytest.mark.parametrize("batch_size", [1, 5])
@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, *WITH_WEIGHT_DECAY], ids=repr)
def test_a_compiled_step_is_the_interpreted_step(optimizer, batch_size):
    rng = np.random.default_rng(0)
    X, T = rng.normal(size=(25, 3)), rng.normal(size=(25, 2))
    results = []
    for engine in ("numpy", "nodes"):
        network = mg.Network(*mg.mlp([3, 4, 2], mg.tanh, rng=1))
        network.fit(X, T, optimizer, epochs=2 * batch_size, batch_size=batch_size, progress=False, engine=engine)
        results.append([parameter.value for parameter in network.parameters])
    np.testing.assert_allclose(results[0], results[1], rtol=0, atol=1e-11)


def test_weight_decay_pulls_toward_zero():
    decayed = after_steps(mg.SGD(0.1, weight_decay=0.5), [np.zeros(3)])
    np.testing.assert_array_equal(decayed, START - 0.1 * 0.5 * START)
    decoupled = after_steps(optim.AdamW(0.1, weight_decay=0.5), [np.zeros(3)] * 2)
    np.testing.assert_allclose(decoupled, START * 0.95**2, rtol=1e-15)


def test_the_state_is_of_the_type_of_the_parameters():
    start = np.zeros(3, np.float32)
    for optimizer in WITH_WEIGHT_DECAY:
        assert {array.dtype for array in optimizer.init(start)} <= {start.dtype}


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
        (lambda: mg.SGD(weight_decay=-1), "weight_decay: .*found -1"),
        (lambda: mg.SGD(optim.CosineDecay), "lr: .*CosineDecay"),
        (lambda: mg.Adam(lr=[0.1]), "lr: .*found \\[0.1\\]"),
    ],
)
def test_impossible_settings_are_named(make, words):
    with pytest.raises(SettingError, match=words):
        make()


@pytest.mark.parametrize("lr", [0, 1, np.float32(0.5), np.int64(2)])
def test_any_number_is_a_learning_rate(lr):
    assert mg.SGD(lr).lr == lr
    assert rate_at(lr, 7) == lr


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
