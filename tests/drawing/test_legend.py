"""Legends: rows that fit the page, nothing on top of anything else."""

import pytest

from minigrad.drawing.figure import Figure, Text
from minigrad.drawing.legend import (
    LEGEND_SIZE,
    LegendEntry,
    changed_entry,
    frozen_entry,
    lay_out_legend,
    level_entry,
    shared_entry,
    stroke_entry,
)
from minigrad.drawing.marks import sign_style
from minigrad.drawing.text_layout import line_width, plain_text, words
from tests.drawing.overlaps import overlaps_of

ENTRIES = [
    stroke_entry("w < 0", sign_style(-1.0)),
    level_entry("level"),
    frozen_entry("frozen"),
    shared_entry("×n"),
    changed_entry("after the step"),
    LegendEntry(words("a long sentence that is wider than a narrow page, and so continues in the next row")),
    LegendEntry(words("一个很长的句子，在窄的页面上必须换行，任何地方都可以断开")),
]


@pytest.mark.parametrize("width", [200.0, 400.0, 800.0])
def test_rows_fit_the_page(width):
    shapes, height = lay_out_legend(ENTRIES, width)
    texts = [shape for shape in shapes if isinstance(shape, Text)]
    assert all(text.at.x + line_width(text.line, text.size) <= width + 1 for text in texts)
    assert max(text.at.y for text in texts) < height
    words_alone = [shape for shape in texts if shape.size == LEGEND_SIZE]
    assert not list(overlaps_of(Figure(width + 2, height + 2, words_alone, "")))


def test_no_word_is_lost():
    shapes, _ = lay_out_legend(ENTRIES, 150.0)
    shown = "".join(plain_text(shape.line) for shape in shapes if isinstance(shape, Text) and shape.size == LEGEND_SIZE)
    for entry in ENTRIES:
        assert plain_text(entry.line).replace(" ", "") in shown.replace(" ", "")


def test_no_entries_take_no_space():
    assert lay_out_legend([], 400.0) == ((), 0.0)
