"""What a picture of a network shows before it has positions: layers of boxes, edges, and the marks of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from itertools import chain
from math import isfinite
from typing import NamedTuple

from minigrad.drawing.diagram import Box, Edge
from minigrad.drawing.neurons.column_layout import LayoutColumn, LayoutRow
from minigrad.drawing.neurons.elision import ColumnSlot
from minigrad.drawing.neurons.network_boxes import BoxMarks
from minigrad.drawing.neurons.network_edges import EdgeMarks
from minigrad.drawing.snapshot import Snapshot
from minigrad.structure import Unit


class NetworkContent(NamedTuple):
    """Layers, edges, and their marks; with `two_rows` numbers are shown before and after a step."""

    columns: Sequence[LayoutColumn]
    edges: Sequence[Edge]
    box_marks: Mapping[str, BoxMarks]
    edge_marks: Sequence[EdgeMarks]
    two_rows: bool = False

    def marks(self, box: Box) -> BoxMarks:
        """Return the marks of a box."""
        return self.box_marks.get(box.key, BoxMarks())

    @property
    def biases(self) -> dict[str, Box]:
        """Return the boxes of biases, which the figure does not show."""
        return {row.above.key: row.above for column in self.columns for row in column.rows if row.above}


def units_of(column: Sequence[ColumnSlot]) -> list[Unit]:
    """Return the units of a column, those that are left out as well."""
    return [unit for slot in column for unit in slot.units]


def output_range(units: Sequence[Unit], snapshot: Snapshot) -> tuple[float, float]:
    """Return the range of the outputs of a layer: that of its activation, or else what they span from 0 on."""
    neurons = [unit for unit in units if unit.weighted_sum is not None]
    ranges = {unit.output.op.output_range for unit in neurons if unit.output.op}
    bounds = ranges.pop() if len(ranges) == 1 else None
    if bounds is not None:
        return bounds
    numbers = (snapshot.value(unit.output, unit.position) for unit in neurons)
    finite = [0.0, *(number for number in numbers if number is not None and isfinite(number))]
    return (min(finite), max(finite)) if max(finite) > min(finite) else (0.0, 1.0)


def join_targets(columns: Sequence[LayoutColumn], edges: Sequence[Edge], targets: Set[str]) -> list[LayoutColumn]:
    """Return the columns with every target right behind the first loss that reads it."""
    column_of = {row.box.key: number for number, column in enumerate(columns) for row in column.rows}
    loss_of: dict[str, str] = {}
    for edge in edges:
        if edge.tail in targets and column_of[edge.head] < column_of[loss_of.setdefault(edge.tail, edge.head)]:
            loss_of[edge.tail] = edge.head
    attached: defaultdict[str, list[LayoutRow]] = defaultdict(list)
    for column in columns:
        for row in column.rows:
            if row.box.key in loss_of:
                attached[loss_of[row.box.key]].append(row)
    joined: list[LayoutColumn] = []
    for column in columns:
        own = [row for row in column.rows if row.box.key not in loss_of]
        if own:
            rows = tuple(chain.from_iterable((row, *attached[row.box.key]) for row in own))
            joined.append(LayoutColumn(column.title, rows))
    return joined
