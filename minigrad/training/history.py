"""What training tells of itself: an event after every epoch, and the record of all of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from minigrad.files.archive import as_file_error, to_path


@dataclass(frozen=True)
class Progress:
    """What a callback is told after each epoch."""

    epoch: int
    loss: float
    validation_loss: float | None
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass
class History:
    """The mean loss of every epoch, on the training data as it was learned from and on the validation data.

    `metrics` holds whatever else was measured after every epoch, by name.
    """

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)

    def __repr__(self) -> str:
        if not self.loss:
            return "<History of 0 epochs>"
        return f"<History of {len(self.loss)} epochs, loss {self.loss[0]:.4g} → {self.loss[-1]:.4g}>"

    def record(self, loss: float, validation_loss: float | None, metrics: Mapping[str, float]) -> None:
        """Adds one epoch."""
        self.loss.append(loss)
        if validation_loss is not None:
            self.validation_loss.append(validation_loss)
        for name, value in metrics.items():
            self.metrics.setdefault(name, []).append(value)

    @property
    def columns(self) -> dict[str, list[float]]:
        """Everything that was recorded, by name, one number for each epoch."""
        recorded = {"loss": self.loss, "validation_loss": self.validation_loss, **self.metrics}
        return {name: numbers for name, numbers in recorded.items() if numbers}

    @classmethod
    def of_columns(cls, columns: Mapping[str, list[float]]) -> History:
        """The history of which these are the columns."""
        rest = dict(columns)
        return cls(rest.pop("loss", []), rest.pop("validation_loss", []), rest)

    def plot(self, *, logarithmic: bool = False) -> Any:
        """The loss over the epochs, and a panel for every metric, as a Matplotlib figure; needs the extra `plot`."""
        from minigrad.plot import history as picture  # only who asks for pictures opens that room

        return picture(self, logarithmic=logarithmic)

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Writes a table with a row for each epoch, to open in a spreadsheet or to read with pandas.

        Raises FileError where that cannot be done.
        """
        place = to_path(path)
        with (
            as_file_error(place, "a table that cannot be written"),
            place.open("w", encoding="utf-8", newline="") as file,
        ):
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["epoch", *self.columns])
            for epoch, row in enumerate(zip(*self.columns.values(), strict=True), start=1):
                writer.writerow([epoch, *row])
