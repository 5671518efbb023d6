"""Settings and arrays of a caller: what is accepted, what is refused, and where the fault is."""

import datetime as dt
import fractions

import numpy as np
import pytest

from minigrad._validation import (
    as_tuple,
    check_integer,
    check_number,
    describe_mismatch,
    describe_position,
    finite_array,
    make_generator,
    numeric_array,
)
from minigrad.errors import DataError, SettingError


class Frame:
    """A table of another library, which offers itself as an array."""

    def __init__(self, rows):
        self.rows = np.asarray(rows)

    def __array__(self, dtype=None, copy=None):
        return self.rows if dtype is None else self.rows.astype(dtype)


ROWS = [[0, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize(
    "data",
    [
        ROWS,
        tuple(map(tuple, ROWS)),
        [np.array(row) for row in ROWS],
        np.array(ROWS, np.uint8),
        np.array(ROWS, np.float32),
        np.array(ROWS, np.float64, order="F"),
        np.array(ROWS, object),
        [[fractions.Fraction(number) for number in row] for row in ROWS],
        Frame(ROWS),
        memoryview(np.array(ROWS)),
    ],
    ids=lambda data: type(data).__name__,
)
def test_anything_that_is_rows_of_numbers_is_data(data):
    rows = finite_array(data, "samples")
    assert rows.dtype == np.float64
    np.testing.assert_array_equal(rows, ROWS)


def test_truth_values_count_as_0_and_1():
    np.testing.assert_array_equal(finite_array([[True, False]], "samples"), [[1.0, 0.0]])
    np.testing.assert_array_equal(finite_array(np.array([[np.True_, 2]], object), "samples"), [[1.0, 2.0]])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "samples hold no sample; found shape \\(0,\\)"),
        (np.zeros((0, 2)), "hold no sample"),
        (np.zeros((2, 0)), "hold no sample"),
        (3.0, "hold no sample; found shape \\(\\)"),
        ([[1, 2], [3]], "not rows of one length"),
        ([[1, 2], "ab"], "not rows of one length"),
        ([["a", "b"]], "found str 'a' at row 0, column 0"),
        ([["1", "2"]], "found str '1'"),
        (np.array([[1, "b"]], object), "found str 'b' at row 0, column 1"),
        ([["1", None]], "found str '1'"),
        ([b"a"], "found bytes"),
        (np.ones((2, 2)) * 1j, "found complex 1j"),
        (np.array([[1, 2j]], object), "found complex 2j at row 0, column 1"),
        (np.array([["2020-01-01"]], "datetime64[D]"), "found date datetime.date"),
        ([[dt.date(2020, 1, 1)]], "found date datetime.date"),
        ({"x1": [1]}, "found dict"),
        ((row for row in ROWS), "found generator"),
        (zip(*ROWS, strict=True), "found zip"),
        (None, "hold no sample"),
        ([[0, 1], [np.nan, 3]], "found nan at row 1, column 0, expected finite numbers"),
        ([[0, 1], [2, -np.inf]], "found -inf at row 1, column 1"),
        ([[0, None], [None, 1]], "found nan at row 0, column 1 \\(2 such values\\)"),
        (np.full((2, 1, 1), np.nan), "at index \\(0, 0, 0\\)"),
        ([1.0, np.inf], "at row 1"),
        (np.ma.masked_equal([[0, 1], [2, 3]], 2), "found nan at row 1, column 0"),
    ],
)
def test_what_is_not_data_is_refused_with_its_place(data, words):
    with pytest.raises(DataError, match=words):
        finite_array(data, "samples")


def test_numeric_leaves_gaps_to_the_caller():
    assert np.isnan(numeric_array([[1, None]], "samples")[0, 1])


def test_an_integer_is_anything_that_counts():
    assert check_integer(np.int8(3), "epochs", 1) == 3
    for value in (0, 2.0, "3", None):
        with pytest.raises(SettingError, match=r"epochs: an impossible setting; .*a whole number of at least 1"):
            check_integer(value, "epochs", 1)


def test_a_number_has_bounds():
    check_number(np.float32(0.5), "rate", below=1)
    for value in (-0.1, 1, np.nan, "0.5", None):
        with pytest.raises(SettingError, match=r"rate: an impossible setting.*at least 0 and below 1"):
            check_number(value, "rate", below=1)
    with pytest.raises(SettingError, match="a finite number of at least 0"):
        check_number(np.inf, "rate")


def test_one_or_several_become_a_tuple():
    assert as_tuple("a", (str,), "names", "names") == ("a",)
    assert as_tuple(iter("ab"), (str,), "names", "names") == ("a", "b")
    with pytest.raises(SettingError, match="names: an impossible setting"):
        as_tuple(iter("ab"), (int,), "names", "names")
    with pytest.raises(SettingError, match="names: an impossible setting; found 5, expected names"):
        as_tuple(5, (str,), "names", "names")


def test_a_generator_is_used_as_it_is():
    rng = np.random.default_rng(0)
    assert make_generator(rng) is rng
    assert make_generator(3).random() == make_generator(3).random()
    with pytest.raises(SettingError, match="a seed that cannot be used"):
        make_generator("seed")


def test_positions_and_mismatches_are_described():
    assert describe_position((1,)) == "row 1"
    assert describe_position((1, 2)) == "row 1, column 2"
    assert describe_position((1, 2, 3)) == "index (1, 2, 3)"
    assert describe_mismatch((2,), (2,)) == "; for a single sample write [x]"
    assert describe_mismatch((2, 9), (2,)) == ": turn the data around, data.T"
    assert describe_mismatch((4, 3), (1,)) == ", 1 number in each"
