"""`mg.explore`: which networks it takes, what it refuses, what it leaves as it was; and the data of its pages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.drawing.palette import DARK, LIGHT
from minigrad.errors import CompileError, DataError, FeedError, OperandError, PassError, RenderError, SettingError
from tests.pages.node_runner import needs_node, run_node

FOLDER = Path(mg.__file__).parent / "pages"
HOSTILE = "</script><script>alert(1)</script>\"' & \u2028 \u202e"
MOST_BYTES = 400_000


@pytest.fixture
def network() -> mg.Network:
    return mg.Network(*mg.mlp([2, 3, 1], mg.sigmoid, rng=0))


SAMPLE = [0.8, -0.5], [1.0]


def data_of(page: mg.Page) -> dict[str, Any]:
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page.html)
    return json.loads(data)


def test_a_page_of_a_network(network: mg.Network):
    page = mg.explore(network, SAMPLE, mg.SGD(0.25), title="Seen", language="zh", theme="dark")
    assert isinstance(page, mg.Page)
    assert page.title == "Seen"
    assert '<html lang="zh-CN" data-theme="dark">' in page.html
    assert len(page.html.encode()) <= MOST_BYTES
    data = data_of(page)
    assert (data["title"], data["language"], data["theme"]) == ("Seen", "zh", "dark")
    assert data["optimizer"]["settings"] == {"lr": 0.25}
    assert data["figures"]["textbook"].keys() == {"wide", "narrow"}
    assert data["steps"][0]["phase"] == "forward"


def test_without_title_the_page_has_one(network: mg.Network):
    page = mg.explore(network, SAMPLE)
    assert page.title == "One step of back-propagation"
    assert data_of(page)["title"] == ""  # the page says it in the language of the reader


def test_a_pass_of_a_graph_a_node_and_a_mapping(network: mg.Network):
    with pytest.raises(PassError):
        mg.explore(network)
    graph = network.loss_graph(*SAMPLE)
    of_graph = data_of(mg.explore(graph))
    assert of_graph["values"] == data_of(mg.explore(network.loss))["values"] == data_of(mg.explore(network))["values"]
    feeds = {"x1": 0.1, "x2": 0.2, "t1": 0.0}
    fed = data_of(mg.explore(graph, feeds))
    assert [fed["values"][graph.nodes.index(node)] for node in graph.inputs] == [feeds[n.name] for n in graph.inputs]


def test_the_pass_stays_in_the_nodes_and_the_parameters_as_they_were(network: mg.Network):
    before = [parameter.value for parameter in network.parameters]
    page = mg.explore(network, SAMPLE, mg.SGD(0.5))
    assert [parameter.value for parameter in network.parameters] == before
    graph = network.graph
    assert data_of(page)["values"] == [node.value for node in graph.nodes]
    expected = network.loss_graph(*SAMPLE)
    assert [node.delta for node in graph.nodes] == [node.delta for node in expected.nodes]


IMPOSSIBLE: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "title": ({"title": 3}, SettingError),
    "language": ({"language": "de"}, SettingError),
    "language list": ({"language": ["en"]}, SettingError),
    "theme": ({"theme": "blue"}, SettingError),
    "rate": ({"optimizer": 0.5}, SettingError),
    "optimizer class": ({"optimizer": mg.SGD}, SettingError),
    "wrong sample": ({"sample": ([1.0], [1.0])}, DataError),
    "list": ({"sample": [[1.0, 2.0], [1.0]]}, SettingError),
    "no pair": ({"sample": ([1.0, 2.0],)}, RenderError),
    "foreign feed": ({"sample": {"x9": 1.0}}, FeedError),
    "full batch": ({"optimizer": mg.LBFGS()}, CompileError),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_is_impossible_changes_nothing(network: mg.Network, name: str):
    network.loss_graph([0.1, 0.2], [0.3])
    before = [(node.value, node.delta) for node in network.graph.nodes]
    options, error = IMPOSSIBLE[name]
    with pytest.raises(error):
        mg.explore(network, **{"sample": SAMPLE, **options})
    assert [(node.value, node.delta) for node in network.graph.nodes] == before


def test_an_optimizer_that_is_not_made_of_formulas_is_refused_before_the_pass(network: mg.Network):
    class Strange:
        def init(self, parameters: np.ndarray) -> tuple[np.ndarray, ...]:
            return ()

        def update(self, parameters: np.ndarray, gradient: np.ndarray, state: Any) -> Any:
            return np.sort(np.asarray(parameters)) - gradient, state

    with pytest.raises(CompileError):
        mg.explore(network, SAMPLE, Strange())
    assert network.loss.value is None


def test_what_is_no_network_has_no_page():
    with pytest.raises(OperandError):
        mg.explore("network", SAMPLE)  # type: ignore[arg-type]


def test_a_batch_and_a_large_network_are_refused(network: mg.Network):
    with pytest.raises(RenderError, match=r"one sample.* Pass one sample, such as"):
        mg.explore(network, (np.zeros((5, 2)), np.zeros((5, 1))))
    large = mg.Network(*mg.mlp([200, 200, 10], mg.tanh, rng=0))
    with pytest.raises(RenderError, match="too large"):
        mg.explore(large, (np.zeros(200), np.zeros(10)))
    assert large.loss.value is None


def test_an_op_of_your_own_may_have_powers():
    class Cube(mg.Activation):
        label = "cube of your own"

        def forward(self, xp: Any, s: Any) -> Any:
            return s**3

        def backward(self, xp: Any, delta: Any, y: Any, s: Any) -> Any:
            return (delta * 3 * s**2,)

    page = mg.explore(mg.Network(*mg.mlp([2, 2, 1], Cube(), rng=0)), SAMPLE)
    assert "cube of your own" in data_of(page)["layers"][0]["choices"]


def test_names_of_nodes_are_text():
    x = mg.Input(HOSTILE)
    w = mg.Parameter(0.5, HOSTILE + "w")
    page = mg.explore(mg.tanh(mg.weighted_sum([x], [w], name=HOSTILE + "s")) ** 2, {HOSTILE: 1.0}, title=HOSTILE)
    assert page.html.count("<script") == 2
    assert "alert(1)</script>" not in page.html
    data = data_of(page)
    for markup in (*data["names"], *data["templates"], *(svg for f in data["figures"].values() for svg in f.values())):
        assert "<script" not in markup
        assert "\u202e" not in markup
        assert not re.search(r"""<[^>]*\s(?:style|on\w+)=""", markup)
        assert "<style" not in markup


def test_the_colors_of_the_page_are_those_of_pictures():
    colors = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\);", (FOLDER / "style.css").read_text())
    page = {name: pair for name, *pair in colors if name != "hair"}
    assert page == {color.name.lower().replace("_", "-"): [LIGHT[color], DARK[color]] for color in LIGHT}


@needs_node
def test_what_a_page_says_of_a_step(tmp_path: Path):
    """The phrases that steps of a real network ask for exist in both languages."""
    network = mg.Network(*mg.mlp([2, 3, 2], mg.relu, output=mg.identity, rng=0), loss=mg.softmax_cross_entropy)
    pages = [mg.explore(network, ([0.8, -0.5], [1.0, 0.0]), rule) for rule in (mg.SGD(0.5), mg.Adam(0.1))]
    pages.append(mg.explore(mg.sum(mg.Parameter([1.0, 2.0], "w") * mg.Input("x")), {"x": 3.0}))
    blocks = ", ".join(json.dumps(data_of(page)) for page in pages)
    asked = """
for (const data of pages) {
  for (const step of [...data.steps, ...stepsByLayer(data.steps)]) {
    for (const [key] of [titleOf(step), noteOf(data, step)]) {
      for (const language of ["en", "zh"]) if (!(key in TEXTS[language])) throw new Error(`${language} lacks ${key}`);
    }
  }
}
"""
    imports = {"model.js": "stepsByLayer", "step_texts.js": "titleOf, noteOf", "texts.js": "TEXTS"}
    assert run_node(f"const pages = [{blocks}];\n{asked}", tmp_path, imports) == []
