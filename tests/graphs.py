"""Random scalar graphs as plain data, and a naive evaluator that shares no code with minigrad."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

import minigrad as mg


class Instruction(NamedTuple):
    """One node: its op and the indices of its operands among the nodes before it."""

    op: str
    operands: tuple[int, ...]


class Program(NamedTuple):
    """A scalar graph: the values of the leaves, then one instruction for each further node."""

    leaves: tuple[float, ...]
    instructions: tuple[Instruction, ...]


UNARY = ("tanh", "sin", "sigmoid", "neg", "relu", "abs", "softplus")
BINARY = ("+", "−", "×", "÷1+", "maximum")
STARRED = {"neuron": 5, "error": 4, "share": 3}
COUNTS = dict.fromkeys(UNARY, 1) | dict.fromkeys(BINARY, 2) | STARRED


@st.composite
def programs(draw: Any, most: int = 25) -> Program:
    """Programs in which any node may be read any number of times, twice by the same reader included."""
    leaves = draw(st.lists(st.floats(-2, 2).map(lambda x: round(x, 3)), min_size=1, max_size=4))
    instructions: list[Instruction] = []
    for count in range(len(leaves), len(leaves) + draw(st.integers(1, most))):
        op = draw(st.sampled_from(sorted(COUNTS)))
        index = st.integers(0, count - 1)
        operands = draw(st.lists(index, min_size=COUNTS[op], max_size=COUNTS[op]))
        instructions.append(Instruction(op, tuple(operands)))
    return Program(tuple(leaves), tuple(instructions))


def as_nodes(program: Program, leaves: Sequence[Any]) -> list[Any]:
    """Every node of the program, built over the given leaves."""
    ops = {
        "tanh": mg.tanh,
        "sin": mg.sin,
        "sigmoid": mg.sigmoid,
        "neg": lambda x: -x,
        "relu": mg.relu,
        "abs": abs,
        "softplus": mg.softplus,
        "+": lambda a, b: a + b,
        "−": lambda a, b: a - b,
        "×": lambda a, b: mg.tanh(a) * b,
        "÷1+": lambda a, b: a / (1 + b * b),
        "maximum": mg.maximum,
        "neuron": lambda x1, x2, w1, w2, b: mg.tanh(mg.weighted_sum([x1, x2], [w1, w2], b)),
        "error": lambda y1, y2, t1, t2: mg.tanh(mg.squared_error([y1, y2], [t1, t2])),
        "share": lambda s1, s2, s3: mg.softmax([s1, s2, s3])[1],
    }
    nodes = [*leaves]
    for op, operands in program.instructions:
        nodes.append(ops[op](*(nodes[index] for index in operands)))
    return nodes


class Dual(NamedTuple):
    """A value and its derivative by one leaf."""

    value: float
    slope: float


def evaluate_dual_numbers(program: Program, leaf: int) -> list[Dual]:
    """The value of every node and its derivative by one leaf, in forward mode."""
    duals = [Dual(value, float(index == leaf)) for index, value in enumerate(program.leaves)]
    for op, operands in program.instructions:
        duals.append(apply_dual(op, *(duals[index] for index in operands)))
    return duals


def apply_dual(op: str, *items: Dual) -> Dual:
    """The value of one instruction and its derivative, by the rules of calculus."""
    rule = {1: apply_dual_to_one, 2: apply_dual_to_two}.get(len(items), apply_dual_to_many)
    return rule(op, *items)


def apply_dual_to_many(op: str, *items: Dual) -> Dual:
    if op == "neuron":
        x1, x2, w1, w2, b = items
        value = x1.value * w1.value + x2.value * w2.value + b.value
        slope = x1.slope * w1.value + x1.value * w1.slope + x2.slope * w2.value + x2.value * w2.slope + b.slope
        return apply_dual("tanh", Dual(value, slope))
    if op == "error":
        y1, y2, t1, t2 = items
        e1, e2 = apply_dual("−", y1, t1), apply_dual("−", y2, t2)
        return apply_dual("tanh", Dual(0.5 * (e1.value**2 + e2.value**2), e1.value * e1.slope + e2.value * e2.slope))
    largest = max(item.value for item in items)
    powers = [math.exp(item.value - largest) for item in items]
    shares = [power / sum(powers) for power in powers]
    mean = sum(share * item.slope for share, item in zip(shares, items, strict=True))
    return Dual(shares[1], shares[1] * (items[1].slope - mean))


def apply_dual_to_one(op: str, a: Dual) -> Dual:
    x, dx = a
    if op == "tanh":
        return Dual(math.tanh(x), dx * (1 - math.tanh(x) ** 2))
    if op == "sin":
        return Dual(math.sin(x), dx * math.cos(x))
    if op == "neg":
        return Dual(-x, -dx)
    if op == "relu":
        return Dual(max(x, 0.0), dx if x > 0 else 0.0)
    if op == "abs":
        return Dual(abs(x), dx * ((x > 0) - (x < 0)))
    gate = 0.5 * (1 + math.tanh(x / 2))
    if op == "sigmoid":
        return Dual(gate, dx * gate * (1 - gate))
    return Dual(max(x, 0.0) + math.log1p(math.exp(-abs(x))), dx * gate)  # softplus


def apply_dual_to_two(op: str, a: Dual, b: Dual) -> Dual:
    (x, dx), (y, dy) = a, b
    if op == "+":
        return Dual(x + y, dx + dy)
    if op == "−":
        return Dual(x - y, dx - dy)
    if op == "×":
        return Dual(math.tanh(x) * y, dx * (1 - math.tanh(x) ** 2) * y + math.tanh(x) * dy)
    if op == "÷1+":
        below = 1 + y * y
        return Dual(x / below, dx / below - x * 2 * y * dy / below**2)
    return Dual(max(x, y), dx if x > y else dy if y > x else (dx + dy) / 2)
