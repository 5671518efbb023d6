"""What losses say about targets: which are refused, what labels become, which activations a loss contains."""

import warnings

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import DataError, MinigradWarning
from minigrad.ops.base import registry
from minigrad.ops.losses import Loss
from minigrad.training.targets import make_target_rules

LOSSES = [kind() for kind in registry.values() if issubclass(kind, Loss) and kind.__module__ == Loss.__module__]
X = np.random.default_rng(0).normal(size=(6, 2))


def network(loss=mg.squared_error, outputs=1, output=mg.identity):
    return mg.Network(*mg.mlp([2, 3, outputs], mg.tanh, output, rng=0), loss=loss)


def array_network(loss, outputs=1, output=mg.identity):
    x = mg.Input("x", 2)
    return mg.Network(x, mg.dense(x, outputs, output, "y", rng=0), loss=loss)


BUILDERS = pytest.mark.parametrize("build", [network, array_network])


@BUILDERS
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.label)
def test_every_loss_is_defined_for_what_labels_become(build, loss):
    made = build(loss, 3)
    _, targets = made.data(X, [0, 1, 2, 0, 1, 2])
    np.testing.assert_array_equal(targets.rows.argmax(axis=1), [0, 1, 2, 0, 1, 2])
    assert {*targets.rows.flat} == {*loss.class_values}
    assert made.evaluate(X, [0, 1, 2, 0, 1, 2]) == made.evaluate(X, targets.rows)


OUTSIDE = [
    (
        mg.binary_cross_entropy,
        [0, 1, -1, 1, 0, -1],
        r"found -1\.0 at row 2, column 0 \(2 such values\)",
    ),
    (mg.binary_cross_entropy, [0, 1, 2, 1, 0, 1], r"found 2\.0 at row 2.*T \+ 1"),
    (
        mg.hinge,
        [1, 1, 0, -1, 1, 1],
        r"hinge: .*found 0\.0 at row 2, column 0, expected -1 or 1.*2 \* T - 1",
    ),
    (mg.hinge, np.eye(2)[[0, 1, 0, 1, 0, 1]], r"found 0\.0 at row 0, column 1 \(6 such values\)"),
    (
        mg.softmax_cross_entropy,
        [[0.5, 0.5]] * 5 + [[0.5, 0.6]],
        r"found a sum of 1\.1 at row 5, expected rows",
    ),
    (mg.softmax_cross_entropy, [[0.5, 0.5]] * 5 + [[1.5, -0.5]], r"found -0\.5 at row 5, column 1"),
    (mg.softmax_cross_entropy, [1.0] * 6, r"the loss of a single output is 0.*binary_cross_entropy"),
]


@BUILDERS
@pytest.mark.parametrize(("loss", "targets", "words"), OUTSIDE)
def test_targets_outside_a_loss_are_refused_wherever_they_come_in(build, loss, targets, words):
    T = np.array(targets, float).reshape(6, -1)
    made = build(loss, T.shape[1])
    before = [np.copy(parameter.value) for parameter in made.parameters]
    calls = [
        lambda: made.fit(X, T, progress=False),
        lambda: made.fit([(X, T)], progress=False),
        lambda: made.fit(X, np.full((6, 1), 1.0) if T.shape[1] == 1 else [0] * 6, validation=(X, T), progress=False),
        lambda: made.evaluate(X, T),
        lambda: made.evaluate(X, T, mg.r_squared),
        lambda: made.loss_graph(X, T),
        lambda: made.train_step()(X, T),
        lambda: mg.find_rate(made, X, T),
    ]
    for call in calls:
        with pytest.raises(DataError, match=words):
            call()
    row = next(row for row in range(6) if not accepts(made, T[row]))
    with pytest.raises(DataError, match=r"not defined for|single output"):
        made.loss_graph(X[row], T[row])
    for parameter, value in zip(made.parameters, before, strict=True):
        np.testing.assert_array_equal(parameter.value, value)


def accepts(made, target):
    """Whether a network takes one target."""
    try:
        made.evaluate(X[:1], [target])
    except DataError:
        return False
    return True


def test_a_later_batch_is_checked_too():
    made = network(mg.hinge)
    with pytest.raises(DataError, match=r"found 0\.0 at row 1, column 0"):
        made.fit([(X, np.ones(6)), (X[:2], [1.0, 0.0])], progress=False)


def test_targets_within_rounding_are_accepted():
    rows = np.random.default_rng(1).uniform(size=(6, 1000)).astype(np.float32)
    mg.softmax_cross_entropy.check_targets(rows / rows.sum(axis=1, keepdims=True))
    mg.binary_cross_entropy.check_targets(np.array([[0.0, 0.3, 1.0]]))


def test_it_is_the_operand_of_the_loss_that_counts():
    signed = network(lambda y, t: mg.hinge(y, [2 * t[0] - 1]) + 0.1)
    signed.fit(X, [0, 1, 0, 1, 0, 1], epochs=1, progress=False)
    with pytest.raises(DataError, match=r"found -3\.0 at row 0"):
        signed.evaluate(X, [-1, 1, 1, 1, 1, 1])
    some = network(lambda y, t: mg.hinge(y[:1], t[:1]) + mg.squared_error(y[1:], t[1:]), outputs=2)
    assert np.isfinite(some.evaluate(X, [[1, 7]] * 6))
    scaled = network(lambda y, t: mg.binary_cross_entropy(y, [mg.sigmoid(y[0] + t[0])]))  # known only in a pass
    assert np.isfinite(scaled.evaluate(X, [9] * 6))
    constant = network(lambda y, t: mg.binary_cross_entropy(y, [1.0]) + 0 * t[0])
    assert np.isfinite(constant.evaluate(X, [9] * 6))


@BUILDERS
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.label)
@pytest.mark.parametrize("output", [mg.identity, mg.tanh, mg.sigmoid, mg.softmax], ids=lambda op: op.label)
def test_an_activation_that_a_loss_contains_is_warned_of_once(build, loss, output):
    with warnings.catch_warnings(record=True, action="always") as caught:
        made = build(loss, 3, output)
        made.evaluate(X, [0] * 6)
    assert len(caught) == (output in loss.contained_activations)
    for warning in caught:
        assert warning.category is MinigradWarning
        assert output.label in str(warning.message)
        assert warning.filename == __file__


def test_losses_that_contain_an_activation_say_so():
    assert mg.softmax in mg.softmax_cross_entropy.contained_activations
    assert mg.sigmoid in mg.binary_cross_entropy.contained_activations


def test_the_threshold_is_that_of_the_loss_of_the_outputs():
    rules = {loss.label: network(loss)._target_rules.threshold for loss in LOSSES}
    assert {label for label, threshold in rules.items() if threshold == 0.0} == {"hinge", "binary cross-entropy"}
    x, s = mg.mlp([2, 1], output=mg.identity, rng=0)
    probability, target = mg.sigmoid(s[0]), mg.Input("t")
    loss = mg.binary_cross_entropy(s, [target])
    assert mg.Network.of_graph(x, s, [target], loss)._target_rules.threshold == 0.0
    assert mg.Network.of_graph(x, [probability], [target], loss)._target_rules.threshold is None
    assert make_target_rules([], s, [target]).checks == ()
