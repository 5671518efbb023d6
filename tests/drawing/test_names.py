"""Names of every sort are shown as they were typed, in every format, and never become markup or wiring."""

import re
import shutil
from html import unescape
from xml.etree import ElementTree as ET

import pytest

import minigrad as mg
from minigrad._format import LONGEST_NAME, shorten
from minigrad.drawing import draw

NAMES = [
    "w:1",
    "back\\slash",
    "tail\\",
    r"\N \G \L \E",
    'say "yes"',
    "<b>bold</b>",
    "<i",
    "R&D",
    "&lt; &amp; &#65;",
    "{a|b}",
    "two  spaces",
    " lead",
    "神经元",
    "👩\u200d🔬 🧠",
    "end",
    "subgraph x",
    "`code`",
    "#35; %%",
    "]]> --> n0",
    '"]; n0 -> n1 [label="evil',
    "<script>x()</script>",
    "-1.5",
]


def expression_of(names):
    """A weighted sum whose inputs and weights carry the names."""
    inputs = [mg.Parameter(float(number), name) for number, name in enumerate(names)]
    weights = [mg.Parameter(0.5, f"{name}.") for name in names]
    node = mg.sigmoid(mg.weighted_sum(inputs, weights, mg.Parameter(0.1, "b<|")), name="y")
    node.backward()
    return node


def edges_in(source):
    return re.findall(r"^\t([\w]+) -> ([\w]+) \[", source, re.MULTILINE)


@pytest.mark.parametrize("view", ["neurons", "expression"])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_changes_nothing_but_a_label(view, name):
    plain, hostile = (draw(expression_of([text, "other"]), view) for text in ("a", name))
    assert edges_in(hostile.source) == edges_in(plain.source)
    assert len(hostile.source.splitlines()) == len(plain.source.splitlines())
    assert len(hostile.mermaid.splitlines()) == len(plain.mermaid.splitlines())
    assert len(hostile.text.splitlines()) == len(plain.text.splitlines())
    assert shorten(name) in hostile.text


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs the dot program to read labels as Graphviz does")
@pytest.mark.parametrize("view", ["neurons", "expression"])
def test_svg_shows_names_as_typed(view):
    options = {"most": len(NAMES)} if view == "neurons" else {}
    svg = draw(expression_of(NAMES), view, **options).svg
    shown = {unescape(text).replace("\xa0", " ").strip() for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)}
    assert {shorten(name).strip() for name in NAMES} <= shown
    tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(svg).iter()}
    assert tags <= {"svg", "g", "a", "title", "text", "path", "polygon", "polyline", "ellipse"}
    assert "href=" not in svg.replace("xlink:title", "")
    assert "DOCTYPE" not in svg


def test_mermaid_has_no_markup_in_labels():
    text = draw(expression_of(NAMES), "expression").mermaid
    for label in re.findall(r'\["(.*)"\]$', text, re.MULTILINE):
        assert not re.search(r'["<>`&\\]', label.replace("<br/>", ""))


def test_unprintable_characters_become_visible():
    assert shorten("a\nb\r\x00\x1b\u2028") == "a↵b↵␀␛↵"
    assert shorten("\ud800\uffff") == "\N{REPLACEMENT CHARACTER}" * 2


def test_long_names_are_shortened_in_the_middle():
    name = "first" + "x" * 10_000 + "last"
    assert len(shorten(name)) == LONGEST_NAME
    assert shorten(name).startswith("first")
    assert shorten(name).endswith("last")
    assert len(draw(expression_of([name]), "neurons").source) < 10_000
