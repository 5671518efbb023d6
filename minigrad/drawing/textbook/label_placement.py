"""Where labels have room along the edges of a network, without cutting an edge, a circle, a text or one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import atan2, cos, hypot, pi, sin
from typing import NamedTuple

import numpy as np

from minigrad.drawing.diagram import Point

GAP = 2.0
"""Free space around every label, in pixels."""


class Strip(NamedTuple):
    """Room that a label needs beside a straight line: so long, between two distances below it; above is negative."""

    length: float
    top: float
    bottom: float


class LabelSpan(NamedTuple):
    """A straight piece of an edge along which labels may stand, from left to right, or upwards where it is vertical."""

    start: Point
    end: Point

    @property
    def length(self) -> float:
        """Return its length."""
        return hypot(self.end.x - self.start.x, self.end.y - self.start.y)

    @property
    def angle(self) -> float:
        """Return its direction in radians, clockwise."""
        return atan2(self.end.y - self.start.y, self.end.x - self.start.x)

    def point(self, along: float, below: float = 0.0) -> Point:
        """Return the point so far along the span and so far below it."""
        c, s = cos(self.angle), sin(self.angle)
        return Point(self.start.x + along * c - below * s, self.start.y + along * s + below * c)

    def corners(self, center: float, strip: Strip) -> tuple[Point, ...]:
        """Return the corners of the room of a label whose center is so far along the span."""
        left, right = center - strip.length / 2, center + strip.length / 2
        sides = ((left, strip.top), (right, strip.top), (right, strip.bottom), (left, strip.bottom))
        return tuple(self.point(*side) for side in sides)


def reading_span(start: Point, end: Point) -> tuple[LabelSpan, bool]:
    """Return the span of a line, turned so that text along it is upright, and whether it was turned around."""
    angle = atan2(end.y - start.y, end.x - start.x)
    is_turned = not -pi / 2 <= angle < pi / 2 - 1e-9
    return (LabelSpan(end, start) if is_turned else LabelSpan(start, end)), is_turned


class Obstacles:
    """Everything that a label must not touch: convex polygons, of which a line has two corners; circles are polygons.

    Those that were added last can be taken away again.
    """

    def __init__(self) -> None:
        self._starts = np.empty((256, 2))
        self._ends = np.empty((256, 2))
        self._first_sides: list[int] = []
        self._owners: list[object] = []
        self._sides = 0
        self._boxes: tuple[np.ndarray, np.ndarray] | None = None

    def __len__(self) -> int:
        return len(self._first_sides)

    def add(self, corners: Sequence[Point], owner: object = None) -> None:
        """Add a convex polygon; lines of its owner may touch it."""
        sides = len(corners) if len(corners) > 2 else 1
        while self._sides + sides > len(self._starts):
            self._starts = np.concatenate([self._starts, np.empty_like(self._starts)])
            self._ends = np.concatenate([self._ends, np.empty_like(self._ends)])
        self._first_sides.append(self._sides)
        self._owners.append(owner)
        self._starts[self._sides : self._sides + sides] = corners[:sides]
        self._ends[self._sides : self._sides + sides] = (*corners[1:], corners[0])[:sides]
        self._sides += sides

    def add_path(self, points: Sequence[Point], owner: object = None) -> None:
        """Add the straight lines between points."""
        for line in pairwise(points):
            self.add(line, owner)

    def add_all(self, others: Obstacles, first: int = 0) -> None:
        """Add the polygons of others, from a number on."""
        ends = [*others._first_sides[1:], others._sides]
        for number in range(first, len(others)):
            sides = slice(others._first_sides[number], ends[number])
            starts = [Point(*corner) for corner in others._starts[sides].tolist()]
            self.add(
                starts if len(starts) > 1 else [*starts, Point(*others._ends[sides][0].tolist())],
                others._owners[number],
            )

    def forget(self, count: int) -> None:
        """Take everything away but the first so many."""
        if count < len(self):
            self._sides = self._first_sides[count]
            del self._first_sides[count:], self._owners[count:]

    def blocked(self, span: LabelSpan, strips: Sequence[Strip]) -> list[tuple[float, float]]:
        """Return the stretches of a span on which no label of these strips can have its center."""
        if not self._first_sides:
            return []
        bands = np.array([(strip.top - GAP, strip.bottom + GAP) for strip in strips])
        half = np.array([[strip.length / 2 + GAP] for strip in strips])
        left, right = self._stretches(span, bands)
        touching = left <= right
        return list(zip((left - half)[touching].tolist(), (right + half)[touching].tolist(), strict=True))

    def copy(self) -> Obstacles:
        """Return the same obstacles, to which others can be added."""
        return self._within(np.full(2, -np.inf), np.full(2, np.inf))

    def near(self, points: Iterable[Point], distance: float) -> Obstacles:
        """Return the obstacles that are not farther from some points than a distance, in x and in y."""
        corners = np.array(list(points))
        return self._within(corners.min(axis=0) - distance, corners.max(axis=0) + distance)

    def _within(self, low: np.ndarray, high: np.ndarray, without: Sequence[object] = ()) -> Obstacles:
        """Return the obstacles that touch a rectangle, without those of some owners."""
        part = Obstacles()
        if not self._first_sides:
            return part
        lows, highs = self._bounds()
        numbers = np.flatnonzero(((highs >= low) & (lows <= high)).all(axis=1)).tolist()
        ends = [*self._first_sides[1:], self._sides]
        slices: list[slice] = []
        for number in numbers:
            owner = self._owners[number]
            if not any(owner is other for other in without):
                slices.append(slice(self._first_sides[number], ends[number]))
                part._first_sides.append(part._sides)
                part._owners.append(owner)
                part._sides += slices[-1].stop - slices[-1].start
        if slices:
            part._starts = np.concatenate([self._starts[piece] for piece in slices])
            part._ends = np.concatenate([self._ends[piece] for piece in slices])
        return part

    def is_free(self, line: Sequence[Point], owners: Sequence[object]) -> bool:
        """Return whether a straight line touches nothing but what belongs to these owners."""
        (x0, y0), (x1, y1) = line
        low, high = np.array((min(x0, x1), min(y0, y1))), np.array((max(x0, x1), max(y0, y1)))
        near = self._within(low - GAP, high + GAP, owners)
        if not near:
            return True
        span = LabelSpan(*line)
        left, right = near._stretches(span, np.array([(-GAP, GAP)]))
        return not bool(((left <= right) & (right >= 0.0) & (left <= span.length)).any())

    def _stretches(self, span: LabelSpan, bands: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return from where to where each polygon reaches along a span, within bands above and below it.

        The first is the larger where a polygon is outside of a band. Source: clipping of the sides at the band.
        """
        c, s = cos(span.angle), sin(span.angle)
        turn, origin = np.array([[c, -s], [s, c]]), np.array(span.start)
        x0, y0 = ((self._starts[: self._sides] - origin) @ turn).T
        x1, y1 = ((self._ends[: self._sides] - origin) @ turn).T
        height = y1 - y0
        is_flat = np.abs(height) < 1e-9
        slope = (x1 - x0) / np.where(is_flat, 1.0, height)
        top, bottom = bands[:, :1], bands[:, 1:]
        low, high = np.maximum(np.minimum(y0, y1), top), np.minimum(np.maximum(y0, y1), bottom)
        at_low = np.where(is_flat, x0, x0 + (low - y0) * slope)
        at_high = np.where(is_flat, x1, x0 + (high - y0) * slope)
        outside = low > high
        left = np.where(outside, np.inf, np.minimum(at_low, at_high))
        right = np.where(outside, -np.inf, np.maximum(at_low, at_high))
        first = self._first_sides
        return np.minimum.reduceat(left, first, axis=1), np.maximum.reduceat(right, first, axis=1)

    def _bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the corners of rectangles around the polygons."""
        if self._boxes is None or len(self._boxes[0]) != len(self):
            corners = np.stack([self._starts[: self._sides], self._ends[: self._sides]])
            low = np.minimum.reduceat(corners.min(axis=0), self._first_sides)
            self._boxes = low, np.maximum.reduceat(corners.max(axis=0), self._first_sides)
        return self._boxes


def free_center(blocked: Iterable[tuple[float, float]], low: float, high: float, best: float) -> float | None:
    """Return the position from low to high nearest to the best one that is not blocked; None if there is none."""
    if low > high:
        return None
    best = min(max(best, low), high)
    merged: list[tuple[float, float]] = []
    for left, right in sorted(blocked):
        if merged and left <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], right))
        else:
            merged.append((left, right))
    around = next(((left, right) for left, right in merged if left < best < right), None)
    if around is None:
        return best
    candidates = [end for end in around if low <= end <= high]
    return min(candidates, key=lambda end: abs(end - best), default=None)
