"""The layer view: a box for each layer."""

import pytest

from minigrad.drawing import draw
from minigrad.errors import RenderError
from tests.drawing import networks


def test_layers_count_parameters():
    for network in (networks.perceptron(6, 5, 2), networks.layered(6, 5, 2)):
        boxes = draw(network, "layers").diagram.boxes
        assert dict(boxes[1].fields)["weights"] == "30"
        assert dict(boxes[2].fields)["biases"] == "2"
    deltas = [network.graph[f"h{number}.s"].delta for number in (1, 2)]
    assert dict(boxes[1].fields)["mean |δ|"] == f"{abs(deltas[0]).mean():.4g}"


def test_layers_refuse_what_is_too_deep():
    with pytest.raises(RenderError, match='view="ends"'):
        draw(networks.chain(100), "layers")
