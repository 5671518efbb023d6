"""The layer view: a box for each layer with its size, activation, parameters and mean |δ|, for networks of any size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from minigrad._format import count_noun, format_number
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Diagram, Edge, Role
from minigrad.drawing.neurons.painter import heading, pass_notes
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.ops.base import Value
from minigrad.structure import Anatomy, Cell, nodes_read, read, roles

LEGEND = (
    "Layer:  its neurons and activation;  how many weights and biases;  means over its neurons.   δ = ∂L/∂s of each.",
    "mean |δ| much smaller in front than behind:  δ vanishes on its way back;  much larger:  it explodes.",
)
MOST_LAYERS = 60


def layers(graph: Graph) -> Diagram:
    """A network layer by layer.

    Raises RenderError for more layers than a page holds.
    """
    anatomy = read(graph)
    if len(anatomy.columns) > MOST_LAYERS:
        raise RenderError(
            "too deep for the layer view",
            found=f"{len(anatomy.columns):,} layers",
            expected=f"at most {MOST_LAYERS}",
            cure='Draw it with view="ends".',
        )
    boxes = tuple(layer_box(anatomy, number, column) for number, column in enumerate(anatomy.columns))
    return Diagram("layers", boxes, tuple(links(anatomy)), legend=(*LEGEND, *pass_notes(graph)))


def layer_box(anatomy: Anatomy, number: int, column: Sequence[Cell]) -> Box:
    """The box of one column."""
    outputs = distinct(cell.output for cell in column)
    totals = distinct(cell.total for cell in column if cell.total is not None)
    fields: list[tuple[str, str]] = []
    if totals:
        weights = distinct(node for total in totals for node in roles(total).w)
        biases = distinct(roles(total).b for total in totals if roles(total).b.kind != "constant")
        fields += [("weights", f"{elements(weights):,}"), ("biases", f"{elements(biases):,}")]
        fields += [("mean |w|", format_number(mean_size(node.value for node in weights)))]
    value = "L" if column[0].output.kind == "loss" else "mean |output|" if totals else "mean |value|"
    fields.append((value, format_number(mean_size(node.value for node in outputs))))
    if totals:
        fields.append(("mean |δ|", format_number(mean_size(own_delta(node) for node in totals))))
    return Box(f"l{number}", (heading(anatomy, column),), tuple(fields), role_of(anatomy, column[0]))


def role_of(anatomy: Anatomy, cell: Cell) -> Role:
    """How the box of a column looks, by its first cell."""
    if cell.output in anatomy.targets:
        return Role.TARGET
    looks = {"input": Role.INPUT, "loss": Role.LOSS}
    return Role.LAYER if cell.total is not None else looks.get(cell.output.kind, Role.NODE)


def links(anatomy: Anatomy) -> Iterable[Edge]:
    """An edge for every two columns of which one reads the other, with the number of connections."""
    column_of = {cell.output: number for number, column in enumerate(anatomy.columns) for cell in column}
    counts: Counter[tuple[int, int]] = Counter()
    for number, column in enumerate(anatomy.columns):
        for cell in distinct_neurons(column):
            factor = cells_in(cell.output) if cell.total is not None else 1  # each element of a layer is a neuron
            for source in nodes_read(cell):
                counts[column_of[source], number] += factor * cells_in(source)
    for (tail, head), count in counts.items():
        yield Edge(f"l{tail}", f"l{head}", (count_noun(count, "edge"),))


def cells_in(node: Node) -> int:
    """How many elements of a node are cells of their own."""
    return node.shape[-1] if node.shape else 1


def distinct_neurons(column: Sequence[Cell]) -> list[Cell]:
    """One cell for each node of a column."""
    return list({cell.output: cell for cell in column}.values())


def distinct(nodes: Iterable[Node]) -> list[Node]:
    """The nodes, each once, in order."""
    return list(dict.fromkeys(nodes))


def elements(nodes: Sequence[Node]) -> int:
    """How many numbers the nodes hold."""
    return sum(int(np.prod(node.shape)) for node in nodes)


def own_delta(node: Node) -> Value:
    """δ of a node, that of each sample of a batch counted from its own loss and not from the mean loss."""
    return node.delta * len(node.delta) if np.ndim(node.delta) > node.ndim else node.delta


def mean_size(values: Iterable[Value]) -> float | None:
    """The mean absolute value of all elements; None where one is not known yet."""
    count, total = 0, 0.0
    for value in values:
        if value is None:
            return None
        count += np.size(value) if type(value) is not float else 1
        total += float(np.sum(np.abs(value))) if type(value) is not float else abs(value)
    return total / count if count else None
