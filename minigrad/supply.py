"""What one training learns from: samples and targets, those held out, and the graph of the loss that they feed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from minigrad.data import Columns, Weighted, split
from minigrad.errors import SettingError
from minigrad.graph import Graph
from minigrad.node import Input
from minigrad.stream import Stream
from minigrad.train import checked_pair

Pair = tuple[Columns, Columns]
"""Samples and their targets."""


class Supply(NamedTuple):
    """Data held against a network."""

    graph: Graph
    samples: Columns
    targets: Columns
    held_out: Pair | None
    measured: Pair
    """What metrics are measured on: the validation data where there is any."""
    stream: Stream | None


def make_supply(
    graph: Graph,
    check: Callable[..., Pair],
    data: tuple[Any, Any],
    validation: Any,
    weights: Any,
    rng: np.random.Generator,
) -> Supply:
    """The data of one training: `data` is (X, T), or (batches, None), and `check` holds a pair against the network.

    With sample weights the loss is multiplied by one more input. Raises DataError for data that does not fit,
    SettingError for a share held out of weighted samples.
    """
    X, T = data
    stream = Stream(X, check) if T is None else None
    if isinstance(validation, float) and stream is None:
        if weights is not None:
            raise SettingError("a share held out of weighted samples", cure="Pass validation=(X, T).")
        (X, T), validation = split(X, T, validation, rng)
    samples, targets = check(X, T) if stream is None else stream.first()
    held_out = None if validation is None else check(*checked_pair(validation), "validation ")
    measured = held_out or (samples, targets)
    if weights is not None:
        weight = Input()
        graph = Graph(graph.outputs[0] * weight)
        targets = Weighted(targets, weight, weights)
        held_out = held_out and (held_out[0], Weighted(held_out[1], weight, np.ones(len(held_out[1]))))
    return Supply(graph, samples, targets, held_out, measured, stream)
