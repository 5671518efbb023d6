"""Class labels as numbers or text, one-hot rows and classes: how each is checked and turned into the others."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from numbers import Real
from typing import Any, TypeAlias

import numpy as np

from minigrad._format import join_elided
from minigrad._validation import as_finite_number, describe_position, finite_array, impossible_setting, numeric_array
from minigrad.errors import DataError

Classes: TypeAlias = tuple[str, ...] | tuple[int, int]
"""The names of the classes in their order, or −1 and 1."""

CLASS_VALUES = (0.0, 1.0)
"""The numbers of one-hot rows: that of all other classes, and that of the sample's class."""

SIGNED_CLASSES = (-1, 1)
"""The classes of a single output that learns targets of −1 and 1."""

ROW_SUM_TOLERANCE = 1e-4
"""How far from 1 the sum of a row of probabilities may be: what float32 rounds in rows of a thousand."""


def encode_targets(
    data: Any,
    outputs: int,
    name: str = "targets",
    classes: Classes | None = None,
    values: tuple[float, float] = CLASS_VALUES,
) -> np.ndarray:
    """Return targets as rows of finite numbers; class labels become one-hot rows where there are several outputs.

    An array of rows that needs no change is returned as it is.

    Labels are a list or a column of integers, or of text, which the names of the `classes` turn into integers. The rows
    are made of two `values`; so is the column of a single output, if labels are text. Raises DataError for a label
    outside 0 … outputs − 1 or of no class.
    """
    if not isinstance(data, np.ndarray):
        with suppress(ValueError):  # rows of several lengths are refused below
            array = np.asarray(data)
            data = array if array.dtype.kind in "biuf" else data
    text = text_labels(data, name)
    if text is not None:
        labels = label_numbers(text, classes, name)
        return one_hot(labels, outputs, name, values) if outputs > 1 else np.array(values)[labels]
    rows = finite_array(data, name, copy=False)
    return one_hot(rows, outputs, name, values) if are_labels(rows, outputs) else rows


def are_labels(rows: np.ndarray, outputs: int) -> bool:
    """Return whether rows hold one label per sample instead of one number per output."""
    return outputs > 1 and rows.shape[1:] in ((), (1,))


def one_hot(
    labels: np.ndarray, count: int, name: str = "targets", values: tuple[float, float] = CLASS_VALUES
) -> np.ndarray:
    """Return a row for each label, the second value in its column and the first elsewhere.

    Raises DataError for a label out of range.
    """
    labels = labels.reshape(-1)
    is_invalid = (labels != np.round(labels)) | (labels < 0) | (labels >= count)
    if is_invalid.any():
        row = int(is_invalid.argmax())
        raise DataError(
            f"{name} hold a label out of range",
            found=f"{labels[row]:g} at row {row}",
            expected=f"a whole number from 0 to {count - 1}, one for each output",
            cure="Number the classes from 0, or give the network more outputs.",
        )
    other, own = values
    return np.where(np.eye(count, dtype=bool), own, other)[labels.astype(np.intp)]


def text_labels(data: Any, name: str = "targets") -> np.ndarray | None:
    """Return labels that are text as an array of one axis, None for data without text.

    Raises DataError for text beside other values, and for more than one label in a row.
    """
    if isinstance(data, np.ndarray) and data.dtype.kind in "biuf":
        return None
    try:
        array = np.asarray(data)
        if array.dtype.kind in "UTO" and not isinstance(data, np.ndarray):
            array = np.asarray(data, object)  # NumPy would write the numbers in a list of text as text
    except ValueError:  # rows of several lengths, which `finite_array` refuses
        return None
    if array.dtype.kind not in "UTO" or not array.size:
        return None
    if np.ma.is_masked(data):
        array = array.astype(object)
        array[np.ma.getmaskarray(data)] = None
    is_text = np.reshape([isinstance(item, str) for item in array.flat], array.shape)
    if not is_text.any():
        return None
    if not is_text.all():
        position = np.argwhere(~is_text)[0]
        raise DataError(
            f"{name} hold text beside other values",
            found=f"{array[tuple(position)]!r} at {describe_position(position)}"[:100],
            expected="a label for each sample",
            cure="Drop or fill such samples first.",
        )
    if array.shape[1:] not in ((), (1,)) or not array.ndim:
        raise DataError(f"{name} are no column of labels", found=f"text of shape {array.shape}", expected="(samples,)")
    return array.reshape(-1)


def learned_classes(data: Any, outputs: int, known: Classes | None) -> Classes | None:
    """Return the names of the classes: those known so far, or else what labels of text are, in alphabetical order.

    Classes of −1 and 1 are no names: the targets of each training tell whether they are such.

    Raises DataError where that is another number of classes than the outputs tell apart.
    """
    known = None if known == SIGNED_CLASSES else known
    text = text_labels(data) if known is None and data is not None else None
    if text is None:
        return known
    names, count = sorted({str(label) for label in text}), max(outputs, 2)
    if len(names) != count:
        raise DataError(
            "the network has outputs for another number of classes",
            found=f"{len(names)}: {join_elided(names)}"[:200],
            expected=count,
            cure="Name them all, if some are missing here: network.classes = […]." if len(names) < count else None,
        )
    return tuple(names)


def check_classes(classes: Any, outputs: int) -> Classes:
    """Return the names of the classes as a tuple; raise SettingError unless they are different texts, one each.

    Those of a single output may be −1 and 1.
    """
    names = tuple(classes) if isinstance(classes, Iterable) and not isinstance(classes, str) else ()
    count = max(outputs, 2)
    if outputs == 1 and all(isinstance(name, Real) for name in names) and names == SIGNED_CLASSES:
        return SIGNED_CLASSES
    if len(names) != count or len({*names}) < count or not all(isinstance(name, str) for name in names):
        raise impossible_setting("classes", classes, f"{count} different names, as text")
    return tuple([str(name) for name in names])


def label_numbers(text: np.ndarray, classes: Classes | None, name: str) -> np.ndarray:
    """Return the number of each label among the names of the classes; raise DataError for one that is none of them."""
    if classes is None:
        cure = "Call fit with such labels first, or name the classes: network.classes = […]."
        raise DataError(f"{name} are text, and the network knows no classes", found=repr(str(text[0]))[:80], cure=cure)
    numbers = {label: number for number, label in enumerate(classes)}
    labels = np.array([numbers.get(str(label), -1) for label in text])
    if labels.min() < 0:
        row = int(labels.argmin())
        raise DataError(
            f"{name} hold an unknown label",
            found=f"{str(text[row])!r} at row {row}"[:100],
            expected=f"one of {join_elided([*map(str, classes)])}"[:200],
            cure="To learn other classes, set network.classes = None.",
        )
    return labels


def predicted_classes(rows: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """Return the class of each row: the column of its largest number; for one column, 1 where above the threshold."""
    if rows.shape[1] > 1:
        return rows.argmax(axis=1)
    return (rows[:, 0] > threshold).astype(np.intp)


def check_threshold(threshold: Any, default: float) -> float:
    """Return the number that divides two classes, the default for None; raise SettingError for what is no number."""
    if threshold is None:
        return default
    return as_finite_number(threshold, "threshold")


def target_classes(rows: np.ndarray, name: str = "targets") -> np.ndarray:
    """Return the class that each row of targets means; raise DataError for one that means none, or several.

    A row of one number is 0 or 1, throughout, or −1 or 1. A longer row is one-hot, of 0 or −1 beside a 1, or holds
    probabilities, of which one is the largest.
    """
    if rows.shape[1] == 1:
        is_invalid = (rows != 1) & (rows != (-1 if is_signed(rows) else 0))
        expected = "0 and 1, or -1 and 1, for a single output"
        cure = "Give the network an output for each class; regression is measured by r_squared."
    else:
        largest = rows.max(axis=1)
        is_signed_row = (np.abs(rows) == 1).all(axis=1) & (largest == 1)
        is_distribution = (rows >= 0).all(axis=1) & (np.abs(rows.sum(axis=1) - 1) <= ROW_SUM_TOLERANCE)
        is_unique = (rows == largest[:, None]).sum(axis=1) == 1
        is_invalid = ~((is_signed_row | is_distribution) & is_unique)
        expected = "rows of a single class, such as 0, 1, 0"
        cure = "Measure each column alone where a sample has several classes; regression is measured by r_squared."
    if is_invalid.any():
        row = int(is_invalid.argmax())
        raise DataError(
            f"{name} that are no classes",
            found=f"{join_elided([format(number, 'g') for number in rows[row]])} at row {row}",
            expected=expected,
            cure=cure,
        )
    return predicted_classes(rows)


def is_signed(rows: np.ndarray) -> bool:
    """Return whether two classes are written as −1 and 1."""
    return rows.shape[1:] in ((), (1,)) and bool(np.any(rows == -1))


def default_threshold(targets: np.ndarray) -> float:
    """Return the number that divides two classes of a single output: 0 between −1 and 1, else ½."""
    return 0.0 if is_signed(targets) else 0.5


def class_labels(data: Any, name: str, most: int, threshold: float | None = None) -> np.ndarray:
    """Return labels, or the classes that rows of several columns mean, as integers.

    Without a `threshold` the rows are targets. With one they are outputs: the class is the column of the largest, and
    numbers that are no labels, one for each sample, are class 1 where above it and else 0. Raises DataError for what is
    no label, and for `most` classes or more.
    """
    rows = finite_array(data, name)
    labels = rows.reshape(-1)
    one_number = len(labels) == len(rows)
    if not one_number and rows.ndim == 2:
        return target_classes(rows, name) if threshold is None else predicted_classes(rows)
    if one_number and is_signed(labels) and np.all(np.abs(labels) == 1):
        return target_classes(labels[:, None], name)
    if threshold is not None and one_number and np.any(labels != np.round(labels)):
        return predicted_classes(labels[:, None], threshold)
    if not one_number or np.any(labels != np.round(labels)) or np.any(labels < 0):
        raise DataError(f"{name} that are no classes", found=f"shape {rows.shape}", expected="whole numbers from 0")
    if labels.max() >= most:
        raise DataError("too many classes to show", found=f"{labels.max():g}", expected=f"less than {most}")
    return labels.astype(np.intp)


def matching_rows(outputs: Any, targets: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return outputs and targets as finite rows of one shape, labels one-hot where there are several outputs."""
    rows, expected = (
        finite_array(np.atleast_1d(numeric_array(data, name)), name)
        for data, name in ((outputs, "outputs"), (targets, "targets"))
    )
    if len(rows) != len(expected):
        raise DataError("the numbers of outputs and targets differ", found=f"{rows.shape} and {expected.shape}")
    rows = rows.reshape(len(rows), -1)
    if are_labels(expected, rows.shape[1]):
        expected = one_hot(expected, rows.shape[1])
    expected = expected.reshape(len(expected), -1)
    if rows.shape != expected.shape:
        raise DataError("the shapes of outputs and targets differ", found=f"{rows.shape} and {expected.shape}")
    return rows, expected
