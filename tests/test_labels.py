"""Class labels, one-hot rows and classes: each from the others, and what is refused."""

import numpy as np
import pytest

from minigrad._labels import class_labels, encode_targets, matching_rows, one_hot, predicted_classes
from minigrad.errors import DataError
from tests.test_validation import ROWS, Frame


@pytest.mark.parametrize(
    "labels", [[0, 2, 1], [0.0, 2.0, 1.0], [[0], [2], [1]], np.array([0, 2, 1], np.uint8), Frame([0, 2, 1])]
)
def test_labels_become_one_hot_rows(labels):
    np.testing.assert_array_equal(encode_targets(labels, 3), np.eye(3)[[0, 2, 1]])


def test_one_output_takes_numbers_as_they_are():
    np.testing.assert_array_equal(encode_targets([0.5, -7], 1), [0.5, -7.0])
    np.testing.assert_array_equal(encode_targets(ROWS, 2), ROWS)


@pytest.mark.parametrize(
    ("labels", "found"),
    [([0, 1, 3], "3 at row 2"), ([0, -1], "-1 at row 1"), ([0.5, 1], "0.5 at row 0"), ([1e300], "1e\\+300 at row 0")],
)
def test_a_label_out_of_range_is_named(labels, found):
    with pytest.raises(DataError, match=f"label out of range; found {found}, expected a whole number from 0 to 2"):
        encode_targets(labels, 3)


def test_one_hot_rows_and_classes_are_inverse():
    labels = np.array([2.0, 0.0, 1.0])
    np.testing.assert_array_equal(predicted_classes(one_hot(labels, 3)), labels)
    np.testing.assert_array_equal(predicted_classes(np.array([[0.4], [0.6]])), [0, 1])
    np.testing.assert_array_equal(predicted_classes(np.array([[0.4], [-0.6]]), threshold=0.0), [1, 0])


def test_outputs_and_targets_become_rows_of_one_shape():
    outputs, targets = matching_rows([[0.9, 0.1], [0.2, 0.8]], [[0], [1]])
    assert outputs.shape == targets.shape == (2, 2)
    np.testing.assert_array_equal(targets, np.eye(2))
    for outputs, targets in (([[1.0, 0.0]], [2]), ([1.0], [1.0, 2.0]), ([], []), (["a"], ["a"]), ([np.nan], [1])):
        with pytest.raises(DataError):
            matching_rows(outputs, targets)


def test_labels_to_show_are_whole_numbers_or_the_largest_of_a_row():
    np.testing.assert_array_equal(class_labels([[0.1, 0.9], [0.8, 0.2]], "targets", 200), [1, 0])
    np.testing.assert_array_equal(class_labels([[2], [0]], "targets", 200), [2, 0])
    np.testing.assert_array_equal(class_labels([0.2, 0.7], "answers", 200, threshold=0.5), [0, 1])
    np.testing.assert_array_equal(class_labels([0, 1], "answers", 200, threshold=0.5), [0, 1])
    np.testing.assert_array_equal(class_labels([-1, 1], "targets", 200), [0, 1])
    np.testing.assert_array_equal(class_labels([[-1, 0.5], [2, 2]], "answers", 200, threshold=0.5), [1, 0])
    no_classes = [0.5, 1], [-2], [-1, 0], [[1, 1, 0], [0, 0, 1]]
    for data, words in (*((data, "no classes") for data in no_classes), ([1e300], "too many classes")):
        with pytest.raises(DataError, match=words):
            class_labels(data, "targets", 200)
