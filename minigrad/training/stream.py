"""Data too large for memory: batches that are made anew in every epoch, each of them one step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from minigrad.errors import DataError, SettingError
from minigrad.training.data import Columns


@dataclass(frozen=True)
class Stream:
    """Batches (X, T) by a function that is called once for each epoch, or by anything that can be gone through again.

    `check` holds a batch against the network. Raises DataError for what gives no batches, or gives them only once.
    """

    source: Any
    check: Callable[[Any, Any], tuple[Columns, Columns]]

    def __post_init__(self) -> None:
        if not callable(self.source) and isinstance(self.source, Iterator):
            raise DataError(
                "batches that can be gone through only once",
                found=type(self.source).__name__,
                cure="Pass the function that makes them",
            )

    def __iter__(self) -> Iterator[tuple[Columns, Columns]]:
        """The batches of one epoch, checked; raises DataError for what is no pair (X, T) and for an epoch of none."""
        batches = self.source() if callable(self.source) else self.source
        if not isinstance(batches, Iterable):
            raise DataError("samples without targets", found=type(batches).__name__, expected="T, or batches (X, T)")
        empty = True
        for batch in batches:
            empty = False
            if not isinstance(batch, (tuple, list)) or len(batch) != 2:
                raise DataError(
                    "a batch that is no pair",
                    found=type(batch).__name__,
                    expected="(X, T)",
                    cure="Where samples are an array, pass their targets behind them: fit(X, T).",
                )
            yield self.check(*batch)
        if empty:
            raise DataError("an epoch without batches", cure="Pass a function that makes them anew for every epoch")

    def first(self) -> tuple[Columns, Columns]:
        """The first batch, to be looked at before training."""
        return next(iter(self))


def check_settings(settings: dict[str, bool]) -> None:
    """Raises SettingError where a setting was given that needs all samples at hand."""
    given = [name for name, used in settings.items() if used]
    if given:
        raise SettingError(
            "a setting that batches cannot have", found=", ".join(given), cure="Pass all samples as arrays"
        )
