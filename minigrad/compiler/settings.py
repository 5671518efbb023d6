"""What ops and optimizers compute by, as snapshots that tell whether what was compiled may be used again."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from types import FunctionType
from typing import Any

import numpy as np

from minigrad.ops.base import Op

PLAIN_TYPES = (type(None), bool, int, float, str, bytes, np.generic, np.dtype)
FIXED_MODULES = ("minigrad.", "abc", "builtins", "typing")
"""Where classes come from whose attributes are constants."""


class IncomparableError(Exception):
    """Settings of which cannot be told whether they changed."""


def settings_of(item: Any) -> Any:
    """Return a snapshot of the settings of an op, an optimizer or a schedule that equals another if nothing changed.

    It has the classes with their own attributes, and the values of all attributes, arrays by their content.
    Raises IncomparableError for functions, iterators and whatever else may hold state that cannot be seen.
    """
    if isinstance(item, (float, np.floating)):
        return type(item), number_key(item)
    if isinstance(item, PLAIN_TYPES):
        return type(item), item
    if isinstance(item, (tuple, list)):
        return type(item), tuple(map(settings_of, item))
    if isinstance(item, dict):
        return tuple((name, settings_of(value)) for name, value in item.items())
    if isinstance(item, np.ndarray) and not item.dtype.hasobject:
        return item.dtype.str, item.shape, item.tobytes()
    if isinstance(item, type) or (callable(item) and not isinstance(item, Op)):
        raise IncomparableError
    if is_dataclass(item) and is_fixed(type(item)):
        names = [field.name for field in fields(item)]
    elif hasattr(item, "__dict__"):
        names = [*vars(item)]
    else:
        raise IncomparableError
    return type(item), class_attributes(type(item)), tuple((name, settings_of(getattr(item, name))) for name in names)


def number_key(number: Any) -> str:
    """Return a key that the same number has, and no other: 0 and −0 are equal and not the same."""
    return float(number).hex()


def is_fixed(cls: type) -> bool:
    """Return whether a class is one of ours, whose instances do not change."""
    return cls.__module__.startswith(FIXED_MODULES)


def class_attributes(cls: type) -> Any:
    """Return the attributes of a user's class and of its bases: functions as they are, settings by their value."""
    return tuple(
        (name, value if isinstance(value, FunctionType) else attribute_settings(value))
        for base in cls.__mro__
        if not is_fixed(base)
        for name, value in vars(base).items()
        if not name.startswith("__")
    )


def attribute_settings(value: Any) -> Any:
    """Return the settings of a class attribute, or itself where it is a property or the like."""
    try:
        return settings_of(value)
    except IncomparableError:
        return value


def snapshot(items: Any) -> Any:
    """Return the settings of some ops or of an optimizer, or None where they cannot be compared."""
    try:
        return settings_of(items)
    except (IncomparableError, RecursionError):
        return None
