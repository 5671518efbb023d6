"""Symbols for names: w11 is w₁₁, h1.w2 is the w₂ of h₁, and any other name is shown as typed, never as markup."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from minigrad.ops.base import Shape
from minigrad.symbolic.expression import Symbol
from minigrad.symbolic.namespace import row

LONGEST_NAME = 24
"""Characters of a name that are shown; of a longer one the beginning and the end."""

GREEK = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "pi",
        "rho",
        "sigma",
        "tau",
        "phi",
        "chi",
        "psi",
        "omega",
    ]
)
NUMBERED = re.compile(r"([A-Za-z]+)(\d+(?:_\d+)*)?")
ESCAPES = str.maketrans(
    {
        "\\": r"\backslash ",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "%": r"\%",
        "#": r"\#",
        "&": r"\&",
        "_": r"\_",
        " ": r"\ ",
        "^": "ˆ",
        "~": "˜",
    }
)


def symbol(name: str) -> Symbol:
    """The symbol of a name."""
    return Symbol(latex_name(name), text_name(name))


def symbols(name: str, shape: Shape = ()) -> Any:
    """Symbols for the elements of an array, x₁, x₂, …, or the one symbol of a scalar."""
    if not shape:
        return symbol(name)
    latex, text = latex_name(name), text_name(name)
    elements = np.empty(shape, dtype=object)
    for place in np.ndindex(shape):
        counted = ",".join(str(axis + 1) for axis in place)
        elements[place] = Symbol(f"{{{latex}}}_{{{counted}}}", f"{text}[{counted}]")
    return row(elements)


def text_name(name: str) -> str:
    """A name in one line: the middle of a long one left out, unprintable characters replaced."""
    if len(name) > LONGEST_NAME:
        tail = LONGEST_NAME // 3
        name = f"{name[: LONGEST_NAME - tail - 1]}…{name[-tail:]}"
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name)


def latex_name(name: str) -> str:
    """A name in LaTeX: a letter with its number as an index, the neuron it belongs to before the number."""
    *owners, last = [NUMBERED.fullmatch(part) for part in re.split(r"[./]", name)]
    if last is None or None in owners or len(name) > LONGEST_NAME:
        return rf"\mathrm{{{text_name(name).translate(ESCAPES)}}}"
    indices = [indexed(owner) for owner in owners if owner] + (last[2].split("_") if last[2] else [])
    return letter(last[1]) + (f"_{{{','.join(indices)}}}" if indices else "")


def indexed(match: re.Match[str]) -> str:
    """A letter with its number as an index, w11 as w_{11} and h1_2 as h_{1,2}."""
    return letter(match[1]) + (f"_{{{match[2].replace('_', ',')}}}" if match[2] else "")


def letter(word: str) -> str:
    """A letter in italics, the name of a Greek letter as that letter, a word upright."""
    if word in GREEK:
        return f"\\{word}"
    return word if len(word) == 1 else rf"\mathrm{{{word}}}"
