"""The step of a training loop of one's own: one batch, or one batch after another, in whole arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad._validation import numeric_array
from minigrad.errors import DataError
from minigrad.training.data import sample_shape
from minigrad.training.step import TrainingStep

if TYPE_CHECKING:
    from minigrad.training.network import Network


class OwnLoopStep:
    """A function step(X, T): it learns from a batch and returns its loss before, or does so for several in turn."""

    def __init__(self, network: Network, step: TrainingStep) -> None:
        self._network = network
        self._step = step
        self._stacked_axes = len(sample_shape(network.inputs)) + 2
        """Axes of samples that are several batches."""

    def __call__(self, X: Any, T: Any) -> Any:
        samples = X if isinstance(X, np.ndarray) else numeric_array(X, "samples")
        if samples.ndim != self._stacked_axes:
            (loss,) = self._run(samples, T, 1)
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
        steps, _, *shape = samples.shape
        return np.array(self._run(samples.reshape(-1, *shape), targets.reshape(-1, *targets.shape[2:]), steps))

    def _run(self, X: Any, T: Any, steps: int) -> list[float]:
        """Make so many steps, each with as many of the samples; return their losses."""
        step, data = self._step, self._network.data(X, T)
        with self._network.graph.one_thread:
            with np.errstate(all="ignore"):
                step.set_data(*data)
                step.roll_back()  # values may have been assigned to parameters
                step.follow_changes()
                losses = step.run_all(len(step.samples) // steps)
            step.commit()
        return losses
