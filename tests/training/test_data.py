"""Training data: what is accepted as rows of numbers, what is refused, and where the fault stands."""

import re

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import DataError
from minigrad.training.data import Columns


def scalars(count):
    return [mg.Input(f"x{number}") for number in range(count)]


ROWS = [[0, 1], [2, 3], [4, 5]]


def test_data_is_not_changed():
    data = np.array(ROWS, np.float64)
    columns = Columns(scalars(2), data, "samples")
    columns.rows[0, 0] = 7.0
    assert data[0, 0] == 0.0


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
