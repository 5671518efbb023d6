"""How good outputs are, beside the loss: pure functions of outputs and targets, rows of samples both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import nan
from typing import Any, TypeAlias

import numpy as np

from minigrad._format import describe_value
from minigrad._labels import check_threshold, default_threshold, matching_rows, predicted_classes, target_classes
from minigrad.core.interpreter import read_only_view
from minigrad.errors import DataError, SettingError
from minigrad.training.data import Columns

Metric: TypeAlias = Callable[..., Any]
"""A pure function of outputs and targets, rows of samples both."""
RESERVED_NAMES = (None, "loss", "validation_loss")
"""What a metric cannot be called, since the history has columns of these names."""


def accuracy(outputs: Any, targets: Any, threshold: float | None = None) -> float:
    """Return the share of samples whose predicted class equals the target's.

    The class is the column of the largest number; with one column there are two classes, divided by a threshold.

    Args:
        outputs: Array of shape (samples, outputs), as `Network.predict` returns it, or (samples,).
        targets: Targets of the same shape, 0 and 1 or −1 and 1; or class labels 0, 1, … of shape (samples,) for several
            outputs.
        threshold: The number above which a single output means class 1. None for 0 with targets −1 and 1, else ½;
            `fit` and `evaluate` pass 0 for the logits of `binary_cross_entropy` and for `hinge`.

    Returns:
        A float between 0 and 1.

    Raises:
        DataError: If outputs and targets do not fit each other, are not finite, or a target is no class: a label out of
            range, a measured number, a row of several classes.
        SettingError: If the threshold is not a number.

    Example:
        >>> from minigrad import accuracy
        >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
        0.5
    """
    _, predicted, expected = classes_of(outputs, targets, threshold)
    return float(np.mean(predicted == expected))


def r_squared(outputs: Any, targets: Any) -> float:
    """Return the share of the targets' variance that the outputs explain, R² = 1 − Σ (t − ŷ)² / Σ (t − t̄)².

    The sums go over all samples and columns, t̄ is the mean of each column. 1 is perfect, 0 no better than the mean.

    Args:
        outputs: Array of shape (samples, outputs), or (samples,).
        targets: Targets of the same shape.

    Returns:
        A float, at most 1.

    Raises:
        DataError: If outputs and targets do not fit each other, are not finite, or the targets do not vary.

    Example:
        >>> from minigrad import r_squared
        >>> r_squared([1.0, 2.0, 3.5], [1.0, 2.0, 3.0])
        0.875
    """
    rows, expected = matching_rows(outputs, targets)
    if (expected == expected[0]).all():  # their mean may be off by rounding
        raise DataError("all targets are equal", found=f"{len(expected)} equal rows", expected="at least two values")
    _, exponent = np.frexp(np.abs(expected).max())
    with np.errstate(over="ignore"):  # outputs far beyond the targets: minus infinity
        rows, expected = np.ldexp(rows, -exponent), np.ldexp(expected, -exponent)  # their squares are numbers
        spread = float(np.sum((expected - expected.mean(axis=0)) ** 2))
        return 1.0 - float(np.sum((expected - rows) ** 2)) / spread


def confusion_matrix(outputs: Any, targets: Any, threshold: float | None = None) -> np.ndarray:
    """Return how many samples of each class, a row, were predicted as each class, a column.

    Args:
        outputs: Array of shape (samples, outputs), or (samples,).
        targets: Targets of the same shape, or class labels 0, 1, … of shape (samples,) for several outputs.
        threshold: The number above which a single output means class 1, as in `accuracy`.

    Returns:
        An array of integers of shape (classes, classes).

    Raises:
        DataError: If outputs and targets do not fit each other, are not finite, or a target is no class.
        SettingError: If the threshold is not a number.

    Example:
        >>> from minigrad import confusion_matrix
        >>> confusion_matrix([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]], [1, 1, 0]).tolist()
        [[0, 1], [1, 1]]
    """
    count, predicted, expected = classes_of(outputs, targets, threshold)
    matrix = np.zeros((count, count), np.intp)
    np.add.at(matrix, (expected, predicted), 1)
    return matrix


WITH_THRESHOLD: tuple[Metric, ...] = (accuracy, confusion_matrix)
"""The metrics of classes, which take a threshold behind outputs and targets; all others get just these two."""


def classes_of(outputs: Any, targets: Any, threshold: float | None) -> tuple[int, np.ndarray, np.ndarray]:
    """Return the number of classes, and the class of each output and each target; raise as `accuracy` says."""
    rows, expected = matching_rows(outputs, targets)
    divider = check_threshold(threshold, default_threshold(expected))
    return max(rows.shape[1], 2), predicted_classes(rows, divider), target_classes(expected)


def measure(metric: Metric, outputs: np.ndarray, targets: np.ndarray, threshold: float | None) -> Any:
    """Return what a metric computes from outputs and targets; `threshold` is that of the network.

    The arrays cannot be written to: training, and the metrics after this one, read the same.
    """
    outputs, targets = read_only_view(outputs), read_only_view(targets)
    return metric(outputs, targets, threshold) if metric in WITH_THRESHOLD else metric(outputs, targets)


def measure_all(
    metrics: Sequence[Metric],
    predict: Callable[[Columns], np.ndarray],
    samples: Columns,
    targets: Columns,
    threshold: float | None = None,
) -> dict[str, float]:
    """Return what metrics compute from the outputs for some samples, by name.

    A metric that refuses outputs because they are not finite is NaN: training has diverged, which the loop reports.
    """
    if not metrics:
        return {}
    outputs, results = predict(samples), {}
    for metric in metrics:
        try:
            results[metric.__name__] = check_result(metric, measure(metric, outputs, targets.rows, threshold))
        except DataError:
            if np.isfinite(outputs).all():
                raise
            results[metric.__name__] = nan
    return results


def check_result(metric: Metric, result: Any) -> float:
    """Return what a metric computed; raise SettingError unless it is one number."""
    array = np.asarray(result)
    if array.ndim or array.dtype.kind not in "biuf":
        name = metric.__name__
        raise SettingError(
            "a metric did not return one number",
            node=name,
            found=f"shape {array.shape}" if array.ndim else repr(result)[:80],
            expected="one number for all samples",
            cure=f"Compute it after training: network.evaluate(X, T, {name}).",
        )
    return float(array)


def check_metrics(metrics: Any) -> tuple[Metric, ...]:
    """Return metrics as a tuple; raise SettingError unless they are functions in a list, each with its own name."""
    functions = tuple(metrics) if isinstance(metrics, Iterable) else (None,)
    names = [getattr(metric, "__name__", None) for metric in functions]
    are_functions = all(callable(metric) and not isinstance(metric, type) for metric in functions)
    if not are_functions or len({*names, *RESERVED_NAMES}) < len(names) + len(RESERVED_NAMES):
        raise SettingError(
            "metrics must be a list of functions with different names",
            found=describe_value(metrics),
            expected="[f, …], named functions f(outputs, targets)",
            cure="Write, for example, metrics=[minigrad.accuracy].",
        )
    return functions
