"""SVG of Graphviz with what ours has: a title and a description for screen readers, and dark colors on dark pages."""

from __future__ import annotations

import re

from minigrad.drawing.backends.svg import quoted
from minigrad.drawing.palette import DARK, LIGHT
from minigrad.drawing.settings import Theme

FOLLOWS_READER = "minigrad-auto"
START = re.compile(r"<svg\b([^>]*)>")


def finish_svg(svg: str, title: str, description: str, theme: Theme = "auto") -> str:
    """Return an SVG that Graphviz wrote from colors of our palette, with a title, a description and both themes."""
    label = quoted(title)
    head, attributes = f"<title>{label}</title>\n<desc>{quoted(description)}</desc>", f'role="img" aria-label="{label}"'
    if theme == "auto":  # the class keeps the rules from other pictures on the same page
        head += f"\n<style>@media(prefers-color-scheme:dark){{{dark_rules(svg)}}}</style>"
        attributes += f' class="{FOLLOWS_READER}"'
    return START.sub(lambda tag: f"<svg {attributes}{tag[1]}>\n{head}", svg, count=1)


def dark_rules(svg: str) -> str:
    """Return the rules that change the light colors of an SVG into dark ones, which win over its attributes."""
    return "".join(
        f'.{FOLLOWS_READER} [{kind}="{light}"]{{{kind}:{DARK[color]}}}'
        for kind in ("fill", "stroke")
        for color, light in LIGHT.items()
        if f'{kind}="{light}"' in svg
    )
