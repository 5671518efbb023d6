"""The progress bar: what somebody who watches sees of training, where tqdm is installed."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from time import monotonic
from typing import Any, Self

from minigrad.training.history import History
from minigrad.training.state import Standing

PERIOD = 0.1
"""Seconds between two looks at an epoch under way."""


class Bar:
    """A tqdm bar that counts epochs and tells what was measured after the last; silent unless a terminal is watched."""

    def __init__(self, over: int, last: int, history: History, wanted: bool) -> None:
        self.over, self.last = over, last
        self.history = history
        self.shown: Any = None
        self.looked = monotonic()
        if wanted and find_spec("tqdm") is not None:
            from tqdm.auto import tqdm

            self.shown = tqdm(desc="training", unit="epoch", initial=over, total=last, disable=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.shown is not None:
            self.shown.close()

    def epochs(self) -> Iterator[int]:
        """Counts the epochs that are left, and tells what was measured after each."""
        for epoch in range(self.over + 1, self.last + 1):
            yield epoch
            if self.shown is not None:
                found = {name: f"{numbers[-1]:.4g}" for name, numbers in self.history.columns.items()}
                self.shown.set_postfix(found, refresh=False)
                self.shown.update()

    def look(self, standing: Standing, count: int | None = None) -> None:
        """Shows how far an epoch of `count` samples has come, if it has not been looked at for a while."""
        if self.shown is None or self.shown.disable or monotonic() < self.looked + PERIOD:
            return
        self.looked = monotonic()
        part = f"{standing.position} samples" if count is None else f"{standing.position / count:.0%}"
        self.shown.set_postfix_str(
            f"loss={standing.total / standing.position:.4g}, {part} of epoch {standing.epoch + 1}"
        )
