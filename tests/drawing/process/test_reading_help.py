"""The help beside the grids: broken into lines, and in a place where nothing else is."""

from minigrad.drawing.diagram import Point
from minigrad.drawing.process.reading_help import free_position


def test_a_free_place_is_the_highest_one():
    upper = Point(0.0, 0.0), Point(300.0, 100.0)
    right = Point(250.0, 100.0), Point(300.0, 400.0)
    assert free_position([upper, right], Point(200.0, 50.0), 0.0, 20.0) == Point(0.0, 120.0)
    assert free_position([upper, right], Point(280.0, 50.0), 0.0, 20.0) == Point(0.0, 420.0)
