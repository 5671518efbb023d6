"""The training loop: samples in, δ back, weights moved, and a record of how the loss fell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np

from minigrad.data import Columns
from minigrad.errors import DataError, SettingError
from minigrad.trainer import Trainer

Callback = Callable[["Progress"], object]


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


def fit(
    trainer: Trainer,
    count: int,
    *,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    shuffle: bool,
    validation: tuple[Columns, Columns] | None,
    callbacks: Sequence[Callback],
    progress: bool,
) -> History:
    """Goes over `count` samples `epochs` times and returns the history of the loss; after each epoch the nodes know.

    An epoch that is broken off, be it from the keyboard, leaves the parameters of the one before.
    """
    history = History()
    for epoch in shown_progress(epochs, history, progress):
        order = rng.permutation(count) if shuffle else np.arange(count)
        with np.errstate(all="ignore"):
            try:
                history.loss.append(one_epoch(trainer, order, batch_size))
            except BaseException:
                trainer.restore()
                raise
            if validation is not None:
                history.validation_loss.append(trainer.mean_loss(*validation))
        trainer.store()
        event = Progress(epoch, history.loss[-1], history.validation_loss[-1] if validation else None)
        for callback in callbacks:
            callback(event)
    return history


def one_epoch(trainer: Trainer, order: np.ndarray, batch_size: int) -> float:
    """Goes over the samples once, in the given order, and returns the mean loss as it was learned from."""
    total = 0.0
    if batch_size == 1:
        for row in order.tolist():
            total += trainer.step(row)
    else:
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            total += trainer.step(rows) * len(rows)
    return total / len(order)


def check_same_length(samples: Columns, targets: Columns) -> None:
    """Raises DataError unless every sample has a target."""
    if len(samples) != len(targets):
        raise DataError("samples and targets differ in number", found=f"{len(samples)} and {len(targets)}")


def checked_pair(validation: Any) -> tuple[Any, Any]:
    """Validation data as a pair (X, T); raises DataError for what is none."""
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise DataError("validation data that is no pair", found=type(validation).__name__, expected="(X, T)")
    return validation[0], validation[1]


def checked_callbacks(callbacks: Any) -> tuple[Callback, ...]:
    """Callbacks as a tuple; raises SettingError unless they are functions in a list."""
    found = tuple(callbacks) if isinstance(callbacks, Iterable) else (callbacks,)
    if not isinstance(callbacks, Iterable) or not all(map(callable, found)):
        raise SettingError(
            "callbacks that cannot be called", found=repr(callbacks), expected="[f, …], each called as f(progress)"
        )
    return found


def shown_progress(epochs: int, history: History, wanted: bool) -> Iterator[int]:
    """Counts epochs from 1, under a tqdm bar with the loss where tqdm is installed and somebody watches."""
    bar: Any = range(1, epochs + 1)
    if not wanted or find_spec("tqdm") is None:
        yield from bar
        return
    from tqdm.auto import tqdm

    with tqdm(bar, desc="training", unit="epoch", disable=None) as shown:
        for epoch in shown:
            yield epoch
            shown.set_postfix(loss=f"{history.loss[-1]:.4g}")
