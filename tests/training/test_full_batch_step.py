"""Full-batch optimizers, L-BFGS and Levenberg–Marquardt, on networks; losses declare their residuals."""

from dataclasses import dataclass

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.analysis.gradient_graph import gradient_graph
from minigrad.errors import MinigradWarning, NotFiniteError, SettingError
from minigrad.ops.losses import Loss
from minigrad.optim import LBFGS, LevenbergMarquardt
from minigrad.training.callbacks import EarlyStopping
from minigrad.training.checkpoint import Checkpoint
from minigrad.training.data import WeightedTargets
from minigrad.training.full_batch_step import FullBatchStep
from tests.laws import OPS
from tests.training.networks import T, X, fitted, small_network, values


def array_network():
    x = mg.Input("x", 3)
    hidden = mg.dense(x, 4, activation=mg.tanh, name="h", rng=1)
    return mg.Network(x, mg.dense(hidden, 2, activation=mg.identity, name="y", rng=2))


def node_network():
    return mg.Network(*mg.mlp([3, 4, 2], mg.tanh, mg.identity, rng=1))


def data(count=12):
    rng = np.random.default_rng(0)
    return rng.normal(size=(count, 3)), rng.normal(size=(count, 2))


networks = pytest.mark.parametrize("make", [array_network, node_network])


@networks
def test_the_jacobian_of_the_residuals_is_that_of_the_gradient_graph(make):
    network, (X, T) = make(), data()
    step = FullBatchStep(network.graph, LevenbergMarquardt(), *network.data(X, T))
    residuals, jacobian = step.residuals_and_jacobian(step.parameters)
    np.testing.assert_allclose(residuals.reshape(12, 2), network.predict(X) - T, rtol=0, atol=1e-14)
    for place in range(2):
        output = network.outputs[0][place] if network.outputs[0].shape else network.outputs[place]
        graph = gradient_graph(mg.Graph(output), [p for p in network.parameters if p in mg.Graph(output)])
        graph.forward(network.data(X, T)[0].batch(slice(None)))
        of_output = {name.name: np.broadcast_to(name.value, (12, *name.shape)) for name in graph.outputs}
        for parameter, part in step.layout.slices():
            found = jacobian.reshape(12, 2, -1)[:, place, part]
            expected = of_output.get(f"δ {parameter.name}", np.zeros((12, *parameter.shape)))
            np.testing.assert_allclose(found, expected.reshape(12, -1), rtol=0, atol=1e-13)


@networks
def test_the_gradient_of_the_mean_loss_is_that_of_its_residuals(make):
    network, (X, T) = make(), data()
    step = FullBatchStep(network.graph, LevenbergMarquardt(), *network.data(X, T))
    residuals, jacobian = step.residuals_and_jacobian(step.parameters)
    loss, gradient = step.loss_and_gradient(step.parameters)
    assert loss == pytest.approx(0.5 * residuals @ residuals / 12, rel=1e-14)
    np.testing.assert_allclose(gradient, jacobian.T @ residuals / 12, rtol=0, atol=1e-13)
    assert loss == pytest.approx(network.evaluate(X, T), rel=1e-14)


@pytest.mark.parametrize(("optimizer", "epochs"), [(LBFGS(), 100), (LevenbergMarquardt(), 30)])
@networks
def test_a_network_learns_a_small_table_by_heart(make, optimizer, epochs):
    network, (X, T) = make(), data(6)
    history = network.fit(X, T, optimizer, epochs=epochs, progress=False)
    assert history.loss[-1] < 1e-10
    assert np.all(np.diff(history.loss) <= 1e-12)
    np.testing.assert_allclose(network.predict(X), T, atol=1e-4)


def test_an_epoch_is_one_step_whatever_the_batch_size_and_the_seed():
    found = []
    for settings in (
        {},
        {"batch_size": 5, "seed": 3},
        {"shuffle": False, "engine": "nodes"},
        {"callbacks": [mg.StopOnNonFinite()]},
    ):
        network, (X, T) = node_network(), data()
        history = network.fit(X, T, LBFGS(), epochs=4, progress=False, validation=(X, T), **settings)
        assert history.validation_loss[:-1] == pytest.approx(history.loss[1:], rel=1e-12)
        found.append([parameter.value for parameter in network.parameters])
    assert found == [found[0]] * 4


def test_any_smooth_loss_is_minimized_by_lbfgs():
    X, labels = data(12)[0], np.arange(12) % 3
    network = mg.Network(*mg.mlp([3, 6, 3], mg.tanh, mg.identity, rng=0), loss=mg.softmax_cross_entropy)
    network.fit(X, labels, LBFGS(), epochs=60, progress=False)
    np.testing.assert_array_equal(network.predict(X).argmax(axis=1), labels)


def test_mean_squared_error_is_a_sum_of_squares_too():
    X, T = data(6)
    network = mg.Network(*mg.mlp([3, 5, 2], mg.tanh, mg.identity, rng=0), loss=mg.mean_squared_error)
    assert network.fit(X, T, LevenbergMarquardt(), epochs=60, progress=False).loss[-1] < 1e-12


@dataclass(frozen=True)
class LogarithmicError(Loss):
    """A loss of one's own, L = ½ Σ r² with r = scale · (ln(1 + e^ŷ) − y), that declares its residuals."""

    scale: float = 2.0

    label = "logarithmic error of a test"

    def residuals(self, xp, outputs, targets):
        return (xp.log1p(xp.exp(outputs)) - targets) * self.scale

    def forward(self, xp, outputs, targets):
        residuals = self.residuals(xp, outputs, targets)
        return 0.5 * xp.sum(residuals * residuals, axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        to_targets = -self.scale * self.residuals(xp, outputs, targets) * xp.expand_dims(delta, axis=-1)
        return -to_targets / (1 + xp.exp(-outputs)), to_targets


@networks
def test_a_loss_of_ones_own_declares_its_residuals(make):
    network, (X, T) = make(), data(6)
    network = mg.Network(network.inputs, network.outputs, LogarithmicError())
    mg.check_gradients(network.loss_graph(X[0], np.exp(T[0])))
    step = FullBatchStep(network.graph, LevenbergMarquardt(), *network.data(X, np.exp(T)))
    residuals, jacobian = step.residuals_and_jacobian(step.parameters)
    loss_before, gradient = step.loss_and_gradient(step.parameters)
    assert loss_before == pytest.approx(0.5 * residuals @ residuals / 6, rel=1e-13)
    np.testing.assert_allclose(gradient, jacobian.T @ residuals / 6, rtol=0, atol=1e-12)
    history = network.fit(X, np.exp(T), LevenbergMarquardt(), epochs=40, progress=False)
    assert history.loss[-1] < 1e-10


def test_declared_residuals_are_those_of_the_loss():
    outputs, targets = np.random.default_rng(0).normal(size=(2, 5, 3))
    sums_of_squares = []
    for op in [LogarithmicError(), *(op_class() for op_class in OPS.values() if issubclass(op_class, Loss))]:
        residuals = op.residuals(np, outputs, targets)
        if residuals is not None:
            sums_of_squares.append(op)
            ratio = op(outputs, targets) / np.sum(residuals**2, axis=-1)
            np.testing.assert_allclose(ratio, ratio[0], rtol=1e-13)
    assert sums_of_squares == [LogarithmicError(), mg.squared_error, mg.mean_squared_error]


def test_least_squares_of_another_loss_is_refused():
    network = mg.Network(*mg.mlp([3, 2], rng=0), loss=mg.absolute_error)
    before = [parameter.value for parameter in network.parameters]
    with pytest.raises(
        SettingError, match=r"the loss is not a sum of squares; found absolute error.*minigrad\.LBFGS\(\)"
    ):
        network.fit(*data(), LevenbergMarquardt(), progress=False)
    assert [parameter.value for parameter in network.parameters] == before


def test_a_weight_of_two_is_a_sample_twice():
    network, (X, T) = node_network(), data(6)
    weights = np.array([2.0, 1.0, 0.0, 1.0, 2.0, 1.0])
    weight = mg.Input("weight")
    samples, targets = network.data(X, T)
    twice = network.data(np.repeat(X, [2, 1, 0, 1, 2, 1], axis=0), np.repeat(T, [2, 1, 0, 1, 2, 1], axis=0))
    weighted = WeightedTargets(targets, weight, weights)
    one = FullBatchStep(mg.Graph(network.loss * weight), LevenbergMarquardt(), samples, weighted)
    two = FullBatchStep(network.graph, LevenbergMarquardt(), *twice)
    assert one.layout.parameters == two.layout.parameters
    for _ in range(3):
        assert one.run(0) * 6 == pytest.approx(two.run(0) * 7, rel=1e-10)
        np.testing.assert_allclose(one.parameters, two.parameters, rtol=0, atol=1e-9)


@pytest.mark.parametrize("optimizer", [LBFGS(), LevenbergMarquardt()], ids=repr)
def test_parameters_that_are_not_trainable_stay(optimizer):
    network, (X, T) = array_network(), data(6)
    free = network.graph["y.W"], network.graph["y.b"]
    before = {node: np.copy(node.value) for node in network.parameters}
    step = FullBatchStep(network.graph, optimizer, *network.data(X, T), trainable=free)
    losses = [step.run(0) for _ in range(100)]
    step.commit()
    for node in network.parameters:
        assert np.array_equal(node.value, before[node]) == (node not in free)
    hidden = np.tanh(X @ before[network.graph["h.W"]] + before[network.graph["h.b"]])
    rows = np.column_stack((hidden, np.ones(6)))
    best = T - rows @ np.linalg.lstsq(rows, T)[0]
    assert losses[-1] == pytest.approx(0.5 * np.sum(best**2) / 6, rel=1e-8)


def test_a_network_without_parameters_stays_as_it_is():
    x = mg.Input("x1"), mg.Input("x2")
    for optimizer in (LBFGS(), LevenbergMarquardt()):
        history = mg.Network(x, x[0] * x[1]).fit([[1, 2], [3, 4]], [0, 1], optimizer, epochs=2, progress=False)
        assert history.loss == [pytest.approx(0.25 * (2**2 + 11**2))]
        assert history.stop_reason == "converged: the gradient is zero within gtol"


def test_parameters_that_no_sample_reaches_and_constant_outputs_are_no_trouble():
    x, w, b = mg.Input("x"), mg.Parameter(2.0, "w"), mg.Parameter(0.5, "b")
    network = mg.Network(x, b + 0 * w * x)
    with pytest.warns(MinigradWarning, match="no residual depends on w: ") as caught:
        history = network.fit([1.0, 2.0, 3.0], [1.0, 2.0, 6.0], LevenbergMarquardt(), epochs=9, progress=False)
    assert [warning.filename for warning in caught] == [__file__]
    assert history.stop_reason.endswith("the residuals determine 1 of 2 parameters")
    assert network.graph["b"].value == pytest.approx(3, abs=1e-12)
    assert network.graph["w"].value == 2


def test_a_start_that_is_not_finite_is_named():
    x, w = mg.Input("x"), mg.Parameter(-1.0, "w")
    network = mg.Network(x, mg.log(w) * x)
    with pytest.raises(NotFiniteError):
        network.fit([1.0], [1.0], LevenbergMarquardt(), epochs=2, progress=False, callbacks=[mg.StopOnNonFinite()])
    assert w.value == -1


def curve(b1, b2):
    x = mg.Input("x")
    return mg.Network(x, mg.Parameter(b1, "b1") * (1.0 - mg.exp(-mg.Parameter(b2, "b2") * x)))


CURVE_X = np.array([0.5, 1.0, 1.5, 2.5, 4.0, 6.0])
CURVE_T = 20 * (1 - np.exp(-0.5 * CURVE_X)) + np.array([0.3, -0.2, 0.1, -0.3, 0.2, -0.1])
full_batch_optimizers = pytest.mark.parametrize("optimizer", [LBFGS(), LevenbergMarquardt()], ids=repr)


@full_batch_optimizers
def test_training_ends_when_it_has_converged(optimizer):
    network = curve(5.0, 1.0)
    history = network.fit(CURVE_X, CURVE_T, optimizer, epochs=500, progress=False)
    assert len(history.loss) < 60
    assert history.stop_reason.startswith("converged: ")
    found = [parameter.value for parameter in network.parameters]
    again = network.fit(CURVE_X, CURVE_T, optimizer, epochs=500, progress=False, warm_start=True)
    assert len(again.loss) <= 2
    np.testing.assert_allclose([parameter.value for parameter in network.parameters], found, rtol=1e-8)


@full_batch_optimizers
def test_an_evaluation_is_kept_for_the_same_parameters_and_data_only(optimizer):
    network, (X, T) = array_network(), data()
    step = FullBatchStep(network.graph, optimizer, *network.data(X, T))
    first = step.function(step.parameters)
    assert step.function(step.parameters.copy()) is first
    assert step.function(step.parameters + 1) is not first
    again = step.function(step.parameters)
    step.data[network.targets[0]] = T + 1  # as masks of dropout are replaced between two steps
    assert not np.array_equal(step.function(step.parameters)[0], again[0])
    step.set_data(*network.data(X[:5], T[:5]))
    assert not np.array_equal(step.function(step.parameters)[0], again[0])


@full_batch_optimizers
def test_too_few_epochs_are_said_without_a_warning(optimizer):
    history = curve(5.0, 1.0).fit(CURVE_X, CURVE_T, optimizer, epochs=3, progress=False)
    assert len(history.loss) == 3
    assert history.stop_reason == "not converged: more steps are needed"
    assert curve(5.0, 1.0).fit(CURVE_X, CURVE_T, optimizer, epochs=0, progress=False).stop_reason is None


@full_batch_optimizers
def test_a_training_that_goes_on_from_a_checkpoint_ends_as_one_that_was_never_stopped(optimizer, tmp_path):
    def train(epochs, *callbacks):
        network = curve(5.0, 1.0)
        history = network.fit(CURVE_X, CURVE_T, optimizer, epochs=epochs, callbacks=callbacks, progress=False)
        return [parameter.value for parameter in network.parameters], history

    for epochs in (1, 3, 10, 500, 500):
        resumed = train(epochs, Checkpoint(tmp_path / "run", 1))
        assert resumed == train(epochs)


@pytest.mark.parametrize("b2", [0.01, 15.0, 60.0])
def test_levenberg_marquardt_comes_back_from_a_far_start(b2):
    network = curve(1.0, b2)
    network.fit(CURVE_X, CURVE_T, LevenbergMarquardt(), epochs=500, progress=False)
    assert [parameter.value for parameter in network.parameters] == pytest.approx([19.962228433, 0.500104109], rel=1e-8)


def test_a_plateau_is_named():
    network = curve(1.0, 1e4)
    with pytest.warns(MinigradWarning, match="no residual depends on b2: .*plateau"):
        history = network.fit(CURVE_X, CURVE_T, LevenbergMarquardt(), epochs=500, progress=False)
    assert history.stop_reason.endswith("determine 1 of 2 parameters")


def test_entries_of_arrays_without_influence_are_named():
    network, (X, T) = array_network(), data()
    with pytest.warns(MinigradWarning, match=r"depends on (h\.W\[0, [0-3]\](, |: )){4}the"):
        network.fit(X * [0, 1, 1], T, LevenbergMarquardt(), epochs=2, progress=False)
    step = FullBatchStep(network.graph, LevenbergMarquardt(), *network.data(X, T))
    assert step.names(np.arange(len(step.parameters)))[-1] == f"{len(step.parameters) - 5} others"


@full_batch_optimizers
def test_training_that_cannot_go_on_says_so_and_leaves_the_parameters(optimizer):
    x, w = mg.Input("x"), mg.Parameter(-1.0, "w")
    network = mg.Network(x, mg.log(w) * x)
    with pytest.warns(MinigradWarning, match="not finite|the loss is nan") as caught:
        history = network.fit([1.0], [1.0], optimizer, epochs=9, progress=False)
    assert [warning.filename for warning in caught] == [__file__]
    assert len(history.loss) == 1
    assert w.value == -1


@pytest.mark.parametrize("optimizer", [LBFGS(), LevenbergMarquardt()], ids=repr)
def test_a_fit_with_weights_moves_what_is_trainable(optimizer):
    x, w, b = mg.Input("x"), mg.Parameter(2.0, "w"), mg.Parameter(0.5, "b")
    network = mg.Network(x, mg.weighted_sum([x], [w], b))
    settings = {"sample_weight": [1.0, 3.0, 0.0], "progress": False, "epochs": 20}
    w.trainable = False
    network.fit([1.0, 2.0, 3.0], [1.0, 2.0, 50.0], optimizer, **settings)
    assert w.value == 2
    assert b.value == pytest.approx(np.average([-1, -2], weights=[1, 3]), abs=1e-9)


@pytest.mark.parametrize("rule", [optim.LBFGS(), optim.LevenbergMarquardt()], ids=repr)
def test_full_batch_optimizers_hold_and_weigh_and_stop_too(rule, tmp_path):
    before = values(small_network())
    free = [name for name in before if name.startswith("y")]
    settings = {"optimizer": rule, "free": free, "sample_weight": np.arange(12), "validation": (-X, T)}
    settings |= {"callbacks": [EarlyStopping(2)], "epochs": 8}
    found, history = fitted(**settings)
    assert {name for name in before if found[name] != before[name]} == set(free)
    assert history.loss[-1] < history.loss[0]
    checkpoint = Checkpoint(tmp_path / "run", 1)
    for epochs in (1, 2, 8):
        again = fitted(**settings | {"epochs": epochs, "callbacks": [checkpoint, EarlyStopping(2)]})
    assert again == (found, history)


def test_a_class_is_no_optimizer():
    with pytest.raises(SettingError, match="not an optimizer"):
        node_network().fit(*data(), LBFGS)
