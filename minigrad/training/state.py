"""How long training is: so many epochs, or so many steps, over so many samples in batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from minigrad._validation import check_integer


@dataclass(frozen=True)
class Course:
    """Epochs of `count` samples each, in steps of `batch_size`; with `steps`, as many of them as make so many steps.

    Raises SettingError for a setting that is no whole number, or too small.
    """

    count: int
    epochs: int
    batch_size: int
    steps: int | None = None

    def __post_init__(self) -> None:
        check_integer(self.epochs, "epochs", 0)
        check_integer(self.batch_size, "batch_size", 1)
        if self.steps is not None:
            check_integer(self.steps, "steps", 0)

    @property
    def steps_each(self) -> int:
        """The steps of an epoch, the last of which may be on fewer samples."""
        return -(-self.count // self.batch_size)

    @property
    def last(self) -> int:
        """The number of the last epoch, which may be a part of one where `steps` are given."""
        return self.epochs if self.steps is None else -(-self.steps // self.steps_each)

    def samples(self, epoch: int) -> int:
        """How many samples are learned from in an epoch; epochs are counted from 1."""
        if self.steps is None:
            return self.count
        return min(self.count, (self.steps - (epoch - 1) * self.steps_each) * self.batch_size)


@dataclass
class Standing:
    """How far training has come."""

    epoch: int = 0
    """Epochs that are over."""
    position: int = 0
    """Samples of the epoch under way that were learned from."""
    total: float = 0.0
    """The sum of their losses."""
    generator: Mapping[str, Any] = field(default_factory=dict)
    """The random numbers before the order of the epoch under way was drawn."""
