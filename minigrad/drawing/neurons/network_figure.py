"""The figure of a network and the positions of its diagram: boxes and edges laid out for the width of the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from minigrad.drawing.diagram import Box, Edge, Point
from minigrad.drawing.figure import Anchor, Color, Figure, Head, Part, Shape, Stroke, Text, move_shape
from minigrad.drawing.legend import LegendEntry, lay_out_legend
from minigrad.drawing.neurons.network_boxes import NARROW, WIDE, BoxSizer, network_box
from minigrad.drawing.neurons.network_content import NetworkContent
from minigrad.drawing.neurons.network_edges import (
    LANE,
    EdgeMarks,
    Largest,
    beside,
    connection_shapes,
    label_extent,
    label_shapes,
)
from minigrad.drawing.neurons.network_layout import Inlet, Item, NetworkLayout, Route, lay_out_network
from minigrad.drawing.numbers import largest_magnitude
from minigrad.drawing.settings import Direction, DrawSettings
from minigrad.drawing.text_layout import label

MARGIN, CAPTION_SIZE = 12.0, 11.0
"""Free border around the picture, and font sizes of its title and of those of the layers."""
MUCH_LOWER = 0.7
"""How much lower a picture must get for layers to follow one another downwards, where labels stand upright."""
NARROW_PAGE = 560.0
"""Width below which a page has smaller type."""


class FigureContent(NamedTuple):
    """The shapes of a network, without title and legend, and the size that they take up."""

    shapes: tuple[Shape, ...]
    size: Point


def lay_out_shapes(content: NetworkContent, settings: DrawSettings) -> FigureContent:
    """Return a network laid out for the width of a page, to the right in rows, or downwards where that suits it."""
    sizer = BoxSizer(WIDE if settings.width >= NARROW_PAGE else NARROW, settings.digits, content.two_rows)
    columns = [[item_of(row.box, content, sizer) for row in column.rows] for column in content.columns]
    biases = content.biases
    inlets = [
        Inlet("" if edge.tail in biases else edge.tail, edge.head, *label_extent(marks, sizer), marks.returns)
        for edge, marks in zip(content.edges, content.edge_marks, strict=True)
    ]
    direction, layout = choose_layout(columns, inlets, settings)
    return FigureContent(tuple(network_shapes(content, layout, sizer, direction)), layout.size)


def item_of(box: Box, content: NetworkContent, sizer: BoxSizer) -> Item:
    """Return the size of a box; targets are attached to their loss."""
    marks = content.marks(box)
    return Item(box.key, sizer.size(box, marks), marks.attached)


def choose_layout(
    columns: Sequence[Sequence[Item]], inlets: Sequence[Inlet], settings: DrawSettings
) -> tuple[Direction, NetworkLayout]:
    """Return the layout in the direction of the page, or in the one that suits: downwards only where that is lower."""
    width = settings.width - 2 * MARGIN
    if settings.direction is not None:
        return settings.direction, lay_out_network(columns, inlets, width, settings.direction)
    right = lay_out_network(columns, inlets, width, "right")
    if len(right.rows) > 1 or right.size.x > width + 0.5:
        down = lay_out_network(columns, inlets, width, "down")
        if down.size.x <= width + 0.5 and (down.size.y < MUCH_LOWER * right.size.y or right.size.x > width + 0.5):
            return "down", down
    return "right", right


def network_shapes(
    content: NetworkContent, layout: NetworkLayout, sizer: BoxSizer, direction: Direction
) -> Iterator[Shape]:
    """Yield the shapes of a network: shared paths, edges, boxes, labels, titles."""
    largest = Largest(
        largest_magnitude(marks.number for marks in content.edge_marks),
        largest_magnitude(marks.returned for marks in content.edge_marks),
    )
    is_down = direction == "down"
    routed = list(zip(content.edges, content.edge_marks, layout.routes, strict=True))
    yield from shared_path_shapes(routed, is_down)
    for edge, marks, route in routed:
        shapes = connection_shapes(edge, marks, route, largest, is_down)
        yield from (Part(marks.name, tuple(shapes), marks.key),) if marks.key else shapes
    for box in (row.box for column in content.columns for row in column.rows):
        placed = box._replace(at=layout.at[box.key], size=layout.sizes[box.key])
        yield network_box(placed, content.marks(box), sizer)
    for _, marks, route in routed:
        shapes = label_shapes(marks, route, sizer, is_down)
        yield from (Part("", tuple(shapes), marks.key.replace("edge", "label", 1)),) if marks.key else shapes
    angle = -90.0 if is_down else 0.0
    for column, at in zip(content.columns, layout.titles, strict=True):
        if column.title:
            yield Text(at, label(column.title), CAPTION_SIZE, Color.MUTED, Anchor.MIDDLE, angle)


def shared_path_shapes(routed: Sequence[tuple[Edge, EdgeMarks, Route]], is_down: bool) -> Iterator[Shape]:
    """Yield the shared path of every box that is read further on, and the way back beside it."""
    shared_paths: defaultdict[str, tuple[Point, ...]] = defaultdict(tuple)
    returned: set[str] = set()
    for edge, marks, route in routed:
        shared_paths[edge.tail] = max(shared_paths[edge.tail], route.shared_path, key=len)
        if marks.returns and route.shared_path:
            returned.add(edge.tail)
    for key, shared_path in shared_paths.items():
        if shared_path:
            yield Stroke(shared_path, Color.INK, 1.2)
            if key in returned:
                yield Stroke(
                    tuple(reversed(beside(shared_path, 0.75 * LANE, is_down))), Color.BACKWARD, 0.9, head=Head.BACKWARD
                )


def network_figure(
    content: NetworkContent, settings: DrawSettings, view: str, entries: Sequence[LegendEntry]
) -> Figure:
    """Return the figure of a network with the title of the page above it and a legend below."""
    placed = lay_out_shapes(content, settings)
    inner = max(placed.size.x, min(settings.width - 2 * MARGIN, 360.0))
    legend, height = lay_out_legend(entries, inner)
    below = MARGIN + placed.size.y + 14.0
    shapes = [
        *(move_shape(shape, Point(MARGIN, MARGIN)) for shape in placed.shapes),
        *(move_shape(shape, Point(MARGIN, below)) for shape in legend),
    ]
    description = ". ".join("".join(span.text for span in entry.line) for entry in entries)
    title = settings.title or settings.say("{name} view", name=view)
    return Figure(round(inner + 2 * MARGIN, 1), below + height + 0.5 * MARGIN, tuple(shapes), title, description)
