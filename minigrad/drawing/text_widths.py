"""Widths of characters in common fonts, so that boxes and labels fit their text where no font is at hand.

Helvetica, Arial and Liberation Sans have equal metrics, and so have Times, Times New Roman and Liberation Serif: one
table holds for each. The numbers are the advance widths of Liberation Sans and Serif 2.1 (tables `hmtx` and `cmap`),
rounded to 1/1000 em; a test compares them with the fonts where they are installed. Kerning is left out: it makes a line
narrower rather than wider.

Source: Liberation Fonts, https://github.com/liberationfonts; DejaVu Fonts, https://dejavu-fonts.github.io
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

CharacterWidths = dict[str, int]
"""Advance widths of the characters of a font in 1/1000 em; an em is as long as the font size."""

FULL_WIDTH = 1000
"""Chinese, Japanese and Korean characters fill a square."""
SCRIPT_SCALE = 0.72
"""Raised and lowered characters, relative to the character that they are made from."""
UNKNOWN_WIDTH = 1000
"""Characters of other scripts: most are narrower."""
MARGIN = 1.05
"""What is added to widths in points, for viewers that have another font."""


def read_widths(groups: str) -> CharacterWidths:
    """Read groups such as "556:abc", the characters that are 556/1000 em wide; a space is as wide as a comma."""
    face: CharacterWidths = {}
    for group in groups.split():
        width, _, characters = group.partition(":")
        face |= dict.fromkeys(characters, int(width))
    return face | {space: face[","] for space in " \N{NO-BREAK SPACE}" if "," in face}


SANS: CharacterWidths = read_widths(
    "188:′ 191:' 222:ijlłι‘’ 260:|¦ 274:∫ 278:!,./:;I[\\]ft·ìíîïıΙ 323:ℓ 333:()-`r¡¨²³´¸¹“” 334:{} 350:• 354:″ "
    '355:" 365:ºⁿ 370:ª 389:* 395:τ 400:° 441:ζ 446:ε 448:ξ 469:^ 482:ς 494:∂ 500:Jcksvxyzγκλν↑↓ 525:χ 537:¶ '
    "547:υ 549:±÷√≈≠≤≥ 551:Γ 552:¯ 556:#$0123456789?L_abdeghnopqu¢£¤¥§«»ðþŁηθο–†‡€ 557:δ 569:ρ 575:β 576:µμ 578:α "
    "583:≡ 584:+<=>~¬×− 604:■□●○ 611:FTZ¿ßøΖΤ 617:σ 618:Σ 648:φ 650:Ξ 667:&ABEKPSVXYÞΑΒΕΚΡΥΧ 668:ΔΛ 690:π 713:ψ∞∑ "
    "719:∩ 722:CDHNRUwÐΗΝΠ 737:©® 748:Ω 778:GOQØΘΟ 781:ω 798:Φ 823:∏ 833:MmΜ 834:¼½¾ 835:Ψ 889:%æ 944:Wœ 990:▲▼ "
    "1000:ÆŒ←→↔…—‰™ 1015:@"
)
"""Helvetica, Arial, Liberation Sans; slanted as well."""
SANS_BOLD: CharacterWidths = read_widths(
    "238:' 240:′ 274:∫ 278:,./I\\ijl·ıłΙι‘’ 280:|¦ 333:!()-:;[]`ft¡¨²³´¸¹ 350:• 365:º 370:ª 389:*r{} 396:ⁿ 400:° "
    '445:ξ 446:τ 460:ζ 474:" 475:ε 479:″ 489:ℓ 494:∂ 500:z↑↓“” 520:ς 541:θ 549:±÷√≈≠≤≥ 552:¯ '
    "556:#$0123456789J_aceksvxy¢£¤¥§«¶»γλν–†‡€ 558:κ 576:µχ 582:υ 583:≡ 584:+<=>^~¬×− 600:Σ 601:Γ 604:■□●○ 606:δ "
    "610:β 611:?FLTZbdghnopqu¿ßðøþŁΖΤηο 612:μ 615:α 619:ρ 644:Ξ 667:EPSVXYÞΕΛΡΥΧ 684:σ 713:∞∑ 715:φ 719:Δ "
    "722:&ABCDHKNRUÐΑΒΗΚΝΠ∩ 737:©® 753:ψ 766:π 778:GOQwØΘΟ 802:Ω 809:Ψ 821:Φ 823:∏ 833:MΜ 834:¼½¾ 845:ω 889:%mæ "
    "944:Wœ 975:@ 990:▲▼ 1000:ÆŒ←→↔…—‰™"
)
"""Helvetica Bold, Arial Bold, Liberation Sans Bold."""
SERIF: CharacterWidths = read_widths(
    "180:' 200:|¦ 219:′ 250:,.· 269:ι 274:∫ 276:ª 278:/:;\\ijltıł 300:²³¹ 310:º 315:ⁿ 333:!()-I[]`fr¡¨´¸Ι‘’ 350:• "
    '389:Js 396:ς 400:° 402:τ 408:" 414:ζ 417:″ 420:ε 442:γ 444:?acez¿χ“” 446:ξ 452:ν 453:¶ 469:^ 471:δ 479:θℓ '
    "480:{} 485:λ 494:∂ 495:υ 499:ρ 500:#$*0123456789_bdghknopquvxy¢£¤¥§«¯»ßðøþο↑↓–†‡€ 504:κ 505:π 509:β 523:η "
    "524:α 536:μ 539:σ 541:~ 549:±÷√≈≠≤≥ 556:FPSÞΡ 564:+<=>¬×−≡ 576:µ 577:φ 578:Γ 582:Σ 604:■□●○ 611:ELTZŁΕΖΤ "
    "626:ψ 643:ΔΞ 658:ω 667:BCRæΒ 713:∞∑ 722:ADGHKNOQUVXYwÐØœΑΗΘΚΝΟΠΥΧ∩ 725:Λ 731:Φ 738:Ψ 743:Ω 750:¼½¾ 760:©® "
    "778:&m 823:∏ 833:% 889:MÆŒΜ 921:@ 944:W 980:™ 990:▲▼ 1000:←→↔…—‰"
)
"""Times, Times New Roman, Liberation Serif."""
SERIF_ITALIC: CharacterWidths = read_widths(
    "214:' 219:′ 250:,.· 274:∫ 275:|¦ 276:ª 278:/\\fijltıłι 300:²³¹ 310:º 315:ⁿ 333:!()-:;I`¨´¸Ι‘’ 350:• 358:τ "
    '389:[]rsz¡ 394:γε 400:{}° 405:ζ 406:ς 417:″ℓ 420:" 422:^ 428:ξ 433:λ 440:χ 444:Jcekvxyν 459:υ 465:δ 480:κρ '
    "491:θ 493:σ 494:∂ 496:η 498:β 500:#$*0123456789?S_abdghnopqu¢£¤¥§«¯»¿ßðøþο↑↓–†‡€ 501:π 502:μ 523:¶ 525:α "
    "541:~ 549:±÷√≈≠≤≥ 553:φ 556:LTYZŁΖΤΥ“” 569:Γ 576:µ 587:Δ 594:Σ 604:Λ■□●○ 611:ABEFPRVXÞΑΒΕΡΧ 621:ψ 639:Ξ "
    "667:CKNwæœΚΝ 675:+<=>¬×−≡ 703:Ψ 706:ω 713:∞∑ 722:DGHOQUmÐØΗΘΟΠ∩ 723:Ω 750:¼½¾ 760:©® 761:Φ 778:& 823:∏ "
    "833:%MWΜ 889:Æ…— 920:@ 944:Œ 980:™ 990:▲▼ 1000:←→↔‰"
)
"""Times Italic, Times New Roman Italic, Liberation Serif Italic."""
FALLBACK: CharacterWidths = read_widths(
    "318:⋅ 390:⟨⟩ 500:‖ 615:ϵ 619:ϑ 626:∘ 632:∃ 660:ϕ 669:∇ 684:∀ 714:∝ 732:∪ 769:▶◀◆◇ 792:ℝ 838:↦⇒⊙∗↵⊗⊕ 871:∈∉ "
    "1000:⋮⋯ 1047:≫≪"
)
"""What those faces lack and another font lends: the widths of DejaVu Sans, which is a wide one."""


def advance(text: str, face: CharacterWidths) -> float:
    """Return the width of a line of text in em: times the font size it is in points.

    Example:
        >>> advance("w = 0.15", SANS), advance("w", SERIF_ITALIC)
        (3.808, 0.667)
    """
    return sum(face.get(character) or other_width(character, face) for character in text) / 1000


def text_width(text: str, size: float, face: CharacterWidths = SANS) -> float:
    """Return the room for a line of text in points, at a font size in points."""
    return MARGIN * size * advance(text, face)


def widest_line(lines: Iterable[str], size: float) -> float:
    """Return the room for the widest of some lines in points, at a font size in points."""
    return max((text_width(line, size) for line in lines), default=0.0)


def other_width(character: str, face: CharacterWidths) -> int:
    """Return the width of a character that a face lacks: that of the letter below an accent or of an index, or a guess.

    Marks that stand above or below the letter before them take no room of their own.
    """
    if is_mark(character):
        return 0
    if character in FALLBACK:
        return FALLBACK[character]
    if unicodedata.east_asian_width(character) in "WF":
        return FULL_WIDTH
    tag, _, codes = unicodedata.decomposition(character).rpartition("> ")
    parts = [chr(int(code, 16)) for code in codes.split()]
    if not parts:
        return UNKNOWN_WIDTH
    width = sum(face.get(part) or other_width(part, face) for part in parts)
    return round(SCRIPT_SCALE * width) if tag in {"<super", "<sub"} else width


def font_runs(text: str, face: CharacterWidths) -> Iterator[str]:
    """Yield a text in runs that one font has: the characters of the face, full-width ones, and those of other fonts.

    Set as one text, some programs would take all of it from the font that lends the rarest character. Spaces and marks
    belong to what is before them.
    """
    run, font_of_run = "", ""
    if face.keys() >= set(text):  # the usual case, at once
        run, text = text, ""
    for character in text:
        font = font_of_run if character.isspace() or is_mark(character) else font_of(character, face)
        if run.strip() and font != font_of_run:
            yield run
            run = ""
        run, font_of_run = run + character, font
    if run:
        yield run


def font_of(character: str, face: CharacterWidths) -> str:
    """Return which kind of font has a character."""
    if character in face or unicodedata.normalize("NFD", character)[0] in face:
        return "face"
    return "full width" if unicodedata.east_asian_width(character) in "WF" else "other"


def is_mark(character: str) -> bool:
    """Return whether a character takes no room: an accent on its own, a joiner of emoji."""
    return unicodedata.category(character) in {"Mn", "Me", "Cf"}
