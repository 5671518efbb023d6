"""Training data: what is accepted as rows of numbers, what is refused, and where the fault stands."""

import datetime as dt
import fractions
import re

import numpy as np
import pytest

import minigrad as mg
from minigrad._validation import finite_array, numeric_array
from minigrad.errors import DataError
from minigrad.training.data import Columns, as_targets


class Frame:
    """A table of another library, which offers itself as an array."""

    def __init__(self, rows):
        self.rows = np.asarray(rows)

    def __array__(self, dtype=None, copy=None):
        return self.rows if dtype is None else self.rows.astype(dtype)


def scalars(count):
    return [mg.Input(f"x{number}") for number in range(count)]


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


def test_data_is_not_changed():
    data = np.array(ROWS, np.float64)
    columns = Columns(scalars(2), data, "samples")
    columns.rows[0, 0] = 7.0
    assert data[0, 0] == 0.0


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


def test_columns_feed_scalar_nodes_in_order():
    x = scalars(2)
    columns = Columns(x, ROWS, "samples")
    assert len(columns) == 3
    assert columns.sample(1) == {x[0]: 2.0, x[1]: 3.0}
    assert all(type(value) is float for value in columns.sample(1).values())
    batch = columns.batch(np.array([2, 0]))
    np.testing.assert_array_equal(batch[x[0]], [4.0, 0.0])
    np.testing.assert_array_equal(batch[x[1]], [5.0, 1.0])


def test_an_array_valued_node_takes_the_rows_whole():
    x = mg.Input("x", 2)
    columns = Columns([x], ROWS, "samples")
    np.testing.assert_array_equal(columns.sample(1)[x], [2.0, 3.0])
    np.testing.assert_array_equal(columns.batch(np.array([2, 0]))[x], [[4.0, 5.0], [0.0, 1.0]])


@pytest.mark.parametrize("nodes", [scalars(1), [mg.Input("x", 1)]], ids=["scalar", "array of one"])
def test_a_plain_list_is_one_column(nodes):
    columns = Columns(nodes, [1, 2, 3], "samples")
    assert columns.rows.shape == (3, 1)


@pytest.mark.parametrize(
    ("nodes", "data", "expected"),
    [
        (scalars(2), np.ones((4, 3)), "found shape \\(4, 3\\), expected \\(samples, 2\\).*, 2 numbers in each"),
        (scalars(1), np.ones((4, 3)), "expected \\(samples, 1\\).*, 1 number in each"),
        (scalars(2), [1, 2], "found shape \\(2,\\).*write \\[x\\]"),
        (scalars(2), np.ones((2, 9)), "found shape \\(2, 9\\).*turn the data around, data.T"),
        (scalars(2), np.ones((4, 2, 1)), "\\(4, 2, 1\\)"),
        ([mg.Input("x", 3)], np.ones((4, 2)), "expected \\(samples, 3\\)"),
        ([mg.Input("x", (2, 3))], np.ones((4, 6)), "expected \\(samples, 2, 3\\)"),
    ],
)
def test_another_width_is_refused(nodes, data, expected):
    with pytest.raises(DataError, match=r"samples do not fit the network.*One row per sample") as caught:
        Columns(nodes, data, "samples")
    assert re.search(expected, str(caught.value))


@pytest.mark.parametrize(
    "labels", [[0, 2, 1], [0.0, 2.0, 1.0], [[0], [2], [1]], np.array([0, 2, 1], np.uint8), Frame([0, 2, 1])]
)
@pytest.mark.parametrize("nodes", [scalars(3), [mg.Input("t", 3)]], ids=["scalars", "array"])
def test_labels_become_one_hot_rows(nodes, labels):
    np.testing.assert_array_equal(as_targets(nodes, labels), np.eye(3)[[0, 2, 1]])


def test_one_output_takes_numbers_as_they_are():
    np.testing.assert_array_equal(as_targets(scalars(1), [0.5, -7]), [0.5, -7.0])
    np.testing.assert_array_equal(as_targets([mg.Input("t", 1)], [0.5, -7]), [0.5, -7.0])
    np.testing.assert_array_equal(as_targets(scalars(2), ROWS), ROWS)


@pytest.mark.parametrize(
    ("labels", "found"),
    [([0, 1, 3], "3 at row 2"), ([0, -1], "-1 at row 1"), ([0.5, 1], "0.5 at row 0"), ([1e300], "1e\\+300 at row 0")],
)
def test_a_label_out_of_range_is_named(labels, found):
    with pytest.raises(DataError, match=f"label out of range; found {found}, expected a whole number from 0 to 2"):
        as_targets(scalars(3), labels)
