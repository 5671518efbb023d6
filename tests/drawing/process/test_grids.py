"""Grids: which lines run on from the grid before, and which cells there are."""

import minigrad as mg
from minigrad.drawing.process.grids import output_of, read_grids
from minigrad.graph import Graph
from minigrad.structure import Element, read_structure
from tests.drawing import networks


def grids_of(graph):
    return read_grids(read_structure(graph))


def test_outputs_keep_their_order_and_others_follow():
    first, second = grids_of(networks.shortcut()).grids
    assert (first.reading, second.reading) == ("down", "right")
    assert second.straight == 4
    assert second.sources[:4] == tuple(map(output_of, first.neurons))
    assert [source.node.name for source in second.sources[4:]] == ["x1", "x2", "x3"]


def test_an_output_that_is_read_twice_has_two_lines():
    x = mg.Input("x")
    w = [mg.Parameter(0.5, "w1"), mg.Parameter(0.25, "w2")]
    (grid,) = grids_of(Graph(mg.weighted_sum([x, x], w))).grids
    assert grid.sources == (Element(x), Element(x))
    assert [weight.node for _, _, weight in grid.entries()] == w
    assert not grid.has_biases


def test_weights_of_arrays_are_elements():
    first, _ = grids_of(networks.layered(3, 2, 2).graph).grids
    assert len(first.sources) == 3
    assert first.weight(2, 1) == Element(read_structure(first.structure.graph).graph["h1.W"], (2, 1))
    assert first.bias(1).position == 1


def test_what_stands_on_a_line_follows_its_neuron():
    x = [mg.Input("x1"), mg.Input("x2")]
    hidden = mg.layer(x, 2, mg.tanh, "h", rng=0)
    sums = [a + b for a, b in zip(mg.dropout(list(hidden), 0.5), x, strict=True)]
    process = grids_of(Graph(list(mg.layer(sums, 1, mg.tanh, "y", rng=0))))
    assert process.grids[1].straight == 2
    assert [len(steps) for steps in process.followers.values()] == [2, 2]


def test_what_joins_two_lines_starts_a_line_of_its_own():
    x = mg.Input("x")
    a, b = mg.layer([x], 2, mg.tanh, "h", rng=0)
    process = grids_of(Graph(list(mg.layer([a * b], 1, mg.tanh, "y", rng=0))))
    assert process.grids[1].straight == 0
    assert not process.followers
