"""Settings that a caller gives, checked once: whole numbers, rates, seeds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf, isinf
from numbers import Real
from operator import index
from typing import Any, TypeAlias

import numpy as np

from minigrad.errors import DataError, OperandError, SettingError, ShapeError

Seed: TypeAlias = "int | np.random.Generator | None"
"""Where random numbers come from: a generator, a seed for one, or None for a new one each time."""


def whole_number(value: Any, name: str, least: int) -> int:
    """A setting that counts something; raises SettingError for less than `least` and for what is not whole."""
    try:
        number = index(value)
    except TypeError:
        number = least - 1
    if number < least:
        raise SettingError(
            "an impossible setting", node=name, found=repr(value), expected=f"a whole number of at least {least}"
        )
    return number


def check_rate(value: Any, name: str, below: float = inf) -> None:
    """Raises SettingError unless the setting is a number from 0 to below the given one."""
    if not (isinstance(value, Real) and 0 <= float(value) < below):
        upper = "" if isinf(below) else f" and below {below:g}"
        raise SettingError(
            "an impossible setting", node=name, found=repr(value), expected=f"a finite number of at least 0{upper}"
        )


def several(value: Any, kinds: tuple[type, ...], name: str, expected: str) -> tuple[Any, ...]:
    """One thing of some kinds, or any number of them, as a tuple; raises SettingError for what is neither."""
    if isinstance(value, kinds):
        return (value,)
    if not isinstance(value, Iterable):
        raise SettingError("an impossible setting", node=name, found=repr(value), expected=expected)
    return tuple(value)


def generator(seed: Any) -> np.random.Generator:
    """The random numbers of a seed; a generator is used as it is. Raises SettingError for what is neither."""
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise SettingError(
            "a seed that cannot be used",
            found=repr(seed),
            expected="a whole number of at least 0, a numpy.random.Generator or None",
        ) from error


def finite(data: Any, side: str) -> np.ndarray:
    """Data as a float64 array; raises DataError where it is empty or holds something that is not a finite number."""
    rows = numeric(data, side)
    if rows.ndim == 0 or rows.size == 0:
        raise DataError(f"{side} hold no sample", found=f"shape {rows.shape}", expected="one row per sample")
    wrong = np.argwhere(~np.isfinite(rows))
    if len(wrong):
        more = f" ({len(wrong)} such values)" if len(wrong) > 1 else ""
        raise DataError(
            f"{side} hold a value that is not finite",
            found=f"{rows[tuple(wrong[0])]} at {place(wrong[0])}{more}",
            expected="finite numbers",
            cure="Drop or fill such samples first.",
        )
    return rows


def numeric(data: Any, side: str) -> np.ndarray:
    """Data as a float64 array, nan where nothing stands; raises DataError for anything but rows of numbers."""
    cure = "Pass a list of rows or an array; encode categories as numbers, and unfold what is sparse by .toarray()."
    try:
        rows = np.asarray(data)
    except ValueError as error:
        raise DataError(f"{side} are not rows of one length", found=str(error).rstrip("."), cure=cure) from error
    if np.ma.is_masked(data):
        rows = rows.astype(object)
        rows[np.ma.getmaskarray(data)] = None
    if rows.dtype.kind not in "biuf":  # an array of objects may hold numbers all the same
        for index in np.ndindex(rows.shape):
            item = rows.item(index)
            if not (item is None or isinstance(item, (Real, np.bool))):
                found = f"{type(item).__name__} {item!r}" + (f" at {place(index)}" if index else "")
                raise DataError(f"{side} are not numbers", found=found, cure=cure)
    return rows.astype(np.float64)


def place(index: Sequence[int]) -> str:
    """Where in a data set an element stands."""
    if len(index) > 2:
        return f"index {tuple(map(int, index))}"
    return ", ".join(f"{axis} {number}" for axis, number in zip(("row", "column"), index, strict=False))


def mending(found: Sequence[int], expected: tuple[int, ...]) -> str:
    """What to do about rows of another shape, as the end of a sentence."""
    if tuple(found) == expected:
        return "; for a single sample write [x]"
    if len(found) == 2 and tuple(found[:1]) == expected:
        return ": turn the data around, data.T"
    return f", {'×'.join(map(str, expected))} number{'s' * (expected != (1,))} in each"


def checked_shape(shape: tuple[int, ...], name: str) -> tuple[int, ...]:
    """Return a shape as it is; raise ShapeError for one without elements."""
    if min(shape, default=1) < 1:
        raise ShapeError("a shape without elements", node=name, found=shape, expected="axes of length 1 or more")
    return shape


def checked_value(value: Any, name: str) -> Any:
    """Return the value of a leaf as a float or a float64 array of its own; raise OperandError for what is no number."""
    if type(value) is float:
        return value
    try:
        if isinstance(value, (int, float)):
            return float(value)
        array = np.multiply(np.asarray(value), 1.0, dtype=np.float64)  # undefined for text, None and complex numbers
    except (TypeError, ValueError, OverflowError) as error:
        raise not_a_number(value, name, "a number or an array of numbers") from error
    return array.item() if array.ndim == 0 else array


def numeric_operand(value: Any, name: str) -> np.ndarray:
    """Return a number, or numbers in an array or a list, as NumPy has them; raise OperandError for anything else."""
    try:
        array = np.asarray(value)
        if array.dtype == object and all(isinstance(item, Real) for item in array.flat):
            array = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise not_a_number(value, name) from error
    if array.dtype.kind not in "biufc":
        raise not_a_number(value, name)
    return array


def not_a_number(
    value: Any, name: str | None = None, expected: str = "a number, an array of numbers or a node"
) -> OperandError:
    """Return the error for an operand that is no number."""
    found = f"{type(value).__name__} {value!r}"
    return OperandError("not a number", node=name, found=found[:100], expected=expected)


def as_list(items: Any, role: str) -> list[Any]:
    """Return what a list, a tuple, a generator or an array holds; raise OperandError for a single thing."""
    try:
        return list(items)
    except TypeError as error:
        raise OperandError(f"{role} come as a list", found=repr(items), cure=f"Write [{role}].") from error
