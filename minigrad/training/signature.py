"""The sides of a network: which nodes can be inputs, outputs, targets, and what can be a loss."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from minigrad.core.names import scoped
from minigrad.core.node import Input, Node
from minigrad.errors import GraphError, OperandError, ShapeError


def side(nodes: Any, role: str) -> tuple[Node, ...]:
    """One side of a network as a tuple: scalar nodes, or one array-valued node alone."""
    found = tuple(nodes) if isinstance(nodes, Iterable) and not isinstance(nodes, (Node, str)) else (nodes,)
    for node in found:
        if not isinstance(node, Node):
            raise OperandError(f"{role} are nodes", found=f"{type(node).__name__} {node!r}", expected="a node")
    arrays = [node for node in found if node.shape]
    if arrays and len(found) > 1:
        raise ShapeError(
            f"an array among the {role}",
            node=str(arrays[0]),
            found=f"shape {arrays[0].shape} beside {len(found) - 1} more",
            expected="scalar nodes, or one array-valued node",
            cure="Take slices of one long input, or join outputs with minigrad.concat.",
        )
    return found


def check_inputs(listed: Sequence[Node], read: Sequence[Node]) -> None:
    """Raises GraphError unless the listed inputs are those that the outputs read, each once."""
    expected = f"the inputs {', '.join(node.label for node in read) or 'none'}"
    for place, node in enumerate(listed):
        if node not in read:
            raise GraphError("not an input that the outputs read", node=str(node), expected=expected)
        if node in listed[:place]:
            raise GraphError("an input listed twice", node=str(node), expected=expected)
    for node in read:
        if node not in listed:
            raise GraphError("an input that is not listed", node=str(node), expected=expected)


def check_targets(targets: Sequence[Node], outputs: Sequence[Node]) -> None:
    """Raises GraphError or ShapeError unless there is one input of the same shape for each output."""
    for node in targets:
        if not isinstance(node, Input):
            raise GraphError("a target that is not an input", node=str(node))
    found, expected = [node.shape for node in targets], [node.shape for node in outputs]
    if found != expected or len(set(targets)) < len(targets):
        raise ShapeError("targets that do not fit the outputs", found=found, expected=f"one input each, {expected}")


def target_inputs(outputs: Sequence[Node], taken: Iterable[str | None]) -> tuple[Input, ...]:
    """A new input for each output: t1, t2, … (t for an array-valued one), with primes where such a name is taken."""
    prime = ""
    while True:
        names = [f"t{prime}" if node.shape else f"t{prime}{number}" for number, node in enumerate(outputs, start=1)]
        if {*map(scoped, names)}.isdisjoint(taken):
            return tuple(Input(name, node.shape) for name, node in zip(names, outputs, strict=True))
        prime += "′"


LOSSES = "a loss such as minigrad.squared_error, or a function that makes a node of outputs and targets"


def made_loss(loss: Any, outputs: Sequence[Node], targets: Sequence[Node]) -> Node:
    """The node of the loss; raises OperandError for a loss that makes none, ShapeError for one that is not a scalar."""
    if isinstance(loss, type) or not callable(loss):
        raise OperandError("not a loss", found=repr(loss), expected=LOSSES)
    return checked_loss(loss(outputs[0], targets[0]) if outputs[0].shape else loss(outputs, targets))


def checked_loss(made: Any) -> Node:
    """What a loss made; raises OperandError unless it is a node, ShapeError unless it is a scalar."""
    if not isinstance(made, Node):
        raise OperandError("a loss that makes no node", found=f"{type(made).__name__} {made!r}", expected=LOSSES)
    if made.shape:
        raise ShapeError(
            "a loss that is not a scalar", node=str(made), found=made.shape, cure="Sum it up with minigrad.sum."
        )
    return made
