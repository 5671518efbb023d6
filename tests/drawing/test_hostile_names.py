"""No name of a node and no label of an op controls the text that it is written into: no lines, no colors, no turns."""

from __future__ import annotations

import re

import pytest

import minigrad as mg
from minigrad.drawing import VIEWS
from minigrad.ops.base import registry
from tests.drawing import networks

HOSTILE = "x\n\x1b[2J\u202eevil\u2066\x85\x00"
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def network():
    """A neuron with hostile names all around an op with a hostile label, after both passes."""

    class Own(mg.Activation):
        label = HOSTILE

        def forward(self, xp, s):
            return xp.tanh(s)

        def backward(self, xp, delta, y, s):
            return (delta * (1.0 - y * y),)

        @classmethod
        def samples(cls):
            return ()

    x, w, b = mg.Input(f"x{HOSTILE}"), mg.Parameter(0.5, f"w{HOSTILE}"), mg.Parameter(0.1, f"b{HOSTILE}")
    s = mg.weighted_sum([x], [w], b, name=f"s{HOSTILE}")
    network = mg.Network([x], Own()(Own()(s, name=f"y{HOSTILE}")))
    network.loss_graph(1.0, 2.0)
    yield network
    del registry[HOSTILE]


def check(text: str) -> None:
    """Fail where a text contains a character that would control it."""
    found = CONTROLS.search(text)
    assert found is None, repr(text[max(0, found.start() - 40) : found.end()])


@pytest.mark.parametrize("view", [*VIEWS, "text"])
def test_no_name_controls_a_picture(view, network):
    drawing = networks.draw_view(network, view)
    for text in (drawing.source, drawing.mermaid, drawing.text, str(drawing)):
        check(text)


def test_no_name_controls_a_printed_object(network):
    graph = network.graph
    for item in (network, graph, network.summary(), mg.explain(network.parameters[0], network), *graph.nodes):
        check(f"{item} {item!r}")
    check(mg.explain(network.parameters[0], network).latex)
    check(network.summary()._repr_html_())
    with pytest.raises(mg.MinigradError) as caught:
        mg.Graph(network.outputs[0]).forward({network.inputs[0]: "text"})
    check(str(caught.value))


@pytest.mark.parametrize("engine", ["numpy", "tape", "script"])
def test_no_name_controls_a_program(engine, network):
    source = network.compile(engine=engine).source
    check(source)
    compile(source, "program", "exec")
