"""Sizes and texts that have to fit."""

from minigrad.drawing.process.metrics import cut_to_width, fitting_size, possible_metrics
from minigrad.drawing.text_layout import label, line_width, number_line, plain_text
from tests.drawing import networks
from tests.drawing.views.test_process import content_of


def test_sizes_shrink_and_hold_the_widest_number():
    sizes = list(possible_metrics(content_of(networks.perceptron(2, 3, 1))))
    assert [size.font for size in sizes] == sorted((size.font for size in sizes[:15]), reverse=True) + [
        size.font for size in sizes[15:]
    ]
    for size in sizes:
        assert line_width(number_line("−0.0001235"), size.font) <= size.number < size.box.x
        assert size.number < size.cell.x


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
