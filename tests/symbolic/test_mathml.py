"""Formulas in MathML: well formed, and what a browser shows reads like the plain text."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from minigrad.core import interpreter
from minigrad.ops.base import Sample
from minigrad.symbolic import namespace, readable, symbol, symbols
from minigrad.symbolic.expression import FormulaError
from minigrad.symbolic.mathml import mathml, mathml_name
from tests.laws import OPS

a, b, s = (symbol(name) for name in ("a", "b", "s"))


def shown(markup: str) -> str:
    """What is to be read in some MathML, without its arrangement."""
    return "".join(ET.fromstring(markup).itertext()).replace(" ", "").replace("\u00a0", "")


@pytest.mark.parametrize(
    ("formula", "read"),
    [
        (a * b + 2, "a·b+2"),
        (a - b * -s, "a+b·s"),
        (-(a + b), "−(a+b)"),
        (a - 0.5, "a−0.5"),
        (a * 1e-9, "1·10−9·a"),
        (namespace.where(s > 0, s, 0.01 * s), "{sifs>00.01·selse"),
        (namespace.sqrt(namespace.abs(a)), "|a|"),
        (namespace.tanh(s), "tanh\u2061(s)"),
        (namespace.sum(symbols("x", (20,))), "x[1]+x[2]+x[3]+x[4]+x[5]+x[6]+…+x[20]"),
    ],
)
def test_formulas_as_a_browser_shows_them(formula: Any, read: str) -> None:
    assert shown(mathml(formula)) == read


def test_a_quotient_is_a_fraction_and_a_power_is_raised() -> None:
    assert mathml(1 / (1 + namespace.exp(-s))) == (
        "<math><mfrac><mrow><mn>1</mn></mrow><mrow><mn>1</mn> <mo>+</mo> "
        "<msup><mi>e</mi><mrow><mo>−</mo><mi>s</mi></mrow></msup></mrow></mfrac></math>"
    )


@pytest.mark.parametrize(
    ("name", "markup"),
    [
        ("w₁₂⁽¹⁾", "<msubsup><mi>w</mi><mn>12</mn><mtext>(1)</mtext></msubsup>"),
        ("ŷ₁", "<msub><mi>ŷ</mi><mn>1</mn></msub>"),
        ("w₁₀,₂⁽¹⁾", "<msubsup><mi>w</mi><mn>10,2</mn><mtext>(1)</mtext></msubsup>"),
        ("L", "<mi>L</mi>"),
        ("<script>&", "<mi>&lt;script&gt;&amp;</mi>"),
    ],
)
def test_names(name: str, markup: str) -> None:
    assert mathml_name(name) == markup


@pytest.mark.parametrize("label", OPS)
def test_every_rule_is_well_formed(label: str) -> None:
    sample: Sample = OPS[label].samples()[0]
    operands = [symbols(f"x{index}", shape) for index, shape in enumerate(sample.shapes)]
    try:
        value = interpreter.apply_forward(readable, sample.op, operands, sample.shapes)
        written = [mathml(formula) for formula in np.ravel(namespace.as_formula_array(value))]
    except (AttributeError, FormulaError, TypeError):
        pytest.skip("no formula")
    assert all(map(shown, written))
