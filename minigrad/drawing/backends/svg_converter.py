"""PNG and PDF files of our own SVG: by resvg-py and by CairoSVG, each imported here alone.

Without a font text would vanish, and the picture would still look like one. So each character is drawn on its own
first: where it leaves no mark there is no font at all, and where it looks like a character that does not exist the font
lacks it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from html import escape, unescape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from minigrad._format import join_elided
from minigrad.drawing.backends.renderers import Renderer, is_installed, render_with_first
from minigrad.errors import RenderError

ZOOM = 2
"""Pixels of a PNG file for each of the picture: sharp on today's screens."""
HELP = "pip install 'minigrad-bp[draw]' for .png; 'minigrad-bp[pdf]' and the cairo library for .pdf; or save as .svg."
NO_FONT = (
    "Install a font that has them, such as DejaVu Sans, or Noto Sans CJK for Chinese; or save as .svg. "
    "For .png `pip install matplotlib` brings fonts as well."
)

PROBE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" font-size="16">'
    '<text x="4" y="18" font-family="{family}">{text}</text></svg>'
)
NO_CHARACTER = "\U0010fffd"
"""A character that no font has: it is drawn as an empty box."""
TEXT = re.compile(r">([^<]+)<")
TEXT_ELEMENT = re.compile(r"<(text|tspan)\b([^>]*)>([^<]+)<")
FAMILY = re.compile(r"""font-family(?:="|:)([^";}]*)""")

LENT_FONTS = {
    "sans_serif_family": ("DejaVu Sans", ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf")),
    "serif_family": ("STIXGeneral", ("STIXGeneral.ttf", "STIXGeneralItalic.ttf", "STIXGeneralBol.ttf")),
}
"""Fonts that Matplotlib carries for each generic family."""
SUBSTITUTES = (
    *("DejaVu Sans", "Noto Sans CJK SC", "Noto Sans Math", "STIXGeneral"),
    *("Arial Unicode MS", "PingFang SC", "Microsoft YaHei", "WenQuanYi Zen Hei"),
)
"""Fonts with many characters, for CairoSVG, which never looks into a second font."""


def convert(svg: str, form: str) -> bytes:
    """Return our SVG text as png or pdf; raise RenderError, with what to install, if that cannot be done here."""
    return render_with_first(CONVERTERS, svg, form, HELP)


# ------------------------------------------------------------------------------------------------------------- PNG


def render_with_resvg(svg: str, form: str) -> bytes:
    """Paint with the fonts of the system; where they lack letters, with those that Matplotlib carries as well."""
    missing = missing_letters(svg, paint_with_resvg)
    if not missing:
        return paint_with_resvg(svg, zoom=ZOOM)
    if not lent_fonts() or (missing := missing_letters(svg, paint_with_lent_fonts)):
        raise no_font(missing)
    return paint_with_lent_fonts(svg, zoom=ZOOM)


def paint_with_resvg(svg: str, **settings: Any) -> bytes:
    """Return SVG text as PNG."""
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, **settings))


def paint_with_lent_fonts(svg: str, **settings: Any) -> bytes:
    """Return SVG text as PNG, painted with the fonts that Matplotlib carries beside those of the system."""
    return paint_with_resvg(svg, **lent_fonts(), **settings)


def lent_fonts() -> dict[str, Any]:
    """Return the settings of resvg for the fonts that Matplotlib carries; nothing where it is not installed."""
    package = find_spec("matplotlib")
    if package is None or package.origin is None:
        return {}
    folder = Path(package.origin).parent / "mpl-data" / "fonts" / "ttf"
    files = [str(folder / name) for _, names in LENT_FONTS.values() for name in names if (folder / name).exists()]
    families = {generic: family for generic, (family, _) in LENT_FONTS.items()}
    return {"font_files": files, **families} if files else {}


# ------------------------------------------------------------------------------------------------------------- PDF


def render_with_cairosvg(svg: str, form: str) -> bytes:
    """Convert with the fonts of the system; a piece of text whose font lacks characters gets one that has them."""
    import cairosvg

    missing = missing_characters(svg, paint_with_cairosvg)
    picture: bytes = cairosvg.svg2pdf(bytestring=TEXT_ELEMENT.sub(partial(substitute_font, missing), svg).encode())
    return picture


def paint_with_cairosvg(svg: str) -> bytes:
    """Return SVG text as PNG."""
    import cairosvg

    picture: bytes = cairosvg.svg2png(bytestring=svg.encode())
    return picture


def substitute_font(missing: set[str], element: re.Match[str]) -> str:
    """Return a text element in a font that has all of its characters, or as it is where none of them are missing."""
    tag, attributes, text = element.groups()
    characters = characters_of(text)
    if not characters & missing:
        return element[0]
    for family in SUBSTITUTES:
        if all(has_glyph(paint_with_cairosvg, family, character) for character in characters):
            return f"""<{tag}{attributes} style="font-family:'{family}'">{text}<"""
    if any(map(str.isalnum, characters & missing)):
        raise no_font(characters & missing)
    return element[0]


# ----------------------------------------------------------------------------------------------------------- fonts


def missing_letters(svg: str, paint: Callable[[str], bytes]) -> set[str]:
    """Return the letters and digits of a picture that no font has; other signs may be drawn as empty boxes."""
    return set(filter(str.isalnum, missing_characters(svg, paint)))


def missing_characters(svg: str, paint: Callable[[str], bytes]) -> set[str]:
    """Return the characters of a picture that leave no mark in one of its fonts, or an empty box."""
    families = set(FAMILY.findall(svg)) or {"sans-serif"}
    characters = set().union(*map(characters_of, TEXT.findall(svg)))
    return {character for character in characters for family in families if not has_glyph(paint, family, character)}


def characters_of(text: str) -> set[str]:
    """Return the characters of a text of SVG, one letter in place of all that ASCII has."""
    return {"x" if character.isascii() else character for character in unescape(text) if not character.isspace()}


@cache
def has_glyph(paint: Callable[[str], bytes], family: str, character: str) -> bool:
    """Return whether a painter of SVG finds the shape of a character."""
    empty, box, shape = (paint_text(paint, family, text) for text in ("", NO_CHARACTER, character))
    return shape not in (empty, box)


@cache
def paint_text(paint: Callable[[str], bytes], family: str, text: str) -> bytes:
    """Return a PNG of one character, or of none."""
    return paint(PROBE.format(family=family, text=escape(text)))


def no_font(missing: set[str]) -> RenderError:
    """Return the error for a picture that would lack letters."""
    letters = join_elided(sorted(missing), separator=" ")
    return RenderError("no font here has all letters of this picture", found=f"nothing for {letters}", cure=NO_FONT)


CONVERTERS = (
    Renderer(
        "resvg-py", ("png",), partial(is_installed, "resvg_py"), render_with_resvg, "pip install 'minigrad-bp[draw]'"
    ),
    Renderer(
        "cairosvg",
        ("pdf",),
        partial(is_installed, "cairosvg"),
        render_with_cairosvg,
        "pip install 'minigrad-bp[pdf]', and the cairo library",
    ),
)
"""Everything that turns our SVG into other files."""
