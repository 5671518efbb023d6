"""The diagram of the process view: the layout as shapes for the own SVG writer, as boxes and edges for the others."""

from __future__ import annotations

from collections.abc import Iterator

from minigrad.drawing.diagram import Box, BoxGroup, Diagram, Edge, EdgeKind, Point, Role
from minigrad.drawing.figure import Figure, move_shape
from minigrad.drawing.process.endings import read_endings
from minigrad.drawing.process.grids import read_grids
from minigrad.drawing.process.layout_parts import Form, PlacedBlock
from minigrad.drawing.process.process_content import Block, Kind, ProcessContent
from minigrad.drawing.process.reading_help import free_position, reading_help
from minigrad.drawing.process.staircase import Staircase
from minigrad.drawing.process.staircase_shapes import staircase_shapes
from minigrad.drawing.process.surroundings import fitting_staircase
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.style import box_size
from minigrad.structure import NetworkStructure
from minigrad.textbook_names import superscript

ROLES: dict[Kind, Role] = {
    Kind.NEURON: Role.NEURON,
    Kind.INPUT: Role.INPUT,
    Kind.ONE: Role.BIAS,
    Kind.TARGET: Role.TARGET,
    Kind.LOSS: Role.LOSS,
    Kind.NODE: Role.NODE,
}
"""The roles of the boxes of a diagram."""
MOST_INTERACTIVE = 8
"""Cells of a row or a column of a process that a page shows."""
CIRCLES = {Kind.INPUT, Kind.ONE, Kind.TARGET}
"""What the figure shows as circles with their values beside them."""


def process_diagram(staircase: Staircase) -> Diagram:
    """Return the diagram of a layout, with its figure."""
    settings = staircase.content.settings
    help_ = reading_help(staircase.content, staircase.metrics, settings.width - 2 * staircase.margin)
    at = free_position(taken_areas(staircase), help_.size, staircase.margin, 26.0)
    shapes = [*staircase_shapes(staircase), *(move_shape(shape, at) for shape in help_.shapes)]
    extent = staircase.extent
    width = max(extent.x, at.x + help_.size.x) + staircase.margin
    height = max(extent.y, at.y + help_.size.y) + staircase.margin
    title = settings.title or settings.say("The working process of a network")
    figure = Figure(width, height, tuple(shapes), title, " ".join(help_.lines))
    placed = list(staircase.blocks.values())
    scale = max(1.0, *map(needed_growth, placed))
    boxes = [placed_box(block, scale) for block in placed]
    edges, groups = list(edges_of(staircase, scale)), list(groups_of(staircase, scale))
    return Diagram("process", boxes, edges, groups, help_.lines, placed=True, figure=figure)


def interactive_process(structure: NetworkStructure, settings: DrawSettings) -> Figure | None:
    """Return the figure of a process for a page; None of a network that is too large for cells with numbers."""
    if not structure.layers or (process := read_grids(structure)).most > MOST_INTERACTIVE:
        return None
    staircase = fitting_staircase(ProcessContent(process, settings), read_endings(process))
    if not staircase.metrics.has_numbers:
        return None
    extent, margin = staircase.extent, staircase.margin
    return Figure(extent.x + margin, extent.y + margin, staircase_shapes(staircase), settings.title)


def taken_areas(staircase: Staircase) -> list[tuple[Point, Point]]:
    """Return the corners of everything that a text must not cover."""
    areas = [(placed.corner, placed.end) for placed in staircase.blocks.values()]
    for placed in staircase.blocks.values():
        if placed.form in {Form.VALUE_LEFT, Form.VALUE_RIGHT, Form.VALUE_BELOW}:
            reach = staircase.metrics.number + 8
            areas.append(
                (Point(placed.corner.x - reach, placed.corner.y), Point(placed.end.x + reach, placed.end.y + 14))
            )
    for arrow in staircase.arrows:
        xs, ys = sorted((arrow.start.x, arrow.end.x)), sorted((arrow.start.y, arrow.end.y))
        areas.append((Point(xs[0] - 4, ys[0] - 4), Point(xs[1] + 4, ys[1] + 4)))
    texts = staircase.captions
    areas += [(Point(text.left, text.at.y - text.size), Point(text.right, text.at.y + 4)) for text in texts]
    return areas


def plain_box(block: Block) -> Box:
    """Return the box of a block without its place: the first number as a line, the others as fields."""
    first, *others = block.rows
    count = f"  ×{block.uses}" if block.uses > 1 else ""
    has_number = first.text and block.kind is not Kind.ONE
    lines = (f"{first.label} = {first.text}{count}",) if has_number else (first.label,)
    role = Role.MATRIX if block.kind is Kind.CELL else ROLES[block.kind]
    return Box(block.key, lines, tuple((row.label, row.text) for row in others), role, note=block.note)


def needed_growth(placed: PlacedBlock) -> float:
    """Return how much larger than in the figure a box has to be for the type of the other backends."""
    if placed.block.kind in CIRCLES:
        return 1.0
    size = box_size(plain_box(placed.block))
    return max(size.x / placed.size.x, size.y / placed.size.y)


def placed_box(placed: PlacedBlock, scale: float) -> Box:
    """Return the box of a block where it is in the figure, all distances grown alike."""
    box = plain_box(placed.block)
    middle = Point((placed.corner.x + placed.end.x) / 2 * scale, (placed.corner.y + placed.end.y) / 2 * scale)
    is_circle = placed.block.kind in CIRCLES
    size = Point(placed.size.x * scale, placed.size.y * scale)
    size = Point(max(box_size(box).x, size.x), size.y) if is_circle else size
    return box._replace(at=middle, size=size)


def edges_of(staircase: Staircase, scale: float) -> Iterator[Edge]:
    """Yield the arrows that lead from one block to another, δ and what it brings back as edges of their own."""
    for arrow in staircase.arrows:
        if arrow.tail and arrow.head:
            start, end = (Point(point.x * scale, point.y * scale) for point in (arrow.start, arrow.end))
            path = tuple(
                Point(start.x + (end.x - start.x) * step / 3, start.y + (end.y - start.y) * step / 3)
                for step in range(4)
            )
            kind = EdgeKind.DELTA if arrow.is_backward else EdgeKind.FLOW
            yield Edge(arrow.tail, arrow.head, (arrow.text,) if arrow.text else (), kind, path=path)


def groups_of(staircase: Staircase, scale: float) -> Iterator[BoxGroup]:
    """Yield the blocks of each grid, with its heads and its outputs, under its name; then what follows the last one."""
    keys: dict[int, list[str]] = {}
    for key in sorted(staircase.blocks, key=lambda key: key[0] != "h"):  # first what enters
        keys.setdefault(staircase.blocks[key].block.grid, []).append(key)
    for frame in staircase.frames:
        number = frame.grid.number
        at = staircase.names[number]
        yield BoxGroup(f"W{superscript(number)}", tuple(keys[number]), Point(at.x * scale, at.y * scale))
    if 0 in keys:
        first = staircase.blocks[keys[0][0]]
        at = Point(first.corner.x * scale, (first.corner.y - 6) * scale)
        yield BoxGroup("L" if first.block.kind is not Kind.NODE else "", tuple(keys[0]), at)
