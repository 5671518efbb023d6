"""What a picture shows, as plain data: boxes, edges, groups and a legend; how it is written down comes later."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Point(NamedTuple):
    """A place on the page, or a size, in points; y grows downwards."""

    x: float
    y: float


ORIGIN = Point(0.0, 0.0)


class Role(StrEnum):
    """What a box stands for, which decides how it looks."""

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
    UNKNOWN = "unknown"
    NAME = "name"


class Link(StrEnum):
    """What an edge stands for, which decides how it looks."""

    FLOW = "flow"
    WEIGHT = "weight"
    DELTA = "delta"
    BUNDLE = "bundle"


class Box(NamedTuple):
    """A thing in the picture: some lines of text, and below them fields, each a label beside a value.

    `key` is unique in the diagram and made of node positions, never of names. `at` is the middle of the box, and counts
    with `size` in a diagram that is placed; in others Graphviz finds a place. A `note` is what a box says that has no
    room for it.
    """

    key: str
    lines: tuple[str, ...]
    fields: tuple[tuple[str, str], ...] = ()
    role: Role = Role.NODE
    at: Point = ORIGIN
    size: Point = ORIGIN
    note: str = ""


class Edge(NamedTuple):
    """An arrow between two boxes; edges between the same two stay apart.

    `path` are the four points of a Bézier curve, `label_at` the middle of the written lines, both only where boxes have
    places. A `negative` edge is dashed.
    """

    tail: str
    head: str
    lines: tuple[str, ...] = ()
    link: Link = Link.FLOW
    width: float = 1.0
    negative: bool = False
    path: tuple[Point, ...] = ()
    label_at: Point | None = None


class Group(NamedTuple):
    """Boxes that belong together, such as a layer, under a title."""

    title: str
    keys: tuple[str, ...]
    at: Point = ORIGIN


@dataclass(frozen=True)
class Diagram:
    """A whole picture; `view` names the view that made it."""

    view: str
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...] = ()
    legend: tuple[str, ...] = ()
    placed: bool = False
