"""Every picture shows numbers of one pass, or a dash with the reason, whatever happened between two passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pytest

import minigrad as mg
from minigrad.analysis.health import check_health
from minigrad.drawing.diagram import Diagram
from minigrad.drawing.views import VIEWS
from minigrad.errors import MinigradError, PassError
from minigrad.structure import read_structure
from tests.drawing import networks

OPTIONS = {"update": {"optimizer": mg.SGD(0.5)}}


def assign_a_weight(network: mg.Network) -> None:
    network.graph["h2.w1"].value = 2.5


def assign_the_last_bias(network: mg.Network) -> None:
    network.parameters[-1].value = -1.5


def feed_another_graph(network: mg.Network) -> None:
    mg.Graph(network.outputs).forward({"x1": 0.9, "x2": -0.4})


def assign_an_input(network: mg.Network) -> None:
    network.inputs[0].value = 0.25


def run_another_loss_backward(network: mg.Network) -> None:
    (network.outputs[0] * 3.0).backward()


def start_elsewhere(network: mg.Network) -> None:
    network.graph.backward({"h1": 1.0})


def compute_a_compiled_gradient(network: mg.Network) -> None:
    network.compile().gradient({"x1": 0.9, "x2": -0.4, "t1": 0.3})


def make_a_step(network: mg.Network) -> None:
    network.train_step(mg.SGD(0.1))([[0.3, 0.4]], [[0.5]])


def make_a_compiled_step_of_another_network(network: mg.Network) -> None:
    other = mg.Network(network.inputs, network.outputs, mg.mean_squared_error)
    other.train_step(mg.SGD(0.1), engine="numpy")([[0.3, 0.4]], [[0.5]])


CHANGES = [
    assign_a_weight,
    assign_the_last_bias,
    feed_another_graph,
    assign_an_input,
    run_another_loss_backward,
    start_elsewhere,
    compute_a_compiled_gradient,
    make_a_step,
    make_a_compiled_step_of_another_network,
]


def words(diagram: Diagram) -> Iterator[tuple[str, set[str]]]:
    """Yield the words of every box and of every edge of a diagram."""
    for box in diagram.boxes:
        yield box.key, words_of([*box.lines, *(" ".join(field) for field in box.fields), box.note or ""])
    for edge in diagram.edges:
        yield f"{edge.tail} → {edge.head}", words_of(edge.lines)
    yield "legend", words_of(line for line in diagram.legend if not line.startswith("— "))


def words_of(lines: Iterable[str]) -> set[str]:
    """Return the words of some lines without the commas behind them."""
    return {word.rstrip(",") for word in " ".join(lines).split()}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("view", sorted(VIEWS))
def test_a_picture_shows_one_pass_or_a_dash(view: str, change: Callable[[mg.Network], None]) -> None:
    network = networks.perceptron(2, 2, 1)
    change(network)
    values = [(node.value, node.delta) for node in network.graph.nodes]
    try:
        shown = mg.draw(network, view, **OPTIONS.get(view, {})).diagram
    except MinigradError:
        shown = None
    assert [(node.value, node.delta) for node in network.graph.nodes] == values
    if shown is not None:
        network.graph.forward()
        network.graph.backward()
        right = mg.draw(network, view, **OPTIONS.get(view, {})).diagram
        for (part, shown_words), (_, right_words) in zip(words(shown), words(right), strict=True):
            assert shown_words <= {*right_words, "—"}, part
        if any("—" in shown_words for _, shown_words in words(shown)):
            assert any(line.startswith("— ") for line in shown.legend)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_an_explanation_and_a_diagnosis_are_of_one_pass_or_refused(change: Callable[[mg.Network], None]) -> None:
    network = networks.perceptron(2, 2, 1)
    change(network)
    weight = network.graph["h1.w1"]
    try:
        total = mg.explain(weight, network).total
    except PassError:
        total = None
    try:
        health = None if network.loss.value is None else check_health(read_structure(network.graph))
    except PassError:
        health = None
    network.graph.forward()
    network.graph.backward()
    assert total is None or np.isclose(total, weight.delta, rtol=1e-12)
    assert health is None or health == check_health(read_structure(network.graph))
