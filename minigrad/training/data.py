"""Training data held against a network: checked once, then handed out sample by sample or batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from numbers import Real
from typing import Any, Self

import numpy as np

from minigrad._validation import describe_mismatch, finite_array
from minigrad.core.node import Node
from minigrad.errors import DataError
from minigrad.ops.base import Value
from minigrad.training.history import History as History, Progress as Progress


class Columns:
    """One side of a data set, its columns in the order of the scalar nodes they feed (or whole, for one array node).

    Raises DataError for data that is empty, not numeric, not finite, or of another width than the nodes.
    """

    def __init__(self, nodes: Sequence[Node], data: Any, side: str) -> None:
        self.nodes = tuple(nodes)
        self.whole = len(self.nodes) == 1 and bool(self.nodes[0].shape)
        expected = sample_shape(self.nodes)
        self.rows = finite_array(data, side)
        if self.rows.ndim == 1 and expected == (1,):
            self.rows = self.rows[:, None]
        if self.rows.shape[1:] != expected:
            raise DataError(
                f"{side} do not fit the network",
                found=f"shape {self.rows.shape}",
                expected=f"(samples, {', '.join(map(str, expected))})",
                cure=f"One row per sample{describe_mismatch(self.rows.shape, expected)}.",
            )

    def __len__(self) -> int:
        return len(self.rows)

    def rows_of(self, rows: Any) -> dict[Any, Value]:
        """One sample (a row number) in plain numbers, or several (an array of row numbers) with a batch axis."""
        return self.sample(rows) if isinstance(rows, int) else self.batch(rows)

    def sample(self, row: int) -> dict[Any, Value]:
        """One sample as a feed, in plain numbers."""
        if self.whole:
            return {self.nodes[0]: self.rows[row]}
        return dict(zip(self.nodes, self.rows[row].tolist(), strict=True))

    def batch(self, rows: Any) -> dict[Any, Value]:
        """Several samples as a feed with a batch axis."""
        if self.whole:
            return {self.nodes[0]: self.rows[rows]}
        return dict(zip(self.nodes, np.ascontiguousarray(self.rows[rows].T), strict=True))

    @property
    def plain(self) -> Columns:
        """The data without what was put beside it."""
        return self

    def part(self, chosen: np.ndarray) -> Self:
        """Some of the samples, those for which a mask is true."""
        part = copy(self)
        part.rows = self.rows[chosen]
        return part


class Weighted(Columns):
    """Targets, and beside them a weight for each sample that feeds a node of its own.

    Raises DataError for weights that are negative, or of another number than the targets.
    """

    def __init__(self, targets: Columns, node: Node, weights: Any) -> None:
        self.targets = targets
        self.weights = Columns([node], weights, "sample weights")
        if len(self.weights) != len(targets):
            found = f"{len(self.weights)} and {len(targets)}"
            raise DataError("sample weights and samples differ in number", found=found)
        if (self.weights.rows < 0).any():
            raise DataError("a sample weight that is negative", found=self.weights.rows.min())
        self.nodes = (*targets.nodes, node)
        self.rows = np.concatenate([targets.rows.reshape(len(targets), -1), self.weights.rows], axis=1)

    def sample(self, row: int) -> dict[Any, Value]:
        return {**self.targets.sample(row), **self.weights.sample(row)}

    def batch(self, rows: Any) -> dict[Any, Value]:
        return {**self.targets.batch(rows), **self.weights.batch(rows)}

    @property
    def plain(self) -> Columns:
        return self.targets

    def part(self, chosen: np.ndarray) -> Self:
        part = super().part(chosen)
        part.targets, part.weights = self.targets.part(chosen), self.weights.part(chosen)
        return part


def is_share(validation: Any) -> bool:
    """Whether validation data is asked for as a share of the samples."""
    return isinstance(validation, Real) and not isinstance(validation, bool)


def held_out(count: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """Which of some samples are held out, drawn at random; raises DataError where nothing is left on one side."""
    out = round(share * count) if 0 < share < 1 else 0
    if not 0 < out < count:
        raise DataError(
            "a share for validation that leaves one side empty",
            found=f"{share:g} of {count} samples",
            expected="a number between 0 and 1, such as 0.2",
        )
    held = np.zeros(count, bool)
    held[rng.permutation(count)[:out]] = True
    return held


def sample_shape(nodes: Sequence[Node]) -> tuple[int, ...]:
    """The shape of one sample: that of the one array-valued node, else one number for each scalar node."""
    return nodes[0].shape if len(nodes) == 1 and nodes[0].shape else (len(nodes),)


def as_targets(nodes: Sequence[Node], data: Any, side: str = "targets") -> np.ndarray:
    """Targets as rows: whole-number class labels, a list or a column, become one-hot rows where outputs are several.

    Raises DataError for a label outside 0 … outputs − 1.
    """
    labels = finite_array(data, side)
    count = sample_shape(nodes)[-1]
    if count == 1 or labels.shape[1:] not in ((), (1,)):
        return labels
    labels = labels.reshape(-1)
    wrong = np.flatnonzero((labels != np.round(labels)) | (labels < 0) | (labels >= count))
    if len(wrong):
        raise DataError(
            f"{side} hold a label out of range",
            found=f"{labels[wrong[0]]:g} at row {wrong[0]}",
            expected=f"a whole number from 0 to {count - 1}, one for each output",
            cure="Number the classes from 0, or give the network more outputs.",
        )
    return np.eye(count)[labels.astype(np.intp)]


def check_same_length(samples: Columns, targets: Columns) -> None:
    """Raises DataError unless every sample has a target."""
    if len(samples) != len(targets):
        raise DataError("samples and targets differ in number", found=f"{len(samples)} and {len(targets)}")


def checked_pair(validation: Any) -> tuple[Any, Any]:
    """Validation data as a pair (X, T); raises DataError for what is none."""
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise DataError(
            "validation data that is no pair",
            found=type(validation).__name__,
            expected="(X, T), or the share of samples to hold out",
        )
    return validation[0], validation[1]
