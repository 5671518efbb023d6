"""An engine for irregular scalar graphs: all values in one array, like nodes of equal depth computed together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from minigrad._toposort import depths, topological_order
from minigrad.compiler.engine import StatelessEngine
from minigrad.compiler.grouping import computed_nodes, group_by_depth
from minigrad.compiler.influence import influence_test
from minigrad.compiler.node_forms import node_forms
from minigrad.compiler.trace import as_compile_error
from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.core.passes import loss_derivative
from minigrad.core.plan import grouped
from minigrad.errors import CompileError, IrregularError
from minigrad.ops.base import Op, Shape, Value


class NodeGroup(NamedTuple):
    """Like nodes of equal depth: their op, their positions start … stop, and the positions of each operand.

    `sources` are positions in the array of values, of shape (nodes,) or, for a starred operand, (nodes, its length);
    `slots` are the positions of the operand's adjoints in the array of adjoints. Without influence on the outputs δ of
    all of them is 0.
    """

    op: Op
    start: int
    stop: int
    sources: tuple[np.ndarray, ...]
    slots: tuple[slice, ...]
    has_influence: bool


class DeltaSums(NamedTuple):
    """The adjoints that add up to the δ of each of some nodes: those of one node are adjacent in `slots`."""

    nodes: np.ndarray
    slots: np.ndarray
    starts: np.ndarray


class TapeEngine(StatelessEngine):
    """A graph of scalar nodes as groups over one array of values and one of adjoints.

    The work and the memory are linear in the edges of the graph, however unevenly they are spread. Raises CompileError
    for a graph with array-valued nodes, for rules that serve single numbers only, and where a group has fewer than
    `min_mean_width` nodes on average.
    """

    def __init__(
        self,
        outputs: Sequence[Node],
        dtype: Any = np.float64,
        min_mean_width: float = 0.0,
        order: Sequence[Node] | None = None,
        depth: Mapping[Node, int] | None = None,
    ) -> None:
        self.dtype = np.dtype(dtype)
        order = topological_order(outputs) if order is None else order
        if any(map(attrgetter("shape"), order)):
            raise CompileError("a tape of array-valued nodes", cure="Compile the graph without a tape.")
        depth = depths(order) if depth is None else depth
        computed = computed_nodes(depth)
        forms = node_forms(computed)
        has_influence = influence_test(computed, forms, outputs)
        groups = group_by_depth(depth, forms, has_influence)
        mean_width = len(order) / max(len(groups), 1)
        if mean_width < min_mean_width:
            found, expected = f"{mean_width:.3g} nodes in a group on average", f"at least {min_mean_width:g}"
            raise IrregularError("a graph with too few like nodes for a tape", found=found, expected=expected)
        self.leaves: list[Node] = [node for node in order if node.op is None]
        self.nodes: list[Node] = [*self.leaves, *chain.from_iterable(groups)]
        self.position = dict(zip(self.nodes, range(len(self.nodes)), strict=True))
        self.groups: list[NodeGroup] = []
        self.checked: set[tuple[Op, tuple[Shape, ...]]] = set()
        self.adjoint_count = 0
        for group in groups:
            self.add_group(group, has_influence(group[0]))
        self.roots = [self.position[output] for output in outputs]
        self.delta_sums = self.find_delta_sums()

    def add_group(self, nodes: Sequence[Node], has_influence: bool) -> None:
        """Add a group of like nodes."""
        op, start = nodes[0].op, self.position[nodes[0]]
        assert op is not None
        sources = self.operand_positions(op, nodes)
        ends = self.adjoint_count + np.cumsum([0, *(source.size for source in sources)])
        slots = tuple(slice(first, last) for first, last in zip(ends.tolist(), ends[1:].tolist(), strict=False))
        self.adjoint_count = int(ends[-1])
        form = op, tuple(source.shape[1:] for source in sources)
        if form not in self.checked:
            check_rules(*form)
            self.checked.add(form)
        self.groups.append(NodeGroup(op, start, start + len(nodes), sources, slots, has_influence))

    def operand_positions(self, op: Op, nodes: Sequence[Node]) -> tuple[np.ndarray, ...]:
        """Return the positions of the operands of some like nodes, operand by operand."""
        positions = map(self.position.__getitem__, chain.from_iterable([node.parents for node in nodes]))
        table = np.fromiter(positions, np.intp).reshape(len(nodes), -1)
        if not op.stars:
            return tuple(np.ascontiguousarray(column) for column in table.T)
        columns = grouped(op, tuple(range(table.shape[1])))
        return tuple(np.ascontiguousarray(table[:, column]) for column in columns)

    def find_delta_sums(self) -> list[DeltaSums]:
        """Return the adjoints that flow into each group, and at the end those that flow into the leaves."""
        empty = np.zeros(0, np.intp)
        flat = [source.ravel() for group in self.groups for source in group.sources]
        sources = np.concatenate([empty, *flat])
        order = np.argsort(sources, kind="stable")
        bounds = np.searchsorted(sources[order], np.arange(len(self.nodes) + 1))
        spans = [(group.start, group.stop) for group in self.groups]
        delta_sums = []
        for start, stop in [*spans, (0, len(self.leaves))]:
            nodes = np.flatnonzero(np.diff(bounds[start : stop + 1])) + start
            delta_sums.append(DeltaSums(nodes, order[bounds[start] : bounds[stop]], bounds[nodes] - bounds[start]))
        return delta_sums

    @property
    def source(self) -> str:
        return "# computed group by group on a tape"

    def outputs(self, leaves: Mapping[Node, Value], batch: int | None) -> list[Value]:
        values = self.forward(leaves)
        return [values[..., root].copy() if values.ndim > 1 else values.item(root) for root in self.roots]

    def gradients(self, leaves: Mapping[Node, Value], batch: int | None) -> tuple[float, Mapping[Node, Value]]:
        values = self.forward(leaves)
        deltas = self.backward(values)[..., : len(self.leaves)]
        totals = deltas.sum(axis=tuple(range(deltas.ndim - 1))).tolist()
        return float(np.mean(values[..., self.roots[0]])), dict(zip(self.leaves, totals, strict=True))

    def forward(self, leaves: Mapping[Node, Value]) -> np.ndarray:
        """Return the values of all nodes, in the order of `nodes`, behind a batch axis where a leaf carries one."""
        leaf_values = np.broadcast_arrays(*(np.asarray(leaves[node], self.dtype) for node in self.leaves))
        values = np.empty((*leaf_values[0].shape, len(self.nodes)), self.dtype)
        values[..., : len(self.leaves)] = np.stack(leaf_values, axis=-1)
        with np.errstate(all="ignore"):
            for group in self.groups:
                operands = [values.take(source, axis=-1) for source in group.sources]
                values[..., group.start : group.stop] = group.op.forward(np, *operands)
        return values

    def backward(self, values: np.ndarray) -> np.ndarray:
        """Return δ of all nodes, in the order of `nodes`, from the mean of the one output over the batch."""
        lead = values.shape[:-1]
        deltas = np.zeros_like(values)
        deltas[..., self.roots[0]] = loss_derivative(values[..., self.roots[0]])
        adjoints = np.zeros((*lead, self.adjoint_count), self.dtype)
        with np.errstate(all="ignore"):
            for group, delta_sums in zip(reversed(self.groups), self.delta_sums[-2::-1], strict=True):
                add_adjoints(deltas, adjoints, delta_sums)
                if not group.has_influence:
                    continue
                operands = [values.take(source, axis=-1) for source in group.sources]
                span = slice(group.start, group.stop)
                group_adjoints = group.op.backward(np, deltas[..., span], values[..., span], *operands)
                for adjoint, operand, slots in zip(group_adjoints, operands, group.slots, strict=True):
                    if adjoint is not None:
                        adjoints[..., slots] = np.broadcast_to(adjoint, operand.shape).reshape(*lead, -1)
        add_adjoints(deltas, adjoints, self.delta_sums[-1])
        return deltas


def check_rules(op: Op, shapes: Sequence[Shape]) -> None:
    """Raise CompileError unless both rules of an op serve two like nodes at once."""
    operands = [np.ones((2, *shape)) for shape in shapes]
    with np.errstate(all="ignore"), as_compile_error(f"a rule of {op.label}", "serves single numbers only"):
        interpreter.apply_backward(np, op, np.ones(2), op.forward(np, *operands), operands, shapes)


def add_adjoints(deltas: np.ndarray, adjoints: np.ndarray, delta_sums: DeltaSums) -> None:
    """Add to each δ the adjoints that flow into it."""
    if len(delta_sums.nodes):
        sums = np.add.reduceat(adjoints.take(delta_sums.slots, axis=-1), delta_sums.starts, axis=-1)
        deltas[..., delta_sums.nodes] += sums
