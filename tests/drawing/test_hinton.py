"""Hinton diagrams: what is shown of a grid, where, and with which marks."""

import math

import numpy as np
import pytest

from minigrad.drawing.diagram import Point, Role
from minigrad.drawing.figure import Area, Color, Text
from minigrad.drawing.hinton import (
    GAP,
    cut_axis,
    fit_axis,
    grid_ground,
    hinton_marks,
    mark_role,
    mark_side,
    spread_labels,
)
from minigrad.drawing.text_layout import plain_text


@pytest.mark.parametrize("count", [1, 2, 9, 30, 784])
@pytest.mark.parametrize("most", [2, 7, 1000])
def test_an_axis_fits_and_shows_both_ends(count, most):
    axis = fit_axis(10.0, 200.0, count, most, 8.0, 20.0)
    assert axis.end <= 210.0 + 1e-9
    assert 8.0 <= axis.pitch <= 20.0
    assert len(axis.shown) + axis.left_out == count
    assert len(axis.shown) <= max(most, 2)
    assert (axis.shown[0], axis.shown[-1]) == (0, count - 1)
    middles = [axis.at(number) for number in axis.shown]
    steps = np.diff(middles)
    assert all(np.isclose(step, axis.pitch) or np.isclose(step, axis.pitch + GAP) for step in steps)
    assert np.count_nonzero(~np.isclose(steps, axis.pitch)) == (axis.left_out > 0)


def test_nothing_is_left_out_where_all_fits_exactly():
    assert fit_axis(0.0, 16 * 19.6, 16, 16, 19.6, 19.6).left_out == 0
    assert fit_axis(0.0, 15 * 19.6, 16, 16, 19.6, 19.6).left_out == 3


def test_labels_keep_apart_and_the_ends_have_one():
    axis = cut_axis(0.0, 100, 12, 10.0)
    labels = spread_labels(axis, dict.fromkeys(axis.shown, 24.0), 2.0)
    assert {0, 99} <= {*labels} < {*axis.shown}
    assert min(np.diff([axis.at(number) for number in labels])) >= 26.0


def test_each_kind_of_number_has_a_mark_of_its_own():
    numbers = [4.0, -1.0, 0.0, math.nan, -math.inf, None]
    marks = {number: hinton_marks([(Point(0.0, 0.0), number)], 20.0, 4.0) for number in numbers}
    colors = {number: (mark.fill, mark.stroke) for number, (mark,) in marks.items() if isinstance(mark, Area)}
    assert colors[4.0] == (Color.POSITIVE, None)
    assert colors[-1.0] == (Color.NEGATIVE_TINT, Color.NEGATIVE)
    assert colors[math.nan] == colors[-math.inf] == (Color.INK, None)
    assert colors[0.0] == colors[None] == (Color.ZERO, None)
    assert len({marks[number][0].polygons for number in (4.0, -1.0, 0.0, math.nan, None)}) == 5
    assert [mark_role(number) for number in numbers] == [
        Role.POSITIVE,
        Role.NEGATIVE,
        Role.ZERO,
        Role.UNKNOWN,
        Role.UNKNOWN,
        Role.UNKNOWN,
    ]


def test_marks_of_a_kind_are_one_shape():
    cells = [(Point(float(place), 0.0), (-1.0) ** place) for place in range(1000)]
    positive, negative = hinton_marks(cells, 10.0, 1.0)
    assert len(positive.polygons) == len(negative.polygons) == 500


def test_area_is_as_large_as_the_number():
    assert mark_side(-4.0, 4.0, 20.0) == 2 * mark_side(1.0, 4.0, 20.0)
    assert mark_side(1e-300, 4.0, 20.0) > 1.0
    assert mark_side(0.0, 0.0, 20.0) > 0.0


def test_a_gap_says_how_much_is_left_out():
    rows, columns = cut_axis(0.0, 50, 10, 10.0), cut_axis(0.0, 784, 10, 10.0)
    cells = [(row, column) for row in rows.shown for column in columns.shown]
    texts = [plain_text(shape.line) for shape in grid_ground(rows, columns, cells) if isinstance(shape, Text)]
    assert sorted(texts) == ["40", "774"]
    whole = cut_axis(0.0, 5, 5, 10.0)
    assert not [shape for shape in grid_ground(whole, whole, [(0, 0)]) if isinstance(shape, Text)]
