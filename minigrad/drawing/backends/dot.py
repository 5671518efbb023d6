"""A diagram as Graphviz DOT text; the only module that imports the graphviz package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import hypot

from minigrad._format import visible
from minigrad.drawing.diagram import Box, BoxGroup, Diagram, Edge, EdgeKind, Point, Sign
from minigrad.drawing.figure import Color, Dash
from minigrad.drawing.palette import colors
from minigrad.drawing.settings import Direction, DrawSettings
from minigrad.drawing.style import BOX_STYLES, FONT, LABEL_SIZE, BoxStyle, edge_style, label_size
from minigrad.drawing.text_widths import text_width

ENTITY = re.compile(r"&(?=#?\w+;)")
"""The start of what Graphviz would read as an HTML entity."""
QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})
QUOTED_CHARACTER = re.compile(r'[&\\"]')
"""What a label has to be escaped for."""
SEPARATOR = re.compile(r"[{}|<>]")
SEPARATORS = str.maketrans({character: f"\\{character}" for character in "{}|<>"})
"""What a record label would read as structure rather than text."""
FIELD_CHARACTER = re.compile(r'[&\\"{}|<> ]')
"""What a field of a record has to be escaped for."""
LOST_SPACE = re.compile(r"(?<= ) |^ | $")
"""Spaces that a record label would swallow."""
ARROW = 6.0
"""Length of an arrow head."""

TITLE_SIZE = 15.0
"""Font size of the title of the picture."""

PLACED = {"layout": "nop2", "outputorder": "edgesfirst"}
UNPLACED = {"ranksep": "0.3", "nodesep": "0.15"}
STROKES = {Dash.SOLID: "solid", Dash.NEGATIVE: "dashed", Dash.TARGET: "dashed", Dash.ZERO: "dotted"}
"""What Graphviz calls the strokes of lines."""
RANKS: dict[Direction | None, str] = {None: "LR", "right": "LR", "down": "TB"}
"""Where Graphviz puts what comes next, by the direction of the page."""


def dot_text(diagram: Diagram, settings: DrawSettings) -> str:
    """Return the DOT text of a diagram, the same in every process; linear in its boxes and edges.

    A placed diagram says `layout=nop2`, which tells every Graphviz to leave boxes and curves where they are. Its
    statements are written here, several times faster than one by one through the package, which adds header and footer.
    """
    import graphviz

    paint = colors(settings.theme)
    layout = PLACED if diagram.placed else UNPLACED | {"rankdir": RANKS[settings.direction]}
    text = {"fontname": FONT, "fontcolor": paint[Color.INK]}
    paper = {"bgcolor": paint[Color.PAPER], "pad": "0.2", "charset": "UTF-8"}
    digraph = graphviz.Digraph(
        f"minigrad {diagram.view}",
        graph_attr=text | {"fontsize": "10", "fontcolor": paint[Color.MUTED]} | paper | layout,
        node_attr=text | {"margin": "0.06,0.03", "height": "0", "width": "0"},
        edge_attr=text | {"fontsize": f"{LABEL_SIZE:g}", "arrowsize": "0.6"},
        body=DotWriter(diagram, settings).statements(),
    )
    source: str = digraph.source
    return source


class DotWriter:
    """Writes the statements of a diagram in the colors of a page."""

    def __init__(self, diagram: Diagram, settings: DrawSettings) -> None:
        self._diagram, self._title = diagram, settings.title
        self._colors = colors(settings.theme)
        self._down = settings.direction == "down"
        self._styles = {role: self.style_attributes(style) for role, style in BOX_STYLES.items()}
        self._edge_styles: dict[tuple[EdgeKind, Sign, float], str] = {}
        """The attributes of edges that look the same."""

    def statements(self) -> Iterator[str]:
        """Yield the lines of the body: the title, the legend, groups, boxes, edges."""
        diagram = self._diagram
        title, end = self.title_statements() if self._title else ("", "")
        yield title
        yield from (self.group_statement(number, group) for number, group in enumerate(diagram.groups))
        for box in diagram.boxes:
            yield f"\t{box.key} [{self.box_attributes(box)}]\n"
        for number, edge in enumerate(diagram.edges):
            yield f"\t{edge.tail} -> {edge.head} [{self.edge_attributes(edge)}]\n"
            if edge.label_at is not None:
                yield f"\te{number} [{self.label_attributes(edge, edge.label_at)}]\n"
        yield end
        legend = "".join(f"{escape_label(line)}\\l" for line in (" ", *diagram.legend))
        yield f'\tgraph [label="{legend}" labelloc=b labeljust=l]\n'

    def title_statements(self) -> tuple[str, str]:
        """Return what stands before and after the other statements: a title at its position, or a frame under it."""
        label = f'label="{escape_label(self._title)}"'
        text = f'fontsize={TITLE_SIZE:g} fontcolor="{self._colors[Color.INK]}"'
        if not self._diagram.placed:
            return (
                f"\tsubgraph cluster_title {{\n\tgraph [{label} labelloc=t labeljust=l peripheries=0 {text}]\n",
                "\t}\n",
            )
        boxes, groups = self._diagram.boxes, self._diagram.groups
        left = min((box.at.x - box.size.x / 2 for box in boxes), default=0.0)
        top = min([*(box.at.y - box.size.y / 2 for box in boxes), *(group.at.y for group in groups)], default=0.0)
        at = Point(left + text_width(self._title, TITLE_SIZE) / 2, top - 2 * TITLE_SIZE)
        return f'\ttitle [{label} shape=plain {text} pos="{format_point(at)}"]\n', ""

    def group_statement(self, number: int, group: BoxGroup) -> str:
        """Return the title over a column of a placed diagram, or a frame around the boxes of a group."""
        label, muted = f'label="{escape_label(group.title)}"', self._colors[Color.MUTED]
        if self._diagram.placed:
            return f'\tg{number} [{label} shape=plain fontsize=10 fontcolor="{muted}" pos="{format_point(group.at)}"]\n'
        attributes = f'{label} labelloc=t style=rounded color="{self._colors[Color.RULE]}"'
        return f"\tsubgraph cluster{number} {{\n\t\tgraph [{attributes}]\n\t\t{' '.join(group.keys)}\n\t}}\n"

    def style_attributes(self, style: BoxStyle, highlighted: bool = False) -> str:
        """Return the attributes of a style, without the shape."""
        fill = Color.UPDATE if highlighted else style.fill
        words = ["filled" if fill else "solid"]
        words += ["rounded"] * (style.rounded and style.shape == "box") + [STROKES[style.dash]] * (
            style.dash is not Dash.SOLID
        )
        fill_color, border = (self._colors[color] if color else "none" for color in (fill, style.stroke))
        width = f" penwidth={2.4 if highlighted else style.width:g}"
        text = "" if style.text is Color.INK or highlighted else f' fontcolor="{self._colors[style.text]}"'
        return (
            f'style="{",".join(words)}" fillcolor="{fill_color}" color="{border}" fontsize={style.size:g}{width}{text}'
        )

    def box_attributes(self, box: Box) -> str:
        """Return the style and the text of a box: plain lines, or a record of aligned fields below them."""
        style = BOX_STYLES[box.role]
        placed = self._diagram.placed
        if box.fields:
            title = "\\n".join(map(escape_field, box.lines))
            labels, values = ("|".join(map(escape_field, column)) for column in zip(*box.fields, strict=True))
            fields = f"{title}|{{{{{labels}}}|{{{values}}}}}"
            shape, text = "record", f"{{{fields}}}" if placed or self._down else fields  # Graphviz turns records
        else:
            text, shape = "\\n".join(map(escape_label, box.lines)), style.shape
        extent = f" {format_extent(box.at, box.size)}" if placed else ""
        note = f' tooltip="{escape_label(box.note)}"' if box.note else ""
        attributes = self.style_attributes(style, True) if box.highlighted else self._styles[box.role]
        return f'label="{text}" shape={shape} {attributes}{extent}{note}'

    def edge_attributes(self, edge: Edge) -> str:
        """Return the style of an edge; in a placed diagram its label is a node of its own."""
        look = edge.kind, edge.sign, edge.width
        common = self._edge_styles.get(look)
        if common is None:
            color, dash = edge_style(edge.kind, edge.sign)
            head = " arrowhead=empty" if edge.kind is EdgeKind.DELTA else ""
            common = f'color="{self._colors[color]}" penwidth={edge.width:g} style={STROKES[dash]}{head}'
            self._edge_styles[look] = common
        text = "\\n".join(map(escape_label, edge.lines))
        if edge.path:
            return f'{common} pos="{format_curve(edge.path)}"' + (f' tooltip="{text}"' if text else "")
        return common + (f' label="{text}"' if text else "")

    def label_attributes(self, edge: Edge, at: Point) -> str:
        """Return the attributes of the label of an edge, a small box on top of the curves."""
        text, size, paper = "\\n".join(map(escape_label, edge.lines)), label_size(edge.lines), self._colors[Color.PAPER]
        return (
            f'label="{text}" shape=box style="filled,rounded" fillcolor="{paper}" color="{paper}" '
            f"fontsize={LABEL_SIZE:g} margin=0 {format_extent(at, size)}"
        )


def format_curve(path: tuple[Point, ...]) -> str:
    """Format a curve for Graphviz: the tip of the arrow first, and the curve only up to the arrow."""
    tip, control = path[-1], path[-2]
    length = hypot(tip.x - control.x, tip.y - control.y) or 1.0
    base = Point(tip.x + (control.x - tip.x) * ARROW / length, tip.y + (control.y - tip.y) * ARROW / length)
    return f"e,{format_point(tip)} " + " ".join(map(format_point, (*path[:-1], base)))


def format_extent(center: Point, size: Point) -> str:
    """Format where a box is and how large, for Graphviz in inches."""
    return f'pos="{format_point(center)}" width={size.x / 72:.3f} height={size.y / 72:.3f}'


def format_point(point: Point) -> str:
    """Format a point for Graphviz, where y grows upwards."""
    return f"{point.x:.1f},{0.0 - point.y:.1f}"


def escape_label(text: str) -> str:
    """Escape text for a quoted label, so that it is shown as it is: no escapes, no entities, no end of the label."""
    text = visible(text)
    if QUOTED_CHARACTER.search(text) is None:  # in most texts there is none, and it takes a tenth of the time to see it
        return text
    return ENTITY.sub("&amp;", text).translate(QUOTED)


def escape_field(text: str) -> str:
    """Escape text for a field of a record, so that it is shown as it is: no structure, and no space swallowed."""
    if text.isprintable() and FIELD_CHARACTER.search(text) is None:  # as most are
        return text
    plain = escape_label(text)
    if SEPARATOR.search(plain) is not None:
        plain = plain.translate(SEPARATORS)
    return LOST_SPACE.sub(r"\\ ", plain) if " " in plain else plain
