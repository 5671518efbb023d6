"""Formulas as people write them, and as Python computes them."""

from __future__ import annotations

from typing import Any

import pytest

from minigrad.symbolic import Number, latex, namespace, symbol, symbols, text
from minigrad.symbolic.printing import MOST_TERMS, Python
from tests.symbolic.notation import balanced

a, b, s, x = (symbol(name) for name in ("a", "b", "s", "x"))


@pytest.mark.parametrize(
    ("formula", "in_text", "in_latex"),
    [
        (1 / (1 + namespace.exp(-s)), "1/(1 + exp(−s))", r"\frac{1}{1 + e^{-s}}"),
        (s * (1 - s), "s·(1 − s)", r"s\,(1 - s)"),
        (1 - s * s, "1 − s²", "1 - s^{2}"),
        (a - (b - x), "a − (b − x)", "a - (b - x)"),
        (a - b * -x, "a + b·x", r"a + b\,x"),
        (-(a + b), "−(a + b)", "-(a + b)"),
        (a / b / x, "a/b/x", r"\frac{\frac{a}{b}}{x}"),
        (a / (b * x), "a/(b·x)", r"\frac{a}{b\,x}"),
        (namespace.pow(a + b, 3), "(a + b)³", "(a + b)^{3}"),
        (namespace.pow(a, b), "a^b", "a^{b}"),
        (namespace.where(s > 0, s, 0.01 * s), "s if s > 0 else 0.01·s", None),
        (namespace.where(a, b, x), "b if a ≠ 0 else x", None),
        (namespace.maximum(namespace.maximum(a, b), 0.0), "max(a, b, 0)", r"\max(a,\, b,\, 0)"),
        (namespace.sqrt(namespace.abs(a)), "√(|a|)", r"\sqrt{\left|a\right|}"),
        (a * 1e-9, "1e-09·a", r"1 \cdot 10^{-9}\,a"),
        (2 * a * 3, "6·a", r"6\,a"),
        (a * Number(-2.0) * -b, "2·a·b", r"2\,a\,b"),
        (Number(2.0) - 3, "-1", "-1"),
        (a + Number(-0.0) * b, "a + 0·b", r"a + 0\,b"),
        (namespace.sum(symbols("x", (20,))), "x[1] + x[2] + x[3] + x[4] + x[5] + x[6] + … + x[20]", None),
    ],
)
def test_formulas_as_people_write_them(formula: Any, in_text: str, in_latex: str | None):
    assert text(formula) == in_text
    assert balanced(latex(formula))
    if in_latex is not None:
        assert latex(formula) == in_latex


@pytest.mark.parametrize(
    ("formula", "in_python"),
    [
        (a * (b * x) / s, "a * b * x / s"),
        (a * (b / x), "a * (b / x)"),
        (a / (b * x), "a / (b * x)"),
        (a - (b - x), "a - (b - x)"),
        (-(a / b), "-a / b"),
        (a - a * b, "a - a * b"),
        (a + -2.0, "a - 2.0"),
        (namespace.exp(-namespace.maximum(a, -700.0)), "exp(-maximum(a, -700.0))"),
        (namespace.where(a > b, a, 0.0) * x, "(a if a > b else 0.0) * x"),
        (namespace.where(a > b, a, namespace.where(a < b, b, x)), "a if a > b else b if a < b else x"),
        (namespace.maximum(namespace.maximum(a, b), x), "maximum(maximum(a, b), x)"),
        (namespace.pow(a + b, 2.0), "pow(a + b, 2.0)"),
    ],
)
def test_python_needs_few_parentheses(formula: Any, in_python: str):
    assert Python().write(formula) == in_python


def test_python_sums_many_terms_from_a_tuple():
    assert Python().write(namespace.sum(symbols("x", (MOST_TERMS + 1,)))).startswith("total((x[1], x[2], ")
