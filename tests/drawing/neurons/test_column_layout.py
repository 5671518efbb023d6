"""Layout of networks: nothing lies on top of anything else."""

import numpy as np
import pytest

from minigrad.drawing import draw
from minigrad.drawing.style import label_size
from tests.drawing import networks


@pytest.mark.parametrize("view", ["neurons"])
def test_nothing_overlaps(view):
    for sizes in [(2, 2, 1), (4, 5, 3), (20, 10, 5)]:
        diagram = draw(networks.perceptron(*sizes), view).diagram
        areas = [(box.at, box.size) for box in diagram.boxes]
        areas += [(edge.label_at, label_size(edge.lines)) for edge in diagram.edges if edge.label_at]
        for number, (here, size) in enumerate(areas):
            for there, other in areas[:number]:
                apart = abs(here.x - there.x) >= (size.x + other.x) / 2 - 1
                assert apart or abs(here.y - there.y) >= (size.y + other.y) / 2 - 1, sizes


def points_of(path):
    """Points along the Bézier curves of a path."""
    for start in range(0, len(path) - 1, 3):
        a, b, c, d = path[start : start + 4]
        for t in np.linspace(0, 1, 50):
            u = 1 - t
            weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
            yield (
                sum(weight * point.x for weight, point in zip(weights, (a, b, c, d), strict=True)),
                sum(weight * point.y for weight, point in zip(weights, (a, b, c, d), strict=True)),
            )


@pytest.mark.parametrize("make", [networks.shortcut, networks.textbook, lambda: networks.perceptron(20, 9, 12)])
def test_no_edge_hides_behind_a_box(make):
    diagram = draw(make(), "neurons").diagram
    for edge in diagram.edges:
        others = [box for box in diagram.boxes if box.key not in (edge.tail, edge.head)]
        for x, y in points_of(edge.path):
            for box in others:
                inside = abs(x - box.at.x) < box.size.x / 2 - 1 and abs(y - box.at.y) < box.size.y / 2 - 1
                assert not inside, (edge.tail, edge.head, box.lines)
