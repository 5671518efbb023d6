"""The options of the page reach every view and every format."""

from itertools import pairwise

import pytest

import minigrad as mg
from minigrad.drawing import VIEWS, draw
from minigrad.drawing.figure import Color
from minigrad.drawing.language import CHINESE
from minigrad.drawing.palette import DARK, LIGHT
from tests.drawing import networks
from tests.drawing.overlaps import area_of_text

OWN = {"neuron": {"of": "h1"}, "explain": {"of": "h1.w1"}, "update": {"optimizer": mg.SGD(lr=0.5)}}


@pytest.fixture(scope="module")
def graph():
    return networks.textbook()


@pytest.mark.parametrize("view", [name for name in VIEWS if VIEWS[name].function.__module__.startswith("minigrad.")])
def test_title_theme_and_language_reach_every_view(view, graph):
    options = OWN.get(view, {})
    plain, other = (
        draw(graph, view, **options),
        draw(graph, view, title="Über «x»", theme="dark", language="zh", **options),
    )
    assert "Über «x»" in other.source and "Über" not in plain.source
    assert DARK[Color.PAPER] in other.source and LIGHT[Color.PAPER] in plain.source
    assert any(phrase in other.text for phrase in CHINESE.values())
    if plain.figure is not None:
        assert other.figure.title == "Über «x»"


@pytest.mark.parametrize("view", ["expression", "explain", "ends", "layers"])
def test_direction_reaches_graphviz(view, graph):
    sources = {way: draw(graph, view, direction=way, **OWN.get(view, {})).source for way in (None, "right", "down")}
    assert sources[None] == sources["right"]
    assert "rankdir=LR" in sources["right"] and "rankdir=TB" in sources["down"]


@pytest.mark.parametrize("view", ["expression", "explain", "ends", "backprop", "matrices", "layers"])
def test_highlighted_nodes_stand_on_amber(view, graph):
    options = OWN.get(view, {})
    plain, marked = draw(graph, view, **options), draw(graph, view, highlight=[graph["h1.w1"]], **options)
    amber = LIGHT[Color.UPDATE]
    assert amber in marked.source and amber not in plain.source
    assert any(box.highlighted for box in marked.diagram.boxes) and not any(
        box.highlighted for box in plain.diagram.boxes
    )
    if plain.figure is not None:
        assert amber in marked.svg and amber not in plain.svg


def test_phrases_are_translated_once():
    assert all(phrase.count("{") == translation.count("{") for phrase, translation in CHINESE.items())


@pytest.mark.parametrize("title", ["A long title " * 30, "x" * 300, "一个很长的标题，" * 30])
@pytest.mark.parametrize("view", ["neurons", "process", "neuron", "layers", "matrices", "update", "backprop"])
def test_long_titles_are_broken_into_lines(view, title, graph):
    plain, titled = (draw(graph, view, title=text, **OWN.get(view, {})) for text in ("", title))
    assert titled.figure is not None and plain.figure is not None
    assert titled.figure.width == plain.figure.width
    lines = [area_of_text(text) for text in titled.figure.shapes[: -len(plain.figure.shapes)]]
    assert "".join(line.name for line in lines).replace(" ", "") == title.replace(" ", "")
    assert max(line.right for line in lines) <= titled.figure.width
    assert all(above.bottom < below.top for above, below in pairwise(lines))


@pytest.mark.parametrize("options", [{}, {"style": "textbook"}, {"style": "textbook", "numbers": False}])
@pytest.mark.parametrize("example", [networks.small, networks.classifier, networks.of_arrays])
def test_every_unit_of_a_network_can_be_highlighted(example, options):
    network = example()
    plain = draw(network, "neurons", **options)
    nodes = [node for node in network.graph.nodes if node.kind not in {"parameter", "constant"}]
    for node in nodes:
        marked = draw(network, "neurons", highlight=[node], **options)
        assert marked.svg != plain.svg, node
        assert node in network.targets or marked.source != plain.source, node


def test_weights_that_are_numbers_can_be_highlighted():
    x = mg.Input("x", value=1.0)
    graph = mg.Graph(mg.sigmoid(mg.weighted_sum([x], [0.5], 1.0), name="y"))
    for node in graph.nodes:
        for style in ("numbers", "textbook"):
            assert (
                draw(graph, "neurons", style=style, highlight=[node]).svg != draw(graph, "neurons", style=style).svg
            ), node
