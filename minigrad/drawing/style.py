"""Shapes, colors and sizes of boxes and edges, in one table. Signs and directions never rest on color alone."""

from __future__ import annotations

from typing import NamedTuple

from minigrad.drawing.diagram import Box, EdgeKind, Point, Role, Sign
from minigrad.drawing.figure import Color, Dash
from minigrad.drawing.text_widths import widest_line

FONT = "Helvetica,Arial,DejaVu Sans,Noto Sans CJK SC,sans-serif"
"""Narrow faces first; the later ones lend Σ, δ, ∂ and Chinese to viewers whose first face lacks them."""


class BoxStyle(NamedTuple):
    """How the boxes of a role look; `shape` is the name that Graphviz has for it, None is no fill or no outline."""

    shape: str = "box"
    fill: Color | None = Color.PANEL
    stroke: Color | None = Color.INK
    text: Color = Color.INK
    size: float = 11.0
    dash: Dash = Dash.SOLID
    width: float = 1.2
    rounded: bool = True


BOX_STYLES: dict[Role, BoxStyle] = {
    Role.INPUT: BoxStyle(fill=Color.PAPER),
    Role.TARGET: BoxStyle(fill=Color.PAPER, dash=Dash.TARGET),
    Role.NEURON: BoxStyle(),
    Role.BIAS: BoxStyle(fill=Color.PAPER, stroke=Color.RULE, size=8.5, width=1.0),
    Role.PARAMETER: BoxStyle(),
    Role.CONSTANT: BoxStyle(fill=Color.PAPER, stroke=Color.RULE),
    Role.NODE: BoxStyle(fill=Color.PAPER),
    Role.OP: BoxStyle("ellipse"),
    Role.LOSS: BoxStyle(rounded=False, width=2.0),
    Role.DELTA: BoxStyle(fill=Color.PAPER, stroke=Color.BACKWARD, text=Color.BACKWARD),
    Role.MORE: BoxStyle(fill=Color.PAPER, stroke=Color.RULE, text=Color.MUTED, dash=Dash.TARGET),
    Role.LAYER: BoxStyle(),
    Role.WARNING: BoxStyle(fill=Color.UPDATE, width=2.4),
    Role.MATRIX: BoxStyle(fill=Color.PAPER, stroke=Color.RULE, size=10.0, rounded=False),
    Role.POSITIVE: BoxStyle(fill=Color.POSITIVE, stroke=None, rounded=False),
    Role.NEGATIVE: BoxStyle(fill=Color.NEGATIVE_TINT, stroke=Color.NEGATIVE, rounded=False),
    Role.ZERO: BoxStyle("ellipse", Color.ZERO, None),
    Role.UNKNOWN: BoxStyle("plain", None, None, Color.ZERO, 8.0),
    Role.NAME: BoxStyle("plain", None, None, Color.MUTED, 8.0),
}
"""The style of every role."""

NODE_ROLES = {
    "input": Role.INPUT,
    "parameter": Role.PARAMETER,
    "constant": Role.CONSTANT,
    "mask": Role.CONSTANT,
    "loss": Role.LOSS,
}
"""Roles of nodes by kind; the others are plain nodes."""
LABEL_SIZE = 8.5
"""Font size of what is written on edges."""
LINE = 1.25
"""Height of a line of text in font sizes."""


class EdgeStyle(NamedTuple):
    """Color and stroke of an edge."""

    color: Color
    dash: Dash = Dash.SOLID


SIGN_STYLES: dict[Sign, EdgeStyle] = {
    Sign.POSITIVE: EdgeStyle(Color.POSITIVE),
    Sign.NEGATIVE: EdgeStyle(Color.NEGATIVE, Dash.NEGATIVE),
    Sign.ZERO: EdgeStyle(Color.ZERO, Dash.ZERO),
    Sign.UNKNOWN: EdgeStyle(Color.ZERO),
    Sign.NOT_FINITE: EdgeStyle(Color.INK),
}
EDGE_COLORS: dict[EdgeKind, Color] = {
    EdgeKind.FLOW: Color.INK,
    EdgeKind.BUNDLE: Color.RULE,
    EdgeKind.DELTA: Color.BACKWARD,
}
"""Colors of edges whose color does not tell a sign."""


def edge_style(kind: EdgeKind, sign: Sign) -> EdgeStyle:
    """Return the color and the stroke of an edge: the color of weights by sign, of others by kind."""
    color, dash = SIGN_STYLES[sign]
    return EdgeStyle(EDGE_COLORS.get(kind, color), dash)


def box_size(box: Box) -> Point:
    """Return the size that a box needs for its text, in points."""
    size = BOX_STYLES[box.role].size
    fields = sum(widest_line(column, size) for column in zip(*box.fields, strict=True)) + 30 if box.fields else 0.0
    width = max(widest_line(box.lines, size) + 12, fields)
    rows = len(box.lines) + 1.25 * len(box.fields)
    stretch = 1.4 if BOX_STYLES[box.role].shape == "ellipse" else 1.0
    return Point(round(stretch * width), round(stretch * (rows * LINE * size + 7)))


def label_size(lines: tuple[str, ...]) -> Point:
    """Return the size of the label of an edge."""
    return Point(round(widest_line(lines, LABEL_SIZE) + 4), round(len(lines) * LINE * LABEL_SIZE + 2))


def edge_width(magnitude: float | None, largest: float) -> float:
    """Return the width of an edge from |w|, relative to the largest in the picture; 1 for NaN and infinity."""
    if magnitude is None or not largest or not magnitude < float("inf"):
        return 1.0
    return round(0.6 + 2.6 * magnitude / largest, 2)
