"""The health view: a mark for every problem."""

import numpy as np
import pytest

from minigrad.drawing import draw
from minigrad.errors import RenderError
from tests.drawing import networks


def test_health_names_every_ailment():
    boxes = draw(networks.ailing(), "health").diagram.boxes
    ills = {box.lines[0]: dict(box.fields).get("!") for box in boxes}
    assert {name: ills[name] for name in ("dead", "lost", "fit", "flat", "good")} == {
        "dead": "dead",
        "lost": "vanishing",
        "fit": None,
        "flat": "saturated",
        "good": None,
    }


def test_health_names_the_first_number_that_is_none():
    graph = networks.textbook()
    graph["h1.w1"].value = float("inf")
    graph.forward({"x1": 0.0})
    graph.backward()
    drawing = draw(graph, "health")
    assert "! First number that is none:  parameter h1.w1 = ∞." in drawing.text
    graph["h1.w1"].value = 1e308
    graph.forward({"x1": 1e10})
    graph.backward()
    assert "weighted sum h1.s = ∞, computed from input x1 = 1×10¹⁰" in draw(graph, "health").text
    with pytest.raises(RenderError, match="no pass to judge by"):
        draw(networks.textbook(passes=False), "health")


def test_health_counts_what_is_left_out():
    network = networks.layered(3, 40, 2)
    network.graph["h1.b"].value = np.full(40, 50.0)
    network.graph.forward()
    network.graph.backward()
    assert "! 35 dead" in draw(network, "health", most=6).text
