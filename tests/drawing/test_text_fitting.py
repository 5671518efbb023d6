"""Texts that have to fit a width."""

from minigrad.drawing.text_fitting import cut_to_width, fitting_size, wrap_text
from minigrad.drawing.text_layout import label, line_width, number_line, plain_text, words


def test_long_texts_are_cut_in_the_middle():
    assert cut_to_width("short", 12.0, 100.0) == "short"
    text = cut_to_width("a_very_long_name_of_a_weight", 12.0, 60.0)
    assert "…" in text
    assert line_width(label(text), 12.0) <= 60.0


def test_numbers_shrink_where_they_must():
    line = number_line("1.234×10⁻⁵")
    assert plain_text(line) == "1.234×10⁻⁵"
    assert fitting_size(line, 12.0, 500.0) == 12.0
    assert line_width(line, fitting_size(line, 12.0, 30.0)) <= 30.001


def test_lines_are_broken_at_words_and_between_chinese_characters():
    text = "An output meets every weight of its line"
    lines = wrap_text(text, 12.0, 90.0)
    assert " ".join(lines) == text
    assert all(line_width(words(line), 12.0) <= 90.0 for line in lines)
    chinese = wrap_text("每个输出沿自己的线，与每个权重相乘。", 12.0, 64.0)
    assert len(chinese) > 2
    assert not any(line.startswith(("，", "。")) for line in chinese)
