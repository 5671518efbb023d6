"""The comparison of held-out results runs, scores rightly, and writes its page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import accuracy
from tests.benchmarks.accuracy import Result, Split, Task

CLASSES = Task("load_iris", 2, 0.01)
VALUES = Task("load_diabetes", 2, 0.01, classes=False)


def split(targets: list[float]) -> Split:
    nothing = np.zeros((0, 1))
    return Split(nothing, nothing, nothing, np.array(targets), 1)


def test_scores_are_accuracy_and_explained_variance():
    assert accuracy.score(split([0, 1, 2, 1]), CLASSES, np.array([0, 1, 1, 1])) == 0.75
    assert accuracy.score(split([1, 2, 3]), VALUES, np.array([1, 2, 3])) == 1
    assert accuracy.score(split([1, 2, 3]), VALUES, np.array([2, 2, 2])) == 0


def test_within_one_deviation_is_measured_by_the_larger_one_or_a_single_sample():
    mine, peer = Result((0.9, 0.9)), Result((0.92, 0.92))
    assert accuracy.within(mine, peer, CLASSES, held_out=50)
    assert not accuracy.within(mine, peer, CLASSES, held_out=100)
    assert not accuracy.within(mine, peer, VALUES, held_out=50)
    assert accuracy.within(mine, Result((0.9, 0.96)), VALUES, held_out=50)
    assert str(Result((0.5, 0.7))) == "60.0 ± 14.1"


@pytest.mark.parametrize("task", [CLASSES, VALUES], ids=lambda task: task.loader)
def test_everyone_answers_the_held_out_samples(task: Task):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed: pip install '.[data]'")
    parts = accuracy.split_of(task)
    assert abs(parts.X.mean()) < 1e-12
    results = accuracy.measured(task, 1)
    assert {"minigrad", "scikit-learn"} <= set(results)
    for name in results:
        run, _ = accuracy.RUNNERS[name]
        first, again = run(parts, task, 3), run(parts, task, 3)
        assert first.shape == parts.T_test.shape
        np.testing.assert_array_equal(first, again)


def test_the_page_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed: pip install '.[data]'")
    page = tmp_path / "accuracy.md"
    monkeypatch.setattr(
        accuracy,
        "RUNNERS",
        {"minigrad": (accuracy.with_minigrad, "numpy"), "PyTorch": (accuracy.with_torch, "no_such_package")},
    )
    monkeypatch.setattr("sys.argv", ["accuracy", "--short", "--seeds", "2", "--write", str(page)])
    accuracy.main()
    text = page.read_text(encoding="utf-8")
    assert "| Iris | accuracy, % | 38 |" in text
    assert "not installed" in text
    assert "| diabetes |" in capsys.readouterr().out
