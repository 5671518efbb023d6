"""Graphviz reads and draws the DOT text of every view, with every title and name as it was typed."""

import re
import shutil
import subprocess
from html import unescape
from xml.etree import ElementTree as ET

import pytest

from minigrad._format import shorten
from minigrad.drawing import VIEWS, draw
from minigrad.drawing.backends.graphviz_svg import finish_svg
from minigrad.drawing.figure import Color
from minigrad.drawing.palette import DARK
from tests.drawing import networks

pytestmark = pytest.mark.skipif(shutil.which("dot") is None, reason="needs the dot program")

TITLE = 'R&D "<b>" {a|b} \\N\\L 神经元 &amp; w₁₂⁽¹⁾'


def dot(source):
    """Return the SVG of DOT text, without a complaint of Graphviz."""
    done = subprocess.run(["dot", "-Tsvg"], input=source.encode(), capture_output=True, check=True)
    assert not [line for line in done.stderr.decode().splitlines() if "ontconfig" not in line]
    return done.stdout.decode()


def shown_in(svg):
    """Return the texts of an SVG."""
    return [unescape(text).replace("\xa0", " ") for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_every_view_with_a_title(view):
    drawing = networks.draw_view(networks.small(), view, title=TITLE)
    texts = shown_in(dot(drawing.source))
    assert TITLE in texts
    assert len(texts) > 5
    for box in drawing.diagram.boxes:
        for line in box.lines:
            assert any(line.strip() in text for text in texts), line


@pytest.mark.parametrize("view", ["neurons", "expression", "backprop", "explain"])
def test_names_are_shown_as_they_were_typed(view):
    options = {"neurons": {"most": 99}, "explain": {"of": networks.NAMES[0]}, "backprop": {"limit": None}}.get(view, {})
    text = "\n".join(shown_in(dot(draw(networks.expression_of(networks.NAMES), view, **options).source)))
    for name in networks.NAMES if view != "explain" else networks.NAMES[:1]:
        assert shorten(name).strip() in text


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_themes_and_directions(view):
    for options in ({"theme": "dark"}, {"theme": "light", "direction": "down"}):
        svg = dot(networks.draw_view(networks.small(), view, **options).source)
        assert (DARK[Color.PAPER] in svg) == (options["theme"] == "dark")


def test_names_of_elements_are_xml():
    svg = finish_svg('<svg width="1"><g/></svg>', TITLE, "a < b", "light")
    root = ET.fromstring(svg)
    assert root.attrib["aria-label"] == TITLE
    assert [child.text for child in root][:2] == [TITLE, "a < b"]
