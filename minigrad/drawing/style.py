"""How roles look: shapes, colors and sizes, in one table. Signs and directions never rest on color alone."""

from __future__ import annotations

from typing import NamedTuple

from minigrad._format import widest_line
from minigrad.drawing.diagram import Box, Link, Point, Role

FONT = "Helvetica,Arial,DejaVu Sans,Noto Sans CJK SC,sans-serif"
"""Narrow faces first; the later ones lend Σ, δ, ∂ and Chinese to viewers whose first face lacks them."""
INK, MUTED, PAPER = "#1f2430", "#5b6472", "#ffffff"
POSITIVE, NEGATIVE = "#2166ac", "#b2182b"
"""Told apart by the color-blind; negative edges are dashed as well."""


class Look(NamedTuple):
    """How a box of some role is drawn."""

    shape: str
    fill: str
    border: str
    size: float = 11.0
    style: str = "filled,rounded"


LOOKS: dict[Role, Look] = {
    Role.INPUT: Look("box", "#e6f2e3", "#5a8f50"),
    Role.TARGET: Look("box", "#fdf3d8", "#b58a1b", style="filled,rounded,dashed"),
    Role.NEURON: Look("box", "#e9f0fa", "#4a6fa5"),
    Role.BIAS: Look("box", "#f2f2f2", "#9aa1ab", size=8.5),
    Role.PARAMETER: Look("box", "#e9f0fa", "#4a6fa5"),
    Role.CONSTANT: Look("box", "#f2f2f2", "#9aa1ab"),
    Role.NODE: Look("box", "#ffffff", "#5b6472"),
    Role.OP: Look("ellipse", "#f4ecf7", "#8e6bab", style="filled"),
    Role.LOSS: Look("box", "#fbe5d6", "#c0622d"),
    Role.DELTA: Look("box", "#f8f2fa", "#7b3294"),
    Role.MORE: Look("box", "#fafafa", "#9aa1ab", style="filled,rounded,dashed"),
    Role.LAYER: Look("box", "#e9f0fa", "#4a6fa5"),
    Role.WARNING: Look("box", "#fde0dd", "#b2182b", style="filled,rounded,bold"),
    Role.MATRIX: Look("box", "#ffffff", "#5b6472", size=10.0, style="filled"),
    Role.POSITIVE: Look("box", POSITIVE, POSITIVE, style="filled"),
    Role.NEGATIVE: Look("ellipse", NEGATIVE, NEGATIVE, style="filled"),
    Role.UNKNOWN: Look("plain", "none", "none", size=8.0, style="solid"),
    Role.NAME: Look("plain", "none", "none", size=8.0, style="solid"),
}

LABEL_SIZE = 8.5
"""Font size of what is written on edges."""
LINE = 1.25
"""Height of a line of text in font sizes."""

COLORS: dict[Link, str] = {Link.FLOW: MUTED, Link.BUNDLE: "#8a929e", Link.DELTA: "#7b3294"}


def color_of(link: Link, negative: bool) -> str:
    """The color of an edge: weights by sign, the others by what they carry."""
    return COLORS.get(link) or (NEGATIVE if negative else POSITIVE)


def size_of(box: Box) -> Point:
    """How large a box has to be for what is written in it, in points."""
    size = LOOKS[box.role].size
    labels, values = (
        widest_line([label for label, _ in box.fields], size),
        widest_line([value for _, value in box.fields], size),
    )
    width = max(widest_line(box.lines, size) + 12, labels + values + 30 if box.fields else 0)
    rows = len(box.lines) + 1.25 * len(box.fields)
    room = 1.4 if LOOKS[box.role].shape == "ellipse" else 1.0
    return Point(round(room * width), round(room * (rows * LINE * size + 7)))


def label_size(lines: tuple[str, ...]) -> Point:
    """How large the chip is that holds what is written on an edge."""
    return Point(round(widest_line(lines, LABEL_SIZE) + 4), round(len(lines) * LINE * LABEL_SIZE + 2))


def pen_width(magnitude: float | None, largest: float) -> float:
    """The width of an edge from |w|, compared with the largest in the picture; NaN and infinity get the middle one."""
    if magnitude is None or not largest or not magnitude < float("inf"):
        return 1.0
    return round(0.6 + 2.6 * magnitude / largest, 2)
