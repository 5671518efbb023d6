"""What training reports: the progress after every epoch, and the history of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from minigrad._format import printable
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
        return printable(f"<History of {len(self.loss)} epochs, loss {self.loss[0]:.4g} → {self.loss[-1]:.4g}>")

    def record(self, progress: Progress) -> None:
        """Add one epoch."""
        self.loss.append(progress.loss)
        if progress.validation_loss is not None:
            self.validation_loss.append(progress.validation_loss)
        for name, value in progress.metrics.items():
            self.metrics.setdefault(name, []).append(value)

    @property
    def columns(self) -> dict[str, list[float]]:
        """Everything that was recorded, by name, one number for each epoch."""
        recorded = {"loss": self.loss, "validation_loss": self.validation_loss, **self.metrics}
        return {name: numbers for name, numbers in recorded.items() if numbers}

    @classmethod
    def of_columns(cls, columns: Mapping[str, list[float]]) -> History:
        """Return the history that has these columns."""
        metrics = dict(columns)
        return cls(metrics.pop("loss", []), metrics.pop("validation_loss", []), metrics)

    def plot(self, *, logarithmic: bool = False) -> Any:
        """Plot the loss over the epochs, and a panel for every metric, with Matplotlib (the extra `plot`)."""
        from minigrad import plot  # loaded on first use, as Matplotlib is

        return plot.history(self, logarithmic=logarithmic)

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write a table with a row for each epoch, to open in a spreadsheet or to read with pandas.

        Raises FileError where that cannot be done.
        """
        import csv  # not needed to train

        target = to_path(path)
        failure = as_file_error(target, "a table that cannot be written")
        with failure, target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["epoch", *self.columns])
            writer.writerows(zip(range(1, len(self.loss) + 1), *self.columns.values(), strict=True))
