"""Settings and arrays that a caller passes, checked in one place: integers, numbers, seeds, rows of numbers."""

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


def impossible_setting(name: str, value: Any, expected: str) -> SettingError:
    """Return the error for a setting that cannot be."""
    return SettingError("an impossible setting", node=name, found=repr(value), expected=expected)


def check_integer(value: Any, name: str, least: int) -> int:
    """Return an integer setting; raise SettingError for one below `least` and for what is no integer."""
    try:
        number = index(value)
    except TypeError:
        number = least - 1
    if number < least:
        raise impossible_setting(name, value, f"a whole number of at least {least}")
    return number


def check_bool(value: Any, name: str) -> bool:
    """Return a setting that is True or False; raise SettingError for any other."""
    if not isinstance(value, (bool, np.bool)):
        raise impossible_setting(name, value, "True or False")
    return bool(value)


def check_number(value: Any, name: str, below: float = inf) -> None:
    """Raise SettingError unless a setting is a number of at least 0 and less than `below`."""
    if not (isinstance(value, Real) and 0 <= float(value) < below):
        upper = "" if isinf(below) else f" and below {below:g}"
        raise impossible_setting(name, value, f"a finite number of at least 0{upper}")


def check_dtype(dtype: Any) -> np.dtype:
    """Return float32 or float64; raise SettingError for another type."""
    try:
        result = np.dtype(dtype)
    except (TypeError, ValueError):
        result = np.dtype(object)
    if dtype is None or result not in (np.float32, np.float64):
        raise impossible_setting("dtype", dtype, "numpy.float64 or numpy.float32")
    return result


def as_tuple(value: Any, types: tuple[type, ...], name: str, expected: str) -> tuple[Any, ...]:
    """Return one object of some types, or an iterable, as a tuple; raise SettingError for what is neither."""
    if isinstance(value, types):
        return (value,)
    if not isinstance(value, Iterable):
        raise impossible_setting(name, value, expected)
    return tuple(value)


def make_generator(seed: Any) -> np.random.Generator:
    """Return the random generator of a seed, or a generator as it is; raise SettingError for what is neither."""
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise SettingError(
            "a seed that cannot be used",
            found=repr(seed),
            expected="a whole number of at least 0, a numpy.random.Generator or None",
        ) from error


def finite_array(data: Any, name: str) -> np.ndarray:
    """Return data as a float64 array; raise DataError where it is empty or holds anything but finite numbers."""
    rows = numeric_array(data, name)
    if rows.ndim == 0 or rows.size == 0:
        raise DataError(f"{name} hold no sample", found=f"shape {rows.shape}", expected="one row per sample")
    is_invalid = ~np.isfinite(rows)
    if is_invalid.any():
        raise DataError(
            f"{name} hold a value that is not finite",
            found=describe_first(rows, is_invalid),
            expected="finite numbers",
            cure="Drop or fill such samples first.",
        )
    return rows


def numeric_array(data: Any, name: str) -> np.ndarray:
    """Return data as a float64 array, NaN for a missing value; raise DataError for anything but rows of numbers."""
    cure = "Pass a list of rows or an array; encode categories as numbers, and unfold what is sparse by .toarray()."
    try:
        rows = np.asarray(data)
    except ValueError as error:
        raise DataError(f"{name} are not rows of one length", found=str(error).rstrip("."), cure=cure) from error
    if np.ma.is_masked(data):
        rows = rows.astype(object)
        rows[np.ma.getmaskarray(data)] = None
    if rows.dtype.kind not in "biuf":  # an array of objects may hold numbers all the same
        for position in np.ndindex(rows.shape):
            item = rows.item(position)
            if not (item is None or isinstance(item, (Real, np.bool))):
                where = f" at {describe_position(position)}" if position else ""
                raise DataError(f"{name} are not numbers", found=f"{type(item).__name__} {item!r}{where}", cure=cure)
    return rows.astype(np.float64)


def describe_first(rows: np.ndarray, mask: np.ndarray) -> str:
    """Describe the first element for which a mask is true, where it is, and how many there are."""
    positions = np.argwhere(mask)
    count = f" ({len(positions)} such values)" if len(positions) > 1 else ""
    return f"{rows[tuple(positions[0])]} at {describe_position(positions[0])}{count}"


def describe_position(position: Sequence[int]) -> str:
    """Describe where in a data set an element is, by row and column."""
    if len(position) > 2:
        return f"index {tuple(map(int, position))}"
    return ", ".join(f"{axis} {number}" for axis, number in zip(("row", "column"), position, strict=False))


def describe_mismatch(shape: Sequence[int], expected: tuple[int, ...]) -> str:
    """Return, as the end of a sentence, what to do about data of another shape than one sample's `expected`."""
    if tuple(shape) == expected:
        return "; for a single sample write [x]"
    if len(shape) == 2 and tuple(shape[:1]) == expected:
        return ": turn the data around, data.T"
    return f", {'×'.join(map(str, expected))} number{'s' * (expected != (1,))} in each"


def checked_shape(shape: tuple[int, ...], name: str) -> tuple[int, ...]:
    """Return a shape as it is; raise ShapeError for one without elements."""
    if min(shape, default=1) < 1:
        raise ShapeError("a shape without elements", node=name, found=shape, expected="axes of length 1 or more")
    return shape


def checked_value(value: Any, name: str) -> Any:
    """Return the value of a leaf as a float or a read-only float64 array of its own.

    Raises OperandError for what is no number.
    """
    if type(value) is float:
        return value
    try:
        if isinstance(value, (int, float)):
            return float(value)
        array = np.multiply(np.asarray(value), 1.0, dtype=np.float64)  # undefined for text, None and complex numbers
    except (TypeError, ValueError, OverflowError) as error:
        raise not_a_number(value, name, "a number or an array of numbers") from error
    if array.ndim == 0:
        return array.item()
    array.flags.writeable = False
    return array


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


def broadcast_shape(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that shapes broadcast to; raise ValueError where they do not."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise ValueError(f"{' and '.join(map(str, shapes))} do not broadcast") from None


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of a number, a nested list, an array or a node; raise OperandError for what has none."""
    if isinstance(value, (int, float, complex)):
        return ()
    try:
        shape: tuple[int, ...] = np.shape(value) if isinstance(value, (list, tuple)) else value.shape
    except (AttributeError, ValueError) as error:
        raise not_a_number(value) from error
    return shape
