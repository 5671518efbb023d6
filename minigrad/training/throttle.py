"""How often to show where training stands, so that it takes a small share of the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter


class Throttle:
    """Limit to something that is done again and again: not sooner than after some seconds, in a share of the time."""

    def __init__(self, least_seconds: float, most_share: float) -> None:
        self.least_seconds, self.most_share = least_seconds, most_share
        self.due = perf_counter() + least_seconds

    def is_due(self, delay: float = 0.0) -> bool:
        """Return whether it may be done again, or might have been so many seconds ago."""
        return perf_counter() > self.due + delay

    @contextmanager
    def measure(self) -> Iterator[None]:
        """Measure how long it takes, for when it is due the next time."""
        start = perf_counter()
        yield
        end = perf_counter()
        self.due = max(start + self.least_seconds, end + (end - start) * (1 / self.most_share - 1))
