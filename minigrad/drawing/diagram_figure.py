"""The figure of a placed diagram: its boxes, edges, titles and legend as they stand, with the marks of the palette."""

from __future__ import annotations

from collections.abc import Iterator

from minigrad.drawing.diagram import Box, BoxGroup, Diagram, Edge, EdgeKind, Point
from minigrad.drawing.figure import (
    Anchor,
    Color,
    Figure,
    Head,
    Part,
    Rectangle,
    Shape,
    Stroke,
    Text,
    move_shape,
)
from minigrad.drawing.marks import highlight_behind
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.style import BOX_STYLES, LABEL_SIZE, LINE, BoxStyle, edge_style, label_size
from minigrad.drawing.text_layout import label, line_width, words

MARGIN = 16.0
"""Free border around the picture, in pixels."""
LEGEND_SIZE, CAPTION_SIZE = 11.0, 11.0
"""Font sizes of the legend, and of the titles of groups."""


def diagram_figure(diagram: Diagram, settings: DrawSettings) -> Figure:
    """Return the figure of a diagram whose boxes, edges and labels have positions."""
    shapes = [
        *(shape for edge in diagram.edges for shape in edge_shapes(edge)),
        *(shape for edge in diagram.edges for shape in edge_label(edge)),
        *map(box_part, diagram.boxes),
        *(group_title(group) for group in diagram.groups),
    ]
    corners = list(diagram_corners(diagram))
    left, top = min(corner.x for corner in corners) - MARGIN, min(corner.y for corner in corners) - MARGIN
    right, bottom = max(corner.x for corner in corners) + MARGIN, max(corner.y for corner in corners) + MARGIN
    legend = [words(line) for line in diagram.legend]
    right = max(right, *(left + 2 * MARGIN + line_width(line, LEGEND_SIZE) for line in legend or [()]))
    for row, line in enumerate(legend):
        at = Point(left + MARGIN, bottom + (row + 1) * 1.5 * LEGEND_SIZE)
        shapes.append(Text(at, line, LEGEND_SIZE, Color.MUTED))
    bottom += 1.5 * LEGEND_SIZE * len(legend) + (MARGIN if legend else 0.0)
    offset = Point(-left, -top)
    title = settings.title or settings.say("{name} view", name=diagram.view)
    moved = tuple(move_shape(shape, offset) for shape in shapes)
    return Figure(right - left, bottom - top, moved, title)


def diagram_corners(diagram: Diagram) -> Iterator[Point]:
    """Yield the corners of everything in a diagram."""
    for box in diagram.boxes:
        half = Point(box.size.x / 2, box.size.y / 2)
        yield from (Point(box.at.x - half.x, box.at.y - half.y), Point(box.at.x + half.x, box.at.y + half.y))
    for edge in diagram.edges:
        yield from edge.path
    for group in diagram.groups:
        half_width = line_width(label(group.title), CAPTION_SIZE) / 2
        yield from (
            Point(group.at.x - half_width, group.at.y - CAPTION_SIZE),
            Point(group.at.x + half_width, group.at.y),
        )


def group_title(group: BoxGroup) -> Text:
    """Return the title over a group of boxes."""
    return Text(group.at, label(group.title), CAPTION_SIZE, Color.MUTED, Anchor.MIDDLE)


def box_part(box: Box) -> Part:
    """Return a box with its text, and the label that screen readers tell."""
    style = BOX_STYLES[box.role]
    description = box.note or "  ".join((*box.lines, *(" ".join(field) for field in box.fields)))
    return Part(description, (*box_outline(box, style), *box_texts(box, style)))


def box_outline(box: Box, style: BoxStyle) -> Iterator[Shape]:
    """Yield the outline of a box."""
    corner = Point(box.at.x - box.size.x / 2, box.at.y - box.size.y / 2)
    if box.highlighted:
        yield highlight_behind(corner, box.size)
    if style.fill is not None or style.stroke is not None:
        radius = 5.0 if style.rounded else 0.0
        yield Rectangle(corner, box.size, style.fill, style.stroke, style.width, radius, style.dash)


def box_texts(box: Box, style: BoxStyle) -> Iterator[Shape]:
    """Yield the lines of a box, one below the other, then its fields: labels at the left, values at the right."""
    size = BOX_STYLES[box.role].size
    rows = len(box.lines) + 1.25 * len(box.fields)
    y = box.at.y - rows * LINE * size / 2
    for line in box.lines:
        y += LINE * size
        yield Text(Point(box.at.x, y - 0.3 * size), label(line), size, style.text, Anchor.MIDDLE)
    left, right = box.at.x - box.size.x / 2 + 8, box.at.x + box.size.x / 2 - 8
    for name, value in box.fields:
        y += 1.25 * LINE * size
        color = Color.BACKWARD if name.startswith(("δ", "∂L")) else style.text
        yield Text(Point(left, y - 0.45 * size), label(name), size, color)
        yield Text(Point(right, y - 0.45 * size), label(value), size, color, Anchor.END)


def edge_shapes(edge: Edge) -> Iterator[Shape]:
    """Yield the curve of an edge with its head."""
    if edge.path:
        color, dash = edge_style(edge.kind, edge.sign)
        head = Head.BACKWARD if edge.kind is EdgeKind.DELTA else Head.FORWARD
        yield Stroke(edge.path, color, edge.width, dash, head, curve=True)


def edge_label(edge: Edge) -> Iterator[Shape]:
    """Yield the label of an edge on a small plate, so that no curve runs through it."""
    if edge.label_at is None:
        return
    size = label_size(edge.lines)
    yield Rectangle(Point(edge.label_at.x - size.x / 2, edge.label_at.y - size.y / 2), size, Color.PAPER, radius=2.0)
    y = edge.label_at.y - size.y / 2
    for line in edge.lines:
        y += LINE * LABEL_SIZE
        color = Color.BACKWARD if edge.kind is EdgeKind.DELTA or line.startswith("∂L") else Color.INK
        yield Text(Point(edge.label_at.x, y - 0.2 * LABEL_SIZE), label(line), LABEL_SIZE, color, Anchor.MIDDLE)
