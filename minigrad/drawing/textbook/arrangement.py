"""How the textbook figure is arranged: which way, how large, how many units, which of them hang on others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from minigrad.drawing.settings import Direction, DrawSettings
from minigrad.drawing.textbook.drawn_unit import UnitSizes
from minigrad.drawing.textbook.textbook_content import NARROW
from minigrad.drawing.textbook.textbook_layout import UNWEIGHTED, WEIGHTED
from minigrad.structure import NetworkStructure, Unit

LEAST_GAP = {True: 128.0, False: 96.0}
"""Least distance of two columns with weights between them, with numbers and without."""
MOST_ROWS, LEAST_ROWS = 6, 4
"""Rows of a column at most, and how few it may be cut down to; a row of dots stands for what is left out."""
MOST_EDGES = {(True, False): 12, (True, True): 12, (False, False): 16, (False, True): 30}
"""Edges between two columns at most: with numbers or without, in a narrow gap or in a wide one."""
SIDES = 126.0
"""Width left of the first column and right of the last one."""
WIDE_GAP = 215.0
MOST_STEPS, MOST_CELLS = 12, 40
"""Columns, and neurons of each, that are searched for weights which steps of time share."""


def letter_scale(width: float) -> float:
    """Return the size of letters on a page relative to those on a wide one."""
    return 0.8 if width < NARROW else 1.0


def choose_metrics(width: float, rows: int, numbers: bool, direction: Direction) -> UnitSizes:
    """Return the sizes that suit a width and a number of rows."""
    if width < NARROW:
        return (
            UnitSizes(16.0, 14.0, 13.0, 10.5, 9.5, 13.0) if numbers else UnitSizes(17.0, 15.0, 14.0, 11.5, 10.0, 14.0)
        )
    if rows <= 3 and direction == "right":
        return (
            UnitSizes(31.0, 20.0, 17.0, 12.8, 11.6, 18.0) if numbers else UnitSizes(27.0, 20.0, 17.0, 15.0, 12.0, 18.0)
        )
    return UnitSizes(24.0, 17.0, 15.5, 11.8, 10.8, 15.5) if numbers else UnitSizes(22.0, 17.0, 15.5, 13.0, 11.0, 16.0)


def suitable_direction(structure: NetworkStructure, settings: DrawSettings, numbers: bool) -> Direction:
    """Return "right" where the columns have room side by side, else "down"."""
    scale = letter_scale(settings.width)
    needed = total_share(shown_columns(structure)) * LEAST_GAP[numbers] * scale
    return "right" if needed <= settings.width - SIDES else "down"


def shown_columns(structure: NetworkStructure) -> list[tuple[Unit, ...]]:
    """Return the columns without those of targets, which hang on their losses."""
    return [c for c in structure.columns if not all(unit.output in structure.targets for unit in c)]


def has_neurons(column: Sequence[Unit]) -> bool:
    """Return whether there are neurons in a column."""
    return any(unit.weighted_sum is not None for unit in column)


def total_share(columns: Sequence[Sequence[Unit]]) -> float:
    """Return the shares of all gaps between columns."""
    return sum(WEIGHTED if has_neurons(column) else UNWEIGHTED for column in columns[1:])


def fitting_rows(structure: NetworkStructure, settings: DrawSettings, numbers: bool, direction: Direction) -> int:
    """Return how many units of a column to show, so that they fit the page and most edges have room for labels."""
    most = MOST_ROWS
    if direction == "down":
        pitch = (178.0 if numbers else 118.0) * (0.72 if settings.width < NARROW else 1.0)
        most = max(3, min(most, int((settings.width - 110.0) / pitch)))
    columns = shown_columns(structure)
    weighted = [number for number, column in enumerate(columns) if has_neurons(column)]
    sizes = [len(column) for number, column in enumerate(columns) if number == 0 or number in weighted]
    is_wide = direction == "down" or (settings.width - SIDES) / max(total_share(columns), 1.0) >= WIDE_GAP
    limit = MOST_EDGES[numbers, is_wide]
    if max(sizes) > most:  # where units are left out anyway, the others get more room
        limit = min(limit, MOST_EDGES[False, False])
    for count in range(most, LEAST_ROWS, -1):
        rows = [size if size <= count else count - 1 for size in sizes]
        if all(before * after <= limit for before, after in pairwise(rows)):
            return count
    return min(most, LEAST_ROWS)


def hanging_targets(structure: NetworkStructure) -> dict[Unit, list[Unit]]:
    """Return the targets of each loss, those that no other loss reads before it."""
    targets: dict[Unit, list[Unit]] = {}
    taken: set[Unit] = set()
    for column in structure.columns:
        for unit in column:
            if unit.output.kind == "loss":
                own = [c.source for c in structure.connections(unit) if c.source.output in structure.targets]
                targets[unit] = [target for target in dict.fromkeys(own) if target not in taken]
                taken.update(own)
    return targets


def box_classes(structure: NetworkStructure) -> dict[Unit, tuple[Unit, ...]]:
    """Return the elements that are taken out of an array one by one, such as the classes of a softmax, by its unit."""
    classes: defaultdict[Unit, list[Unit]] = defaultdict(list)
    for column in structure.columns:
        for unit in column:
            op = unit.output.op
            if unit.weighted_sum is None and op is not None and op.element is not None:
                sources = list(structure.connections(unit))
                if len(sources) == 1 and sources[0].source.weighted_sum is None and sources[0].source.output.op:
                    classes[sources[0].source].append(unit)
    return {box: tuple(units) for box, units in classes.items()}


def has_time_steps(structure: NetworkStructure, settings: DrawSettings) -> bool:
    """Return whether later columns read inputs of their own by shared weights, as steps of a recurrent network do."""
    column_of = {unit: number for number, column in enumerate(structure.columns) for unit in column}
    return any(
        weight is not None
        and source.output.kind == "input"
        and column_of[source] > 0
        and settings.snapshot.uses(weight) > 1
        for column in structure.columns[:MOST_STEPS]
        for unit in column[:MOST_CELLS]
        if unit.weighted_sum is not None and unit.position is None
        for source, weight in structure.connections(unit)
    )
