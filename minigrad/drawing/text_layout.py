"""Lines of text as pieces with positions: names in italics with real indices, numbers and words in a sans face.

Notation is plain Unicode, such as "w₁₂⁽¹⁾ = 0.4"; sub- and superscript characters become ordinary ones, set smaller.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from minigrad.drawing import text_widths

INDEX_SCALE, SUBSCRIPT_SHIFT, SUPERSCRIPT_SHIFT = 0.66, 0.26, -0.42
"""Size of an index, and how far it is moved down or up, in font sizes of its line."""
INDEX_GAP = 0.04
"""Space between a letter and its index, and after the index, in font sizes."""
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ᵢⱼₖₗₘₙ", "0123456789+−=()ijklmn", strict=True))
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ", "0123456789+−=()n", strict=True))
SUBSCRIPT, SUPERSCRIPT = "".join(SUBSCRIPTS), "".join(SUPERSCRIPTS)
LETTER = rf"[^\W\d_½¼{SUBSCRIPT}{SUPERSCRIPT}]"
TOKEN = re.compile(
    rf"(?P<subscript>[{SUBSCRIPT}]+(?:,[{SUBSCRIPT}]+)*)|(?P<superscript>[{SUPERSCRIPT}]+(?:,[{SUPERSCRIPT}]+)*)"
    rf"|(?P<word>{LETTER}{{2,}}[\w.]*)|(?P<number>(?:(?<![\w)])−)?\d[\d.]*)|(?P<italic>[a-zα-ωŷ∂L])|(?P<upright>.)",
    re.DOTALL,
)
"""What notation consists of; a word has two letters or more."""

POWER_OF_TEN = re.compile("(?<=×10)([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
HAS_NOTATION = re.compile(rf"[{SUBSCRIPT}{SUPERSCRIPT}∂δΣθŷ⟨⟩]")


class Face(StrEnum):
    """A font face."""

    SANS = "sans"
    SANS_BOLD = "sans bold"
    SERIF = "serif"
    SERIF_ITALIC = "serif italic"


WIDTHS: dict[Face, text_widths.CharacterWidths] = {
    Face.SANS: text_widths.SANS,
    Face.SANS_BOLD: text_widths.SANS_BOLD,
    Face.SERIF: text_widths.SERIF,
    Face.SERIF_ITALIC: text_widths.SERIF_ITALIC,
}
"""The widths of the characters of each face."""


class Style(StrEnum):
    """How a stretch of text is set: as words, as bold words, or as notation."""

    WORDS = "words"
    BOLD = "bold"
    NOTATION = "notation"


class Span(NamedTuple):
    """Text in one style; a number has the `key` by which a page finds it again."""

    text: str
    style: Style = Style.WORDS
    key: str = ""


Line = tuple[Span, ...]
"""The stretches of a line of text, in order."""


class TextRun(NamedTuple):
    """Characters of one face, their offset from the start of the line and from its baseline, and their scale."""

    text: str
    x: float
    y: float
    scale: float
    face: Face


def words(text: str) -> Line:
    """Return a line of plain words or of a number."""
    return (Span(text),)


def bold(text: str) -> Line:
    """Return a line of bold words or of a bold number, whose exponent is raised."""
    before, exponent, after = POWER_OF_TEN.split(text, maxsplit=1) if POWER_OF_TEN.search(text) else (text, "", "")
    spans = (Span(before, Style.BOLD), Span(exponent, Style.NOTATION), Span(after, Style.BOLD))
    return tuple(span for span in spans if span.text)


def number_line(text: str, is_bold: bool = False) -> Line:
    """Return the line of a number; the power of ten in notation, so that its exponent is raised."""
    mantissa, times, power = text.partition("×")
    style = Style.BOLD if is_bold else Style.WORDS
    return (Span(mantissa, style), Span(times + power, Style.NOTATION)) if times else (Span(text, style),)


def with_key(line: Line, key: str) -> Line:
    """Return the line of a number with the key of its quantity."""
    return tuple(span._replace(key=key) for span in line) if key else line


def notation(text: str) -> Line:
    """Return a line of notation: single letters in italics, indices set small; words and numbers in the sans face."""
    return (Span(text, Style.NOTATION),)


def label(text: str) -> Line:
    """Return notation where a text has an index or a sign such as ∂, else the text as it was typed, such as a name."""
    return notation(text) if HAS_NOTATION.search(text) else words(text)


def width_in_em(text: str, face: Face) -> float:
    """Return the width of characters of one face, in font sizes."""
    return text_widths.advance(text, WIDTHS[face])


@lru_cache(maxsize=4096)
def lay_out_line(line: Line) -> tuple[tuple[TextRun, ...], float]:
    """Return the pieces of a line and its width, both for a font size of 1."""
    pieces: list[TextRun] = []
    x = 0.0
    for span in line:
        if span.style is Style.NOTATION:
            x = place_notation(span.text, x, pieces)
        else:
            face = Face.SANS_BOLD if span.style is Style.BOLD else Face.SANS
            pieces.append(TextRun(span.text, x, 0.0, 1.0, face))
            x += width_in_em(span.text, face)
    return tuple(part for piece in join_pieces(pieces) for part in split_piece(piece)), x


def place_notation(text: str, x: float, pieces: list[TextRun]) -> float:
    """Append the pieces of notation from x on and return where it ends.

    A superscript right after a subscript stands above it.
    """
    after_base = x
    previous = ""
    for token in TOKEN.finditer(text):
        kind, characters = str(token.lastgroup), token.group()
        if kind in {"subscript", "superscript"}:
            table, shift = (SUBSCRIPTS, SUBSCRIPT_SHIFT) if kind == "subscript" else (SUPERSCRIPTS, SUPERSCRIPT_SHIFT)
            stacked = {previous, kind} == {"subscript", "superscript"}
            start = (after_base if stacked else x) + INDEX_GAP
            for face, run in index_runs("".join(table.get(character, character) for character in characters)):
                pieces.append(TextRun(run, start, shift, INDEX_SCALE, face))
                start += INDEX_SCALE * width_in_em(run, face)
            after_base = x if not stacked else after_base
            x = max(x, start + INDEX_GAP)
        else:
            face = {"italic": Face.SERIF_ITALIC, "upright": Face.SERIF}.get(kind, Face.SANS)
            pieces.append(TextRun(characters, x, 0.0, 1.0, face))
            x += width_in_em(characters, face)
        previous = kind
    return x


def index_runs(text: str) -> Iterator[tuple[Face, str]]:
    """Yield the runs of an index: letters in italics, all else upright."""
    for run in re.findall(r"[a-z]+|[^a-z]+", text):
        yield (Face.SERIF_ITALIC if run[0].isalpha() else Face.SERIF), run


def join_pieces(pieces: list[TextRun]) -> Iterator[TextRun]:
    """Yield the pieces without those of spaces only, neighbors of the same face and height as one."""
    current: TextRun | None = None
    end = 0.0
    for piece in pieces:
        width = piece.scale * width_in_em(piece.text, piece.face)
        if current and current[2:] == piece[2:] and abs(end - piece.x) < 1e-9:
            current = current._replace(text=current.text + piece.text)
        else:
            if current and current.text.strip():
                yield current
            current = piece
        end = piece.x + width
    if current and current.text.strip():
        yield current


def split_piece(piece: TextRun) -> Iterator[TextRun]:
    """Yield the runs of a piece that need different fonts, each at its position."""
    x = piece.x
    for run in text_widths.font_runs(piece.text, WIDTHS[piece.face]):
        yield piece._replace(text=run, x=x)
        x += piece.scale * width_in_em(run, piece.face)


def has_indices(line: Line) -> bool:
    """Return whether a line has sub- or superscripts, which reach beyond its letters."""
    return any(piece.scale != 1.0 for piece in lay_out_line(line)[0])


def line_width(line: Line, size: float) -> float:
    """Return the width of a line at a font size, in pixels."""
    return lay_out_line(line)[1] * size


def plain_text(line: Line) -> str:
    """Return the text of a line without its styles."""
    return "".join(span.text for span in line)
