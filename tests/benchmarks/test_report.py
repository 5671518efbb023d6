"""Tables, goals, and the measured blocks of a page."""

from __future__ import annotations

import pytest

from tests.benchmarks.parts.report import describe_clocks, fill_blocks, goal_cells, mark
from tests.benchmarks.parts.timing import Goal, Seconds

PAGE = "before\n<!-- measured: a -->\nold\n<!-- end of a -->\nafter\n"


def test_a_goal_and_whether_it_is_reached():
    assert goal_cells(Goal("≤", 1 / 15, "1/15"), 0.06) == ("≤ 1/15", "✓")
    assert goal_cells(Goal("≥", 10_000), 9_999) == ("≥ 10,000", "✗")
    assert goal_cells(Goal("≤", 2), None) == ("≤ 2", "")
    assert goal_cells(None, 1.0) == ("", "")


def test_a_mark_stands_behind_its_figure():
    assert [mark(Goal("≤", 2), value) for value in (2, 3)] == [" ✓", " ✗"]
    assert mark(None, 1.0) == ""


def test_the_clocks_of_the_parts():
    text = describe_clocks({"moons": Seconds(4.0, 3.0), "calls": Seconds(60.0, 60.0)})
    assert text.endswith("moons 4 s (75 %), calls 60 s (100 %).")


def test_a_block_is_written_anew_and_the_rest_is_kept():
    once = fill_blocks(PAGE, {"a": r"new \1"})
    assert once == PAGE.replace("old", r"new \1")
    assert fill_blocks(once, {"a": "old"}) == PAGE


@pytest.mark.parametrize("page", ["", PAGE.replace("<!-- end of a -->", "")])
def test_a_page_without_the_place_is_refused(page: str):
    with pytest.raises(ValueError, match="<!-- measured: a -->"):
        fill_blocks(page, {"a": "new"})
