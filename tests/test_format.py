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
    printable,
    shorten,
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


def test_unprintable_characters_become_visible() -> None:
    assert shorten("a\nb\r\x00\x1b\u2028") == "a↵b↵␀␛↵"
    assert shorten("abc\u202edef\u2066") == r"abc\u202edef\u2066"
    assert shorten("👩\u200d🔬 e\u0301 שלום") == "👩\u200d🔬 e\u0301 שלום"
    assert printable("a\nb\x1b[2J\u202e", "utf-8") == "a\nb␛[2J\\u202e"
    assert shorten("\ud800\uffff") == "\N{REPLACEMENT CHARACTER}" * 2


@pytest.mark.parametrize(
    ("text", "in_ascii", "in_cp1252"),
    [
        ("½Σ(ŷ−t)²", "1/2 sum(yhat-t)^2", "½ sum(yhat-t)²"),
        ("δⱼ = θ′(sⱼ)", "d_j = theta'(s_j)", "d_j = theta'(s_j)"),
        ("e⁻ˢ, w₁₁⁽¹⁾", "e^-s, w_11^(1)", "e^-s, w_11^(1)"),
        ("∂L/∂w11 = 2πx", "dL/dw11 = 2 pi x", "dL/dw11 = 2 pi x"),
        ("├─ b   ━━▶ w ≥ 0", "+- b   ==> w >= 0", "+- b   ==> w >= 0"),
        ("é 0.1 → —", "e 0.1 -> -", "é 0.1 -> —"),
        ("权", r"\u6743", r"\u6743"),
    ],
)
def test_what_an_encoding_lacks_is_spelled_out(text: str, in_ascii: str, in_cp1252: str):
    assert printable(text, "utf-8") == text
    assert printable(text, "ascii") == in_ascii
    assert printable(text, "cp1252") == in_cp1252


class Stream:
    """A standard output that can carry only ASCII."""

    encoding = "ascii"


def test_printing_asks_the_standard_output(monkeypatch: pytest.MonkeyPatch):
    loss = mg.squared_error(mg.Input("y"), mg.Input("t"), name="loss")
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", Stream())
        assert repr(loss) == "<loss loss = 1/2 sum(yhat-t)^2(y, t), value -, delta ->"
        patch.setattr("sys.stdout", None)
        assert repr(loss).endswith("delta —>")
