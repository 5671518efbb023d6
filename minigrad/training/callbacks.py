"""When training has gone on for long enough: early stopping, with the best parameters kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from minigrad._validation import check_integer, check_number
from minigrad.errors import SettingError


@dataclass(frozen=True)
class EarlyStopping:
    """Training ends once the validation loss has not fallen by more than `least` for `patience` epochs in a row.

    However it ends, the parameters are then those after the epoch that was best. Raises SettingError for less than one
    epoch of patience, and for a negative `least`.
    """

    patience: int = 10
    least: float = 0.0

    def __post_init__(self) -> None:
        check_integer(self.patience, "patience", 1)
        check_number(self.least, "least")


def checked_stopping(stopping: Any, validated: bool) -> EarlyStopping | None:
    """The rule as it is; raises SettingError for what is none, and for one without validation data to watch."""
    if stopping is None:
        return None
    if not isinstance(stopping, EarlyStopping):
        raise SettingError(
            "not a rule for stopping", found=repr(stopping), expected="minigrad.EarlyStopping(patience=10)"
        )
    if not validated:
        raise SettingError("early stopping without validation data", cure="Pass validation=(X, T), or validation=0.2.")
    return stopping


class Watch:
    """Looks at the validation loss of every epoch and remembers the parameters after the best."""

    def __init__(self, rule: EarlyStopping, losses: Sequence[float] = (), best: np.ndarray | None = None) -> None:
        self.rule = rule
        self.lowest = inf
        self.waited = 0
        for loss in losses:
            self.look(loss)
        self.best = best

    @property
    def over(self) -> bool:
        """Whether training has gone on for long enough."""
        return self.waited >= self.rule.patience

    def look(self, loss: float, vector: np.ndarray | None = None) -> None:
        """Takes note of one more epoch, and of the parameters after it."""
        if loss < self.lowest - self.rule.least or (self.lowest == inf and loss < inf):
            self.lowest, self.waited, self.best = loss, 0, None if vector is None else vector.copy()
        else:
            self.waited += 1
