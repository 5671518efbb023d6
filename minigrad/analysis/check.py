"""Gradient check: every backward rule of a graph compared with the derivative of its forward rule."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from math import ceil, prod
from typing import Any, NamedTuple

import numpy as np

from minigrad._format import count_noun, format_number, printable
from minigrad._validation import check_number, make_generator
from minigrad.analysis.finite_differences import ComplexNamespace, Slope, measure_slope
from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.core.passes import stored_values
from minigrad.core.plan import Stacked
from minigrad.errors import MinigradError, OpError
from minigrad.graph import Feeds, Graph, HasGraph, graph_of
from minigrad.ops.base import Op, Shape, Value

MOVED_ELEMENTS = 8
"""Elements of an operand that are moved one by one; of a larger one so many, and all together."""
TRIALS = 40
"""Elements, at least, at which each different op is tried beside the present values."""
DECADES = 2
"""By how many powers of ten trial values are smaller and larger than 1 and than the present values."""
NEGLIGIBLE = 1e-12
"""A slope that, relative to the typical ones of its op, may be the rounding of terms that cancel."""


class GradientError(MinigradError, AssertionError):
    """A backward rule that is not the derivative of its forward rule."""


class Check(NamedTuple):
    """One operand of one node: its slope by the backward rule, and as measured from the forward rule.

    Of an operand with many elements it is the slope at the element where the two differ most.

    Args:
        node: The node.
        operand: The name of the operand.
        rule: The slope by the backward rule, 0 where the rule says None.
        measured: The slope by complex step or by extrapolated differences; NaN where there is none.
        uncertainty: How far rounding may have moved the two apart.
        differentiable: Whether the op is differentiable here, at every element that was tried.
        point: The values of the operands, where these are not the present ones.

    Example:
        >>> from minigrad.analysis.check import Check
        >>> Check(None, "x", rule=2.0, measured=2.5).error
        0.2
    """

    node: Any
    operand: str
    rule: float
    measured: float
    uncertainty: float = 0.0
    differentiable: bool = True
    point: str = ""

    @property
    def error(self) -> float:
        """Return the difference of the slopes beyond the uncertainty, relative to the larger one."""
        excess = abs(self.rule - self.measured) - self.uncertainty
        if excess != excess:
            return excess
        return 0.0 if excess <= 0 else excess / max(abs(self.rule), abs(self.measured))

    def exceeds(self, tolerance: float) -> bool:
        """Return whether the rule is wrong: the measured slope is known, and the error exceeds a tolerance."""
        return self.measured == self.measured and not self.error <= tolerance

    def __str__(self) -> str:
        title = self.node.title if self.node is not None else "no node"
        slopes = f"rule {self.rule:.6g}, measured {self.measured:.6g}" if self.measured == self.measured else ""
        limits = "" if self.differentiable else "not differentiable here"
        text = "; ".join(filter(None, (slopes, limits)))
        return printable(f"{title}, operand {self.operand}{f' at {self.point}' if self.point else ''}: {text}")


class GradientChecks(list[Check]):
    """The checks of a graph, the worst first, and last those of operands by which an op is not differentiable here."""

    def __repr__(self) -> str:
        worst = f", the worst: {self[0]}" if self else ""
        count = sum(not check.differentiable for check in self)
        limits = f"; {count} of them not differentiable here" if count else ""
        return f"<{count_noun(len(self), 'gradient check')}{worst}{limits}>"


class Evaluation(NamedTuple):
    """Operands of an op, and what its rules say there: y, and the derivatives of Σ δ·y by each operand."""

    x: list[Value]
    y: Value
    delta: Value
    derivatives: list[Value | None]
    is_finite: bool


def check_gradients(
    graph: Node | Graph | HasGraph | Sequence[Node],
    feeds: Feeds | None = None,
    *,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> GradientChecks:
    """Compare the backward rule of every op in a graph with the derivative of its forward rule.

    Each element of each operand, or some of many, is moved a little, and the change of the result is compared with what
    the backward rule says, 0 where it says None. It is measured by complex step or by extrapolated differences. Each
    different op is also tried at other values of both signs and of many magnitudes, so that every branch of its rules
    is reached. The nodes keep their values, but for those that `feeds` make new.

    At a kink, such as relu at 0, and where a value is not finite, such as the logarithm of a negative number, there is
    no derivative to compare with: the check says "not differentiable here", and its `error` is NaN.
    Source: Squire and Trapp, Using Complex Variables to Estimate Derivatives of Real Functions, 1998; Ridders, Accurate
    Computation of F′(x) and F′(x)F″(x), 1982, for the extrapolation.

    Args:
        graph: A node, a sequence of nodes, a `Graph`, or an object that has one, such as a `Network`.
        feeds: Values of the inputs, by node or name; by default the present values are used.
        tolerance: The largest error that is accepted, relative to the larger slope.
        seed: The seed of the trial values and of the random δ.

    Returns:
        A list with a `Check` for each operand of each node, the worst first; printed, it shows the worst.

    Raises:
        GradientError: If an error exceeds the tolerance, or a rule does not give one derivative of the right shape for
            each operand; it names the op, the node, the operand, and both slopes.
        PassError: If a value is missing.

    Example:
        >>> import minigrad as mg
        >>> x = mg.Parameter(0.5, "x")
        >>> checks = mg.check_gradients(mg.tanh(x * x))
        >>> len(checks), checks[0].error < 1e-12
        (3, True)
        >>> print(mg.check_gradients(mg.relu(mg.Parameter(0.0, "s"), name="y"))[0])
        activation y, operand s (s): not differentiable here
    """
    graph = graph_of(graph)
    check_number(tolerance, "tolerance")
    rng = make_generator(seed)
    if feeds is not None:
        graph.forward(feeds)
    values = stored_values(graph.plan)
    typical_slopes: dict[Any, list[float]] = {}
    checks = GradientChecks()
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an imaginary part that a rule throws away
        for step in graph.plan.steps:
            operands = graph.plan.operands_of(step)
            x = [values[operand] for operand in operands]
            try:
                checks += step_checks(step, operands, x, rng, tolerance, typical_slopes)
            except OpError as error:
                raise GradientError(
                    error.what, node=step.title, found=error.found, expected=error.expected, cure=error.cure
                ) from None
    checks.sort(key=badness, reverse=True)
    if checks and checks[0].exceeds(tolerance):
        worst = checks[0]
        count = sum(check.exceeds(tolerance) for check in checks)
        raise GradientError(
            f"the backward rule of {worst.node.op.label} is wrong for operand {worst.operand}",
            node=worst.node.title,
            found=f"slope {worst.rule:.10g}" + (f" at {worst.point}" if worst.point else ""),
            expected=f"{worst.measured:.10g}, an error of {worst.error:.2g} ({count} of {len(checks)} checks fail)",
            cure=f"Compare forward and backward of {type(worst.node.op).__name__}.",
        )
    return checks


def step_checks(
    node: Any,
    operands: Sequence[Any],
    x: list[Value],
    rng: np.random.Generator,
    tolerance: float,
    typical_slopes: dict[Any, list[float]],
) -> Iterator[Check]:
    """Yield the check of each operand of a step, and remember how large the slopes of its op typically are.

    A slope that is far smaller than the typical one is known only to the rounding of that one.
    """
    op, shapes = node.op, [operand.shape for operand in operands]
    present = evaluate_rules(op, x, shapes, rng)
    key, trials = (id(op), *shapes), []
    if key not in typical_slopes:
        typical_slopes[key] = [0.0] * len(operands)
        trials = [] if isinstance(node, Stacked) else [*trial_points(op, x, shapes, rng)]
    for position, operand in enumerate(operands):
        tried = [(point, *each) for point in trials for each in element_slopes(op, point, shapes, position, rng)]
        sizes = [abs(slope.value) for _, _, slope, size in tried if size == 1 and abs(slope.value) > 0]
        if sizes:
            typical_slopes[key][position] = float(np.nanquantile(sizes, 0.8))
        noise = NEGLIGIBLE * typical_slopes[key][position]
        name = operand_name(op, operand, position)
        here = [
            Check(node, name, rule, slope.value, slope.uncertainty + noise * size, slope.value == slope.value)
            for rule, slope, size in element_slopes(op, present, shapes, position, rng)
        ]
        there = [
            Check(node, name, rule, slope.value, slope.uncertainty + noise * size, point=point_text(op, point))
            for point, rule, slope, size in tried
        ]
        worst = max(here, key=badness)
        if not worst.exceeds(tolerance):
            worst = max((check for check in there if check.exceeds(tolerance)), key=badness, default=worst)
        yield worst._replace(differentiable=all(check.differentiable for check in here))


def badness(check: Check) -> tuple[bool, bool, float]:
    """Return a key that sorts checks, the worst last: unknown slopes, errors by size, what is not a number."""
    return check.measured == check.measured, check.error != check.error, check.error


def evaluate_rules(op: Op, x: Sequence[Value], shapes: Sequence[Shape], rng: np.random.Generator) -> Evaluation:
    """Return the value of an op, and the derivatives by its backward rule for a random δ."""
    values = [np.asarray(value, dtype=float) for value in x]
    y = np.asarray(interpreter.apply_forward(np, op, values, shapes))
    with suppress(Exception):  # a forward rule that leaves something for backward must not go unnoticed: move on
        interpreter.apply_forward(np, op, [0.9 * value + 0.05 for value in values], shapes)
    delta = rng.uniform(0.5, 1.5, y.shape)
    is_finite = all(np.isfinite(value).all() for value in (*values, y))
    return Evaluation(values, y, delta, interpreter.apply_backward(np, op, delta, y, values, shapes), is_finite)


def trial_points(op: Op, x: Sequence[Value], shapes: Sequence[Shape], rng: np.random.Generator) -> Iterator[Evaluation]:
    """Yield points at which the op is finite: operands of both signs, their magnitudes spread over many decades."""
    sizes = [prod(shape) for shape in shapes]
    count = max(5, ceil(TRIALS / min(MOVED_ELEMENTS, max(sizes))))
    columns = []
    for value, size in zip(x, sizes, strict=True):
        magnitudes = np.abs(value)[(np.abs(value) > 0) & np.isfinite(value)]
        middle = float(np.median(magnitudes)) if magnitudes.size else 1.0
        low, high = np.log10(min(1.0, middle)) - DECADES, np.log10(max(1.0, middle)) + DECADES
        total = count * size
        levels = (np.arange(total) + rng.random()) / total  # at equal distances, so that no branch is missed
        signed = (-1.0) ** np.arange(total) * 10 ** (low + (high - low) * levels)
        columns.append(rng.permutation(signed).reshape(count, size))
    for row in range(count):
        trial = [column[row].reshape(shape) for column, shape in zip(columns, shapes, strict=True)]
        try:
            y = interpreter.apply_forward(np, op, trial, shapes)
        except Exception:  # what the rule refuses is outside its domain
            continue
        if np.isfinite(y).all():
            yield evaluate_rules(op, trial, shapes, rng)


def element_slopes(
    op: Op, point: Evaluation, shapes: Sequence[Shape], position: int, rng: np.random.Generator
) -> Iterator[tuple[float, Slope, float]]:
    """Yield the slope by the rule, the measured one, and the size of the direction, for elements of one operand."""
    at, derivative = point.x[position], point.derivatives[position]
    if not point.is_finite:
        yield np.nan, Slope(np.nan), 1.0
        return
    weights = point.delta if point.y.shape else np.ones(())  # the slope of a number is shown as it is
    adjoint = np.zeros(at.shape) if derivative is None else derivative / (1.0 if point.y.shape else point.delta)
    usual = float(np.sqrt(np.mean(at * at))) or 1.0
    scales = np.where(at != 0, np.abs(at), usual)

    for direction, scale in directions(scales, rng):

        def value_at(t: Any, direction: Value = direction) -> Value:
            moved = [*point.x[:position], at + t * direction, *point.x[position + 1 :]]
            xp = ComplexNamespace() if isinstance(t, complex) else np
            return np.asarray(interpreter.apply_forward(xp, op, moved, shapes))

        rule = float(np.sum(adjoint * direction, where=direction != 0))
        yield rule, measure_slope(value_at, point.y, weights, scale), float(np.sum(np.abs(direction)))


def directions(scales: Value, rng: np.random.Generator) -> Iterator[tuple[Value, float]]:
    """Yield the directions in which an operand is moved, each with how far: its elements, and of many all together."""
    size = scales.size
    few = range(size) if size <= MOVED_ELEMENTS else rng.choice(size, MOVED_ELEMENTS, replace=False)
    for index in few:
        direction = np.zeros(scales.shape)
        direction.flat[index] = 1.0
        yield direction, float(scales.flat[index])
    if size > MOVED_ELEMENTS:
        yield scales * rng.uniform(0.5, 1.5, scales.shape), 1.0


def point_text(op: Op, point: Evaluation) -> str:
    """Return the values of the first operands as text."""
    names = op.operands if not op.variadic else map(str, range(len(point.x)))
    return ", ".join(
        f"{name} = {format_number(value)}" for name, value, _ in zip(names, point.x, range(3), strict=False)
    )


def operand_name(op: Op, operand: Any, position: int) -> str:
    """Return the name that the op has for an operand, with the label of the node."""
    name = op.operands[position] if not op.variadic else f"{position}"
    label = getattr(operand, "label", "")
    return f"{name} ({label})" if label else name
