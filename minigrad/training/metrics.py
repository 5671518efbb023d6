"""How good outputs are, beside the loss: pure functions of outputs and targets, rows of samples both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np

from minigrad._labels import matching_rows, predicted_classes
from minigrad.errors import DataError, SettingError
from minigrad.training.data import Columns

Metric: TypeAlias = Callable[[np.ndarray, np.ndarray], Any]
"""A pure function of outputs and targets, rows of samples both."""
RESERVED_NAMES = (None, "loss", "validation_loss")
"""What a metric cannot be called, since the history has columns of these names."""


def accuracy(outputs: Any, targets: Any) -> float:
    """Return the share of samples whose class is right: the class is the column of the largest output.

    With one output it is 1 where the output is above ½ and else 0.
    """
    rows, expected = matching_rows(outputs, targets)
    return float(np.mean(predicted_classes(rows) == predicted_classes(expected)))


def r_squared(outputs: Any, targets: Any) -> float:
    """Return the share of the targets' variance that the outputs explain, R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)².

    The sums go over all columns. 1 is perfect, 0 no better than the mean of each column. Raises DataError where the
    targets do not vary.
    """
    rows, expected = matching_rows(outputs, targets)
    spread = float(np.sum((expected - expected.mean(axis=0)) ** 2))
    if spread == 0:
        raise DataError("targets that do not vary", found=f"{len(expected)} equal rows", expected="at least two values")
    return 1.0 - float(np.sum((expected - rows) ** 2)) / spread


def confusion_matrix(outputs: Any, targets: Any) -> np.ndarray:
    """Return how many samples of each class (a row) were taken for each class (a column)."""
    rows, expected = matching_rows(outputs, targets)
    count = max(rows.shape[1], 2)
    matrix = np.zeros((count, count), np.intp)
    np.add.at(matrix, (predicted_classes(expected), predicted_classes(rows)), 1)
    return matrix


def measure_all(
    metrics: Sequence[Metric], predict: Callable[[Columns], np.ndarray], samples: Columns, targets: Columns
) -> dict[str, float]:
    """Return what metrics compute from the outputs for some samples, by name."""
    if not metrics:
        return {}
    outputs = predict(samples)
    return {metric.__name__: check_result(metric, metric(outputs, targets.rows)) for metric in metrics}


def check_result(metric: Metric, result: Any) -> float:
    """Return what a metric computed; raise SettingError unless it is one number."""
    array = np.asarray(result)
    if array.ndim or array.dtype.kind not in "biuf":
        name = metric.__name__
        raise SettingError(
            "a metric that is not one number",
            node=name,
            found=f"shape {array.shape}" if array.ndim else repr(result)[:80],
            expected="one number for all samples",
            cure=f"Ask once, after training: network.evaluate(X, T, {name}).",
        )
    return float(array)


def check_metrics(metrics: Any) -> tuple[Metric, ...]:
    """Return metrics as a tuple; raise SettingError unless they are functions in a list, each with its own name."""
    functions = tuple(metrics) if isinstance(metrics, Iterable) else (None,)
    names = [getattr(metric, "__name__", None) for metric in functions]
    if not all(map(callable, functions)) or len({*names, *RESERVED_NAMES}) < len(names) + len(RESERVED_NAMES):
        raise SettingError(
            "metrics that cannot be told",
            found=repr(metrics),
            expected="[f, …], named functions f(outputs, targets)",
            cure="Such as metrics=[minigrad.accuracy].",
        )
    return functions
