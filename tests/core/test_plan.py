"""Plans: parents first, in the order a reader meets them, each starred operand stacked once."""

from __future__ import annotations

import minigrad as mg
from minigrad._toposort import topological_order
from minigrad.core.plan import Stacked, grouped, make_plan


def test_a_plan_is_made_in_an_order_that_is_known() -> None:
    a = mg.Parameter(1.0, "a")
    root = mg.weighted_sum([a], [a * a])
    order = topological_order([root])
    plan = make_plan([root], order)
    assert plan.nodes is order
    assert [str(step.op) for step in plan.steps] == [str(step.op) for step in make_plan([root]).steps]


def test_leaves_are_in_the_plan_but_not_among_its_steps() -> None:
    a = mg.Parameter(1.0, "a")
    square = a * a
    plan = make_plan([square])
    assert plan.roots == (square,)
    assert plan.nodes == [a, square]
    assert plan.steps == [square]
    assert plan.operands == {}
    assert plan.operands_of(square) == (a, a)


def test_neurons_that_read_the_same_row_share_its_stack() -> None:
    x = [mg.Input(f"x{k}") for k in range(3)]
    weights = [[mg.Parameter(1.0) for _ in x] for _ in range(2)]
    bias = mg.Parameter(0.0)
    first, second = (mg.weighted_sum(x, row, bias) for row in weights)
    plan = make_plan([first, second])
    stacks = [step for step in plan.steps if isinstance(step, Stacked)]
    assert [stack.parents for stack in stacks] == [tuple(x), tuple(weights[0]), tuple(weights[1])]
    assert {stack.shape for stack in stacks} == {(3,)}
    assert plan.operands_of(first) == (stacks[0], stacks[1], bias)
    assert plan.operands_of(second) == (stacks[0], stacks[2], bias)
    assert [step for step in plan.steps if not isinstance(step, Stacked)] == [first, second]
    for position, step in enumerate(plan.steps):
        computed = [operand for operand in plan.operands_of(step) if operand in plan.steps]
        assert all(plan.steps.index(operand) < position for operand in computed)


def test_a_starred_op_of_arrays_needs_no_stack() -> None:
    total = mg.weighted_sum(mg.Input("x", 3), mg.Parameter([1.0, 2.0, 3.0]), 0.0)
    assert make_plan([total]).operands == {}


def test_operands_are_grouped_by_their_stars() -> None:
    x1, x2, w1, w2, b = (mg.Parameter(1.0) for _ in range(5))
    total = mg.weighted_sum([x1, x2], [w1, w2], b)
    assert grouped(total.op, total.parents) == [(x1, x2), (w1, w2), b]
    loss = mg.squared_error([x1, x2], [w1, w2])
    assert grouped(loss.op, loss.parents) == [(x1, x2), (w1, w2)]
    share = mg.softmax([x1, x2, b])
    assert grouped(share.op, share.parents) == [(x1, x2, b)]
