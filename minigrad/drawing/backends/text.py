"""A diagram as Unicode text: layer by layer where it has groups, else a tree from its results down to its leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from minigrad._format import visible
from minigrad.drawing.diagram import Box, Diagram, Edge, Role

MOST_LEVELS = 12
"""Levels of one tree; what is deeper starts a tree of its own, so that the text stays as wide as a page."""


def diagram_text(diagram: Diagram) -> str:
    """Return the text of a diagram, each box written out once; linear, and without recursion."""
    incoming: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in diagram.edges:
        incoming[edge.head].append(edge)
    boxes = {box.key: box for box in diagram.boxes}
    lines = group_lines(diagram, boxes, incoming) if diagram.groups else tree_lines(boxes, incoming)
    return "\n".join(map(visible, [*lines, "", *diagram.legend])) + "\n"


def group_lines(diagram: Diagram, boxes: dict[str, Box], incoming: dict[str, list[Edge]]) -> Iterator[str]:
    """Yield group after group, each box with the edges that lead into it."""
    for group in diagram.groups:
        yield group.title
        for key in group.keys:
            if boxes[key].role in {Role.BIAS, Role.NAME}:
                continue  # written with the box it belongs to
            yield f"  {box_line(boxes[key])}"
            edges = incoming.get(key, [])
            for number, edge in enumerate(edges, start=1):
                stroke = "└─" if number == len(edges) else "├─"
                yield f"  {stroke} {'  '.join((box_name(boxes[edge.tail]), *edge.lines))}"


def tree_lines(boxes: dict[str, Box], incoming: dict[str, list[Edge]]) -> Iterator[str]:
    """Yield trees from the boxes that lead nowhere; a box that was written before is only named."""
    leading = {edge.tail for edges in incoming.values() for edge in edges}
    roots = [key for key in boxes if key not in leading]
    finished: set[str] = set()
    for root in roots:  # grows on the way
        stack = [(root, "", "", 0)]  # a box, what stands before it and before the boxes below it, and its level
        while stack:
            key, before, indent, level = stack.pop()
            text, edges = box_and_edges(key, boxes, incoming)
            if key in finished:
                text, edges = f"{box_name(boxes[key])}  ↑ above", []
            elif level == MOST_LEVELS and edges:
                text, edges = f"{box_name(boxes[key])}  ↓ below", []
                roots.append(key)
            else:
                finished.add(key)
            yield before + text
            for number, edge in enumerate(reversed(edges)):
                branch, rest = ("└─ ", "   ") if number == 0 else ("├─ ", "│  ")
                label = f"{'  '.join(edge.lines)} · " if edge.lines else ""
                stack.append((edge.tail, indent + branch + label, indent + rest, level + 1))


def box_and_edges(key: str, boxes: dict[str, Box], incoming: dict[str, list[Edge]]) -> tuple[str, list[Edge]]:
    """Return the line of a box, with the op that makes its value, and the edges that lead into it."""
    text, edges = box_line(boxes[key]), incoming.get(key, [])
    if len(edges) == 1 and boxes[edges[0].tail].role is Role.OP:
        op = boxes[edges[0].tail]
        return f"{text}  = {box_name(op)}", incoming.get(op.key, [])
    return text, edges


def box_line(box: Box) -> str:
    """Return everything in a box, in one line."""
    return box.note or "  ".join((*box.lines, *(f"{label} {value}" for label, value in box.fields)))


def box_name(box: Box) -> str:
    """Return the name of a box."""
    return "  ".join(box.lines)
