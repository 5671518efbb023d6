"""PNG and PDF of our own SVG, on machines with fonts, with few and with none."""

import os
import subprocess
import sys
from functools import partial
from textwrap import dedent

import pytest

from minigrad.drawing.backends import svg_converter
from minigrad.drawing.backends.svg_converter import convert
from minigrad.errors import RenderError

SANS = "Helvetica, Arial, 'Liberation Sans', sans-serif"
FACES = ("sans", "serif")
SERIF = "'Times New Roman', 'Liberation Serif', serif"


def picture(*texts, width=120, height=60):
    """An SVG text whose texts stand one below the other, in turn in a sans and in a serif font."""
    lines = (
        f'<text x="4" y="{20 * (number + 1)}" font-size="14" class="{FACES[number % 2]}">{text}</text>'
        for number, text in enumerate(texts)
    )
    box = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="{SANS}"'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" {box}>'
        f"<style>.serif{{font-family:{SERIF}}}@media(prefers-color-scheme:dark){{.f0{{fill:#000000}}}}</style>"
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>{"".join(lines)}</svg>'
    )


def png_size(content):
    return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])


@pytest.fixture
def resvg():
    return pytest.importorskip("resvg_py", reason="needs resvg-py: pip install resvg-py")


@pytest.fixture
def cairosvg():
    try:
        import cairosvg
    except (ImportError, OSError) as error:
        pytest.skip(f"needs cairosvg and the cairo library: {error}")
    return cairosvg


@pytest.fixture
def no_fonts(resvg, monkeypatch):
    """A machine without fonts, as resvg sees it."""
    paint = partial(svg_converter.paint_with_resvg, skip_system_fonts=True)
    monkeypatch.setattr(svg_converter, "paint_with_resvg", paint)


def test_png_has_two_pixels_for_each_of_the_picture(resvg):
    png = convert(picture("w = 0.15", "x"), "png")
    assert png.startswith(b"\x89PNG")
    assert png_size(png) == (240, 120)


def test_pdf(cairosvg):
    assert convert(picture("w = 0.15", "x"), "pdf").startswith(b"%PDF")


def test_without_the_packages(monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    for form, name in (("png", "resvg-py"), ("pdf", "cairosvg")):
        with pytest.raises(RenderError, match=rf"cannot make {form} files here.*no {name}.*pip install 'minigrad-bp"):
            convert(picture("x"), form)


def test_a_missing_cairo_library_is_reported(cairosvg, monkeypatch):
    def missing(svg):
        raise OSError('no library called "cairo-2" was found')

    monkeypatch.setattr(svg_converter, "paint_with_cairosvg", missing)
    with pytest.raises(RenderError, match=r"cairosvg failed: no library called.*the cairo library for \.pdf"):
        convert(picture("x"), "pdf")


def test_no_fonts_and_no_matplotlib_is_an_error(no_fonts, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(RenderError, match=r"no font here has all letters.*δ.*Install a font"):
        convert(picture("x", "δ"), "png")


def test_fonts_of_matplotlib_serve_where_the_system_has_none(no_fonts):
    pytest.importorskip("matplotlib", reason="needs Matplotlib, which carries fonts")
    sans = convert(picture("Σ x·δ ⟨ŷ⟩"), "png")
    serif = convert(picture("", "Σ x·δ ⟨ŷ⟩"), "png")
    empty = convert(picture(""), "png")
    assert len({sans, serif, empty}) == 3
    with pytest.raises(RenderError, match="nothing for 神"):
        convert(picture("神"), "png")


def test_signs_that_no_font_has_are_no_error(resvg):
    assert convert(picture("x \U0010fffd"), "png").startswith(b"\x89PNG")


def test_pdf_takes_another_font_for_characters_that_the_first_lacks(cairosvg):
    missing = svg_converter.missing_characters(picture("x⟨δ⟩", "x"), svg_converter.paint_with_cairosvg)
    changed = svg_converter.TEXT_ELEMENT.sub(partial(svg_converter.substitute_font, missing), picture("x⟨δ⟩", "x"))
    assert (missing == set()) == (changed == picture("x⟨δ⟩", "x"))
    for family, text in (
        (family, text)
        for element in svg_converter.TEXT_ELEMENT.finditer(changed)
        for family in svg_converter.FAMILY.findall(element[0])
        for text in svg_converter.characters_of(element[3])
    ):
        assert svg_converter.has_glyph(svg_converter.paint_with_cairosvg, family, text)


@pytest.mark.skipif(sys.platform != "linux", reason="fontconfig decides there which fonts a system has")
def test_a_system_without_fonts(resvg, cairosvg, tmp_path):
    """The real thing, in a process of its own: the libraries read the fonts once."""
    (tmp_path / "fonts.conf").write_text(
        f"<fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}</cachedir></fontconfig>"
    )
    script = """
        import sys
        from minigrad.drawing.backends.svg_converter import convert
        from minigrad.errors import RenderError

        svg = sys.argv[1]
        for form in ("pdf", "png"):
            sys.modules["matplotlib"] = None
            try:
                convert(svg, form)
            except RenderError as error:
                print(form, *str(error).split())
        del sys.modules["matplotlib"]
        print(convert(svg, "png")[1:4])
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(script), picture("x", "δ")],
        env=os.environ | {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf")},
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    pdf, png, lent = done.stdout.splitlines()
    assert "no font here" in pdf
    assert "no font here" in png
    assert lent == "b'PNG'"
