"""MathML read as arithmetic: what the formula on a page comes to."""

from __future__ import annotations

import re
from html import unescape
from math import inf, nan
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

SLOT = re.compile(r'<mi data-slot="(\d+)"(?: data-fence="(\w+)")?></mi>')
OPERATORS = {"·": "*", "−": "-", "\u2061": "", "≠": "!=", "=": "==", "≤": "<=", "≥": ">="}
FUNCTIONS = {"ln": "log", "arctan": "arctan", "max": "maximum", "min": "minimum"}


def fill_slots(template: str, numbers: list[float]) -> str:
    """Return a template with numbers in all their digits, in parentheses only where the slot has them."""

    def filled(match: re.Match[str]) -> str:
        number = numbers[int(match[1])]
        text = f"<mn>{number!r}</mn>"
        return f"<mo>(</mo>{text}<mo>)</mo>" if match[2] and number < 0 else text

    return SLOT.sub(filled, template)


def evaluate_mathml(markup: str) -> float:
    """Return the number that a formula comes to, by Python's own order of operations."""
    expression = to_python(ET.fromstring(f"<mrow>{unescape_signs(markup)}</mrow>"))
    names = {name: getattr(np, name) for name in ("exp", "log", "arctan", "tanh", "sin", "cos", "sqrt", "sign", "abs")}
    names |= {"maximum": lambda *x: max(map(np.float64, x)), "minimum": lambda *x: min(map(np.float64, x))}
    with np.errstate(all="ignore"):
        return float(eval(expression, {"inf": inf, "nan": nan, "F": np.float64, **names}))


def unescape_signs(markup: str) -> str:
    """Return markup with the sign of an applied function in place of its number."""
    return markup.replace("&#x2061;", unescape("&#x2061;"))


def to_python(element: Any) -> str:
    """Return an element of MathML as an expression of Python."""
    parts = [to_python(child) for child in element]
    match element.tag:
        case "mn":
            return f"F({element.text.replace('∞', 'inf').replace('NaN', 'nan').replace('−', '-')})"
        case "mo":
            return OPERATORS.get(element.text, element.text)
        case "mi":
            return FUNCTIONS.get(element.text, element.text)
        case "mtext":
            return ""
        case "mfrac":
            return f"(({parts[0]})/({parts[1]}))"
        case "msqrt":
            return f"sqrt({''.join(parts)})"
        case "msup":
            return f"exp({parts[1]})" if parts[0] == "e" else f"({parts[0]})**({parts[1]})"
        case "mtable":
            (value, when), (otherwise, _) = ([to_python(cell) for cell in row] for row in element)
            return f"(({value}) if ({when}) else ({otherwise}))"
    if parts and parts[0] == "|":
        return f"abs({''.join(parts[1:-1])})"
    if parts and parts[0] == "{":
        return "".join(parts[1:])
    is_row = element.tag == "mrow" and element.find("mo") is None and len(parts) > 1
    assert not is_row, f"factors without a sign: {parts}"
    return "".join(parts)
