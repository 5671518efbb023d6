"""Class labels 0, 1, …, one-hot rows and classes: how each is checked and turned into the others."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad._validation import finite_array
from minigrad.errors import DataError


def encode_targets(data: Any, outputs: int, name: str = "targets") -> np.ndarray:
    """Return targets as rows of finite numbers; class labels become one-hot rows where there are several outputs.

    Labels are a list or a column of integers. Raises DataError for a label outside 0 … outputs − 1.
    """
    rows = finite_array(data, name)
    return one_hot(rows, outputs, name) if are_labels(rows, outputs) else rows


def are_labels(rows: np.ndarray, outputs: int) -> bool:
    """Return whether rows hold one label per sample instead of one number per output."""
    return outputs > 1 and rows.shape[1:] in ((), (1,))


def one_hot(labels: np.ndarray, count: int, name: str = "targets") -> np.ndarray:
    """Return a row for each label, 1 in its column and 0 elsewhere; raise DataError for a label out of range."""
    labels = labels.reshape(-1)
    invalid = np.flatnonzero((labels != np.round(labels)) | (labels < 0) | (labels >= count))
    if len(invalid):
        raise DataError(
            f"{name} hold a label out of range",
            found=f"{labels[invalid[0]]:g} at row {invalid[0]}",
            expected=f"a whole number from 0 to {count - 1}, one for each output",
            cure="Number the classes from 0, or give the network more outputs.",
        )
    return np.eye(count)[labels.astype(np.intp)]


def predicted_classes(rows: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """Return the class of each row: the column of its largest number; for one column, 1 where above the threshold."""
    if rows.shape[1] > 1:
        return rows.argmax(axis=1)
    return (rows[:, 0] > threshold).astype(np.intp)


def class_labels(data: Any, name: str, most: int, threshold: float | None = None) -> np.ndarray:
    """Return labels, or the column of the largest number of each row, as integers.

    With a `threshold`, numbers that are no labels, one for each sample, are class 1 where above it and else 0. Raises
    DataError for what is no label, and for `most` classes or more.
    """
    rows = finite_array(data, name)
    labels = rows.reshape(-1)
    one_number = len(labels) == len(rows)
    if not one_number and rows.ndim == 2:
        return predicted_classes(rows)
    if threshold is not None and one_number and np.any(labels != np.round(labels)):
        return predicted_classes(labels[:, None], threshold)
    if not one_number or np.any(labels != np.round(labels)) or np.any(labels < 0):
        raise DataError(f"{name} that are no classes", found=f"shape {rows.shape}", expected="whole numbers from 0")
    if labels.max() >= most:
        raise DataError("too many classes to show", found=f"{labels.max():g}", expected=f"less than {most}")
    return labels.astype(np.intp)


def matching_rows(outputs: Any, targets: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return outputs and targets as rows of one shape, labels as one-hot rows where there are several outputs."""
    try:
        rows, expected = (np.atleast_1d(np.asarray(data, np.float64)) for data in (outputs, targets))
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(
            "outputs or targets that are not numbers", found=str(error), expected="rows of numbers"
        ) from error
    if not rows.size or len(rows) != len(expected):
        raise DataError("the numbers of outputs and targets differ", found=f"{rows.shape} and {expected.shape}")
    rows = rows.reshape(len(rows), -1)
    if are_labels(expected, rows.shape[1]):
        expected = one_hot(expected, rows.shape[1])
    expected = expected.reshape(len(expected), -1)
    if rows.shape != expected.shape:
        raise DataError("the shapes of outputs and targets differ", found=f"{rows.shape} and {expected.shape}")
    return rows, expected
