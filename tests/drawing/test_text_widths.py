"""The table of text widths: against the fonts it comes from, where they are installed, and its rules for the rest."""

from pathlib import Path

import pytest

from minigrad.drawing.text_widths import FALLBACK, SANS, SANS_BOLD, SERIF, SERIF_ITALIC, advance

FONTS = Path("/usr/share/fonts/truetype/liberation")
FACES = {"Sans-Regular": SANS, "Sans-Bold": SANS_BOLD, "Serif-Regular": SERIF, "Serif-Italic": SERIF_ITALIC}
PRINTABLE = "".join(map(chr, range(32, 127)))
OF_MATHEMATICS = "−·×½∞→←′²³…—≥≤≈ΣθδΔ∂ημσπŷĥ⟨⟩⋯⋮ᵢⱼₖ¹₁⁽⁾"


@pytest.mark.parametrize("name", FACES)
def test_widths_are_those_of_the_font(name):
    font_files = pytest.importorskip("fontTools.ttLib", reason="compares with installed fonts")
    path = FONTS / f"Liberation{name}.ttf"
    if not path.exists():
        pytest.skip("compares with installed fonts")
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
    assert advance("Ж", SANS) == 0.9
    assert advance("a b", SANS) == advance("a\N{NO-BREAK SPACE}b", SANS)
    assert advance("Wide", SANS_BOLD) > advance("Wide", SANS)
