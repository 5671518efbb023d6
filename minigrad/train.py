"""The training loop: samples in, δ back, weights moved, and a record of how the loss fell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np

from minigrad import engine
from minigrad.data import Columns
from minigrad.errors import DataError, SettingError
from minigrad.graph import Graph
from minigrad.ops.op import Value
from minigrad.optim import Optimizer, State
from minigrad.packing import Packing
from minigrad.passes import forget

Callback = Callable[["Progress"], object]


@dataclass(frozen=True)
class Progress:
    """What a callback is told after each epoch."""

    epoch: int
    loss: float
    validation_loss: float | None


@dataclass
class History:
    """The mean loss of every epoch, on the training data as it was learned from and on the validation data."""

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)

    def __repr__(self) -> str:
        if not self.loss:
            return "<History of 0 epochs>"
        return f"<History of {len(self.loss)} epochs, loss {self.loss[0]:.4g} → {self.loss[-1]:.4g}>"


class Trainer:
    """A loss graph with its parameters in one flat vector: `step` learns from one batch, `store` writes them back."""

    def __init__(self, graph: Graph, optimizer: Optimizer) -> None:
        (self.loss,) = graph.outputs
        self.plan = graph.plan
        self.optimizer = optimizer
        self.packing = Packing(graph.parameters)
        self.fixed: dict[Any, Value] = {node: node.value for node in graph.nodes if node.kind == "constant"}
        self.vector = self.packing.pack({parameter: parameter.value for parameter in graph.parameters})
        self.state: State = optimizer.init(self.vector)

    def step(self, feed: dict[Any, Value], size: int | None = None) -> float:
        """Learns from one sample, or from a batch of `size`, and returns its mean loss before the step."""
        values = engine.evaluate(self.plan, self.leaves(feed), numbers=size is None)
        seed = 1.0 if size is None else np.full(size, 1 / size)
        deltas = engine.pull_back(self.plan, values, {self.loss: seed}, numbers=size is None)
        self.vector, self.state = self.optimizer.update(self.vector, self.packing.pack(deltas), self.state)
        return float(np.mean(values[self.loss]))

    def mean_loss(self, feed: dict[Any, Value]) -> float:
        """The mean loss of a batch, without learning from it."""
        return float(np.mean(engine.evaluate(self.plan, self.leaves(feed))[self.loss]))

    def leaves(self, feed: dict[Any, Value]) -> dict[Any, Value]:
        return {**self.fixed, **self.packing.unpack(self.vector), **feed}

    def store(self) -> None:
        """Writes the parameters back into their nodes; values and δ of older passes are forgotten."""
        for parameter, value in self.packing.unpack(self.vector).items():
            parameter.value = value
        forget(self.plan)


def fit(
    trainer: Trainer,
    samples: Columns,
    targets: Columns,
    *,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    shuffle: bool,
    validation: tuple[Columns, Columns] | None,
    callbacks: Sequence[Callback],
    progress: bool,
) -> History:
    """Goes over the data `epochs` times and returns the history of the loss; parameters are stored after each epoch."""
    history = History()
    for epoch in shown_progress(epochs, history, progress):
        order = rng.permutation(len(samples)) if shuffle else np.arange(len(samples))
        total = 0.0
        if batch_size == 1:
            for row in order.tolist():
                total += trainer.step({**samples.sample(row), **targets.sample(row)})
        else:
            for start in range(0, len(order), batch_size):
                rows = order[start : start + batch_size]
                total += trainer.step({**samples.batch(rows), **targets.batch(rows)}, len(rows)) * len(rows)
        history.loss.append(total / len(order))
        if validation is not None:
            everything = slice(None)
            feed = {**validation[0].batch(everything), **validation[1].batch(everything)}
            history.validation_loss.append(trainer.mean_loss(feed))
        trainer.store()
        event = Progress(epoch, history.loss[-1], history.validation_loss[-1] if validation else None)
        for callback in callbacks:
            callback(event)
    return history


def check_same_length(samples: Columns, targets: Columns) -> None:
    """Raises DataError unless every sample has a target."""
    if len(samples) != len(targets):
        raise DataError("samples and targets differ in number", found=f"{len(samples)} and {len(targets)}")


def checked_pair(validation: Any) -> tuple[Any, Any]:
    """Validation data as a pair (X, T); raises DataError for what is none."""
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise DataError("validation data that is no pair", found=type(validation).__name__, expected="(X, T)")
    return validation[0], validation[1]


def checked_callbacks(callbacks: Any) -> tuple[Callback, ...]:
    """Callbacks as a tuple; raises SettingError unless they are functions in a list."""
    found = tuple(callbacks) if isinstance(callbacks, Iterable) else (callbacks,)
    if not isinstance(callbacks, Iterable) or not all(map(callable, found)):
        raise SettingError(
            "callbacks that cannot be called", found=repr(callbacks), expected="[f, …], each called as f(progress)"
        )
    return found


def shown_progress(epochs: int, history: History, wanted: bool) -> Iterator[int]:
    """Counts epochs from 1, under a tqdm bar with the loss where tqdm is installed and somebody watches."""
    bar: Any = range(1, epochs + 1)
    if not wanted or find_spec("tqdm") is None:
        yield from bar
        return
    from tqdm.auto import tqdm

    with tqdm(bar, desc="training", unit="epoch", disable=None) as shown:
        for epoch in shown:
            yield epoch
            shown.set_postfix(loss=f"{history.loss[-1]:.4g}")
