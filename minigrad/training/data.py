"""The data of one training, checked against the network: columns, sample weights, validation data, batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from itertools import chain
from numbers import Real
from typing import Any, NamedTuple, Self, TypeAlias

import numpy as np

from minigrad._labels import target_classes
from minigrad._validation import describe_mismatch, finite_array, float_or_nan
from minigrad.core.node import Node
from minigrad.errors import DataError
from minigrad.ops.base import Value

EVERY_ROW = slice(None)


class Columns:
    """Samples or targets, a column for each of some scalar nodes in their order, or whole rows for one array node.

    They are a copy of the data in float64; data that has another `dtype` already, in which it is to be computed with,
    keeps it. Without `copy` they may be the caller's own array, for what is read at once.
    Raises DataError for data that is empty, not numeric, not finite, or of another width than the nodes.
    """

    def __init__(
        self, nodes: Sequence[Node], data: Any, name: str, dtype: Any = np.float64, *, copy: bool = True
    ) -> None:
        self.nodes = tuple(nodes)
        self.is_array = len(self.nodes) == 1 and bool(self.nodes[0].shape)
        expected = sample_shape(self.nodes)
        self.rows = finite_array(data, name, dtype, copy=copy)
        if self.rows.ndim == 1 and expected == (1,):
            self.rows = self.rows[:, None]
        if self.rows.shape[1:] != expected:
            raise DataError(
                f"{name} do not fit the network",
                found=f"shape {self.rows.shape}",
                expected=f"(samples, {', '.join(map(str, expected))})",
                cure=f"One row per sample{describe_mismatch(self.rows.shape, expected)}.",
            )

    def __len__(self) -> int:
        return len(self.rows)

    def feed(self, rows: Any) -> dict[Any, Value]:
        """Return one sample (a row number) in plain numbers, or several (an array of them) with a batch axis."""
        return self.sample(rows) if isinstance(rows, int) else self.batch(rows)

    def sample(self, row: int) -> dict[Any, Value]:
        """Return one sample as a feed, in plain numbers."""
        if self.is_array:
            return {self.nodes[0]: self.rows[row]}
        return dict(zip(self.nodes, self.rows[row].tolist(), strict=True))

    def batch(self, rows: Any = EVERY_ROW) -> dict[Any, Value]:
        """Return several samples, by default all, as a feed with a batch axis."""
        if self.is_array:
            return {self.nodes[0]: self.rows[rows]}
        return dict(zip(self.nodes, np.ascontiguousarray(self.rows[rows].T), strict=True))

    def select(self, mask: np.ndarray) -> Self:
        """Return the samples for which a mask is true."""
        selected = copy(self)
        selected.rows = self.rows[mask]
        return selected


class WeightedTargets(Columns):
    """Targets, and a weight for each sample, which feeds a node of its own.

    Raises DataError for weights that are negative, or of another number than the targets.
    """

    def __init__(self, targets: Columns, node: Node, weights: Any) -> None:
        self.targets = targets
        self.weights = Columns([node], weights, "sample weights")
        if len(self.weights) != len(targets):
            found = f"{len(self.weights)} and {len(targets)}"
            raise DataError("the numbers of sample weights and samples differ", found=found)
        if (self.weights.rows < 0).any():
            raise DataError("a sample weight is negative", found=self.weights.rows.min())
        self.nodes = (*targets.nodes, node)
        self.rows = np.concatenate([targets.rows.reshape(len(targets), -1), self.weights.rows], axis=1)

    def sample(self, row: int) -> dict[Any, Value]:
        return {**self.targets.sample(row), **self.weights.sample(row)}

    def batch(self, rows: Any = EVERY_ROW) -> dict[Any, Value]:
        return {**self.targets.batch(rows), **self.weights.batch(rows)}

    def select(self, mask: np.ndarray) -> Self:
        selected = super().select(mask)
        selected.targets, selected.weights = self.targets.select(mask), self.weights.select(mask)
        return selected


Pair: TypeAlias = tuple[Columns, Columns]
"""Samples and their targets."""
PairCheck: TypeAlias = Callable[..., Pair]
"""A function that checks X and T against a network, as `Network.data` does."""


def make_pair(
    inputs: Sequence[Node],
    targets: Sequence[Node],
    X: Any,
    T: Any,
    purpose: str = "",
    dtype: Any = np.float64,
    *,
    copy: bool = True,
) -> Pair:
    """Return samples and targets for the nodes they feed; raise DataError unless every sample has a target."""
    samples = Columns(inputs, X, f"{purpose}samples", dtype, copy=copy)
    columns = Columns(targets, T, f"{purpose}targets", copy=copy)
    if len(samples) != len(columns):
        raise DataError("the numbers of samples and targets differ", found=f"{len(samples)} and {len(columns)}")
    return samples, columns


@dataclass
class BatchStream:
    """Batches (X, T) from a function that is called once for each epoch, or from an iterable that can be repeated.

    `check` checks a batch against the network. Raises DataError for what gives no batches, or gives them only once.
    """

    source: Any
    check: PairCheck
    _first_epoch: Iterator[Pair] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if not callable(self.source) and isinstance(self.source, Iterator):
            raise DataError(
                "batches can be read only once",
                found=type(self.source).__name__,
                cure="Pass a function that returns a new iterator for each epoch",
            )

    def peek(self) -> Pair:
        """Begin the first epoch and return its first batch, with which it goes on when it is asked for."""
        epoch = self.epoch()
        batch = next(epoch)
        self._first_epoch = chain([batch], epoch)
        return batch

    def __iter__(self) -> Iterator[Pair]:
        """Return the batches of one epoch."""
        epoch, self._first_epoch = self._first_epoch, None
        return self.epoch() if epoch is None else epoch

    def epoch(self) -> Iterator[Pair]:
        """Yield the batches of one epoch, checked; raise DataError for what is no pair and for an epoch of none."""
        batches = self.source() if callable(self.source) else self.source
        if not isinstance(batches, Iterable):
            raise DataError("targets are missing", found=type(batches).__name__, expected="T, or batches (X, T)")
        cure = "Where samples are an array, pass their targets behind them: fit(X, T)."
        is_empty = True
        for batch in batches:
            is_empty = False
            yield self.check(*as_pair(batch, "a batch must be a pair", "(X, T)", cure))
        if is_empty:
            raise DataError(
                "an epoch has no batches", cure="Pass a function that returns a new iterator for each epoch"
            )


@dataclass(frozen=True)
class Split:
    """How some samples are held out of all: a share of them, the last ones or drawn at random, perhaps by class."""

    count: int
    share: float
    shuffle: bool
    stratify: bool

    def held_out(self, targets: Columns, rng: np.random.Generator) -> np.ndarray:
        """Return the rows held out, in increasing order; raise DataError where one side would be empty."""
        size = round(self.share * self.count) if 0 < self.share < 1 else 0
        if not 0 < size < self.count:
            raise DataError(
                "the validation share leaves no samples for training or for validation",
                found=f"{self.share:g} of {self.count} samples",
                expected="a number between 0 and 1, such as 0.2",
            )
        if not self.shuffle:
            return np.arange(self.count - size, self.count)
        order = rng.permutation(self.count)
        if not self.stratify:
            return np.sort(order[:size])
        return np.sort(first_of_classes(order, target_classes(targets.rows)[order], size))


def first_of_classes(order: np.ndarray, classes: np.ndarray, size: int) -> np.ndarray:
    """Return so many of the rows in an order, the same share of each class, rounded; `classes` has those of the rows.

    Raises DataError for a class of a single sample, which cannot be on both sides.
    """
    counts = np.bincount(classes)
    if 1 in counts:
        number = counts.tolist().index(1)
        raise DataError(
            "a class of one sample cannot be split",
            found=f"class {number} only at row {order[classes == number][0]}",
            expected="two or more samples of each class",
            cure="Drop it, or fit with stratify=False.",
        )
    exact = counts * (size / len(order))
    sizes = np.floor(exact).astype(int)
    largest = np.argsort(sizes - exact, kind="stable")[: size - sizes.sum()]
    sizes[largest] += 1
    return np.concatenate([order[classes == number][:quota] for number, quota in enumerate(sizes)])


class TrainingData(NamedTuple):
    """Everything that one training reads."""

    samples: Columns
    targets: Columns
    validation: Pair | None
    measured: Pair
    """What metrics are measured on: the validation data where there is any, without sample weights."""
    all_targets: Columns
    """The targets of all samples, with those held out and without weights; of a stream those of its first batch."""
    stream: BatchStream | None
    split: Split | None
    held_out: np.ndarray | None
    """The rows of the samples that a split has held out."""


def make_training_data(
    check: PairCheck,
    X: Any,
    T: Any,
    validation: Any,
    sample_weights: tuple[Node, Any] | None,
    rng: np.random.Generator,
    *,
    shuffle: bool = True,
    stratify: bool = False,
    previous: tuple[Split | None, np.ndarray | None] = (None, None),
) -> TrainingData:
    """Return the checked data of one training; without T, X gives batches.

    `sample_weights` are a node and the numbers that it is fed; validation data of its own has weights of 1. A split
    like the `previous` one holds out the same rows. Raises DataError for data that does not fit.
    """
    stream = BatchStream(X, check) if T is None else None
    samples, targets = check(X, T) if stream is None else stream.peek()
    all_targets, pair, split, held_out = targets, None, None, None
    if is_fraction(validation):
        split = Split(len(samples), float_or_nan(validation), shuffle, stratify)
        held_out = previous[1] if split == previous[0] else split.held_out(targets, rng)
    elif validation is not None:
        expected = "(X, T), or the share of samples to hold out"
        pair = check(*as_pair(validation, "validation data must be a pair", expected), "validation ")
    if sample_weights is not None:
        node, weights = sample_weights
        targets = WeightedTargets(targets, node, weights)
        pair = pair and (pair[0], WeightedTargets(pair[1], node, np.ones(len(pair[1]))))
    if held_out is not None:
        mask = np.zeros(len(samples), bool)
        mask[held_out] = True
        pair = samples.select(mask), targets.select(mask)
        samples, targets = samples.select(~mask), targets.select(~mask)
    X_measured, T_measured = pair or (samples, targets)
    if isinstance(T_measured, WeightedTargets):
        T_measured = T_measured.targets
    return TrainingData(samples, targets, pair, (X_measured, T_measured), all_targets, stream, split, held_out)


def is_fraction(validation: Any) -> bool:
    """Return whether validation data is a fraction of the samples, to be split off."""
    return isinstance(validation, Real) and not isinstance(validation, bool)


def sample_shape(nodes: Sequence[Node]) -> tuple[int, ...]:
    """Return the shape of one sample: that of the one array node, else one number for each scalar node."""
    return nodes[0].shape if len(nodes) == 1 and nodes[0].shape else (len(nodes),)


def as_pair(data: Any, fault: str, expected: str, cure: str | None = None) -> tuple[Any, Any]:
    """Return a tuple or list of two; raise DataError with the `fault` for anything else."""
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise DataError(fault, found=type(data).__name__, expected=expected, cure=cure)
    return data[0], data[1]
