"""What training tells of itself: an event after every epoch, and the record of all of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path


@dataclass(frozen=True)
class Progress:
    """What a callback is told after each epoch."""

    epoch: int
    loss: float
    validation_loss: float | None


@dataclass
class History:
    """The mean loss of every epoch, on the training data as it was learned from and on the validation data."""

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)

    def __repr__(self) -> str:
        if not self.loss:
            return "<History of 0 epochs>"
        return f"<History of {len(self.loss)} epochs, loss {self.loss[0]:.4g} → {self.loss[-1]:.4g}>"

    @property
    def columns(self) -> dict[str, list[float]]:
        """Everything that was recorded, by name, one number for each epoch."""
        recorded = {"loss": self.loss, "validation_loss": self.validation_loss}
        return {name: numbers for name, numbers in recorded.items() if numbers}

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Writes a table with a row for each epoch, to open in a spreadsheet or read with pandas."""
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["epoch", *self.columns])
            writer.writerows(enumerate_rows(self.columns))


def enumerate_rows(columns: Mapping[str, Sequence[float]]) -> list[tuple[float, ...]]:
    """The rows of a table, numbered from 1."""
    return [(number, *row) for number, row in enumerate(zip(*columns.values(), strict=True), start=1)]
