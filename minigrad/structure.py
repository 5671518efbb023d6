"""How a graph reads as a network: which nodes make a neuron, which neurons a column, which weight lies on which edge.

The reading is structural. A neuron is a weighted sum together with the activation that alone reads it; leaves that are
read as weights or biases are written on edges and beside neurons; every other node is a cell of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from minigrad._format import shorten
from minigrad.core.node import Node
from minigrad.core.plan import grouped
from minigrad.graph import Graph


class Element(NamedTuple):
    """A node, or one element of an array-valued one."""

    node: Node
    place: Place = None


class Cell(NamedTuple):
    """One box of a network: a neuron where it has a `total`, its weighted sum; else a node as it is."""

    output: Node
    total: Node | None = None
    place: int | None = None


class Wire(NamedTuple):
    """What a cell reads: another cell, through a weight where the reader is a neuron."""

    source: Cell
    weight: Element | None = None


class Roles(NamedTuple):
    """The operands of a weighted sum by what they are to it; one element each where they are arrays."""

    x: tuple[Node, ...]
    w: tuple[Node, ...]
    b: Node

    @property
    def whole(self) -> bool:
        """Whether the operands are arrays."""
        return bool(self.w[0].shape)


@dataclass(frozen=True)
class Anatomy:
    """A graph read as columns of cells, inputs at the left, targets at the right."""

    graph: Graph
    columns: tuple[tuple[Cell, ...], ...]
    cells: dict[Element, Cell]
    targets: frozenset[Node]

    def key(self, node: Node, place: Place = None) -> str:
        """The key of a node in every picture: its position in topological order."""
        number = f"n{self.graph.position[node]}"
        return number if place is None else f"{number}_{place}"

    def cell_key(self, cell: Cell) -> str:
        """The key of the box of a cell."""
        return self.key(cell.output, cell.place)

    def name(self, cell: Cell) -> str:
        """What is written on a cell: the name of its output, else of its weighted sum, else its number."""
        return self.title(cell.output, cell.place, cell.total)

    def title(self, node: Node, place: Place = None, other: Node | None = None) -> str:
        """The name of a node, or its number where it has none."""
        name = node.name or (other.name if other is not None else None)
        text = shorten(name) if name else f"#{self.graph.position[node]}"
        return text if place is None else f"{text}[{place}]"

    def bias(self, cell: Cell) -> Element | None:
        """The bias of a neuron; None where it is a number that was never named, or where it is a cell itself."""
        if cell.total is None:
            return None
        b = roles(cell.total).b
        if b.parents or (b.kind == "constant" and not b.name):
            return None
        return Element(b, cell.place if b.shape else None)

    def wires(self, cell: Cell) -> Iterator[Wire]:
        """Everything a cell reads, in order, repeats kept."""
        if cell.total is None:
            for parent in cell.output.parents:
                yield from self.sources(parent)
            return
        x, w, b = parts = roles(cell.total)
        if parts.whole:
            for place, source in enumerate(self.sources(x[0], parts.w[0].shape[0])):
                yield Wire(source.source, Element(w[0], (place, cell.place or 0)))
        else:
            for node, weight in zip(x, w, strict=True):
                yield Wire(self.cells[Element(node)], Element(weight))
        for node in (*w, b):
            if node.parents:
                yield from self.sources(node)

    def sources(self, node: Node, count: int = 1) -> Iterator[Wire]:
        """The cells that hold a node: one for each element, or one for all, then repeated `count` times."""
        whole = self.cells.get(Element(node))
        if whole is not None:
            yield from (Wire(whole) for _ in range(count))
        else:
            yield from (Wire(self.cells[Element(node, place)]) for place in range(node.shape[-1]))


def roles(total: Node) -> Roles:
    """The operands of a weighted sum: what it reads, the weights, the bias."""
    op: Any = total.op
    if op.stars and not total.parents[0].shape:
        x, w, b = grouped(op, total.parents)
        return Roles(x, w, b)
    x, w, b = total.parents
    return Roles((x,), (w,), b)


def read(graph: Graph) -> Anatomy:
    """The anatomy of a graph; a few walks over its nodes, linear in their parents."""
    thetas = activations(graph)
    absorbed = leaves_on_edges(graph)
    cells: dict[Element, Cell] = {}
    for node in graph.nodes:
        if node in absorbed or node in thetas:
            continue  # written on an edge, or in the cell of its activation
        total = node if node.kind == "weighted sum" else None
        if node.kind == "activation" and node.parents[0] in thetas:
            total = node.parents[0]
        for place in range(node.shape[-1]) if splits(node, total) else (None,):
            cells[Element(node, place)] = Cell(node, total, place)
    unplaced = Anatomy(graph, (), cells, targets_of(graph))
    return replace(unplaced, columns=columns_of(unplaced, list(cells.values())))


def activations(graph: Graph) -> dict[Node, Node]:
    """The activation of every weighted sum that one activation, and nothing else, reads."""
    readers: dict[Node, list[Node]] = {node: [] for node in graph.nodes if node.kind == "weighted sum"}
    for node in graph.nodes:
        for parent in node.parents:
            if parent in readers:
                readers[parent].append(node)
    return {
        total: found[0]
        for total, found in readers.items()
        if len(found) == 1 and found[0].kind == "activation" and len(found[0].parents) == 1
    }


def targets_of(graph: Graph) -> frozenset[Node]:
    """The leaves that losses read, and nothing else."""
    compared: set[Node] = set()
    others: set[Node] = set()
    for node in graph.nodes:
        (compared if node.kind == "loss" else others).update(node.parents)
    return frozenset(node for node in compared - others if not node.parents)


def leaves_on_edges(graph: Graph) -> set[Node]:
    """Leaves that serve as weights and biases only; they are written on edges and beside neurons."""
    absorbed: set[Node] = set()
    drawn: set[Node] = set(graph.outputs)
    for node in graph.nodes:
        if node.kind == "weighted sum":
            x, w, b = roles(node)
            drawn.update(x)
            absorbed.update(leaf for leaf in (*w, b) if not leaf.parents)
        else:
            drawn.update(node.parents)
    return absorbed - drawn


def splits(node: Node, total: Node | None) -> bool:
    """Whether each element of an array-valued node is a cell: inputs, and neurons made as a layer."""
    return bool(node.shape) and (node.kind == "input" or (total is not None and roles(total).whole))


def columns_of(anatomy: Anatomy, cells: list[Cell]) -> tuple[tuple[Cell, ...], ...]:
    """The cells by depth: a neuron one column after the last cell it reads, targets behind everything."""
    depth: dict[Node, int] = {}
    reader_depth: dict[Node, int] = {}
    for cell in cells:
        node = cell.output
        if node not in depth:
            sources = nodes_read(cell)
            depth[node] = 1 + max([depth[source] for source in sources], default=-1)
            for source in sources:
                if not source.parents:
                    reader_depth[source] = min(reader_depth.get(source, depth[node]), depth[node])
    last = max(depth.values())
    columns: list[list[Cell]] = [[] for _ in range(last + 2)]
    for cell in cells:
        node = cell.output
        if node in anatomy.targets:
            columns[last + 1].append(cell)
        elif node.parents or node.kind == "input":
            columns[depth[node]].append(cell)
        else:  # a constant or parameter that is read like an input stands right before its reader
            columns[max(reader_depth.get(node, 1) - 1, 0)].append(cell)
    return tuple(tuple(column) for column in columns if column)


def nodes_read(cell: Cell) -> tuple[Node, ...]:
    """The nodes whose cells a cell reads."""
    if cell.total is None:
        return cell.output.parents
    x, w, b = roles(cell.total)
    return x + tuple(node for node in (*w, b) if node.parents)


Place = int | tuple[int, ...] | None
"""Which element of a node is meant; None for a scalar, or for an array as a whole."""
