"""The order in which a graph is evaluated, found once: every node after its parents, starred operands stacked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from types import NoneType
from typing import Any, NamedTuple

from minigrad._format import list_labels
from minigrad._toposort import topological_order
from minigrad.ops.base import Op, Shape
from minigrad.ops.shaping import Stack


class Stacked:
    """A starred operand, its scalar nodes stacked on the last axis; it exists in plans only."""

    __slots__ = ("op", "parents", "shape")

    def __init__(self, parents: tuple[Any, ...]) -> None:
        self.op = Stack()
        self.parents = parents
        self.shape: Shape = (len(parents),)

    def __reduce__(self) -> tuple[Any, ...]:
        return Stacked, (self.parents,)

    @property
    def title(self) -> str:
        """The first and the last of the stacked nodes, as messages name the stack."""
        return f"stack of {list_labels(self.parents)}"


class Plan(NamedTuple):
    """A graph in evaluation order."""

    roots: tuple[Any, ...]
    nodes: list[Any]
    steps: list[Any]
    """The vertices that are computed, nodes and stacks, each after its operands."""
    operands: dict[Any, tuple[Any, ...]]
    """What the op of a node reads, where that is not its parents but stacks of them."""

    def operands_of(self, vertex: Any) -> tuple[Any, ...]:
        """What the op of a vertex reads."""
        return self.operands.get(vertex, vertex.parents)


def make_plan(roots: Sequence[Any], order: list[Any] | None = None) -> Plan:
    """Return the plan of all that the roots are made of; each row of a starred operand is stacked once."""
    nodes = topological_order(roots) if order is None else order
    ops: list[Any] = [node.op for node in nodes]  # one walk over the nodes, which in a large graph costs the most
    op_classes: set[Any] = {*map(type, ops)} - {NoneType}
    computed = list(compress(nodes, ops))
    if not any(op_class.stars for op_class in op_classes):
        return Plan(tuple(roots), nodes, computed, {})
    plan = Plan(tuple(roots), nodes, [], {})
    stacks: dict[tuple[Any, ...], Stacked] = {}
    for node in computed:
        if node.op.stars and not node.parents[0].shape:
            plan.operands[node] = stacked_operands(node.op, node.parents, stacks, plan.steps)
        plan.steps.append(node)
    return plan


def stacked_operands(
    op: Op, parents: tuple[Any, ...], stacks: dict[tuple[Any, ...], Stacked], steps: list[Any]
) -> tuple[Any, ...]:
    """The operands of a starred op; a stack that is not there yet is added to `stacks` and to `steps`."""
    operands: list[Any] = []
    for group in grouped(op, parents):
        if not isinstance(group, tuple):
            operands.append(group)
            continue
        new = Stacked(group)
        stack = stacks.setdefault(group, new)  # one look-up: the hash of a tuple takes as long as the tuple is long
        if stack is new:
            steps.append(stack)
        operands.append(stack)
    return tuple(operands)


def grouped(op: Op, parents: tuple[Any, ...]) -> list[Any]:
    """The parents of a starred op by operand: a tuple for each starred one, the node itself for the others."""
    length = (len(parents) - len(op.operands) + op.stars) // op.stars
    groups: list[Any] = []
    rest = parents
    for name in op.operands:
        if name.startswith("*"):
            groups.append(rest[:length])
            rest = rest[length:]
        else:
            groups.append(rest[0])
            rest = rest[1:]
    return groups
