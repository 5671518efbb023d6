"""The health of a network: dead, saturated and vanishing neurons over the last batch, and the first non-finite node."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from minigrad._format import format_number, shorten
from minigrad.core.local_derivatives import activation_derivative
from minigrad.core.node import Node
from minigrad.core.versions import PassNumbers
from minigrad.errors import PassError
from minigrad.ops.base import Value
from minigrad.structure import NetworkStructure, Unit

if TYPE_CHECKING:
    from minigrad.graph import Graph


FLAT = 0.02
"""|θ′(s)| below which the activation counts as flat."""
SATURATED = 0.9
"""Share of samples for which the activation of a saturated neuron is flat."""
VANISHING = 1e-4
"""Mean |δ| of a vanishing neuron, relative to the largest of the network."""


WriteNumber = Callable[[float], str]
"""How a description writes numbers."""


class NeuronHealth(NamedTuple):
    """The health of one neuron over the samples of the last passes."""

    flat: float | None
    """The share of samples for which the activation is flat; None without an activation."""
    delta: float
    """The mean |δ|, that of each sample counted from its own loss."""
    problem: str
    """The gravest of "broken" (NaN or infinite), "dead", "saturated", "vanishing"; "" where there is none."""


class NetworkHealth(NamedTuple):
    """The health of every neuron, over how many samples, and the first node that is NaN or infinite."""

    neurons: dict[Unit, NeuronHealth]
    samples: int
    nonfinite: Node | None


def check_health(structure: NetworkStructure) -> NetworkHealth:
    """Return the health of a network by the last forward and backward pass.

    Raises PassError where values and δ do not belong to one pass of this network.
    """
    check_one_pass(structure.graph)
    neurons = [unit for layer in structure.layers for unit in layer]
    sizes = [mean_delta(unit) for unit in neurons]
    largest = max(filter(isfinite, sizes), default=0.0)
    health = {unit: neuron_health(unit, size, largest) for unit, size in zip(neurons, sizes, strict=True)}
    outputs = structure.graph.outputs
    samples = max(len(node.value) if np.ndim(node.value) > node.ndim else 1 for node in outputs)
    return NetworkHealth(health, samples, first_nonfinite(structure.graph))


def check_one_pass(graph: Graph) -> None:
    """Raise PassError unless values and δ of a graph are those of its own last passes at the present leaves."""
    if reason := PassNumbers(graph.plan).missing():
        what, _, cure = reason.partition(": ")
        raise PassError(f"values and deltas are {what}", node=graph.outputs[0].title, cure=f"{cure.capitalize()}.")


def neuron_health(unit: Unit, delta: float, largest: float) -> NeuronHealth:
    """Return the health of a neuron from its mean |δ| and the largest one of the network."""
    slope = None
    if unit.weighted_sum is not None and unit.output is not unit.weighted_sum:
        s, y = (element_value(node.value, unit.position) for node in (unit.weighted_sum, unit.output))
        slope = activation_derivative(unit.output, unit.weighted_sum, s, y)
    flat = None if slope is None else float(np.mean(np.abs(slope) < FLAT))
    problem = ""
    if not isfinite(delta) or not is_finite(element_value(unit.output.value, unit.position)):
        problem = "broken"
    elif slope is not None and not np.any(slope):
        problem = "dead"
    elif flat is not None and flat >= SATURATED:
        problem = "saturated"
    elif delta < VANISHING * largest:
        problem = "vanishing"
    return NeuronHealth(flat, delta, problem)


def mean_delta(unit: Unit) -> float:
    """Return the mean |δ| of a neuron over the samples, each counted from its own loss."""
    if unit.weighted_sum is None:
        return 0.0
    delta = per_sample_delta(unit.weighted_sum, unit.weighted_sum.delta)
    return float(np.mean(np.abs(element_value(delta, unit.position))))


def per_sample_delta(node: Node, delta: Value) -> Value:
    """Return δ of a node, that of each sample of a batch counted from its own loss and not from the mean loss."""
    return delta * len(delta) if np.ndim(delta) > node.ndim else delta


def has_samples(node: Node) -> bool:
    """Return whether a node has a value, and so a δ, for each sample; else its δ is the mean of theirs."""
    return np.ndim(node.value) > node.ndim


def element_value(value: Value, index: int | None) -> Value:
    """Return one element of an array, for every sample."""
    return value if index is None else value[..., index]


def is_finite(value: Value) -> bool:
    """Return whether all numbers of a value are finite."""
    return isfinite(value) if type(value) is float else bool(np.isfinite(value).all())


def first_nonfinite(graph: Graph) -> Node | None:
    """Return the first node in order of evaluation that is NaN or infinite; None where all are finite."""
    return next((node for node in graph.nodes if not is_finite(node._value)), None)


def describe_nonfinite(node: Node, write: WriteNumber = format_number) -> str:
    """Describe a node, its value and some of the values it was computed from."""
    return f"{shorten(node.title)} = {describe_origin(node, 4, write)}"


def describe_origin(node: Node, most: int, write: WriteNumber = format_number) -> str:
    """Describe the value of a node and at most so many of the values it was computed from."""
    operands = [f"{shorten(parent.title)} = {describe_range(parent.value, write)}" for parent in node.parents[:most]]
    more = ", …" if len(node.parents) > most else ""
    source = f", computed from {', '.join(operands)}{more}" if operands else ""
    return f"{describe_range(node.value, write)}{source}"


def describe_range(value: Value, write: WriteNumber = format_number) -> str:
    """Describe a number, or the least and the largest of many."""
    if np.size(value) == 1:
        return write(float(np.ravel(value)[0]))
    return f"{write(float(np.min(value)))} … {write(float(np.max(value)))}"
