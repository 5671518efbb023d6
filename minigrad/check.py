"""Gradient checking: every backward rule of a graph held against the derivative of its forward rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad import engine, rule
from minigrad.errors import MinigradError
from minigrad.graph import Feeds, Graph
from minigrad.node import Node
from minigrad.ops.op import Value
from minigrad.passes import values_of
from minigrad.plan import Step


class GradientError(MinigradError, AssertionError):
    """A backward rule that is not the derivative of its forward rule."""


class Check(NamedTuple):
    """One operand of one node: the slope by the backward rule, the slope by differences, and how far they differ."""

    node: Any
    operand: str
    rule: float
    measured: float

    @property
    def error(self) -> float:
        """The difference, relative to the larger slope where that exceeds 1."""
        return abs(self.rule - self.measured) / max(1.0, abs(self.rule), abs(self.measured))


class ComplexReading:
    """NumPy with the functions that are not analytic continued analytically, for derivatives by complex step."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def abs(self, x: Value) -> Value:
        return np.where(np.real(x) < 0, -x, x)

    def sign(self, x: Value) -> Value:
        return np.sign(np.real(x))

    def vecdot(self, a: Value, b: Value) -> Value:
        return np.sum(a * b, axis=-1)


def check_gradients(
    graph: Graph | Node, feeds: Feeds | None = None, *, tolerance: float = 1e-6, seed: int = 0
) -> list[Check]:
    """Checks every node of a graph at its present values (or at those of `feeds`), and returns the checks, worst first.

    Each operand is moved along a random direction v, and Σ δ·∂y/∂v is measured for a random δ of the node and held
    against Σ δ_operand·v by the rule: by complex step, exact to rounding, where NumPy computes the rule on complex numbers, else by central
    differences (Squire and Trapp, 1998). At a kink the two may rightly differ.
    Raises GradientError that names the node, the operand and by how much the worst one is wrong.
    """
    whole = graph if isinstance(graph, Graph) else Graph(graph)
    if feeds:
        whole.forward(feeds)
    values = values_of(whole.plan)
    rng = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        checks = [check for step in whole.plan.steps for check in checked_step(step, values, rng)]
    checks.sort(key=lambda check: -check.error)
    if checks and not checks[0].error <= tolerance:
        worst = checks[0]
        count = sum(not check.error <= tolerance for check in checks)
        raise GradientError(
            f"the backward rule of {worst.node.op.label} is wrong for operand {worst.operand}",
            node=str(worst.node),
            found=f"slope {worst.rule:.10g}",
            expected=f"{worst.measured:.10g}, which is {worst.error:.2g} off ({count} of {len(checks)} checks fail)",
            cure=f"Compare forward and backward of {type(worst.node.op).__name__}.",
        )
    return checks


def checked_step(step: Step, values: engine.Values, rng: np.random.Generator) -> list[Check]:
    """The checks of one step, one for each operand that δ reaches."""
    node, op, operands, _ = step
    shapes = [operand.shape for operand in operands]
    held = [np.asarray(values[operand]) for operand in operands]
    y = rule.forward(np, op, held, shapes)
    delta = rng.uniform(0.5, 1.5, np.shape(y))
    adjoints = rule.backward(np, op, delta, y, held, shapes)
    checks = []
    for place, adjoint in enumerate(adjoints):
        if adjoint is None:
            continue
        direction = rng.uniform(0.5, 1.5, held[place].shape)
        measured = float(np.sum(delta * slope(step, held, shapes, place, direction)))
        checks.append(Check(node, operand_name(step, place), float(np.sum(adjoint * direction)), measured))
    return checks


def slope(step: Step, held: Sequence[Value], shapes: Sequence[Any], place: int, direction: Value) -> Value:
    """∂y along a direction of one operand, by complex step or else by central differences."""
    before, at, after = held[:place], held[place], held[place + 1 :]
    tiny, small = 1e-30, 1e-6
    try:
        moved = [*before, at + 1j * tiny * direction, *after]
        return np.imag(rule.forward(ComplexReading(), step.op, moved, shapes)) / tiny
    except TypeError:  # NumPy has no complex form of some function in the rule
        ahead, behind = (
            rule.forward(np, step.op, [*before, at + shift * direction, *after], shapes) for shift in (small, -small)
        )
        return (ahead - behind) / (2 * small)


def operand_name(step: Step, place: int) -> str:
    """The operand as the op calls it, with the node that stands there."""
    name = step.op.operands[place] if not step.op.variadic else f"{place}"
    label = getattr(step.operands[place], "label", "")
    return f"{name} ({label})" if label else name
