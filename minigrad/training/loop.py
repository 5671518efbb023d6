"""The training loop: samples in, δ back, weights moved, and a record of how the loss fell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from minigrad.errors import SettingError
from minigrad.training.bar import Bar
from minigrad.training.callbacks import EarlyStopping, Watch
from minigrad.training.checkpoint import Keeper
from minigrad.training.data import Columns
from minigrad.training.history import History as History, Progress as Progress
from minigrad.training.state import Course, Standing
from minigrad.training.step import Trainer
from minigrad.training.stream import Stream

Callback = Callable[[Progress], object]
Metric = Callable[[np.ndarray, np.ndarray], Any]
"""A pure function of outputs and targets, rows of samples both."""
TAKEN = (None, "loss", "validation_loss")
"""What a metric cannot be called."""
PIECE = 1000
"""After how many steps at most the progress bar is told."""


def fit(
    trainer: Trainer,
    course: Course,
    *,
    rng: np.random.Generator,
    shuffle: bool,
    validation: tuple[Columns, Columns] | None,
    callbacks: Sequence[Callback],
    progress: bool,
    measure: Callable[[], dict[str, float]] = dict,
    stopping: EarlyStopping | None = None,
    keeper: Keeper | None = None,
    stream: Stream | None = None,
) -> History:
    """Goes over the samples epoch by epoch and returns the history of the loss; after each epoch the nodes know.

    An epoch that is broken off, be it from the keyboard, leaves the parameters of the one before. `measure` is asked
    after every epoch; a `keeper` writes checkpoints, and lets training go on from one; a `stream` gives the batches of
    every epoch in place of the trainer's own samples.
    """
    history, standing, best = History(), Standing(), None
    if keeper is not None:
        history, standing, best = keeper.resumed(trainer, rng, course)
    watch = Watch(stopping, history.validation_loss, best) if stopping is not None else None
    with Bar(standing.epoch, course.last, history, progress) as bar:
        for epoch in bar.epochs():
            if watch is not None and watch.over:
                break
            standing.generator = rng.bit_generator.state
            order = rng.permutation(course.count) if shuffle else np.arange(course.count)
            with np.errstate(all="ignore"):
                try:
                    if stream is not None:
                        one_stream(trainer, stream, standing, bar)
                    else:
                        one_epoch(
                            trainer, order[: course.samples(epoch)], course, standing, history, keeper, watch, bar
                        )
                except BaseException:
                    trainer.restore()
                    raise
                checked = None if validation is None else trainer.mean_loss(*validation)
            trainer.store()
            whole = standing.position == course.count
            history.record(standing.total / standing.position, checked, measure())
            if watch is not None and checked is not None:
                watch.look(checked, trainer.vector)
            event = Progress(epoch, history.loss[-1], checked, {name: row[-1] for name, row in history.metrics.items()})
            for callback in callbacks:
                callback(event)
            standing = Standing(epoch, generator=rng.bit_generator.state)
            ends = epoch == course.last or (watch is not None and watch.over)
            if keeper is not None and whole and (ends or keeper.due(epoch * course.steps_each)):
                keeper.keep(trainer, history, standing, watch)
    if watch is not None and watch.best is not None:
        trainer.vector = watch.best
        trainer.store()
    return history


def one_epoch(
    trainer: Trainer,
    order: np.ndarray,
    course: Course,
    standing: Standing,
    history: History,
    keeper: Keeper | None,
    watch: Watch | None,
    bar: Bar,
) -> None:
    """Goes over the samples that are left of an epoch, in the given order, and adds up the loss as it is learned from.

    A keeper is called whenever a checkpoint is due, and where training ends within the epoch.
    """
    done = standing.epoch * course.steps_each + standing.position // course.batch_size
    while standing.position < len(order):
        steps = PIECE if keeper is None else min(PIECE, keeper.checkpoint.every - done % keeper.checkpoint.every)
        stop = min(standing.position + steps * course.batch_size, len(order))
        standing.total = several_steps(trainer, order[standing.position : stop], course.batch_size, standing.total)
        standing.position, done = stop, done + steps
        bar.look(standing, course.count)
        if keeper is not None and stop < course.count and (keeper.due(done) or stop == len(order)):
            keeper.keep(trainer, history, standing, watch)


def one_stream(trainer: Trainer, stream: Stream, standing: Standing, bar: Bar) -> None:
    """Learns from each batch of a stream in one step, and adds up the loss as it is learned from."""
    for samples, targets in stream:
        trainer.serve(samples, targets)
        standing.total += trainer.step(np.arange(len(samples))) * len(samples)
        standing.position += len(samples)
        bar.look(standing)


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


def checked_callbacks(callbacks: Any) -> tuple[Callback, ...]:
    """Callbacks as a tuple; raises SettingError unless they are functions in a list."""
    found = tuple(callbacks) if isinstance(callbacks, Iterable) else (callbacks,)
    if not isinstance(callbacks, Iterable) or not all(map(callable, found)):
        raise SettingError(
            "callbacks that cannot be called", found=repr(callbacks), expected="[f, …], each called as f(progress)"
        )
    return found


def checked_metrics(metrics: Any) -> tuple[Metric, ...]:
    """Metrics as a tuple; raises SettingError unless they are functions in a list, each with a name of its own."""
    found = tuple(metrics) if isinstance(metrics, Iterable) else (metrics,)
    names = [getattr(metric, "__name__", None) for metric in found]
    if not isinstance(metrics, Iterable) or not all(map(callable, found)) or len({*names, *TAKEN}) < len(names) + 3:
        raise SettingError(
            "metrics that cannot be told",
            found=repr(metrics),
            expected="[f, …], named functions f(outputs, targets)",
            cure="Such as metrics=[minigrad.accuracy].",
        )
    return found
