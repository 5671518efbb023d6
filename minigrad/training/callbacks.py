"""Callbacks: their interface, early stopping, and stopping at numbers that are not finite."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from minigrad._format import describe_value
from minigrad._validation import check_integer, check_number
from minigrad.analysis.health import describe_origin, describe_range, first_nonfinite, is_finite
from minigrad.core.passes import forward_pass
from minigrad.errors import FileError, NotFiniteError, SettingError
from minigrad.optim.base import has_state, is_schedule, optimizer_parts
from minigrad.training.history import Progress
from minigrad.training.step import TrainingStep

if TYPE_CHECKING:
    from minigrad.graph import Graph


Callback: TypeAlias = Any
"""A function f(progress), or an object with some of the methods in `METHODS`."""
METHODS = ("start", "step_end", "epoch_end", "finish", "state", "load_state")
"""What a callback may have: calls at four moments, and a state that a checkpoint keeps."""


@dataclass(frozen=True)
class Hooks:
    """The methods that one callback has; None for those that it lacks."""

    name: str
    start: Callable[[Progress], object] | None = None
    step_end: Callable[[Progress], object] | None = None
    epoch_end: Callable[[Progress], object] | None = None
    finish: Callable[[Progress], object] | None = None
    state: Callable[[], dict[str, Any]] | None = None
    load_state: Callable[[dict[str, Any]], object] | None = None
    every: int = 1
    """After how many steps `step_end` is due."""
    callback: Any = None
    """The callback itself."""
    of_optimizer: bool = False
    """Whether these are methods of the optimizer or of one of its schedules."""

    @property
    def has_state(self) -> bool:
        """Whether a checkpoint keeps something of this callback."""
        return self.state is not None


def make_hooks(callback: Any) -> Hooks:
    """Return the methods of a callback; raise SettingError for an object that has none and is no function."""
    methods: dict[str, Any] = {name: getattr(callback, name, None) for name in METHODS}
    methods = {name: method for name, method in methods.items() if callable(method)}
    if not methods and callable(callback):
        methods = {"epoch_end": callback}
    if not methods or isinstance(callback, type):
        raise SettingError(
            "not a callback",
            found=describe_value(callback),
            expected=f"a function f(progress), or an object with some of the methods {', '.join(METHODS)}",
            cure=f"Write {callback.__name__}(...), with parentheses." if isinstance(callback, type) else "",
        )
    if ("state" in methods) != ("load_state" in methods):
        raise SettingError(
            "a callback needs both state and load_state, or neither",
            found=f"only {[*methods]}",
            node=repr(callback)[:80],
        )
    every = check_integer(getattr(callback, "every", 1), "every", 1) if "step_end" in methods else 1
    return Hooks(type(callback).__qualname__, every=every, callback=callback, **methods)


def check_callbacks(callbacks: Any) -> tuple[Callback, ...]:
    """Return callbacks as a tuple; raise SettingError for what is not a list of them."""
    if not isinstance(callbacks, Iterable) or isinstance(callbacks, (str, bytes)):
        raise SettingError("callbacks must be a list", found=describe_value(callbacks), cure="Write callbacks=[f].")
    return tuple(callbacks)


def make_optimizer_hooks(optimizer: Any, callbacks: Iterable[Callback]) -> list[Hooks]:
    """Return the methods of an optimizer's schedules, and the states of its parts, but for those in `callbacks`."""
    hooks = []
    for part in optimizer_parts(optimizer):
        if any(part is callback for callback in callbacks):
            continue
        if is_schedule(part) and any(callable(getattr(part, name, None)) for name in METHODS):
            hooks.append(make_hooks(part))
        elif has_state(part):
            hooks.append(Hooks(type(part).__qualname__, state=part.state, load_state=part.load_state))
    return [replace(item, of_optimizer=True) for item in hooks]


def stateful_parts(hooks: Iterable[Hooks]) -> dict[str, Hooks]:
    """Return the callbacks and the parts of the optimizer that have a state, by a name for each."""
    parts: dict[str, Hooks] = {}
    for item in hooks:
        if item.has_state:
            count = sum(other.name == item.name for other in parts.values())
            parts[f"{item.name} {count + 1}"] = item
    return parts


@dataclass
class EarlyStopping:
    """Stop training once the validation loss has not fallen by more than `least` for `patience` epochs in a row.

    When training ends, for this or another reason but an error, the parameters are those after the best epoch.

    Args:
        patience: Epochs without improvement after which training ends, at least 1.
        least: By how much the validation loss has to fall to count as improvement, in units of the loss.

    Raises:
        SettingError: If `patience` is below 1 or `least` is negative.

    Example:
        >>> import minigrad as mg
        >>> network = mg.Network(*mg.mlp([1, 2, 1], mg.tanh, rng=0))
        >>> X, T = [[0.0], [0.5], [1.0], [1.5]], [0.0, 0.4, 0.7, 0.8]
        >>> stopping = mg.EarlyStopping(patience=3)
        >>> history = network.fit(X, T, mg.SGD(2.0), epochs=99, validation=(X, T), callbacks=[stopping], progress=False)
        >>> history.stop_reason
        'the validation loss has not fallen for 3 epochs'
    """

    patience: int = 10
    least: float = 0.0
    _lowest: float = field(default=inf, init=False, repr=False, compare=False)
    _best_epoch: int = field(default=0, init=False, repr=False, compare=False)
    _best: np.ndarray | None = field(default=None, init=False, repr=False, compare=False)
    _shape: tuple[int, ...] | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_integer(self.patience, "patience", 1)
        check_number(self.least, "least")

    def start(self, progress: Progress) -> None:
        """Forget the training before; called by `fit`.

        Args:
            progress: Where training stands.
        """
        self._lowest, self._best_epoch, self._best = inf, 0, None
        self._shape = progress.snapshot().shape

    def epoch_end(self, progress: Progress) -> None:
        """Keep the parameters if this epoch is the best so far; stop training after `patience` others.

        Args:
            progress: The record of the epoch.
        """
        loss = progress.validation_loss
        if loss is not None and isfinite(loss) and loss < self._lowest - self.least:
            if is_finite(parameters := progress.snapshot()):
                self._lowest, self._best_epoch, self._best = loss, progress.epoch, parameters
        elif progress.epoch - self._best_epoch >= self.patience:
            epochs = f"{self.patience} epochs" if self.patience > 1 else "an epoch"
            progress.stop(f"the validation loss has not fallen for {epochs}")

    def finish(self, progress: Progress) -> None:
        """Return to the parameters of the best epoch; called by `fit`.

        Args:
            progress: The record of the last epoch.
        """
        if self._best is not None:
            progress.restore(self._best)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps: the settings, and the best epoch with its loss and parameters.

        Returns:
            A dictionary of numbers and arrays.

        Example:
            >>> import minigrad as mg
            >>> mg.EarlyStopping(patience=5).state()["patience"]
            5
        """
        return {**callback_settings(self), "lowest": self._lowest, "best_epoch": self._best_epoch, "best": self._best}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned.

        Args:
            state: The state in a checkpoint.

        Raises:
            FileError: If it was written with other settings.

        Example:
            >>> import minigrad as mg
            >>> stopping = mg.EarlyStopping(patience=5)
            >>> stopping.load_state(mg.EarlyStopping(patience=5).state())
        """
        if not isinstance(state, dict) or state.keys() != self.state().keys():
            raise FileError("not the state of this callback", node="EarlyStopping", found=describe_value(state))
        check_settings(self, state)
        lowest, best_epoch, best = state["lowest"], check_integer(state["best_epoch"], "best_epoch", 0), state["best"]
        is_vector = isinstance(best, np.ndarray) and best.dtype.kind == "f" and self._shape in (None, best.shape)
        if not isinstance(lowest, float) or not (best is None or (is_vector and is_finite(best))):
            raise FileError("not the state of this callback", node="EarlyStopping", found=describe_value(state))
        self._lowest, self._best_epoch, self._best = lowest, best_epoch, best


@dataclass
class ReduceOnPlateau:
    """Learning rate that falls when the loss does not: η ← η · factor after `patience` epochs without improvement.

    A schedule, passed as `lr` of any optimizer; `fit` tells it the validation loss of every epoch, or the mean loss of
    training where there is no validation data. An epoch counts as an improvement if its loss is below
    lowest − threshold · |lowest|, where `lowest` is the least loss so far.

    Args:
        lr: First rate, at least 0.
        factor: Factor of each reduction, below 1.
        patience: Epochs without improvement after which the rate falls, at least 1.
        threshold: By what fraction the loss must fall to count as an improvement, below 1.
        cooldown: Epochs after a reduction in which none are counted.
        min_lr: The least rate; it never rises above `lr`.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> import minigrad as mg
        >>> schedule = mg.ReduceOnPlateau(0.1, factor=0.5, patience=2)
        >>> x, w = mg.Input("x"), mg.Parameter(0.0, "w")
        >>> network = mg.Network(x, w * x)
        >>> history = network.fit([1.0], [0.0], mg.SGD(schedule), epochs=5, progress=False)  # the loss stays at 0
        >>> schedule.at(5)
        0.025
    """

    lr: float
    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    cooldown: int = 0
    min_lr: float = 0.0
    _rate: float = field(default=0.0, init=False, repr=False, compare=False)
    _lowest: float = field(default=inf, init=False, repr=False, compare=False)
    _epochs_without: int = field(default=0, init=False, repr=False, compare=False)
    _cooldown_left: int = field(default=0, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, limit in {"lr": inf, "factor": 1, "threshold": 1, "min_lr": inf}.items():
            check_number(getattr(self, name), name, below=limit)
        check_integer(self.patience, "patience", 1)
        check_integer(self.cooldown, "cooldown", 0)
        self._rate = float(self.lr)

    def at(self, step: int) -> float:
        """Return the rate as it is now.

        Args:
            step: Number of steps made; the rate does not depend on it.

        Returns:
            η.

        Example:
            >>> import minigrad as mg
            >>> mg.ReduceOnPlateau(0.1).at(0)
            0.1
        """
        return self._rate

    def start(self, progress: Progress) -> None:
        """Go back to the first rate; called by `fit`.

        Args:
            progress: Where training stands.

        Example:
            >>> import minigrad as mg
            >>> schedule = mg.ReduceOnPlateau(0.1)
            >>> schedule.start(mg.Progress(0, 0.5))
            >>> schedule.at(0)
            0.1
        """
        self._rate, self._lowest, self._epochs_without, self._cooldown_left = float(self.lr), inf, 0, 0

    def epoch_end(self, progress: Progress) -> None:
        """Count the epochs without improvement, and reduce the rate after `patience` of them; called by `fit`.

        Args:
            progress: The record of the epoch.

        Example:
            >>> import minigrad as mg
            >>> schedule = mg.ReduceOnPlateau(0.1, factor=0.5, patience=1)
            >>> for epoch in (1, 2, 3):  # the loss stays as it is in two of these epochs
            ...     schedule.epoch_end(mg.Progress(epoch, 0.5))
            >>> schedule.at(0)
            0.025
        """
        loss = progress.loss if progress.validation_loss is None else progress.validation_loss
        if isfinite(loss) and (self._lowest == inf or loss < self._lowest - self.threshold * abs(self._lowest)):
            self._lowest, self._epochs_without = loss, 0
        else:
            self._epochs_without += 1
        if self._cooldown_left:
            self._cooldown_left, self._epochs_without = self._cooldown_left - 1, 0
        if self._epochs_without >= self.patience:
            self._rate = min(self._rate, max(self._rate * self.factor, self.min_lr))
            self._epochs_without, self._cooldown_left = 0, self.cooldown

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps: the settings, the rate, and what has been counted.

        Returns:
            A dictionary of numbers.

        Example:
            >>> import minigrad as mg
            >>> mg.ReduceOnPlateau(0.1).state()["rate"]
            0.1
        """
        counted = {"lowest": self._lowest, "without": self._epochs_without, "cooldown_left": self._cooldown_left}
        return {**callback_settings(self), "rate": self._rate, **counted}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned.

        Args:
            state: The state in a checkpoint.

        Raises:
            FileError: If it was written with other settings.

        Example:
            >>> import minigrad as mg
            >>> schedule = mg.ReduceOnPlateau(0.1)
            >>> schedule.load_state(mg.ReduceOnPlateau(0.1).state())
        """
        if not isinstance(state, dict) or state.keys() != self.state().keys():
            raise FileError("not the state of this schedule", node="ReduceOnPlateau", found=describe_value(state))
        check_settings(self, state)
        rate, lowest = check_number(state["rate"], "rate"), state["lowest"]
        counts = [check_integer(state[name], name, 0) for name in ("without", "cooldown_left")]
        if not isinstance(lowest, float):
            raise FileError("not the state of this schedule", node="ReduceOnPlateau", found=describe_value(state))
        self._rate, self._lowest, (self._epochs_without, self._cooldown_left) = rate, lowest, counts


def callback_settings(part: Any) -> dict[str, Any]:
    """Return the settings of a callback that is a dataclass, by name."""
    return {setting.name: getattr(part, setting.name) for setting in fields(part) if setting.init}


def check_settings(part: Any, state: Mapping[str, Any]) -> None:
    """Raise FileError unless a state was written by a callback with these settings."""
    if any(state[name] != value for name, value in callback_settings(part).items()):
        found = ", ".join(f"{name}={state[name]!r}" for name in callback_settings(part))
        raise FileError(
            "the checkpoint belongs to another training",
            found=f"{type(part).__name__}({found})",
            expected=repr(part),
            cure="Give this training a path of its own, or remove the file.",
        )


@dataclass(frozen=True)
class StopOnNonFinite:
    """Stop training with a NotFiniteError at the first step whose loss or new parameters are NaN or infinite.

    The error names the step, its samples, and the first node that is not finite with the values it was computed from.
    The parameters are then those before that step; the nodes keep the values of its samples, to look at or to draw.
    Steps are checked in runs of `every`: where a run went wrong, it is made again step by step from a saved copy.

    Args:
        every: Steps between two checks, at least 1.

    Raises:
        SettingError: If `every` is not a whole number of at least 1.

    Example:
        >>> import minigrad as mg
        >>> x, w = mg.Input("x"), mg.Parameter(1.0, "w")
        >>> network = mg.Network(x, mg.exp(w * x, name="y"))
        >>> network.fit([800.0], [0.0], callbacks=[mg.StopOnNonFinite()], progress=False)
        Traceback (most recent call last):
            ...
        minigrad.errors.NotFiniteError: arithmetic y: ...
    """

    every: int = 100

    def __post_init__(self) -> None:
        check_integer(self.every, "every", 1)


def raise_non_finite(step: TrainingStep, graph: Graph, batches: Iterable[Any], first_step: int) -> None:
    """Make steps again, one by one; raise NotFiniteError at the first that gives a number that is not finite."""
    for number, rows in enumerate(batches, start=first_step):
        before = step.parameters.copy()
        loss = step.run(rows)
        if isfinite(loss) and is_finite(step.parameters):
            continue
        step.parameters = before
        step.commit()
        feed = {node: value for node, value in step.feed(rows).items() if node in graph}
        drawn = {} if step.drawn is None else step.masks.by_node(step.drawn)
        leaves = graph.leaves(feed) | drawn
        forward_pass(graph.plan, leaves, fed=feed.keys() | drawn.keys())
        node = first_nonfinite(graph)
        found = describe_origin(node, 8) if node is not None else "a mean loss beyond the largest number"
        graph.backward()  # the nodes keep this step's derivatives too, to look at
        if node is None and isfinite(loss):  # the loss is finite, a derivative or the update is not
            node = next((node for node in reversed(graph.nodes) if not is_finite(node.delta)), None)
            found = f"parameters that {step.optimizer!r} made"
            if node is not None:
                found = f"∂L/∂({node.label}) = {describe_range(node.delta)}"
        raise NotFiniteError(
            f"not finite in step {number}, sample {rows if isinstance(rows, int) else rows.tolist()}",
            node=(graph.outputs[0] if node is None else node).title,
            found=found,
            expected="a finite number",
            cure="Lower the learning rate, scale the data, or look at minigrad.draw(network).",
        )
