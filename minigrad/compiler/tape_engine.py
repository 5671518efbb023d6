"""Irregular scalar graphs, group by group: all values in one array, like nodes of a level computed together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from minigrad._toposort import topological_order
from minigrad.compiler.engine import StatelessEngine
from minigrad.compiler.trace import as_compile_error
from minigrad.core.node import Node
from minigrad.core.plan import grouped
from minigrad.errors import CompileError
from minigrad.ops.base import Op, Shape, Value


class NodeGroup(NamedTuple):
    """Like nodes of one level: their op, their places start … stop, and for each operand where it is and where it goes.

    `sources` are places of values, of shape (nodes,) or, for a starred operand, (nodes, its length); `slots` are the
    places of the operand's adjoints among all adjoints.
    """

    op: Op
    start: int
    stop: int
    sources: tuple[np.ndarray, ...]
    slots: tuple[slice, ...]


class DeltaSums(NamedTuple):
    """Which adjoints add up to the δ of each of some values: those of one value stand together in `slots`."""

    values: np.ndarray
    slots: np.ndarray
    starts: np.ndarray


class TapeEngine(StatelessEngine):
    """A graph of scalar nodes as groups over one array of values and one of adjoints.

    The work and the memory are linear in the edges of the graph, however unevenly they are spread. Raises CompileError
    for a graph with array-valued nodes, and for rules that only single numbers can be put through.
    """

    def __init__(self, outputs: Sequence[Node], dtype: Any = np.float64) -> None:
        self.dtype = np.dtype(dtype)
        nodes = topological_order(outputs)
        if any(node.shape for node in nodes):
            raise CompileError("a tape of array-valued nodes", cure="Compile the graph without a tape.")
        layers = levels(nodes)
        self.nodes: list[Node] = [node for layer in layers for group in layer.values() for node in group]
        self.place = {node: place for place, node in enumerate(self.nodes)}
        self.leaves = len(layers[0][None])
        self.groups: list[NodeGroup] = []
        self.checked: set[tuple[Op, tuple[Shape, ...]]] = set()
        self.width = 0
        for layer in layers[1:]:
            for members in layer.values():
                self.add(members)
        self.roots = [self.place[output] for output in outputs]
        self.readers = self.all_readers()

    @property
    def mean_width(self) -> float:
        """How many nodes a group holds on average."""
        return len(self.nodes) / max(len(self.groups), 1)

    def add(self, members: Sequence[Node]) -> None:
        """Adds a group of like nodes."""
        op, start = members[0].op, self.place[members[0]]
        assert op is not None
        sources = self.sources(op, members)
        ends = self.width + np.cumsum([0, *(source.size for source in sources)])
        slots = tuple(slice(first, last) for first, last in zip(ends.tolist(), ends[1:].tolist(), strict=False))
        self.width = int(ends[-1])
        form = op, tuple(source.shape[1:] for source in sources)
        if form not in self.checked:
            check_rules(*form)
            self.checked.add(form)
        self.groups.append(NodeGroup(op, start, start + len(members), sources, slots))

    def sources(self, op: Op, members: Sequence[Node]) -> tuple[np.ndarray, ...]:
        """The places of the operands of some like nodes, operand by operand."""
        places = map(self.place.__getitem__, chain.from_iterable(node.parents for node in members))
        table = np.fromiter(places, np.intp).reshape(len(members), -1)
        if not op.stars:
            return tuple(np.ascontiguousarray(column) for column in table.T)
        columns = grouped(op, tuple(range(table.shape[1])))
        return tuple(np.ascontiguousarray(table[:, column]) for column in columns)

    def all_readers(self) -> list[DeltaSums]:
        """For each group, and at the end for the leaves, the adjoints that flow into it."""
        empty = np.zeros(0, np.intp)
        flat = [source.ravel() for group in self.groups for source in group.sources]
        read = np.concatenate([empty, *flat])
        order = np.argsort(read, kind="stable")
        bounds = np.searchsorted(read[order], np.arange(len(self.nodes) + 1))
        spans = [(group.start, group.stop) for group in self.groups]
        readers = []
        for start, stop in [*spans, (0, self.leaves)]:
            used = np.flatnonzero(np.diff(bounds[start : stop + 1])) + start
            readers.append(DeltaSums(used, order[bounds[start] : bounds[stop]], bounds[used] - bounds[start]))
        return readers

    @property
    def source(self) -> str:
        return "# computed group by group on a tape"

    def outputs(self, leaves: Mapping[Node, Value], batch: int | None) -> list[Value]:
        values = self.forward(leaves)
        return [values[..., place].copy() if values.ndim > 1 else values.item(place) for place in self.roots]

    def gradients(self, leaves: Mapping[Node, Value], batch: int | None) -> tuple[float, Mapping[Node, Value]]:
        values = self.forward(leaves)
        deltas = self.backward(values)[..., : self.leaves]
        total = deltas.sum(axis=tuple(range(deltas.ndim - 1))).tolist()
        return float(np.mean(values[..., self.roots[0]])), dict(zip(self.nodes, total, strict=False))

    def forward(self, leaves: Mapping[Node, Value]) -> np.ndarray:
        """The values of all nodes, in the order of `nodes`, behind a batch axis where a leaf carries one."""
        given = np.broadcast_arrays(*(np.asarray(leaves[node], self.dtype) for node in self.nodes[: self.leaves]))
        values = np.empty((*given[0].shape, len(self.nodes)), self.dtype)
        values[..., : self.leaves] = np.stack(given, axis=-1)
        with np.errstate(all="ignore"):
            for group in self.groups:
                operands = [values.take(source, axis=-1) for source in group.sources]
                values[..., group.start : group.stop] = group.op.forward(np, *operands)
        return values

    def backward(self, values: np.ndarray) -> np.ndarray:
        """δ of all nodes, in the order of `nodes`, from the mean of the one output over the batch."""
        lead = values.shape[:-1]
        deltas = np.zeros_like(values)
        deltas[..., self.roots] = 1 / np.prod(lead, initial=1)
        adjoints = np.zeros((*lead, self.width), self.dtype)
        with np.errstate(all="ignore"):
            for group, readers in zip(reversed(self.groups), self.readers[-2::-1], strict=True):
                add_adjoints(deltas, adjoints, readers)
                operands = [values.take(source, axis=-1) for source in group.sources]
                span = slice(group.start, group.stop)
                found = group.op.backward(np, deltas[..., span], values[..., span], *operands)
                for adjoint, operand, slots in zip(found, operands, group.slots, strict=True):
                    if adjoint is not None:
                        adjoints[..., slots] = np.broadcast_to(adjoint, operand.shape).reshape(*lead, -1)
        add_adjoints(deltas, adjoints, self.readers[-1])
        return deltas


def check_rules(op: Op, shapes: Sequence[Shape]) -> None:
    """Raises CompileError unless both rules of an op serve two like nodes at once."""
    operands = [np.ones((2, *shape)) for shape in shapes]
    with np.errstate(all="ignore"), as_compile_error(f"a rule of {op.label}", "serves single numbers only"):
        op.backward(np, np.ones(2), op.forward(np, *operands), *operands)


def add_adjoints(deltas: np.ndarray, adjoints: np.ndarray, readers: DeltaSums) -> None:
    """Adds to each δ the adjoints that flow into it."""
    if len(readers.values):
        sums = np.add.reduceat(adjoints.take(readers.slots, axis=-1), readers.starts, axis=-1)
        deltas[..., readers.values] += sums


def levels(nodes: Sequence[Node]) -> list[dict[Any, list[Node]]]:
    """The nodes level by level, leaves first, those of one op and count of parents together."""
    level: dict[Node, int] = {}
    layers: dict[int, dict[Any, list[Node]]] = defaultdict(dict)
    for node in nodes:
        level[node] = depth = 1 + max((level[parent] for parent in node.parents), default=-1)
        form = None if node.op is None else (node.op, len(node.parents))
        layers[depth].setdefault(form, []).append(node)
    return [layers[depth] for depth in range(len(layers))]
