"""Positions of the units of the textbook figure, and the paths of its edges: straight where a straight line can go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import atan2, hypot, pi
from typing import NamedTuple

from minigrad.drawing.diagram import ORIGIN, Point
from minigrad.drawing.settings import Direction
from minigrad.drawing.textbook.drawn_unit import DrawnUnit
from minigrad.drawing.textbook.label_placement import Obstacles

SPACE = 3.0
"""Free space between two units of a column."""
FREE = 14.0
"""Free space between two columns."""
LANE = 6.0
"""Half the width of the lane in which an edge passes a column."""
WEIGHTED, UNWEIGHTED = 1.0, 0.66
"""How the width is shared among gaps with weights and gaps without."""
CORNER = 9.0
"""How far from a corner of a path its rounding begins."""


class EdgeEnds(NamedTuple):
    """An edge by the keys of its ends, and its number among those between the same two."""

    tail: str
    head: str
    number: int = 0
    parallel: int = 1


class TextbookLayout(NamedTuple):
    """Where every unit is, where each column is along the direction, and the room that all take."""

    at: dict[str, Point]
    drawn_units: dict[str, DrawnUnit]
    column_of: dict[str, int]
    along: tuple[float, ...]
    low: Point
    high: Point


def lane_key(tail: str, column: int) -> str:
    """Return the key of the lane in which the edges from a unit pass a column."""
    return f"{tail}>{column}"


def with_lanes(columns: Sequence[Sequence[DrawnUnit]], edges: Iterable[EdgeEnds]) -> list[list[DrawnUnit]]:
    """Return the columns with a lane in each column that edges pass, near the height that they start at."""
    column_of = {drawn.key: number for number, column in enumerate(columns) for drawn in column}
    rank = {drawn.key: (row + 0.5) / len(column) for column in columns for row, drawn in enumerate(column)}
    lanes: dict[tuple[int, str], float] = {}
    for edge in edges:
        for number in range(column_of[edge.tail] + 1, column_of[edge.head]):
            lanes[number, edge.tail] = rank[edge.tail]
    result = [list(column) for column in columns]
    for (number, tail), height in sorted(lanes.items(), key=lambda item: (item[0][0], -item[1])):
        count = len(columns[number])
        lane = DrawnUnit(lane_key(tail, number), (), (), ORIGIN, True, (LANE,) * 4)
        row = 0 if height < 0.5 else count
        result[number].insert(row or 0, lane)
    return result


def spread_columns(
    columns: Sequence[Sequence[DrawnUnit]], gaps: Sequence[float], direction: Direction, width: float, least: float
) -> TextbookLayout:
    """Return the positions of all units, from the origin on.

    Args:
        columns: The units of each column, with lanes.
        gaps: The share of the width that each gap between columns has.
        direction: Where columns follow one another.
        width: The distance between the first column and the last.
        least: The least distance of two columns for a share of 1.
    """
    widths = [
        max(reach_along(before, direction)[1] for before in first)
        + max(reach_along(after, direction)[0] for after in second)
        for first, second in pairwise(columns)
    ]
    needs = [max(least * gap, room + FREE) for gap, room in zip(gaps, widths, strict=True)]
    along = [0.0]
    for distance in shared_distances(gaps, needs, width):
        along.append(along[-1] + distance)
    heights = [column_positions(column, direction, None) for column in columns]
    tallest = max(positions[-1] - positions[0] for positions in heights)
    widest = max((pitch_of(column, direction) for column in columns), default=0.0)
    at: dict[str, Point] = {}
    for number, column in enumerate(columns):
        units = sum(1 for drawn in column if drawn.shapes)
        pitch = min(widest, tallest / max(units - 1, 1)) if len(columns) > 1 else None
        positions = column_positions(column, direction, pitch)
        middle = (positions[0] + positions[-1]) / 2
        for drawn, position in zip(column, positions, strict=True):
            across = position - middle
            at[drawn.key] = Point(along[number], across) if direction == "right" else Point(across, along[number])
    drawn_units = {drawn.key: drawn for column in columns for drawn in column}
    column_of = {drawn.key: number for number, column in enumerate(columns) for drawn in column}
    reach = [(at[key], drawn.reach) for key, drawn in drawn_units.items()]
    low = Point(min(p.x - r[0] for p, r in reach), min(p.y - r[1] for p, r in reach))
    high = Point(max(p.x + r[2] for p, r in reach), max(p.y + r[3] for p, r in reach))
    return TextbookLayout(at, drawn_units, column_of, tuple(along), low, high)


def shared_distances(shares: Sequence[float], needs: Sequence[float], total: float) -> list[float]:
    """Return distances in proportion to shares that come to a total, none less than it needs."""
    fixed: set[int] = set()
    while True:
        free = total - sum(needs[number] for number in fixed)
        weight = sum(share for number, share in enumerate(shares) if number not in fixed) or 1.0
        distances = [
            need if n in fixed else free * share / weight
            for n, (share, need) in enumerate(zip(shares, needs, strict=True))
        ]
        short = {number for number, distance in enumerate(distances) if distance < needs[number] - 1e-9}
        if not short - fixed:
            return distances
        fixed |= short


def reach_across(drawn: DrawnUnit, direction: Direction) -> tuple[float, float]:
    """Return how far a unit reaches across the direction, before and behind its center."""
    left, up, right, down = drawn.reach
    return (up, down) if direction == "right" else (left, right)


def reach_along(drawn: DrawnUnit, direction: Direction) -> tuple[float, float]:
    """Return how far a unit reaches along the direction, before and behind its center."""
    left, up, right, down = drawn.reach
    return (left, right) if direction == "right" else (up, down)


def pitch_of(column: Sequence[DrawnUnit], direction: Direction) -> float:
    """Return the least distance of the units of a column."""
    units = [reach_across(drawn, direction) for drawn in column if drawn.shapes]
    return max((before[1] + after[0] + SPACE for before, after in pairwise(units)), default=0.0)


def column_positions(column: Sequence[DrawnUnit], direction: Direction, pitch: float | None) -> list[float]:
    """Return the positions of units across the direction, units at least a pitch apart."""
    least = pitch_of(column, direction) if pitch is None else pitch
    positions = [0.0]
    for before, after in pairwise(column):
        space = (
            reach_across(before, direction)[1]
            + reach_across(after, direction)[0]
            + (SPACE if before.shapes and after.shapes else 2.0)
        )
        if before.shapes and after.shapes:
            space = max(space, least)
        positions.append(positions[-1] + space)
    return positions


def edge_path(edge: EdgeEnds, layout: TextbookLayout, direction: Direction, obstacles: Obstacles) -> list[Point]:
    """Return the corners of the path of an edge: a straight line, or one with knees where something is in the way."""
    tail, head = layout.drawn_units[edge.tail], layout.drawn_units[edge.head]
    start, end = layout.at[edge.tail], layout.at[edge.head]
    middle = lane_points(edge, layout, direction)
    spread = 7.0 * (edge.number - (edge.parallel - 1) / 2)
    path: list[Point] = []
    for bends_tail, bends_head in ((False, False), (False, True), (True, False), (True, True)):
        if edge.parallel > 1 and not (bends_tail and bends_head):
            continue  # several edges between two units are to stay apart
        reach = column_depth(layout, edge.tail, direction, 1.0), column_depth(layout, edge.head, direction, -1.0)
        leaving = knee(start, tail, middle[0] if middle else end, direction, reach[0], spread) if bends_tail else []
        arriving = knee(end, head, middle[-1] if middle else start, direction, -reach[1], spread) if bends_head else []
        inner = [*leaving[1:], *middle, *arriving[1:]]
        first = leaving[:1] or [border_towards(start, tail, inner[0] if inner else end)]
        last = arriving[:1] or [border_towards(end, head, inner[-1] if inner else start)]
        path = [*first, *inner, *last]
        if all(obstacles.is_free(line, (edge.tail, edge.head)) for line in pairwise(path)):
            break
    return path


def column_depth(layout: TextbookLayout, key: str, direction: Direction, sign: float) -> float:
    """Return how far the column of a unit reaches along the direction, or against it."""
    number = layout.column_of[key]
    inside = [drawn for other, drawn in layout.drawn_units.items() if layout.column_of[other] == number]
    return max(reach_along(drawn, direction)[1 if sign > 0 else 0] for drawn in inside)


def lane_points(edge: EdgeEnds, layout: TextbookLayout, direction: Direction) -> list[Point]:
    """Return where an edge enters and leaves its lanes in the columns that it passes."""
    points: list[Point] = []
    for number in range(layout.column_of[edge.tail] + 1, layout.column_of[edge.head]):
        key = lane_key(edge.tail, number)
        before, behind = column_depth(layout, key, direction, -1.0), column_depth(layout, key, direction, 1.0)
        point = layout.at[key]
        points += [shifted(point, direction, -before, 0.0), shifted(point, direction, behind, 0.0)]
    return points


def border_towards(center: Point, drawn: DrawnUnit, other: Point) -> Point:
    """Return where a straight line to another point leaves a unit."""
    return moved(center, drawn.border(Point(other.x - center.x, other.y - center.y)))


def knee(
    center: Point, drawn: DrawnUnit, other: Point, direction: Direction, reach: float, spread: float
) -> list[Point]:
    """Return where an edge touches a unit, and the corner up to which it runs along the direction, past the texts."""
    sign = 1.0 if reach > 0 else -1.0
    way = Point(other.x - center.x, other.y - center.y)
    along, across = (way.x, way.y) if direction == "right" else (way.y, way.x)
    half = drawn.half.y if direction == "right" else drawn.half.x
    beside = 0.9 * half * atan2(across, abs(along)) / (pi / 2) + spread
    beside = max(-0.85 * half, min(0.85 * half, beside))
    border = drawn.border_beside(direction, beside)
    far = max(abs(reach), border + 10.0)
    return [shifted(center, direction, sign * border, beside), shifted(center, direction, sign * far, beside)]


def shifted(point: Point, direction: Direction, along: float, across: float) -> Point:
    """Return a point moved along and across the direction."""
    return (
        Point(point.x + along, point.y + across) if direction == "right" else Point(point.x + across, point.y + along)
    )


def moved(point: Point, by: Point) -> Point:
    """Return a moved point."""
    return Point(point.x + by.x, point.y + by.y)


def between(start: Point, end: Point, part: float) -> Point:
    """Return the point at a part of the way from one point to another."""
    return Point(start.x + part * (end.x - start.x), start.y + part * (end.y - start.y))


def rounded_path(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return the control points of Bézier curves that follow straight lines with rounded corners."""
    curve = [points[0]]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        arriving, leaving = (
            hypot(corner.x - before.x, corner.y - before.y),
            hypot(after.x - corner.x, after.y - corner.y),
        )
        first = between(corner, before, min(CORNER / arriving, 0.5) if arriving else 0.0)
        last = between(corner, after, min(CORNER / leaving, 0.5) if leaving else 0.0)
        curve += [between(curve[-1], first, 1 / 3), between(curve[-1], first, 2 / 3), first]
        curve += [between(first, corner, 2 / 3), between(last, corner, 2 / 3), last]
    last = points[-1]
    return (*curve, between(curve[-1], last, 1 / 3), between(curve[-1], last, 2 / 3), last)
