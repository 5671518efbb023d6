"""Every engine computes what the nodes compute where numbers are extreme: ±0, ±∞, NaN, the largest, the smallest.

Values and derivatives are compared, and no engine warns. The sign of a zero is compared in values, as its reciprocal
tells; not in derivatives, which are sums that may begin with 0. In random graphs every node is an output, so that none
of the sums is one of many terms or of products: array code adds these to 0, in an order of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import product
from math import copysign, inf, isclose, isnan, nan
from operator import add
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler import ENGINES
from minigrad.ops.base import Op
from tests.laws import OPS

EXTREMES = [0.0, -0.0, 0.5, 1.0, -3.0, inf, -inf, nan, 1e308, -1e308, 1e-308, -5e-324, 710.0, -750.0]
MOST_CASES = 200
NUMBER_OPS = [
    op
    for op in dict.fromkeys(sample.op for op_class in OPS.values() for sample in op_class.samples())
    if op.arity and not op.shape(*[()] * op.arity)
]
"""Every instance of an op that makes a number of one number or a few."""


def are_equal(one: float, other: float, sign_of_zero: bool) -> bool:
    """Return whether two numbers are equal up to rounding; NaN equals NaN, and ∞ only itself."""
    if isnan(one) or isnan(other):
        return isnan(one) and isnan(other)
    if one == other:
        return not sign_of_zero or bool(one) or copysign(1.0, one) == copysign(1.0, other)
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-320)


def numbers(values: Any) -> list[float]:
    return [float(value) for value in (values if isinstance(values, tuple) else (values,))]


def assert_equal(found: Sequence[float], expected: Sequence[float], cases: Sequence[Any], sign_of_zero: bool) -> None:
    wrong = [
        (case, one, other)
        for case, one, other in zip(cases, found, expected, strict=True)
        if not are_equal(one, other, sign_of_zero)
    ]
    assert not wrong, f"{len(wrong)} differ, such as (case, found, expected) = {wrong[:3]}"


def deltas(nodes: Sequence[mg.Node]) -> list[float]:
    return [float(node.delta) for node in nodes]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("op", NUMBER_OPS, ids=repr)
def test_every_op_of_numbers(op: Op, engine: str) -> None:
    cases: list[Any] = list(product(EXTREMES, repeat=op.arity))
    if len(cases) > MOST_CASES:
        cases = [cases[index] for index in np.random.default_rng(0).choice(len(cases), MOST_CASES, replace=False)]
    leaves = [[mg.Parameter(number) for number in case] for case in cases]
    results = [op(*operands) for operands in leaves]
    expected = [result.value for result in results]
    parameters = [leaf for operands in leaves for leaf in operands]
    total = mg.Graph(reduce(add, results))  # δ of every result is 1
    total.backward()
    expected_deltas = deltas(parameters)
    found = mg.Graph(results).compile(engine=engine).forward()
    assert_equal(numbers(found), expected, cases, sign_of_zero=True)
    total.compile(engine=engine).gradient()
    of_each = [(case, operand) for case in cases for operand in range(op.arity)]
    assert_equal(deltas(parameters), expected_deltas, of_each, sign_of_zero=False)


class RandomExtremes:
    """A random graph of ops of numbers over extreme leaves, in which every node is read twice at most."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        kinds = [mg.Parameter, mg.Constant, lambda number: mg.Input(value=number)]
        picks = rng.choice(EXTREMES[:-2], 8)
        self.leaves: list[mg.Node] = [kinds[index % 2 if isnan(x) else index % 3](x) for index, x in enumerate(picks)]
        self.nodes: list[mg.Node] = []
        free = [*self.leaves, *self.leaves]
        for _ in range(10):
            op = NUMBER_OPS[rng.integers(len(NUMBER_OPS))]
            operands = [free.pop(rng.integers(len(free))) for _ in range(op.arity)]
            self.nodes.append(op(*operands))
            free += [self.nodes[-1]] * 2


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", range(12))
def test_random_graphs(seed: int, engine: str) -> None:
    case = RandomExtremes(seed)
    names = [repr(node) for node in case.nodes]
    expected = [node.value for node in case.nodes]
    graph = mg.Graph(case.nodes)
    assert_equal(numbers(graph.compile(engine=engine).forward()), expected, names, sign_of_zero=True)
    for node in case.nodes[-3:]:
        loss = mg.Graph(node)
        loss.backward()
        expected_deltas = deltas(loss.parameters)
        value = loss.compile(engine=engine).gradient()
        assert_equal([value], [node.value], [repr(node)], sign_of_zero=False)
        assert_equal(deltas(loss.parameters), expected_deltas, loss.parameters, sign_of_zero=False)


@pytest.mark.parametrize("engine", ENGINES)
def test_no_delta_flows_past_a_comparison(engine: str) -> None:
    """δ of the nodes before it is 0, and no NaN from 0·∞, beside like nodes whose δ is another."""
    a, b = mg.Parameter(0.0, "a"), mg.Parameter(2.0, "b")
    graph = mg.Graph(mg.sign(1.0 / a) * 3.0 + 1.0 / b)
    assert graph.compile(engine=engine).gradient() == 3.5
    assert deltas([a, b]) == [0.0, -0.25]
