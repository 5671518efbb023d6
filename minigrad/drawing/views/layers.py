"""The layer view: a box for each layer with its size, activation, parameters and mean |δ|, for networks of any size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import prod

import numpy as np

from minigrad.analysis.health import has_samples, per_sample_delta
from minigrad.core.node import Node
from minigrad.drawing.diagram import Diagram, Edge, Role, check_size
from minigrad.drawing.layer_chain import LayerStatistics, layer_figure
from minigrad.drawing.layer_titles import column_title
from minigrad.drawing.neurons.elision import MOST_COLUMNS
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.snapshot import loss_names
from minigrad.drawing.views.registry import register_view
from minigrad.graph import Graph
from minigrad.ops.base import Value
from minigrad.structure import NetworkStructure, Unit, read_structure, source_nodes, weighted_sum_operands

LEGEND = (
    "each box: one layer; means over its neurons and the samples; δ = ∂L/∂s; on each arrow: its connections",
    "mean |δ| much smaller in front than behind: δ vanishes on its way back; much larger: it explodes",
)
MOST_LAYERS = 60


@register_view(
    "layers",
    suits=lambda nodes, columns: MOST_COLUMNS < columns <= MOST_LAYERS,
    shows="A box for each layer, with its size, its activation and the mean |w|, |output| and |δ|.",
)
def layers_view(graph: Graph, settings: DrawSettings) -> Diagram:
    """Draw one box for each layer: its size, activation, parameters, and the mean |w|, |output| and |δ|.

    For networks too wide or too deep to be drawn neuron by neuron. If the mean |δ| shrinks from the last layer to the
    first, the gradient vanishes: its bars show it. Layers follow one another downwards, or with
    `direction="right"` in rows that fit the page; networks of few layers do so by default.

    Args:
        graph: The graph of a network.
        page: The pass to show, and the options that all views share.

    Returns:
        The diagram, with a figure; Graphviz lays out its DOT text.

    Raises:
        RenderError: If there are more than 60 layers.

    Example:
        >>> import minigrad as mg
        >>> network = mg.Network(*mg.mlp([4, 32, 3], activation=mg.tanh, rng=0))
        >>> [box.lines[0] for box in mg.draw(network, view="layers").diagram.boxes]
        ['4 inputs', '32 neurons · tanh', '3 neurons · sigmoid', 'loss', '3 targets']
    """
    structure = read_structure(graph)
    check_size("layers", len(structure.columns), "layer", MOST_LAYERS, 'Draw it with view="ends".')
    layers = [layer_statistics(structure, settings, number, column) for number, column in enumerate(structure.columns)]
    counts = count_connections(structure)
    boxes = [layer.box(settings) for layer in layers]
    edges = [Edge(f"l{tail}", f"l{head}", (f"{count:,}",)) for (tail, head), count in counts.items()]
    legend = (*map(settings.say, LEGEND), *settings.notes())
    return Diagram("layers", boxes, edges, legend=legend, figure=layer_figure(layers, counts, settings, legend))


def layer_statistics(
    structure: NetworkStructure, settings: DrawSettings, number: int, column: Sequence[Unit]
) -> LayerStatistics:
    """Return what is said about one column; its means are over all of its units, and over the samples of a batch."""
    first, snapshot = column[0], settings.snapshot
    outputs = distinct(unit.output for unit in column)
    sums = distinct(unit.weighted_sum for unit in column if unit.weighted_sum is not None)
    operands = [weighted_sum_operands(node) for node in sums]
    weights = distinct(node for _, w, _ in operands for node in w)
    biases = distinct(b for _, _, b in operands if b.kind != "constant")
    roles = {"input": Role.INPUT, "loss": Role.LOSS}
    role = Role.LAYER if first.weighted_sum is not None else roles.get(first.output.kind, Role.NODE)
    role = Role.TARGET if first.output in structure.targets else role
    loss = ""
    names = loss_names(structure.graph)
    if len(column) == 1 and first.output in names and not first.output.shape:
        name = snapshot.mark(names[first.output], first.output)
        loss = f"{name} = {snapshot.text(first.output, digits=settings.digits)}"
    nodes = {*outputs, *sums, *weights, *biases}
    return LayerStatistics(
        f"l{number}",
        column_title(structure, column),
        role,
        count_elements(weights) if sums else None,
        count_elements(biases) if sums else None,
        mean_magnitude(weights, snapshot.values),
        mean_magnitude(outputs, snapshot.values),
        mean_magnitude(sums, lambda node: per_sample_delta(node, snapshot.deltas(node))),
        "mean |⟨δ⟩|" if snapshot.is_mean and not all(map(has_samples, sums)) else "mean |δ|",
        loss,
        not nodes.isdisjoint(settings.highlight),
    )


def count_connections(structure: NetworkStructure) -> dict[tuple[int, int], int]:
    """Return for every two columns of which one reads the other how many connections there are."""
    column_of = {unit.output: number for number, column in enumerate(structure.columns) for unit in column}
    counts: Counter[tuple[int, int]] = Counter()
    for number, column in enumerate(structure.columns):
        for unit in {unit.output: unit for unit in column}.values():  # one for each node
            neurons = count_units(unit.output) if unit.weighted_sum is not None else 1
            for source in source_nodes(unit):
                counts[column_of[source], number] += neurons * count_units(source)
    return dict(counts)


def count_units(node: Node) -> int:
    """Return how many elements of a node are units of their own."""
    return node.shape[-1] if node.shape else 1


def distinct(nodes: Iterable[Node]) -> list[Node]:
    """Return the nodes, each once, in order."""
    return list(dict.fromkeys(nodes))


def count_elements(nodes: Sequence[Node]) -> int:
    """Return how many numbers the nodes hold."""
    return sum(prod(node.shape) for node in nodes)


def mean_magnitude(nodes: Iterable[Node], number_of: Callable[[Node], Value]) -> float | None:
    """Return the mean absolute value of all elements, each the mean over its samples; None where one is not known."""
    count, total = 0, 0.0
    for node in nodes:
        value = number_of(node)
        if value is None:
            return None
        elements = prod(node.shape)
        count += elements
        total += abs(value) if type(value) is float else elements * float(np.mean(np.abs(value)))
    return total / count if count else None
