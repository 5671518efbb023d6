"""Which units of a network are shown one by one, which are only counted, and the edges between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import NamedTuple

from minigrad._validation import check_integer
from minigrad.core.node import Node
from minigrad.drawing.diagram import check_size
from minigrad.structure import Connection, NetworkStructure, Unit, source_nodes

MOST_LABELS = 36
"""Edges between two columns that can all carry numbers and stay readable."""
MOST_ROWS, LEAST_ROWS = 10, 5
"""Units that a column shows at most, and how few it may be cut down to so that edges carry numbers."""
MOST_COLUMNS = 24


class ColumnSlot(NamedTuple):
    """One row of a column: a unit, or the units that a row of dots stands for."""

    key: str
    units: tuple[Unit, ...]

    @property
    def unit(self) -> Unit:
        """Return the unit, or the first of those that are left out."""
        return self.units[0]

    @property
    def elided(self) -> bool:
        """Return whether the slot stands for units that are left out."""
        return len(self.units) > 1


class VisibleEdge(NamedTuple):
    """One edge of the picture: a single connection, or all connections from the units that a row of dots stands for.

    An edge into a row of dots is bundled, too, but does not know its connections.
    """

    tail: str
    head: str
    reader: Unit
    connections: tuple[Connection, ...]
    bundled: bool = False

    @property
    def weighted(self) -> bool:
        """Return whether it has weights."""
        if not self.connections:
            return self.reader.weighted_sum is not None
        return any(connection.weight for connection in self.connections)


@dataclass(frozen=True)
class ElidedNetwork:
    """The columns of a picture and the edges between them."""

    columns: tuple[tuple[ColumnSlot, ...], ...]
    edges: tuple[VisibleEdge, ...]


def elide_network(
    structure: NetworkStructure, most: int | None = None, rank: Callable[[Unit], float] | None = None
) -> ElidedNetwork:
    """Return a network with large columns elided; by default so far that every edge has room for its numbers.

    Of a large column the units with the highest `rank` are shown, by default the first ones and the last one.

    Raises RenderError for more columns than fit on a page, SettingError for `most` below 3.
    """
    cure = 'Draw it with view="layers" or view="ends".'
    check_size("neurons", len(structure.columns), "column", MOST_COLUMNS, cure)
    count = fitting_row_count(structure) if most is None else check_integer(most, "most", 3)
    columns = tuple(
        column_slots(structure, column, number, count, rank) for number, column in enumerate(structure.columns)
    )
    slot_of = {unit: slot for column in columns for slot in column for unit in slot.units}
    return ElidedNetwork(columns, tuple(visible_edges(structure, columns, slot_of)))


def fitting_row_count(structure: NetworkStructure) -> int:
    """Return how many units of a column to show: as many as leave every edge its numbers."""
    sizes = [len(column) for column in structure.columns if any(unit.weighted_sum is not None for unit in column)]
    first = [len(structure.columns[0])]
    if max(first + sizes) > MOST_ROWS:
        return LEAST_ROWS
    for most in range(MOST_ROWS, LEAST_ROWS, -1):
        rows = [min(size, most) for size in first + sizes]
        if all(before * after <= MOST_LABELS for before, after in pairwise(rows)):
            return most
    return LEAST_ROWS


def column_slots(
    structure: NetworkStructure,
    column: Sequence[Unit],
    number: int,
    most: int,
    rank: Callable[[Unit], float] | None = None,
) -> tuple[ColumnSlot, ...]:
    """Return the rows of a column: all of its units, or the first ones, dots, and the last one; or the highest ones."""
    if rank is not None and len(column) > most:
        highest = set(sorted(column, key=rank, reverse=True)[: most - 1])
        visible_slots = [ColumnSlot(structure.key(unit), (unit,)) for unit in column if unit in highest]
        return (*visible_slots, ColumnSlot(f"more{number}", tuple(unit for unit in column if unit not in highest)))
    visible = column if len(column) <= most else (*column[: most - 2], column[-1])
    slots = [ColumnSlot(structure.key(unit), (unit,)) for unit in visible]
    if len(column) > most:
        slots.insert(most - 2, ColumnSlot(f"more{number}", tuple(column[most - 2 : -1])))
    return tuple(slots)


def visible_edges(
    structure: NetworkStructure, columns: Sequence[Sequence[ColumnSlot]], slot_of: dict[Unit, ColumnSlot]
) -> Iterator[VisibleEdge]:
    """Yield every edge between slots, in the order of the readers; connections of elided units bundled."""
    keys_of: dict[Node, dict[str, None]] = {}
    for unit, slot in slot_of.items():
        keys_of.setdefault(unit.output, {})[slot.key] = None
    for column in columns:
        for slot in column:
            yield from edges_into_elided(slot, keys_of) if slot.elided else edges_into_unit(structure, slot, slot_of)


def edges_into_unit(
    structure: NetworkStructure, slot: ColumnSlot, slot_of: dict[Unit, ColumnSlot]
) -> Iterator[VisibleEdge]:
    """Yield the edges into a unit: each connection from a unit that is shown, the others bundled."""
    bundles: dict[str, list[Connection]] = {}
    for connection in structure.connections(slot.unit):
        source = slot_of[connection.source]
        if source.elided:
            bundles.setdefault(source.key, []).append(connection)
        else:
            yield VisibleEdge(source.key, slot.key, slot.unit, (connection,))
    for key, connections in bundles.items():
        yield VisibleEdge(key, slot.key, slot.unit, tuple(connections), bundled=True)


def edges_into_elided(slot: ColumnSlot, keys_of: dict[Node, dict[str, None]]) -> Iterator[VisibleEdge]:
    """Yield the edges into a row of dots: one from each slot that its units read, without their connections."""
    readers = {unit.output: unit for unit in slot.units}.values()
    nodes = dict.fromkeys(chain.from_iterable(map(source_nodes, readers)))
    for key in dict.fromkeys(chain.from_iterable(keys_of[node] for node in nodes)):
        yield VisibleEdge(key, slot.key, slot.unit, (), bundled=True)
