"""The order in which a graph is evaluated, found once: every node after its parents, starred operands stacked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from minigrad.errors import GraphError
from minigrad.ops.op import Op, Shape
from minigrad.ops.shaping import Stack


class Vertex(Protocol):
    """What the plan asks of a node."""

    op: Op | None
    parents: tuple[Any, ...]
    shape: Shape

    def __str__(self) -> str: ...


class Stacked:
    """A starred operand, its scalar nodes stacked on the last axis; it exists in plans only."""

    __slots__ = ("op", "parents", "shape")

    def __init__(self, parents: tuple[Any, ...]) -> None:
        self.op = Stack()
        self.parents = parents
        self.shape: Shape = (len(parents),)


class Step(NamedTuple):
    """One reading of one rule: the node that gets the value, the op, its operands, whether it may deal in numbers."""

    node: Any
    op: Op
    operands: tuple[Any, ...]
    numeric: bool


class Plan(NamedTuple):
    """A graph in evaluation order."""

    roots: tuple[Any, ...]
    nodes: list[Any]
    steps: list[Step]


UNFINISHED = -1


def topological_order(roots: Sequence[Any]) -> list[Any]:
    """Every node that the roots are made of, each after its parents, in the order a reader meets them.

    Raises GraphError where a node is its own ancestor. Depth-first and iterative, so depth is no limit.
    """
    order: list[Any] = []
    position: dict[Any, int] = {}
    stack: list[Any] = list(roots)[::-1]
    while stack:
        node = stack.pop()
        if node is None:  # the parents of the node below are done
            node = stack.pop()
            position[node] = len(order)
            order.append(node)
        elif node not in position:
            position[node] = UNFINISHED
            stack += (node, None)
            stack += node.parents[::-1]
        elif position[node] == UNFINISHED:
            raise GraphError(
                "a node is its own ancestor",
                node=str(node),
                cure="Parents are fixed when a node is made; do not assign them.",
            )
    return order


def make_plan(roots: Sequence[Any]) -> Plan:
    """The plan of all that the roots are made of; each distinct starred operand is stacked once."""
    nodes = topological_order(roots)
    stacks: dict[tuple[Any, ...], Stacked] = {}
    steps: list[Step] = []
    for node in nodes:
        op = node.op
        if op is None:
            continue
        operands = node.parents
        if op.stars and not operands[0].shape:
            operands = stacked_operands(op, operands, stacks, steps)
        steps.append(Step(node, op, operands, op.numeric and not node.shape))
    return Plan(tuple(roots), nodes, steps)


def stacked_operands(
    op: Op, parents: tuple[Any, ...], stacks: dict[tuple[Any, ...], Stacked], steps: list[Step]
) -> tuple[Any, ...]:
    """The operands of a starred op; a stack that is not there yet is added to `stacks`, and its step to `steps`."""
    operands: list[Any] = []
    for group in grouped(op, parents):
        if isinstance(group, tuple) and group not in stacks:
            stacks[group] = Stacked(group)
            steps.append(Step(stacks[group], stacks[group].op, group, True))
        operands.append(stacks[group] if isinstance(group, tuple) else group)
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
