"""Symbols for names: w11 and w₁₁ are the same in LaTeX, h1.w2 is the w₂ of h₁; other names are shown as typed."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np

from minigrad._format import LONGEST_NAME, shorten
from minigrad.ops.base import Shape
from minigrad.symbolic.expression import Symbol
from minigrad.symbolic.namespace import as_formula_array

GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|phi|chi|psi|omega"
)
NUMBERED = re.compile(r"([A-Za-z]+)(\d+(?:_\d+)*)?")
INDEXED = re.compile(r"(ŷ|δ|[A-Za-z])([₀-₉,]*)(⁽[⁰¹²³⁴-⁹,]+⁾)?")
"""Names as textbooks have them: w₁₂⁽¹⁾, ŷ₁."""
LETTERS = {"ŷ": r"\hat{y}", "δ": r"\delta"}
ESCAPES = str.maketrans(
    {"\\": r"\backslash ", " ": r"\ ", "^": "ˆ", "~": "˜"} | {sign: "\\" + sign for sign in "{}$%#&_"}
)


def symbol(name: str) -> Symbol:
    """Return the symbol of a name."""
    return Symbol(latex_name(name), shorten(name))


def symbols(name: str, shape: Shape = ()) -> Any:
    """Return symbols for the elements of an array, x₁, x₂, …, or the one symbol of a scalar."""
    if not shape:
        return symbol(name)
    latex, text = latex_name(name), shorten(name)
    elements = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        indices = ",".join(str(position + 1) for position in index)
        elements[index] = Symbol(f"{{{latex}}}_{{{indices}}}", f"{text}[{indices}]")
    return as_formula_array(elements)


def latex_name(name: str) -> str:
    """Write a name in LaTeX: a letter with its number as an index, the neuron it belongs to before the number."""
    parts = [INDEXED.fullmatch(part) for part in name.split("…")]
    if all(part and (part[2] or len(parts) == 1) for part in parts):
        return r" \ldots ".join(latex_with_layer(part) for part in parts if part)
    *owners, last = [NUMBERED.fullmatch(part) for part in re.split(r"[./]", name)]
    if last is None or None in owners or len(name) > LONGEST_NAME:
        return rf"\mathrm{{{shorten(name).translate(ESCAPES)}}}"
    indices = [latex_indexed(owner) for owner in owners if owner] + (last[2].split("_") if last[2] else [])
    return latex_word(last[1]) + (f"_{{{','.join(indices)}}}" if indices else "")


def latex_with_layer(match: re.Match[str]) -> str:
    """Write a letter with indices and a layer, w₁₂⁽¹⁾ as w_{12}^{(1)}."""
    indices, layer = (unicodedata.normalize("NFKC", part or "") for part in match.groups()[1:])
    letter = LETTERS.get(match[1], match[1])
    return letter + (f"_{{{indices}}}" if indices else "") + (f"^{{{layer}}}" if layer else "")


def latex_indexed(match: re.Match[str]) -> str:
    """Write a letter with its number as an index, w11 as w_{11} and h1_2 as h_{1,2}."""
    return latex_word(match[1]) + (f"_{{{match[2].replace('_', ',')}}}" if match[2] else "")


def latex_word(word: str) -> str:
    """Write a letter in italics, the name of a Greek letter as that letter, a word upright."""
    if GREEK.fullmatch(word):
        return f"\\{word}"
    return word if len(word) == 1 else rf"\mathrm{{{word}}}"
