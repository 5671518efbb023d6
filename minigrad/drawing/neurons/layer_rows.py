"""How the layers of a network share the width of a page: the rows they are wrapped into, and the gaps between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

LEAST_GAP, LARGEST_GAP = 28.0, 120.0
"""Distance of the labels of a layer from the layer before."""


class Extent(NamedTuple):
    """The extent of a layer along the flow: that of its labels, and that of its boxes behind them."""

    labels: float
    boxes: float


LayerRow = tuple[int, ...]
"""The numbers of the layers in one row of a wrapped network."""


def choose_rows(extents: Sequence[Extent], tied: int, width: float) -> tuple[LayerRow, ...]:
    """Return the rows of layers that fit the width, as few and as equal as possible.

    The last `tied` layers, outputs and loss, stay in one row where they fit.
    """
    rows = fill_rows(extents, tied, width)
    for smaller in sorted({row_width(extents, row, LEAST_GAP) for row in possible_rows(len(extents))}):
        if smaller <= width:
            narrower = fill_rows(extents, tied, smaller)
            if len(narrower) == len(rows) and all(row_width(extents, row, LEAST_GAP) <= smaller for row in narrower):
                return narrower
    return rows


def possible_rows(count: int) -> list[LayerRow]:
    """Return every run of layers."""
    return [tuple(range(start, end)) for start in range(count) for end in range(start + 1, count + 1)]


def fill_rows(extents: Sequence[Extent], tied: int, width: float) -> tuple[LayerRow, ...]:
    """Return the rows that come about when each is filled before the next one begins."""
    rows: list[LayerRow] = [()]
    last = len(extents) - tied
    for column in range(len(extents)):
        row = (*rows[-1], column)
        ahead = (*rows[-1], *range(last, len(extents))) if column == last else row
        alone = row_width(extents, tuple(range(last, len(extents))), LEAST_GAP) <= width
        if rows[-1] and row_width(extents, ahead if alone else row, LEAST_GAP) > width:
            rows.append((column,))
        else:
            rows[-1] = row
    return tuple(rows)


def row_width(extents: Sequence[Extent], row: LayerRow, gap: float) -> float:
    """Return the width of a row with gaps of one size; a row that continues another begins with one."""
    gaps = len(row) - (row[0] == 0)
    return sum(extents[column].labels + extents[column].boxes for column in row) + gaps * gap


def column_gap(extents: Sequence[Extent], row: LayerRow, width: float) -> float:
    """Return the gap that lets a row fill the width, within bounds; a middling one where the width has no bounds."""
    gaps = len(row) - (row[0] == 0)
    if width == float("inf") or not gaps:
        return (LEAST_GAP + LARGEST_GAP) / 2
    return min(max((width - row_width(extents, row, 0.0)) / gaps, LEAST_GAP), LARGEST_GAP)
