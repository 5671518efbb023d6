"""The comparison of held-out results runs, scores rightly, and writes its page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from tests.benchmarks import accuracy
from tests.benchmarks.accuracy import Result, Split, Task

CLASSES = Task("load_iris", 2, 0.01)
TWO_CLASSES = Task("load_breast_cancer", 2, 0.01, mg.binary_cross_entropy)
VALUES = Task("load_diabetes", 2, 0.01, mg.squared_error)
TASKS = pytest.mark.parametrize("task", [CLASSES, TWO_CLASSES, VALUES], ids=lambda task: task.loader)


def split(targets: list[float]) -> Split:
    nothing = np.zeros((0, 1))
    return Split(nothing, nothing, nothing, np.array(targets))


def test_scores_are_accuracy_and_explained_variance():
    assert accuracy.score(split([0, 1, 2, 1]), CLASSES, np.eye(3)[[0, 1, 1, 1]]) == 0.75
    assert accuracy.score(split([1, 2, 3]), VALUES, np.array([1, 2, 3])) == 1
    assert accuracy.score(split([1, 2, 3]), VALUES, np.array([2, 2, 2])) == 0


def test_within_one_deviation_is_measured_by_the_larger_one_or_a_single_sample():
    own, peer = Result((0.9, 0.9)), Result((0.92, 0.92))
    assert accuracy.within_one_deviation(own, peer, CLASSES, held_out=50)
    assert not accuracy.within_one_deviation(own, peer, CLASSES, held_out=100)
    assert not accuracy.within_one_deviation(own, peer, VALUES, held_out=50)
    assert accuracy.within_one_deviation(own, Result((0.9, 0.96)), VALUES, held_out=50)
    assert str(Result((0.5, 0.7))) == "60.0 ± 14.1"


def test_the_farthest_is_the_largest_difference_by_one_seed():
    assert accuracy.largest_difference((0.5, 0.9), (0.5, 0.7)) == pytest.approx(0.2)
    assert accuracy.largest_difference([np.zeros(3), np.ones(3)], [np.zeros(3), np.array([1, 1.5, 1])]) == 0.5


def test_outputs_are_read_as_probabilities_or_values():
    outputs = np.array([[0.0], [100.0]])
    np.testing.assert_allclose(accuracy.predictions_of(outputs, TWO_CLASSES), [[0.5, 0.5], [0, 1]], atol=1e-12)
    np.testing.assert_allclose(accuracy.predictions_of(np.zeros((1, 4)), CLASSES), [[0.25] * 4])
    np.testing.assert_array_equal(accuracy.predictions_of(outputs, VALUES), [0, 100])


def test_every_epoch_goes_over_all_samples_in_an_order_of_the_seed():
    numbers = np.arange(70)
    parts = Split(numbers[:, None], numbers, numbers, numbers)
    found = [T for _, T in accuracy.batches(parts, CLASSES, seed=1)]
    assert [len(T) for T in found] == [32, 32, 6] * CLASSES.epochs
    first, second = np.concatenate(found[:3]), np.concatenate(found[3:])
    np.testing.assert_array_equal(np.sort(first), numbers)
    np.testing.assert_array_equal(np.sort(second), numbers)
    assert list(first) != list(second)
    for X, T in accuracy.batches(parts, CLASSES, seed=1):
        np.testing.assert_array_equal(X[:, 0], T)
        np.testing.assert_array_equal(T, found.pop(0))


@TASKS
def test_the_first_weights_are_those_before_any_step(task: Task):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed: pip install '.[data]'")
    parts = accuracy.load_split(task)
    read = accuracy.initial_weights(parts, task, 3)
    unmoved = accuracy.train_sklearn(parts, task, 3, rate=1e-300)
    moved = accuracy.train_sklearn(parts, task, 3, rate=1e-9, steps=1)
    for (W, b), W_after, b_after, W_moved in zip(read, unmoved.coefs_, unmoved.intercepts_, moved.coefs_, strict=True):
        np.testing.assert_array_equal(W, W_after)
        np.testing.assert_array_equal(b, b_after)
        np.testing.assert_allclose(W, W_moved, rtol=0, atol=1.1e-9)
    assert not np.array_equal(read[0][0], accuracy.initial_weights(parts, task, 4)[0][0])


@TASKS
def test_by_one_seed_all_libraries_predict_the_same(task: Task):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed: pip install '.[data]'")
    parts = accuracy.load_split(task)
    assert abs(parts.X.mean()) < 1e-12
    results = accuracy.evaluate_libraries(task, 2)
    assert {"minigrad", "scikit-learn"} <= set(results)
    for result in results.values():
        assert [len(predictions) for predictions in result.predictions] == [len(parts.T_test)] * 2
        assert accuracy.largest_difference(result.predictions[:1], result.predictions[1:]) > 0.01
        assert accuracy.largest_difference(result.predictions, results["minigrad"].predictions) < 1e-7


def test_the_page_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed: pip install '.[data]'")
    page = tmp_path / "accuracy.md"
    monkeypatch.setattr(
        accuracy,
        "LIBRARIES",
        {
            "minigrad": (accuracy.predict_with_minigrad, "numpy"),
            "PyTorch": (accuracy.predict_with_torch, "no_such_package"),
        },
    )
    monkeypatch.setattr("sys.argv", ["accuracy", "--short", "--seeds", "2", "--write", str(page)])
    accuracy.main()
    text = page.read_text(encoding="utf-8")
    assert "| Iris | accuracy, % | 38 |" in text
    assert "not installed" in text
    assert "over 2 seeds" in text
    assert "| diabetes |" in capsys.readouterr().out
