"""A readable graph against all that it can be compiled to: every value, every δ, every step of training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

import numpy as np

import minigrad as mg
from minigrad.compiler import ENGINES
from minigrad.compiler.numpy_engine import NumpyEngine
from minigrad.compiler.tape_engine import TapeEngine
from minigrad.core import interpreter
from minigrad.core.plan import Plan
from minigrad.errors import CompileError
from minigrad.training.data import Columns
from minigrad.training.step import CompiledStep, InterpretedStep
from tests.compiler.random_graphs import Case, total

ENGINE_NAMES = ("auto", *ENGINES)

TOLERANCE = 1e-12
"""How far numbers may lie apart, relative to the largest value or the largest δ of the graph."""

NOISE, MAX_AMPLIFICATION = 1e-9, 1e3
"""Rounding, enlarged: where all numbers are off by NOISE, a stable graph is off by at most MAX_AMPLIFICATION times as
much."""


STEP_TOLERANCE = 1e-10
"""The same for a step of training, in which an optimizer may divide by what is small."""


class Expected:
    """What the readable graph computes: every value, and every δ of the sum of all outputs.

    A batch counts as its mean, as it does in a loss.
    """

    def __init__(self, graph: mg.Graph, feeds: Mapping[Any, Any], tolerance: float = TOLERANCE) -> None:
        self.graph = graph
        self.feeds = feeds
        self.returned = as_tuple(graph.forward(feeds))
        self.values = {node: node.value for node in graph.nodes}
        self.seeds = {node: even_seed(node) for node in graph.outputs}
        graph.backward(self.seeds)
        self.deltas = {node: node.delta for node in graph.nodes}
        self.scales = {"value": largest(self.values), "δ": largest(self.deltas)}
        self.close = {what: Closeness(what, tolerance * scale) for what, scale in self.scales.items()}

    @property
    def is_stable(self) -> bool:
        """Whether rounding hardly changes the results: all is finite, and no choice depends on the last digits."""
        exact, *others = (perturbed(self.graph.plan, self.values, self.seeds, noise) for noise in (0.0, NOISE, -NOISE))
        with np.errstate(all="ignore"):
            return all(
                np.all(np.abs(moved.get(node, 0.0) - at_rest.get(node, 0.0)) <= MAX_AMPLIFICATION * NOISE * scale)
                for other in others
                for moved, at_rest, scale in zip(other, exact, self.scales.values(), strict=True)
                for node in self.graph.nodes
            )

    def compare(self, what: str, node: mg.Node, actual: Any) -> None:
        """Raise AssertionError unless a value or δ of a node is the expected one."""
        self.close[what].check(node, actual, (self.values if what == "value" else self.deltas)[node])


def even_seed(node: mg.Node) -> Any:
    """Return the δ that an output starts with: 1, shared evenly over a batch."""
    return np.full_like(node.value, 1 / len(node.value) if np.ndim(node.value) > node.ndim else 1)


def largest(numbers: Mapping[Any, Any]) -> float:
    return max(float(np.abs(number).max()) for number in numbers.values())


def perturbed(plan: Plan, leaves: Mapping[Any, Any], seeds: Mapping[Any, Any], noise: float) -> tuple[Any, Any]:
    """Return values and δ where each number, once computed, is read a little wrong; one that is only copied is not.

    An op reads its own y as it computed it, so that "the largest is equal to y" stays true. With the noise negated all
    errors point the other way, so that one of the two breaks any tie.
    """
    rng = np.random.default_rng(0)

    def wrong(number: Any, size: Any) -> Any:
        return number + noise * size * rng.uniform(-1, 1, np.shape(number))

    values = {node: leaves[node] for node in plan.nodes if node.op is None}
    computed, deltas = dict(values), dict(seeds)
    with np.errstate(all="ignore"):
        for node in plan.steps:
            x = [values[operand] for operand in plan.operands_of(node)]
            shapes = [operand.shape for operand in plan.operands_of(node)]
            computed[node] = y = interpreter.apply_forward(np, node.op, x, shapes)
            operands = np.concatenate([np.ravel(part) for part in x])
            copied = np.isin(y, operands).all()
            values[node] = y if copied else wrong(y, np.maximum(np.abs(y), np.abs(operands).max()))
        for node in reversed(plan.steps):
            if node not in deltas:
                continue
            x = [values[operand] for operand in plan.operands_of(node)]
            shapes = [operand.shape for operand in plan.operands_of(node)]
            delta = wrong(deltas[node], np.abs(deltas[node]))
            adjoints = interpreter.apply_backward(np, node.op, delta, computed[node], x, shapes)
            for operand, adjoint in zip(plan.operands_of(node), adjoints, strict=True):
                if adjoint is not None:
                    deltas[operand] = deltas.get(operand, 0.0) + adjoint
    return computed, deltas


def run_comparisons(expected: Expected, *comparisons: Callable[[Expected], int]) -> int:
    """Run some comparisons and add up what they return.

    Return 0 where nothing can be said: not all numbers are finite, or they differ and depend on their last digits.
    """
    if not np.isfinite([*expected.scales.values()]).all():
        return 0
    try:
        return sum(comparison(expected) for comparison in comparisons)
    except AssertionError:
        if expected.is_stable:
            raise
        return 0


class Closeness(NamedTuple):
    """How far two numbers may lie apart."""

    what: str
    tolerance: float

    def check(self, node: mg.Node, actual: Any, expected: Any) -> None:
        """Raise AssertionError unless they are equal; a δ that one side has for each sample is summed first."""
        new, old = np.asarray(actual), np.asarray(expected)
        if self.what == "δ" and new.ndim != old.ndim:
            least = min(new.ndim, old.ndim)
            new, old = (part.sum(axis=0) if part.ndim > least else part for part in (new, old))
        if not np.abs(new - old).max() <= self.tolerance:
            raise AssertionError(f"{self.what} of {node!r}: found {new}, expected {old} to {self.tolerance:.3g}")


def as_tuple(values: Any) -> tuple[Any, ...]:
    return values if isinstance(values, tuple) else (values,)


# Like nodes as arrays.


def compare_array_form(expected: Expected) -> int:
    """Compare the array form of a graph with the graph: every value, and every δ that has an element of its own.

    Return how many nodes were compared.
    """
    form = mg.vectorize(expected.graph)
    positions, arrays = form.grouped.positions, form.grouped.arrays
    form.graph.forward(form.feeds(expected.feeds))
    seeds: dict[Any, Any] = {}
    for old, new in dict(zip(expected.graph.outputs, form.grouped.outputs, strict=True)).items():
        share = np.full_like(new.value, np.sum(expected.seeds[old]) / np.size(new.value))
        seeds[new] = seeds.get(new, 0.0) + share
    form.graph.backward(seeds)
    full_arrays = set(arrays.values())
    nodes_at = Counter([*positions.values(), *(array for array, _ in positions.values()), *arrays.values()])
    count = 0
    for node, (array, index) in positions.items():
        if array in form.graph:
            count += 1
            expected.compare("value", node, element(array.value, array.ndim, index))
            if nodes_at[array, index] == 1 and array not in full_arrays and node.kind != "constant":
                expected.compare("δ", node, element(array.delta, array.ndim, index))
    for node, array in arrays.items():
        if array in form.graph:
            count += 1
            expected.compare("value", node, array.value)
            if nodes_at[array] == 1 and node.kind != "constant":
                expected.compare("δ", node, array.delta)
    for old, new in zip(expected.graph.outputs, form.grouped.outputs, strict=True):
        expected.compare("value", old, new.value)
    return count


def element(value: Any, rank: int, index: int) -> np.ndarray:
    """Return one element of an array node's value, which may carry a batch axis."""
    array = np.asarray(value)
    return array.reshape((*array.shape[: array.ndim - rank], -1))[..., index]


# Groups on a tape.


def compare_tape(expected: Expected) -> int:
    """Compare the tape of a graph of scalars with the graph: every value, and every δ. Return how many nodes."""
    tape = TapeEngine(expected.graph.outputs)
    values = tape.forward({node: value for node, value in expected.values.items() if node.op is None})
    for node, index in tape.position.items():
        expected.compare("value", node, values[..., index])
    if len(expected.graph.outputs) == 1:
        deltas = tape.backward(values)
        for node, index in tape.position.items():
            expected.compare("δ", node, deltas[..., index])
    return len(tape.nodes)


# What users call.


def compare_engines(expected: Expected, engines: Sequence[str] = ENGINE_NAMES) -> int:
    """Compare `Graph.compile` with the graph: every output, the gradient of every parameter. Return how many ran.

    Only an engine that the graph is not fit for may refuse, and only by a CompileError.
    """
    graph, feeds = expected.graph, expected.feeds
    summed = graph if len(graph.outputs) == 1 and not graph.outputs[0].shape else mg.Graph(total(graph.outputs))
    mean = np.mean(summed.forward(feeds))
    ran = 0
    for engine in engines:
        try:
            fast = graph.compile(engine=engine)
            fast_sum = fast if summed is graph else summed.compile(engine=engine)
        except CompileError:
            if engine in ("auto", "numpy", "nodes") or not any(node.shape for node in graph.nodes):
                raise
            continue
        ran += 1
        for node, new, old in zip(graph.outputs, as_tuple(fast.forward(feeds)), expected.returned, strict=True):
            assert np.shape(new) == np.shape(old)
            expected.close["value"].check(node, new, old)
        expected.close["value"].check(summed.outputs[0], fast_sum.gradient(feeds), mean)
        for parameter in graph.parameters:
            expected.compare("value", parameter, parameter.value)
            expected.compare("δ", parameter, parameter.delta)
    return ran


def compare_gradient_graph(expected: Expected) -> int:
    """Compare the program of the BP network, δ of every node an output, with the graph's own δ without a batch."""
    graph = expected.graph
    wanted = [node for node in graph.nodes if node.kind != "constant"]
    gradient_graph = mg.gradient_graph(mg.Graph(total(graph.outputs)), wanted)
    feeds = {node: value for node, value in expected.feeds.items() if node in gradient_graph}
    for node, delta in zip(wanted, as_tuple(gradient_graph.compile(engine="numpy").forward(feeds)), strict=True):
        expected.compare("δ", node, delta)
    return len(wanted)


# Training.


def compare_training(case: Case, optimizer: mg.optim.Optimizer, random: Random, steps: int = 20, row: int = 0) -> int:
    """Step by the program and by the nodes, each from where the last one led, on samples and batches of 7 and 3.

    Return how many were compared; one near a kink is not.
    """
    rng = np.random.default_rng(random.randrange(1 << 30))
    graph = case.build_loss(row)
    X, T = rng.normal(size=(17, row or len(graph.inputs) - 1)), rng.normal(size=17)
    sides = Columns(graph.inputs[:-1], X, "samples"), Columns(graph.inputs[-1:], T, "targets")
    slow = InterpretedStep(graph, optimizer, *sides)
    compiled = NumpyEngine(graph.outputs)
    fast = CompiledStep(graph, compiled, optimizer, *sides)
    order = element_order(slow.layout.parameters, compiled.parameters.parameters)
    compared = 0
    for _ in range(steps):
        rows = random.choice([0, 1, np.arange(7), np.arange(7, 14), np.arange(14, 17)])
        before = fast.parameters.copy()
        slow.parameters = before[order]
        slow.optimizer_state = tuple(
            part[order] if part.size == order.size else part.copy() for part in fast.optimizer_state
        )
        actual, expected = [fast.run(rows)], [slow.run(rows)]
        actual += [*fast.parameters[order], *(part.sum() for part in fast.optimizer_state)]
        expected += [*slow.parameters, *(part.sum() for part in slow.optimizer_state)]
        if not np.abs(np.subtract(actual, expected)).max() <= STEP_TOLERANCE * max(1.0, np.abs(expected).max()):
            fast.parameters = before
            if Expected(graph, sides[0].feed(rows) | sides[1].feed(rows)).is_stable:
                raise AssertionError(f"a step: found loss, parameters and state {actual}, expected {expected}")
            return compared
        compared += 1
    slow.parameters = fast.parameters[order]
    assert abs(fast.mean_loss(*sides) - slow.mean_loss(*sides)) <= STEP_TOLERANCE
    fast.commit()
    np.testing.assert_array_equal(slow.layout.read(), slow.parameters)
    return compared


def element_order(wanted: Sequence[mg.Node], order: Sequence[mg.Node]) -> np.ndarray:
    """Return the positions of the elements of some parameters in a vector of another order."""
    ends = np.cumsum([int(np.prod(node.shape)) for node in order])
    spans = {node: np.arange(end - int(np.prod(node.shape)), end) for node, end in zip(order, ends, strict=True)}
    return np.concatenate([np.zeros(0, int), *(spans[node] for node in wanted)])
