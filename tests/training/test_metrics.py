"""Metrics: their numbers, against scikit-learn, and when they are measured."""

import numpy as np
import pytest

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


def test_targets_without_variance_have_no_r_squared():
    with pytest.raises(DataError, match="all targets are equal"):
        metrics.r_squared([1.0, 2.0], [3.0, 3.0])


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
