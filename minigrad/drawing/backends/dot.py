"""A diagram as Graphviz DOT text; the only module that imports the graphviz package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import hypot

from minigrad._format import visible
from minigrad.drawing.diagram import Box, BoxGroup, Diagram, Edge, Point
from minigrad.drawing.style import BOX_STYLES, FONT, INK, LABEL_SIZE, MUTED, PAPER, edge_color, edge_dash, label_size

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
UNPLACED = {"rankdir": "LR", "ranksep": "0.3", "nodesep": "0.15"}
NODE = {"fontname": FONT, "fontcolor": INK, "margin": "0.06,0.03", "height": "0", "width": "0"}
EDGE = {"fontname": FONT, "fontcolor": INK, "fontsize": f"{LABEL_SIZE:g}", "arrowsize": "0.6"}


def dot_text(diagram: Diagram) -> str:
    """Return the DOT text of a diagram, the same in every process; linear in its boxes and edges.

    A placed diagram says `layout=nop2`, which tells every Graphviz to leave boxes and curves where they are. Its
    statements are written here, several times faster than one by one through the package, which adds header and footer.
    """
    import graphviz

    digraph = graphviz.Digraph(
        f"minigrad {diagram.view}",
        graph_attr=GRAPH | (PLACED if diagram.placed else UNPLACED),
        node_attr=NODE,
        edge_attr=EDGE,
        body=statements(diagram),
    )
    source: str = digraph.source
    return source


def statements(diagram: Diagram) -> Iterator[str]:
    """Yield the lines of the body: the legend, groups, boxes, edges."""
    legend = "".join(f"{escape_label(line)}\\l" for line in (" ", *diagram.legend))
    yield f'\tgraph [label="{legend}" labelloc=b labeljust=l]\n'
    yield from (group_statement(number, group, diagram.placed) for number, group in enumerate(diagram.groups))
    for box in diagram.boxes:
        yield f"\t{box.key} [{box_attributes(box, diagram.placed)}]\n"
    for number, edge in enumerate(diagram.edges):
        yield f"\t{edge.tail} -> {edge.head} [{edge_attributes(edge)}]\n"
        if edge.label_at is not None:
            yield f"\te{number} [{label_attributes(edge, edge.label_at)}]\n"


def group_statement(number: int, group: BoxGroup, placed: bool) -> str:
    """Return the title over a column of a placed diagram, or a frame around the boxes of a group."""
    label = f'label="{escape_label(group.title)}"'
    if placed:
        return f'\tg{number} [{label} shape=plain fontsize=10 fontcolor="{MUTED}" pos="{format_point(group.at)}"]\n'
    attributes = f'{label} labelloc=t style=rounded color="#c5cad2"'
    return f"\tsubgraph cluster{number} {{\n\t\tgraph [{attributes}]\n\t\t{' '.join(group.keys)}\n\t}}\n"


def box_attributes(box: Box, placed: bool) -> str:
    """Return the style and the text of a box: plain lines, or a record of aligned fields below them."""
    style = BOX_STYLES[box.role]
    if box.fields:
        title = "\\n".join(map(escape_field, box.lines))
        labels, values = ("|".join(map(escape_field, column)) for column in zip(*box.fields, strict=True))
        fields = f"{title}|{{{{{labels}}}|{{{values}}}}}"
        text, shape = (f"{{{fields}}}" if placed else fields), "record"  # left to right, Graphviz turns records around
    else:
        text, shape = "\\n".join(map(escape_label, box.lines)), style.shape
    size = f' pos="{format_point(box.at)}" width={box.size.x / 72:.3f} height={box.size.y / 72:.3f}' if placed else ""
    note = f' tooltip="{escape_label(box.note)}"' if box.note else ""
    return (
        f'label="{text}" shape={shape} style="{style.style}" fillcolor="{style.fill}" color="{style.border}" '
        f"fontsize={style.size:g}{size}{note}"
    )


def edge_attributes(edge: Edge) -> str:
    """Return the style of an edge; in a placed diagram its label is a node of its own."""
    common = f'color="{edge_color(edge.kind, edge.sign)}" penwidth={edge.width:g} style={edge_dash(edge.sign)}'
    text = "\\n".join(map(escape_label, edge.lines))
    if edge.path:
        return f'{common} pos="{format_curve(edge.path)}"' + (f' tooltip="{text}"' if text else "")
    return common + (f' label="{text}"' if text else "")


def label_attributes(edge: Edge, at: Point) -> str:
    """Return the attributes of the label of an edge, a small box on top of the curves."""
    text, size = "\\n".join(map(escape_label, edge.lines)), label_size(edge.lines)
    return (
        f'label="{text}" shape=box style="filled,rounded" fillcolor="{PAPER}" color="{PAPER}" fontsize={LABEL_SIZE:g} '
        f'margin=0 pos="{format_point(at)}" width={size.x / 72:.3f} height={size.y / 72:.3f}'
    )


def format_curve(path: tuple[Point, ...]) -> str:
    """Format a curve for Graphviz: the tip of the arrow first, and the curve only up to the arrow."""
    tip, control = path[-1], path[-2]
    length = hypot(tip.x - control.x, tip.y - control.y) or 1.0
    base = Point(tip.x + (control.x - tip.x) * ARROW / length, tip.y + (control.y - tip.y) * ARROW / length)
    return f"e,{format_point(tip)} " + " ".join(map(format_point, (*path[:-1], base)))


def format_point(point: Point) -> str:
    """Format a point for Graphviz, where y grows upwards."""
    return f"{point.x:.1f},{0.0 - point.y:.1f}"


def escape_label(text: str) -> str:
    """Escape text for a quoted label, so that it is shown as it is: no escapes, no entities, no end of the label."""
    text = visible(text)
    return (ENTITY.sub("&amp;", text) if "&" in text else text).translate(QUOTED)


def escape_field(text: str) -> str:
    """Escape text for a field of a record, so that it is shown as it is: no structure, and no space swallowed."""
    plain = escape_label(text).translate(SEPARATORS)
    return LOST_SPACE.sub(r"\\ ", plain) if " " in plain else plain
