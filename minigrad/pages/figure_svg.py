"""Figures as SVG elements of a page: colors by classes, and keys by which the page finds parts and numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from minigrad.drawing.backends.svg import SvgWriter, coordinates, decimal, quoted
from minigrad.drawing.figure import Anchor, Color, Dash, Figure, Part, Stroke, Text
from minigrad.drawing.text_layout import Face, Line, Style, lay_out_line, line_width, plain_text

CLASSES = {Face.SANS: "sans", Face.SANS_BOLD: "bold", Face.SERIF: "serif", Face.SERIF_ITALIC: "italic"}
"""The classes of the pieces of each face; those of an index have one more."""
SIGN_COLORS = {Color.POSITIVE, Color.NEGATIVE, Color.ZERO}
"""Colors of lines that show a weight, whose sign changes."""


def page_svg(figure: Figure, kind: str, ranges: Mapping[str, Sequence[float]]) -> str:
    """Return the SVG element of an interactive figure, without styles and without words.

    Args:
        figure: The figure.
        kind: What it is, for its classes.
        ranges: The ranges that the outputs of activations have, by the labels of these.
    """
    writer = PageSvgWriter("light")
    body = "\n".join(writer.elements(figure.shapes))
    width, height = decimal(figure.width), decimal(figure.height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="group" font-size="12" class="{kind}" data-ranges="{quoted(json.dumps(ranges))}">\n{body}\n</svg>'
    )


class PageSvgWriter(SvgWriter):
    """Writes the shapes of an interactive figure."""

    def start_of(self, part: Part) -> str:
        """Return the start of the group of a part, with its key and the name that the page calls it by."""
        if not part.key:
            return "<g>"
        attribute = "aria-label" if part.key.startswith(("node:", "edge:")) else "data-name"
        name = f' {attribute}="{quoted(part.label)}"' if part.label else ""
        return f'<g data-key="{part.key}"{name}>'

    def stroke(self, shape: Stroke) -> Iterator[str]:
        """Yield a line without dashes that tell a sign, which the page sets, and its head."""
        dash = Dash.SOLID if shape.color in SIGN_COLORS else shape.dash
        line, *head = super().stroke(shape._replace(dash=dash))
        yield line.replace(' class="', ' class="line ', 1)
        yield from (path.replace(' class="', ' class="head ', 1) for path in head)

    def text(self, shape: Text) -> str:
        """Return a line of text; each number in it is an element of its own, so that the page can replace it."""
        written = [span for span in shape.line if span.text]
        runs = [(key, tuple(spans)) for key, spans in groupby(written, lambda span: span.key)]
        if not any(key for key, _ in runs) and len(lay_out_line(shape.line)[0]) == 1:
            return super().text(shape)
        turn = f' transform="rotate({decimal(shape.angle)} {coordinates(shape.at)})"' if shape.angle else ""
        is_bold = ' font-weight="bold"' if shape.line[0].style is Style.BOLD else ""
        start = f'<text font-size="{decimal(shape.size)}"{is_bold}{turn}'
        if len(runs) == 1 and runs[0][0]:
            ((key, line),) = runs
            anchor = "" if shape.anchor is Anchor.START else f' text-anchor="{shape.anchor}"'
            at = f'x="{decimal(shape.at.x)}" y="{decimal(shape.at.y)}"'
            return f'{start} {at}{anchor} data-key="{key}"{self.paint(shape.color)}>{quoted(plain_text(line))}</text>'
        shift = {Anchor.START: 0.0, Anchor.MIDDLE: 0.5, Anchor.END: 1.0}[shape.anchor]
        x, spans = shape.at.x - shift * line_width(shape.line, shape.size), ""
        for number, (key, line) in enumerate(runs):
            if number and not key:
                spans += f"<tspan>{quoted(plain_text(line))}</tspan>"  # it follows a number, whatever its width
            else:
                spans += self.number(key, line, x, shape) if key else self.words(line, x, shape)
            x += line_width(line, shape.size)
        grows = f' data-shift="{shift:g}"' if shift else ""
        return f"{start}{grows}{self.paint(shape.color)}>{spans}</text>"

    def number(self, key: str, line: Line, x: float, shape: Text) -> str:
        """Return a number within a line."""
        at = f'x="{decimal(x)}" y="{decimal(shape.at.y)}"'
        return f'<tspan data-key="{key}" {at}>{quoted(plain_text(line))}</tspan>'

    def words(self, line: Line, x: float, shape: Text) -> str:
        """Return what stands before or behind a number within a line."""
        spans = ""
        for piece in lay_out_line(line)[0]:
            names = f"{CLASSES[piece.face]} index" if piece.scale != 1.0 else CLASSES[piece.face]
            at = f'x="{decimal(x + shape.size * piece.x)}" y="{decimal(shape.at.y + shape.size * piece.y)}"'
            spans += f'<tspan {at} class="{names}">{quoted(piece.text)}</tspan>'
        return spans

    def paint(self, fill: Color | None = None, stroke: Color | None = None, width: float = 0.0, extra: str = "") -> str:
        """Return the classes of a fill and a stroke, whose colors the page has."""
        names = [extra, *(f"{kind}-{css_name(color)}" for kind, color in (("fill", fill), ("stroke", stroke)) if color)]
        classes = f' class="{" ".join(filter(None, names))}"' if any(names) else ""
        none = "" if fill else ' fill="none"'
        return f"{classes}{none}" + (f' stroke-width="{decimal(width)}"' if width else "")


def css_name(color: Color) -> str:
    """Return the name of a color in style rules: --positive-tint, .fill-positive-tint."""
    return color.replace(" ", "-")
