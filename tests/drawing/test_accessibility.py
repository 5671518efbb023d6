"""SVG of every view: for screen readers, for light and dark pages, and with nothing from outside."""

import re
from xml.etree import ElementTree as ET

import pytest

from minigrad.drawing import VIEWS, draw, register_view
from minigrad.drawing.backends.graphviz_runner import RENDERERS
from minigrad.drawing.diagram import Box, Diagram
from tests.drawing import networks

NAMESPACE = "{http://www.w3.org/2000/svg}"
OURS = {"svg", "g", "title", "desc", "style", "rect", "circle", "path", "text", "tspan"}
OF_GRAPHVIZ = {"svg", "g", "a", "title", "desc", "style", "text", "path", "polygon", "polyline", "ellipse"}
SENTENCE = re.compile(r"[A-Z0-9(].*[.。]", re.DOTALL)
has_graphviz = any(renderer.is_available() for renderer in RENDERERS)


@pytest.fixture(scope="module", params=sorted(VIEWS))
def view(request):
    if not has_graphviz and networks.draw_view(networks.small(), request.param).figure is None:
        pytest.skip("needs Graphviz")
    return request.param


def svg_of(view, **options):
    return networks.draw_view(networks.small(), view, **options)


def test_screen_readers_get_a_title_and_a_description(view):
    drawing = svg_of(view, title="Two <inputs> & one output")
    root = ET.fromstring(drawing.svg)
    title, description = root[0], root[1]
    assert (root.tag, root.attrib["role"]) == (f"{NAMESPACE}svg", "img")
    assert (title.tag, description.tag) == (f"{NAMESPACE}title", f"{NAMESPACE}desc")
    assert root.attrib["aria-label"] == title.text == "Two <inputs> & one output"
    assert SENTENCE.fullmatch(description.text)
    assert description.text == drawing.diagram.description


def test_every_picture_has_a_title_of_its_own(view):
    title = ET.fromstring(svg_of(view).svg)[0].text
    assert title
    assert len(title) < 80


def test_descriptions_say_what_the_view_shows(view):
    others = [svg_of(other).diagram.description for other in VIEWS if other != view]
    description = svg_of(view).diagram.description
    assert description not in others
    assert len(description) > 60
    assert "sigmoid" in description


def test_descriptions_in_chinese(view):
    description = svg_of(view, language="zh").diagram.description
    assert description.endswith("。")
    assert not re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", description)


def test_large_graphs_are_counted():
    description = draw(networks.perceptron(64, 32, 10), "neurons").diagram.description
    assert "2,410 parameters" in description.replace("2410", "2,410")


def test_nothing_from_outside(view):
    drawing = svg_of(view)
    root = ET.fromstring(drawing.svg)
    allowed = OF_GRAPHVIZ if drawing.figure is None else OURS
    for element in root.iter():
        assert element.tag.removeprefix(NAMESPACE) in allowed
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert "href" not in name
            assert "url(" not in value.lower()
            assert "script" not in value.lower()
    assert not re.search(r"@import|url\(|<script|<image|<foreignObject|<!DOCTYPE|<!ENTITY", drawing.svg, re.IGNORECASE)


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_only_auto_follows_the_reader(view, theme):
    svg = svg_of(view, theme=theme).svg
    assert ("prefers-color-scheme:dark" in svg) == (theme == "auto")
    assert ("#14171c" in svg) == (theme != "light")


def test_a_view_of_a_user_is_described_too():
    name = "boxes of a test"
    register_view(name, shows="A {box} for each node.")(boxes_view)
    try:
        descriptions = [draw(networks.small(), name, language=each).diagram.description for each in ("en", "zh")]
    finally:
        del VIEWS[name]
    assert descriptions[0].startswith("A {box} for each node. Layer by layer: 2 inputs, ")
    assert descriptions[1].startswith("A {box} for each node. 逐层：")


def boxes_view(graph, page):
    return Diagram("boxes", tuple(Box(f"n{k}", (node.label,)) for k, node in enumerate(graph.nodes)), ())
