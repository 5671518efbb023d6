"""The help beside the grids: broken into lines, and in a place where nothing else is."""

from minigrad.drawing.diagram import Point
from minigrad.drawing.process.reading_help import free_position, wrap
from minigrad.drawing.text_layout import line_width, words


def test_lines_are_broken_at_words_and_between_chinese_characters():
    text = "An output meets every weight of its line"
    lines = wrap(text, 12.0, 90.0)
    assert " ".join(lines) == text
    assert all(line_width(words(line), 12.0) <= 90.0 for line in lines)
    chinese = wrap("每个输出沿自己的线，与每个权重相乘。", 12.0, 64.0)
    assert len(chinese) > 2
    assert not any(line.startswith(("，", "。")) for line in chinese)


def test_a_free_place_is_the_highest_one():
    upper = Point(0.0, 0.0), Point(300.0, 100.0)
    right = Point(250.0, 100.0), Point(300.0, 400.0)
    assert free_position([upper, right], Point(200.0, 50.0), 0.0, 20.0) == Point(0.0, 120.0)
    assert free_position([upper, right], Point(280.0, 50.0), 0.0, 20.0) == Point(0.0, 420.0)
