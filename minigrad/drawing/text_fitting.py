"""Text that fits a width: broken into lines, set smaller, or its middle left out."""

from __future__ import annotations

import re
from collections.abc import Callable

from minigrad.drawing.text_layout import Line, label, line_width

UNBROKEN = re.compile(r"[⺀-鿿＀-￯][，。；：、）]*|[^\s⺀-鿿＀-￯]+\s*|\s+")
"""What stays in one line: a word with the space after it, or a Chinese character with the punctuation after it."""


def wrap_text(text: str, size: float, width: float, style: Callable[[str], Line] = label) -> list[str]:
    """Return the lines of a text, set in a style, that fit a width, in pixels; a word that is too long is broken."""
    lines = [""]
    for token in UNBROKEN.findall(text):
        for piece in token if line_width(style(token.rstrip()), size) > width else [token]:
            if lines[-1] and line_width(style((lines[-1] + piece).rstrip()), size) > width:
                lines.append("")
            lines[-1] += piece
    return [line.rstrip() for line in lines]


def fitting_size(line: Line, size: float, width: float) -> float:
    """Return the font size at which a line fits a width, at most the one it should have."""
    return min(size, size * width / max(line_width(line, size), 1.0))


def cut_to_width(text: str, size: float, width: float) -> str:
    """Return a text, its middle left out where it is too wide."""
    if line_width(label(text), size) <= width:
        return text
    count = len(text) - 1
    while count > 2 and line_width(label(cut_middle(text, count)), size) > width:
        count -= 1
    return cut_middle(text, count)


def cut_middle(text: str, count: int) -> str:
    """Return so many characters of a text, the middle left out."""
    return f"{text[: count - count // 3]}…{text[len(text) - count // 3 :]}"
