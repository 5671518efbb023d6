"""A diagram as Mermaid text, which code hosts and notebooks draw without any program."""

from __future__ import annotations

import re
from collections.abc import Iterator

from minigrad._format import visible
from minigrad.drawing.diagram import Box, Diagram, Edge
from minigrad.drawing.figure import Color
from minigrad.drawing.palette import DASHES, colors
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.style import BOX_STYLES, edge_style

SPECIAL = re.compile(r"[^\w\s.,+=()∂Σδθ½²…—/:·!?%-]")
"""Characters that are written as numbers, since one or the other version of Mermaid reads them as markup."""


def mermaid_text(diagram: Diagram, settings: DrawSettings) -> str:
    """Return the flowchart of a diagram, left to right or downwards."""
    return "\n".join(flowchart_lines(diagram, settings)) + "\n"


def flowchart_lines(diagram: Diagram, settings: DrawSettings) -> Iterator[str]:
    """Yield the lines of the flowchart: groups, boxes, edges, styles, the title and the legend."""
    paint = colors(settings.theme)
    yield "flowchart TB" if settings.direction == "down" else "flowchart LR"
    grouped = {key for group in diagram.groups for key in group.keys}
    by_key = {box.key: box for box in diagram.boxes}
    for number, group in enumerate(diagram.groups):
        yield f'  subgraph g{number}["{escape_text(group.title)}"]'
        yield from (f"    {box_text(by_key[key])}" for key in group.keys)
        yield "  end"
    yield from (f"  {box_text(box)}" for box in diagram.boxes if box.key not in grouped)
    yield from (f"  {edge_text(edge)}" for edge in diagram.edges)
    for number, edge in enumerate(diagram.edges):
        color, dash = edge_style(edge.kind, edge.sign)
        dashes = f",stroke-dasharray:{DASHES[dash]}" if DASHES[dash] else ""
        yield f"  linkStyle {number} stroke:{paint[color]},stroke-width:{edge.width:g}px{dashes}"
    for role in sorted({box.role for box in diagram.boxes}):
        style = BOX_STYLES[role]
        keys = ",".join(box.key for box in diagram.boxes if box.role is role)
        fill, border = (paint[color] if color else "none" for color in (style.fill, style.stroke))
        yield f"  classDef {role}_ fill:{fill},stroke:{border},color:{paint[style.text]}"
        yield f"  class {keys} {role}_"
    if highlighted := ",".join(box.key for box in diagram.boxes if box.highlighted):
        yield f"  style {highlighted} fill:{paint[Color.UPDATE]},color:{paint[Color.INK]},stroke-width:3px"
    if lines := (*([settings.title] if settings.title else []), *diagram.legend):
        yield f'  legend["{"<br/>".join(map(escape_text, lines))}"]'
        yield f"  style legend fill:none,stroke:none,color:{paint[Color.MUTED]}"


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
