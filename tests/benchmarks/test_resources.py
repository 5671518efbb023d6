"""Depth, size, memory and import time are measured as the tables say."""

from __future__ import annotations

import pytest

from tests.benchmarks.parts import resources
from tests.benchmarks.test_timing import EFFORT


@pytest.mark.slow
def test_the_tables_tell_of_everything():
    chain, rest = resources.tables(EFFORT._replace(rounds=1, chain=500, boxes=60))
    assert chain.title == "A chain of 500 nodes"
    assert [row[0] for row in chain.rows][:4] == ["build", "find its inputs and parameters", "forward", "backward"]
    assert all(row[-1] == "✓" for row in chain.rows)
    assert [row[0].split(",")[0] for row in rest.rows] == [
        "DOT text of 60 nodes",
        "`import minigrad` : `import numpy`",
        "peak memory of a step",
        "left behind by 5 steps",
    ]


def test_a_small_graph_is_not_refused():
    with pytest.raises(AssertionError, match="far too many"):
        resources.refusal(resources.nested_tanh(3))


def test_a_call_is_timed_and_returns_its_result():
    seconds, result = resources.timed_call(max, 2, 3)
    assert result == 3
    assert 0 <= seconds < 1
