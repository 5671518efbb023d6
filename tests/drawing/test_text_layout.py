"""Notation is Unicode text; its pieces are letters, digits and indices with positions of their own."""

import pytest
from hypothesis import given, strategies as st

from minigrad.drawing.text_layout import Face, bold, label, lay_out_line, line_width, notation, plain_text, words


def pieces_of(text):
    pieces, _ = lay_out_line(notation(text))
    return [(piece.text, piece.face, piece.scale < 1, round(piece.y, 2)) for piece in pieces]


def test_letters_lean_and_indices_are_small():
    assert pieces_of("w₁₂⁽¹⁾") == [
        ("w", Face.SERIF_ITALIC, False, 0.0),
        ("12", Face.SERIF, True, 0.26),
        ("(1)", Face.SERIF, True, -0.42),
    ]


def test_a_superscript_stands_above_the_subscript_before_it():
    pieces, width = lay_out_line(notation("s₁⁽²⁾x"))
    subscript, superscript, letter = pieces[1:]
    assert subscript.x == superscript.x
    assert letter.x > superscript.x
    assert width > letter.x


@pytest.mark.parametrize("text", ["w₁₀,₂⁽¹⁾", "w₁₂⁽⁰,²⁾"])
def test_a_comma_between_indices_is_part_of_them(text):
    assert [scale for _, _, scale, _ in pieces_of(text)] == [False, True, True]


def test_index_letters_lean():
    assert pieces_of("wᵢⱼ")[1:] == [("ij", Face.SERIF_ITALIC, True, 0.26)]


def test_numbers_and_words_are_sans():
    texts = {text.strip(): face for text, face, _, _ in pieces_of("tanh(s) = −0.6785")}
    assert texts["tanh"] is Face.SANS
    assert texts["−0.6785"] is Face.SANS
    assert texts["s"] is Face.SERIF_ITALIC


def test_names_stay_as_typed():
    assert plain_text(label("h1.w1")) == "h1.w1"
    assert label("h1.w1") == words("h1.w1")
    assert label("w₁") == notation("w₁")


def test_bold_is_wider():
    assert line_width(bold("products"), 12) > line_width(words("products"), 12)


@given(st.text(max_size=30))
def test_pieces_hold_every_character_within_the_width(text):
    pieces, width = lay_out_line(notation(text))
    assert width >= 0
    assert len("".join(piece.text for piece in pieces).replace(" ", "")) <= len(text)
    assert all(piece.x <= width + 1e-9 for piece in pieces)


def test_exponents_of_bold_numbers_are_raised():
    pieces, _ = lay_out_line(bold("⟨−1×10⁻³⟩ x⁽²⁾"))
    assert [piece.text for piece in pieces if piece.y < 0] == ["−3"]
