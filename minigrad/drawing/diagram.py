"""A picture as plain data: boxes, edges, groups and a legend; a backend turns it into DOT, Mermaid or text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from minigrad._format import count_noun
from minigrad.errors import RenderError

if TYPE_CHECKING:
    from minigrad.drawing.figure import Figure


class Point(NamedTuple):
    """A position on the page, or a size, in points; y grows downwards."""

    x: float
    y: float


ORIGIN = Point(0.0, 0.0)


class Role(StrEnum):
    """Meaning of a box, which decides its style."""

    INPUT = "input"
    TARGET = "target"
    NEURON = "neuron"
    BIAS = "bias"
    PARAMETER = "parameter"
    CONSTANT = "constant"
    NODE = "node"
    OP = "op"
    LOSS = "loss"
    DELTA = "delta"
    MORE = "more"
    LAYER = "layer"
    WARNING = "warning"
    MATRIX = "matrix"
    POSITIVE = "positive"
    NEGATIVE = "negative"
    ZERO = "zero"
    UNKNOWN = "unknown"
    NAME = "name"


class EdgeKind(StrEnum):
    """Meaning of an edge, which decides its color."""

    FLOW = "flow"
    WEIGHT = "weight"
    DELTA = "delta"
    BUNDLE = "bundle"


class Sign(StrEnum):
    """The sign of a number, which decides the stroke of its edge; zero is neither positive nor negative."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    ZERO = "zero"
    UNKNOWN = "unknown"
    NOT_FINITE = "NaN or infinite"


def sign_of(number: float | None) -> Sign:
    """Return the sign of a number; None is unknown."""
    if number is None:
        return Sign.UNKNOWN
    if not isfinite(number):
        return Sign.NOT_FINITE
    return Sign.POSITIVE if number > 0 else Sign.NEGATIVE if number < 0 else Sign.ZERO


class Box(NamedTuple):
    """A box of some lines of text and, below them, fields, each a label beside a value.

    `key` is unique in the diagram and made of node positions, never of names. `at`, the center of the box, and `size`
    count in a diagram that is `placed`; others are laid out by Graphviz. A `note` is shown on hovering.
    A `highlighted` box stands on the ground of what is pointed at. A page finds the box by its `part_key`, and its
    numbers, those of the fields or else of the last line, by their `number_keys`.
    """

    key: str
    lines: tuple[str, ...]
    fields: tuple[tuple[str, str], ...] = ()
    role: Role = Role.NODE
    at: Point = ORIGIN
    size: Point = ORIGIN
    note: str = ""
    highlighted: bool = False
    part_key: str = ""
    number_keys: tuple[str, ...] = ()


class Edge(NamedTuple):
    """An arrow between two boxes; edges between the same two stay apart.

    `path` are the control points of Bézier curves, `label_at` the center of the label, both only in a diagram that is
    `placed`. The edge of a negative number is dashed, that of zero dotted.
    """

    tail: str
    head: str
    lines: tuple[str, ...] = ()
    kind: EdgeKind = EdgeKind.FLOW
    width: float = 1.0
    sign: Sign = Sign.UNKNOWN
    path: tuple[Point, ...] = ()
    label_at: Point | None = None


class BoxGroup(NamedTuple):
    """Boxes that belong together, such as a layer, under a title."""

    title: str
    keys: tuple[str, ...]
    at: Point = ORIGIN


@dataclass(frozen=True)
class Diagram:
    """A picture; `view` is the name of the view that made it.

    DOT, Mermaid and text show the boxes and edges. A `figure` is how the own SVG writer shows the same; a `placed`
    diagram without one is drawn from its boxes and edges, any other is laid out by Graphviz. The `description` tells
    readers who do not see the picture what it shows.
    """

    view: str
    boxes: Sequence[Box]
    edges: Sequence[Edge]
    groups: Sequence[BoxGroup] = ()
    legend: Sequence[str] = ()
    placed: bool = False
    figure: Figure | None = None
    description: str = ""


def check_size(view: str, count: int, noun: str, most: int | None, cure: str) -> None:
    """Raise RenderError if a graph has more nodes, layers or columns than a view can show; None is no limit."""
    if most is not None and count > most:
        raise RenderError(
            f"too large for the {view} view", found=count_noun(count, noun), expected=f"at most {most}", cure=cure
        )
