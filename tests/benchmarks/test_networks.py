"""The tables of training steps say how fast each library is, and which is not installed."""

from __future__ import annotations

import importlib.util

import pytest

from tests.benchmarks.parts import moons, widths
from tests.benchmarks.parts.networks import compared
from tests.benchmarks.parts.timing import Goal
from tests.benchmarks.test_timing import EFFORT


def test_minigrad_is_compared_with_each_peer():
    goals = {"near": Goal("≤", 0.6), "far": Goal("≤", 0.4), "nowhere": Goal("≤", 1), "any": None}
    seconds = {"minigrad": [1e-5, 1e-5], "near": [2e-5, 2e-5], "far": [2e-5, 2e-5], "any": [1e-5, 1e-5]}
    assert list(compared(seconds, {"nowhere": "nowhere is not installed"}, goals)) == [
        ("minigrad", "10 µs", "", "", ""),
        ("near", "20 µs", "0.5 (0.5 … 0.5)", "≤ 0.6", "✓"),
        ("far", "20 µs", "0.5 (0.5 … 0.5)", "≤ 0.4", "✗"),
        ("nowhere", "nowhere is not installed", "", "≤ 1", ""),
        ("any", "10 µs", "1 (1 … 1)", "", ""),
    ]


def test_the_table_of_moons():
    (table,) = moons.tables(EFFORT)
    first, one, unrolled = table.rows
    assert "unrolled" in unrolled[0]
    assert [row[3] for row in table.rows] == ["", "≥ 10,000", "≥ 3,000"]
    known = importlib.util.find_spec("micrograd") is not None
    assert bool(one[2]) == known == ("not installed" not in first[1])


@pytest.mark.slow
def test_the_curves_by_width():
    report = widths.report(EFFORT._replace(widths=(4, 6)))
    (table,) = report.tables
    assert table.head == ("n", "4", "6")
    assert {"minigrad, compiled", "hand-written NumPy", "matrix products alone"} <= set(report.curves)
    assert all(list(curve) == [4, 6] for curve in report.curves.values())
