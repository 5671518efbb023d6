"""Diagrams: the plain data of every picture."""

import pytest

from minigrad.drawing import draw
from tests.drawing import networks
from tests.drawing.test_golden import PICTURES


def test_every_picture_has_a_legend():
    for drawing in (draw(networks.textbook()), draw(networks.micrograd_example()), draw(networks.chain(100))):
        for text in (drawing.source, drawing.text, drawing.mermaid):
            assert "δ" in text
            assert drawing.diagram.legend


@pytest.mark.parametrize("name", PICTURES)
def test_keys_are_unique_and_edges_and_groups_name_boxes(name):
    diagram = PICTURES[name]().diagram
    keys = [box.key for box in diagram.boxes]
    assert len(set(keys)) == len(keys)
    assert {key for edge in diagram.edges for key in (edge.tail, edge.head)} <= set(keys)
    assert {key for group in diagram.groups for key in group.keys} <= set(keys)
    assert diagram.placed == all(box.at for box in diagram.boxes) or not diagram.placed
