"""Where training stands, and how long it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from minigrad.optim import State
from minigrad.training.data import Split
from minigrad.training.history import History


@dataclass(frozen=True)
class StepBudget:
    """How long training is: `epochs` of `samples` each in steps of `batch_size`, or, if given, just so many `steps`."""

    samples: int
    epochs: int
    batch_size: int
    steps: int | None = None

    @property
    def steps_per_epoch(self) -> int:
        """How many steps an epoch has; the last may be on fewer samples."""
        return -(-self.samples // self.batch_size)

    @property
    def last_epoch(self) -> int:
        """The number of the last epoch, counted from 1; with `steps` it may be a part of one."""
        return self.epochs if self.steps is None else -(-self.steps // self.steps_per_epoch)

    def samples_in(self, epoch: int) -> int:
        """Return how many samples are learned from in an epoch, counted from 1."""
        if self.steps is None:
            return self.samples
        return min(self.samples, (self.steps - (epoch - 1) * self.steps_per_epoch) * self.batch_size)


@dataclass(eq=False)
class TrainingState:
    """Everything that the rest of a training depends on; a checkpoint holds just this."""

    epoch: int = 0
    """Epochs completed."""
    step: int = 0
    """Steps made."""
    position: int = 0
    """Samples of the current epoch that were learned from."""
    loss_sum: float = 0.0
    """The sum of their losses."""
    generator: Mapping[str, Any] = field(default_factory=dict)
    """The state of the random generator before the order of the current epoch was drawn."""
    history: History = field(default_factory=History)
    parameters: np.ndarray = field(default_factory=lambda: np.zeros(0))
    """All parameters in a flat vector, as of the last checkpoint."""
    optimizer_state: tuple[np.ndarray, ...] = ()
    """What the optimizer remembers, as of the last checkpoint."""
    callbacks: Mapping[str, Any] = field(default_factory=dict)
    """The states of callbacks and schedules that have one, by their place, as of the last checkpoint."""


class LastFit(NamedTuple):
    """What `warm_start` goes on with: settings to compare, states, steps, random generator, rows held out."""

    key: tuple[Any, ...]
    optimizer_state: State
    part_states: Mapping[str, Any]
    steps: int
    rng: np.random.Generator
    split: Split | None
    held_out: np.ndarray | None
