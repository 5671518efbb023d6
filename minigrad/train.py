"""The training loop: samples in, δ back, weights moved, and a record of how the loss fell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from minigrad.data import Columns
from minigrad.errors import DataError, SettingError
from minigrad.history import History as History, Progress as Progress
from minigrad.keeper import Keeper, Standing
from minigrad.trainer import Trainer

Callback = Callable[[Progress], object]


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
    keeper: Keeper | None = None,
) -> History:
    """Goes over `count` samples `epochs` times and returns the history of the loss; after each epoch the nodes know.

    An epoch that is broken off, be it from the keyboard, leaves the parameters of the one before. A `keeper` writes
    checkpoints, and lets training go on from one.
    """
    history, standing = History(), Standing()
    if keeper is not None:
        history, standing = keeper.resumed(trainer, rng, count, batch_size)
    for epoch in shown_progress(standing.epoch, epochs, history, progress):
        standing.generator = rng.bit_generator.state
        order = rng.permutation(count) if shuffle else np.arange(count)
        with np.errstate(all="ignore"):
            try:
                one_epoch(trainer, order, batch_size, standing, history, keeper)
            except BaseException:
                trainer.restore()
                raise
            history.loss.append(standing.total / count)
            if validation is not None:
                history.validation_loss.append(trainer.mean_loss(*validation))
        trainer.store()
        event = Progress(epoch, history.loss[-1], history.validation_loss[-1] if validation else None)
        for callback in callbacks:
            callback(event)
        standing = Standing(epoch, generator=rng.bit_generator.state)
        if keeper is not None and (epoch == epochs or keeper.due(epoch * -(-count // batch_size))):
            keeper.keep(trainer, history, standing)
    return history


def one_epoch(
    trainer: Trainer, order: np.ndarray, batch_size: int, standing: Standing, history: History, keeper: Keeper | None
) -> None:
    """Goes over the samples that are left of an epoch, in the given order, and adds up the loss as it is learned from.

    A keeper is called whenever a checkpoint is due.
    """
    count = len(order)
    done = standing.epoch * -(-count // batch_size) + standing.position // batch_size
    while standing.position < count:
        steps = count if keeper is None else keeper.checkpoint.every - done % keeper.checkpoint.every
        stop = min(standing.position + steps * batch_size, count)
        standing.total = several_steps(trainer, order[standing.position : stop], batch_size, standing.total)
        standing.position, done = stop, done + steps
        if keeper is not None and stop < count:
            keeper.keep(trainer, history, standing)


def several_steps(trainer: Trainer, order: np.ndarray, batch_size: int, total: float) -> float:
    """Learns from the samples in the given order, and adds their losses to the total."""
    if batch_size == 1:
        for row in order.tolist():
            total += trainer.step(row)
    else:
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            total += trainer.step(rows) * len(rows)
    return total


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


def shown_progress(over: int, epochs: int, history: History, wanted: bool) -> Iterator[int]:
    """Counts epochs on from those that are over, under a tqdm bar where tqdm is installed and somebody watches."""
    bar: Any = range(over + 1, epochs + 1)
    if not wanted or find_spec("tqdm") is None:
        yield from bar
        return
    from tqdm.auto import tqdm

    with tqdm(bar, desc="training", unit="epoch", initial=over, total=epochs, disable=None) as shown:
        for epoch in shown:
            yield epoch
            shown.set_postfix(loss=f"{history.loss[-1]:.4g}")
