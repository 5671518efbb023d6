"""Which cells of a network are shown one by one, which are counted, and what runs between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import NamedTuple

from minigrad.core.node import Node
from minigrad.errors import RenderError
from minigrad.structure import Anatomy, Cell, Wire, nodes_read

MOST_LABELS = 36
"""Edges between two columns that can all carry numbers and stay readable."""
MOST_ROWS, LEAST_ROWS = 10, 5
"""Cells that a column shows at most, and how few it may be cut down to so that edges carry numbers."""
MOST_COLUMNS = 24


class Slot(NamedTuple):
    """One row of a column: a cell, or the cells that a row of dots stands for."""

    key: str
    cells: tuple[Cell, ...]

    @property
    def cell(self) -> Cell:
        """The cell, or the first of those that are left out."""
        return self.cells[0]

    @property
    def elided(self) -> bool:
        """Whether the slot stands for cells that are left out."""
        return len(self.cells) > 1


class Strand(NamedTuple):
    """One edge of the picture: a single wire, or all wires from the cells that a row of dots stands for.

    A strand into a row of dots is bundled, too, but does not know its wires.
    """

    tail: str
    head: str
    reader: Cell
    wires: tuple[Wire, ...]
    bundled: bool = False

    @property
    def weighted(self) -> bool:
        """Whether it runs through weights."""
        return any(wire.weight for wire in self.wires) if self.wires else self.reader.total is not None


@dataclass(frozen=True)
class Wiring:
    """The columns of a picture and the strands between them."""

    columns: tuple[tuple[Slot, ...], ...]
    strands: tuple[Strand, ...]


def wire_up(anatomy: Anatomy, most: int | None = None) -> Wiring:
    """The wiring of a network, large columns elided; by default so far that every edge has room for its numbers.

    Raises RenderError for more columns than a page holds.
    """
    if len(anatomy.columns) > MOST_COLUMNS:
        raise RenderError(
            "too deep for a picture of neurons",
            found=f"{len(anatomy.columns):,} columns",
            expected=f"at most {MOST_COLUMNS}",
            cure='Draw it with view="layers" or view="ends".',
        )
    if most is not None and most < 3:
        raise RenderError("a column shows its first and last cell", found=f"most={most}", expected="most=3 or more")
    shown = fitting(anatomy) if most is None else most
    columns = tuple(slots(anatomy, column, number, shown) for number, column in enumerate(anatomy.columns))
    slot_of = {cell: slot for column in columns for slot in column for cell in slot.cells}
    return Wiring(columns, tuple(strands(anatomy, columns, slot_of)))


def fitting(anatomy: Anatomy) -> int:
    """How many cells of a column to show: as many as leave every edge its numbers."""
    sizes = [len(column) for column in anatomy.columns if any(cell.total is not None for cell in column)]
    first = [len(anatomy.columns[0])]
    for most in range(MOST_ROWS, LEAST_ROWS, -1):
        rows = [min(size, most) for size in first + sizes]
        if all(before * after <= MOST_LABELS for before, after in pairwise(rows)):
            return most
    return LEAST_ROWS


def slots(anatomy: Anatomy, column: Sequence[Cell], number: int, most: int) -> tuple[Slot, ...]:
    """The rows of a column: all of its cells, or the first ones, dots, and the last one."""
    alone = [Slot(anatomy.cell_key(cell), (cell,)) for cell in column] if len(column) <= most else []
    if alone:
        return tuple(alone)
    ends = [Slot(anatomy.cell_key(cell), (cell,)) for cell in (*column[: most - 2], column[-1])]
    return (*ends[:-1], Slot(f"more{number}", tuple(column[most - 2 : -1])), ends[-1])


def strands(anatomy: Anatomy, columns: Sequence[Sequence[Slot]], slot_of: dict[Cell, Slot]) -> Iterator[Strand]:
    """Everything that runs between slots, in the order of the readers; wires of elided cells bundled."""
    keys_of: dict[Node, dict[str, None]] = {}
    for cell, slot in slot_of.items():
        keys_of.setdefault(cell.output, {})[slot.key] = None
    for column in columns:
        for slot in column:
            yield from to_many(slot, keys_of) if slot.elided else to_one(anatomy, slot, slot_of)


def to_one(anatomy: Anatomy, slot: Slot, slot_of: dict[Cell, Slot]) -> Iterator[Strand]:
    """What runs into a cell: each wire from a cell that is shown, the others bundled."""
    bundles: dict[str, list[Wire]] = {}
    for wire in anatomy.wires(slot.cell):
        source = slot_of[wire.source]
        if source.elided:
            bundles.setdefault(source.key, []).append(wire)
        else:
            yield Strand(source.key, slot.key, slot.cell, (wire,))
    for key, wires in bundles.items():
        yield Strand(key, slot.key, slot.cell, tuple(wires), bundled=True)


def to_many(slot: Slot, keys_of: dict[Node, dict[str, None]]) -> Iterator[Strand]:
    """What runs into the cells that a row of dots stands for: one strand from each slot they read, not looked into."""
    readers = {cell.output: cell for cell in slot.cells}.values()
    nodes = dict.fromkeys(chain.from_iterable(map(nodes_read, readers)))
    for key in dict.fromkeys(chain.from_iterable(keys_of[node] for node in nodes)):
        yield Strand(key, slot.key, slot.cell, (), bundled=True)
