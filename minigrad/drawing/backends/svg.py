"""A figure as SVG text: no program, no script, no reference to anything outside.

Colors are attributes, so that programs without CSS show the light picture; style rules change them on dark pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from math import hypot

from minigrad._format import visible
from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import (
    Anchor,
    Area,
    Circle,
    Color,
    Dash,
    Figure,
    Head,
    Part,
    Rectangle,
    Shape,
    Stroke,
    Text,
)
from minigrad.drawing.palette import DARK, DASHES, colors
from minigrad.drawing.settings import Theme
from minigrad.drawing.text_layout import Face, TextRun, lay_out_line

SANS = "Helvetica,Arial,'Liberation Sans','DejaVu Sans','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif"
SERIF = "'Times New Roman','Liberation Serif',Tinos,'Nimbus Roman',serif"
"""The faces of the width table first; then DejaVu Sans, which lends signs such as ⟨ in the widths of that table."""
FACES: dict[Face, str] = {
    Face.SANS: "",
    Face.SANS_BOLD: ' font-weight="bold"',
    Face.SERIF: ' class="serif"',
    Face.SERIF_ITALIC: ' class="serif" font-style="italic"',
}
"""The attributes of the pieces of each face."""
HEAD_LENGTH, HEAD_WIDTH = 8.0, 6.6
"""Size of the head of an arrow."""
CODES = {color: str(order) for order, color in enumerate(Color)}
"""Short names of the colors, for the classes of elements."""


def svg_text(figure: Figure, theme: Theme = "auto") -> str:
    """Return the SVG text of a figure, the same in every process."""
    writer = SvgWriter(theme)
    body = "\n".join(writer.elements(figure.shapes))
    paper = writer.paint(fill=Color.PAPER)
    width, height, title = decimal(figure.width), decimal(figure.height), quoted(figure.title)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{title}" font-family="{SANS}" font-size="12">\n'
        f"<title>{title}</title>\n<desc>{quoted(figure.description)}</desc>\n<style>{writer.style()}</style>\n"
        f'<rect width="{width}" height="{height}"{paper}/>\n{body}\n</svg>\n'
    )


class SvgWriter:
    """Writes shapes as SVG elements, and keeps which colors they use."""

    def __init__(self, theme: Theme) -> None:
        self._colors = colors(theme)
        self._follows_reader = theme == "auto"
        self._uses: dict[tuple[str, Color], None] = {}

    def style(self) -> str:
        """Return the style rules: the serif face, and where the reader decides the colors on dark pages."""
        rules = f"text{{white-space:pre}}.serif{{font-family:{SERIF}}}"
        if not self._follows_reader:
            return rules
        dark = "".join(f".{kind[0]}{CODES[color]}{{{kind}:{DARK[color]}}}" for kind, color in sorted(self._uses))
        return f"{rules}@media(prefers-color-scheme:dark){{{dark}}}"

    def elements(self, shapes: Sequence[Shape]) -> Iterator[str]:
        """Yield the elements of shapes, those of a part within a group with its label."""
        stack: list[Shape | str] = list(reversed(shapes))
        while stack:
            shape = stack.pop()
            if isinstance(shape, str):
                yield shape
            elif isinstance(shape, Part):
                yield self.start_of(shape)
                stack.append("</g>")
                stack.extend(reversed(shape.shapes))
            elif isinstance(shape, Text):
                yield self.text(shape)
            elif isinstance(shape, Stroke):
                yield from self.stroke(shape)
            else:
                yield self.outline(shape)

    def start_of(self, part: Part) -> str:
        """Return the start of the group of a part."""
        label = quoted(part.label)
        return f'<g role="group" aria-label="{label}"><title>{label}</title>'

    def outline(self, shape: Rectangle | Circle | Area) -> str:
        """Return a rectangle, a circle, or polygons."""
        paint = self.paint(shape.fill, shape.stroke, shape.width if shape.stroke else 0.0)
        if isinstance(shape, Area):
            return f'<path d="{"".join(map(polygon, shape.polygons))}"{paint}/>'
        paint += dashes(shape.dash)
        if isinstance(shape, Circle):
            center = f'cx="{decimal(shape.center.x)}" cy="{decimal(shape.center.y)}"'
            return f'<circle {center} r="{decimal(shape.radius)}"{paint}/>'
        radius = f' rx="{decimal(shape.radius)}"' if shape.radius else ""
        return (
            f'<rect x="{decimal(shape.corner.x)}" y="{decimal(shape.corner.y)}" width="{decimal(shape.size.x)}" '
            f'height="{decimal(shape.size.y)}"{radius}{paint}/>'
        )

    def stroke(self, shape: Stroke) -> Iterator[str]:
        """Yield a line, up to its head, and the head."""
        tip, before = shape.points[-1], shape.points[-2]
        points = shape.points
        if shape.head is not Head.NONE:
            points = (*points[:-1], towards(tip, before, HEAD_LENGTH - 1.5))
        start, *rest = points
        path = f"M{coordinates(start)}" + ("C" if shape.curve else "L") + " ".join(map(coordinates, rest))
        yield f'<path d="{path}"{self.paint(None, shape.color, shape.width)}{dashes(shape.dash)}/>'
        if shape.head is not Head.NONE:
            triangle = polygon(arrow_head(tip, before, shape.width))
            is_open = shape.head is Head.BACKWARD
            paint = self.paint(Color.PAPER, shape.color, 1.3) if is_open else self.paint(shape.color)
            yield f'<path d="{triangle}"{paint}/>'

    def text(self, shape: Text) -> str:
        """Return a line of text; of several pieces each has its own position, so that no font shifts an index."""
        pieces, width = lay_out_line(shape.line)
        x, y, size = shape.at.x, shape.at.y, shape.size
        turn = f' transform="rotate({decimal(shape.angle)} {coordinates(shape.at)})"' if shape.angle else ""
        if len(pieces) == 1 and pieces[0].scale == 1.0:
            (piece,) = pieces
            anchor = "" if shape.anchor is Anchor.START else f' text-anchor="{shape.anchor}"'
            serif = FACES[piece.face].replace(' class="serif"', "")
            paint = self.paint(shape.color, extra="serif" if "serif" in FACES[piece.face] else "")
            at = f'x="{decimal(x)}" y="{decimal(y)}" font-size="{decimal(size)}"'
            return f"<text {at}{anchor}{serif}{paint}{turn}>{quoted(piece.text)}</text>"
        left = x - {Anchor.START: 0.0, Anchor.MIDDLE: width / 2, Anchor.END: width}[shape.anchor] * size
        spans = "".join(tspan(piece, left, y, size) for piece in pieces)
        return f'<text font-size="{decimal(size)}"{self.paint(shape.color)}{turn}>{spans}</text>'

    def paint(self, fill: Color | None = None, stroke: Color | None = None, width: float = 0.0, extra: str = "") -> str:
        """Return the attributes of a fill and a stroke, with their classes."""
        names, attributes = [extra] if extra else [], ""
        for kind, color in (("fill", fill), ("stroke", stroke)):
            if color is not None:
                self._uses[kind, color] = None
                names.append(f"{kind[0]}{CODES[color]}")
                attributes += f' {kind}="{self._colors[color]}"'
            elif kind == "fill":
                attributes += ' fill="none"'
        classes = f' class="{" ".join(names)}"' if names and (self._follows_reader or extra) else ""
        return f"{classes}{attributes}" + (f' stroke-width="{decimal(width)}"' if width else "")


def tspan(piece: TextRun, left: float, baseline: float, size: float) -> str:
    """Return one piece of a line of text at its position."""
    at = f'x="{decimal(left + size * piece.x)}"'
    at += f' y="{decimal(baseline + size * piece.y)}"'
    if piece.scale != 1.0:
        at += f' font-size="{decimal(size * piece.scale)}"'
    return f"<tspan {at}{FACES[piece.face]}>{quoted(piece.text)}</tspan>"


def arrow_head(tip: Point, before: Point, width: float) -> tuple[Point, Point, Point]:
    """Return the triangle at the end of a line."""
    length = hypot(tip.x - before.x, tip.y - before.y) or 1.0
    along = Point((tip.x - before.x) / length, (tip.y - before.y) / length)
    base = Point(tip.x - HEAD_LENGTH * along.x, tip.y - HEAD_LENGTH * along.y)
    half = HEAD_WIDTH / 2 + max(width - 1.5, 0.0) / 2
    return (
        tip,
        Point(base.x - half * along.y, base.y + half * along.x),
        Point(base.x + half * along.y, base.y - half * along.x),
    )


def towards(start: Point, end: Point, distance: float) -> Point:
    """Return the point at a distance from one point on the way to another."""
    length = hypot(end.x - start.x, end.y - start.y) or 1.0
    return Point(start.x + (end.x - start.x) * distance / length, start.y + (end.y - start.y) * distance / length)


def dashes(dash: Dash) -> str:
    """Return the attribute of a dashed stroke."""
    return f' stroke-dasharray="{DASHES[dash]}"' if DASHES[dash] else ""


def polygon(points: Sequence[Point]) -> str:
    """Return a closed path through points; an upright rectangle in relative steps, which are half as long."""
    if len(points) == 4 and is_upright(points):
        corner, opposite = points[0], points[2]
        across = decimal(opposite.x - corner.x)
        return f"M{coordinates(corner)}h{across}v{decimal(opposite.y - corner.y)}h-{across}Z"
    start, *rest = points
    return f"M{coordinates(start)}L{' '.join(map(coordinates, rest))}Z"


def is_upright(points: Sequence[Point]) -> bool:
    """Return whether four points are the corners of an upright rectangle, clockwise from the upper left one."""
    first, second, third, fourth = points
    left, right, top, bottom = first.x, third.x, first.y, third.y
    return left < right and second == (right, top) and fourth == (left, bottom)


def coordinates(point: Point) -> str:
    """Return the coordinates of a point."""
    return f"{decimal(point.x)},{decimal(point.y)}"


def decimal(number: float) -> str:
    """Return a number with at most one digit after the point, −0 as 0."""
    text = f"{number:.1f}"
    return "0" if text == "-0.0" else text.removesuffix(".0")


def quoted(text: str) -> str:
    """Return text that stands for itself within an element or an attribute; no character that XML forbids."""
    return escape(visible(text))
