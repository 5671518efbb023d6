"""Every workload runs on this commit, checkouts are measured in turn, and the table says what became slower."""

from __future__ import annotations

import math

import pytest

from tests.benchmarks import compare
from tests.benchmarks.compare import ROOT, Measured
from tests.benchmarks.parts.workloads import SIZES, WORKLOADS, measure


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_takes_time_and_returns_a_number(name: str):
    seconds, result = measure(name, SIZES["tiny"])
    assert 0 < seconds < 10
    assert math.isfinite(result)


def test_two_checkouts_are_measured_in_processes_of_their_own():
    measured = compare.compare({"before": ROOT, "after": ROOT}, ["loss_graph", "save"], 1, "tiny")
    assert list(measured) == ["loss_graph", "save"]
    for by_checkout in measured.values():
        assert all(len(times.seconds) == 1 for times in by_checkout.values())
        assert by_checkout["before"].results == by_checkout["after"].results


def test_the_table_marks_what_became_slower_and_results_that_differ():
    before = Measured([1.0, 1.0], [0.5, 0.5])
    slower, other = Measured([1.09, 1.09], [0.5, 0.5]), Measured([0.5, 0.5], [0.6, 0.6])
    measured = {
        "save": {"before": before, "after": slower},
        "eager backward": {"before": before, "after": slower},
        "load": {"before": before, "after": other},
    }
    assert [(row[4], row[5], row[6]) for row in compare.rows(measured)] == [
        ("≤ 1.08", "✗", ""),
        ("≤ 1.1", "✓", ""),
        ("≤ 1.08", "✓", "results differ: 0.5, now 0.6"),
    ]
