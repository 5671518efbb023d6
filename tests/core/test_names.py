"""How values and long rows of nodes are written."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad._format import format_number, list_labels


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        (0.0, "0"),
        (1.0, "1"),
        (-0.123456, "-0.1235"),
        (123456.0, "1.235e+05"),
        (np.nan, "nan"),
        (-np.inf, "-inf"),
        (np.zeros((2, 3)), "array(2, 3)"),
    ],
)
def test_values_for_people(value: object, text: str) -> None:
    assert format_number(value) == text


def test_more_digits_on_demand() -> None:
    assert format_number(1 / 3, digits=10) == "0.3333333333"


def test_long_rows_are_cut_in_the_middle() -> None:
    nodes = [mg.Parameter(0.0, f"w{k}") for k in range(20)]
    assert list_labels(nodes[:8]) == "w0, w1, w2, w3, w4, w5, w6, w7"
    assert list_labels(nodes) == "w0, w1, w2, w3, w4, w5, …, w19"
    assert list_labels([]) == ""
