"""Settings that a caller gives, checked once: whole numbers, rates, seeds."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isinf
from numbers import Real
from operator import index
from typing import Any, TypeAlias

import numpy as np

from minigrad.errors import SettingError

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
