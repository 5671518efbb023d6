"""Which nodes have an influence on an output, as far as rules say so."""

from __future__ import annotations

from collections.abc import Callable

import minigrad as mg
from minigrad._toposort import topological_order
from minigrad.compiler.influence import flow_to_parents, influence_test
from minigrad.compiler.node_forms import node_forms
from minigrad.ops import greater, multiply, squared_error, where


def influence_on(output: mg.Node) -> Callable[[mg.Node], bool]:
    computed = [node for node in topological_order([output]) if node.op is not None]
    return influence_test(computed, node_forms(computed), [output])


def test_no_influence_passes_a_comparison() -> None:
    a, b, c = [mg.Parameter(number, name) for name, number in (("a", 1.0), ("b", 2.0), ("c", 3.0))]
    before, beside = mg.sin(a), mg.sin(b)
    loss = mg.where(before > c, beside, b)
    has_influence = influence_on(loss)
    assert [has_influence(node) for node in (loss, beside, b, before, a, c)] == [True, True, True, False, False, False]


def test_everything_has_an_influence_where_every_rule_has_derivatives() -> None:
    loss = mg.tanh(mg.Parameter(1.0, "w")) * 2.0
    assert all(map(influence_on(loss), topological_order([loss])))


def test_each_rule_tells_to_which_parents_it_carries_on() -> None:
    assert flow_to_parents(multiply, 2) == [True, True]
    assert flow_to_parents(greater, 2) == [False, False]
    assert flow_to_parents(where, 3) == [False, True, True]
    assert flow_to_parents(squared_error, 6) == [True] * 6


def test_a_rule_that_serves_no_arrays_counts_as_one_with_derivatives() -> None:
    class Broken(mg.Unary):
        label = "broken beyond arrays"

        def forward(self, xp, x):  # type: ignore[no-untyped-def]
            raise RuntimeError

    assert flow_to_parents(Broken(), 1) == [True]
