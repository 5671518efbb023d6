"""A diagram as Graphviz DOT text; the only room that imports the graphviz package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import hypot

from minigrad.drawing.diagram import Box, Diagram, Edge, Group, Point
from minigrad.drawing.style import FONT, INK, LABEL_SIZE, LOOKS, MUTED, PAPER, color_of, label_size

ENTITY = re.compile(r"&(?=#?\w+;)")
"""The start of what Graphviz would read as an HTML entity."""
QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})
SEPARATORS = str.maketrans({character: f"\\{character}" for character in "{}|<>"})
"""What a record label would read as structure rather than text."""
LOST_SPACE = re.compile(r"(?<= ) |^ | $")
"""Spaces that a record label would swallow."""
ARROW = 6.0
"""Length of an arrow head."""

GRAPH = {"fontname": FONT, "fontsize": "10", "fontcolor": MUTED, "bgcolor": PAPER, "pad": "0.2", "charset": "UTF-8"}
PLACED = {"layout": "nop2", "outputorder": "edgesfirst"}
FLOWING = {"rankdir": "LR", "ranksep": "0.3", "nodesep": "0.15"}
NODE = {"fontname": FONT, "fontcolor": INK, "margin": "0.06,0.03", "height": "0", "width": "0"}
EDGE = {"fontname": FONT, "fontcolor": INK, "fontsize": f"{LABEL_SIZE:g}", "arrowsize": "0.6"}


def dot_text(diagram: Diagram) -> str:
    """The DOT text of a diagram, the same in every process; linear in its boxes and edges.

    A placed diagram says `layout=nop2`, which tells every Graphviz to leave boxes and curves where they are. Statements
    are written here, several times faster than one by one through the package, which gives them their frame.
    """
    import graphviz

    frame = graphviz.Digraph(
        f"minigrad {diagram.view}",
        graph_attr=GRAPH | (PLACED if diagram.placed else FLOWING),
        node_attr=NODE,
        edge_attr=EDGE,
        body=statements(diagram),
    )
    source: str = frame.source
    return source


def statements(diagram: Diagram) -> Iterator[str]:
    """The lines of the body: the legend, groups, boxes, edges."""
    legend = "".join(f"{escaped(line)}\\l" for line in (" ", *diagram.legend))
    yield f'\tgraph [label="{legend}" labelloc=b labeljust=l]\n'
    for number, group in enumerate(diagram.groups):
        yield from heading(number, group) if diagram.placed else cluster(number, group)
    for box in diagram.boxes:
        yield f"\t{box.key} [{box_attributes(box, diagram.placed)}]\n"
    for number, edge in enumerate(diagram.edges):
        yield f"\t{edge.tail} -> {edge.head} [{edge_attributes(edge)}]\n"
        if edge.label_at is not None:
            yield f"\te{number} [{chip_attributes(edge, edge.label_at)}]\n"


def heading(number: int, group: Group) -> Iterator[str]:
    """The title over a column of a placed diagram."""
    look = f'shape=plain fontsize=10 fontcolor="{MUTED}"'
    yield f'\tg{number} [label="{escaped(group.title)}" {look} pos="{spot(group.at)}"]\n'


def cluster(number: int, group: Group) -> Iterator[str]:
    """A frame around the boxes of a group."""
    yield f"\tsubgraph cluster{number} {{\n"
    yield f'\t\tgraph [label="{escaped(group.title)}" labelloc=t style=rounded color="#c5cad2"]\n'
    yield f"\t\t{' '.join(group.keys)}\n\t}}\n"


def box_attributes(box: Box, placed: bool) -> str:
    """How a box is drawn, and what is written in it: plain lines, or a record of aligned fields below them."""
    look = LOOKS[box.role]
    if box.fields:
        title = "\\n".join(map(record_escaped, box.lines))
        labels, values = ("|".join(map(record_escaped, column)) for column in zip(*box.fields, strict=True))
        fields = f"{title}|{{{{{labels}}}|{{{values}}}}}"
        text, shape = (f"{{{fields}}}" if placed else fields), "record"  # left to right, Graphviz turns records around
    else:
        text, shape = "\\n".join(map(escaped, box.lines)), look.shape
    size = f' pos="{spot(box.at)}" width={box.size.x / 72:.3f} height={box.size.y / 72:.3f}' if placed else ""
    note = f' tooltip="{escaped(box.note)}"' if box.note else ""
    return (
        f'label="{text}" shape={shape} style="{look.style}" fillcolor="{look.fill}" color="{look.border}" '
        f"fontsize={look.size:g}{size}{note}"
    )


def edge_attributes(edge: Edge) -> str:
    """How an edge is drawn; what is written on it goes on a chip of its own where edges have places."""
    style = "dashed" if edge.negative else "solid"
    common = f'color="{color_of(edge.link, edge.negative)}" penwidth={edge.width:g} style={style}'
    text = "\\n".join(map(escaped, edge.lines))
    if edge.path:
        return f'{common} pos="{spline(edge.path)}"' + (f' tooltip="{text}"' if text else "")
    return common + (f' label="{text}"' if text else "")


def chip_attributes(edge: Edge, at: Point) -> str:
    """A small sheet with what is written on an edge, on top of the curves."""
    text, size = "\\n".join(map(escaped, edge.lines)), label_size(edge.lines)
    return (
        f'label="{text}" shape=box style="filled,rounded" fillcolor="{PAPER}" color="{PAPER}" fontsize={LABEL_SIZE:g} '
        f'margin=0 pos="{spot(at)}" width={size.x / 72:.3f} height={size.y / 72:.3f}'
    )


def spline(path: tuple[Point, ...]) -> str:
    """A curve as Graphviz writes it: the tip of the arrow first, and the curve only up to the arrow."""
    tip, control = path[-1], path[-2]
    length = hypot(tip.x - control.x, tip.y - control.y) or 1.0
    base = Point(tip.x + (control.x - tip.x) * ARROW / length, tip.y + (control.y - tip.y) * ARROW / length)
    return f"e,{spot(tip)} " + " ".join(map(spot, (*path[:-1], base)))


def spot(point: Point) -> str:
    """A point as Graphviz writes it, with y growing upwards."""
    return f"{point.x:.1f},{0.0 - point.y:.1f}"


def escaped(text: str) -> str:
    """Text for a quoted label, shown as it is: no escapes, no entities, no end of the label."""
    return (ENTITY.sub("&amp;", text) if "&" in text else text).translate(QUOTED)


def record_escaped(text: str) -> str:
    """Text for a field of a record, shown as it is: no structure, and no space swallowed."""
    plain = escaped(text).translate(SEPARATORS)
    return LOST_SPACE.sub(r"\\ ", plain) if " " in plain else plain
