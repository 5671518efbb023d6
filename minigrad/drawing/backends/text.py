"""A diagram as Unicode text: layer by layer where it has groups, else a tree from its results down to its leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from minigrad.drawing.diagram import Box, Diagram, Edge, Role

DEEPEST = 12
"""Levels of one tree; what lies deeper starts a tree of its own, so that the text stays as wide as a page."""


class Branch(NamedTuple):
    """A box that is still to be written, and the strokes in front of it."""

    key: str
    label: str
    first: str
    rest: str
    depth: int


def plain_text(diagram: Diagram) -> str:
    """The text of a diagram, each box written out once; linear, and without recursion."""
    incoming: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in diagram.edges:
        incoming[edge.head].append(edge)
    boxes = {box.key: box for box in diagram.boxes}
    lines = by_group(diagram, boxes, incoming) if diagram.groups else by_tree(boxes, incoming)
    return "\n".join([*lines, "", *diagram.legend]) + "\n"


def by_group(diagram: Diagram, boxes: dict[str, Box], incoming: dict[str, list[Edge]]) -> Iterator[str]:
    """Group after group, each box with the edges that lead into it."""
    for group in diagram.groups:
        yield group.title
        for key in group.keys:
            if boxes[key].role in {Role.BIAS, Role.NAME}:
                continue  # written with what it belongs to
            yield f"  {written_out(boxes[key])}"
            edges = incoming.get(key, [])
            for number, edge in enumerate(edges, start=1):
                stroke = "└─" if number == len(edges) else "├─"
                yield f"  {stroke} {'  '.join((name_of(boxes[edge.tail]), *edge.lines))}"


def by_tree(boxes: dict[str, Box], incoming: dict[str, list[Edge]]) -> Iterator[str]:
    """Trees from the boxes that lead nowhere; a box that was written before is only named."""
    leading = {edge.tail for edges in incoming.values() for edge in edges}
    trees = [key for key in boxes if key not in leading]
    written: set[str] = set()
    for key in trees:  # grows while it is walked
        stack = [Branch(key, "", "", "", 0)]
        while stack:
            branch = stack.pop()
            text, edges = box_and_edges(branch.key, boxes, incoming)
            later = branch.depth == DEEPEST and bool(edges)
            if branch.key in written:
                text, edges = f"{name_of(boxes[branch.key])}  ↑ above", []
            elif later:
                text, edges = f"{name_of(boxes[branch.key])}  ↓ below", []
                trees.append(branch.key)
            else:
                written.add(branch.key)
            yield f"{branch.first}{branch.label}{text}"
            for number, edge in enumerate(reversed(edges)):
                first, rest = ("└─ ", "   ") if number == 0 else ("├─ ", "│  ")
                label = f"{'  '.join(edge.lines)} · " if edge.lines else ""
                stack.append(Branch(edge.tail, label, branch.rest + first, branch.rest + rest, branch.depth + 1))


def box_and_edges(key: str, boxes: dict[str, Box], incoming: dict[str, list[Edge]]) -> tuple[str, list[Edge]]:
    """What is written of a box, and the edges that lead into it; the op that makes a value stands on its line."""
    text, edges = written_out(boxes[key]), incoming.get(key, [])
    if len(edges) == 1 and boxes[edges[0].tail].role is Role.OP:
        op = boxes[edges[0].tail]
        return f"{text}  = {name_of(op)}", incoming.get(op.key, [])
    return text, edges


def written_out(box: Box) -> str:
    """Everything in a box, in one line."""
    return box.note or "  ".join((*box.lines, *(f"{label} {value}" for label, value in box.fields)))


def name_of(box: Box) -> str:
    """What a box is called."""
    return "  ".join(box.lines)
