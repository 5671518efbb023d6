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


Band = tuple[int, ...]
"""The numbers of the layers in one row of a wrapped network."""


def choose_bands(extents: Sequence[Extent], tied: int, width: float) -> tuple[Band, ...]:
    """Return the rows of layers that fit the width, as few and as equal as possible.

    The last `tied` layers, outputs and loss, stay in one row where they fit.
    """
    bands = fill_bands(extents, tied, width)
    for smaller in sorted({band_width(extents, band, LEAST_GAP) for band in all_bands(len(extents))}):
        if smaller <= width:
            narrower = fill_bands(extents, tied, smaller)
            if len(narrower) == len(bands) and all(
                band_width(extents, band, LEAST_GAP) <= smaller for band in narrower
            ):
                return narrower
    return bands


def all_bands(count: int) -> list[Band]:
    """Return every run of layers."""
    return [tuple(range(start, end)) for start in range(count) for end in range(start + 1, count + 1)]


def fill_bands(extents: Sequence[Extent], tied: int, width: float) -> tuple[Band, ...]:
    """Return the rows that come about when each is filled before the next one begins."""
    bands: list[Band] = [()]
    last = len(extents) - tied
    for column in range(len(extents)):
        band = (*bands[-1], column)
        ahead = (*bands[-1], *range(last, len(extents))) if column == last else band
        alone = band_width(extents, tuple(range(last, len(extents))), LEAST_GAP) <= width
        if bands[-1] and band_width(extents, ahead if alone else band, LEAST_GAP) > width:
            bands.append((column,))
        else:
            bands[-1] = band
    return tuple(bands)


def band_width(extents: Sequence[Extent], band: Band, gap: float) -> float:
    """Return the width of a row with gaps of one size; a row that continues another begins with one."""
    gaps = len(band) - (band[0] == 0)
    return sum(extents[column].labels + extents[column].boxes for column in band) + gaps * gap


def column_gap(extents: Sequence[Extent], band: Band, width: float) -> float:
    """Return the gap that lets a row fill the width, within bounds; a middling one where the width has no bounds."""
    gaps = len(band) - (band[0] == 0)
    if width == float("inf") or not gaps:
        return (LEAST_GAP + LARGEST_GAP) / 2
    return min(max((width - band_width(extents, band, 0.0)) / gaps, LEAST_GAP), LARGEST_GAP)
