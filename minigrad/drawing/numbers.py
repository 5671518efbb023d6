"""Numbers as pictures print them: rounded truly, with the textbook's signs, U+2212 for minus and 1.234×10⁻⁵."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import isclose, isfinite, isnan

import numpy as np

from minigrad._format import raised

MINUS = "−"
"""The sign of a negative number, as wide as a plus."""
UNKNOWN = "—"
"""What stands for a number that is not known."""
MOST_WHOLE = 10_000_000
"""Whole numbers below it are written with all their digits where they were given."""
LEAST_FIXED = -4
"""The exponent of ten of the smallest numbers that are written without a power of ten, as in 0.0001234."""


def format_computed(number: float | None, digits: int = 4) -> str:
    """Return a number that a pass computed, always with so many significant digits: 0.07000, −0.9300, 1.234×10⁻⁵.

    Zero is "0" only where it is exact, and "—" stands for an unknown number.
    """
    special = special_number(number)
    if special:
        return special
    text = f"{number:#.{digits}g}"  # the text of a decimal number, several times faster, but for a power of ten
    if "e" not in text:
        return text.rstrip(".").replace("-", MINUS)
    return write_decimal(rounded(number, digits), digits)


def format_given(number: float | None, digits: int = 4) -> str:
    """Return a number that was given, such as a weight, with as few digits as it needs: 0.8, −0.5; else rounded.

    Zeros at the end are left out only where nothing was rounded away, so 0.80004 is 0.8000.
    """
    special = special_number(number)
    if special:
        return special
    assert number is not None
    if number.is_integer() and abs(number) < MOST_WHOLE:
        return f"{number:.0f}".replace("-", MINUS)
    decimal = rounded(number, digits)
    if isclose(float(decimal), number, rel_tol=1e-12):
        decimal = decimal.normalize()
    return write_decimal(decimal, digits)


def format_factor(text: str) -> str:
    """Return a number that is written already as it stands within a sum or a product: a negative one in parentheses."""
    return f"({text})" if text.startswith(MINUS) else text


def format_product(factors: Iterable[str]) -> str:
    """Return a product of numbers that are written already, 0.8 · (−0.01401)."""
    return " · ".join(map(format_factor, factors))


def format_sum(terms: Iterable[str]) -> str:
    """Return a sum of numbers that are written already, 0.3200 + (−0.3500) + 0.1."""
    first, *others = terms
    return " + ".join([first, *map(format_factor, others)])


def mean_mark(text: str) -> str:
    """Return the mark of a mean over a batch, ⟨x·δ⟩."""
    return f"⟨{text}⟩"


def special_number(number: float | None) -> str:
    """Return what is written for an unknown number, for zero, and for what is no finite number; "" for any other."""
    if number is None:
        return UNKNOWN
    if isnan(number):
        return "NaN"
    if not isfinite(number):
        return "∞" if number > 0 else f"{MINUS}∞"
    return "" if number else "0"


def is_not_finite(text: str) -> bool:
    """Return whether a number that is written already is NaN or infinite, on its own or as a mean."""
    return text.strip("⟨⟩−") in {"NaN", "∞"}


def rounded(number: float | None, digits: int) -> Decimal:
    """Return a number rounded to so many significant digits, zeros at the end kept."""
    return Decimal(f"{number:.{digits - 1}e}")


def write_decimal(decimal: Decimal, digits: int) -> str:
    """Return a decimal number with all its digits; times a power of ten where it is very large or small."""
    exponent = decimal.adjusted()
    if LEAST_FIXED <= exponent < digits:
        return f"{decimal:f}".replace("-", MINUS)
    return f"{decimal.scaleb(-exponent):f}×10{raised(exponent)}".replace("-", MINUS)


def largest_magnitude(numbers: Iterable[float | None]) -> float:
    """Return the largest finite |number|, 0 where there is none; numbers that are not known are None."""
    array = numbers if isinstance(numbers, np.ndarray) else list(numbers)
    magnitudes = np.abs(np.asarray(array, float))
    return float(magnitudes[np.isfinite(magnitudes)].max(initial=0.0))
