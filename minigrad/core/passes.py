"""The passes over live nodes: values and δ are read from them, and stored in them only when all went well."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from types import NoneType
from typing import Any

import numpy as np

from minigrad.core.interpreter import Values, check_evaluated, read_only, run_backward, run_forward, stored_value
from minigrad.core.plan import Plan, Stacked, make_plan
from minigrad.core.vector_plan import VectorPlan
from minigrad.core.versions import BackwardPass, changes, check_up_to_date
from minigrad.errors import ShapeError
from minigrad.ops.base import Value


def forward_pass(
    plan: Plan, leaves: Mapping[Any, Value], fed: Container[Any], vector_plan: VectorPlan | None = None
) -> Values:
    """Run forward from the values of all leaves; store the value of every computed node and of every fed leaf.

    Every δ is unknown again. Returns the values; with a `vector_plan`, those of its leaves instead of all parameters.
    """
    values = run_forward(plan if vector_plan is None else vector_plan.plan, leaves)
    version = changes.advance_pass()
    if vector_plan is not None:
        vector_plan.vector.count_pass(has_gradient=False)
    for node in plan.nodes if vector_plan is None else vector_plan.nodes:
        if node.op is not None or node in fed:
            value = values[node]
            node._value = value if type(value) is float else read_only(value)
            node._version = version
        node._delta = None
    return values


def backward_pass(
    plan: Plan,
    seeds: Mapping[Any, Value] | None = None,
    values: Values | None = None,
    vector_plan: VectorPlan | None = None,
) -> None:
    """Run backward from the seeds, or from the one root, where δ is 1, and store the δ of every node.

    `values` are those of the forward pass if that has just been run; else they are read from the nodes. No seed is a
    parameter where these live in a vector.
    """
    if values is None:
        if any([root._value is None for root in plan.roots]):
            check_evaluated(plan, stored_value)
        check_up_to_date(plan, plan.roots if seeds is None else [*seeds])
        values = stored_values(plan, vector_plan) if plan.operands else None
    starts = seed_of(plan) if seeds is None else seeds
    deltas = run_backward(plan if vector_plan is None else vector_plan.plan, values, starts)
    backward = BackwardPass(changes.advance_backward(), 0)
    nodes: Sequence[Any] = plan.nodes
    if vector_plan is not None:
        vector_plan.store_deltas(deltas, backward)
        nodes = vector_plan.nodes
    if vector_plan is not None or plan.operands or len(deltas) < len(nodes):
        deltas = {node: deltas[node] if node in deltas else np.zeros_like(node._value) for node in nodes}
    store_deltas(deltas, backward)
    for node in starts:
        node._pass = BackwardPass(backward.number, len(starts))


def backward_from(root: Any) -> None:
    """Run backward from a root, where δ is 1, through everything that it is made of."""
    backward_pass(make_plan([root]))


def store_deltas(deltas: Mapping[Any, Value], backward_pass: BackwardPass | None = None) -> None:
    """Store δ in the nodes; an array as a copy, since in the pass a sum and its operands share one δ."""
    for node, delta in deltas.items():
        node._delta = delta if type(delta) is float else read_only(np.array(delta))
        node._pass = backward_pass


def stored_values(plan: Plan, vector_plan: VectorPlan | None = None) -> Values:
    """Return the values that the last forward pass left in the nodes, and those of stacks of them."""
    if vector_plan is None:
        return with_stacks(plan, node_values(plan))
    return with_stacks(vector_plan.plan, vector_plan.values() | node_values(plan, vector_plan.nodes))


def node_values(plan: Plan, nodes: Sequence[Any] | None = None) -> Values:
    """Return the values that the last pass left in all nodes, or in some; raise PassError where one has none."""
    values = {node: node._value for node in (plan.nodes if nodes is None else nodes)}
    if NoneType in map(type, values.values()):
        check_evaluated(plan, stored_value)
    return values


def with_stacks(plan: Plan, values: Mapping[Any, Value]) -> Values:
    """Return the values of all nodes of a plan, and those of the stacks of them."""
    stacks = [step for step in plan.steps if isinstance(step, Stacked)]
    return run_forward(Plan((), [], stacks, {}), values)


def seed_of(plan: Plan) -> dict[Any, Value]:
    """Return where a backward pass starts: the one root with its δ; raises ShapeError unless it is one scalar."""
    root = single_root(plan)
    return {root: loss_derivative(root._value)}


def loss_derivative(loss: Value) -> Value:
    """Return ∂L/∂loss: 1 for a number; 1/B for each loss of a batch of B, since a batch counts as its mean."""
    return 1.0 if np.ndim(loss) == 0 else np.full_like(loss, 1 / len(loss))


def single_root(plan: Plan) -> Any:
    """Return the one root of a plan; raises ShapeError unless there is one and it is a scalar."""
    (root, *others) = plan.roots
    if others or root.shape:
        raise ShapeError(
            "the backward pass starts at one scalar",
            node=root.title,
            found=f"{len(others)} more outputs" if others else f"shape {root.shape}",
            cure="Sum up what should be made small, or say where it starts with Graph(…).backward(deltas).",
        )
    return root


def clear_nodes(nodes: Iterable[Any]) -> None:
    """Forget the δ of some nodes, and the values of those that are computed, as before a pass."""
    for node in nodes:
        node._delta = None
        if node.op is not None:
            node._value = None
