"""Graphs that are large in one way each: long, wide, much read, unevenly read, unrolled over many samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

import minigrad as mg
from tests.compiler.comparisons import ENGINE_NAMES, Expected, compare_array_form, compare_engines


def numbers(count: int, scale: float = 1.0) -> list[float]:
    """As many numbers, the same each time."""
    return (np.random.default_rng(count).normal(size=count) * scale).tolist()


def inputs(count: int) -> list[mg.Node]:
    return [mg.Input(f"x{place}", value=value) for place, value in enumerate(numbers(count))]


def parameters(count: int, scale: float = 1.0) -> list[mg.Node]:
    return [mg.Parameter(value) for value in numbers(count, scale)]


def chain(count: int) -> mg.Node:
    """A chain of so many levels."""
    node = mg.Parameter(0.5) * mg.Input("x", value=0.3)
    for place in range(count):
        node = (mg.sin(node), node + 0.1, node * 0.99, mg.tanh(node))[place % 4]
    return node


def ladder(count: int) -> mg.Node:
    """Two chains that read each other, on every other one of so many levels."""
    a, b = mg.Parameter(0.5) * mg.Input("x", value=0.3), mg.Parameter(0.4)
    first: mg.Node = a
    second: mg.Node = b
    for _ in range(count // 2):
        first, second = mg.sin(first + second), mg.tanh(first - second)
    return first * second


def neuron(count: int) -> mg.Node:
    """A weighted sum of so many."""
    return mg.tanh(mg.weighted_sum(inputs(count), parameters(count, 0.01), 0.5))


def neuron_spelled_out(count: int) -> mg.Node:
    """The same as w1 * x1 + w2 * x2 + … + b."""
    products = (w * x for w, x in zip(parameters(count, 0.01), inputs(count), strict=True))
    return mg.tanh(sum(products, mg.Parameter(0.1)))


def additions(count: int) -> mg.Node:
    """A sum of so many, added one by one."""
    total: mg.Node = mg.Input("x", value=0.3)
    for term in parameters(count, 0.01):
        total = term + total
    return mg.tanh(total)


def shares(count: int) -> mg.Node:
    """A softmax of so many, and the error of a hundred of its outputs."""
    return mg.squared_error(list(mg.softmax(parameters(count)))[:100], numbers(100, 0.1))


def much_read(count: int) -> mg.Node:
    """One node that so many read, and one weight that all of them share."""
    shared, weight = mg.Parameter(0.5) * mg.Input("x", value=0.3), mg.Parameter(0.7)
    return sum((mg.tanh(shared * value + weight) for value in parameters(count)), mg.Constant(0.0)) * (1 / count)


def unevenly_read(count: int) -> mg.Node:
    """A few nodes that read, and are read by, anything from one node to all others, with no two alike."""
    nodes = parameters(count)
    sums = [
        mg.tanh(mg.weighted_sum(nodes[: 2**power], nodes[-(2**power) :])) for power in range(count.bit_length() - 1)
    ]
    readers = [mg.sin(nodes[0] * node) if place % 3 else mg.sin(nodes[0] + node) for place, node in enumerate(nodes)]
    return mg.tanh(mg.weighted_sum([*readers, *sums], [*sums, *readers]) * (1 / count))


def samples(count: int) -> mg.Node:
    """A network of two layers unrolled over so many samples, neuron by neuron."""
    hidden = [(parameters(3), mg.Parameter(0.1)) for _ in range(4)]
    last = parameters(4)
    losses = []
    for row in np.random.default_rng(count).normal(size=(count, 3)).tolist():
        h = [mg.tanh(sum((w * x for w, x in zip(weights, row, strict=True)), bias)) for weights, bias in hidden]
        losses.append(mg.relu(1 + -sum((w * x for w, x in zip(last, h, strict=True)), mg.Constant(0.0))))
    return sum(losses, mg.Constant(0.0)) * (1 / count)


class Large(NamedTuple):
    """A graph of any size: the largest that is compared, one for a quick look, and what the largest is not for."""

    make: Callable[[int], mg.Node]
    full: int
    small: int
    not_for: tuple[str, ...] = ()


LARGE: dict[str, Large] = {
    "chain": Large(chain, 100_000, 300, ("numpy",)),
    "ladder": Large(ladder, 100_000, 300, ("numpy", "script")),
    "neuron": Large(neuron, 10_000, 300),
    "neuron spelled out": Large(neuron_spelled_out, 10_000, 300),
    "additions": Large(additions, 10_000, 400),
    "shares": Large(shares, 10_000, 300),
    "much read": Large(much_read, 10_000, 200),
    "unevenly read": Large(unevenly_read, 10_000, 300),
    "samples": Large(samples, 1_000, 30),
}
"""A program of 100,000 instructions takes minutes to write, and no script has more than 200,000 lines."""


def compare_small(name: str) -> int:
    """Compare one of them in its small size by every engine, fed with numbers and with a batch."""
    graph = mg.Graph(LARGE[name].make(LARGE[name].small))
    compare_array_form(Expected(graph, {}))
    compare_engines(Expected(graph, {}))
    if graph.inputs:
        compare_engines(Expected(graph, {graph.inputs[-1]: np.array([0.2, -0.4])}))
    return len(graph)


def compare_full(name: str, engines: Sequence[str] = ENGINE_NAMES) -> int:
    """Compare one of them in its largest size by the engines that are for it; return how many nodes it has."""
    large = LARGE[name]
    graph = mg.Graph(large.make(large.full))
    compare_engines(Expected(graph, {}), [engine for engine in engines if engine not in large.not_for])
    return len(graph)
