"""The SVG writer: plain shapes, colors for light and dark, nothing that a reader's program could stumble over."""

import xml.etree.ElementTree as ET

import pytest

from minigrad.drawing.backends.svg import decimal, svg_text
from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import (
    Anchor,
    Area,
    Circle,
    Color,
    Dash,
    Figure,
    Head,
    Part,
    Rectangle,
    Stroke,
    Text,
    move_shape,
)
from minigrad.drawing.palette import DARK, LIGHT
from minigrad.drawing.text_layout import notation, words

SHAPES = (
    Rectangle(Point(1, 2), Point(30, 20), Color.PANEL, Color.INK, radius=3),
    Circle(Point(50, 20), 10, dash=Dash.TARGET),
    Stroke((Point(0, 0), Point(10, 0)), Color.NEGATIVE, 2.0, Dash.NEGATIVE, Head.FORWARD),
    Stroke((Point(10, 5), Point(8, 5), Point(3, 5), Point(0, 5)), Color.BACKWARD, head=Head.BACKWARD, curve=True),
    Area(((Point(0, 0), Point(1, 0), Point(1, 1)), (Point(5, 5), Point(6, 5), Point(6, 6))), Color.POSITIVE),
    Part("a <part>", (Text(Point(5, 5), words("a & b"), anchor=Anchor.MIDDLE), Part("inner", ()))),
    Text(Point(5, 25), notation("w₁₂⁽¹⁾ = 0.4"), 14, Color.POSITIVE, Anchor.END, angle=30),
)
FIGURE = Figure(100, 50, SHAPES, 'the "title"', "what <it> shows")


def parse(theme="auto"):
    return ET.fromstring(svg_text(FIGURE, theme))


def test_shapes_become_elements_with_a_title_and_a_description():
    root = parse()
    tags = [element.tag.rpartition("}")[2] for element in root]
    assert tags[:4] == ["title", "desc", "style", "rect"]
    assert root[0].text == root.get("aria-label") == 'the "title"'
    assert root[1].text == "what <it> shows"
    assert root.get("role") == "img"
    group = next(element for element in root if element.get("aria-label") == "a <part>")
    assert [element.tag.rpartition("}")[2] for element in group] == ["title", "text", "g"]


def test_a_piece_of_notation_has_its_own_position():
    text = [element for element in parse().iter() if element.tag.endswith("}text")][-1]
    spans = list(text)
    assert "".join(span.text for span in spans) == "w12(1) = 0.4"
    assert spans[1].get("x") == spans[2].get("x")
    assert float(spans[1].get("y")) > 25 > float(spans[2].get("y"))
    assert float(spans[0].get("x")) < 5  # ends at 5


@pytest.mark.parametrize(("theme", "colors"), [("light", LIGHT), ("dark", DARK)])
def test_a_theme_has_its_colors_only(theme, colors):
    svg = svg_text(FIGURE, theme)
    assert "prefers-color-scheme" not in svg
    assert f'height="50" fill="{colors[Color.PAPER]}"' in svg
    assert colors[Color.BACKWARD] in svg


def test_the_reader_decides_between_light_and_dark():
    svg = svg_text(FIGURE)
    rules = svg[svg.index("prefers-color-scheme:dark") : svg.index("</style>")]
    assert DARK[Color.BACKWARD] in rules
    assert DARK[Color.LEVEL] not in rules  # not used
    assert LIGHT[Color.BACKWARD] in svg


def test_an_arrow_ends_in_its_head():
    svg = svg_text(Figure(20, 20, SHAPES[2:3], "t"))
    assert 'd="M0,0L3.5,0"' in svg
    assert 'd="M10,0L2,' in svg


def test_coordinates_are_short():
    assert [decimal(number) for number in (1.0, -0.01, 2.25, 10.06)] == ["1", "0", "2.2", "10.1"]


def test_moved_shapes_keep_their_form():
    there = [move_shape(shape, Point(3, 4)) for shape in SHAPES]
    assert [move_shape(shape, Point(-3, -4)) for shape in there] == list(SHAPES)
    assert there[0].corner == Point(4, 6)


def test_texts_are_plain():
    assert FIGURE.texts() == ["a <part>", "a & b", "inner", "w₁₂⁽¹⁾ = 0.4"]
