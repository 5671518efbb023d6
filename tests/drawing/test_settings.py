"""The options that every view takes are checked before anything is drawn."""

import pytest

import minigrad as mg
from minigrad.drawing import VIEWS, draw
from minigrad.drawing.language import CHINESE, translate
from minigrad.errors import RenderError, SettingError
from tests.drawing import networks


@pytest.mark.parametrize(
    "options",
    [
        {"digits": 0},
        {"digits": 18},
        {"digits": "4"},
        {"title": 3},
        {"width": 10},
        {"width": float("nan")},
        {"width": "wide"},
        {"direction": "up"},
        {"direction": 1},
        {"theme": "blue"},
        {"theme": None},
        {"language": "de"},
        {"language": ["en"]},
        {"highlight": 5},
        {"numbers": "no"},
        {"biases": 2},
    ],
)
def test_impossible_options_are_refused(options):
    (name,) = options
    with pytest.raises(SettingError, match=name):
        draw(networks.textbook(), **options)


def test_only_nodes_of_the_graph_are_highlighted():
    graph = networks.textbook()
    draw(graph, highlight=[graph["h1"]])
    draw(graph, highlight=graph["h1"])
    for foreign in (mg.Input("x1"), "h1", None):
        with pytest.raises(RenderError, match="no such node to highlight"):
            draw(graph, highlight=[foreign])


def test_phrases_have_the_same_gaps_in_every_language():
    for english, chinese in CHINESE.items():
        assert {part.partition("}")[0] for part in english.split("{")[1:]} == {
            part.partition("}")[0] for part in chinese.split("{")[1:]
        }
    assert translate("inputs", "en") == "inputs"
    assert translate("inputs", "zh") == "输入"


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_every_view_takes_the_options_of_the_page(view):
    options = {"optimizer": mg.SGD(0.1)} if view == "update" else {}
    graph = networks.perceptron(2, 2, 1)
    for language in ("en", "zh"):
        drawing = draw(graph, view, digits=3, title="a title", theme="dark", language=language, **options)
        assert drawing.text
