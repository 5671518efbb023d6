"""Rules read as formulas: every op there is can be read, and what is read means what NumPy computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.core import interpreter
from minigrad.ops.base import Elementwise, Op, Sample
from minigrad.symbolic import Formula, evaluate, latex, lift, namespace, readable, substitute, symbol, symbols, text
from tests.laws import OPS, draw
from tests.symbolic.notation import balanced

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

every_namespace = pytest.mark.parametrize("xp", [namespace, readable], ids=["computed", "readable"])


def formulas(result: Any) -> list[Any]:
    """The elements of what a rule gives, one formula each."""
    return [lift(item) for item in np.ravel(np.asarray(result, dtype=object))]


def meaning(symbolic: list[Any], numeric: list[Any]) -> dict[Any, float]:
    """The number that every symbol stands for."""
    pairs = zip(symbolic, numeric, strict=True)
    return {
        letter: float(value)
        for row, values in pairs
        for letter, value in zip(formulas(row), np.ravel(values), strict=True)
    }


def read(sample: Sample, xp: Any) -> tuple[list[Any], list[Any], dict[Any, float]]:
    """The formulas of both rules, the numbers that NumPy computes, and what the symbols stand for."""
    x = draw(sample)
    y = interpreter.apply_forward(np, sample.op, x, sample.shapes)
    delta = np.random.default_rng(1).uniform(0.5, 1.5, np.shape(y))
    numbers = [y, *interpreter.apply_backward(np, sample.op, delta, y, x, sample.shapes)]
    letters = [symbols(name, np.shape(value)) for name, value in zip("abcdefgh", x, strict=False)]
    y_letter, delta_letter = symbols("y", np.shape(y)), symbols("delta", np.shape(y))
    forward = interpreter.apply_forward(xp, sample.op, letters, sample.shapes)
    backward = interpreter.apply_backward(xp, sample.op, delta_letter, y_letter, letters, sample.shapes)
    known = meaning([*letters, y_letter, delta_letter], [*x, y, delta])
    return [forward, *backward], numbers, known


@every_namespace
@every_sample
def test_a_rule_read_as_a_formula_means_what_numpy_computes(sample: Sample, xp: Any):
    results, expected, known = read(sample, xp)
    for row, numbers in zip(results, expected, strict=True):
        if row is None:
            assert numbers is None
            continue
        values = [evaluate(formula, known) for formula in formulas(row)]
        np.testing.assert_allclose(np.asarray(values, dtype=float), np.ravel(numbers), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("op", ELEMENTWISE, ids=str)
def test_readable_derivatives_are_what_numpy_computes_at_kinks_ties_and_far_out(op: Op):
    grid = [-1000.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 1000.0]
    points = [np.ravel(axis) for axis in np.meshgrid(*[grid] * len(op.operands))]
    shapes = [()] * len(points)
    letters = [symbol(name) for name in "abc"[: len(points)]]
    y_letter = symbol("y")
    with np.errstate(all="ignore"):
        y = interpreter.apply_forward(np, op, points, shapes)
        expected = interpreter.apply_backward(np, op, np.ones_like(y), y, points, shapes)
        results = interpreter.apply_backward(readable, op, 1.0, y_letter, letters, shapes)
        for formula, numbers in zip(results, expected, strict=True):
            if formula is None:
                continue
            written = evaluate(lift(formula), dict(zip([*letters, y_letter], [*points, y], strict=True)))
            singular = (points[0] == 0) & (points[-1] == 0) & np.isnan(written)  # 0⁻¹ times 0, which rules guard
            values = np.where(singular, numbers, written)
            np.testing.assert_allclose(values, numbers, rtol=1e-9, atol=1e-9)


@every_namespace
@every_op
def test_every_op_can_be_printed(op_class: type[Op], xp: Any):
    results, _, known = read(op_class.samples()[-1], xp)
    for formula in [formulas(row)[0] for row in results if row is not None]:
        for one in (formula, substitute(formula, known)):
            assert balanced(latex(one))
            assert text(one)


def test_readable_formulas_leave_out_what_guards_against_overflow():
    a, b = symbol("a"), symbol("b")
    row = namespace.as_formula_array([a, b])

    def derivatives(op: Op, *operands: Formula) -> list[str]:
        return [text(lift(part)) for part in op.backward(readable, 1.0, symbol("y"), *operands)]

    assert text(mg.sigmoid.forward(namespace, a)) == "1/(1 + exp(−max(a, -700)))"
    assert text(mg.sigmoid.forward(readable, a)) == "1/(1 + exp(−a))"
    assert text(mg.softmax.forward(readable, row)[0]) == "exp(a)/(exp(a) + exp(b))"
    assert text(mg.log_softmax.forward(readable, row)[0]) == "a − ln(exp(a) + exp(b))"
    assert text(mg.softplus.forward(readable, a)) == "ln(1 + exp(a))"
    assert text(mg.elu.forward(readable, a)) == "a if a > 0 else exp(a) − 1"
    assert text(mg.relu.forward(readable, a)) == "max(a, 0)"
    assert text(mg.minimum.forward(readable, a, 1e6)) == "min(a, 1e+06)"
    assert derivatives(mg.pow, a, b) == ["b·a^(b − 1)", "y·ln(a) if a > 0 else 0"]  # ln(−1) is nothing
