"""Numbers in pictures: rounded truly, and written with the textbook's signs."""

import math

import pytest
from hypothesis import given, strategies as st

from minigrad.drawing.numbers import (
    format_computed,
    format_factor,
    format_given,
    format_product,
    format_sum,
    largest_magnitude,
    rounded,
    write_decimal,
)
from tests.drawing.equations import Range, agree, printed_range


@pytest.mark.parametrize(
    ("number", "computed", "short"),
    [
        (0.07, "0.07000", "0.07"),
        (1.07, "1.070", "1.07"),
        (-0.93, "−0.9300", "−0.93"),
        (0.1 + 0.2, "0.3000", "0.3"),
        (0.80004, "0.8000", "0.8000"),
        (0.12345678, "0.1235", "0.1235"),
        (1.234e-5, "1.234×10⁻⁵", "1.234×10⁻⁵"),
        (0.0001234, "0.0001234", "0.0001234"),
        (9999.6, "1.000×10⁴", "1.000×10⁴"),
        (1234567.0, "1.235×10⁶", "1234567"),
        (-12.0, "−12.00", "−12"),
        (1e22, "1.000×10²²", "1×10²²"),
        (0.0, "0", "0"),
        (-0.0, "0", "0"),
        (math.nan, "NaN", "NaN"),
        (-math.inf, "−∞", "−∞"),
        (None, "—", "—"),
    ],
)
def test_computed_numbers_have_all_their_digits_and_others_those_they_need(number, computed, short):
    assert (format_computed(number), format_given(number)) == (computed, short)


@given(st.floats(-1e300, 1e300), st.integers(4, 17))
def test_what_is_printed_stands_for_the_number(number, digits):
    for write in (format_computed, format_given):
        shown = printed_range(write(number, digits))
        assert shown is not None
        slack = 1e-12 * abs(number)
        assert agree(Range(shown.low - slack, shown.high + slack), Range(number, number))


def test_digits_can_be_chosen():
    assert format_computed(1.0 / 3.0, 2) == "0.33"
    assert format_computed(123.4, 2) == "1.2×10²"
    assert format_given(0.125, 2) == "0.12"


def test_negative_numbers_in_products_and_sums_stand_in_parentheses():
    assert format_factor("−0.5") == "(−0.5)"
    assert format_product(["0.8", "−0.5"]) == "0.8 · (−0.5)"
    assert format_sum(["−0.8", "−0.5", "2"]) == "−0.8 + (−0.5) + 2"


def test_the_largest_magnitude_is_of_the_numbers_that_are_known_and_finite():
    assert largest_magnitude([math.nan, -3.0, None, math.inf, 2.0]) == 3.0
    assert largest_magnitude([]) == 0.0
    assert largest_magnitude(iter([None])) == 0.0


@given(st.floats(allow_nan=False, allow_infinity=False).filter(bool), st.integers(1, 17))
def test_the_short_way_to_a_text_gives_the_text_of_the_decimal_number(number, digits):
    assert format_computed(number, digits) == write_decimal(rounded(number, digits), digits)
