"""A table of the layers of a network: their size, operation and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from minigrad._format import elide, printable, shorten
from minigrad.core.node import Node, Parameter
from minigrad.graph import Graph
from minigrad.structure import NetworkStructure, Unit, read_structure, weighted_sum_operands

MOST_ROWS = 40
"""How many layers a printed summary shows."""


class LayerSummary(NamedTuple):
    """One layer: its name, how many units it has, what they compute, and how many of its numbers training may move."""

    name: str
    units: int
    operation: str
    parameters: int
    trainable: int


@dataclass(frozen=True, repr=False)
class NetworkSummary:
    """The layers of a network, inputs first; printed as a table, in notebooks as an HTML table."""

    layers: tuple[LayerSummary, ...]
    loss: str

    @property
    def parameters(self) -> int:
        """How many numbers the parameters have, shared ones counted once."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def trainable(self) -> int:
        """How many of these numbers training may move."""
        return sum(layer.trainable for layer in self.layers)

    @property
    def total(self) -> str:
        """The last line of the table."""
        return f"{self.parameters:,} parameters, {self.trainable:,} trainable; loss {self.loss}"

    def cells(self) -> list[tuple[str, ...]]:
        """Return the table as text, a heading first, without its last line."""
        rows = [
            ("…", "", "", "", "")
            if row is None
            else (row.name, str(row.units), row.operation, f"{row.parameters:,}", f"{row.trainable:,}")
            for row in elide(self.layers, MOST_ROWS)
        ]
        return [("layer", "units", "operation", "parameters", "trainable"), *rows]

    def __repr__(self) -> str:
        cells = self.cells()
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(
                cell.ljust(width) if column in (0, 2) else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in cells
        ]
        return printable("\n".join([*lines, self.total]))

    def _repr_html_(self) -> str:
        from html import escape  # loads a large table, for which `import minigrad` would wait

        heading, *rows = self.cells()
        head = "".join(f"<th>{cell}</th>" for cell in heading)
        body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        return f"<table><caption>{escape(self.total)}</caption><tr>{head}</tr>{body}</table>"


def summarize(graph: Graph, loss: Node) -> NetworkSummary:
    """Return the summary of the graph of a network's outputs, with the label of its loss."""
    structure = read_structure(graph)
    counted: set[Node] = set()
    layers = [summarize_layer(structure, column, counted) for column in structure.columns]
    return NetworkSummary(tuple(layers), loss.label)


def summarize_layer(structure: NetworkStructure, units: Sequence[Unit], counted: set[Node]) -> LayerSummary:
    """Return one column of units; parameters in `counted` belong to an earlier one."""
    names = [structure.name(unit) for unit in units]
    operations: dict[str, None] = {}
    parameters: dict[Parameter, None] = {}
    for unit in units:
        operations[unit.output.op.label if unit.output.op is not None else unit.output.kind] = None
        nodes: tuple[Node, ...] = (unit.output,)
        if unit.weighted_sum is not None:
            _, w, b = weighted_sum_operands(unit.weighted_sum)
            nodes = (*w, b)
        parameters |= {node: None for node in nodes if isinstance(node, Parameter) and node not in counted}
    counted.update(parameters)
    size = sum(prod(parameter.shape) for parameter in parameters)
    frozen = [parameter for parameter in parameters if not parameter.trainable]
    return LayerSummary(
        names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}",
        len(units),
        shorten(", ".join(operations)),
        size,
        size - sum(prod(parameter.shape) for parameter in frozen),
    )
