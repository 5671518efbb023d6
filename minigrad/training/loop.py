"""The training loop: steps over the samples epoch by epoch, and what is measured and called between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad._labels import Classes
from minigrad.analysis.health import is_finite
from minigrad.core.interpreter import read_only_view
from minigrad.core.node import Parameter
from minigrad.errors import NotFiniteError, warn_caller
from minigrad.graph import Graph
from minigrad.ops.base import Value
from minigrad.training.callbacks import Hooks, StopOnNonFinite, raise_non_finite
from minigrad.training.checkpoint import CheckpointFile
from minigrad.training.data import BatchStream, Pair, WeightedTargets
from minigrad.training.history import History, Progress
from minigrad.training.progress_line import ProgressLine
from minigrad.training.state import StepBudget, TrainingState
from minigrad.training.step import TrainingStep, rows_of_steps

if TYPE_CHECKING:
    from minigrad.training.network import Network

UNINTERRUPTED_STEPS = 1000
"""How many steps are made at most before the progress line is looked after."""


@dataclass
class TrainingLoop:
    """One training; after each epoch the nodes have the parameters.

    An epoch that is interrupted, be it from the keyboard, or that ends with numbers that are not finite, leaves the
    parameters of the one before. A `stream` gives the batches of every epoch in place of the step's own data; `measure`
    is called after every epoch; `parts` are the callbacks and parts of the optimizer that have a state; a `checkpoint`
    file is written after all callbacks, and training goes on from it.
    """

    network: Network
    graph: Graph
    step: TrainingStep
    budget: StepBudget
    rng: np.random.Generator
    shuffle: bool
    validation: Pair | None
    measure: Callable[[], Mapping[str, float]]
    callbacks: Sequence[Hooks]
    parts: Mapping[str, Hooks]
    non_finite: StopOnNonFinite | None
    checkpoint: CheckpointFile | None
    stream: BatchStream | None
    classes: Classes | None = None
    held_out: np.ndarray | None = None
    steps_before: int = 0
    """The steps of the fits that this one goes on from."""
    diverged: bool = False
    """Whether training has ended with numbers that are not finite."""

    def run(self, progress: bool, part_states: Mapping[str, Any]) -> History:
        """Train to the end, from the checkpoint if there is one, and return the history of the loss.

        `part_states` are the states that some of the `parts` begin with.
        """
        self.step_ends = [(hooks.every, hooks.step_end) for hooks in self.callbacks if hooks.step_end is not None]
        self.intervals = [every for every, _ in self.step_ends]
        self.intervals += [] if self.checkpoint is None else [self.checkpoint.checkpoint.every]
        self.intervals += [] if self.non_finite is None else [self.non_finite.every]
        resumed, states_before = None, {}
        if self.checkpoint is not None:
            resumed = self.checkpoint.read(self.step, self.budget, self.rng)
            states_before = self.checkpoint.part_states()
        self.state = state = resumed or TrainingState(step=self.steps_before)
        losses = state.history.loss
        record = self.progress(state.epoch, losses[-1] if losses else nan)
        for hooks in self.callbacks:
            if hooks.start is not None:
                hooks.start(record)
        for name in part_states.keys() & self.parts.keys():
            if (load_state := self.parts[name].load_state) is not None:
                load_state(part_states[name])
        if resumed is not None and self.checkpoint is not None:
            self.checkpoint.restore(resumed, states_before, self.step, self.rng)
        self.network.history, self.network.classes = state.history, self.classes
        state.history.held_out = self.held_out
        samples = None if self.stream is not None else self.budget.samples
        with ProgressLine(state, self.budget, samples, progress) as self.line:
            while not self.is_over():
                record = self.run_epoch()
                self.line.show_epoch()
        for hooks in self.callbacks:
            if hooks.finish is not None:
                hooks.finish(record)
        for message in self.step.finish(state.history):
            warn_caller(message)
        return state.history

    def is_over(self) -> bool:
        """Return whether all epochs are completed, or a callback has ended training."""
        is_stopped = self.state.history.stop_reason is not None and not self.state.position
        return is_stopped or self.state.epoch >= self.budget.last_epoch

    def run_epoch(self) -> Progress:
        """Learn from the rest of the current epoch; then measure, call the callbacks and write a due checkpoint."""
        state, step = self.state, self.step
        state.generator = self.rng.bit_generator.state
        count = self.budget.samples
        order = self.rng.permutation(count) if self.shuffle else np.arange(count)
        step.masks.start_epoch(self.rng, state.position)
        with np.errstate(over="ignore"):
            step.roll_back()  # a callback may have assigned values to parameters, or settings to an optimizer
        step.follow_changes()
        before = step.parameters.copy()
        try:
            with np.errstate(all="ignore"):
                if self.stream is None:
                    self.learn_from_samples(order[: self.budget.samples_in(state.epoch + 1)])
                else:
                    self.learn_from_stream(self.stream)
                loss = state.loss_sum / state.position
                if not (isfinite(loss) and is_finite(step.parameters)):
                    self.stop_at_non_finite(loss)
                    step.parameters = before
                validation_loss = None if self.validation is None else step.mean_loss(*self.validation)
            step.commit()
            metrics = self.measure()
        except NotFiniteError:  # the nodes have the values of the step that went wrong
            step.roll_back()
            raise
        except BaseException:
            step.parameters = before
            step.commit()
            raise
        is_complete = state.position == count
        record = self.progress(state.epoch + 1, loss, validation_loss, metrics)
        state.history.record(record)
        if step.stop_reason is not None:
            self.stop(step.stop_reason)
        state.epoch, state.position, state.loss_sum = record.epoch, 0, 0.0
        state.generator = self.rng.bit_generator.state
        for hooks in self.callbacks:
            if hooks.epoch_end is not None:
                hooks.epoch_end(record)
        if self.checkpoint is not None and is_complete and (self.checkpoint.is_due(state.step) or self.is_over()):
            step.roll_back()  # to the values that callbacks assigned
            self.checkpoint.save(state, step)
        return record

    def stop_at_non_finite(self, loss: float) -> None:
        """End training after an epoch whose loss or parameters are not finite, with a warning."""
        self.diverged, epoch = True, self.state.epoch + 1
        fault = "the parameters are not finite" if isfinite(loss) else f"the loss is {loss}"
        stay = f"as they were after epoch {epoch - 1}" if epoch > 1 else "as they were before training"
        self.state.history.stop_reason = f"{fault} in epoch {epoch}"
        self.line.end()
        warn_caller(
            f"training stops: {fault} in epoch {epoch}, and the parameters are {stay}. Lower the learning rate or "
            "scale the data; callbacks=[minigrad.StopOnNonFinite()] names the step and the node."
        )

    def learn_from_samples(self, order: np.ndarray) -> None:
        """Learn from the samples that are left of an epoch in the given order, and add up their losses.

        Between two due callbacks the steps follow each other without interruption. A checkpoint is written whenever it
        is due, and where training ends within the epoch.
        """
        state, batch_size, checkpoint = self.state, self.budget.batch_size, self.checkpoint
        while state.position < len(order) and state.history.stop_reason is None:
            steps = min([UNINTERRUPTED_STEPS, *[every - state.step % every for every in self.intervals]])
            rows = order[state.position : state.position + steps * batch_size]
            self.run_checked_steps(rows, None if batch_size == 1 else batch_size)
            state.position += len(rows)
            state.step += -(-len(rows) // batch_size)
            self.line.count_samples(len(rows))
            self.end_step()
            if checkpoint is not None and state.position < self.budget.samples:
                is_last = state.position == len(order) or state.history.stop_reason is not None
                is_due = is_last or checkpoint.is_due(state.step)
                if is_due and isfinite(state.loss_sum) and is_finite(self.step.parameters):
                    checkpoint.save(state, self.step)

    def end_step(self) -> None:
        """Call the callbacks that are due after the steps made so far."""
        state = self.state
        due = [step_end for every, step_end in self.step_ends if state.step % every == 0]
        if due:
            self.step.count_change()
            record = self.progress(state.epoch + 1, state.loss_sum / state.position)
            for step_end in due:
                step_end(record)
            self.step.follow_changes()

    def run_checked_steps(self, rows: np.ndarray, batch: int | None) -> None:
        """Make a step on each row or batch of rows and add up the losses of all samples.

        Raises NotFiniteError where StopOnNonFinite asks for it.
        """
        step, state = self.step, self.state
        if self.non_finite is None:
            state.loss_sum = add_losses(state.loss_sum, step.run_steps(rows, batch), len(rows), batch)
            return
        before = step.parameters.copy(), tuple([np.copy(array) for array in step.optimizer_state]), step.masks.state
        loss_sum = add_losses(state.loss_sum, step.run_steps(rows, batch), len(rows), batch)
        if not (isfinite(loss_sum) and is_finite(step.parameters)):
            step.parameters, step.optimizer_state, step.masks.state = before
            raise_non_finite(step, self.graph, rows_of_steps(rows, batch), state.step + 1)
        state.loss_sum = loss_sum

    def learn_from_stream(self, stream: BatchStream) -> None:
        """Learn from each batch of a stream in one step, and add up the losses."""
        state = self.state
        for samples, targets in stream:
            self.step.set_data(samples, targets)
            self.run_checked_steps(np.arange(len(samples)), len(samples))
            state.position += len(samples)
            state.step += 1
            self.line.count_samples(len(samples))
            self.end_step()
            if state.history.stop_reason is not None:
                break

    # What callbacks may do, see `history.TrainingControl`.

    def progress(
        self,
        epoch: int,
        loss: float,
        validation_loss: float | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> Progress:
        """Return the record that callbacks see now."""
        return Progress(epoch, loss, validation_loss, metrics or {}, self.state.step, self)

    @property
    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the samples and targets that the steps learn from, without sample weights."""
        samples, targets = self.step.samples, self.step.targets
        unweighted = targets.targets if isinstance(targets, WeightedTargets) else targets
        return read_only_view(samples.rows), read_only_view(unweighted.rows)

    def stop(self, reason: str) -> None:
        """End training; the first reason counts."""
        if self.state.history.stop_reason is None:
            self.state.history.stop_reason = str(reason)

    def parameter_values(self) -> dict[Parameter, Value]:
        """Return the values of the parameters that training moves."""
        return self.step.parameter_values()

    def snapshot(self) -> np.ndarray:
        """Return a copy of these values in one vector."""
        return self.step.parameters.copy()

    def restore(self, snapshot: np.ndarray) -> None:
        """Set the parameters to the values of a snapshot."""
        self.step.parameters = snapshot
        self.step.commit()


def add_losses(loss_sum: float, losses: Sequence[float], count: int, batch: int | None) -> float:
    """Return a sum with the losses of so many samples added, of which each step but the last has as many as a batch."""
    size = batch or 1
    for loss in losses:
        loss_sum += loss * min(size, count)
        count -= size
    return loss_sum
