"""The figures of pages: every number has the key of the quantity that it is, every part one that steps light."""

import re
from functools import cache
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import minigrad as mg
from minigrad.drawing.numbers import format_computed, format_given
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.snapshot import Snapshot
from minigrad.graph import graph_of
from minigrad.pages.figures import KINDS, MOST_SHRUNK, WIDTHS, network_figures
from minigrad.pages.steps import step_data
from minigrad.structure import Element
from tests.drawing import networks
from tests.pages.networks import RandomNetwork

NUMBER = re.compile(r"−?(\d+(\.\d+)?(×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?|∞)|NaN")
EXAMPLES = {
    "2-3-1": networks.small,
    "2-2-2 with shared biases": networks.textbook,
    "2-8-8-1": lambda: networks.perceptron(2, 8, 8, 1),
    "16-12-10": lambda: networks.perceptron(16, 12, 10),
    "softmax": networks.classifier,
    "shortcut": networks.shortcut,
    "recurrent": networks.recurrent,
    "convolutional": networks.convolutional,
    "arrays": lambda: networks.layered(3, 4, 2),
    "deep": networks.deep,
    **{f"random {seed}": RandomNetwork(seed).build for seed in (3, 6, 10, 12)},
}
SVG = "{http://www.w3.org/2000/svg}"


@cache
def figures(name):
    """The graph of an example, and its figures as elements by kind and size."""
    graph = graph_of(EXAMPLES[name]())
    drawn = network_figures(graph)
    return graph, {(kind, size): ET.fromstring(svg) for kind, sizes in drawn.items() for size, svg in sizes.items()}


def element_of(graph, place):
    """The element of a graph that a place such as 3.1 means."""
    position, _, index = place.partition(".")
    node = graph.nodes[int(position)]
    return Element(node, tuple(map(int, np.unravel_index(int(index), node.shape))) if index else None)


def quantity(graph, key):
    """The number that a key means."""
    snapshot = Snapshot(graph)
    if "+" in key:
        return sum(quantity(graph, term) for term in key.split("+"))
    kind, *places = key.split(":")
    first, *others = (element_of(graph, place) for place in places)
    if kind == "value":
        return snapshot.value(*first)
    if kind == "delta":
        return snapshot.delta(*first)
    if kind == "product":
        return snapshot.product(first, *others)
    if kind == "share":
        return snapshot.product_with_delta(first, *others)
    assert kind == "slope"
    return snapshot.slope(first.node, others[0].node, None if first.position is None else first.position[0])


def texts_of(svg):
    """Every text of a figure: its key, "" where it has none, and what it says, its pieces without keys in one."""
    for text in svg.iter(f"{SVG}text"):
        if text.get("data-key"):
            yield text.get("data-key"), text.text
        else:
            keyed = [piece for piece in text if piece.get("data-key")]
            yield from ((piece.get("data-key"), piece.text) for piece in keyed)
            yield "", "".join([text.text or "", *(piece.text for piece in text if piece not in keyed)])


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_is_that_of_its_key(name):
    graph, drawn = figures(name)
    assert ("textbook", "wide") in drawn
    for svg in drawn.values():
        for key, text in texts_of(svg):
            if not key:
                assert not NUMBER.fullmatch(text.strip()) or text == "1", "only the 1 of the biases has no key"
                continue
            is_given = key.startswith("value:") and element_of(graph, key.split(":")[1]).node.op is None
            assert text == (format_given if is_given else format_computed)(quantity(graph, key)), key


@pytest.mark.parametrize("name", EXAMPLES)
def test_steps_light_parts_that_a_figure_shows_whole(name):
    graph, drawn = figures(name)
    data, _ = step_data(graph, mg.SGD(0.5))
    lit = {key for step in data["steps"] for key in step["lit"]}
    for (kind, _), svg in drawn.items():
        parts = {group.get("data-key") for group in svg.iter(f"{SVG}g")}
        shown = lit & parts
        assert len(shown) > 4
        if name in {"2-3-1", "2-2-2 with shared biases"} and kind == "textbook":
            assert {key for key in lit if key.startswith("edge:")} <= parts


def test_all_of_a_small_network_is_shown_in_both_sizes():
    graph, drawn = figures("2-3-1")
    assert set(drawn) == {(kind, size) for kind in KINDS for size in ("wide", "narrow")}
    keys = {
        (kind, size): {part.get("data-key") for part in svg.iter() if part.get("data-key")}
        for (kind, size), svg in drawn.items()
    }
    for parameter in graph.parameters:
        place = graph.position[parameter]
        for shown in keys.values():
            assert f"value:{place}" in shown
        if graph.textbook_name(parameter).startswith("w"):  # that of a bias is δ of its neuron
            assert f"delta:{place}" in keys["textbook", "wide"]
    assert keys["process", "wide"] == keys["process", "narrow"]


@pytest.mark.parametrize("name", ["2-3-1", "16-12-10", "shortcut"])
def test_no_words_that_would_need_a_translation(name):
    _, drawn = figures(name)
    for svg in drawn.values():
        for _, text in texts_of(svg):
            assert not re.search(r"[A-Za-z]{3}", text.replace("exp", "")), text


@pytest.mark.parametrize("name", EXAMPLES)
def test_figures_fit_their_widths_and_have_no_styles_of_their_own(name):
    _, drawn = figures(name)
    for (kind, size), svg in drawn.items():
        is_usual = kind == "textbook" and name not in {"recurrent", "convolutional"} and "random" not in name
        assert float(svg.get("width")) <= WIDTHS[size] * (1.0 if is_usual else MOST_SHRUNK) + 0.5
        assert not any(part.get("style") or part.get("onclick") for part in svg.iter())
        assert not list(svg.iter(f"{SVG}style"))


def test_only_interactive_figures_have_keys():
    graph = graph_of(networks.small())
    element = Element(graph.parameters[0])
    assert DrawSettings(Snapshot(graph)).key("value", element) == ""
    assert DrawSettings(Snapshot(graph), interactive=True).key("value", element) == "value:2"
    assert "data-key" not in mg.draw(graph, "neurons", style="textbook").svg


def test_elements_of_arrays_are_counted_row_by_row():
    graph = graph_of(networks.layered(2, 3, 1))
    settings = DrawSettings(Snapshot(graph), interactive=True)
    weights = graph.parameters[0]
    assert weights.shape == (2, 3)
    position = graph.position[weights]
    assert settings.key("value", Element(weights, (1, 2))) == f"value:{position}.5"
    assert element_of(graph, f"{position}.5") == Element(weights, (1, 2))


def test_hostile_names_stay_text():
    inputs = [mg.Input("</svg><script>1</script>", value=1.0), mg.Input("\u202e\"'&", value=2.0)]
    neuron = mg.sigmoid(mg.weighted_sum(inputs, [mg.Parameter(1.0), mg.Parameter(-1.0)], mg.Parameter(0.5)))
    graph = graph_of(mg.squared_error(neuron, mg.Input("]]>", value=1.0)))
    graph.backward()
    for sizes in network_figures(graph).values():
        for svg in sizes.values():
            tags = {part.tag.removeprefix(SVG) for part in ET.fromstring(svg).iter()}
            assert tags <= {"svg", "g", "path", "circle", "rect", "text", "tspan"}
