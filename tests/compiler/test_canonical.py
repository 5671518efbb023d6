"""Canonical form: chains of additions become one sum, sums of products one weighted sum."""

from __future__ import annotations

from typing import Any

import pytest

import minigrad as mg
from minigrad._toposort import topological_order
from minigrad.compiler.canonical import canonicalize
from minigrad.core.plan import grouped
from minigrad.ops.base import Binary, registry
from minigrad.ops.linear import WeightedSum


def inputs(count: int) -> list[mg.Node]:
    return [mg.Input(f"x{number}") for number in range(count)]


def parameters(count: int) -> list[mg.Node]:
    return [mg.Parameter(0.1 * number, f"w{number}") for number in range(count)]


def canonical(output: mg.Node) -> mg.Node:
    return canonicalize([output]).outputs[0]


def labels(output: mg.Node) -> list[str]:
    return [node.label for node in topological_order([output]) if node.op is not None]


def test_a_sum_of_products_is_a_weighted_sum() -> None:
    x, w = inputs(3), parameters(4)
    node = canonical(x[0] * w[0] + w[1] * x[1] + (w[2] * x[2] + w[3]))
    assert isinstance(node.op, WeightedSum)
    assert grouped(node.op, node.parents) == [tuple(x), tuple(w[:3]), w[3]]


def test_without_a_bias_it_is_zero() -> None:
    x, w = inputs(2), parameters(2)
    node = canonical(x[0] * w[0] + x[1] * w[1])
    assert grouped(node.op, node.parents)[2].value == 0.0  # type: ignore[arg-type]


def test_sum_of_python_starts_with_a_zero_that_goes() -> None:
    x, w = inputs(2), parameters(2)
    assert labels(canonical(sum(a * b for a, b in zip(x, w, strict=True)))) == ["Σ"]
    assert labels(canonical(sum(x))) == ["+", "+"]  # 0 + (−0) is 0


def test_several_terms_beside_the_products_are_summed_first() -> None:
    x, w = inputs(4), parameters(2)
    node = canonical(x[2] + x[0] * w[0] + x[3] + x[1] * w[1])
    assert labels(node) == ["stack", "sum", "Σ"]


def test_one_product_alone_stays_a_product() -> None:
    x, w = inputs(2), parameters(1)
    assert labels(canonical(x[0] * w[0] + x[1])) == ["×", "+"]


def test_a_long_sum_is_one_node() -> None:
    assert labels(canonical(sum(inputs(5)))) == ["stack", "sum"]


def test_a_product_or_a_sum_that_something_else_reads_stays() -> None:
    x, w = inputs(2), parameters(2)
    product, inner = x[0] * w[0], x[0] + x[1]
    form = canonicalize([product + x[1] * w[1] + inner, product, inner])
    assert product in form.node_map
    assert inner in form.node_map
    assert "Σ" not in labels(form.outputs[0])


def test_a_node_inside_a_chain_has_no_twin() -> None:
    x, w = inputs(2), parameters(2)
    inner = x[0] * w[0]
    total = inner + x[1] * w[1]
    node_map = canonicalize([total]).node_map
    assert inner not in node_map
    assert total in node_map


def test_equal_constants_become_one() -> None:
    (x,) = inputs(1)
    first, second = mg.Constant(2.5), mg.Constant(2.5)
    form = canonicalize([mg.tanh(x * first), mg.sin(x * second)])
    assert form.node_map[first] is form.node_map[second]


def test_leaves_and_their_names_stay() -> None:
    x, w = inputs(2), parameters(2)
    neuron = mg.tanh(mg.weighted_sum(x, w, 0.5, name="s"), name="h")
    form = canonicalize([neuron])
    assert {form.node_map[leaf] for leaf in (*x, *w)} == {*x, *w}
    assert [node.name for node in topological_order(form.outputs) if node.op is not None] == ["s", "h"]


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_chain_of_a_hundred_thousand(side: str) -> None:
    total: mg.Node = mg.Input("x")
    terms = parameters(2)
    for place in range(100_000):
        total = total + terms[place % 2] if side == "left" else terms[place % 2] + total
    node = canonical(total)
    assert labels(node) == ["stack", "sum"]
    assert len(node.parents[0].parents) == 100_001


def test_sums_of_arrays_are_left_alone() -> None:
    a, b = mg.Parameter([1.0, 2.0]), mg.Parameter([3.0, 4.0])
    assert labels(canonical(a * b + b * b + a)) == ["×", "×", "+", "+"]


def test_what_is_a_sum_or_a_product_is_said_by_the_op() -> None:
    class Plus(Binary):
        """Sum by another name, y = a + b."""

        label = "plus of a test"
        is_sum = True

        def forward(self, xp: Any, a: Any, b: Any) -> Any:
            return a + b

        def backward(self, xp: Any, delta: Any, y: Any, a: Any, b: Any) -> Any:
            return delta, delta

    del registry[Plus.label]
    plus, x, w = Plus(), inputs(2), parameters(3)
    node = canonical(plus(plus(w[0] * x[0], w[1] * x[1]), w[2]))
    assert isinstance(node.op, WeightedSum)
    assert grouped(node.op, node.parents) == [tuple(x), tuple(w[:2]), w[2]]
    assert canonical(plus(x[0], w[0])).op == plus
