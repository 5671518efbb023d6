"""A diagram as Mermaid text, which code hosts and notebooks draw without any program."""

from __future__ import annotations

import re
from collections.abc import Iterator

from minigrad._format import visible
from minigrad.drawing.diagram import Box, Diagram, Edge, Sign
from minigrad.drawing.style import BOX_STYLES, edge_color

SPECIAL = re.compile(r"[^\w\s.,+=()∂Σδθ½²…—/:·!?%-]")
"""Characters that are written as numbers, since one or the other version of Mermaid reads them as markup."""
DASHES = {Sign.NEGATIVE: ",stroke-dasharray:5 3", Sign.ZERO: ",stroke-dasharray:1 3"}
"""Strokes of the edges of negative numbers and of zero."""


def mermaid_text(diagram: Diagram) -> str:
    """Return the flowchart of a diagram, left to right."""
    return "\n".join(flowchart_lines(diagram)) + "\n"


def flowchart_lines(diagram: Diagram) -> Iterator[str]:
    """Yield the lines of the flowchart: groups, boxes, edges, styles, the legend."""
    yield "flowchart LR"
    grouped = {key for group in diagram.groups for key in group.keys}
    by_key = {box.key: box for box in diagram.boxes}
    for number, group in enumerate(diagram.groups):
        yield f'  subgraph g{number}["{escape_text(group.title)}"]'
        yield from (f"    {box_text(by_key[key])}" for key in group.keys)
        yield "  end"
    yield from (f"  {box_text(box)}" for box in diagram.boxes if box.key not in grouped)
    yield from (f"  {edge_text(edge)}" for edge in diagram.edges)
    for number, edge in enumerate(diagram.edges):
        color, dashes = edge_color(edge.kind, edge.sign), DASHES.get(edge.sign, "")
        yield f"  linkStyle {number} stroke:{color},stroke-width:{edge.width:g}px{dashes}"
    for role in sorted({box.role for box in diagram.boxes}):
        style = BOX_STYLES[role]
        keys = ",".join(box.key for box in diagram.boxes if box.role is role)
        yield f"  classDef {role}_ fill:{style.fill},stroke:{style.border},color:#1f2430"
        yield f"  class {keys} {role}_"
    if diagram.legend:
        yield f'  legend["{"<br/>".join(map(escape_text, diagram.legend))}"]'
        yield "  style legend fill:none,stroke:none,color:#5b6472"


def box_text(box: Box) -> str:
    """Return a box; an op as a stadium."""
    lines = (box.note,) if box.note else (*box.lines, *(f"{label} {value}" for label, value in box.fields))
    text = "<br/>".join(map(escape_text, lines))
    return f'{box.key}(["{text}"])' if BOX_STYLES[box.role].shape == "ellipse" else f'{box.key}["{text}"]'


def edge_text(edge: Edge) -> str:
    """Return an edge with its label."""
    text = "<br/>".join(map(escape_text, edge.lines))
    return f'{edge.tail} -->|"{text}"| {edge.head}' if text else f"{edge.tail} --> {edge.head}"


def escape_text(text: str) -> str:
    """Escape text for Mermaid: everything that might be markup as a character number."""
    return SPECIAL.sub(lambda match: f"#{ord(match[0])};", visible(text))
