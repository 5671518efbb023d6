"""What is measured of depth, size and start is measured of what it says."""

from __future__ import annotations

import pytest

from tests.benchmarks.parts import footprint
from tests.benchmarks.test_timing import EFFORT


def test_the_tables_tell_of_everything():
    chain, rest = footprint.tables(EFFORT._replace(rounds=1, chain=500, boxes=60))
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
        footprint.refused(footprint.nested(3))


def test_a_deed_is_clocked_with_what_comes_out():
    seconds, outcome = footprint.clocked(max, 2, 3)
    assert outcome == 3
    assert 0 <= seconds < 1
