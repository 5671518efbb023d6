"""The edges of a network as shapes: forward with sign and size, what flows back beside it, and their labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import hypot
from typing import NamedTuple

from minigrad.drawing.diagram import Edge, EdgeKind, Point
from minigrad.drawing.figure import Anchor, Circle, Color, Dash, Head, Rectangle, Shape, Stroke, Text
from minigrad.drawing.marks import (
    SignStyle,
    backward_style,
    frozen_bars,
    highlight_stroke,
    nonfinite_plate,
    point_between,
    shared_stroke,
    sign_style,
    stroke_width,
)
from minigrad.drawing.neurons.network_boxes import BoxSizer, LabelText
from minigrad.drawing.neurons.network_layout import PORT_PITCH, Route, turn
from minigrad.drawing.numbers import is_not_finite
from minigrad.drawing.text_layout import bold, has_indices, label, line_width, with_key, words

ABOVE, BELOW, LANE = 4.0, 10.0, 4.8
"""Distance of text from the line above which and below which it stands, and of the way back from the way forward."""
INDEX_ROOM = 3.0
"""Further room for a name with indices: its subscript reaches below the baseline, its superscript above the letters."""
LEAST_COSINE = 0.3
"""The way back from the steepest edges begins no further from the way forward than for this cosine of their slope."""
LINE_GAP = 2.2
"""Space between the lines of a label."""
HEAD_SPACE = 4.5
"""How far the middle of a label is moved back from the arrow head."""
LABEL_PAD = 11.5
"""Space before a label and behind it, that for the arrow head included."""


class EdgeMarks(NamedTuple):
    """What an edge shows: the text above and below its line, the number that gives it sign and width, and its state."""

    above: LabelText | None = None
    below: tuple[LabelText, ...] = ()
    number: float | None = None
    returns: bool = False
    """Whether a derivative flows back along it to another neuron."""
    returned: float | None = None
    is_frozen: bool = False
    is_constant: bool = False
    is_bias: bool = False
    is_summary: bool = False
    """Whether it stands for all weights from units that are left out."""
    uses: int = 1
    changes: bool = False
    highlighted: bool = False
    key: str = ""
    """The key of the edge in an interactive figure, and the name that the page calls it by."""
    name: str = ""


class Largest(NamedTuple):
    """The largest numbers of a picture, which have the widest strokes: forward and backward."""

    forward: float
    backward: float


def label_extent(marks: EdgeMarks, sizer: BoxSizer) -> tuple[float, float, float]:
    """Return the length of the label of an edge, and its heights above the line and below."""
    if not (marks.above or marks.below):
        return 0.0, PORT_PITCH / 2, PORT_PITCH / 2 + (LANE if marks.returns else 0.0)
    length = sizer.label_width(filter(None, (marks.above, *marks.below))) + LABEL_PAD
    row = sizer.sizes.label + LINE_GAP
    lane = LANE if marks.returns else 0.0
    above = rise(marks.above) + row if marks.above else 4.0
    return length, above, BELOW + (len(marks.below) - 1) * row + 4.0 + lane if marks.below else 4.0 + lane


def connection_shapes(edge: Edge, marks: EdgeMarks, route: Route, largest: Largest, is_down: bool) -> Iterator[Shape]:
    """Yield the lines of an edge."""
    style, width = forward_style(edge, marks, largest)
    if marks.highlighted:
        yield highlight_stroke(route.path)
    if len(route.path) < 2:
        return
    stroke = Stroke(route.path, style.color, width, style.dash, Head.FORWARD)
    yield from shared_stroke(stroke) if marks.uses > 1 else (stroke,)
    if marks.is_bias:
        yield Circle(route.path[0], 2.0, style.color, None)
    if marks.returns:
        back = backward_style(marks.returned)
        lane = tuple(reversed(beside(route.path, LANE, is_down)))
        yield Stroke(
            lane,
            back.color,
            0.8 + 0.6 * (stroke_width(marks.returned, largest.backward) - 0.9),
            back.dash,
            Head.BACKWARD,
        )
    if marks.is_frozen:
        yield from frozen_bars(*frozen_at(route.path, marks.is_bias, is_down))


def frozen_at(path: Sequence[Point], is_bias: bool, is_down: bool) -> tuple[Point, Point]:
    """Return where the bars of a frozen parameter stand, and where its edge leads: free of labels."""
    start, following = path[0], path[1]
    if is_bias:
        return (Point(start.x, start.y - 5.0) if is_down else Point(start.x - 5.0, start.y)), start
    back = 0.3 if len(path) > 2 else 0.5
    return point_between(following, start, back * hypot(start.x - following.x, start.y - following.y)), following


def forward_style(edge: Edge, marks: EdgeMarks, largest: Largest) -> tuple[SignStyle, float]:
    """Return color, dashes and width of an edge."""
    if edge.kind is EdgeKind.WEIGHT or marks.is_bias:
        return sign_style(marks.number), stroke_width(marks.number, largest.forward)
    if edge.kind is EdgeKind.BUNDLE:
        return SignStyle(Color.RULE, Dash.SOLID), stroke_width(marks.number, largest.forward)
    return SignStyle(Color.INK, Dash.SOLID), 1.2


def beside(path: Sequence[Point], distance: float, is_down: bool) -> tuple[Point, ...]:
    """Return a line beside another one, below one that runs to the right, and to the right of one that runs down.

    It begins and ends where the other one does along the flow, at the sides of the same boxes.
    """
    if is_down:
        return tuple(map(turn, beside([turn(point) for point in path], distance, False)))
    normals = [normal(start, end) for start, end in pairwise(path)]
    first, last = (distance / max(steep.y, LEAST_COSINE) for steep in (normals[0], normals[-1]))
    moved = [Point(path[0].x, path[0].y + first)]
    for point, (before, after) in zip(path[1:-1], pairwise(normals), strict=True):
        scale = distance / max(1.0 + before.x * after.x + before.y * after.y, 0.5)
        moved.append(Point(point.x + scale * (before.x + after.x), point.y + scale * (before.y + after.y)))
    return (*moved, Point(path[-1].x, path[-1].y + last))


def normal(start: Point, end: Point) -> Point:
    """Return the direction across a line, down from one that runs to the right."""
    length = hypot(end.x - start.x, end.y - start.y) or 1.0
    return Point(-(end.y - start.y) / length, (end.x - start.x) / length)


def rise(text: LabelText) -> float:
    """Return how far above its line a text stands."""
    return ABOVE + INDEX_ROOM if has_indices(label(text.before)) else ABOVE


def label_shapes(marks: EdgeMarks, route: Route, sizer: BoxSizer, is_down: bool) -> Iterator[Shape]:
    """Yield the label of an edge: what it is above the line, what flows back or changes below it."""
    size = sizer.sizes.label
    lane = LANE if marks.returns else 0.0
    if marks.above:
        color = Color.MUTED if marks.is_constant or marks.is_summary else Color.INK
        yield from edge_label_line(marks.above, -rise(marks.above), route.label_at, size, color, is_down)
    below = Color.MUTED if marks.is_summary else Color.INK if marks.changes else Color.BACKWARD
    for number, text in enumerate(marks.below):
        across = BELOW + lane + number * (size + LINE_GAP)
        yield from edge_label_line(text, across, route.label_at, size, below, is_down)


def edge_label_line(
    text: LabelText, across: float, at: Point, size: float, color: Color, is_down: bool
) -> Iterator[Shape]:
    """Yield one line of a label along an edge, its baseline so far below the edge; `at` is the middle of the label."""
    changes, is_finite = text.before == "→ ", bool(text.key) or not is_not_finite(text.number)
    full = text.before + text.number
    line, behind = bold(full) if changes else label(full), words(text.after)
    if text.key:
        line = (*label(text.before), *with_key(label(text.number), text.key))
    half = (line_width(line, size) + line_width(behind, size)) / 2
    angle = -90.0 if is_down else 0.0

    def along(distance: float) -> Point:
        distance -= HEAD_SPACE
        return (
            Point(at.x + across, at.y - distance - 2 * HEAD_SPACE) if is_down else Point(at.x + distance, at.y + across)
        )

    start, end = along(-half), along(half)
    if not is_finite and not is_down:
        yield from nonfinite_plate(Point(start.x - 6.0, start.y - 0.92 * size), 2 * half + 12.0, line, size)
        return
    if changes or not is_finite:
        ascent, height = 0.85 * size, 1.1 * size
        corner = Point(end.x - ascent, end.y - 2.0) if is_down else Point(start.x - 2.0, start.y - ascent)
        extent = Point(height, 2 * half + 4.0) if is_down else Point(2 * half + 4.0, height)
        yield Rectangle(corner, extent, Color.UPDATE if is_finite else Color.INK, radius=2.0)
        color = Color.INK if is_finite else Color.PAPER
    yield Text(start, line, size, Color.ZERO if text.number == "—" else color, Anchor.START, angle)
    if text.after:
        own = words(text.after.lstrip())  # renderers leave out the space at the beginning
        yield Text(along(half - line_width(own, size)), own, size, Color.MUTED, Anchor.START, angle)
