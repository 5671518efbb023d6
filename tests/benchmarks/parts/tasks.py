"""What the libraries learn: networks by their layers, data, first weights, and the order of the samples.

Each library makes a `Learner` of a `Task`; what it does with it is in `by_minigrad`, `by_hand` and `by_peers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

RATE = 0.01
BATCH = 64


class Task(NamedTuple):
    """A network of two layers with its data: sigmoid and squared error, or ReLU and softmax cross-entropy."""

    sizes: tuple[int, int, int]
    loss: str
    """ "squared error" or "cross-entropy"."""
    batch: int
    """Samples a step; 1 for sample by sample."""
    X: np.ndarray
    T: np.ndarray
    """One-hot."""
    shuffle: bool = True

    @property
    def labels(self) -> np.ndarray:
        return self.T.argmax(axis=-1)

    @property
    def is_squared(self) -> bool:
        return self.loss == "squared error"

    @property
    def steps(self) -> int:
        """Steps an epoch."""
        return len(self.X) // self.batch

    @property
    def name(self) -> str:
        return f"{self.layers}, {'sample by sample' if self.batch == 1 else f'batches of {self.batch}'}"

    @property
    def layers(self) -> str:
        return "-".join(map(str, self.sizes))

    @property
    def parameters(self) -> int:
        inputs, hidden, outputs = self.sizes
        return (inputs + 1) * hidden + (hidden + 1) * outputs

    @property
    def about(self) -> str:
        return "Sigmoid, squared error, SGD" if self.is_squared else "ReLU, softmax cross-entropy, SGD"

    def orders(self) -> Iterator[np.ndarray]:
        """Yield the samples' order in one epoch after the other."""
        rng = np.random.default_rng(2)
        while True:
            yield rng.permutation(len(self.X)) if self.shuffle else np.arange(len(self.X))

    def split(self, order: np.ndarray) -> Sequence[Any]:
        """Return the rows of each step: numbers of single samples, or arrays of them."""
        return order if self.batch == 1 else order.reshape(-1, self.batch)

    def of_type(self, dtype: Any) -> Task:
        return self._replace(X=self.X.astype(dtype), T=self.T.astype(dtype))

    def short(self, steps: int) -> Task:
        """Return the task with fewer samples, for what takes long."""
        return self.first(steps * self.batch)

    def first(self, rows: int) -> Task:
        return self._replace(X=self.X[:rows], T=self.T[:rows])


class Learner(NamedTuple):
    """A network as one library has it."""

    epoch: Callable[[], float]
    """Learn from all samples once; return the mean loss, each as it was before its step."""
    predict: Callable[[np.ndarray], Any] | None = None
    """Return the outputs for one row or for many."""


def sigmoid_task(sizes: tuple[int, int, int], steps: int) -> Task:
    return make_task(sizes, "squared error", 1, steps)


def softmax_task(sizes: tuple[int, int, int], steps: int) -> Task:
    return make_task(sizes, "cross-entropy", BATCH, steps)


def make_task(sizes: tuple[int, int, int], loss: str, batch: int, steps: int) -> Task:
    """Return a task of so many steps an epoch, with data in float32."""
    rng, samples = np.random.default_rng(0), steps * batch
    T = np.eye(sizes[2], dtype=np.float32)[rng.integers(sizes[2], size=samples)]
    return Task(sizes, loss, batch, rng.random((samples, sizes[0]), np.float32), T)


def first_weights(task: Task) -> list[np.ndarray]:
    """Return W1, b1, W2, b2, in the type of the data."""
    rng = np.random.default_rng(1)
    inputs, hidden, outputs = task.sizes
    parts = [rng.normal(size=(inputs, hidden)) / inputs**0.5, np.zeros(hidden)]
    parts += [rng.normal(size=(hidden, outputs)) / hidden**0.5, np.zeros(outputs)]
    return [part.astype(task.X.dtype) for part in parts]
