"""The tables of steps, predictions and calls say how fast each library is, and which is not installed."""

from __future__ import annotations

import importlib.util

import pytest

from tests.benchmarks.parts import calls, moons, predictions, training, widths
from tests.benchmarks.parts.tasks import sigmoid_task, softmax_task
from tests.benchmarks.parts.timing import Goal, Seconds
from tests.benchmarks.parts.training import ARRAYS, BARE, BEYOND, OWN, STEP, Measured
from tests.benchmarks.test_timing import EFFORT

QUICK = EFFORT._replace(rounds=1)


def same(wall: float) -> list[Seconds]:
    """Two rounds of the same seconds."""
    return [Seconds(wall, wall)] * 2


def test_minigrad_is_compared_with_each_peer():
    measured = Measured({OWN: same(1e-5), "near": same(2e-5)}, {"nowhere": "nowhere is not installed"})
    assert training.compared(measured, OWN, None) == ("10 µs", "")
    assert training.compared(measured, "near", None) == ("20 µs", "0.5 (0.5 … 0.5)")
    assert training.compared(measured, "near", Goal("≤", 0.6)) == ("20 µs", "0.5 (0.5 … 0.5) ✓")
    assert training.compared(measured, "near", Goal("≤", 0.4)) == ("20 µs", "0.5 (0.5 … 0.5) ✗")
    assert training.compared(measured, "nowhere", Goal("≤", 1)) == ("nowhere is not installed", "")


def test_what_a_step_costs_beyond_the_bare_program():
    assert training.beyond_bare(Measured({STEP: same(2.25e-5), BARE: same(2e-5)}, {})) == ("2.5 µs ✓", "")
    assert training.beyond_bare(Measured({STEP: same(2.5e-5), BARE: same(2e-5)}, {})) == ("5 µs ✗", "")


def test_a_table_has_a_row_for_each_library_and_columns_for_each_type():
    task = softmax_task((6, 5, 3), 1)
    names = list(training.makers(task, ""))
    own = Measured(
        {name: same(1e-3) for name in names if name != "autograd"}, {"autograd": "autograd is not installed"}
    )
    table = training.table(task, {"float32": own, "float64": own})
    assert [row[0] for row in table.rows if row[0] != BEYOND] == names
    assert {len(row) for row in (table.head, *table.rows)} == {6}
    goals = {row[0]: row[5] for row in table.rows if row[5]}
    assert goals == {
        ARRAYS: "≤ 1.03",
        BEYOND: "≤ 3 µs",
        "matrix products alone": "≤ 1.1",
        "JAX, a jitted step": "≤ 0.9",
        "PyTorch eager": "≤ 0.6",
    }


def test_slow_libraries_learn_from_fewer_samples():
    task = sigmoid_task((6, 5, 3), 40)
    assert [training.steps_of(name, task).steps for name in (OWN, "autograd", "micrograd")] == [40, 4, 1]


@pytest.mark.slow
def test_the_calls_of_a_network():
    (table,) = calls.tables(QUICK)
    assert [row[0] for row in table.rows] == list(calls.GOALS)
    assert set(calls.CALLS) < set(calls.GOALS)
    assert {len(row) for row in (table.head, *table.rows)} == {8}
    later_goals = {row[0]: row[-1] for row in table.rows if row[-1].startswith("later")}
    assert set(later_goals.values()) == {"later ≤ 1 ms"}
    assert all(row[2][-1] in "✓✗" for row in table.rows if row[0] in later_goals)


@pytest.mark.slow
def test_the_predictions_of_each_library(monkeypatch: pytest.MonkeyPatch):
    if importlib.util.find_spec("numba"):
        monkeypatch.setattr("numba.config.DISABLE_JIT", True)  # test_learners.py waits for its compiler
    small, _ = predictions.tables(QUICK)
    rows = {row[0]: row for row in small.rows}
    assert rows["minigrad, `predict`"][1][-1] in "✓✗"
    assert rows["hand-written NumPy"][-1] == "≤ 1.5"
    assert list(rows)[:2] == ["minigrad, `predict`", "hand-written NumPy"]


def test_the_table_of_moons():
    (table,) = moons.tables(EFFORT)
    first, one, unrolled = table.rows
    assert "unrolled" in unrolled[0]
    assert [row[3] for row in table.rows] == ["", "≥ 10,000", "≥ 3,000"]
    known = importlib.util.find_spec("micrograd") is not None
    assert bool(one[2]) == known == ("not installed" not in first[1])


@pytest.mark.slow
def test_the_curves_by_width():
    report = widths.report(QUICK._replace(widths=(4, 6)))
    (table,) = report.tables
    curves = report.panels["widths"]
    assert table.head == ("n", "4", "6")
    assert {"minigrad, fit", "hand-written NumPy", "matrix products alone"} <= set(curves)
    assert all(list(curve) == [4, 6] for curve in curves.values())
