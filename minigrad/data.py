"""Training data held against a network: checked once, then handed out sample by sample or batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.errors import DataError
from minigrad.node import Node
from minigrad.ops.op import Value


class Columns:
    """One side of a data set, its columns in the order of the scalar nodes they feed (or whole, for one array node).

    Raises DataError for data that is empty, not numeric, not finite, or of another width than the nodes.
    """

    def __init__(self, nodes: Sequence[Node], data: Any, side: str) -> None:
        self.nodes = tuple(nodes)
        self.whole = len(self.nodes) == 1 and bool(self.nodes[0].shape)
        self.rows = finite(data, side)
        if self.rows.ndim == 1 and not self.whole and len(self.nodes) == 1:
            self.rows = self.rows[:, None]
        expected = self.nodes[0].shape if self.whole else (len(self.nodes),)
        if self.rows.shape[1:] != expected:
            raise DataError(
                f"{side} do not fit the network",
                found=f"shape {self.rows.shape}",
                expected=f"(samples, {', '.join(map(str, expected))})",
                cure="One row per sample; for a single sample write [x].",
            )

    def __len__(self) -> int:
        return len(self.rows)

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


def finite(data: Any, side: str) -> np.ndarray:
    """Data as a float64 array; raises DataError where it is empty or holds something that is not a finite number."""
    try:
        rows = np.asarray(data, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{side} are not numbers", found=str(error), cure="Encode categories as numbers first."
        ) from error
    if rows.ndim == 0 or rows.size == 0:
        raise DataError(f"{side} hold no sample", found=f"shape {rows.shape}", expected="one row per sample")
    wrong = np.argwhere(~np.isfinite(rows))
    if len(wrong):
        place = ", ".join(
            f"{axis} {index}" for axis, index in zip(("row", "column", "axis 2", "axis 3"), wrong[0], strict=False)
        )
        raise DataError(
            f"{side} hold a value that is not finite",
            found=f"{rows[tuple(wrong[0])]} at {place}" + (f" ({len(wrong)} such values)" if len(wrong) > 1 else ""),
            expected="finite numbers",
            cure="Drop or fill such samples first.",
        )
    return rows


def as_targets(nodes: Sequence[Node], data: Any) -> Any:
    """Targets as columns: whole-number class labels of shape (samples,) become one-hot rows where outputs are several.

    Raises DataError for a label outside 0 … outputs − 1.
    """
    count = nodes[0].shape[-1] if len(nodes) == 1 and nodes[0].shape else len(nodes)
    labels = np.asarray(data)
    if labels.ndim != 1 or count == 1 or labels.size == 0:
        return data
    labels = finite(data, "targets")
    wrong = np.flatnonzero((labels != np.round(labels)) | (labels < 0) | (labels >= count))
    if len(wrong):
        raise DataError(
            "a label out of range",
            found=f"{labels[wrong[0]]:g} at row {wrong[0]}",
            expected=f"a whole number from 0 to {count - 1}, one for each output",
            cure="Number the classes from 0, or give the network more outputs.",
        )
    return np.eye(count)[labels.astype(np.intp)]
