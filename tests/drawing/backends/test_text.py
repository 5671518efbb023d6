"""The text of a diagram: a tree in which every box is written once, as wide as a page."""

import minigrad as mg
from minigrad.drawing import draw
from tests.drawing import networks


def test_thirty_doublings_are_thirty_one_nodes():
    node = mg.Parameter(1.0, "x")
    for _ in range(30):
        node = node + node
    assert len(draw(node).diagram.boxes) == 61
    assert len(draw(node).text.splitlines()) < 200


def test_a_deep_tree_goes_on_below():
    text = draw(networks.chain(40), "expression").text
    assert text.count("↓ below") == 3
    assert max(map(len, text.splitlines()[:41])) < 100
    assert "x  value 0.5" in text


def test_groups_are_written_one_after_the_other():
    lines = draw(networks.textbook(), "text").text.splitlines()
    titles = [line for line in lines if line and line[0] in "12l"]
    assert titles == ["2 inputs", "2 neurons · sigmoid", "2 neurons · sigmoid", "loss"]
    assert lines[1:3] == ["  x1  0.05", "  x2  0.1"]
