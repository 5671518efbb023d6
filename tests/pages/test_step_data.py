"""The steps of a page: their order, what becomes known with each, names that stay names, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import CompileError, PassError, RenderError, ShapeError
from minigrad.pages import steps
from minigrad.pages.choices import registered_activations
from minigrad.pages.steps import StepData, step_data
from tests.pages.mathml import unescape_signs
from tests.pages.networks import ACTIVATIONS, RandomNetwork

TAGS = {"mi", "mn", "mo", "mrow", "msub", "msup", "msubsup", "mfrac", "msqrt", "mtable", "mtr", "mtd", "mtext"}
HOSTILE = "<script>alert('1')</script>\"&\u2028\u2029\u202e</math>"


def textbook_page(optimizer: Any = None) -> StepData:
    network = mg.Network(*mg.mlp([2, 3, 1], rng=0))
    return step_data(network.loss_graph([0.8, -0.5], [1.0]), optimizer or mg.SGD(0.5))


def all_equations(page: StepData) -> Iterator[dict[str, Any]]:
    for step in page.data["steps"]:
        yield from step["equations"]
    yield from page.data["equations"]


def test_steps_of_the_textbook_network() -> None:
    kinds = [(step["phase"], step["kind"], step["layer"]) for step in textbook_page().data["steps"]]
    neuron = lambda layer: [("forward", "sum", layer), ("forward", "output", layer)]  # noqa: E731
    assert kinds == [
        *neuron(0) * 3,
        *neuron(1),
        ("loss", "loss", None),
        ("backward", "derivative", 1),
        ("backward", "delta", 1),
        *[("backward", "delta", 0)] * 3,
        *[("gradients", "gradients", layer) for layer in (1, 0, 0, 0)],
        *[("update", "update", layer) for layer in (1, 0, 0, 0)],
    ]


@pytest.mark.parametrize("seed", range(20))
def test_everything_becomes_known_once_and_has_an_equation(seed: int) -> None:
    network = RandomNetwork(seed)
    page = step_data(network.build(), network.optimizer)
    known = [key for step in page.data["steps"] for key in step["known"]]
    assert len(known) == len({*known})
    lefts = {equation["left"] for equation in all_equations(page)}
    frozen = {*page.data["frozen"]}
    needed = {key.replace("value", "delta") for key in page.data["parameters"]}
    needed |= {key.replace("value", "next") for key in page.data["parameters"] if key not in frozen}
    for layer in page.data["layers"]:
        for unit in layer["units"]:
            needed |= {f"value:{unit['sum']}", f"value:{unit['output']}", f"delta:{unit['sum']}"}
    assert needed <= {*known}
    assert needed <= lefts
    computed = [position for position, entry in enumerate(page.data["nodes"]) if len(entry) > 1]
    keys = [key for n in computed for key in keys_of(page, n)]
    assert {*keys} <= {*known}
    assert {*keys} <= lefts


def keys_of(page: StepData, position: int) -> list[str]:
    """Return the keys of the values of a node."""
    if str(position) not in page.data["elementNames"]:
        return [f"value:{position}"]
    return [f"value:{position}.{element}" for element in range(page.data["nodes"][position][0])]


def test_what_a_step_needs_is_known_before() -> None:
    page = textbook_page()
    known = {key.replace("delta", "value") for key in [*page.data["inputs"], *page.data["targets"]]}
    known |= {*page.data["parameters"], "rate:lr"}
    for step in page.data["steps"]:
        known |= {*step["known"]}
        for equation in step["equations"]:
            assert {*equation["slots"]} <= known, equation


def test_parts_that_are_lit_are_in_the_figure() -> None:
    page = textbook_page()
    units = [unit for layer in page.data["layers"] for unit in layer["units"]]
    equations = {equation["left"]: equation for step in page.data["steps"] for equation in step["equations"]}
    edges = {
        f"edge:{key.removeprefix('value:')}:{unit['sum']}"
        for unit in units
        for key in equations[f"value:{unit['sum']}"]["slots"]
        if key in page.data["parameters"]
    }
    lit = {key for step in page.data["steps"] for key in step["lit"]}
    assert edges <= lit
    outputs = {unit["output"] for unit in units}
    others = {key for key in lit if key.startswith("edge:")} - edges
    assert others == {f"edge:{place}:{page.data['loss']}" for place in (*outputs, page.data["targets"][0][6:])} & others


def test_names_and_templates_are_mathml_and_nothing_else() -> None:
    x = [mg.Input(HOSTILE, value=0.5), mg.Input("h2.s", value=1.0)]
    y = mg.neuron(x, mg.tanh, f"y {HOSTILE}", rng=0)
    total = mg.sin(mg.squared_error([y], [mg.Input(f"t {HOSTILE}", value=1.0)]) * mg.Parameter(0.5, f"p {HOSTILE}"))
    graph = mg.Graph(total)
    graph.forward_and_backward()
    optimizer = type(HOSTILE.replace("\u2028", ""), (type(mg.Adam()),), {})(0.1)
    page = step_data(graph, optimizer)
    data = page.data
    assert data["optimizer"]["name"] == "optimizer()"
    titles = [text for step in data["steps"] for text in step["title"][1:]]
    for markup in [*data["names"], *data["templates"], *data["deltaNames"].values(), *titles]:
        root = ET.fromstring(f"<math>{unescape_signs(markup)}</math>")
        assert {element.tag for element in root.iter()} - {"math"} <= TAGS
    text = json.dumps([data["names"], data["labels"], titles, data["templates"]], ensure_ascii=False)
    assert not re.search("[\u2028\u2029\u202a-\u202e]", text)
    assert "<script" not in json.dumps([data["names"], titles])


def test_choices_are_the_activations_of_the_registry() -> None:
    class Cubic(mg.Activation):
        label = "cubic of a page"

        def forward(self, xp: Any, s: Any) -> Any:
            return s * s * s

        def backward(self, xp: Any, delta: Any, y: Any, s: Any) -> Any:
            return (delta * 3 * s * s,)

    own_activation = Cubic()
    network = mg.Network(*mg.mlp([1, 2, 1], mg.LeakyReLU(0.3), own_activation, rng=0))
    page = step_data(network.loss_graph([0.8], [1.0]), mg.SGD(0.5))
    first, second = page.data["layers"]
    assert first["activation"] == "leaky_relu"
    assert second["activation"] == own_activation.label
    assert {op.label for op in ACTIVATIONS} | {own_activation.label} <= first["choices"].keys()
    own = {label for label, op in registered_activations().items() if op.is_own}  # of other tests
    assert first["choices"].keys() >= registered_activations().keys() - own - {"softmax"}
    slope = page.data["templates"][first["choices"]["leaky_relu"]["slope"]]
    assert "0.3" in slope


def test_an_activation_of_a_whole_layer_has_no_slope() -> None:
    class Centered(mg.Op):
        label, kind, operands = "centered on a page", "activation", ("s",)

        def forward(self, xp: Any, s: Any) -> Any:
            return s - xp.mean(s, axis=-1, keepdims=True)

        def backward(self, xp: Any, delta: Any, y: Any, s: Any) -> Any:
            return (delta - xp.mean(delta, axis=-1, keepdims=True),)

    h = mg.dense(mg.Input("x", 2, value=[0.5, 1.0]), 3, Centered(), "h", rng=0)
    graph = mg.Graph(mg.squared_error(mg.dense(h, 1, mg.tanh, rng=0), [1.0]))
    graph.forward_and_backward()
    page = step_data(graph, mg.SGD(0.5))
    assert not any(page.data["layers"][0]["choices"])
    slopes = [equation["left"] for equation in all_equations(page) if equation["left"].startswith("slope")]
    assert slopes == [f"slope:{unit['output']}:{unit['sum']}" for unit in page.data["layers"][1]["units"]]
    (delta,) = [equation for equation in all_equations(page) if equation["left"] == "delta:3.0"]
    assert len(delta["slots"]) == 3


def test_a_sum_of_many_terms_is_shown_by_its_ends() -> None:
    x = [mg.Input(f"x{number}", value=1.0) for number in range(20)]
    graph = mg.Graph(mg.squared_error([mg.neuron(x, rng=0)], [1.0]))
    graph.forward_and_backward()
    page = step_data(graph, mg.SGD(0.5))
    equation = page.data["steps"][0]["equations"][0]
    markup = page.data["templates"][equation["template"]]
    assert markup.count("…") == 1
    assert equation["slots"][-1] == f"value:{page.data['layers'][0]['units'][0]['bias']}"
    assert len(equation["slots"]) == markup.count("data-slot") == 13


def test_without_a_formula_a_step_shows_its_result() -> None:
    assert {equation["template"] for equation in updates(textbook_page(mg.Clipped(mg.SGD(0.5), norm=1.0)))} == {None}
    assert None not in {equation["template"] for equation in updates(textbook_page(mg.Adam()))}
    matrix = mg.Parameter(np.ones((9, 9)), "A")
    graph = mg.Graph(mg.sum(mg.matmul(matrix, matrix)))
    graph.forward_and_backward()
    page = step_data(graph, mg.SGD(0.5))
    assert None in {equation["template"] for equation in all_equations(page)}


def updates(page: StepData) -> list[dict[str, Any]]:
    return [equation for equation in all_equations(page) if equation["left"].startswith("next:")]


def test_frozen_parameters_are_not_updated() -> None:
    network = mg.Network(*mg.mlp([2, 1], rng=0))
    network.parameters[0].trainable = False
    page = step_data(network.loss_graph([0.8, -0.5], [1.0]), mg.Momentum(0.1))
    (key,) = page.data["frozen"]
    assert key.replace("value", "next") not in {equation["left"] for equation in all_equations(page)}
    assert len(page.data["optimizer"]["state"][0]) == len(page.data["parameters"]) - 1


def test_numbers_that_are_not_finite_are_no_error() -> None:
    network = mg.Network(*mg.mlp([1, 1], mg.identity, mg.identity, rng=0))
    page = step_data(network.loss_graph([1e200], [1.0]), mg.SGD(0.5))
    assert np.inf in page.data["values"]


def test_a_deep_network_has_its_steps() -> None:
    nodes: Any = [mg.Input("x", value=0.5)]
    for number in range(400):
        nodes = [mg.tanh(nodes[0] * mg.Parameter(1.0)) if number % 2 else mg.sin(nodes[0])]
    graph = mg.Graph(mg.squared_error(nodes, [1.0]))
    graph.forward_and_backward()
    assert len(step_data(graph, mg.SGD(0.1)).data["steps"]) > 800


def test_what_a_page_cannot_show_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    network = mg.Network(*mg.mlp([2, 1], rng=0))
    with pytest.raises(PassError):
        step_data(network.graph, mg.SGD(0.5))
    with pytest.raises(RenderError, match="one sample"):
        step_data(network.loss_graph([[0.8, -0.5]] * 2, [[1.0]] * 2), mg.SGD(0.5))
    graph = network.loss_graph([0.8, -0.5], [1.0])
    with pytest.raises(CompileError, match="LBFGS"):
        step_data(graph, mg.LBFGS())  # type: ignore[arg-type]
    with pytest.raises(ShapeError):
        step_data(mg.Graph(mg.Parameter([1.0, 2.0]) * 2.0), mg.SGD(0.5))
    monkeypatch.setattr(steps, "MOST_NUMBERS", 5)
    with pytest.raises(RenderError, match="too large"):
        step_data(graph, mg.SGD(0.5))


def test_an_op_that_formulas_cannot_pass_is_refused() -> None:
    class Rounded(mg.Unary):
        label = "rounded on a page"

        def forward(self, xp: Any, x: Any) -> Any:
            return xp.round(x)

        def backward(self, xp: Any, delta: Any, y: Any, x: Any) -> Any:
            return (delta,)

    graph = mg.Graph(Rounded()(mg.Parameter(0.6, "w")))
    graph.forward_and_backward()
    with pytest.raises(RenderError, match="formulas"):
        step_data(graph, mg.SGD(0.5))


def test_an_output_without_a_name_is_called_as_the_texts_call_it():
    a, b = mg.Parameter(2.0, "a"), mg.Parameter(3.0, "b")
    graph = mg.Graph((a * b + a**2) / b)
    graph.forward_and_backward()
    data = step_data(graph, mg.SGD(0.5)).data
    assert data["labels"][data["loss"]] == "L"
    assert {label for label in data["labels"] if label.isalpha()} == {"a", "b", "L"}


def test_rules_that_draw_are_refused_and_are_no_choice() -> None:
    rng = np.random.default_rng(0)

    class DrawnSlope(mg.Activation):
        label = "drawn slope of a page"

        def forward(self, xp: Any, s: Any) -> Any:
            return s * float(rng.normal())

        def backward(self, xp: Any, delta: Any, y: Any, s: Any) -> Any:
            return (delta,)

    network = mg.Network(*mg.mlp([1, 2, 1], mg.tanh, rng=0))
    data = step_data(network.loss_graph([0.8], [1.0]), mg.SGD(0.5)).data
    assert DrawnSlope.label not in data["layers"][0]["choices"]
    network = mg.Network(*mg.mlp([1, 2, 1], DrawnSlope(), rng=0))
    with pytest.raises(RenderError, match="drawn slope"):
        step_data(network.loss_graph([0.8], [1.0]), mg.SGD(0.5))
