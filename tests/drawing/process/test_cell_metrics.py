"""Sizes and texts that have to fit."""

from minigrad.drawing.process.cell_metrics import possible_metrics
from minigrad.drawing.text_layout import line_width, number_line
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
