"""The passes run over live nodes: values and δ are read from them, and stored in them only when all went well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from minigrad._toposort import topological_order
from minigrad.core import interpreter
from minigrad.core.plan import Plan, Stacked, make_plan
from minigrad.errors import PassError, ShapeError
from minigrad.ops.base import Value

last_value = attrgetter("_value")
"""The value that the last pass found."""


def forward_pass(plan: Plan, leaves: Mapping[Any, Value]) -> None:
    """Evaluates the plan and stores what it found in the nodes; every δ is unknown again."""
    values = interpreter.run_forward(plan, leaves, numbers=in_numbers(leaves))
    for node in plan.nodes:
        value = values[node]
        node._value = value if type(value) is float else plain(value)
        node._delta = None


def backward_from(root: Any) -> None:
    """Carries δ back from a root, where it is 1, and stores it in every node that the root is made of."""
    nodes = topological_order([root])
    store_deltas(number_deltas(nodes, {root: 1.0}) or deltas_of(make_plan([root], nodes), None))


def backward_pass(plan: Plan, seeds: Mapping[Any, Value] | None = None) -> None:
    """Carries δ back from the seeds, or from a δ of 1 at the one root, and stores it in every node."""
    deltas = number_deltas(plan.nodes, dict.fromkeys(plan.roots, 1.0) if seeds is None else seeds)
    if deltas is None or (seeds is None and len(plan.roots) > 1):
        deltas = deltas_of(plan, seeds)
    store_deltas(deltas)


def number_deltas(nodes: Sequence[Any], seeds: Mapping[Any, Value]) -> interpreter.Values | None:
    """δ of nodes, parents first, that are plain numbers made of one or two; None where one of them is not.

    Such nodes need no plan, and no copy of their values.
    """
    deltas = dict(seeds)
    if next(interpreter.left_over(reversed(nodes), deltas, last_value), None) is not None:
        return None
    return deltas if len(deltas) == len(nodes) else dict.fromkeys(nodes, 0.0) | deltas


def deltas_of(plan: Plan, seeds: Mapping[Any, Value] | None) -> interpreter.Values:
    """δ of all nodes of a plan, whatever their values are."""
    values = values_of(plan)
    starts = first_delta(plan) if seeds is None else seeds
    deltas = interpreter.run_backward(plan, values, starts, numbers=in_numbers(values))
    return {node: deltas[node] if node in deltas else np.zeros_like(values[node]) for node in plan.nodes}


def store_deltas(deltas: Mapping[Any, Value]) -> None:
    """Stores the δ that a pass found in the nodes."""
    for node, delta in deltas.items():
        node._delta = delta if type(delta) is float else own(delta)


def values_of(plan: Plan) -> interpreter.Values:
    """The values that the last forward pass left in the nodes; raises PassError where there is none."""
    values: dict[Any, Value] = {node: node._value for node in plan.nodes}
    for node, value in values.items():
        if value is None:
            raise PassError("no value yet", node=str(node), cure="Feed the inputs with Graph.forward first.")
    stacks = [step for step in plan.steps if isinstance(step, Stacked)]
    return interpreter.run_forward(Plan((), [], stacks, {}), values, numbers=in_numbers(values)) if stacks else values


def first_not_finite(plan: Plan) -> Any:
    """The first node in order of evaluation whose value is NaN or infinite, None where all are finite numbers."""
    return next((node for node in plan.nodes if not np.all(np.isfinite(node.value))), None)


def first_delta(plan: Plan) -> dict[Any, Value]:
    """δ = 1 at the root, shared evenly over a batch, for a value with a batch axis counts as its mean.

    Raises ShapeError unless there is one root and it is a scalar.
    """
    root = single_root(plan)
    return {root: 1.0 if np.ndim(root.value) == 0 else np.full_like(root.value, 1 / len(root.value))}


def single_root(plan: Plan) -> Any:
    """The one root of a plan; raises ShapeError unless there is one and it is a scalar."""
    (root, *others) = plan.roots
    if others or root.shape:
        raise ShapeError(
            "δ starts at one scalar",
            node=str(root),
            found=f"{len(others)} more outputs" if others else f"shape {root.shape}",
            cure="Sum up what should be made small, or say where δ starts with Graph(…).backward(deltas).",
        )
    return root


def plain(value: Value) -> Value:
    """A number as a Python float, whatever computed it, and an array as it is."""
    return value if type(value) is float or np.ndim(value) else float(value)


def own(delta: Value) -> Value:
    """A number as a Python float, and an array as a copy: in the pass, a sum and its operands share one δ."""
    return np.array(delta) if np.ndim(delta) else float(delta)


def in_numbers(values: Mapping[Any, Value]) -> bool:
    """Whether every scalar node holds a plain number, that is, no batch axis is in play."""
    return all(
        type(value) is float or (node.shape and np.ndim(value) == len(node.shape)) for node, value in values.items()
    )


def forget(plan: Plan) -> None:
    """Values of computed nodes and every δ are unknown again, as before a pass."""
    for node in plan.nodes:
        node._delta = None
        if node.op is not None:
            node._value = None
