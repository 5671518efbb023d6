"""Everything is done with a graph in a process of its own, and the table tells what that cost."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.benchmarks.parts import growth
from tests.benchmarks.parts.growth import KINDS, LAYERS, PLOTTED, PLOTTED_KINDS, TINY
from tests.benchmarks.parts.timing import Seconds
from tests.benchmarks.test_timing import EFFORT


@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_done_with_a_tiny_graph(kind: str, tmp_path: Path):
    names = []

    def do(name, function, *arguments):
        names.append(name)
        return function(*arguments)

    assert KINDS[kind].do(TINY, tmp_path, do) >= TINY
    assert {"build", "`Graph`", "`compile`", "`draw`", "`save`", "`load`", "`gradient_graph`"} <= set(names)
    assert len(names) == len(set(names))
    if kind in PLOTTED_KINDS:
        assert all(any(row in names for row in rows) for rows in PLOTTED.values())


def test_the_layers_are_those_of_about_so_many_nodes():
    for nodes, layers in LAYERS.items():
        if nodes > TINY:
            weights = sum((before + 1) * after for before, after in pairwise(layers))
            assert weights == pytest.approx(nodes, rel=0.1)


def test_the_table_tells_a_node_and_all():
    costs = {
        "build": {1_000: Seconds(0.002, 0.002), 10_000: Seconds(0.03, 0.03)},
        "`load`": {10_000: Seconds(6.0, 3.0)},
    }
    table = growth.table("wide", {"build": costs["build"]})
    assert table.head == ("µs a node", "of 1,000", "of 10,000", "all 10,000", "goal")
    assert table.rows == [("build", "2", "3", "30 ms ✓", "≤ 5 s")]
    assert growth.table("wide", {"`load`": costs["`load`"]}).rows[0][-2] == "6 s, processor 3 s ✗"
    assert growth.curves(costs) == {"build": {1_000: 2e-6, 10_000: 3e-6}, "load": {10_000: 6e-4}}


@pytest.mark.slow
def test_each_graph_has_a_process_of_its_own():
    report = growth.report(EFFORT)
    assert [table.title for table in report.tables] == [kind.title for kind in KINDS.values()]
    assert set(report.panels) == set(PLOTTED_KINDS)
    assert all(set(curves) == set(PLOTTED) for curves in report.panels.values())
