"""Gradient check: every backward rule of a graph compared with the derivative of its forward rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from minigrad._format import count_noun, printable
from minigrad._validation import check_number, make_generator
from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.core.passes import stored_values
from minigrad.core.plan import Plan
from minigrad.errors import MinigradError
from minigrad.graph import Feeds, Graph, HasGraph, graph_of
from minigrad.ops.base import Op, Value


class GradientError(MinigradError, AssertionError):
    """A backward rule that is not the derivative of its forward rule."""


class Check(NamedTuple):
    """One operand of one node: its slope by the backward rule, and as measured from the forward rule.

    Args:
        node: The node.
        operand: The name of the operand.
        rule: The slope by the backward rule.
        measured: The slope by complex step or central differences.

    Example:
        >>> from minigrad.analysis.check import Check
        >>> Check(None, "x", rule=2.0, measured=2.5).error
        0.2
    """

    node: Any
    operand: str
    rule: float
    measured: float

    @property
    def error(self) -> float:
        """Return the difference of the slopes, relative to the larger one where that exceeds 1."""
        return abs(self.rule - self.measured) / max(1.0, abs(self.rule), abs(self.measured))

    def __str__(self) -> str:
        title = self.node.title if self.node is not None else "no node"
        return printable(f"{title}, operand {self.operand}: rule {self.rule:.6g}, measured {self.measured:.6g}")


class GradientChecks(list[Check]):
    """The checks of a graph, the worst first."""

    def __repr__(self) -> str:
        worst = f", the worst: {self[0]}" if self else ""
        return f"<{count_noun(len(self), 'gradient check')}{worst}>"


class ComplexNamespace:
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
    graph: Node | Graph | HasGraph | Sequence[Node],
    feeds: Feeds | None = None,
    *,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> GradientChecks:
    """Compare the backward rule of every op in a graph with the derivative of its forward rule.

    Each operand is moved along a random direction v. For a random δ at the node, Σ δ·∂y/∂v is measured and compared
    with Σ δ_operand·v by the backward rule. It is measured by complex step, which is exact to rounding (Squire and
    Trapp, "Using complex variables to estimate derivatives of real functions", 1998), and by central differences; the
    nearer of the two counts, since the first fails where a rule is not analytic. At a kink, such as relu at 0, both may
    rightly differ from the rule.

    Args:
        graph: A node, a sequence of nodes, a `Graph`, or an object that has one, such as a `Network`.
        feeds: Values of the inputs, by node or name; by default the present values are used.
        tolerance: The largest error that is accepted, relative where the slope exceeds 1.
        seed: The seed of the random directions.

    Returns:
        A list with a `Check` for each operand of each node, the worst first; printed, it shows the worst.

    Raises:
        GradientError: If an error exceeds the tolerance; it names the node, the operand, and both slopes.
        PassError: If a value is missing.

    Example:
        >>> import minigrad as mg
        >>> x = mg.Parameter(0.5, "x")
        >>> checks = mg.check_gradients(mg.tanh(x * x))
        >>> len(checks), checks[0].error < 1e-12
        (3, True)
    """
    graph = graph_of(graph)
    check_number(tolerance, "tolerance")
    rng = make_generator(seed)
    if feeds is not None:
        graph.forward(feeds)
    values = stored_values(graph.plan)
    with np.errstate(all="ignore"):
        checks = GradientChecks()
        for step in graph.plan.steps:
            checks += check_step(graph.plan, step, values, rng)
    checks.sort(key=lambda check: (check.error == check.error, -check.error))  # what is not a number is the worst
    if checks and not checks[0].error <= tolerance:
        worst = checks[0]
        count = sum(not check.error <= tolerance for check in checks)
        raise GradientError(
            f"the backward rule of {worst.node.op.label} is wrong for operand {worst.operand}",
            node=worst.node.title,
            found=f"slope {worst.rule:.10g}",
            expected=f"{worst.measured:.10g}, an error of {worst.error:.2g} ({count} of {len(checks)} checks fail)",
            cure=f"Compare forward and backward of {type(worst.node.op).__name__}.",
        )
    return checks


def check_step(plan: Plan, node: Any, values: interpreter.Values, rng: np.random.Generator) -> list[Check]:
    """Return the checks of one step, one for each operand that δ reaches."""
    op, operands = node.op, plan.operands_of(node)
    shapes = [operand.shape for operand in operands]
    x = [np.asarray(values[operand]) for operand in operands]
    y = interpreter.apply_forward(np, op, x, shapes)
    delta = rng.uniform(0.5, 1.5, np.shape(y))
    adjoints = interpreter.apply_backward(np, op, delta, y, x, shapes)
    checks = []
    for position, adjoint in enumerate(adjoints):
        if adjoint is None:
            continue
        direction = rng.uniform(0.5, 1.5, x[position].shape)
        by_rule, name = float(np.sum(adjoint * direction)), operand_name(op, operands[position], position)
        by_method = [
            Check(node, name, by_rule, float(np.sum(delta * derivative)))
            for derivative in directional_derivatives(op, x, shapes, position, direction)
        ]
        checks.append(min(by_method, key=lambda check: (check.error != check.error, check.error)))
    return checks


def directional_derivatives(
    op: Op, x: Sequence[Value], shapes: Sequence[Any], position: int, direction: Value
) -> Iterator[Value]:
    """Yield ∂y along a direction of one operand, by complex step where NumPy has one, and by central differences.

    The complex step is exact to rounding but holds only for analytic functions; central differences hold for all.
    """
    before, at, after = x[:position], x[position], x[position + 1 :]
    tiny, small = 1e-30, 1e-6
    with suppress(TypeError):  # NumPy has no complex form of some function in the rule
        moved = [*before, at + 1j * tiny * direction, *after]
        yield np.imag(interpreter.apply_forward(ComplexNamespace(), op, moved, shapes)) / tiny
    ahead, behind = (
        interpreter.apply_forward(np, op, [*before, at + shift * direction, *after], shapes)
        for shift in (small, -small)
    )
    yield (ahead - behind) / (2 * small)


def operand_name(op: Op, operand: Any, position: int) -> str:
    """Return the name that the op has for an operand, with the label of the node."""
    name = op.operands[position] if not op.variadic else f"{position}"
    label = getattr(operand, "label", "")
    return f"{name} ({label})" if label else name
