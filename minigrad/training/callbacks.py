"""What is done beside learning: stopping early, showing progress, stopping at a loss that is not finite."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from math import inf, isfinite
from time import monotonic
from typing import Any, Self, TypeAlias

import numpy as np

from minigrad._validation import check_integer, check_number
from minigrad.analysis.health import describe_origin, first_nonfinite
from minigrad.errors import NotFiniteError, SettingError
from minigrad.graph import Graph
from minigrad.training.history import Progress
from minigrad.training.state import StepBudget, TrainingState
from minigrad.training.step import TrainingStep

Callback: TypeAlias = Callable[[Progress], object]

REFRESH_SECONDS = 0.1
"""How often the progress bar shows an epoch that is under way."""


def check_callbacks(callbacks: Any) -> tuple[Callback, ...]:
    """Return callbacks as a tuple; raise SettingError unless they are functions in a list."""
    functions = tuple(callbacks) if isinstance(callbacks, Iterable) else (None,)
    if not all(map(callable, functions)):
        raise SettingError(
            "callbacks that cannot be called", found=repr(callbacks), expected="[f, …], each called as f(progress)"
        )
    return functions


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

    def record(self, state: TrainingState, parameters: np.ndarray) -> None:
        """Keep the parameters if the epoch that was just completed is the best so far."""
        losses = state.history.validation_loss
        lowest = losses[state.best_epoch - 1] if state.best_epoch else inf
        if losses[-1] < lowest - self.least:
            state.best_epoch, state.best_parameters = len(losses), parameters.copy()

    def ends(self, state: TrainingState) -> bool:
        """Return whether training has gone on for long enough."""
        return state.epoch - state.best_epoch >= self.patience


def check_early_stopping(stopping: Any, has_validation: bool) -> EarlyStopping | None:
    """Return the setting as it is; raise SettingError for anything else, and without validation data."""
    if stopping is None:
        return None
    if not isinstance(stopping, EarlyStopping):
        raise SettingError(
            "not a rule for stopping", found=repr(stopping), expected="minigrad.EarlyStopping(patience=10)"
        )
    if not has_validation:
        raise SettingError("early stopping without validation data", cure="Pass validation=(X, T), or validation=0.2.")
    return stopping


class ProgressBar:
    """A tqdm bar that counts epochs and shows what was measured after the last; silent unless on a terminal."""

    def __init__(self, state: TrainingState, budget: StepBudget, enabled: bool) -> None:
        self.state = state
        self.bar: Any = None
        self.refreshed = monotonic()
        if enabled and sys.stderr is not None and find_spec("tqdm") is not None:
            from tqdm.auto import tqdm

            self.bar = tqdm(desc="training", unit="epoch", initial=state.epoch, total=budget.last_epoch, disable=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def count_epoch(self) -> None:
        """Count one more epoch, and show what was measured after it."""
        if self.bar is not None:
            columns = self.state.history.columns.items()
            self.bar.set_postfix({name: f"{numbers[-1]:.4g}" for name, numbers in columns}, refresh=False)
            self.bar.update()

    def show_position(self, samples: int | None) -> None:
        """Show how far the current epoch of so many `samples` has come, unless that was shown a moment ago."""
        if self.bar is None or self.bar.disable or monotonic() < self.refreshed + REFRESH_SECONDS:
            return
        self.refreshed = monotonic()
        state = self.state
        part = f"{state.position} samples" if samples is None else f"{state.position / samples:.0%}"
        self.bar.set_postfix_str(f"loss={state.loss_sum / state.position:.4g}, {part} of epoch {state.epoch + 1}")


def stop_on_non_finite(step: TrainingStep, graph: Graph) -> Callable[[Any], float]:
    """Return a function that makes a step and stops training, with the parameters before it, at a non-finite loss.

    The NotFiniteError names the first node that is not finite, and the values it was computed from. The nodes keep the
    values of the samples at fault, to look at or to draw.
    """

    def run(rows: Any) -> float:
        before = step.parameters.copy()
        loss = step.run(rows)
        if isfinite(loss):
            return loss
        step.parameters = before
        step.commit()
        graph.forward(step.feed(rows))
        node = first_nonfinite(graph)
        if node is None:  # the loss of each sample is finite, their mean is not
            (node,) = graph.outputs
        raise NotFiniteError(
            f"not finite at sample {rows if isinstance(rows, int) else rows.tolist()}",
            node=node.title,
            found=describe_origin(node, 8),
            expected="a finite number",
            cure="Learn more slowly, scale the data, or look at draw(network, view='health')",
        )

    return run
