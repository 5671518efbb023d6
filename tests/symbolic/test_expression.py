"""Rules read as formulas: every op there is can be read, and what is read means what NumPy computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigrad.core import interpreter
from minigrad.ops.base import Elementwise, Op, Sample
from minigrad.symbolic import (
    FormulaError,
    Number,
    evaluate,
    latex,
    lift,
    namespace,
    plain,
    substitute,
    symbol,
    symbols,
    text,
)
from minigrad.symbolic.symbols import latex_name, text_name
from tests.laws import OPS, draw

SAMPLES = [
    pytest.param(sample, id=f"{label}-{number}")
    for label, op_class in OPS.items()
    for number, sample in enumerate(op_class.samples())
]

ELEMENTWISE = sorted(
    {sample.op for op_class in OPS.values() if issubclass(op_class, Elementwise) for sample in op_class.samples()},
    key=str,
)

every_op = pytest.mark.parametrize("op_class", OPS.values(), ids=OPS)
every_sample = pytest.mark.parametrize("sample", SAMPLES)

a, b, s, w, x = (symbol(name) for name in ("a", "b", "s", "w", "x"))


def formulas(found: Any) -> list[Any]:
    """The elements of what a rule gives, one formula each."""
    return [lift(item) for item in np.ravel(np.asarray(found, dtype=object))]


def meaning(symbolic: list[Any], numeric: list[Any]) -> dict[Any, float]:
    """The number that every symbol stands for."""
    pairs = zip(symbolic, numeric, strict=True)
    return {
        letter: float(value)
        for row, values in pairs
        for letter, value in zip(formulas(row), np.ravel(values), strict=True)
    }


def read(sample: Sample) -> tuple[list[Any], list[Any], dict[Any, float]]:
    """The formulas of both rules, the numbers that NumPy computes, and what the symbols stand for."""
    x = draw(sample)
    y = interpreter.apply_forward(np, sample.op, x, sample.shapes)
    delta = np.random.default_rng(1).uniform(0.5, 1.5, np.shape(y))
    numbers = [y, *interpreter.apply_backward(np, sample.op, delta, y, x, sample.shapes)]
    letters = [symbols(name, np.shape(value)) for name, value in zip("abcdefgh", x, strict=False)]
    y_letter, delta_letter = symbols("y", np.shape(y)), symbols("delta", np.shape(y))
    forward = interpreter.apply_forward(namespace, sample.op, letters, sample.shapes)
    backward = interpreter.apply_backward(namespace, sample.op, delta_letter, y_letter, letters, sample.shapes)
    known = meaning([*letters, y_letter, delta_letter], [*x, y, delta])
    return [forward, *backward], numbers, known


def balanced(written: str) -> bool:
    """Whether braces and \\left … \\right come in pairs."""
    depth = 0
    for character in written.replace(r"\{", "").replace(r"\}", ""):
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0 and written.count(r"\left") == written.count(r"\right")


@every_sample
def test_a_rule_read_as_a_formula_means_what_numpy_computes(sample: Sample):
    found, expected, known = read(sample)
    for row, numbers in zip(found, expected, strict=True):
        if row is None:
            assert numbers is None
            continue
        values = [evaluate(formula, known) for formula in formulas(row)]
        np.testing.assert_allclose(np.asarray(values, dtype=float), np.ravel(numbers), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("op", ELEMENTWISE, ids=str)
def test_what_is_written_is_what_is_computed_at_kinks_ties_and_far_out(op: Op):
    grid = [-1000.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 1000.0]
    points = [np.ravel(axis) for axis in np.meshgrid(*[grid] * len(op.operands))]
    shapes = [()] * len(points)
    letters = [symbol(name) for name in "abc"[: len(points)]]
    y_letter = symbol("y")
    with np.errstate(all="ignore"):
        y = interpreter.apply_forward(np, op, points, shapes)
        expected = interpreter.apply_backward(np, op, np.ones_like(y), y, points, shapes)
        found = interpreter.apply_backward(namespace, op, 1.0, y_letter, letters, shapes)
        for formula, numbers in zip(found, expected, strict=True):
            if formula is None:
                continue
            written = evaluate(plain(lift(formula)), dict(zip([*letters, y_letter], [*points, y], strict=True)))
            singular = (points[0] == 0) & (points[-1] == 0) & np.isnan(written)  # 0⁻¹ times 0, which rules guard
            values = np.where(singular, numbers, written)
            np.testing.assert_allclose(values, numbers, rtol=1e-9, atol=1e-9)


@every_op
def test_every_op_can_be_read(op_class: type[Op]):
    found, expected, known = read(op_class.samples()[-1])
    for row, numbers in zip(found, expected, strict=True):
        if row is None:
            continue
        formula = formulas(row)[0]
        short = plain(formula)
        assert evaluate(short, known) == pytest.approx(np.ravel(numbers)[0], rel=1e-9, abs=1e-12)
        for one in (formula, short, substitute(short, known)):
            assert balanced(latex(one))
            assert text(one)


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


def test_only_what_is_obvious_is_simplified():
    assert a + 0 is a
    assert 1 * a is a
    assert a / 1 is a
    assert namespace.negative(-a) is a
    assert text(a * 0.0) == "0·a"  # 0·∞ is not 0
    assert text(a - a) == "a − a"
    assert namespace.where(a, b, b) is b


def test_numbers_in_place_of_symbols():
    formula = w * x + b
    assert text(substitute(formula, {w: 0.5, x: -2.0})) == "0.5·(-2) + b"
    assert evaluate(formula, {w: 0.5, x: -2.0, b: 3.0}) == 2.0
    assert text(substitute(formula, {w: 1 / 3, x: 1.0, b: 0.0}), digits=2) == "0.33·1 + 0"


def test_plain_leaves_out_what_guards_against_overflow():
    largest = namespace.maximum(a, b)
    guarded = namespace.exp(a - largest) / (namespace.exp(a - largest) + namespace.exp(b - largest))
    assert text(plain(guarded)) == "exp(a)/(exp(a) + exp(b))"
    assert text(plain(namespace.maximum(a, 0.0))) == "max(a, 0)"
    assert text(plain(namespace.minimum(a, 1e6))) == "min(a, 1e+06)"
    assert text(plain(namespace.log(namespace.where(a > 0, a, 1.0)))) == "ln(a if a > 0 else 1)"  # ln(−1) is nothing


def test_errors_say_what_is_wrong():
    with pytest.raises(FormulaError, match="not an operand of a formula; found str 'two', expected a number"):
        a + "two"
    with pytest.raises(FormulaError, match="x: a symbol without a value"):
        evaluate(w * x, {w: 1.0})
    with pytest.raises(FormulaError, match="a formula is not true or false"):
        bool(a > b)


@pytest.mark.parametrize(
    ("name", "in_latex"),
    [
        ("w", "w"),
        ("w11", "w_{11}"),
        ("h1.w2", "w_{h_{1},2}"),
        ("h1_2.w3", "w_{h_{1,2},3}"),
        ("theta", r"\theta"),
        ("alpha3", r"\alpha_{3}"),
        ("loss", r"\mathrm{loss}"),
        ("a b&c", r"\mathrm{a\ b\&c}"),
        ("$x^{2}$", r"\mathrm{\$xˆ\{2\}\$}"),
    ],
)
def test_names_in_latex(name: str, in_latex: str):
    assert latex_name(name) == in_latex


@pytest.mark.parametrize("name", ["a\nb", "\\", '"', "<b>", "权重", "🙂", "x" * 10_000, "}{", "a_", "", "."])
def test_any_name_is_shown_as_typed_and_never_as_markup(name: str):
    assert balanced(latex(symbol(name)))
    assert "\n" not in latex(symbol(name)) + text_name(name)
    assert len(text_name(name)) <= 24


def test_a_formula_too_deep_for_recursion():
    formula = a
    for _ in range(20_000):
        formula = namespace.tanh(formula)
    assert evaluate(formula, {a: 1.0}) == pytest.approx(0.0086, abs=1e-3)
    assert plain(formula) is formula
