"""How names and numbers are written in pictures: exact, short, and never as markup."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

LONGEST_NAME = 24
"""Characters of a name that are shown; of a longer one the beginning and the end."""


def written(text: str, longest: int = LONGEST_NAME) -> str:
    """A name as it was typed, in one line: long ones shortened in the middle, unprintable characters made visible."""
    if len(text) > longest:
        tail = longest // 3
        text = f"{text[: longest - tail - 1]}…{text[-tail:]}"
    return text if text.isprintable() else "".join(map(visible, text))


def visible(character: str) -> str:
    """A character that a file of any format can hold: a newline as ↵, other control characters as their pictures."""
    category = unicodedata.category(character)
    if character in "\r\n" or category in {"Zl", "Zp"}:
        return "↵"
    if ord(character) < 0x20:
        return chr(0x2400 + ord(character))
    return "\N{REPLACEMENT CHARACTER}" if category in {"Cc", "Cs", "Cn"} else character


def width_of(text: str, size: float) -> float:
    """About how wide a line of text is, in points, at a font size."""
    return size * sum(1.05 if unicodedata.east_asian_width(character) in "WF" else 0.58 for character in text)


def widest(lines: Iterable[str], size: float) -> float:
    """About how wide the widest of some lines is, in points."""
    return max((width_of(line, size) for line in lines), default=0.0)


def digits(number: float | None) -> str:
    """A number in 4 significant digits, a dash before there is one."""
    return "—" if number is None else f"{number + 0.0:.4g}"  # −0 is 0


def equation(name: str, number: float | None) -> str:
    """A named number, w = 0.15."""
    return f"{name} = {digits(number)}"


def counted(count: int, thing: str) -> str:
    """A count with its noun: 1 weight, 20 weights."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def listed(nodes: Sequence[Any], most: int = 8) -> str:
    """The labels of some nodes, the middle left out where there are many."""
    labels = [node.label for node in (nodes if len(nodes) <= most else nodes[: most - 1])]
    return ", ".join(labels if len(nodes) <= most else [*labels, "…", nodes[-1].label])


def shown(value: Any, digits: int = 4) -> str:
    """A value for people: 4 significant digits, "—" before a pass, an array by its shape."""
    if value is None:
        return "—"
    return f"{value:.{digits}g}" if np.ndim(value) == 0 else f"array{np.shape(value)}"
