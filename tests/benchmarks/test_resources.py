"""Size, memory and import time are measured as the table says."""

from __future__ import annotations

import pytest

from tests.benchmarks.parts import resources
from tests.benchmarks.test_timing import EFFORT


@pytest.mark.slow
def test_the_table_tells_of_everything():
    (table,) = resources.tables(EFFORT._replace(rounds=1, boxes=60))
    assert [row[0].split(",")[0] for row in table.rows] == [
        "`import minigrad` : `import numpy`",
        "DOT text of 60 nodes",
        "peak memory of a step",
        "peak memory of a step",
        "left behind by 22 calls of a `train_step`",
    ]
    assert table.rows[0][3] == "≤ 1.3"
