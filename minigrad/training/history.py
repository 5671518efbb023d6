"""What training reports: the progress that callbacks see, and the history of all epochs."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from minigrad._format import printable
from minigrad._io import write_file
from minigrad._validation import check_integer, impossible_setting, is_number
from minigrad.errors import SettingError

if TYPE_CHECKING:
    from minigrad.core.node import Parameter
    from minigrad.ops.base import Value
    from minigrad.training.network import Network


class TrainingControl(Protocol):
    """What a callback may do with the training that it watches."""

    @property
    def network(self) -> Network:
        """The network that is trained."""
        ...

    @property
    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the samples and targets that training learns from."""
        ...

    def stop(self, reason: str) -> None:
        """End training."""
        ...

    def parameter_values(self) -> dict[Parameter, Value]:
        """Return the values of the parameters that training moves."""
        ...

    def snapshot(self) -> np.ndarray:
        """Return a copy of these values in one vector, in the order of `parameter_values`."""
        ...

    def restore(self, snapshot: np.ndarray) -> None:
        """Set the parameters to the values of a snapshot."""
        ...


@dataclass(frozen=True)
class Progress:
    """A record of where training stands, as callbacks see it; it does not change afterwards.

    Args:
        epoch: Epochs completed; in `step_end` the number of the epoch under way, counted from 1.
        loss: Mean training loss of the epoch so far, measured before each step; NaN before the first step.
        validation_loss: Mean loss on the validation data after the epoch; None without, and in `step_end`.
        metrics: What the metrics measured after the epoch, by name; empty in `step_end`.
        step: Steps made since training began; with `warm_start` since the first of the fits.
        control: The training itself; leave it out in records of your own.

    Example:
        >>> from minigrad import Progress
        >>> Progress(epoch=3, loss=0.25, metrics={"accuracy": 0.9}).metrics["accuracy"]
        0.9
    """

    epoch: int
    loss: float
    validation_loss: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    step: int = 0
    control: TrainingControl | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_integer(self.epoch, "epoch", 0)
        check_integer(self.step, "step", 0)
        if not isinstance(self.metrics, Mapping):
            raise impossible_setting("metrics", self.metrics, "numbers by name")
        validation = () if self.validation_loss is None else (self.validation_loss,)
        check_numbers([self.loss, *validation, *self.metrics.values()], "a loss or a metric")
        object.__setattr__(self, "metrics", MappingProxyType(dict(self.metrics)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what a copy is made of: the record, which belongs to no training."""
        return type(self), (self.epoch, self.loss, self.validation_loss, dict(self.metrics), self.step)

    def _control(self) -> TrainingControl:
        """Return the training that this record belongs to; raise SettingError where there is none."""
        if self.control is None:
            raise SettingError("this progress belongs to no training", cure="Use the one that `fit` passes.")
        return self.control

    @property
    def network(self) -> Network:
        """The network that is trained; between two epochs its nodes have the parameters."""
        return self._control().network

    @property
    def parameters(self) -> dict[Parameter, Value]:
        """The present value of every parameter that training moves, within an epoch too."""
        return self._control().parameter_values()

    @property
    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the samples and targets that training learns from, a row each; of a stream the batch under way."""
        return self._control().data

    def stop(self, reason: str) -> None:
        """End training after this callback; the history keeps the reason.

        Args:
            reason: Why training ends, for `History.stop_reason`.

        Raises:
            SettingError: If this record was not passed by `fit`.

        Example:
            >>> import minigrad as mg
            >>> def good_enough(progress):
            ...     if progress.loss < 0.5:
            ...         progress.stop("the loss is below 0.5")
            >>> x, w = mg.Input("x"), mg.Parameter(0.0, "w")
            >>> mg.Network(x, w * x).fit([1], [2], epochs=99, callbacks=[good_enough], progress=False).stop_reason
            'the loss is below 0.5'
        """
        self._control().stop(reason)

    def snapshot(self) -> np.ndarray:
        """Return a copy of all parameters that training moves, as one vector for `restore`.

        Returns:
            A vector; the parameters stand in it in the order of `parameters`, which depends on the engine.

        Raises:
            SettingError: If this record was not passed by `fit`.

        Example:
            >>> import minigrad as mg
            >>> sizes = []
            >>> network = mg.Network(*mg.mlp([2, 3, 1], rng=0))
            >>> look = lambda progress: sizes.append(progress.snapshot().size)
            >>> _ = network.fit([[0, 1]], [1], epochs=2, callbacks=[look], progress=False)
            >>> sizes
            [13, 13]
        """
        return self._control().snapshot()

    def restore(self, snapshot: np.ndarray) -> None:
        """Set all parameters that training moves to the values of a snapshot.

        Args:
            snapshot: What `snapshot` returned during the same training.

        Raises:
            SettingError: If this record was not passed by `fit`.

        Example:
            >>> import minigrad as mg
            >>> class Undo:
            ...     def start(self, progress):
            ...         self.before = progress.snapshot()
            ...     def finish(self, progress):
            ...         progress.restore(self.before)
            >>> x, w = mg.Input("x"), mg.Parameter(0.5, "w")
            >>> _ = mg.Network(x, w * x).fit([1], [2], callbacks=[Undo()], progress=False)
            >>> w.value
            0.5
        """
        self._control().restore(snapshot)


@dataclass
class History:
    """The mean loss of every epoch, and whatever else was measured after it.

    Args:
        loss: Mean loss on the training data of each epoch, each sample measured before the step that learns from it.
        validation_loss: Mean loss on the validation data after each epoch; empty without such data.
        metrics: Other numbers measured after each epoch, by name.
        stop_reason: Why training ended early; None where it did not. After LBFGS and LevenbergMarquardt it always says
            whether they have converged, and by which test.
        held_out: The rows of X and T that were held out for validation; None unless `validation` was a share.

    Example:
        >>> from minigrad import History
        >>> History([0.5, 0.25])
        <History of 2 epochs, loss 0.5 → 0.25>
    """

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    stop_reason: str | None = None
    held_out: np.ndarray | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.metrics, Mapping):
            raise impossible_setting("metrics", self.metrics, "lists of numbers by name")
        for name, numbers in {"loss": self.loss, "validation_loss": self.validation_loss, **self.metrics}.items():
            if not isinstance(numbers, (list, tuple, np.ndarray)):
                raise impossible_setting(str(name), numbers, "a list of numbers")
            check_numbers(numbers, str(name))

    def __repr__(self) -> str:
        if not self.loss:
            return "<History of 0 epochs>"
        stopped = f", stopped: {self.stop_reason}" if self.stop_reason else ""
        losses = f"loss {self.loss[0]:.4g} → {self.loss[-1]:.4g}"
        return printable(f"<History of {len(self.loss)} epochs, {losses}{stopped}>")

    def record(self, progress: Progress) -> None:
        """Add one epoch.

        Args:
            progress: The record of the epoch.

        Example:
            >>> from minigrad import History, Progress
            >>> history = History()
            >>> history.record(Progress(1, 0.5))
            >>> history.loss
            [0.5]
        """
        if not isinstance(progress, Progress):
            raise impossible_setting("progress", progress, "a Progress")
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
    def of_columns(cls, columns: Mapping[str, list[float]], stop_reason: str | None = None) -> History:
        """Return the history that has these columns.

        Args:
            columns: Lists of one number an epoch by name, as in `columns`.
            stop_reason: Why training ended early.

        Example:
            >>> from minigrad import History
            >>> History.of_columns({"loss": [0.5, 0.25], "accuracy": [0.8, 0.9]}).metrics
            {'accuracy': [0.8, 0.9]}
        """
        if not isinstance(columns, Mapping):
            raise impossible_setting("columns", columns, "lists of numbers by name")
        metrics = dict(columns)
        return cls(metrics.pop("loss", []), metrics.pop("validation_loss", []), metrics, stop_reason)

    def plot(self, *, logarithmic: bool = False) -> Any:
        """Plot the loss over the epochs, and a panel for every metric, with Matplotlib (the extra `plot`).

        Args:
            logarithmic: Whether the axis of the loss is logarithmic.

        Returns:
            A Matplotlib figure.

        Example:
            >>> import minigrad as mg
            >>> figure = mg.History([0.5, 0.2, 0.1]).plot(logarithmic=True)
            >>> figure.axes[0].get_yscale()
            'log'
        """
        from minigrad import plot  # loaded on first use, as Matplotlib is

        return plot.history(self, logarithmic=logarithmic)

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write a table with a row for each epoch, for a spreadsheet or pandas.

        Args:
            path: The file to write.

        Raises:
            FileError: If the file cannot be written.

        Example:
            >>> import tempfile
            >>> from pathlib import Path
            >>> from minigrad import History
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     History([0.5, 0.25]).to_csv(folder + "/history.csv")
            ...     Path(folder, "history.csv").read_text().splitlines()
            ['epoch,loss', '1,0.5', '2,0.25']
        """
        import csv  # not needed to train

        table = io.StringIO(newline="")
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(["epoch", *self.columns])
        writer.writerows(zip(range(1, len(self.loss) + 1), *self.columns.values(), strict=True))
        write_file(path, table.getvalue().encode())


def check_numbers(values: Iterable[Any], name: str) -> None:
    """Raise SettingError unless all values are numbers; NaN is one."""
    for value in values:
        if not is_number(value):
            raise impossible_setting(name, value, "a number")
