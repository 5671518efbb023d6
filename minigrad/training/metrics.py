"""How good outputs are, beside the loss: pure functions of outputs and targets, rows of samples both."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.errors import DataError, SettingError


def accuracy(outputs: Any, targets: Any) -> float:
    """The share of samples whose class is right; see `classes` for what the class of a sample is."""
    found, expected = both(outputs, targets)
    return float(np.mean(classes(found) == classes(expected)))


def r_squared(outputs: Any, targets: Any) -> float:
    """The share of the targets' variance that the outputs explain, R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)², over all columns.

    1 is perfect, 0 no better than the mean of each column. Raises DataError where the targets do not vary.
    """
    found, expected = both(outputs, targets)
    spread = float(np.sum((expected - expected.mean(axis=0)) ** 2))
    if spread == 0:
        raise DataError("targets that do not vary", found=f"{len(expected)} equal rows", expected="at least two values")
    return 1.0 - float(np.sum((expected - found) ** 2)) / spread


def confusion_matrix(outputs: Any, targets: Any) -> np.ndarray:
    """How many samples of each class (a row) were taken for each class (a column)."""
    found, expected = both(outputs, targets)
    count = max(found.shape[1], 2)
    matrix = np.zeros((count, count), np.intp)
    np.add.at(matrix, (classes(expected), classes(found)), 1)
    return matrix


def classes(rows: np.ndarray) -> np.ndarray:
    """The class of each row: the place of its largest number; of a single number, 1 where it is above ½ and else 0."""
    found: np.ndarray = rows.argmax(axis=1) if rows.shape[1] > 1 else (rows[:, 0] > 0.5).astype(np.intp)
    return found


def both(outputs: Any, targets: Any) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and targets as rows of one shape; class labels become one-hot rows where outputs are several."""
    try:
        found, expected = (np.atleast_1d(np.asarray(rows, np.float64)) for rows in (outputs, targets))
    except (TypeError, ValueError) as error:
        raise DataError(
            "outputs or targets that are not numbers", found=str(error), expected="rows of numbers"
        ) from error
    if not found.size or len(found) != len(expected):
        raise DataError("outputs and targets differ in number", found=f"{found.shape} and {expected.shape}")
    found = found.reshape(len(found), -1)
    if expected.shape[1:] in ((), (1,)) and found.shape[1] > 1:
        expected = expected.reshape(-1)
        if not np.isin(expected, np.arange(found.shape[1])).all():
            raise DataError("a label out of range", expected=f"whole numbers from 0 to {found.shape[1] - 1}")
        expected = np.eye(found.shape[1])[expected.astype(np.intp)]
    expected = expected.reshape(len(expected), -1)
    if found.shape != expected.shape:
        raise DataError("outputs and targets differ in shape", found=f"{found.shape} and {expected.shape}")
    return found, expected


def number_of(metric: Any, value: Any) -> float:
    """What a metric measured, to be told epoch by epoch; raises SettingError for anything but one number."""
    found = np.asarray(value)
    if found.ndim or found.dtype.kind not in "biuf":
        raise SettingError(
            "a metric that is not one number",
            node=metric.__name__,
            found=f"shape {found.shape}" if found.ndim else repr(value)[:80],
            expected="one number for all samples",
            cure=f"Ask once, after training: network.evaluate(X, T, {metric.__name__}).",
        )
    return float(found)
