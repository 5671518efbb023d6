"""Styles of boxes and edges: sizes by their text, widths by their weights, a sign without color."""

import math

from minigrad.drawing.diagram import Box, EdgeKind, Role, Sign
from minigrad.drawing.style import BOX_STYLES, box_size, edge_color, edge_width, label_size


def test_every_role_has_a_style():
    assert set(BOX_STYLES) == set(Role)
    assert BOX_STYLES[Role.POSITIVE].shape != BOX_STYLES[Role.NEGATIVE].shape


def test_a_box_grows_with_its_text():
    small, wide = box_size(Box("n0", ("x",))), box_size(Box("n0", ("x" * 20,)))
    high = box_size(Box("n0", ("x",), (("value", "1"), ("δ", "2"))))
    assert wide.x > small.x
    assert wide.y == small.y < high.y
    assert label_size(("w = 1", "w = 2")).y > label_size(("w = 1",)).y


def test_edges_are_as_wide_as_their_weights():
    assert edge_width(2.0, 2.0) > edge_width(1.0, 2.0) > edge_width(0.0, 2.0)
    assert {edge_width(size, 2.0) for size in (None, math.nan, math.inf)} == {edge_width(1.0, 0.0)} == {1.0}
    assert edge_color(EdgeKind.WEIGHT, Sign.NEGATIVE) != edge_color(EdgeKind.WEIGHT, Sign.POSITIVE)
    assert edge_color(EdgeKind.DELTA, Sign.NEGATIVE) == edge_color(EdgeKind.DELTA, Sign.POSITIVE)
