"""A diagram as Mermaid text, which code hosts and note books draw without any program."""

from __future__ import annotations

import re
from collections.abc import Iterator

from minigrad.drawing.diagram import Box, Diagram, Edge
from minigrad.drawing.style import LOOKS, color_of

SPECIAL = re.compile(r"[^\w\s.,+=()∂Σδθ½²…—/:·!?%-]")
"""Characters that are written as numbers, since one or the other version of Mermaid reads them as markup."""


def mermaid_text(diagram: Diagram) -> str:
    """The flowchart of a diagram, left to right."""
    return "\n".join(lines_of(diagram)) + "\n"


def lines_of(diagram: Diagram) -> Iterator[str]:
    yield "flowchart LR"
    grouped = {key for group in diagram.groups for key in group.keys}
    by_key = {box.key: box for box in diagram.boxes}
    for number, group in enumerate(diagram.groups):
        yield f'  subgraph g{number}["{escaped(group.title)}"]'
        yield from (f"    {node(by_key[key])}" for key in group.keys)
        yield "  end"
    yield from (f"  {node(box)}" for box in diagram.boxes if box.key not in grouped)
    yield from (f"  {arrow(edge)}" for edge in diagram.edges)
    for number, edge in enumerate(diagram.edges):
        dashes = ",stroke-dasharray:5 3" if edge.negative else ""
        yield f"  linkStyle {number} stroke:{color_of(edge.link, edge.negative)},stroke-width:{edge.width:g}px{dashes}"
    for role in sorted({box.role for box in diagram.boxes}):
        look = LOOKS[role]
        keys = ",".join(box.key for box in diagram.boxes if box.role is role)
        yield f"  classDef {role}_ fill:{look.fill},stroke:{look.border},color:#1f2430"
        yield f"  class {keys} {role}_"
    if diagram.legend:
        yield f'  legend["{"<br/>".join(map(escaped, diagram.legend))}"]'
        yield "  style legend fill:none,stroke:none,color:#5b6472"


def node(box: Box) -> str:
    """A box; an op as a stadium."""
    lines = (box.note,) if box.note else (*box.lines, *(f"{label} {value}" for label, value in box.fields))
    text = "<br/>".join(map(escaped, lines))
    return f'{box.key}(["{text}"])' if LOOKS[box.role].shape == "ellipse" else f'{box.key}["{text}"]'


def arrow(edge: Edge) -> str:
    """An edge with what is written on it."""
    text = "<br/>".join(map(escaped, edge.lines))
    return f'{edge.tail} -->|"{text}"| {edge.head}' if text else f"{edge.tail} --> {edge.head}"


def escaped(text: str) -> str:
    """Text that Mermaid shows as it is: everything that might be markup as a character number."""
    return SPECIAL.sub(lambda match: f"#{ord(match[0])};", text)
