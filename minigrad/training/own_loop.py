"""The step of a training loop of one's own: one batch, or many batches in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import Context
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from minigrad._validation import has_finite_squares, numeric_array
from minigrad.core.threads import quiet_context
from minigrad.errors import DataError
from minigrad.training.data import sample_shape
from minigrad.training.step import CompiledStep, TrainingStep

if TYPE_CHECKING:
    from minigrad.training.network import Network
    from minigrad.training.targets import TargetRules

Checks: TypeAlias = Sequence[Callable[[np.ndarray], None]]
FLOAT_CHARACTERS = {*"def"}
"""NumPy's characters of the types that are converted without rounding twice: float64, float16, float32."""
MAX_DIRECT_SHAPES = 8
"""For how many shapes of batches it is remembered where they go."""


class DirectBatch(NamedTuple):
    """A program for batches of one size, and where it reads them from, side by side in one vector of numbers."""

    run: Callable[[], list[float]]
    samples: np.ndarray
    targets: np.ndarray
    target_shape: tuple[int, ...]
    numbers: np.ndarray
    checks: Checks
    """The functions that may refuse targets."""
    context: Context
    """Where NumPy warns of nothing."""


class OwnLoopStep:
    """A function step(X, T): it learns from a batch and returns its loss before, or does so for several in turn.

    Arrays of floats of a size that came before go straight to where a program reads them.
    """

    def __init__(self, network: Network, step: TrainingStep, rules: TargetRules) -> None:
        self._network = network
        self._step = step
        self._checks = rules.direct_checks
        self._label_rows = rules.label_rows()
        self._stacked_axes = len(sample_shape(network.inputs)) + 2
        """Axes of samples that are several batches."""
        self._direct: dict[tuple[int, ...], DirectBatch] = {}
        """Batches that came before, by the shape of their samples."""

    def __call__(self, X: Any, T: Any) -> Any:
        if type(X) is np.ndarray and type(T) is np.ndarray and (batch := self._direct.get(X.shape)) is not None:
            targets, checks = T, batch.checks
            if T.dtype.kind in "iu":
                if T.ndim > 1 or self._label_rows is None:
                    targets = T.astype(np.float64)
                elif T.size and T.min() >= 0 and T.max() < len(self._label_rows):
                    targets, checks = self._label_rows[T], ()
            if targets.shape == batch.target_shape and {X.dtype.char, targets.dtype.char} <= FLOAT_CHARACTERS:
                guard = self._network.graph.one_thread
                if not guard.acquire(False):
                    raise guard.error()
                try:
                    loss = batch.context.run(run_directly, self._step, batch, X, targets, checks)
                finally:
                    guard.release()
                if loss is not None:
                    return loss
        samples = X if isinstance(X, np.ndarray) else numeric_array(X, "samples")
        if samples.ndim != self._stacked_axes:
            (loss,) = self._run(samples, T, 1)
            self._remember(samples.shape, self._step.targets.rows.shape)
            return loss
        try:
            targets = np.asarray(T)
        except ValueError as error:
            raise DataError("targets are not rows of one length", found=str(error).rstrip(".")) from error
        if targets.shape[:2] != samples.shape[:2]:
            raise DataError(
                "X and T have different numbers of steps or samples",
                found=f"{samples.shape[:2]} and {targets.shape[:2]}",
                expected="the same (steps, samples, …) in both",
            )
        steps, count, *shape = samples.shape
        X, T = samples.reshape(steps * count, *shape), targets.reshape(steps * count, *targets.shape[2:])
        return np.array(self._run(X, T, steps))

    def _run(self, X: Any, T: Any, steps: int) -> list[float]:
        """Make so many steps, each with as many of the samples; return their losses; none stays where one fails."""
        step, data = self._step, self._network.data(X, T)
        with self._network.graph.one_thread:
            with np.errstate(all="ignore"):
                step.set_data(*data)
                step.roll_back()  # values may have been assigned to parameters
                step.follow_changes()
                state = tuple(map(np.copy, step.optimizer_state)) if steps > 1 else step.optimizer_state
                try:
                    losses = step.run_all(len(step.samples) // steps)
                except BaseException:
                    step.optimizer_state = state
                    step.roll_back()
                    raise
            step.commit()
        return losses

    def _remember(self, X_shape: tuple[int, ...], T_shape: tuple[int, ...]) -> None:
        """Remember where batches of these shapes go, if a program reads just what they hold."""
        step, network, count = self._step, self._network, X_shape[0]
        expected = [(count, *sample_shape(nodes)) for nodes in (network.inputs, network.targets)]
        if not isinstance(step, CompiledStep) or self._checks is None or [X_shape, T_shape] != expected:
            return
        size = prod(X_shape)
        numbers = np.zeros(size + prod(T_shape), step.engine.dtype)
        samples, targets = numbers[:size].reshape(X_shape), numbers[size:].reshape(T_shape)
        run = step.program_on(samples, targets)
        if run is not None:
            if len(self._direct) == MAX_DIRECT_SHAPES:
                self._direct.clear()
            batch = DirectBatch(run, samples, targets, T_shape, numbers, self._checks, quiet_context())
            self._direct[X_shape] = batch


def run_directly(step: TrainingStep, batch: DirectBatch, X: np.ndarray, T: np.ndarray, checks: Checks) -> float | None:
    """Copy a batch to where a program reads it and make a step; return the loss, None unless all numbers are finite."""
    run, samples, targets, _, numbers, _, _ = batch
    samples[...] = X
    targets[...] = T
    if not has_finite_squares(numbers):
        return None  # or the sum of all squares is too large
    for check in checks:
        check(np.asarray(T, np.float64))
    step.roll_back()  # values may have been assigned to parameters
    try:
        (loss,) = run()
    finally:
        step.commit()
    return loss
