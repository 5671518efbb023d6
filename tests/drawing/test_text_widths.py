"""The table of text widths: against the fonts it comes from, where they are installed, and its rules for the rest."""

from pathlib import Path

import pytest

from minigrad.drawing.text_widths import (
    FALLBACK,
    SANS,
    SANS_BOLD,
    SERIF,
    SERIF_ITALIC,
    advance,
    font_runs,
    text_width,
    widest_line,
)

FONTS = Path("/usr/share/fonts/truetype/liberation")
FACES = {"Sans-Regular": SANS, "Sans-Bold": SANS_BOLD, "Serif-Regular": SERIF, "Serif-Italic": SERIF_ITALIC}
PRINTABLE = "".join(map(chr, range(32, 127)))
OF_MATHEMATICS = "−·×½∞→←′²³…—≥≤≈ΣθδΔ∂ημσπŷĥ⟨⟩⋯⋮ᵢⱼₖ¹₁⁽⁾"


@pytest.mark.parametrize("name", FACES)
def test_widths_are_those_of_the_font(name):
    font_files = pytest.importorskip("fontTools.ttLib", reason="needs fontTools")
    path = FONTS / f"Liberation{name}.ttf"
    if not path.exists():
        pytest.skip("needs the Liberation fonts")
    font = font_files.TTFont(path)
    glyphs, advances, em = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
    letters = (*FACES[name], *map(chr, range(0xC0, 0x180)))
    differences = {
        letter: (advance(letter, FACES[name]), advances[glyphs[ord(letter)]][0] / em)
        for letter in letters
        if ord(letter) in glyphs and letter not in "ĦħĲĳĿŀŉŊŋŦŧĐđĸſďľť"  # neither listed nor a letter with a mark above
    }
    assert len(differences) > 200
    assert {letter: pair for letter, pair in differences.items() if abs(pair[0] - pair[1]) > 0.06} == {}
    listed = {letter: pair for letter, pair in differences.items() if letter in FACES[name]}
    assert {letter: pair for letter, pair in listed.items() if abs(pair[0] - pair[1]) > 0.0006} == {}


@pytest.mark.parametrize("face", FACES.values(), ids=FACES)
def test_every_character_of_a_picture_has_a_width(face):
    assert set(PRINTABLE) <= set(face)
    assert all(0.1 < advance(character, face) <= 1.1 for character in PRINTABLE + OF_MATHEMATICS)
    assert not set(face) & set(FALLBACK), "a character has one width"
    assert len({advance(digit, face) for digit in "0123456789"}) == 1, "columns of numbers stay in line"


def test_other_characters():
    assert advance("", SANS) == 0.0
    assert advance("y\N{COMBINING CIRCUMFLEX ACCENT}", SERIF) == advance("ŷ", SERIF) == advance("y", SERIF)
    assert advance("神经", SANS) == 2.0
    assert advance("₁₂", SANS) == pytest.approx(0.72 * advance("12", SANS), abs=0.002)
    assert advance("Ж", SANS) == 1.0
    assert advance("a b", SANS) == advance("a\N{NO-BREAK SPACE}b", SANS)
    assert advance("Wide", SANS_BOLD) > advance("Wide", SANS)


def test_room_in_points():
    assert text_width("abc", 10.0) >= 10.0 * advance("abc", SANS)
    assert text_width("abc", 20.0) == 2.0 * text_width("abc", 10.0)
    assert text_width("w", 10.0, SERIF_ITALIC) < text_width("w", 10.0)
    assert widest_line(["a", "abc"], 10.0) == text_width("abc", 10.0)
    assert widest_line([], 10.0) == 0.0


def test_characters_of_other_fonts_stand_apart():
    assert list(font_runs("⟨x·δ⟩ = ŷ", SANS)) == ["⟨", "x·δ", "⟩ ", "= ŷ"]
    assert list(font_runs("层 1 café", SANS)) == ["层 ", "1 café"]
    assert list(font_runs("👩\u200d🔬 🧠", SANS)) == ["👩\u200d🔬 🧠"]
    assert list(font_runs("  a", SANS)) == ["  a"]
    assert list(font_runs("", SANS)) == []
