"""Names, numbers and lists as texts and pictures show them."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad._format import (
    count_noun,
    elide,
    format_equation,
    format_number,
    join_elided,
    list_labels,
    shorten,
    text_width,
    widest_line,
)


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
def test_a_number_is_formatted_for_people(value: object, text: str) -> None:
    assert format_number(value) == text


def test_more_digits_on_demand() -> None:
    assert format_number(1 / 3, digits=10) == "0.3333333333"


def test_the_middle_of_many_labels_is_left_out() -> None:
    nodes = [mg.Parameter(0.0, f"w{k}") for k in range(20)]
    assert list_labels(nodes[:8]) == "w0, w1, w2, w3, w4, w5, w6, w7"
    assert list_labels(nodes) == "w0, w1, w2, w3, w4, w5, …, w19"
    assert list_labels([]) == ""


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    assert shorten("a" * 24) == "a" * 24
    assert shorten("abcdefghijklmnopqrstuvwxyz", longest=9) == "abcde…xyz"


def test_many_items_lose_their_middle() -> None:
    assert elide([1, 2, 3], 3) == [1, 2, 3]
    assert elide([1, 2, 3, 4], 3) == [1, None, 4]
    assert join_elided(["a", "b", "c", "d"], 3, " + ") == "a + … + d"


def test_equations_and_counts() -> None:
    assert format_equation("w", -0.0) == "w = 0"
    assert (count_noun(1, "weight"), count_noun(2000, "weight")) == ("1 weight", "2,000 weights")


def test_wide_characters_take_more_room() -> None:
    assert text_width("神", 10.0) > text_width("w", 10.0) > 0.0
    assert widest_line(["a", "abc"], 10.0) == text_width("abc", 10.0)
    assert widest_line([], 10.0) == 0.0


def test_unprintable_characters_become_visible() -> None:
    assert shorten("a\nb\r\x00\x1b\u2028") == "a↵b↵␀␛↵"
    assert shorten("\ud800\uffff") == "\N{REPLACEMENT CHARACTER}" * 2
