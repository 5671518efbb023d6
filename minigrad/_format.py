"""Names, numbers and lists as texts and pictures show them: exact, short, and never as markup."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

LONGEST_NAME = 24
"""Characters of a name that are shown; of a longer one the beginning and the end."""

SPELLINGS = (
    "α alpha β beta γ gamma δ d Δ D ε eps η eta θ theta λ lambda μ mu µ mu π pi Π prod ρ rho σ sigma Σ sum φ phi "
    "∂ d ∇ grad √ sqrt ∞ inf ŷ yhat ȳ ybar · * × * ⊙ * ÷ / − - – - — - ± +- ≤ <= ≥ >= ≠ != ≈ ~ ½ 1/2 ¼ 1/4 ′ ' "
    "… ... ⋯ ... ⋮ : ‖ || ← <- → -> ↑ ^ ↓ v ◀ < ▶ > ━ = ╍ - ─ - │ | └ + ├ + ■ # ● * ↵ \\n"
)
"""How mathematics and the lines of text pictures are written where an output has only ASCII, in pairs."""
ASCII_SPELLINGS = dict(zip(SPELLINGS.split()[::2], SPELLINGS.split()[1::2], strict=True))
SCRIPTS = {"<supe": "^", "<sub>": "_"}
"""What is put before raised and lowered characters there, by the beginning of their Unicode decomposition."""
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
"""Digits and minus as raised characters."""

DIRECTION_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters that make the text behind them run the other way, and so show another name than there is."""

Item = TypeVar("Item")


def shorten(text: str, longest: int = LONGEST_NAME) -> str:
    """Return a text in one line, the middle of a long one left out and unprintable characters made visible."""
    if len(text) > longest:
        tail = longest // 3
        text = f"{text[: longest - tail - 1]}…{text[-tail:]}"
    return visible(text)


def visible(text: str) -> str:
    """Return a text in one line, with characters in place of those that would end it, turn it around or control it."""
    return text if text.isprintable() else "".join(map(visible_character, text))


def visible_character(character: str) -> str:
    """Return a character that any file can hold: a newline as ↵, other control characters as pictures or escapes."""
    category = unicodedata.category(character)
    if character in DIRECTION_CONTROLS:
        return f"\\u{ord(character):04x}"
    if character in "\r\n" or category in {"Zl", "Zp"}:
        return "↵"
    if ord(character) < 0x20:
        return chr(0x2400 + ord(character))
    return "\N{REPLACEMENT CHARACTER}" if category in {"Cc", "Cs", "Cn"} else character


def describe_value(value: Any, longest: int = 80, text: Callable[[Any], str] = repr) -> str:
    """Return the text of any object for a message: short, in one line, and without failing where `repr` fails."""
    try:
        return shorten(text(value), longest)
    except Exception:  # of an integer with too many digits, a list in itself many times over, a class of its own
        return f"something of the type {type(value).__name__}"


def elide(items: Sequence[Item], most: int) -> list[Item | None]:
    """Return the items, with None in place of the middle where there are more than `most`."""
    return list(items) if len(items) <= most else [*items[: most - 2], None, items[-1]]


def join_elided(texts: Sequence[str], most: int = 8, separator: str = ", ") -> str:
    """Join texts, "…" in place of the middle where there are more than `most`."""
    return separator.join("…" if text is None else text for text in elide(texts, most))


def list_labels(nodes: Sequence[Any], most: int = 8) -> str:
    """Return the labels of some nodes, the middle left out where there are many."""
    return ", ".join("…" if node is None else node.label for node in elide(nodes, most))


def format_number(value: Any, digits: int = 4) -> str:
    """Format a value with significant digits: "—" for None, an array by its shape, −0 as 0."""
    if value is None:
        return "—"
    return f"{value + 0.0:.{digits}g}" if np.ndim(value) == 0 else f"array{np.shape(value)}"


def format_equation(name: str, number: float | None) -> str:
    """Format a named number, w = 0.15."""
    return f"{name} = {format_number(number)}"


def lowered(number: int) -> str:
    """Format a whole number as an index: L₁₂."""
    return "".join(chr(ord("₀") + int(digit)) for digit in str(number))


def raised(number: int) -> str:
    """Format a whole number as an exponent: 10⁻⁵."""
    return str(number).translate(RAISED)


def count_noun(count: int, noun: str) -> str:
    """Format a count with its noun: 1 weight, 20 weights."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def printable(text: str, encoding: str | None = None) -> str:
    """Return a text with ASCII in place of what an encoding lacks, by default that of the standard output.

    Characters that would control a terminal, or turn a line around, become visible.
    """
    if not text.isprintable():
        text = "\n".join(map(visible, text.split("\n")))
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    if text.isascii() or encoding.lower().startswith("utf"):
        return text
    return "\n".join(line if can_encode(line, encoding) else spell_out(line, encoding) for line in text.split("\n"))


def can_encode(text: str, encoding: str) -> bool:
    """Return whether an encoding has every character of a text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def spell_out(line: str, encoding: str) -> str:
    """Return a line with every character that an encoding lacks written in ASCII, words set apart."""
    spelled: list[str] = []
    script, is_word = "", False
    for character in line:
        previous_script, script = script, SCRIPTS.get(unicodedata.decomposition(character)[:5], "")
        spelling = character
        if not can_encode(character, encoding) or (script and script == previous_script):
            spelling = ascii_spelling(character)
            spelling = script + spelling if script != previous_script else spelling
        else:
            script = ""
        was_word, is_word = is_word, len(spelling) > 1 and spelling.isalpha()
        if (is_word or was_word) and spelled and spelled[-1][-1].isalnum() and spelling[0].isalnum():
            spelled.append(" ")
        spelled.append(spelling)
    return "".join(spelled)


def ascii_spelling(character: str) -> str:
    """Return how a character is written in ASCII: δ as d, ⁷ as 7, é as e, others by their number."""
    if character in ASCII_SPELLINGS:
        return ASCII_SPELLINGS[character]
    plain = unicodedata.normalize("NFKD", character).replace("−", "-").encode("ascii", "ignore").decode()
    return plain or character.encode("ascii", "backslashreplace").decode()
