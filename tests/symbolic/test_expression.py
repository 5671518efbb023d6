"""Formulas: what they are made of, what is simplified, and what they come to."""

from __future__ import annotations

import pytest

from minigrad.symbolic import FormulaError, evaluate, namespace, substitute, symbol, text

a, b, w, x = (symbol(name) for name in ("a", "b", "w", "x"))


def test_only_what_is_obvious_is_simplified():
    assert a + 0 is a
    assert 1 * a is a
    assert a / 1 is a
    assert namespace.negative(-a) is a
    assert text(a * 0.0) == "0·a"  # 0·∞ is not 0
    assert text(a - a) == "a − a"
    assert namespace.where(a, b, b) is b
    assert a**1 is a
    assert text(a**b + 2**a) == text(namespace.pow(a, b) + namespace.pow(2, a)) == "a^b + 2^a"


def test_numbers_in_place_of_symbols():
    formula = w * x + b
    assert text(substitute(formula, {w: 0.5, x: -2.0})) == "0.5·(-2) + b"
    assert evaluate(formula, {w: 0.5, x: -2.0, b: 3.0}) == 2.0
    assert text(substitute(formula, {w: 1 / 3, x: 1.0, b: 0.0}), digits=2) == "0.33·1 + 0"


def test_errors_say_what_is_wrong():
    with pytest.raises(FormulaError, match="not an operand of a formula; found str 'two', expected a number"):
        a + "two"
    with pytest.raises(FormulaError, match="x: a symbol without a value"):
        evaluate(w * x, {w: 1.0})
    with pytest.raises(FormulaError, match="a formula is not true or false"):
        bool(a > b)


def test_a_formula_too_deep_for_recursion():
    formula = a
    for _ in range(20_000):
        formula = namespace.tanh(formula)
    assert evaluate(formula, {a: 1.0}) == pytest.approx(0.0086, abs=1e-3)
