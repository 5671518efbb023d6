"""The signature of a network: which nodes can be its inputs, outputs and targets, and what can be a loss."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from minigrad._format import describe_value
from minigrad.core.names import scoped
from minigrad.core.node import Input, Node
from minigrad.errors import GraphError, MinigradError, OperandError, ShapeError


def check_nodes(nodes: Any, role: str) -> tuple[Node, ...]:
    """Return inputs, outputs or targets as a tuple; raise unless they are scalar nodes, or one array node alone."""
    members = tuple(nodes) if isinstance(nodes, Iterable) and not isinstance(nodes, (Node, str)) else (nodes,)
    for node in members:
        if not isinstance(node, Node):
            raise OperandError(
                f"{role} are nodes", found=f"{type(node).__name__} {describe_value(node)}", expected="a node"
            )
    arrays = [node for node in members if node.shape]
    if arrays and len(members) > 1:
        raise ShapeError(
            f"an array node must be the only one of the {role}",
            node=arrays[0].title,
            found=f"shape {arrays[0].shape} beside {len(members) - 1} more",
            expected="scalar nodes, or one array-valued node",
            cure="Take slices of one long input, or join outputs with minigrad.concat.",
        )
    return members


def check_inputs(listed: Sequence[Node], read: Sequence[Node]) -> None:
    """Raise GraphError unless the listed inputs are those that the outputs read, each once."""
    expected = f"the inputs {', '.join(node.label for node in read) or 'none'}"
    unlisted, of_outputs = dict.fromkeys(read), {*read}
    for node in listed:
        if node not in of_outputs:
            raise GraphError("the outputs do not read this input", node=node.title, expected=expected)
        if node not in unlisted:
            raise GraphError("an input is listed twice", node=node.title, expected=expected)
        del unlisted[node]
    for node in unlisted:
        raise GraphError("an input is missing from the list", node=node.title, expected=expected)


def check_targets(targets: Sequence[Node], outputs: Sequence[Node]) -> None:
    """Raise GraphError or ShapeError unless there is one input of the same shape for each output."""
    for node in targets:
        if not isinstance(node, Input):
            raise GraphError("a target must be an input", node=node.title)
    shapes, expected = [node.shape for node in targets], [node.shape for node in outputs]
    if shapes != expected or len(set(targets)) < len(targets):
        raise ShapeError("the targets do not fit the outputs", found=shapes, expected=f"one input each, {expected}")


def make_target_inputs(outputs: Sequence[Node], taken: Sequence[str | None]) -> tuple[Input, ...]:
    """Return a new input for each output: t1, t2, … (t for an array), with primes where such a name is taken."""
    prime = ""
    while True:
        names = [f"t{prime}" if node.shape else f"t{prime}{number}" for number, node in enumerate(outputs, start=1)]
        if {*map(scoped, names)}.isdisjoint(taken):
            return tuple(Input(name, node.shape) for name, node in zip(names, outputs, strict=True))
        prime += "′"


LOSSES = "a loss such as minigrad.squared_error, or a function of outputs and targets that returns a node"


def make_loss(loss: Any, outputs: Sequence[Node], targets: Sequence[Node]) -> Node:
    """Return the node of a loss; raise OperandError where it makes none, ShapeError where that is no scalar."""
    if isinstance(loss, type) or not callable(loss):
        raise OperandError("not a loss", found=describe_value(loss), expected=LOSSES)
    try:
        node = loss(outputs[0], targets[0]) if outputs[0].shape else loss(outputs, targets)
    except TypeError as error:
        if isinstance(error, MinigradError) or outputs[0].shape:
            raise
        raise OperandError(
            "the loss function failed",
            found=str(error),
            expected="a function of a tuple of outputs and a tuple of targets, each of them a scalar node",
            cure="For example: lambda y, t: minigrad.sum((minigrad.stack(y) - minigrad.stack(t)) ** 2).",
        ) from error
    return check_loss(node)


def check_loss(loss: Any) -> Node:
    """Return what a loss made; raise OperandError unless it is a node, ShapeError unless it is a scalar."""
    if not isinstance(loss, Node):
        raise OperandError(
            "the loss did not return a node", found=f"{type(loss).__name__} {describe_value(loss)}", expected=LOSSES
        )
    if loss.shape:
        raise ShapeError(
            "the loss must be a scalar", node=loss.title, found=loss.shape, cure="Sum it up with minigrad.sum."
        )
    return loss
