"""Settings and arrays that a caller passes, checked in one place: integers, numbers, seeds, rows of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from math import inf, isfinite, isinf, isnan, nan, prod
from numbers import Real
from operator import index
from typing import Any, TypeAlias

import numpy as np

from minigrad._format import describe_value
from minigrad.errors import DataError, OperandError, SettingError, ShapeError

FLOAT64 = np.dtype(np.float64)
MAX_AXES = 31
"""How many axes an array may have: NumPy broadcasts up to 32, and one for a batch is left."""
MAX_ELEMENTS = 2**48
"""How many elements a shape may have; no memory holds more."""
FEW_NUMBERS = 2048
"""Below how many numbers a check of an array costs little more than calling NumPy."""

Seed: TypeAlias = "int | np.random.Generator | None"
"""Where random numbers come from: a generator, a seed for one, or None for a new one each time."""


def impossible_setting(name: str, value: Any, expected: str) -> SettingError:
    """Return the error for a setting that cannot be."""
    return SettingError("an impossible setting", node=name, found=describe_value(value), expected=expected)


def check_integer(value: Any, name: str, least: int, most: int | None = None) -> int:
    """Return an integer setting; raise SettingError for one below `least` or above `most`, and for what is none."""
    try:
        number = least - 1 if isinstance(value, (bool, np.bool)) else index(value)
    except TypeError:
        number = least - 1
    if number < least or (most is not None and number > most):
        upper = "" if most is None else f" and at most {most:,}"
        raise impossible_setting(name, value, f"a whole number of at least {least}{upper}")
    return number


def check_bool(value: Any, name: str) -> bool:
    """Return a setting that is True or False; raise SettingError for any other."""
    if not isinstance(value, (bool, np.bool)):
        raise impossible_setting(name, value, "True or False")
    return bool(value)


def check_number(value: Any, name: str, below: float = inf) -> float:
    """Return a setting that is a number of at least 0 and less than `below`; raise SettingError for any other."""
    number = float_or_nan(value)
    if not 0 <= number < below:
        upper = "" if isinf(below) else f" and below {below:g}"
        raise impossible_setting(name, value, f"a finite number of at least 0{upper}")
    return number


def as_number(value: Any, name: str) -> float:
    """Return a setting that is a number, maybe infinite; raise SettingError for any other."""
    number = float_or_nan(value)
    if isnan(number):
        raise impossible_setting(name, value, "a number")
    return number


def float_or_nan(value: Any) -> float:
    """Return a real number as a float, NaN for anything else and for what is too large."""
    try:
        return float(value) if is_number(value) else nan
    except OverflowError:
        return nan


def as_finite_number(value: Any, name: str) -> float:
    """Return a setting that is a finite number; raise SettingError for any other."""
    number = as_number(value, name)
    if isinf(number):
        raise impossible_setting(name, value, "a finite number")
    return number


def is_number(value: Any) -> bool:
    """Return whether an object is a real number and no truth value."""
    return isinstance(value, Real) and value is not True and value is not False


def check_dtype(dtype: Any) -> np.dtype:
    """Return float32 or float64; raise SettingError for another type."""
    try:
        result = np.dtype(dtype)
    except (TypeError, ValueError, RecursionError):
        result = np.dtype(object)
    if dtype is None or result not in (np.float32, np.float64):
        raise impossible_setting("dtype", dtype, "numpy.float64 or numpy.float32")
    return result


def check_text(value: Any, name: str) -> str:
    """Return a setting that is text; raise SettingError for any other."""
    if not isinstance(value, str):
        raise impossible_setting(name, value, "text")
    return value


def as_tuple(value: Any, types: tuple[type, ...], name: str, expected: str) -> tuple[Any, ...]:
    """Return one object of some types, or an iterable, as a tuple; raise SettingError for what is neither."""
    if isinstance(value, types):
        return (value,)
    items = tuple(value) if isinstance(value, Iterable) else (None,)
    if not all(isinstance(item, types) for item in items):
        raise impossible_setting(name, value, expected)
    return items


def make_generator(seed: Any) -> np.random.Generator:
    """Return the random generator of a seed, or a generator as it is; raise SettingError for what is neither.

    NumPy is asked only about what it takes: it converts whatever else it gets, however deep, until Python ends.
    """
    if not (seed is None or isinstance(seed, (np.random.Generator, np.random.BitGenerator, np.random.SeedSequence))):
        expected = "a whole number of at least 0, a numpy.random.Generator or None"
        try:
            seed = check_integer(seed, "seed", 0)
        except SettingError:
            raise SettingError("a seed that cannot be used", found=describe_value(seed), expected=expected) from None
    return np.random.default_rng(seed)


def finite_array(data: Any, name: str, dtype: Any = np.float64, *, copy: bool = True) -> np.ndarray:
    """Return data as `numeric_array` does; raise DataError where it is empty or holds anything but finite numbers."""
    rows = numeric_array(data, name, dtype, copy=copy)
    if rows.ndim == 0 or rows.size == 0:
        raise DataError(f"{name} hold no sample", found=f"shape {rows.shape}", expected="one row per sample")
    if rows.size < FEW_NUMBERS:  # for which switching warnings off takes longer than what `all_finite` saves
        is_finite = np.isfinite(rows).all()
    else:
        with np.errstate(all="ignore"):
            is_finite = all_finite(rows)
    if not is_finite:
        raise DataError(
            f"{name} hold a value that is not finite",
            found=describe_first(rows, ~np.isfinite(rows)),
            expected="finite numbers",
            cure="Drop or fill such samples first.",
        )
    return rows


def all_finite(rows: np.ndarray) -> bool:
    """Return whether all numbers of an array are finite; NumPy's warnings of overflow are to be switched off."""
    return (rows.flags.c_contiguous and has_finite_squares(rows.reshape(-1))) or bool(np.isfinite(rows).all())


def has_finite_squares(vector: np.ndarray) -> bool:
    """Return whether the sum of the squares of some numbers is finite; if it is, all of the numbers are.

    This takes no array of truth values. NumPy's warnings of overflow are to be switched off.
    """
    return isfinite(vector.dot(vector))


def numeric_array(data: Any, name: str, dtype: Any = np.float64, *, copy: bool = True) -> np.ndarray:
    """Return data in float64, NaN for a missing value; raise DataError for anything but rows of numbers.

    An array that has the given `dtype` already, such as float32, keeps it. Without `copy` an array of float64 or of
    that type is returned as it is.
    """
    if type(data) is np.ndarray and data.dtype in (np.float64, dtype):
        return data.copy("K") if copy else data
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
                raise DataError(
                    f"{name} are not numbers", found=f"{type(item).__name__} {describe_value(item)}{where}", cure=cure
                )
    try:
        return rows.astype(dtype if rows.dtype == dtype else np.float64)
    except OverflowError as error:
        raise DataError(f"{name} hold a number that is too large", found=describe_value(data), cure=cure) from error


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
    """Return a shape as it is; raise ShapeError for one without elements, and for one that NumPy cannot have."""
    if min(shape, default=1) < 1:
        raise ShapeError("a shape without elements", node=name, found=shape, expected="axes of length 1 or more")
    if len(shape) > MAX_AXES:
        raise ShapeError("too many axes", node=name, found=len(shape), expected=f"{MAX_AXES} at most")
    return shape


def requested_shape(shape: Any, name: str) -> tuple[int, ...]:
    """Return the shape that a caller asks for, a length or a list of them; raise ShapeError for an impossible one."""
    checked = checked_shape(whole_numbers(shape, "shape"), name)
    if prod(checked) > MAX_ELEMENTS:
        raise ShapeError("a shape too large for an array", node=name, found=describe_value(shape))
    return checked


def whole_numbers(value: Any, name: str, *, single: bool = True) -> tuple[int, ...]:
    """Return a shape or axes as a tuple of integers, also of one integer; raise ShapeError for anything else."""
    if type(value) is int and single:
        return (value,)
    try:
        items = (index(value),) if single and not isinstance(value, (Sequence, np.ndarray)) else tuple(value)
        if isinstance(value, (str, bytes)) or any(isinstance(item, (bool, np.bool)) for item in items):
            raise TypeError
        return tuple(map(index, items))
    except TypeError:
        found, expected = describe_value(value), "a whole number, or a list of them"
        raise ShapeError("not whole numbers", node=name, found=found, expected=expected) from None


def checked_value(value: Any, name: str) -> Any:
    """Return the value of a leaf as a float or a read-only float64 array of its own.

    Raises OperandError for what is no number.
    """
    if type(value) is float:
        return value
    if isinstance(value, np.ndarray) and type(value) is not np.ndarray:
        check_unmasked(value, name)
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
    if isinstance(value, np.ndarray) and type(value) is not np.ndarray:
        check_unmasked(value, name)
    try:
        array = np.asarray(value)
        if array.dtype == object and all(isinstance(item, Real) for item in array.flat):
            array = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise not_a_number(value, name) from error
    if array.dtype.kind not in "biufc":
        raise not_a_number(value, name)
    if array.ndim > MAX_AXES:
        raise ShapeError("too many axes", node=name, found=array.ndim, expected=f"{MAX_AXES} at most")
    return array.astype(np.float64) if array.dtype.kind == "b" else array


def check_unmasked(value: Any, name: str) -> None:
    """Raise OperandError for an array in which numbers are masked: they would count as if they were not."""
    if np.ma.is_masked(value):
        cure = "Fill its gaps, value.filled(…), or leave them out, value.compressed()."
        raise OperandError("a masked array", node=name, found=f"shape {value.shape}", cure=cure)


def not_a_number(
    value: Any, name: str | None = None, expected: str = "a number, an array of numbers or a node"
) -> OperandError:
    """Return the error for an operand that is no number."""
    found = f"{type(value).__name__} {describe_value(value)}"
    return OperandError("not a number", node=name, found=found, expected=expected)


def as_list(items: Any, role: str) -> list[Any]:
    """Return what a list, a tuple, a generator or an array holds; raise OperandError for anything else.

    A set has no order, and a dictionary or a text holds no operands.
    """
    if type(items) is list or type(items) is tuple:
        return [*items]
    try:
        if isinstance(items, (Set, Mapping, str, bytes)):
            raise TypeError
        return list(items)
    except TypeError as error:
        raise OperandError(f"{role} come as a list", found=describe_value(items), cure=f"Write [{role}].") from error


def broadcast_shape(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that shapes broadcast to; raise ValueError where they do not."""
    try:
        return np.broadcast_shapes(*shapes)
    except (ValueError, RuntimeError):  # NumPy broadcasts up to 32 axes
        raise ValueError(f"{' and '.join(map(str, shapes))} do not broadcast") from None


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of a number, a nested list, an array or a node; raise OperandError for what has none."""
    if isinstance(value, (int, float, complex)):
        return ()
    try:
        shape: tuple[int, ...] = np.shape(value) if isinstance(value, (list, tuple)) else value.shape
    except (AttributeError, ValueError) as error:
        raise not_a_number(value) from error
    if not isinstance(shape, tuple):
        raise not_a_number(value)
    return shape
