"""What one training learns from: samples and targets, those held out, and the graph of the loss that they feed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from minigrad.core.node import Input
from minigrad.graph import Graph
from minigrad.training.data import Columns, Weighted, checked_pair, held_out, is_share
from minigrad.training.stream import Stream

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

    With sample weights the loss is multiplied by one more input; validation data of its own weighs 1. Raises DataError
    for data that does not fit.
    """
    X, T = data
    stream = Stream(X, check) if T is None else None
    samples, targets = check(X, T) if stream is None else stream.first()
    held = None
    if validation is not None and not is_share(validation):
        held = check(*checked_pair(validation), "validation ")
    if weights is not None:
        weight = Input()
        graph = Graph(graph.outputs[0] * weight)
        targets = Weighted(targets, weight, weights)
        held = held and (held[0], Weighted(held[1], weight, np.ones(len(held[1]))))
    if is_share(validation):
        out = held_out(len(samples), validation, rng)
        held = samples.part(out), targets.part(out)
        samples, targets = samples.part(~out), targets.part(~out)
    looked_at = held or (samples, targets)
    return Supply(graph, samples, targets, held, (looked_at[0], looked_at[1].plain), stream)
