"""Steps of own loops: arrays that go straight to the program do just what any other data do."""

from __future__ import annotations

from threading import Thread
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import DataError, ThreadError
from minigrad.training.own_loop import MAX_DIRECT_SHAPES, OwnLoopStep

RNG = np.random.default_rng(3)
X = RNG.normal(size=(6, 3))
T = np.eye(2)[RNG.integers(2, size=6)]


def network(loss: Any = mg.squared_error, activation: Any = mg.tanh, outputs: Any = mg.identity) -> mg.Network:
    return mg.Network(*mg.mlp([3, 4, 2], activation, outputs, rng=0), loss)


def array_network(loss: Any = mg.squared_error) -> mg.Network:
    x = mg.Input("x", shape=3)
    return mg.Network(x, mg.dense(mg.dense(x, 4, mg.relu, "h", 0), 2, mg.identity, "y", 0), loss)


def numbers(net: mg.Network) -> list[float]:
    return [number for node in net.parameters for number in np.ravel(node.value).tolist()]


def remembered(step: Any) -> int:
    assert isinstance(step, OwnLoopStep)
    return len(step._direct)


def slowly(step: Any, X: np.ndarray, T: np.ndarray) -> float:
    """A step with lists, which are checked number by number."""
    loss: float = step(X.tolist(), T.tolist())
    return loss


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("rows", [1, 4])
@pytest.mark.parametrize("make", [network, array_network])
@pytest.mark.parametrize("loss", [mg.squared_error, mg.softmax_cross_entropy, mg.binary_cross_entropy])
@pytest.mark.parametrize("optimizer", [mg.SGD(0.1), mg.Adam(0.1)], ids=repr)
def test_arrays_do_what_lists_do(dtype, rows, make, loss, optimizer):
    direct, slow = make(loss), make(loss)
    direct.parameters[0].trainable = slow.parameters[0].trainable = False
    steps = direct.train_step(optimizer, dtype=dtype), slow.train_step(optimizer, dtype=dtype)
    for start in range(3):
        x, t = X[start : start + rows], T[start : start + rows]
        assert steps[0](x, t) == slowly(steps[1], x, t)
        assert numbers(direct) == numbers(slow)
        direct.parameters[1].value = slow.parameters[1].value = np.full(slow.parameters[1].shape, 0.1 * start)
    assert remembered(steps[0]) == remembered(steps[1]) == 1
    assert steps[0](x.astype(np.float32), t.astype(np.float16)) == slowly(steps[1], x.astype(np.float32), t)


def test_values_and_derivatives_of_an_older_pass_are_forgotten():
    net = network()
    step = net.train_step()
    for _ in range(2):
        net.loss_graph(X, T)
        step(X, T)
        assert net.loss.value is None
        assert {node.delta for node in net.graph.nodes} == {None}


@pytest.mark.parametrize(
    ("x", "t"),
    [(np.nan, 0.0), (np.inf, 0.0), (0.0, np.nan), (0.0, -np.inf)],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_numbers_that_are_not_finite_are_refused_and_nothing_moves(x, t, dtype):
    net = network()
    step = net.train_step(mg.Momentum(0.1), dtype=dtype)
    step(X, T)
    before = numbers(net)
    samples, targets = X.copy(), T.copy()
    samples[2, 1] += x
    targets[3, 0] += t
    with pytest.raises(DataError, match="not finite"):
        step(samples, targets)
    assert numbers(net) == before


def test_targets_that_the_loss_refuses_are_refused_every_time():
    net = network(mg.softmax_cross_entropy)
    step = net.train_step()
    step(X, T)
    before = numbers(net)
    with pytest.raises(DataError, match="sum to 1"):
        step(X, 2 * T)
    assert numbers(net) == before


@pytest.mark.parametrize("loss", [mg.squared_error, mg.softmax_cross_entropy, mg.hinge])
def test_class_labels_do_what_their_rows_do(loss):
    labels = np.array([1, 0, 1, 1, 0, 1])
    direct, slow = network(loss), network(loss)
    steps = direct.train_step(), slow.train_step()
    for kind in (np.int64, np.uint8, np.uint64):
        assert steps[0](X, labels.astype(kind)) == slowly(steps[1], X, labels)
    assert numbers(direct) == numbers(slow)
    rows = np.where(np.eye(2, dtype=bool)[labels], 1, -1 if loss is mg.hinge else 0)
    assert steps[0](X, rows) == slowly(steps[1], X, labels)


@pytest.mark.parametrize("label", [-1, 2, 2**63 - 1, 2**64 - 1])
def test_labels_of_no_class_are_refused_and_nothing_moves(label):
    net = network(mg.softmax_cross_entropy)
    step = net.train_step()
    labels = np.array([1, 0, 1, 1, 0, 1], np.int64 if label < 2**63 else np.uint64)
    step(X, labels)
    before = numbers(net)
    labels[3] = label
    with pytest.raises(DataError, match="out of range"):
        step(X, labels)
    assert numbers(net) == before


class BalancedError(mg.Loss):
    """Refuses targets for what other rows are."""

    label = "balanced error"

    def check_targets(self, targets, name="targets"):
        if len(targets) > 2 and (targets == targets[0]).all():
            raise DataError(f"{name} are all the same")

    def forward(self, xp, outputs, targets):
        return xp.sum((outputs - targets) ** 2, axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        slope = 2 * xp.expand_dims(delta, axis=-1) * (outputs - targets)
        return slope, -slope


def test_a_loss_of_ones_own_sees_the_labels_of_every_batch():
    step = network(BalancedError()).train_step()
    step(X, np.array([0, 1, 1, 1, 1, 1]))
    with pytest.raises(DataError, match="all the same"):
        step(X, np.ones(6, int))


def test_a_batch_of_one_row_is_a_step_with_a_sample():
    net = network()
    step = net.train_step(mg.SGD(0.1))
    step(X[:1], T[:1])
    compiled = step._step
    assert compiled.runner(1) is compiled.runner(None)
    assert list(compiled.runners) == [None]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_numbers_whose_squares_overflow_are_learned_from(dtype):
    direct, slow = network(activation=mg.sigmoid), network(activation=mg.sigmoid)
    large = X * (1e160 if dtype is np.float64 else 1e25)
    step, other = direct.train_step(mg.SGD(0.1), dtype=dtype), slow.train_step(mg.SGD(0.1), dtype=dtype)
    for _ in range(2):
        assert step(large, T) == slowly(other, large, T)
    assert numbers(direct) == numbers(slow)


class Constant:
    """A schedule of one's own."""

    def at(self, step: Any) -> float:
        return 0.1


class Changing:
    """An optimizer whose rate may be assigned."""

    rate = 0.1

    def init(self, parameters: np.ndarray) -> tuple[np.ndarray, ...]:
        return ()

    def update(self, parameters: Any, gradient: Any, state: Any) -> Any:
        return parameters - self.rate * gradient, state


@pytest.mark.parametrize("optimizer", [mg.SGD(Constant()), mg.SGD(mg.StepDecay(0.1, every=2)), Changing()], ids=repr)
def test_what_may_change_between_steps_is_asked_for_at_each(optimizer):
    direct, slow = network(), network()
    step, other = direct.train_step(optimizer), slow.train_step(optimizer)
    for number in range(4):
        if number == 2 and isinstance(optimizer, Changing):
            optimizer.rate = 0.01
        assert step(X, T) == slowly(other, X, T)
    assert numbers(direct) == numbers(slow)
    assert remembered(step) == 0


def test_masks_are_drawn_for_every_step():
    def masked() -> mg.Network:
        x = mg.Input("x", shape=3)
        return mg.Network(x, mg.dense(mg.dropout(x, 0.5), 2, mg.identity, "y", 0), mg.squared_error)

    direct, slow = masked(), masked()
    step, other = direct.train_step(), slow.train_step()
    for _ in range(3):
        assert step(X, T) == slowly(other, X, T)
    assert numbers(direct) == numbers(slow)


@pytest.mark.parametrize("loss", [mg.squared_error, mg.softmax_cross_entropy, mg.hinge])
def test_labels_count_as_rows(loss):
    direct, slow = network(loss), network(loss)
    step, other = direct.train_step(mg.SGD(0.1)), slow.train_step(mg.SGD(0.1))
    for _ in range(3):
        labels = RNG.integers(2, size=6)
        assert step(X, labels) == slowly(other, X, labels)
    assert numbers(direct) == numbers(slow)
    before = numbers(direct)
    with pytest.raises(DataError, match="label out of range"):
        step(X, labels + 1)
    with pytest.raises(DataError):
        step(X, labels[:3])
    assert numbers(direct) == before


def test_other_data_of_the_same_shape_are_checked():
    net = network()
    step = net.train_step()
    step(X, T)
    labels = RNG.integers(2, size=6)
    expected = network().train_step()
    assert expected(X, T) > 0
    assert step(X, labels) == expected(X, np.eye(2)[labels])
    assert step(X.astype(int), T) == expected(X.astype(int).tolist(), T)
    assert step(np.ma.array(X), T) == expected(X.tolist(), T)
    with pytest.raises(DataError):
        step(X, T[:3])
    with pytest.raises(DataError):
        step(X.astype(complex), T)


def test_the_arrays_of_a_caller_stay_as_they_are():
    step = array_network().train_step()
    samples, targets = X.copy(), T.copy()
    samples.flags.writeable = targets.flags.writeable = False
    for _ in range(2):
        step(samples, targets)
    assert step(np.repeat(samples[None], 2, axis=0), np.repeat(targets[None], 2, axis=0)).shape == (2,)
    assert (samples == X).all()
    assert (targets == T).all()


def test_the_shapes_that_are_remembered_are_few():
    step = network().train_step()
    for rows in range(1, MAX_DIRECT_SHAPES + 4):
        step(np.zeros((rows, 3)), np.zeros((rows, 2)))
    assert remembered(step) <= MAX_DIRECT_SHAPES


def test_a_second_thread_gets_an_error():
    net = network()
    step = net.train_step()
    step(X, T)
    errors: list[BaseException] = []

    def train() -> None:
        try:
            step(X, T)
        except ThreadError as error:
            errors.append(error)

    with net.graph.one_thread:
        thread = Thread(target=train)
        thread.start()
        thread.join()
    assert len(errors) == 1
    step(X, T)


def test_parameters_that_moved_to_another_engine_are_found_there():
    net, other = network(), network()
    step, expected = net.train_step(mg.SGD(0.1)), other.train_step(mg.SGD(0.1))
    for _ in range(3):
        assert step(X, T) == slowly(expected, X, T)
        for each in (net, other):
            each.fit(X, T, epochs=1, dtype=np.float32, progress=False)
    assert numbers(net) == numbers(other)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("engine", ["numpy", "nodes"])
def test_a_gradient_that_is_not_a_number_leaves_frozen_parameters(engine, dtype):
    net = network()
    frozen, moving = net.parameters[0], net.parameters[-1]
    frozen.value, frozen.trainable = 0.5, False
    moving.value = 1e308 if dtype == np.float64 else 1e38
    step = net.train_step(mg.Momentum(1.0), dtype=dtype, engine=engine)
    for _ in range(3):
        step(X, T)
    assert frozen.value == 0.5
    assert not np.isfinite(moving.value)


@pytest.mark.parametrize("optimizer", [mg.SGD(0.1), mg.LevenbergMarquardt()], ids=repr)
@pytest.mark.parametrize("engine", ["auto", "nodes"])
def test_a_value_assigned_to_a_frozen_parameter_counts_from_the_next_step_on(engine, optimizer):
    net, fresh = network(), network()
    net.parameters[0].trainable = fresh.parameters[0].trainable = False
    step = net.train_step(optimizer, engine=engine)
    net.parameters[0].value = fresh.parameters[0].value = 3.0
    assert step(X, T) == fresh.train_step(optimizer, engine=engine)(X, T)
    assert numbers(net) == numbers(fresh)


@pytest.mark.parametrize("optimizer", [mg.SGD(0.1), mg.LBFGS()], ids=repr)
def test_a_callback_may_assign_to_a_frozen_parameter(optimizer):
    """The second epoch begins with the value."""
    net, fresh = network(), network()
    net.parameters[0].trainable = fresh.parameters[0].trainable = False

    def assign(progress: Any) -> None:
        net.parameters[0].value = 3.0

    history = net.fit(X, T, optimizer, epochs=2, engine="nodes", callbacks=[assign], batch_size=6, progress=False)
    fresh.fit(X, T, optimizer, epochs=1, engine="nodes", batch_size=6, progress=False)
    fresh.parameters[0].value = 3.0
    assert history.loss[1] == pytest.approx(fresh.evaluate(X, T), rel=1e-12)


class FailingRate:
    """A schedule that is interrupted in the third step."""

    is_whole = False

    def at(self, step: int) -> float:
        if step == 2 and not self.is_whole:
            raise KeyboardInterrupt
        return 0.1


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("engine", ["numpy", "nodes"])
def test_steps_that_are_interrupted_are_as_if_they_had_not_been(engine, dtype):
    net, fresh = network(), network()
    rate = FailingRate()
    step = net.train_step(mg.Momentum(rate), engine=engine, dtype=dtype)
    net.parameters[1].value = fresh.parameters[1].value = 0.25
    with pytest.raises(KeyboardInterrupt):
        step(X.reshape(3, 2, 3), T.reshape(3, 2, 2))
    assert numbers(net) == numbers(fresh)
    net.parameters[0].value = fresh.parameters[0].value = 0.5
    rate.is_whole = True
    again = fresh.train_step(mg.Momentum(rate), engine=engine, dtype=dtype)
    stacked = X.reshape(3, 2, 3), T.reshape(3, 2, 2)
    assert step(*stacked).tolist() == again(*stacked).tolist()
    assert numbers(net) == numbers(fresh)


@pytest.mark.parametrize("X_shape", [(3, 4, 0), (0, 4, 0), (0, 4, 3), (3, 0, 3)])
def test_several_batches_without_numbers_are_no_data(X_shape):
    with pytest.raises(DataError):
        network().train_step()(np.zeros(X_shape), np.zeros((*X_shape[:2], 2)))


@pytest.mark.parametrize("engine", ["numpy", "nodes"])
def test_frozen_parameters_keep_what_float32_would_round(engine):
    net = network()
    frozen = net.parameters[0]
    frozen.value, frozen.trainable = 0.1, False
    step = net.train_step(dtype=np.float32, engine=engine)
    for _ in range(3):
        step(X, T)
    net.fit(X, T, epochs=2, dtype=np.float32, engine=engine, progress=False)
    assert frozen.value == 0.1
    frozen.value = 0.3
    step(X, T)
    assert frozen.value == 0.3
