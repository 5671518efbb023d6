"""Shapes, colors and sizes of boxes and edges, in one table. Signs and directions never rest on color alone."""

from __future__ import annotations

from typing import NamedTuple

from minigrad.drawing.diagram import Box, EdgeKind, Point, Role, Sign
from minigrad.drawing.text_widths import widest_line

FONT = "Helvetica,Arial,DejaVu Sans,Noto Sans CJK SC,sans-serif"
"""Narrow faces first; the later ones lend Σ, δ, ∂ and Chinese to viewers whose first face lacks them."""
INK, MUTED, PAPER = "#1f2430", "#5b6472", "#ffffff"
POSITIVE, NEGATIVE = "#2166ac", "#b2182b"
"""Told apart by the color-blind; negative edges are dashed as well, those of zero dotted."""


class BoxStyle(NamedTuple):
    """Shape, colors and font size of the boxes of a role."""

    shape: str
    fill: str
    border: str
    size: float = 11.0
    style: str = "filled,rounded"


BOX_STYLES: dict[Role, BoxStyle] = {
    Role.INPUT: BoxStyle("box", "#e6f2e3", "#5a8f50"),
    Role.TARGET: BoxStyle("box", "#fdf3d8", "#b58a1b", style="filled,rounded,dashed"),
    Role.NEURON: BoxStyle("box", "#e9f0fa", "#4a6fa5"),
    Role.BIAS: BoxStyle("box", "#f2f2f2", "#9aa1ab", size=8.5),
    Role.PARAMETER: BoxStyle("box", "#e9f0fa", "#4a6fa5"),
    Role.CONSTANT: BoxStyle("box", "#f2f2f2", "#9aa1ab"),
    Role.NODE: BoxStyle("box", "#ffffff", "#5b6472"),
    Role.OP: BoxStyle("ellipse", "#f4ecf7", "#8e6bab", style="filled"),
    Role.LOSS: BoxStyle("box", "#fbe5d6", "#c0622d"),
    Role.DELTA: BoxStyle("box", "#f8f2fa", "#7b3294"),
    Role.MORE: BoxStyle("box", "#fafafa", "#9aa1ab", style="filled,rounded,dashed"),
    Role.LAYER: BoxStyle("box", "#e9f0fa", "#4a6fa5"),
    Role.WARNING: BoxStyle("box", "#fde0dd", "#b2182b", style="filled,rounded,bold"),
    Role.MATRIX: BoxStyle("box", "#ffffff", "#5b6472", size=10.0, style="filled"),
    Role.POSITIVE: BoxStyle("box", POSITIVE, POSITIVE, style="filled"),
    Role.NEGATIVE: BoxStyle("ellipse", NEGATIVE, NEGATIVE, style="filled"),
    Role.UNKNOWN: BoxStyle("plain", "none", "none", size=8.0, style="solid"),
    Role.NAME: BoxStyle("plain", "none", "none", size=8.0, style="solid"),
}

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

EDGE_COLORS: dict[EdgeKind, str] = {EdgeKind.FLOW: MUTED, EdgeKind.BUNDLE: "#8a929e", EdgeKind.DELTA: "#7b3294"}


SIGN_COLORS = {Sign.POSITIVE: POSITIVE, Sign.NEGATIVE: NEGATIVE, Sign.ZERO: MUTED, Sign.NOT_FINITE: INK}
SIGN_DASHES = {Sign.NEGATIVE: "dashed", Sign.ZERO: "dotted"}
"""Colors and strokes by sign; strokes of all other edges are solid."""


def edge_color(kind: EdgeKind, sign: Sign) -> str:
    """Return the color of an edge: of weights by sign, of others by kind."""
    return EDGE_COLORS.get(kind) or SIGN_COLORS.get(sign, MUTED)


def edge_dash(sign: Sign) -> str:
    """Return the stroke of an edge: solid, dashed or dotted."""
    return SIGN_DASHES.get(sign, "solid")


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
