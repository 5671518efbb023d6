"""The marks of figures: each says what it says without color."""

from math import inf, nan

import pytest

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Area, Color, Dash, Head, Rectangle, Stroke, Text
from minigrad.drawing.marks import (
    backward_style,
    frozen_bars,
    level_fill,
    number_shapes,
    point_between,
    shared_stroke,
    sign_style,
    stripes,
    stroke_width,
)
from minigrad.drawing.text_layout import words

HERE, THERE = Point(10.0, 20.0), Point(110.0, 20.0)


def test_signs_differ_in_color_and_in_dashes():
    styles = {number: sign_style(number) for number in (1.0, -1.0, 0.0)}
    assert len({style.dash for style in styles.values()}) == len({style.color for style in styles.values()}) == 3
    assert sign_style(-0.0) == styles[0.0]
    assert sign_style(None).color not in {style.color for style in styles.values()}
    assert sign_style(nan) == sign_style(nan)
    assert sign_style(-inf) == styles[-1.0]
    assert [backward_style(number).dash for number in (1.0, -1.0, 0.0)] == [Dash.SOLID, Dash.NEGATIVE, Dash.ZERO]
    assert {backward_style(number).color for number in (1.0, -1.0, 0.0)} == {Color.BACKWARD}


def test_widths_grow_with_the_number():
    widths = [stroke_width(number, 2.0) for number in (0.0, -0.5, 1.0, -2.0)]
    assert widths == sorted(set(widths))
    assert {stroke_width(number, largest) for number, largest in ((None, 1.0), (nan, 1.0), (inf, inf), (1.0, 0.0))} == {
        0.9
    }


def test_a_shared_weight_is_a_double_line():
    outer, inner = shared_stroke(Stroke((HERE, THERE), Color.POSITIVE, 2.0, Dash.NEGATIVE, Head.FORWARD))
    assert (outer.color, outer.dash, outer.head) == (Color.POSITIVE, Dash.NEGATIVE, Head.FORWARD)
    assert inner.color is Color.PAPER
    assert inner.width < outer.width
    assert inner.points[-1].x < THERE.x - 8  # up to the head


def test_frozen_bars_stand_across_the_line():
    for towards in (THERE, Point(10.0, 90.0), Point(60.0, 70.0)):
        for start, end in (bar.points for bar in frozen_bars(HERE, towards)):
            along = (towards.x - HERE.x, towards.y - HERE.y)
            assert (end.x - start.x) * along[0] + (end.y - start.y) * along[1] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("level", "height"), [(0.0, 0.0), (0.25, 10.0), (1.0, 40.0), (1.5, 40.0), (-1.0, 0.0), (None, 0.0), (nan, 0.0)]
)
def test_levels_fill_from_below(level, height):
    fills = level_fill(HERE, Point(8.0, 40.0), level)
    assert sum(fill.size.y for fill in fills) == height
    assert all(fill.corner.y + fill.size.y == HERE.y + 40.0 for fill in fills)


def test_numbers_that_are_none_stand_out():
    (plain,) = number_shapes(HERE, 0.5, words("0.5"))
    (unknown,) = number_shapes(HERE, None, words("—"))
    assert (plain.color, unknown.color) == (Color.INK, Color.ZERO)
    for anchor in Anchor:
        shapes = number_shapes(HERE, nan, words("NaN"), anchor=anchor)
        (plate,) = (shape for shape in shapes if isinstance(shape, Rectangle))
        (text,) = (shape for shape in shapes if isinstance(shape, Text))
        assert plate.fill is Color.INK
        assert text.color is Color.PAPER
        assert plate.corner.x < text.at.x < plate.corner.x + plate.size.x
        assert sum(isinstance(shape, Area) for shape in shapes) == 2


def test_hatching_stays_within_its_rectangle():
    for size in (Point(5.0, 15.0), Point(30.0, 4.0), Point(1.0, 1.0)):
        points = [point for stripe in stripes(HERE, size) for point in stripe]
        assert all(-1e-9 <= point.x - HERE.x <= size.x + 1e-9 for point in points)
        assert all(-1e-9 <= point.y - HERE.y <= size.y + 1e-9 for point in points)
    assert len(list(stripes(HERE, Point(5.0, 15.0)))) >= 3


def test_a_point_on_the_way():
    assert point_between(HERE, THERE, 30.0) == Point(40.0, 20.0)
    assert point_between(HERE, HERE, 30.0) == HERE
