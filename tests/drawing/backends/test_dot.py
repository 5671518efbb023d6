"""DOT text: names of every sort are shown as they were typed, in every format, and never become markup or edges."""

import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from minigrad._format import shorten
from minigrad.drawing import draw
from tests.drawing import networks

OWN_ELEMENTS = {"desc", "style", "rect", "circle", "tspan"}
"""What the own SVG writer uses beside the elements of Graphviz."""


def edges_in(source):
    return re.findall(r"^\t([\w]+) -> ([\w]+) \[", source, re.MULTILINE)


@pytest.mark.parametrize("view", ["neurons", "expression"])
@pytest.mark.parametrize("name", networks.NAMES)
def test_a_name_changes_nothing_but_a_label(view, name):
    plain, hostile = (draw(networks.expression_of([text, "other"]), view) for text in ("a", name))
    assert edges_in(hostile.source) == edges_in(plain.source)
    assert len(hostile.source.splitlines()) == len(plain.source.splitlines())
    assert len(hostile.mermaid.splitlines()) == len(plain.mermaid.splitlines())
    assert len(hostile.text.splitlines()) == len(plain.text.splitlines())
    assert shorten(name) in hostile.text


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs the dot program to read labels as Graphviz does")
@pytest.mark.parametrize("view", ["neurons", "expression"])
def test_svg_shows_names_as_typed(view):
    options = {"most": len(networks.NAMES)} if view == "neurons" else {}
    svg = draw(networks.expression_of(networks.NAMES), view, **options).svg
    shown = {unescape(text).replace("\xa0", " ").strip() for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)}
    assert {shorten(name).strip() for name in networks.NAMES} <= shown
    tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(svg).iter()}
    assert tags <= {"svg", "g", "a", "title", "text", "path", "polygon", "polyline", "ellipse"} | OWN_ELEMENTS
    assert "href=" not in svg.replace("xlink:title", "")
    assert "DOCTYPE" not in svg


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs the dot program")
@pytest.mark.parametrize("name", sorted(path.name for path in (Path(__file__).parents[1] / "golden").glob("*.dot")))
def test_graphviz_reads_every_golden_picture_without_a_warning(name):
    source = (Path(__file__).parents[1] / "golden" / name).read_bytes()
    done = subprocess.run(["dot", "-Tsvg"], input=source, capture_output=True, check=True)
    complaints = [line for line in done.stderr.decode().splitlines() if "ontconfig" not in line]
    assert not complaints


def test_long_names_make_no_long_text():
    assert len(draw(networks.expression_of(["first" + "x" * 10_000 + "last"]), "neurons").source) < 10_000
