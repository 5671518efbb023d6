"""Bars: as long as their numbers, open where negative, with targets on the same scale."""

import math

from minigrad.drawing.figure import Anchor, Area, Color, Stroke, Text
from minigrad.drawing.hinton import cut_axis
from minigrad.drawing.process.bars import Bars

AXIS = cut_axis(0.0, 4, 4, 10.0)


def test_bars_are_in_proportion_and_on_their_side():
    bars = Bars(AXIS, (2.0, -1.0, 0.0, None), 100.0, 30.0)
    assert bars.position(0.0) == 110.0
    positive, negative, zero = (shape for shape in bars.shapes() if isinstance(shape, Area))
    ((left, _, right, _),) = positive.polygons
    assert (left.x, right.x) == (110.0, 130.0)
    assert positive.fill is Color.POSITIVE
    ((left, _, right, _),) = negative.polygons
    assert 100.0 <= left.x < right.x <= 110.0
    assert negative.stroke is Color.NEGATIVE
    assert len(zero.polygons) == 1


def test_upright_bars_grow_upwards():
    bars = Bars(AXIS, (2.0, -1.0, 0.0, 1.0), 100.0, 30.0, is_upright=True)
    assert bars.position(2.0) == 100.0
    assert bars.position(-1.0) == 130.0


def test_targets_are_on_the_scale_of_the_bars():
    bars = Bars(AXIS, (1.0, 0.5, 0.0, 0.0), 0.0, 40.0, also=(2.0, None, None, None))
    (mark,) = bars.marks({0: 2.0, 1: None, 2: math.nan})
    assert isinstance(mark, Stroke)
    assert {point.x for point in mark.points} == {40.0}


def test_numbers_that_are_not_finite_have_no_length():
    bars = Bars(AXIS, (math.nan, math.inf, 1.0, -1.0), 0.0, 40.0)
    assert bars.limits == (-1.0, 1.0)
    hatched = [shape for shape in bars.shapes() if isinstance(shape, Area) and shape.fill is Color.INK]
    assert len(hatched) == 1


def test_numbers_stand_beside_or_below():
    texts = dict.fromkeys(range(4), "0.5000")
    beside = [
        shape for shape in Bars(AXIS, (0.5,) * 4, 0.0, 9.0).texts(texts, 50.0, Color.INK) if isinstance(shape, Text)
    ]
    below = list(Bars(AXIS, (0.5,) * 4, 0.0, 9.0, is_upright=True).texts(texts, 50.0, Color.INK))
    assert {text.anchor for text in beside} == {Anchor.END}
    assert {text.angle for text in below} == {-90.0}
    assert {text.at.x for text in beside} == {50.0}
