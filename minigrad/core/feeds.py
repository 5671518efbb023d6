"""The values that a pass starts from: what is fed, checked, and what the leaves have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from minigrad._validation import checked_value
from minigrad.core.node import Input, Node
from minigrad.errors import FeedError, ShapeError
from minigrad.ops.base import Value


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


def leaf_values(leaves: Iterable[Node], fed: Mapping[Node, Value]) -> dict[Node, Value]:
    """Return the value of every leaf, where it is not fed as it is stored, after a check of batch sizes."""
    values = {node: fed.get(node, node._value) for node in leaves}
    sizes: dict[int, Node] = {}
    for node, value in values.items():
        if value is None:
            raise FeedError("no value fed", node=node.title, cure=f"Pass {{{node.name!r}: …}} or assign its value.")
        if np.ndim(value) > node.ndim:
            sizes[len(value)] = node
    if len(sizes) > 1:
        batches = " and ".join(f"{size} for {node.title}" for size, node in sizes.items())
        raise ShapeError("batches of different sizes", found=batches, expected="one", cure="Feed all of them anew.")
    return values
