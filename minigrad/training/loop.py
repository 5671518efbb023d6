"""The training loop: steps over the samples epoch by epoch, and what is measured and called after each epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.training.callbacks import Callback, EarlyStopping, ProgressBar
from minigrad.training.checkpoint import CheckpointFile
from minigrad.training.data import BatchStream, Pair
from minigrad.training.history import History, Progress
from minigrad.training.state import StepBudget, TrainingState
from minigrad.training.step import TrainingStep

UNINTERRUPTED_STEPS = 1000
"""How many steps are made at most before the progress bar is refreshed."""


@dataclass
class TrainingLoop:
    """One training; after each epoch the nodes have the parameters.

    An epoch that is interrupted, be it from the keyboard, leaves the parameters of the one before. `run_step` makes one
    step; a `stream` gives the batches of every epoch in place of the step's own data; `measure` is called after every
    epoch; a `checkpoint` file is written, and training goes on from it.
    """

    step: TrainingStep
    run_step: Callable[[Any], float]
    budget: StepBudget
    rng: np.random.Generator
    shuffle: bool
    validation: Pair | None
    measure: Callable[[], dict[str, float]]
    callbacks: Sequence[Callback]
    early_stopping: EarlyStopping | None
    checkpoint: CheckpointFile | None
    stream: BatchStream | None

    def run(self, progress: bool) -> History:
        """Train to the end, from the checkpoint if there is one, and return the history of the loss."""
        self.state = state = (
            TrainingState() if self.checkpoint is None else self.checkpoint.resume(self.step, self.rng, self.budget)
        )
        with ProgressBar(state, self.budget, progress) as self.bar:
            while not self.is_over():
                self.run_epoch()
                self.bar.count_epoch()
        if self.early_stopping is not None and state.best_parameters is not None:
            self.step.parameters = state.best_parameters
            self.step.commit()
        return state.history

    def is_over(self) -> bool:
        """Return whether all epochs are completed, or training stops early."""
        stops = self.early_stopping is not None and self.early_stopping.ends(self.state)
        return stops or self.state.epoch >= self.budget.last_epoch

    def run_epoch(self) -> None:
        """Learn from the rest of the current epoch; then measure, call the callbacks and write a due checkpoint."""
        state, step = self.state, self.step
        state.generator = self.rng.bit_generator.state
        count = self.budget.samples
        order = self.rng.permutation(count) if self.shuffle else np.arange(count)
        with np.errstate(all="ignore"):
            try:
                if self.stream is None:
                    self.learn_from_samples(order[: self.budget.samples_in(state.epoch + 1)])
                else:
                    self.learn_from_stream(self.stream)
            except BaseException:
                step.roll_back()
                raise
            validation_loss = None if self.validation is None else step.mean_loss(*self.validation)
        step.commit()
        is_complete = state.position == count
        event = Progress(state.epoch + 1, state.loss_sum / state.position, validation_loss, self.measure())
        state.history.record(event)
        state.epoch, state.position, state.loss_sum = event.epoch, 0, 0.0
        state.generator = self.rng.bit_generator.state
        if self.early_stopping is not None:
            self.early_stopping.record(state, step.parameters)
        for callback in self.callbacks:
            callback(event)
        steps = state.epoch * self.budget.steps_per_epoch
        if self.checkpoint is not None and is_complete and (self.checkpoint.is_due(steps) or self.is_over()):
            self.checkpoint.save(state, step)

    def learn_from_samples(self, order: np.ndarray) -> None:
        """Learn from the samples that are left of an epoch in the given order, and add up their losses.

        A checkpoint is written whenever it is due, and where training ends within the epoch.
        """
        state, batch_size, checkpoint = self.state, self.budget.batch_size, self.checkpoint
        done = state.epoch * self.budget.steps_per_epoch + state.position // batch_size
        while state.position < len(order):
            steps = UNINTERRUPTED_STEPS
            if checkpoint is not None:
                steps = min(steps, checkpoint.checkpoint.every - done % checkpoint.checkpoint.every)
            stop = min(state.position + steps * batch_size, len(order))
            state.loss_sum = self.run_steps(order[state.position : stop], state.loss_sum)
            state.position, done = stop, done + steps
            self.bar.show_position(self.budget.samples)
            is_inside = stop < self.budget.samples
            if checkpoint is not None and is_inside and (checkpoint.is_due(done) or stop == len(order)):
                checkpoint.save(state, self.step)

    def run_steps(self, order: np.ndarray, loss_sum: float) -> float:
        """Learn from samples in the given order, batch by batch, and return the sum with their losses added."""
        run_step, batch_size = self.run_step, self.budget.batch_size
        if batch_size == 1:
            for row in order.tolist():
                loss_sum += run_step(row)
        else:
            for start in range(0, len(order), batch_size):
                rows = order[start : start + batch_size]
                loss_sum += run_step(rows) * len(rows)
        return loss_sum

    def learn_from_stream(self, stream: BatchStream) -> None:
        """Learn from each batch of a stream in one step, and add up the losses."""
        state = self.state
        for samples, targets in stream:
            self.step.set_data(samples, targets)
            state.loss_sum += self.run_step(np.arange(len(samples))) * len(samples)
            state.position += len(samples)
            self.bar.show_position(None)
