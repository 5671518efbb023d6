"""The numbers of one pass as a picture shows them: of a batch the means, or one sample; None where they are unknown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import chain
from typing import Any, Protocol, runtime_checkable

import numpy as np

from minigrad._format import describe_value, lowered
from minigrad._validation import check_integer
from minigrad.core.interpreter import as_float, run_backward, stored_value
from minigrad.core.local_derivatives import activation_derivative, local_derivatives
from minigrad.core.node import Node, Parameter
from minigrad.core.passes import single_root, with_stacks
from minigrad.core.versions import PassNumbers
from minigrad.drawing.numbers import format_computed, format_given, mean_mark
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.ops.base import Value
from minigrad.ops.indexing import Selection
from minigrad.structure import Element, Index


class Snapshot:
    """The values and derivatives of a graph that belong to one pass; those of a batch are averaged over its samples.

    With `sample` the numbers are those of one sample of the batch alone: its values, and ∂L/∂node of its own loss,
    which is computed here; nothing in the nodes changes. Each number is computed when it is first asked for.

    Args:
        graph: The graph.
        values: Values to show in place of those in the nodes.
        sample: The position of a sample in the batch of the last pass, counted from 0; None for the means.

    Raises:
        RenderError: If the last pass was no batch, or had no such sample.
        SettingError: If `sample` is no whole number.
    """

    def __init__(self, graph: Graph, values: Mapping[Node, Value] | None = None, sample: int | None = None) -> None:
        self.graph = graph
        self._numbers = PassNumbers(graph.plan)
        self._values = values
        self._cache: dict[tuple[Node, Any], Any] = {}
        self.batch = batch_size(graph)
        """How many samples the last pass had; 0 where it was no batch."""
        self.sample = None if sample is None else checked_sample(sample, self.batch)

    @cached_property
    def is_mean(self) -> bool:
        """Return whether the numbers are means, which are marked ⟨ ⟩."""
        return bool(self.batch and self.sample is None) or self.has_rows

    @cached_property
    def has_rows(self) -> bool:
        """Return whether a unit stands for several rows of an array: its value is their mean, its derivative a sum."""
        nodes = chain(self.graph.inputs, self.graph.table.computed)
        return any(len(node.shape) > 1 for node in nodes if node.kind in UNIT_KINDS)

    def mark(self, name: str, *nodes: Node) -> str:
        """Return what a number is called: ⟨name⟩ where it is a mean, of a value or product of these nodes.

        Without nodes it is a derivative, which over a batch is always a mean; a sum, Σ name, where `backward` was told
        from which derivatives to start.
        """
        if not nodes and self._is_sum:
            return f"Σ {name}"
        is_mean = self.is_mean and (not nodes or any(map(self.varies, nodes)))
        return mean_mark(name) if is_mean else name

    @cached_property
    def _is_sum(self) -> bool:
        """Whether derivatives over a batch add up without a share 1/B, since `backward` started from others."""
        if not self.batch or self.sample is not None:
            return False
        deltas = [delta for output in self.graph.outputs if (delta := self._numbers.delta(output)) is not None]
        return bool(deltas) and not (len(self.graph.outputs) == 1 and np.allclose(deltas[0], 1 / self.batch))

    def varies(self, node: Node) -> bool:
        """Return whether the value of a node is not the same for all samples, or rows."""
        return np.ndim(self.values(node)) > node.ndim or (node.ndim > 1 and node.kind in UNIT_KINDS)

    def value(self, node: Node, index: Index = None) -> float | None:
        """Return the value of a node, or of one element of it; over a batch the mean."""
        return self._number(node, self.values(node), index, np.mean)

    def delta(self, node: Node, index: Index = None) -> float | None:
        """Return ∂L/∂node, or that of one element: δ of a weighted sum, the gradient of a parameter.

        Over a batch it is the mean of what the samples' own losses give.
        """
        return self._number(node, self.deltas(node), index, np.sum)

    def mean_delta(self, node: Node) -> Value:
        """Return ∂L/∂node without a batch axis; None where it is not known."""
        delta = self.deltas(node)
        return None if delta is None else as_float(without_batch(node, delta, np.sum))

    def values(self, node: Node) -> Value:
        """Return the value of a node with its batch axis, if it has one here; None where it is not known."""
        value = self._numbers.value(node) if self._values is None else self._values[node]
        return value if self.sample is None else self._of_sample(node, value)

    def deltas(self, node: Node) -> Value:
        """Return ∂L/∂node with its batch axis, if it has one here; None where it is not known.

        Each sample of a batch has its share 1/B in the mean loss.
        """
        if self.sample is None:
            return self._numbers.delta(node)
        deltas = self._sample_deltas
        return as_float(deltas[node] if node in deltas else np.zeros(node.shape)) if deltas else None

    def text(self, node: Node, index: Index = None, digits: int = 4) -> str:
        """Return the value of a node, or of one element, as it is printed; an array as its shape."""
        value = self.values(node)
        if index is None and node.shape and value is not None:
            return format_shape(node)
        is_given = node.op is None and not (self.is_mean and self.varies(node))
        return (format_given if is_given else format_computed)(self.value(node, index), digits)

    def delta_text(self, node: Node, index: Index = None, digits: int = 4) -> str:
        """Return ∂L/∂node as it is printed; an array as its shape."""
        if index is None and node.shape and self.deltas(node) is not None:
            return format_shape(node)
        return format_computed(self.delta(node, index), digits)

    def product(self, first: Element, second: Element) -> float | None:
        """Return the product of two values, such as w·x; over a batch ⟨w·x⟩, the mean of the products."""
        return reduce_product(np.mean, self._each(first, self.values), self._each(second, self.values))

    def product_with_delta(self, factor: Element, weighted_sum: Element) -> float | None:
        """Return the value of one element times δ of another; over a batch ⟨x·δ⟩, the mean of the products.

        x·δ is what one use of a weight adds to its gradient, w·δ what ∂L/∂x of the output before gets from one reader.
        """
        return reduce_product(np.sum, self._each(factor, self.values), self._each(weighted_sum, self.deltas))

    def _each(self, element: Element, numbers_of: Callable[[Node], Value]) -> Value:
        value, index = numbers_of(element.node), element.position
        if value is None or index is None:
            return value
        return value[..., *index] if isinstance(index, tuple) else value[..., index]

    def local_derivatives(self, node: Node) -> list[float | None]:
        """Return ∂node/∂parent for each parent, over a batch its mean; None where it is not known, and for arrays."""
        return local_derivatives(node, self.values)

    def slope(self, output: Node, weighted_sum: Node, index: int | None = None) -> float | None:
        """Return θ′(s) of a neuron, over a batch its mean; None where it is not known, or where there is none."""
        s, y = (self._each(Element(node, index), self.values) for node in (weighted_sum, output))
        slope = activation_derivative(output, weighted_sum, s, y)
        return None if slope is None else float(np.mean(slope))

    def uses(self, weight: Element) -> int:
        """Return how often a weight or a bias, or an element of one, is read: by how many connections and neurons."""
        node, position = weight
        count = self.graph.table.read_counts[node]
        if node.shape and position is not None:  # readers that select elements may select others
            flat = np.ravel_multi_index(position if isinstance(position, tuple) else (position,), node.shape)
            selections = [child for child in self._selections if child.parents[0] is node]
            ops: list[Any] = [child.op for child in selections]
            count += sum(int(np.count_nonzero(op.indices == flat)) for op in ops) - len(ops)
        return count

    @cached_property
    def _missing_values(self) -> str | None:
        return self._numbers.missing(deltas=False)

    @cached_property
    def _missing_deltas(self) -> str | None:
        return self._numbers.missing()

    @cached_property
    def _selections(self) -> list[Node]:
        return [node for node in self.graph.table.computed if isinstance(node.op, Selection)]

    @cached_property
    def _sample_deltas(self) -> Mapping[Any, Value]:
        """∂L/∂node of one sample's own loss; empty where values are missing, or there is no one loss."""
        plan = self.graph.plan
        if len(plan.roots) > 1 or plan.roots[0].shape or self._missing_values:
            return {}
        stored = zip(plan.nodes, map(stored_value, plan.nodes), strict=True)
        values = {node: value if type(value) is float else self._of_sample(node, value) for node, value in stored}
        return run_backward(plan, with_stacks(plan, values), {single_root(plan): 1.0})

    def _of_sample(self, node: Node, value: Value) -> Value:
        if value is None or type(value) is float or np.ndim(value) == node.ndim:
            return value
        return as_float(value[self.sample])

    def _number(self, node: Node, value: Value, index: Index, reduce: Any) -> float | None:
        if value is None or type(value) is float:
            return value
        axes = index if isinstance(index, tuple) else () if index is None else (index,)
        array = self._cache.get((node, reduce))
        if array is None:
            array = self._cache[node, reduce] = without_batch(node, value, reduce)
        leading = array.ndim - len(axes)  # leading axes of the node's own count as samples, too
        if index is None:
            return float(array) if not leading else None
        if not leading:
            return float(array[axes])
        with np.errstate(all="ignore"):
            return float(reduce(array, axis=tuple(range(leading)))[axes])

    def notes(self, deltas: bool = True, say: Callable[..., str] = str.format) -> tuple[str, ...]:
        """Return what a legend says about batches, and about values and, with `deltas`, derivatives not known.

        `say` translates a phrase and fills in its {names}, as that of a page does.
        """
        notes = []
        if self.sample is not None:
            phrase = "Sample {sample} of a batch of {count} (the first is 0), with its own loss."
            notes.append(say(phrase, sample=self.sample, count=self.batch))
        elif self.batch:
            notes.append(say("⟨ ⟩: mean of {count} samples, each with its own loss.", count=self.batch))
        if deltas and self._is_sum:
            notes.append(say("Σ: sum over the samples, from the derivatives that backward started with."))
        if self.has_rows:
            notes.append(say("Arrays of several rows: ⟨value⟩ is the mean of the rows, ⟨δ⟩ their sum."))
        if reason := self._missing_deltas if deltas and self.sample is None else self._missing_values:
            what, _, cure = reason.partition(": ")
            since = re.fullmatch("out of date since (.+) changed", what)
            what = say("out of date since {leaf} changed", leaf=since[1]) if since else say(what)
            notes.append(f"— {what}: {say(cure)}.")
        elif deltas and self.sample is not None and not self._sample_deltas:
            notes.append(say("— not known: the derivatives of one sample need one scalar output."))
        return tuple(notes)


UNIT_KINDS = {"input", "weighted sum", "activation"}
"""Nodes of which each element on the last axis is a unit."""


SampleChoice = int | tuple[Any, Any] | Mapping[Any, Any]
"""What to show: a sample of the last batch by its position, or a sample to run, as (x, t) or as values of inputs."""


@runtime_checkable
class RunsSamples(Protocol):
    """A network: it runs both passes over a sample or a batch, and leaves their numbers in its graph."""

    @property
    def graph(self) -> Graph: ...

    def loss_graph(self, x: Any, t: Any, /) -> Graph: ...


def snapshot_of(what: object, graph: Graph, sample: SampleChoice | None = None) -> Snapshot:
    """Return the numbers to draw: those of the last pass, of one sample of it, or of a pass that is run now.

    Args:
        what: What is drawn, such as a network.
        graph: Its graph.
        sample: None for the last pass; the position of a sample in its batch, from 0; a pair (x, t) for a network, a
            sample or a batch with its targets; or a mapping from inputs, or their names, to values. Pairs and mappings
            are run forward and backward, and leave this pass in the nodes.

    Returns:
        The snapshot.

    Raises:
        RenderError: If there is no such sample, or `sample` is a pair but there is no network.
        SettingError: If `sample` is something else.
        DataError: If a pair does not fit the network; nothing has changed then.
        FeedError: If a mapping does not fit the graph; nothing has changed then.
        ShapeError: If a value has a wrong shape; nothing has changed then.
    """
    if sample is None:
        return Snapshot(graph)
    if isinstance(sample, Mapping):
        graph.forward(sample)
        if len(graph.outputs) == 1 and not graph.outputs[0].shape:
            graph.backward()
        return Snapshot(graph)
    if isinstance(sample, tuple):
        if len(sample) != 2:
            raise RenderError("not a sample", found=describe_value(sample), expected="a pair (x, t)")
        if not isinstance(what, RunsSamples):
            cure = "Draw the network, or pass the values of the inputs by name: sample={'x1': 0.5}."
            raise RenderError("only a network has samples and targets", found=type(what).__name__, cure=cure)
        what.loss_graph(*sample)
        return Snapshot(graph)
    return Snapshot(graph, sample=sample)


def checked_sample(sample: int, batch: int) -> int:
    """Return the position of a sample in a batch; raise RenderError if there is none."""
    position = check_integer(sample, "sample", 0)
    if not batch:
        cure = "Run forward and backward over a batch first, or pass sample=(x, t)."
        raise RenderError("no batch to choose a sample from", found=f"sample={position}", cure=cure)
    if position >= batch:
        expected = f"0 to {batch - 1}"
        raise RenderError("no such sample in the batch of the last pass", found=position, expected=expected)
    return position


def batch_size(graph: Graph) -> int:
    """Return how many samples the last pass had; 0 where it was no batch.

    Every input is read on the way to an output, so that no other node has a batch axis where these have none.
    """
    sizes = [
        len(node.value)
        for node in (*graph.outputs, *graph.inputs)
        if type(node.value) is not float and np.ndim(node.value) > node.ndim
    ]
    return max(sizes, default=0)


def without_batch(node: Node, value: Value, reduce: Any) -> Any:
    """Return a value reduced over its batch axis, if it has one."""
    array = np.asarray(value)
    if array.ndim == node.ndim:
        return array
    with np.errstate(all="ignore"):
        return reduce(array, axis=0)


def reduce_product(reduce: Callable[..., Any], first: Value, second: Value) -> float | None:
    """Return the product of two numbers, or the mean or sum of those of all samples; None where one is not known."""
    if first is None or second is None:
        return None
    if type(first) is float and type(second) is float:
        return first * second
    with np.errstate(all="ignore"):
        return float(reduce(np.multiply(first, second)))


def loss_names(graph: Graph) -> dict[Node, str]:
    """Return what the losses are called: L is the one output that is made of them, L₁, L₂, … are its parts.

    Where there are several outputs there is no total.
    """
    losses = [node for node in graph.table.computed if node.kind == "loss" and not node.shape]
    total = graph.outputs[0] if len(graph.outputs) == 1 and losses and not graph.outputs[0].shape else None
    parts = [node for node in losses if node is not total]
    if total is None and len(parts) == 1:
        return {parts[0]: "L"}
    names = {node: f"L{lowered(number)}" for number, node in enumerate(parts, start=1)}
    return names if total is None else {**names, total: "L"}


def derivative_name(node: Node, name: str) -> str:
    """Return what the derivative by a node is called: δ of a weighted sum, else ∂L/∂name."""
    return "δ" if node.kind == "weighted sum" else f"∂L/∂{name}"


def is_frozen(node: Node) -> bool:
    """Return whether a node is a parameter that training leaves as it is."""
    return isinstance(node, Parameter) and not node.trainable


def format_shape(node: Node) -> str:
    """Format the shape of an array-valued node: array 3×2."""
    return f"array {'×'.join(map(str, node.shape))}"
