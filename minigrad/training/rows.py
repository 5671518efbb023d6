"""Outputs and mean loss of a network over rows of samples: by whole arrays where its engine has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.ops.base import Value
from minigrad.training.data import Columns

if TYPE_CHECKING:
    from minigrad.graph import Graph
    from minigrad.training.network import Network


def output_rows(network: Network, samples: Columns) -> np.ndarray:
    """Return the outputs for checked samples, one row for each."""
    reader = network.graph.training_engine.row_reader(network.outputs, network.inputs)
    if reader is not None:
        return reader.read(samples.rows)
    graph = network.forward_graph
    values = interpreter.run_forward(graph.plan, graph.leaves(samples.batch()))
    return as_rows([values[output] for output in network.outputs], network.outputs, len(samples))


def mean_loss(network: Network, samples: Columns, targets: Columns) -> float:
    """Return the mean loss over checked samples."""
    graph, loss = network.graph, network.loss
    reader = graph.training_engine.row_reader((loss,), network.inputs, network.targets)
    if reader is not None:
        return float(np.mean(reader.read(samples.rows, targets.rows)))
    feed = loss_feed(graph, samples.batch(), targets.batch())
    return float(np.mean(interpreter.run_forward(graph.plan, graph.leaves(feed))[loss]))


def loss_feed(graph: Graph, samples: Mapping[Node, Value], targets: Mapping[Node, Value]) -> dict[Node, Value]:
    """Return what the graph of a loss reads of samples and targets, which may be less than all."""
    return {node: value for node, value in {**samples, **targets}.items() if node in graph}


def as_rows(values: Sequence[Value], outputs: Sequence[Node], count: int) -> np.ndarray:
    """Return the values of outputs over so many samples, one row for each sample, in float64."""
    columns = [np.broadcast_to(value, (count, *node.shape)) for value, node in zip(values, outputs, strict=True)]
    return np.array(columns[0], float) if outputs[0].shape else np.stack(columns, axis=-1, dtype=float)
