"""The health of a network as plain data: problems of neurons, the first node that is not finite."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.analysis.health import check_health, describe_nonfinite, describe_range, first_nonfinite
from minigrad.graph import Graph
from minigrad.structure import read_structure
from tests.drawing import networks


def test_the_problem_of_every_neuron():
    structure = read_structure(networks.ailing())
    health = check_health(structure)
    assert {structure.name(unit): neuron.problem for unit, neuron in health.neurons.items()} == {
        "dead": "dead",
        "lost": "vanishing",
        "fit": "",
        "flat": "saturated",
        "good": "",
    }
    assert health.samples == 2
    assert health.nonfinite is None


def test_shares_and_sizes_are_those_of_the_samples():
    graph = networks.ailing()
    structure = read_structure(graph)
    by_name = {structure.name(unit): neuron for unit, neuron in check_health(structure).neurons.items()}
    assert (by_name["flat"].flat, by_name["good"].flat) == (1.0, 0.0)
    assert by_name["good"].delta == pytest.approx(2 * np.mean(np.abs(graph["s5"].delta)))


def test_the_first_node_that_is_not_finite():
    w = mg.Parameter(1e308, "w")
    graph = Graph(mg.tanh(mg.multiply(w, 10.0, name="p")) + w)
    assert first_nonfinite(graph) is graph["p"]
    assert describe_nonfinite(graph["p"]).endswith("= inf, computed from parameter w = 1e+308, unnamed 10 node = 10")
    w.value = 1.0
    graph.forward()
    assert first_nonfinite(graph) is None


def test_a_range_of_values():
    assert describe_range(0.25) == "0.25"
    assert describe_range(np.array([2.0, -1.0, 0.5])) == "-1 … 2"
    assert describe_range(np.array([3.0])) == "3"
