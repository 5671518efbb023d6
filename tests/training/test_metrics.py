"""Metrics: their numbers, against scikit-learn, and when they are measured."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import DataError, SettingError
from minigrad.training import metrics
from tests.training.networks import LABELS, T, X, fitted, small_network, values


def test_accuracy_and_confusion_count_classes():
    outputs = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]
    assert metrics.accuracy(outputs, [0, 1, 1, 1]) == 0.75
    assert metrics.accuracy(outputs, np.eye(2)[[0, 1, 1, 1]]) == 0.75
    assert metrics.accuracy(outputs, [[0], [1], [1], [1]]) == 0.75
    assert metrics.accuracy([0.2, 0.7, 0.4], [0, 1, 1]) == pytest.approx(2 / 3)
    np.testing.assert_array_equal(metrics.confusion_matrix(outputs, [0, 1, 1, 1]), [[1, 0], [1, 2]])
    np.testing.assert_array_equal(metrics.confusion_matrix([[0.2], [0.7]], [[1], [1]]), [[0, 0], [1, 1]])
    np.testing.assert_array_equal(metrics.confusion_matrix(np.eye(3)[[0, 2]], [2, 2]).sum(axis=1), [0, 0, 2])


def test_r_squared_is_the_share_of_variance():
    targets = np.array([[1.0], [2.0], [4.0]])
    assert metrics.r_squared(targets, targets) == 1.0
    assert metrics.r_squared(np.full((3, 1), targets.mean()), targets) == pytest.approx(0.0, abs=1e-15)
    assert metrics.r_squared([1.0, 2.0, 3.0], [1.0, 2.0, 4.0]) == pytest.approx(1 - 1 / (42 / 9))


@pytest.mark.parametrize(
    ("outputs", "targets"),
    [
        ([[1.0, 0.0]], [2]),
        ([[1.0, 0.0]], [0.5]),
        ([[1.0, 0.0]], [[1.0, 0.0, 0.0]]),
        ([1.0], [1.0, 2.0]),
        ([], []),
        (1.0, []),
        (["a"], ["a"]),
        ([[1.0], [1.0, 2.0]], [1.0, 2.0]),
    ],
)
def test_metrics_check_their_rows(outputs, targets):
    with pytest.raises(DataError):
        metrics.accuracy(outputs, targets)


def test_r_squared_is_the_same_at_any_scale():
    outputs, targets = np.array([1.0, 2.0, 3.5]), np.array([1.0, 2.0, 3.0])
    for scale in (2.0**-1040, 1e-200, 2.0**-30, 1e200, 2.0**1021):
        assert metrics.r_squared(outputs * scale, targets * scale) == pytest.approx(0.875, rel=1e-9)
    assert metrics.r_squared(outputs * 1e200, targets) == -np.inf


def test_targets_without_variance_have_no_r_squared():
    for number in (3.0, 0.1, 1e300):  # the mean of ten times 0.1 is not 0.1
        with pytest.raises(DataError, match="all targets are equal"):
            metrics.r_squared(np.arange(10.0), np.full(10, number))


def test_metrics_agree_with_scikit_learn():
    sklearn = pytest.importorskip("sklearn.metrics", reason="an oracle: pip install minigrad-bp[data]")
    rng = np.random.default_rng(1)
    outputs, labels = rng.normal(size=(50, 4)), rng.integers(4, size=50)
    np.testing.assert_array_equal(
        metrics.confusion_matrix(outputs, labels), sklearn.confusion_matrix(labels, outputs.argmax(axis=1))
    )
    assert metrics.accuracy(outputs, labels) == sklearn.accuracy_score(labels, outputs.argmax(axis=1))
    assert metrics.r_squared(outputs[:, 0], labels) == pytest.approx(sklearn.r2_score(labels, outputs[:, 0]))


def test_metrics_are_measured_after_each_epoch():
    net, told = small_network(), []
    history = net.fit(
        X, LABELS, epochs=2, metrics=[metrics.accuracy, metrics.r_squared], callbacks=[told.append], progress=False
    )
    assert list(history.columns) == ["loss", "accuracy", "r_squared"]
    assert history.metrics["accuracy"][-1] == net.evaluate(X, LABELS, metrics.accuracy) == told[-1].metrics["accuracy"]
    assert history.metrics["r_squared"][-1] == pytest.approx(net.evaluate(X, LABELS, metrics.r_squared), rel=1e-12)
    held = small_network().fit(
        X, LABELS, epochs=2, metrics=[metrics.accuracy], validation=(X[:1], LABELS[:1]), progress=False
    )
    assert set(held.metrics["accuracy"]) <= {0.0, 1.0}
    assert net.evaluate(X, LABELS, metrics.confusion_matrix).sum() == 12


def loss(outputs, targets):
    return 0.0


@pytest.mark.parametrize("wrong", [metrics.accuracy, [1], [loss], [metrics.accuracy] * 2, "accuracy"])
def test_metrics_that_cannot_be_told_are_refused(wrong):
    with pytest.raises(SettingError, match="metrics must be a list of functions with different names"):
        fitted(metrics=wrong)


def words(outputs, targets):
    return "good"


@pytest.mark.parametrize(
    ("metric", "found"),
    [(metrics.confusion_matrix, r"confusion_matrix: .*found shape \(2, 2\).*evaluate"), (words, "found 'good'")],
)
def test_a_metric_that_is_no_number_is_refused_before_anything_moves(metric, found):
    net = small_network()
    before = values(net)
    with pytest.raises(SettingError, match=found):
        net.fit(X, LABELS, metrics=[metric], progress=False)
    assert values(net) == before
    assert small_network().fit(X, T, metrics=[zero], epochs=1, progress=False).metrics == {"zero": [0.0]}


def zero(outputs, targets):
    return np.zeros(())


def test_only_a_function_is_evaluated():
    for wrong in ("accuracy", 3, [metrics.accuracy] * 2, ["accuracy"]):
        with pytest.raises(SettingError, match="metrics must be a list of functions"):
            small_network().evaluate(X, T, wrong)


SIGNED = np.array([-1.0, 1.0, 1.0, -1.0])
LOGITS = np.array([-0.2, 0.3, 0.9, 0.4])


def test_the_threshold_is_0_for_targets_of_both_signs():
    assert metrics.accuracy(LOGITS, SIGNED) == 0.75
    np.testing.assert_array_equal(metrics.confusion_matrix(LOGITS, SIGNED), [[1, 1], [0, 2]])
    assert metrics.accuracy(LOGITS, SIGNED > 0) == 0.75
    assert metrics.accuracy(LOGITS, SIGNED > 0, threshold=0) == 0.75
    np.testing.assert_array_equal(metrics.confusion_matrix(LOGITS, SIGNED > 0), [[2, 0], [1, 1]])
    np.testing.assert_array_equal(metrics.confusion_matrix(LOGITS, SIGNED > 0, threshold=0.35), [[1, 1], [1, 1]])
    assert metrics.accuracy([[0.1, 0.9], [0.8, 0.2]], [[-1, 1], [-1, 1]]) == 0.5
    assert metrics.accuracy([[0.1, 0.9], [0.8, 0.2]], [[0.1, 0.9], [0.3, 0.7]]) == 0.5  # smoothed labels
    for threshold in ("0", np.nan, [0.5]):
        with pytest.raises(SettingError, match="threshold"):
            metrics.accuracy(LOGITS, SIGNED, threshold)


@pytest.mark.parametrize(
    ("outputs", "targets", "words"),
    [
        ([[0.8, 0.7, 0.1], [0.9, 0.2, 0.6]], [[1, 0, 0], [1, 0, 1]], "no classes; found 1, 0, 1 at row 1"),
        ([[0.8, 0.7], [0.9, 0.2]], [[1, -1], [1, 1]], "found 1, 1 at row 1"),
        ([[0.8, 0.7], [0.9, 0.2]], [[-1, -1], [-1, 1]], "found -1, -1 at row 0"),
        ([[0.8, 0.7], [0.9, 0.2]], [[0, 0], [0, 1]], "found 0, 0 at row 0"),
        ([[0.8, 0.7], [0.9, 0.2]], [[0.3, 1.9], [0, 1]], "found 0.3, 1.9 at row 0"),
        ([[0.8, 0.7]], [[0.5, 0.5]], "found 0.5, 0.5 at row 0"),
        ([[2.0], [3.0]], [[7.0], [9.0]], "found 7 at row 0, expected 0 and 1"),
        ([0.2, 0.4], [1.0, 0.3], "found 0.3 at row 1"),
        ([0.2, 0.4, 0.1], [1, 0, -1], "found 0 at row 1"),
        ([0.2, 0.9, 0.4], [0, 1, 2], "found 2 at row 2.*an output for each class"),
        ([1, 2, 1, 2], [2, 1, 2, 1], "found 2 at row 0"),
        ([[0.1, 0.9], [np.nan, 0.2]], [1, 0], "outputs hold a value that is not finite; found nan at row 1, column 0"),
        ([np.nan, 0.2], [0, 1], "outputs hold a value that is not finite"),
        ([0.1, 0.2], [0, np.nan], "targets hold a value that is not finite"),
    ],
)
@pytest.mark.parametrize("metric", metrics.WITH_THRESHOLD)
def test_metrics_refuse_what_is_no_class(metric, outputs, targets, words):
    with pytest.raises(DataError, match=words):
        metric(outputs, targets)


def test_r_squared_refuses_what_is_not_finite():
    with pytest.raises(DataError, match="outputs hold a value that is not finite; found nan at row 1"):
        metrics.r_squared([1.0, np.nan], [1.0, 2.0])


def third(outputs, targets, threshold=7.0):
    return threshold


@pytest.mark.parametrize(("loss", "targets"), [("binary_cross_entropy", LABELS), ("hinge", 2 * LABELS - 1)])
def test_a_network_passes_the_threshold_of_its_loss_to_metrics_of_classes(loss, targets):
    net = mg.Network(*mg.mlp([2, 1], output=mg.identity, rng=0), loss=getattr(mg, loss))
    history = net.fit(
        X, targets, mg.SGD(0.01), epochs=1, metrics=[metrics.accuracy, third], validation=(X, targets), progress=False
    )
    expected = np.mean((net.predict(X)[:, 0] > 0) == (targets > 0))
    assert history.metrics == {"accuracy": [expected], "third": [7.0]}
    assert net.evaluate(X, targets, metrics.accuracy) == expected
    assert net.evaluate(X, targets, [metrics.accuracy]) == {"accuracy": expected}
    halves = metrics.confusion_matrix(net.predict(X), targets > 0)  # by a threshold of ½
    assert (net.evaluate(X, targets, metrics.confusion_matrix) != halves).any()
    assert net.evaluate(X, targets, metrics.confusion_matrix).trace() == 12 * expected


def test_targets_of_both_signs_count_in_training_whatever_is_held_out():
    net = mg.Network(*mg.mlp([2, 1], output=mg.tanh, rng=0))
    history = net.fit(
        X,
        2 * LABELS - 1,
        mg.SGD(0.0),
        epochs=1,
        metrics=[metrics.accuracy],
        validation=(X[1::2], [1] * 6),
        progress=False,
    )
    assert history.metrics["accuracy"] == [np.mean(net.predict(X[1::2]) > 0)]


def test_a_metric_cannot_write_into_what_training_reads():
    def overwriting(outputs, targets):
        targets[:] = 0
        return 0.0

    net, rows = small_network(), T.copy()
    before = values(net)
    for measured in (
        lambda: net.fit(X, rows, metrics=[overwriting], validation=(X, rows), progress=False),
        lambda: net.evaluate(X, rows, overwriting),
    ):
        with pytest.raises(ValueError, match="read-only"):
            measured()
    assert values(net) == before
    assert rows.flags.writeable
    np.testing.assert_array_equal(rows, T)


@pytest.mark.parametrize("weights", [None, np.ones(12)])
@pytest.mark.parametrize("settings", [{}, {"validation": 0.25, "shuffle": False}])
def test_a_network_that_learned_targets_of_both_signs_divides_at_0_everywhere(weights, settings, tmp_path):
    signs = np.repeat([-1, 1], 6)  # all that is held out is 1
    net = mg.Network(*mg.mlp([2, 1], output=mg.tanh, rng=0))
    history = net.fit(
        X, signs, mg.SGD(0.0), epochs=1, sample_weight=weights, metrics=[metrics.accuracy], progress=False, **settings
    )
    expected = np.where(net.predict(X)[:, 0] > 0, 1, -1)
    assert (expected != np.where(net.predict(X)[:, 0] > 0.5, 1, -1)).any()
    rows = slice(None) if history.held_out is None else history.held_out
    assert history.metrics["accuracy"] == [np.mean(expected[rows] == signs[rows])]
    net.save(tmp_path / "network.npz")
    for network in (net, mg.Network.load(tmp_path / "network.npz")):
        assert network.classes == (-1, 1)
        np.testing.assert_array_equal(network.predict_classes(X), expected)
        assert network.evaluate(X[6:], signs[6:], metrics.accuracy) == np.mean(expected[6:] == 1)
    net.fit(X, signs > 0, epochs=1, progress=False)
    assert net.classes is None
    net.fit(X, np.where(signs > 0, "yes", "no"), epochs=1, progress=False)
    assert net.classes == ("no", "yes")


def test_several_metrics_are_evaluated_by_name():
    net = small_network()
    result = net.evaluate(X, LABELS, [metrics.accuracy, metrics.confusion_matrix, third])
    assert list(result) == ["accuracy", "confusion_matrix", "third"]
    assert result["accuracy"] == net.evaluate(X, LABELS, metrics.accuracy)
    np.testing.assert_array_equal(result["confusion_matrix"], net.evaluate(X, LABELS, metrics.confusion_matrix))
    assert net.evaluate(X, LABELS, ()) == {}


def test_metrics_of_outputs_that_are_not_finite_are_nan():
    pair = small_network().data(X, LABELS)
    outputs = np.full((12, 2), np.nan)
    measured = metrics.measure_all([metrics.accuracy, zero], lambda samples: outputs, *pair)
    assert np.isnan(measured["accuracy"])
    assert measured["zero"] == 0.0
    with pytest.raises(DataError, match="no classes"):
        metrics.measure_all([metrics.accuracy], lambda samples: np.zeros((12, 2)), *small_network().data(X, T))
