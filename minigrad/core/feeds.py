"""The values that a pass starts from: what is fed, checked, and what the inputs have."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from math import isnan
from typing import Any

import numpy as np

from minigrad._validation import FLOAT64, checked_value
from minigrad.core.node import Input, Node
from minigrad.core.node_table import NodeTable
from minigrad.errors import FeedError, ShapeError
from minigrad.ops.base import Value

FLOAT_TYPES = {float, np.float64}
"""The types of numbers that `float` takes as they are."""


def feeds_by_node(feeds: Any, table: NodeTable, unused_inputs: Sequence[Node]) -> dict[Node, Value]:
    """Return what is fed by node or name, or to tuples of inputs, by node and checked.

    Raises FeedError or ShapeError.
    """
    if not isinstance(feeds, Mapping):
        raise FeedError("feeds without keys", found=type(feeds).__name__, cure="Pass {input: value}, or names.")
    alone: dict[Node, Any] = {}
    fed: dict[Node, Value] = {}
    for key, value in feeds.items():
        if isinstance(key, tuple):
            nodes = [table.member(item, unused_inputs) for item in key]
            check_fed_once(nodes, fed)
            fed |= checked_rows(nodes, value)
        else:
            node = key if key in table.position else table.member(key, unused_inputs)
            if node in alone:
                check_fed_once([node], alone)
            alone[node] = value
    if fed:
        check_fed_once(alone, fed)
    return fed | checked_feeds(alone)


def check_fed_once(nodes: Iterable[Node], fed: Container[Node]) -> None:
    """Raise FeedError where one of some nodes is fed already, or twice among them."""
    nodes_before: set[Node] = set()
    for node in nodes:
        if node in fed or node in nodes_before:
            raise FeedError("fed twice", node=node.title, cure="Feed it by node or by name, not by both.")
        nodes_before.add(node)


def checked_feeds(feeds: Mapping[Node, Any]) -> dict[Node, Value]:
    """Return feeds, checked: at once where all are numbers, or all columns of one batch; else one by one.

    Raises FeedError or ShapeError.
    """
    values = alike_feeds([*feeds.values()]) if are_scalar_inputs(feeds) else None
    if values is not None:
        return dict(zip(feeds, values, strict=True))
    return {node: checked_feed(node, value) for node, value in feeds.items()}


def are_scalar_inputs(nodes: Iterable[Node]) -> bool:
    """Return whether all of some nodes are inputs, and scalars."""
    return all([not node.shape and isinstance(node, Input) for node in nodes])


def alike_feeds(values: Sequence[Any]) -> Sequence[Value] | None:
    """Return feeds of scalar inputs, all of them numbers or columns of one length; None where one may be wrong."""
    types = {*map(type, values)}
    if types <= FLOAT_TYPES:
        numbers = [*map(float, values)]
        return None if isnan(sum(numbers)) else numbers  # also of ∞ − ∞, where each is looked at
    if types == {np.ndarray}:
        (shape, *others) = {value.shape for value in values}
        if not others and len(shape) == 1 and shape[0] and {value.dtype for value in values} == {FLOAT64}:
            return finite_or_infinite(np.concatenate(values).reshape(len(values), -1))
    return None


def finite_or_infinite(columns: np.ndarray) -> Sequence[Value] | None:
    """Return the rows of an array that nobody else has, read-only; None where one of the numbers is NaN."""
    for array in (columns, columns.base):
        if array is not None:
            array.flags.writeable = False
    return None if np.isnan(columns).any() else [*columns]


def checked_rows(nodes: Sequence[Node], rows: Any) -> dict[Node, Value]:
    """Return what several inputs are fed by one array: a column for each, or of a vector a number; checked as feeds.

    A single input of some shape is fed the array as it is.
    """
    if len(nodes) == 1 and nodes[0].shape:
        return {nodes[0]: checked_feed(nodes[0], rows)}
    title = f"{nodes[0].title} … {nodes[-1].title}" if nodes else "()"
    array = np.asarray(checked_value(rows, title))
    if not nodes or array.ndim not in (1, 2) or array.shape[-1] != len(nodes) or not len(array):
        expected = f"({len(nodes)},), or (samples, {len(nodes)})"
        raise ShapeError("a feed that does not fit", node=title, found=array.shape, expected=expected)
    if array.ndim == 1:
        return checked_feeds(dict(zip(nodes, array.tolist(), strict=True)))
    columns = finite_or_infinite(np.ascontiguousarray(array.T)) if are_scalar_inputs(nodes) else None
    return dict(zip(nodes, columns, strict=True)) if columns else checked_feeds(dict(zip(nodes, array.T, strict=True)))


def checked_feed(node: Node, value: Any) -> Value:
    """Return one feed, checked; raise FeedError or ShapeError."""
    if not isinstance(node, Input):
        raise FeedError("only inputs are fed", node=node.title, cure="Assign a parameter's value instead.")
    checked = checked_value(value, node.title)
    if np.isnan(checked).any():
        raise FeedError("a feed that is not a number", node=node.title, found="nan", cure="Clean the data first.")
    shape = np.shape(checked)
    if (shape != node.shape and shape[1:] != node.shape) or len(shape) > node.ndim + 1 or 0 in shape:
        raise ShapeError(
            "a feed that does not fit",
            node=node.title,
            found=shape,
            expected=f"{node.shape}, or a batch axis before it",
        )
    return checked


def input_values(inputs: Iterable[Node], fed: Mapping[Node, Value]) -> tuple[dict[Node, Value], int | None]:
    """Return the value of every input, where it is not fed as it is stored, and the size of the batch if there is one.

    Raises FeedError for an input without a value, ShapeError for batches of different sizes.
    """
    values = {node: fed.get(node, node._value) for node in inputs}
    sizes: dict[int, Node] = {}
    for node, value in values.items():
        if type(value) is float:
            continue
        if value is None:
            raise FeedError("no value fed", node=node.title, cure=f"Pass {{{node.name!r}: …}} or assign its value.")
        if value.ndim > len(node.shape):
            sizes[len(value)] = node
    if len(sizes) > 1:
        batches = " and ".join(f"{size} for {node.title}" for size, node in sizes.items())
        raise ShapeError("batches of different sizes", found=batches, expected="one", cure="Feed all of them anew.")
    return values, next(iter(sizes), None)
