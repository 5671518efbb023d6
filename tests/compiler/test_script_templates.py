"""Rules as Python: every op that answers numbers, at many points, as NumPy computes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler.script_templates import Template, op_templates
from minigrad.core import floats, interpreter
from minigrad.core.plan import grouped
from minigrad.errors import CompileError
from minigrad.ops.base import Op, Sample
from minigrad.ops.linear import WeightedSum
from minigrad.symbolic.printing import MOST_TERMS
from tests.laws import OPS, draw

SPACE: dict[str, Any] = {"total": sum, "inf": np.inf, "nan": np.nan} | vars(floats)


def of_numbers(sample: Sample) -> bool:
    """Whether a sample is that of a number made of numbers, starred operands being rows of them."""
    rows = [name.startswith("*") for name in sample.op.operands] or [False] * len(sample.shapes)
    return not sample.op.shape(*sample.shapes) and all(
        len(shape) == row for row, shape in zip(rows, sample.shapes, strict=True)
    )


SCALAR = [
    pytest.param(sample, id=f"{label}-{number}")
    for label, op_class in OPS.items()
    for number, sample in enumerate(op_class.samples())
    if of_numbers(sample)
]


def computed(template: Template, values: list[float]) -> list[float]:
    """What the lines and expressions of a template come to where its fields have these values."""
    names = [f"x{field}" for field in range(len(values))]
    lines, results = template.fill(names)
    space = SPACE | dict(zip(names, values, strict=True))
    for line in lines:
        exec(line, space)
    return [0.0 if result is None else eval(result, space) for result in results]


@pytest.mark.parametrize("sample", SCALAR)
def test_templates_compute_what_numpy_computes(sample: Sample) -> None:
    x = draw(sample)
    flat = [float(value) for part in x for value in np.ravel(part)]
    templates = op_templates(sample.op, len(flat))
    y = float(interpreter.apply_forward(np, sample.op, x, sample.shapes))
    assert computed(templates.forward, [*flat, 0.0, 0.0]) == pytest.approx([y], rel=1e-13)
    expected = [
        np.zeros(np.shape(part)) if adjoint is None else adjoint
        for part, adjoint in zip(x, interpreter.apply_backward(np, sample.op, 0.7, y, x, sample.shapes), strict=True)
    ]
    adjoints = computed(templates.backward, [*flat, y, 0.7])
    np.testing.assert_allclose(adjoints, np.concatenate([np.ravel(part) for part in expected]), rtol=1e-12, atol=1e-15)


def test_a_part_that_is_read_twice_is_computed_once() -> None:
    lines, (result,) = op_templates(mg.softsign, 1).backward.fill(["s", "y", "d"])
    assert lines == ["t0 = 1.0 + abs(s)"]
    assert result == "d / (t0 * t0)"


def test_differences_are_written_as_such() -> None:
    assert op_templates(mg.tanh, 1).backward.results == ("{2} * (1.0 - {1} * {1})",)
    assert op_templates(mg.ops.subtract, 2).backward.results == ("{3}", "-{3}")


def test_a_long_sum_is_summed_from_a_tuple() -> None:
    """Python nests the operations of a long sum more deeply than it can compile."""
    count = 5_000
    op = WeightedSum()
    (x, w, b) = grouped(op, tuple(range(2 * count + 1)))
    assert len(x) == len(w) == count > MOST_TERMS
    values = np.random.default_rng(0).normal(size=2 * count + 1)
    (total,) = computed(op_templates(op, 2 * count + 1).forward, [*values.tolist(), 0.0, 0.0])
    assert total == pytest.approx(values[:count] @ values[count:-1] + values[b], rel=1e-12)


class Asking(mg.Activation):
    """A rule that asks whether a number is positive."""

    label = "asking of a test"

    def forward(self, xp: Any, s: Any) -> Any:
        return s if s > 0 else 0.1 * s

    def backward(self, xp: Any, delta: Any, y: Any, s: Any) -> Any:
        return (delta,)


class Unknown(Asking):
    """A function that no namespace has."""

    label = "unknown of a test"

    def forward(self, xp: Any, s: Any) -> Any:
        return xp.unknown(s)


del mg.ops.registry[Asking.label], mg.ops.registry[Unknown.label]


@pytest.mark.parametrize("op", [Asking(), Unknown()], ids=lambda op: op.label)
def test_an_error_names_the_op_whose_rule_is_no_formula(op: Op) -> None:
    with pytest.raises(CompileError, match=f"a rule of {op.label} cannot be read as formulas"):
        op_templates(op, 1)
