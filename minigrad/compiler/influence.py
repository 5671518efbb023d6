"""Which nodes have an influence on the outputs of a graph: δ of the others is 0, whatever their rules would make of it.

A comparison has no derivative, so that no δ flows past it. Where nodes that δ flows to are computed together with like
nodes that it does not flow to, a δ of 0 would be carried on, and 0 times ∞ is NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress

import numpy as np

from minigrad.compiler.node_forms import NodeForms
from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.core.plan import grouped
from minigrad.ops.base import Op


def influence_test(computed: Sequence[Node], forms: NodeForms, outputs: Sequence[Node]) -> Callable[[Node], bool]:
    """Return a function that says whether δ flows from the outputs to a node.

    `computed` are the computed nodes in topological order, `forms` their forms.
    """
    flows = [flow_to_parents(op, count) for op, count in forms.different]
    if all(map(all, flows)):
        return lambda node: True
    reached = set(outputs)
    for node, form in zip(reversed(computed), reversed(forms.numbers), strict=True):
        if node in reached:
            reached.update(compress(node.parents, flows[form]))
    return reached.__contains__


def flow_to_parents(op: Op, count: int) -> list[bool]:
    """Return to which of so many parents the backward rule of an op carries δ, as far as numbers can tell."""
    operands = grouped(op, tuple(range(count))) if op.stars else list(range(count))
    ones = [np.ones(len(operand)) if isinstance(operand, tuple) else np.ones(()) for operand in operands]
    shapes = [one.shape for one in ones]
    try:
        with np.errstate(all="ignore"):
            value = interpreter.apply_forward(np, op, ones, shapes)
            adjoints = interpreter.apply_backward(np, op, 1.0, value, ones, shapes)
    except Exception:  # a rule for arrays, or one that serves no arrays: whoever computes with it says so
        return [True] * count
    flows = [[adjoint is not None] * one.size for one, adjoint in zip(ones, adjoints, strict=True)]
    return [flow for of_operand in flows for flow in of_operand]
