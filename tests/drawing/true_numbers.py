"""The true values and derivatives of a graph, computed sample by sample in plain Python; no pass of minigrad is read.

Only the structure of the graph and the values of its leaves are taken from it. Each op has a rule here of its own, over
numbers that remember what they were made of.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from minigrad.core.node import Node
from minigrad.graph import Graph
from minigrad.structure import Index

Numbers = np.ndarray | None
"""One number for each sample; None where a number is not known."""


class Traced:
    """A number, and the numbers that it was made of with the derivative by each."""

    __slots__ = ("delta", "sources", "value")

    def __init__(self, value: float, sources: Sequence[tuple[Traced, float]] = ()) -> None:
        self.value, self.sources, self.delta = value, sources, 0.0

    def __add__(self, other: Any) -> Traced:
        other = traced(other)
        return Traced(self.value + other.value, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other: Any) -> Traced:
        other = traced(other)
        return Traced(self.value * other.value, ((self, other.value), (other, self.value)))

    def __sub__(self, other: Any) -> Traced:
        return self + traced(other) * -1.0

    __radd__, __rmul__ = __add__, __mul__

    def through(self, value: float, slope: float) -> Traced:
        """Return a function of the number, with its value and its derivative."""
        return Traced(value, ((self, slope),))


def traced(value: Any) -> Traced:
    value = value.item() if isinstance(value, np.ndarray) else value
    return value if isinstance(value, Traced) else Traced(float(value))


def exp(x: float) -> float:
    return math.inf if x > 709 else math.exp(x)


def logistic(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def elementwise(rule: Callable[[Traced], Traced]) -> Callable[..., Any]:
    return lambda op, x: np.frompyfunc(rule, 1, 1)(x)


def sigmoid(x: Traced) -> Traced:
    return x.through(logistic(x.value), logistic(x.value) * logistic(-x.value))


def tanh(x: Traced) -> Traced:
    return x.through(math.tanh(x.value), 1 - math.tanh(x.value) ** 2)


def relu(x: Traced) -> Traced:
    return x.through(x.value if not x.value <= 0 else 0.0, 1.0 if x.value > 0 else 0.0)


def leaky_relu(op: Any, x: Any) -> Any:
    def rule(s: Traced) -> Traced:
        slope = 1.0 if s.value > 0 else op.slope
        return s.through(slope * s.value, slope)

    return np.frompyfunc(rule, 1, 1)(x)


def softplus(x: Traced) -> Traced:
    return x.through(max(x.value, 0.0) + math.log1p(exp(-abs(x.value))), logistic(x.value))


def weighted_sum(op: Any, *parents: Any) -> Any:
    if np.ndim(parents[0]):
        x, w, b = parents
        return np.sum(x * w, axis=-1) + b
    count = (len(parents) - 1) // 2
    return np.sum(as_row(parents[:count]) * as_row(parents[count : 2 * count])) + parents[-1]


def as_row(numbers: Sequence[Any]) -> Any:
    """Return numbers, or the elements of one array, as an array."""
    row = np.empty(len(numbers), object)
    row[:] = [number.item() if isinstance(number, np.ndarray) else number for number in numbers]
    return row


def outputs_and_targets(parents: Sequence[Any]) -> tuple[Any, Any]:
    if np.ndim(parents[0]):
        outputs, targets = parents
        return outputs, targets
    return as_row(parents[: len(parents) // 2]), as_row(parents[len(parents) // 2 :])


def squares(*parents: Any) -> Any:
    outputs, targets = outputs_and_targets(parents)
    return np.sum((outputs - targets) * (outputs - targets))


def binary_cross_entropy(op: Any, *parents: Any) -> Any:
    outputs, targets = outputs_and_targets(parents)
    return np.sum(np.frompyfunc(softplus, 1, 1)(outputs) - outputs * targets)


def softmax_cross_entropy(op: Any, *parents: Any) -> Any:
    outputs, targets = outputs_and_targets(parents)
    largest = max(output.value for output in outputs)
    powers = [output.through(exp(output.value - largest), exp(output.value - largest)) for output in outputs]
    total = sum(powers[1:], powers[0])
    log_total = total.through(math.log(total.value) + largest, 1 / total.value)
    return np.sum(targets * (as_row([log_total] * len(outputs)) - outputs))


RULES: dict[str, Callable[..., Any]] = {
    "Add": lambda op, a, b: a + b,
    "Subtract": lambda op, a, b: a - b,
    "Multiply": lambda op, a, b: a * b,
    "Negate": lambda op, a: a * -1.0,
    "Tanh": elementwise(tanh),
    "Sigmoid": elementwise(sigmoid),
    "ReLU": elementwise(relu),
    "LeakyReLU": leaky_relu,
    "Softplus": elementwise(softplus),
    "WeightedSum": weighted_sum,
    "Affine": lambda op, x, W, b: np.sum(x[..., :, None] * W, axis=-2) + b,
    "SquaredError": lambda op, *parents: squares(*parents) * 0.5,
    "MeanSquaredError": lambda op, *parents: squares(*parents) * (1 / len(outputs_and_targets(parents)[0])),
    "BinaryCrossEntropy": binary_cross_entropy,
    "SoftmaxCrossEntropy": softmax_cross_entropy,
    "Stack": lambda op, *parents: as_row(parents),
    "Take": lambda op, x: np.reshape(np.ravel(x)[op.indices], op.target),
    "Slice": lambda op, x: np.reshape(np.ravel(x)[op.indices], op.target),
    "Sum": lambda op, x: np.sum(x),
}
"""The rule of each op, by the name of its class, over arrays of traced numbers."""


def apply_rule(node: Node, operands: Sequence[Any]) -> Any:
    """Return the value of a node from those of its parents."""
    assert node.op is not None
    value = RULES[type(node.op).__name__](node.op, *operands)
    array = np.empty(node.shape, object)
    array[...] = value
    return array


def carry_back(root: Traced) -> None:
    """Add up ∂root/∂number in every number that it was made of."""
    order: list[Traced] = []
    seen: set[int] = set()
    stack: list[tuple[Traced, bool]] = [(root, False)]
    while stack:
        number, done = stack.pop()
        if done:
            order.append(number)
        elif id(number) not in seen:
            seen.add(id(number))
            stack.append((number, True))
            stack.extend((source, False) for source, _ in number.sources)
    root.delta = 1.0
    for number in reversed(order):
        for source, slope in number.sources:
            source.delta += slope * number.delta


class TrueNumbers:
    """The true numbers of some samples, one for each in every array.

    Args:
        graph: The graph.
        samples: The samples of the batch to compute, by position; (0,) for a pass over one sample.
        changed: A leaf that changed after the pass, so that nothing that depends on it is known, nor any derivative.
        has_pass: Whether there was a pass at all.
    """

    def __init__(
        self,
        graph: Graph,
        samples: Sequence[int] = (0,),
        changed: Node | None = None,
        has_pass: bool = True,
    ) -> None:
        self.graph = graph
        self.unknown = {node for node in graph.nodes if node.op is None and node.value is None}
        spoiled = self.unknown | ({changed} if changed is not None else set())
        for node in graph.nodes:
            if not spoiled.isdisjoint(node.parents):
                spoiled.add(node)
                self.unknown.add(node)
        self.has_deltas = has_pass and changed is None and len(graph.outputs) == 1
        self.passes = [self.run(sample) for sample in samples]

    def run(self, sample: int) -> dict[Node, Any]:
        """Return every node of one sample as an array of traced numbers, after both passes."""
        numbers: dict[Node, Any] = {}
        for node in self.graph.nodes:
            if node in self.unknown:
                continue
            if node.op is None:
                value = np.asarray(node.value)
                numbers[node] = np.frompyfunc(Traced, 1, 1)(value[sample] if value.ndim > node.ndim else value)
                if not node.shape:
                    numbers[node] = np.array(numbers[node], object)
            else:
                numbers[node] = apply_rule(node, [numbers[parent] for parent in node.parents])
        if self.has_deltas:
            carry_back(numbers[self.graph.outputs[0]].item())
        return numbers

    @lru_cache(None)  # noqa: B019
    def value(self, node: Node, index: Index = None) -> Numbers:
        """Return the value of a number, or of an element of an array."""
        if node in self.unknown:
            return None
        return np.array([numbers[node][() if index is None else index].value for numbers in self.passes])

    @lru_cache(None)  # noqa: B019
    def delta(self, node: Node, index: Index = None) -> Numbers:
        """Return ∂L/∂node of each sample's own loss."""
        if not self.has_deltas:
            return None
        return np.array([numbers[node][() if index is None else index].delta for numbers in self.passes])

    @lru_cache(None)  # noqa: B019
    def local(self, node: Node, position: int, index: Index = None) -> Numbers:
        """Return the derivative of an element of a node by the same element of one of its parents."""
        if not self.unknown.isdisjoint((node, *node.parents)):
            return None
        return np.array([self.local_of(numbers, node, position, index) for numbers in self.passes])

    def local_of(self, numbers: Mapping[Node, Any], node: Node, position: int, index: Index) -> float:
        fresh = np.frompyfunc(lambda number: Traced(number.value), 1, 1)
        operands = [np.asarray(fresh(numbers[parent]), object) for parent in node.parents]
        at = () if index is None else index
        carry_back(apply_rule(node, operands)[at])
        return float(operands[position][at].delta)

    @cached_property
    def losses(self) -> dict[str, Node]:
        """What the losses are called: L is the one output that is made of them, L₁, L₂, … are its parts."""
        losses = [node for node in self.graph.nodes if node.kind == "loss"]
        outputs = self.graph.outputs
        names: dict[str, Node] = {}
        if losses and len(outputs) == 1:
            names["L"] = outputs[0]
        parts = [node for node in losses if node not in names.values()]
        if len(parts) == 1 and not names:
            return {"L": parts[0]}
        return names | {f"L{'₀₁₂₃₄₅₆₇₈₉'[number]}": node for number, node in enumerate(parts[:9], start=1)}
